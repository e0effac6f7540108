// The fast path of XML: its compiled types and content models by tables, and whole documents of
// every layout against libxml2, as they are and spoiled.

#include <cctype>

#include <gtest/gtest.h>

#include "codecs/xml/compiled/content_model.h"
#include "codecs/xml/compiled/pattern.h"
#include "codecs/xml/compiled/tables.h"
#include "codecs/xml/compiled/text_type.h"
#include "tests/case_name.h"
#include "tests/codecs/reading.h"
#include "tests/codecs/schema_sampler.h"
#include "tests/codecs/two_paths.h"
#include "tests/codecs/xml_mutator.h"

namespace s1flow::codecs {
namespace {

// Texts are read beyond their end.
struct Padded {
  explicit Padded(std::string_view t)
      : bytes(std::string(t) + std::string(32, '\0')),
        text(std::string_view(bytes).substr(0, t.size())) {}
  std::string bytes;
  std::string_view text;
};

struct PatternCase {
  const char* name;
  std::vector<std::string> patterns;
  std::vector<std::string> matching, other;
};
class PatternTest : public testing::TestWithParam<PatternCase> {};

TEST_P(PatternTest, MatchesWholeTextsOnly) {
  const auto pattern = Pattern::compile(GetParam().patterns);
  ASSERT_TRUE(pattern);
  for (const std::string& t : GetParam().matching)
    EXPECT_TRUE(pattern->matches(Padded(t).text)) << t;
  for (const std::string& t : GetParam().other) EXPECT_FALSE(pattern->matches(Padded(t).text)) << t;
}

INSTANTIATE_TEST_SUITE_P(
    Patterns, PatternTest,
    testing::Values(PatternCase{"eui",
                                {"([0-9A-F]{2}-){7}[0-9A-F]{2}"},
                                {"00-DB-12-34-56-78-9A-BC"},
                                {"", "00-DB-12-34-56-78-9A-BC-", "00-DB-12-34-56-78-9A-Bc",
                                 "00-DB-12-34-56-78-9A-B", "00DB123456789ABC"}},
                    PatternCase{"from_six_to_ten",
                                {"[0-9]{6,10}"},
                                {"123456", "1234567890"},
                                {"12345", "12345678901", "12345a", "a12345"}},
                    PatternCase{"serial",
                                {"[1-9][0-9]{0,38}"},
                                {"1", "123456789012345678901234567890123456789"},
                                {"0", "01", "", "1234567890123456789012345678901234567890"}},
                    PatternCase{"open_end",
                                {"a[0-9]*"},
                                {"a", "a1", "a" + std::string(100, '7')},
                                {"", "b", "a" + std::string(100, '7') + "x"}},
                    PatternCase{"options",
                                {"[ABC]D?E?F?G?"},
                                {"A", "BD", "CDEFG", "AEG"},
                                {"", "D", "AED", "ADD", "AB"}},
                    PatternCase{"alternatives",
                                {"(Jan|Feb|Mar)-[0-9]{2}", "none"},
                                {"Jan-01", "Mar-99", "none"},
                                {"Apr-01", "Jan", "nonee", "non"}},
                    PatternCase{"dots",
                                {"[0-9]{1,2}(\\.[0-9]{1,2}){1,2}"},
                                {"8.1", "8.1.1", "12.34.56"},
                                {"8", "8.", "8.1.1.1", "8x1", ".1"}},
                    PatternCase{"escapes",
                                {"[A-Za-z0-9._:/\\-]{1,32}", "\\d\\d"},
                                {"a-b", "x.y:z/_", "12"},
                                {"a b", "", "a+b"}},
                    PatternCase{"negated", {"[^0-9]x"}, {"ax", " x"}, {"1x", "x", "aax"}},
                    PatternCase{
                        "plus_of_groups", {"(ab)+c"}, {"abc", "ababc"}, {"c", "abac", "abab"}},
                    PatternCase{"nested_counts",
                                {"(a{2}b){2,3}"},
                                {"aabaab", "aabaabaab"},
                                {"aab", "aabab", "aabaabaabaab"}}),
    s1flow::case_name<PatternCase>);

TEST(PatternTest, DoesNotCompileWhatItDoesNotUnderstand) {
  for (const char* text :
       {"[a-z-[aeiou]]", "\\p{Lu}", "\\w+", "\\i\\c*", "a**", "(a", "a)", "[a", "[z-a]", "a{2,1}",
        "a{9999}", "\xC3\xA9", "[^\xC3\xA9]", "|", "a|", "(a{1000}){1000}"})
    EXPECT_FALSE(Pattern::compile(std::vector<std::string>{text})) << text;
}

TEST(PatternTest, KnowsARunWhereItMatters) {
  for (const char* text : {"([0-9A-Fa-f]{2}-){7}[0-9A-Fa-f]{2}", "[0-9]{13}", "89[0-9]{17,18}",
                           "INS-[0-9]{10}", "[A-Z]{2}"})
    EXPECT_TRUE(Pattern::compile(std::vector<std::string>{text})->is_run()) << text;
}

struct TypeCase {
  const char* name;
  SchemaSimpleType type;
  std::vector<std::string> accepted, declined;
};
class TextTypeTest : public testing::TestWithParam<TypeCase> {};

TEST_P(TextTypeTest, AcceptsPlainFormsOnly) {
  const auto type = TextType::compile(GetParam().type);
  ASSERT_TRUE(type);
  for (const std::string& t : GetParam().accepted) EXPECT_TRUE(type->accepts(Padded(t).text)) << t;
  for (const std::string& t : GetParam().declined) EXPECT_FALSE(type->accepts(Padded(t).text)) << t;
}

SchemaSimpleType simple(std::string builtin, std::vector<SchemaFacet> facets = {}) {
  return {.builtin = std::move(builtin), .facets = std::move(facets), .list_or_union = false};
}

INSTANTIATE_TEST_SUITE_P(
    Types, TextTypeTest,
    testing::Values(
        TypeCase{"string",
                 simple("string", {{"minLength", "1", 0}, {"maxLength", "3", 0}}),
                 {" ", "a b", "a\nb"},
                 {"", "abcd"}},
        TypeCase{"token", simple("token"), {"", "a b"}, {" a", "a ", "a  b", "a\tb", "a\nb"}},
        TypeCase{"date",
                 simple("date"),
                 {"2024-02-29", "2024-06-30Z", "0001-01-01"},
                 {"2023-02-29", "2024-13-01", "2024-06-31", "0000-01-01", "2024-06-30+01:00",
                  "-2024-06-30", "2024-6-30", "2024-06-30 "}},
        TypeCase{"date_time",
                 simple("dateTime"),
                 {"2024-02-29T23:59:59Z", "2024-02-29T00:00:00", "2024-02-29T00:00:00.123Z"},
                 {"2024-02-29T24:00:00Z", "2024-02-29T23:59:60Z", "2024-02-29T23:59Z",
                  "2024-02-29T23:59:59+01:00", "2024-02-29T23:59:59.Z", "2024-02-29"}},
        TypeCase{"bounded",
                 simple("unsignedInt", {{"minInclusive", "1", 0}, {"maxInclusive", "3600", 1}}),
                 {"1", "0007", "3600"},
                 {"0", "3601", "", "-1", "+1", "1.0", " 1"}},
        TypeCase{"unsigned_short", simple("unsignedShort"), {"0", "65535"}, {"65536"}},
        TypeCase{
            "integer", simple("integer"), {"999999999999999999"}, {"1000000000000000000", "-5"}},
        TypeCase{"positive", simple("positiveInteger"), {"1"}, {"0"}},
        TypeCase{"hex",
                 simple("hexBinary", {{"minLength", "1", 0}, {"maxLength", "2", 0}}),
                 {"0a", "0AFF"},
                 {"", "0", "0A0", "0AFF00", "0G"}},
        TypeCase{"base64",
                 simple("base64Binary", {{"length", "2", 0}}),
                 {"AAA=", "AAE="},
                 {"", "AAAA", "AAB=", "AA==", "A A A =", "AA=A"}},
        TypeCase{"any_base64",
                 simple("base64Binary"),
                 {"", "AA==", "AAAA", "+/+/"},
                 {"AB==", "A===", "====", "A", "AA=", "AA-_", "AAAA\n"}},
        TypeCase{"choice",
                 simple("token", {{"enumeration", "Active", 0}, {"enumeration", "Dormant", 0}}),
                 {"Active", "Dormant"},
                 {"active", "", "Active "}},
        TypeCase{"steps",
                 simple("token", {{"pattern", "[A-Z]+", 0}, {"pattern", "..", 1}}),
                 {"AB"},
                 {"ab", "A", "ABC"}},
        TypeCase{"boolean", simple("boolean"), {"true", "0"}, {"TRUE", "yes", ""}},
        TypeCase{"collapsed", simple("string", {{"whiteSpace", "collapse", 0}}), {"a b"}, {" a"}}),
    s1flow::case_name<TypeCase>);

TEST(TextTypeTest, TakesTheUsualFormOfATimeAsItTakesOneWithAFraction) {
  const auto type = TextType::compile(simple("dateTime"));
  ASSERT_TRUE(type);
  for (const std::string good : {"2024-02-29T20:39:15Z", "2023-12-01T00:00:00Z"})
    for (std::size_t at = 0; at < good.size(); ++at)
      for (int byte = ' '; byte < 127; ++byte) {
        std::string text = good;
        text[at] = static_cast<char>(byte);
        if (at == 19 && std::isdigit(byte) != 0) continue;  // would be one of the fraction
        std::string longer = text;
        longer.insert(19, ".5");
        ASSERT_EQ(type->accepts(Padded(text).text), type->accepts(Padded(longer).text)) << text;
      }
}

TEST(TextTypeTest, KnowsEveryByteOfALongBase64Text) {
  const auto type = TextType::compile(simple("base64Binary"));
  ASSERT_TRUE(type);
  const std::string good(40, 'A');
  for (std::size_t at = 0; at < good.size(); ++at)
    for (int byte = ' '; byte < 127; ++byte) {
      std::string text = good;
      text[at] = static_cast<char>(byte);
      const bool digit = std::isalnum(byte) != 0 || byte == '+' || byte == '/';
      const bool padding = byte == '=' && at + 1 == good.size();
      ASSERT_EQ(type->accepts(Padded(text).text), digit || padding) << text;
    }
}

TEST(TextTypeTest, DoesNotCompileWhatItDoesNotKnow) {
  for (const SchemaSimpleType& t :
       {simple("double"), simple("anyURI"), simple("ID"), simple("QName"), simple("gYear"),
        simple("decimal", {{"fractionDigits", "2", 0}}),
        simple("date", {{"minInclusive", "2024-01-01", 0}}),
        simple("int", {{"minInclusive", "-5", 0}}), simple("boolean", {{"length", "1", 0}}),
        SchemaSimpleType{.builtin = "string", .facets = {}, .list_or_union = true}})
    EXPECT_FALSE(TextType::compile(t)) << t.builtin;
}

// ---- whole documents

std::vector<std::shared_ptr<const Layout>> xml_layouts() {
  static const std::vector<std::shared_ptr<const Layout>> all = [] {
    const auto set = LayoutSet::with_folder(Path(S1FLOW_SOURCE_DIR) / "tests/data/second-layouts");
    EXPECT_TRUE(set) << set.error().message();
    std::vector<std::shared_ptr<const Layout>> xml;
    for (const auto& layout : set->all())
      if (layout->container == Container::xml) xml.push_back(layout);
    return xml;
  }();
  return all;
}

class FastPathTest : public testing::TestWithParam<std::size_t> {
 protected:
  std::shared_ptr<const Layout> layout_ = xml_layouts()[GetParam()];
};

TEST_P(FastPathTest, TakesWhatIsCanonicalAndValid) {
  ASSERT_TRUE(layout_->tables());
  TwoPaths paths(layout_, schema_of(*layout_));
  Random random(5, GetParam());
  for (int i = 0; i < 40; ++i) {
    SampleShape shape;
    shape.records = random.below(30);
    shape.indented = i % 3 != 0;
    shape.with_signature = i % 4 != 0;
    if (i % 5 == 0) shape.prefix = "x";
    ASSERT_EQ(paths.compare(sample_document(*layout_, shape, random), 1 + random.below(5000)), "");
  }
  EXPECT_EQ(paths.counts().fast, paths.counts().chunks);
}

TEST_P(FastPathTest, NeverDiffersFromLibxml2OnSpoiledDocuments) {
  TwoPaths paths(layout_, schema_of(*layout_));
  Random random(6, GetParam());
  for (int i = 0; i < 20; ++i) {
    SampleShape shape;
    shape.records = random.below(6);
    shape.indented = random.chance(0.7);
    const std::string document = sample_document(*layout_, shape, random);
    for (int k = 0; k < 60; ++k)
      ASSERT_EQ(paths.compare(mutated(document, random), 1 + random.below(3000)), "");
  }
  // Spoiled as they are, most chunks have to be left to libxml2, and some are still good.
  EXPECT_GT(paths.counts().fast, 0U);
  EXPECT_LT(paths.counts().fast, paths.counts().chunks);
}

TEST_P(FastPathTest, NeverDiffersAtTheEndOfACutDocument) {
  TwoPaths paths(layout_, schema_of(*layout_));
  Random random(7, GetParam());
  SampleShape shape;
  shape.records = 2;
  const std::string document = sample_document(*layout_, shape, random);
  for (std::size_t size = 0; size < document.size(); size += 1 + document.size() / 700)
    ASSERT_EQ(paths.compare(std::string_view(document).substr(0, size), 1 << 20), "");
}

INSTANTIATE_TEST_SUITE_P(Layouts, FastPathTest, testing::Range(std::size_t{0}, std::size_t{12}),
                         [](const testing::TestParamInfo<std::size_t>& info) {
                           std::string name = xml_layouts()[info.param]->name();
                           for (char& c : name)
                             if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
                           return name;
                         });

TEST(FastPathTest, WalksAllLayouts) {
  EXPECT_EQ(xml_layouts().size(), 12U);
}

// One change each that keeps the document valid but not canonical, or makes it not valid: the chunk
// is libxml2's.
struct HostileCase {
  const char* name;
  const char* what;
  const char* with;
};
class HostileTest : public testing::TestWithParam<HostileCase> {};

TEST_P(HostileTest, IsLeftToLibxml2) {
  const auto layout = shipped_layout("mcf");
  Random random(8, 0);
  std::string document = sample_document(*layout, {.records = 2}, random);
  const std::size_t at = document.find(GetParam().what);
  ASSERT_NE(at, std::string::npos);
  document.replace(at, std::string_view(GetParam().what).size(), GetParam().with);
  TwoPaths paths(layout, schema_of(*layout));
  EXPECT_EQ(paths.compare(document, 1 << 20), "");
  EXPECT_EQ(paths.counts().fast, 0U);
}

INSTANTIATE_TEST_SUITE_P(
    Changes, HostileTest,
    testing::Values(
        HostileCase{"character_reference", "<SMSO>", "<SMSO>&#65;"},
        HostileCase{"needless_reference", "<SMSO>", "<SMSO>&quot;"},
        HostileCase{"return_as_reference", "<SMSO>", "<SMSO>&#xD;"},
        HostileCase{"cdata", "<SMSO>", "<SMSO><![CDATA[A]]>"},
        HostileCase{"comment", "<SMSO>", "<!-- --><SMSO>"},
        HostileCase{"instruction", "<SMSO>", "<?x?><SMSO>"},
        HostileCase{"carriage_return", "<SMSO>", "\r\n<SMSO>"},
        HostileCase{"not_ascii", "<SMSO>", "<SMSO>\xC3\xA9"},
        HostileCase{"blank_in_tag", "<SMSO>", "<SMSO >"},
        HostileCase{"blank_in_end_tag", "</SMSO>", "</SMSO >"},
        HostileCase{"single_quotes", "schemaVersion=\"1.0\"", "schemaVersion='1.0'"},
        HostileCase{"two_blanks", " schemaVersion", "  schemaVersion"},
        HostileCase{"other_constant", "schemaVersion=\"1.0\"", "schemaVersion=\"1.1\""},
        HostileCase{"needless_declaration", "<SMSO>", "<SMSO xmlns=\"urn:x-s1flow:migration:1\">"},
        HostileCase{"unused_declaration", "<SMSO>", "<SMSO xmlns:q=\"urn:q\">"},
        HostileCase{"no_uri", "xmlns=\"urn:x-s1flow:migration:1\"",
                    "xmlns=\"urn:x-s1flow:migration:1\" xmlns:n=\"2024-06-30T23:59:59\""},
        HostileCase{"odd_uri", "xmlns=\"urn:x-s1flow:migration:1\"",
                    "xmlns=\"urn:x-s1flow:migration:1\" xmlns:n=\"http://a:b/\""},
        HostileCase{"unknown_attribute", "<SMSO>", "<SMSO a=\"1\">"},
        HostileCase{"unknown_element", "<SMSO>", "<X></X><SMSO>"},
        HostileCase{"text_between", "<SMSO>", "x<SMSO>"},
        HostileCase{"doubled_mark", "<?xml", "\xEF\xBB\xBF<?xml"},
        HostileCase{"other_version", "version=\"1.0\" e", "version='1.0' e"},
        HostileCase{"comment_before", "<MigrationCommonFile", "<!-- --><MigrationCommonFile"},
        HostileCase{"greater_than", "<SMSO>", "<SMSO>>"}),
    s1flow::case_name<HostileCase>);

TEST(FastPathTest, ReadsTheReferencesOfCanonicalXml) {
  const auto layout = shipped_layout("mvf");
  Random random(8, 0);
  std::string document = sample_document(*layout, {.records = 2}, random);
  const std::size_t begin = document.find("<SMSO>") + 6;
  document.replace(begin, document.find("</SMSO>") - begin, "a&amp;b&lt;c&gt;");
  TwoPaths paths(layout, schema_of(*layout));
  EXPECT_EQ(paths.compare(document, 1 << 20), "");
  EXPECT_EQ(paths.counts().fast, paths.counts().chunks);
}

TEST(FastPathTest, ForgetsTheHeadOfAnotherDocument) {
  const auto layout = shipped_layout("mcf");
  TwoPaths paths(layout, schema_of(*layout));
  Random random(9, 0);
  for (int i = 0; i < 6; ++i) {
    SampleShape shape;
    shape.records = 8;
    shape.prefix = i % 2 == 0 ? "" : "p";
    EXPECT_EQ(paths.compare(sample_document(*layout, shape, random), 500), "");
  }
  EXPECT_EQ(paths.counts().fast, paths.counts().chunks);
}

TEST(FastPathTest, LeavesSchemasToLibxml2ThatSayMoreThanTheTables) {
  const std::string layout = R"(type = "mcf"
version = "1"
container = "xml"
[xml]
schema = "../../x.xsd"
root = "R"
record = "I"
[record]
installation-id = "@id"
)";
  const auto schema = [](const std::string& extra) {
    return R"(<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="R"><xs:complexType><xs:sequence>
      <xs:element name="I" maxOccurs="unbounded"><xs:complexType><xs:attribute name="id" type="xs:string" use="required"/></xs:complexType></xs:element>
      </xs:sequence></xs:complexType>)" +
           extra + "</xs:element></xs:schema>";
  };
  const auto tables = [&](const std::string& extra) {
    auto made = layout_from(layout, {{"x.xsd", schema(extra)}});
    EXPECT_TRUE(made) << made.error().message();
    return made ? (*made)->tables() : nullptr;
  };
  EXPECT_TRUE(tables(""));
  EXPECT_FALSE(
      tables(R"(<xs:unique name="u"><xs:selector xpath="I"/><xs:field xpath="@id"/></xs:unique>)"));
  auto abstract = layout_from(
      layout,
      {{"x.xsd",
        R"(<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="R"><xs:complexType><xs:sequence>
      <xs:element name="I" type="T"/></xs:sequence></xs:complexType></xs:element>
      <xs:complexType name="T" abstract="true"><xs:attribute name="id" type="xs:string"/></xs:complexType></xs:schema>)"}});
  ASSERT_TRUE(abstract) << abstract.error().message();
  EXPECT_FALSE((*abstract)->tables());
}

}  // namespace
}  // namespace s1flow::codecs
