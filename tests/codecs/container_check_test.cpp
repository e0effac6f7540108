#include "codecs/container_check.h"

#include <gtest/gtest.h>

#include "codecs/csv/syntax.h"
#include "codecs/json/syntax.h"
#include "codecs/xml/document_reader.h"
#include "tests/case_name.h"
#include "tests/temporary_folder.h"

namespace s1flow::codecs {
namespace {

using namespace std::string_literals;

// `rule` is null for bytes that have to be accepted.
struct ContainerCase {
  const char* name;
  std::string bytes;
  const Rule* rule = nullptr;
  std::uint64_t byte = 0;
};

// The first fault when the bytes come in pieces of this size.
template <typename Judge>
std::vector<Fault> faults_of(Judge& judge, std::string_view bytes, std::size_t piece) {
  for (std::size_t i = 0; i < bytes.size(); i += piece)
    if (!judge.feed(bytes.substr(i, piece))) break;
  judge.finish();
  if constexpr (requires { judge.faults(); }) {
    return judge.faults();
  } else {
    return judge.fault() ? std::vector<Fault>{*judge.fault()} : std::vector<Fault>{};
  }
}

void expect_fault(const ContainerCase& c, const std::vector<Fault>& faults) {
  if (c.rule == nullptr) {
    EXPECT_TRUE(faults.empty()) << faults.front().note << " at " << faults.front().byte;
    return;
  }
  ASSERT_FALSE(faults.empty());
  EXPECT_EQ(faults.front().rule->id, c.rule->id) << faults.front().note;
  EXPECT_EQ(faults.front().byte, c.byte) << faults.front().note;
  EXPECT_GE(faults.front().line, 1U);
}

constexpr std::size_t kPieces[] = {1, 2, 3, 7, 1 << 20};

class XmlContainerTest : public testing::TestWithParam<ContainerCase> {};
TEST_P(XmlContainerTest, JudgesADocumentTheSameHoweverItIsCut) {
  for (const std::size_t piece : kPieces) {
    if (std::string_view(GetParam().bytes).size() / piece > 10'000) continue;
    SCOPED_TRACE(piece);
    XmlDocumentHandler nobody;
    XmlDocumentReader reader(nobody);
    expect_fault(GetParam(), faults_of(reader, GetParam().bytes, piece));
  }
}

const ContainerCase kXml[] = {
    {"smallest", "<a/>"},
    {"byte_order_mark", "\xEF\xBB\xBF<a/>"},
    {"byte_order_mark_and_declaration", "\xEF\xBB\xBF<?xml version=\"1.0\" encoding='utf-8'?><a/>"},
    {"declaration_without_encoding", "<?xml version='1.0' standalone='yes'?>\n<a/>\n"},
    {"comments_and_instructions", "<!-- <!DOCTYPE a> --><?p <!DOCTYPE a>?><a/><!-- x --><?p?>\n"},
    {"doctype_in_cdata", "<a><![CDATA[<!DOCTYPE a>]]></a>"},
    {"name_space_that_is_no_uri", "<a xmlns='a b'/>"},
    {"characters_of_every_length", "<a>\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80</a>"},
    {"long_text_with_brackets", "<a>" + std::string(600'000, ']') + "</a>"},
    {"nested_1000_deep",
     [] {
       std::string s;
       for (int i = 0; i < 1000; ++i) s += "<a>";
       for (int i = 0; i < 1000; ++i) s += "</a>";
       return s;
     }()},
    {"no_blank_in_the_declaration", "<?xml version='1.0' encoding='UTF-8'standalone='yes'?><a/>",
     &kXmlNotWellFormed, 36},
    {"no_blank_after_the_version", "\xEF\xBB\xBF<?xml version='1.0'encoding='UTF-8'?><a/>",
     &kXmlNotWellFormed, 22},
    {"empty", "", &kXmlNotWellFormed, 0},
    {"doctype", "<!DOCTYPE a><a/>", &kXmlDoctype, 0},
    {"doctype_after_declaration", "<?xml version='1.0'?>\n<!DOCTYPE a SYSTEM 'x'><a/>",
     &kXmlDoctype, 22},
    {"doctype_after_comment", "<!-- x --><!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", &kXmlDoctype,
     10},
    {"doctype_cut_off", "<!DOCTYPE", &kXmlDoctype, 0},
    {"other_encoding", "<?xml version='1.0' encoding='ISO-8859-1'?><a/>", &kXmlEncoding, 30},
    {"mark_contradicts_declaration", "\xEF\xBB\xBF<?xml version='1.0' encoding='UTF-16'?><a/>",
     &kXmlEncoding, 33},
    {"utf_16", "\xFF\xFE<\0a\0/\0>\0"s, &kXmlEncoding, 0},
    {"utf_16_without_mark", "\0<\0a\0/\0>"s, &kXmlEncoding, 0},
    {"nul_byte", "<a>\0</a>"s, &kXmlNotWellFormed, 3},
    {"nul_after_the_root", "<a/>\0"s, &kXmlNotWellFormed, 4},
    {"invalid_utf_8", "<a>\xFF</a>", &kXmlEncoding, 3},
    {"overlong", "<a>\xC0\xAF</a>", &kXmlEncoding, 3},
    {"surrogate", "<a>\xED\xA0\x80</a>", &kXmlEncoding, 3},
    {"character_cut_off", "<a/>\xE2\x82", &kXmlEncoding, 4},
};
INSTANTIATE_TEST_SUITE_P(Documents, XmlContainerTest, testing::ValuesIn(kXml),
                         case_name<ContainerCase>);

struct RefusedXml {
  const char* name;
  const char* bytes;
};
class RefusedXmlTest : public testing::TestWithParam<RefusedXml> {};
TEST_P(RefusedXmlTest, RefusesWhatIsNotWellFormed) {
  for (const std::size_t piece : kPieces) {
    if (std::string_view(GetParam().bytes).size() / piece > 10'000) continue;
    SCOPED_TRACE(piece);
    XmlDocumentHandler nobody;
    XmlDocumentReader reader(nobody);
    const std::vector<Fault> faults = faults_of(reader, GetParam().bytes, piece);
    ASSERT_FALSE(faults.empty());
    EXPECT_EQ(faults.front().rule, &kXmlNotWellFormed) << faults.front().note;
    EXPECT_LE(faults.front().byte, std::string_view(GetParam().bytes).size());
  }
}
constexpr RefusedXml kRefused[] = {
    {"two_roots", "<a/><b/>"},
    {"text_after_the_root", "<a/>x"},
    {"text_before_the_root", "x<a/>"},
    {"only_a_comment", "<!-- a -->"},
    {"tags_cross", "<a><b></a></b>"},
    {"not_closed", "<a>"},
    {"undeclared_prefix", "<p:a/>"},
    {"undeclared_attribute_prefix", "<a p:b='c'/>"},
    {"empty_prefix_declaration", "<a xmlns:p=''/>"},
    {"prefix_xmlns", "<a xmlns:xmlns='u'/>"},
    {"prefix_xml_elsewhere", "<a xmlns:xml='u'/>"},
    {"two_colons", "<a:b:c xmlns:a='u'/>"},
    {"attribute_twice", "<a b='1' b='2'/>"},
    {"attribute_twice_by_name_space", "<a xmlns:p='u' xmlns:q='u' p:b='1' q:b='2'/>"},
    {"less_than_in_attribute", "<a b='<'/>"},
    {"unknown_entity", "<a>&b;</a>"},
    {"control_character", "<a>\x01</a>"},
    {"reference_to_nul", "<a>&#0;</a>"},
    {"end_of_cdata_in_text", "<a>]]></a>"},
    {"dashes_in_comment", "<a><!-- -- --></a>"},
    {"declaration_not_first", " <?xml version='1.0'?><a/>"},
    {"declaration_without_version", "<?xml encoding='UTF-8'?><a/>"},
    {"lower_case_doctype", "<!doctype a><a/>"},
};
INSTANTIATE_TEST_SUITE_P(Documents, RefusedXmlTest, testing::ValuesIn(kRefused),
                         case_name<RefusedXml>);

TEST(XmlContainerTruncationTest, RefusesEveryTruncationOfADocument) {
  const std::string whole =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- c --><p:a xmlns:p=\"u\" x='y'>"
      "<b>\xC3\xA9&lt;</b><![CDATA[z]]><?pi d?></p:a>";
  for (std::size_t size = 0; size < whole.size(); ++size) {
    XmlDocumentHandler nobody;
    XmlDocumentReader reader(nobody);
    const std::vector<Fault> faults =
        faults_of(reader, std::string_view(whole).substr(0, size), whole.size());
    ASSERT_FALSE(faults.empty()) << size;
    EXPECT_LE(faults.front().byte, size);
  }
}

TEST(XmlContainerPieceTest, SeesTheEndOfCdataAcrossPieces) {
  // More text than a piece, so that it has to be cut somewhere.
  for (const std::size_t before : {262'139, 262'140, 262'141, 262'142, 262'143, 262'144}) {
    const std::string bytes =
        "<a>" + std::string(before, 'x') + "]]>" + std::string(99, 'x') + "</a>";
    XmlDocumentHandler nobody;
    XmlDocumentReader reader(nobody);
    EXPECT_FALSE(faults_of(reader, bytes, 262'144).empty()) << before;
  }
}

class JsonContainerTest : public testing::TestWithParam<ContainerCase> {};
TEST_P(JsonContainerTest, JudgesATextTheSameHoweverItIsCut) {
  for (const std::size_t piece : kPieces) {
    if (std::string_view(GetParam().bytes).size() / piece > 10'000) continue;
    SCOPED_TRACE(piece);
    JsonSyntax syntax;
    expect_fault(GetParam(), faults_of(syntax, GetParam().bytes, piece));
  }
}
const ContainerCase kJson[] = {
    {"null", "null"},
    {"text_alone", "\"a\""},
    {"number_alone", " -0.5E+10 "},
    {"zero", "0"},
    {"exponent_of_zero", "0e1"},
    {"everything", R"({"a":[1,2.5e-3,true,false,null,{"b":{}}],"c":"\u00e9\"\\\/\b\f\n\r\t"})"},
    {"key_twice", R"({"a":1,"a":2})"},
    {"lone_surrogate_escape", R"(["\ud800"])"},
    {"huge_number", "[1" + std::string(500, '0') + "]"},
    {"beyond_ascii", "\"\xC3\xA9\xF0\x9F\x98\x80\x7F\""},
    {"nested_1000_deep", std::string(1000, '[') + std::string(1000, ']')},
    {"empty", "", &kJsonMalformed, 0},
    {"blanks_only", " \n\t", &kJsonMalformed, 3},
    {"byte_order_mark", "\xEF\xBB\xBF{}", &kJsonMalformed, 0},
    {"two_values", "1 2", &kJsonMalformed, 2},
    {"trailing_comma", "[1,]", &kJsonMalformed, 3},
    {"trailing_comma_in_object", "{\"a\":1,}", &kJsonMalformed, 7},
    {"comment", "[1/*x*/]", &kJsonMalformed, 2},
    {"single_quotes", "['a']", &kJsonMalformed, 1},
    {"bare_key", "{a:1}", &kJsonMalformed, 1},
    {"missing_colon", "{\"a\" 1}", &kJsonMalformed, 5},
    {"wrong_bracket", "[1}", &kJsonMalformed, 2},
    {"leading_zero", "01", &kJsonMalformed, 1},
    {"plus_sign", "+1", &kJsonMalformed, 0},
    {"point_without_digits", "1.", &kJsonMalformed, 2},
    {"point_first", ".5", &kJsonMalformed, 0},
    {"minus_alone", "-", &kJsonMalformed, 1},
    {"exponent_without_digits", "[1e]", &kJsonMalformed, 3},
    {"not_a_number", "NaN", &kJsonMalformed, 0},
    {"capital_literal", "True", &kJsonMalformed, 0},
    {"literal_cut_off", "tru", &kJsonMalformed, 3},
    {"literal_too_long", "nulll", &kJsonMalformed, 4},
    {"line_feed_in_text", "\"a\nb\"", &kJsonMalformed, 2},
    {"nul_in_text", "\"\0\""s, &kJsonMalformed, 1},
    {"unknown_escape", R"("\x")", &kJsonMalformed, 2},
    {"short_hex", R"("\u12g4")", &kJsonMalformed, 5},
    {"not_ended", "\"abc", &kJsonMalformed, 4},
    {"invalid_utf_8", "\"\xFF\"", &kTextEncoding, 1},
    {"overlong", "\"\xE0\x80\x80\"", &kTextEncoding, 2},
    {"surrogate", "\"\xED\xA0\x80\"", &kTextEncoding, 2},
    {"too_deep", std::string(100'001, '['), &kJsonLimit, 100'000},
};
INSTANTIATE_TEST_SUITE_P(Texts, JsonContainerTest, testing::ValuesIn(kJson),
                         case_name<ContainerCase>);

class CsvContainerTest : public testing::TestWithParam<ContainerCase> {};
TEST_P(CsvContainerTest, JudgesRowsTheSameHoweverTheyAreCut) {
  for (const std::size_t piece : kPieces) {
    if (std::string_view(GetParam().bytes).size() / piece > 10'000) continue;
    SCOPED_TRACE(piece);
    CsvSyntax syntax;
    expect_fault(GetParam(), faults_of(syntax, GetParam().bytes, piece));
  }
}
const ContainerCase kCsv[] = {
    {"empty", ""},
    {"one_field", "a"},
    {"rows", "a,b\r\nc,d\r\n"},
    {"last_row_without_end", "a,b\r\nc,d"},
    {"empty_fields", ",\r\n,\r\n"},
    {"blanks_belong_to_fields", " a , b \r\n"},
    {"quoted", "\"a,\"\"b\"\"\r\nc\",\"\"\r\nx,y\r\n"},
    {"line_feed_in_quotes", "\"a\nb\"\r\n"},
    {"byte_order_mark", "\xEF\xBB\xBF\"a\",b\r\n"},
    {"beyond_ascii", "\xC3\xA9,\"\xE2\x82\xAC\"\r\n"},
    {"empty_rows_of_one_column", "a\r\n\r\n"},
    {"bare_line_feed", "a,b\nc,d\n", &kCsvMalformed, 3},
    {"bare_carriage_return", "a,b\rc,d\r\n", &kCsvMalformed, 4},
    {"carriage_return_at_the_end", "a,b\r", &kCsvMalformed, 4},
    {"quote_inside", "a\"b,c\r\n", &kCsvMalformed, 1},
    {"text_after_quote", "\"a\"b\r\n", &kCsvMalformed, 3},
    {"quote_never_closed", "a,\"b\r\nc", &kCsvMalformed, 2},
    {"tab", "a\tb\r\n", &kCsvMalformed, 1},
    {"control_in_quotes", "\"a\x01\"\r\n", &kCsvMalformed, 2},
    {"nul", "a\0b"s, &kTextEncoding, 1},
    {"invalid_utf_8", "a,\xFF\r\n", &kTextEncoding, 2},
    {"character_cut_off", "a,\xE2\x82", &kTextEncoding, 4},
    {"ragged_row", "a,b\r\nc\r\nd,e\r\n", &kCsvRaggedRow, 5},
    {"ragged_last_row", "a,b\r\nc,d,e", &kCsvRaggedRow, 5},
};
INSTANTIATE_TEST_SUITE_P(Rows, CsvContainerTest, testing::ValuesIn(kCsv), case_name<ContainerCase>);

TEST(JsonLinesContainerTest, GivesEachBadLineItsPlace) {
  const TemporaryFolder folder;
  const Path path = folder.path() / "a.jsonl";
  ASSERT_TRUE(write_whole(path, "{}\n{]\n1\n\n[1,2]\r\n\"x"));
  auto file = InputFile::open(path);
  ASSERT_TRUE(file);
  const auto faults = check_container(*file, BareContainer::jsonl);
  ASSERT_TRUE(faults);
  ASSERT_EQ(faults->size(), 3U);
  EXPECT_EQ((*faults)[0].line, 2U);
  EXPECT_EQ((*faults)[0].byte, 4U);
  EXPECT_EQ((*faults)[1].line, 4U);
  EXPECT_EQ((*faults)[2].line, 6U);
  EXPECT_EQ((*faults)[2].byte, 18U);
}

}  // namespace
}  // namespace s1flow::codecs
