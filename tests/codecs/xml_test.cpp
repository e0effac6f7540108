// XML from bytes to records: where records end whatever the cut, what is refused, and the limits.

#include <gtest/gtest.h>

#include "codecs/xml/chunk_parser.h"
#include "codecs/xml/framer.h"
#include "tests/case_name.h"
#include "tests/codecs/reading.h"
#include "tests/temporary_folder.h"

namespace s1flow::codecs {
namespace {

constexpr const char* kXsd = R"(<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"
  xmlns="urn:t" targetNamespace="urn:t" elementFormDefault="qualified">
  <xs:element name="File"><xs:complexType><xs:sequence>
    <xs:element name="Rows" maxOccurs="unbounded"><xs:complexType><xs:sequence>
      <xs:element name="Row" minOccurs="0" maxOccurs="unbounded"><xs:complexType><xs:sequence>
        <xs:element name="Result" type="xs:string" minOccurs="0"/>
        <xs:any processContents="skip" minOccurs="0" maxOccurs="unbounded"/>
      </xs:sequence><xs:attribute name="id" type="xs:string"/><xs:anyAttribute processContents="skip"/>
      </xs:complexType></xs:element>
    </xs:sequence></xs:complexType></xs:element>
    <xs:any namespace="##other" processContents="skip" minOccurs="0" maxOccurs="9"/>
  </xs:sequence></xs:complexType></xs:element>
</xs:schema>)";
constexpr const char* kLayout = R"(# ours
type = "mvf"
version = "1"
container = "xml"
[xml]
schema = "../../t.xsd"
root = "File"
record = "Rows/Row"
[record]
installation-id = "@id"
result = "Result"
)";

std::shared_ptr<const Layout> test_layout() {
  auto layout = layout_from(kLayout, {{"t.xsd", kXsd}});
  EXPECT_TRUE(layout) << layout.error().message();
  return *layout;
}

std::string file_of(std::string_view rows) {
  return "<File xmlns=\"urn:t\"><Rows>" + std::string(rows) + "</Rows></File>";
}
std::string good_row(std::string_view id) {
  return "<Row id=\"" + std::string(id) + "\"><Result>accepted</Result></Row>";
}

class XmlFileTest : public testing::Test {
 protected:
  Reading read(std::string_view text, const ReadingOptions& options = {}) {
    const Path path = folder_ / "file.xml";
    put_file(path, text);
    return read_whole_file(path, layout_, options);
  }
  TemporaryFolder folder_;
  std::shared_ptr<const Layout> layout_ = test_layout();
};

// ---- framing

// Everything that can hide or fake a tag, outside and inside of records.
constexpr std::string_view kTricky =
    "\xEF\xBB\xBF<?xml version='1.0'?><!--<Rows><Row/>--><?p <Row/>?>"
    "<f:File xmlns:f='urn:t' a='<' b=\">\"><f:Rows c='</f:Rows>'>\n"
    "<f:Row id='1>' x=\"'\"><f:Row/><![CDATA[</f:Row>]]]]><!-- </f:Row> --><?q </f:Row>?></f:Row "
    ">\n"
    "<f:Row\n/><f:Row\tid='3'></f:Row\n></f:Rows><f:Rows><Row id=\"4\"/></f:Rows>"
    "<Row id='none'/></f:File><!--x--><?r?>\n";

// Wherever the document is split in three, its records end at `ends` and nowhere else.
void expect_ends(std::string_view document, const std::vector<std::size_t>& ends,
                 const Limits& limits, std::string_view head) {
  for (std::size_t i = 0; i <= document.size(); ++i)
    for (std::size_t j = i; j <= document.size(); ++j) {
      XmlFramer framer({"Rows", "Row"}, limits);
      std::size_t from = 0;
      std::uint64_t records = 0;
      for (const std::size_t to : {i, j, document.size()}) {
        const auto cut = framer.scan(document.substr(from, to - from), to == document.size());
        ASSERT_TRUE(cut.has_value()) << cut.error().note << " at " << i << " and " << j;
        records += cut->records;
        if (cut->end == 0) continue;
        from += cut->end;
        ASSERT_TRUE(std::find(ends.begin(), ends.end(), from) != ends.end())
            << "an end at " << from << " when split at " << i << " and " << j;
        framer.consumed(cut->end);
      }
      ASSERT_EQ(records, ends.size()) << i << " " << j;
      ASSERT_EQ(*framer.head(), head);
    }
}

TEST(XmlFramerTest, FindsTheSameRecordEndsForEveryPairOfSplits) {
  std::vector<std::size_t> ends;
  for (const std::string_view end : {"</f:Row >", "<f:Row\n/>", "</f:Row\n>", "<Row id=\"4\"/>"})
    ends.push_back(kTricky.find(end) + end.size());
  expect_ends(kTricky, ends, {}, kTricky.substr(0, kTricky.find("\n<f:Row id")));
}

// Records whose end is found by their name, between others where that would not do.
constexpr std::string_view kPlain =
    "<File><Rows>\n"
    "<Row id=\"1\"><A>1234567890123456789</A><RowNumber>1</RowNumber><B x=\"/></Ro\"/></Row>\n"
    "<Row><Rows><Row>inner</Row></Rows><A>12345678901234567890</A></Row>\n"
    "<Row><A>x</A><E/><E/><E/><E/><E/><E/><A>1234567890</A></Row><Row></Row>"
    "<Row><![CDATA[</Row>]]><A/></Row><Row><!-- </Row> --></Row><Row><?p </Row>?></Row>"
    "<Row><A>1</A></Row\n></Rows></File>";

TEST(XmlFramerTest, FindsRecordEndsByNameForEveryPairOfSplits) {
  std::vector<std::size_t> ends;
  for (const std::string_view end :
       {"/></Row>", "890</A></Row>\n<Row><A>x", "7890</A></Row><Row></Row>", "<Row></Row><Row>",
        "<A/></Row>", "--></Row>", "?></Row>", "</Row\n>"}) {
    const std::size_t at = kPlain.find(end);
    ASSERT_NE(at, std::string_view::npos) << end;
    ends.push_back(kPlain.find('>', kPlain.find("</Row", at)) + 1);
  }
  Limits limits;
  for (const std::size_t depth : {limits.depth, std::size_t{7}, std::size_t{5}}) {
    limits.depth = depth;
    expect_ends(kPlain, ends, limits, kPlain.substr(0, kPlain.find("\n<Row id")));
  }
  limits.depth = 4;
  XmlFramer framer({"Rows", "Row"}, limits);
  const auto cut = framer.scan(kPlain, true);
  ASSERT_FALSE(cut.has_value());
  EXPECT_EQ(cut.error().byte, kPlain.find("<Row>inner"));
}

TEST(XmlFramerTest, GivesAPrefixOfTheRecordsForEveryTruncation) {
  std::uint64_t before = 0;
  for (std::size_t size = 0; size <= kTricky.size(); ++size) {
    XmlFramer framer({"Rows", "Row"}, {});
    const auto cut = framer.scan(kTricky.substr(0, size), true);
    ASSERT_TRUE(cut.has_value());
    EXPECT_GE(cut->records, before);
    before = cut->records;
    EXPECT_TRUE(framer.head() != nullptr);
  }
  EXPECT_EQ(before, 4U);
}

struct PrologCase {
  const char* name;
  std::string text;
  const Rule* rule;  // null: none
};
class XmlPrologTest : public testing::TestWithParam<PrologCase> {};

TEST_P(XmlPrologTest, IsJudgedBeforeAnythingElseForEverySplit) {
  const std::string& text = GetParam().text;
  for (std::size_t split = 0; split <= text.size(); ++split) {
    XmlFramer framer({"Rows", "Row"}, {});
    auto cut = framer.scan(std::string_view(text).substr(0, split), false);
    if (cut) {
      framer.consumed(cut->end);
      cut = framer.scan(std::string_view(text).substr(cut->end), true);
    }
    if (GetParam().rule == nullptr) {
      EXPECT_TRUE(cut.has_value()) << split;
    } else {
      ASSERT_FALSE(cut.has_value()) << split;
      EXPECT_EQ(cut.error().rule->id, GetParam().rule->id) << split;
    }
  }
}
using namespace std::string_literals;
INSTANTIATE_TEST_SUITE_P(
    Prologs, XmlPrologTest,
    testing::Values(
        PrologCase{"None", "<a/>", nullptr},
        PrologCase{"Utf8", "<?xml version=\"1.0\" encoding=\"utf-8\"?><a/>", nullptr},
        PrologCase{"Latin1", "<?xml version='1.0' encoding='ISO-8859-1'?><a/>", &kXmlEncoding},
        PrologCase{"Utf16ByDeclaration", "<?xml version='1.0' encoding='UTF-16'?>", &kXmlEncoding},
        PrologCase{"Utf16Le", "\xFF\xFE<\0a\0"s, &kXmlEncoding},
        PrologCase{"Utf16Be", "\xFE\xFF\0<\0a"s, &kXmlEncoding},
        PrologCase{"Utf16LeWithoutMark", "<\0a\0/\0>\0"s, &kXmlEncoding},
        PrologCase{"Utf16BeWithoutMark", "\0<\0a\0/\0>"s, &kXmlEncoding},
        PrologCase{"Utf32Be", "\0\0\xFE\xFF\0\0\0<"s, &kXmlEncoding},
        PrologCase{"Doctype", "<!DOCTYPE a><a/>", &kXmlDoctype},
        PrologCase{"DoctypeAfterComment", "<!-- x --><!DOCTYPE a><a/>", &kXmlDoctype},
        PrologCase{"DoctypeAfterMarkAndDeclaration",
                   "\xEF\xBB\xBF<?xml version='1.0'?>\n<!DOCTYPE a []><a/>", &kXmlDoctype},
        PrologCase{"DoctypeInsideTheRoot", "<a><!DOCTYPE a></a>", &kXmlDoctype},
        PrologCase{"DoctypeInAComment", "<!-- <!DOCTYPE a> --><a/>", nullptr},
        PrologCase{"DoctypeInCdata", "<a><![CDATA[<!DOCTYPE a>]]></a>", nullptr},
        PrologCase{"OtherDeclaration", "<!ELEMENT a ANY><a/>", &kXmlNotWellFormed},
        PrologCase{"SmallDoctype", "<!doctype a><a/>", &kXmlNotWellFormed}),
    case_name<PrologCase>);

// ---- what a document may not be

struct BadCase {
  const char* name;
  std::string rows;
  std::string_view rule;
};
class XmlBadFileTest : public XmlFileTest, public testing::WithParamInterface<BadCase> {};

TEST_P(XmlBadFileTest, IsRefusedByTheSameRuleForEveryChunkSize) {
  const std::string text = file_of(good_row("A-1") + GetParam().rows + good_row("A-9"));
  ReadingOptions options;
  for (options.chunk_bytes = 1; options.chunk_bytes <= text.size() + 1; ++options.chunk_bytes) {
    const Reading reading = read(text, options);
    ASSERT_EQ(reading.found.size(), 1U) << options.chunk_bytes;
    ASSERT_EQ(reading.found[0].rule->id, GetParam().rule)
        << options.chunk_bytes << " " << reading.faults[0];
    EXPECT_EQ(reading.records.size(), 0U);
  }
}
INSTANTIATE_TEST_SUITE_P(
    Rows, XmlBadFileTest,
    testing::Values(
        BadCase{"TagsCross", "<Row><a><b></a></b></Row>", "xml.not-well-formed"},
        BadCase{"ClosesTooMuch", "<Row></Row></Row>", "xml.not-well-formed"},
        BadCase{"NeverClosed", "<Row><a></Row>", "xml.not-well-formed"},
        BadCase{"OtherCase", "<Row></row>", "xml.not-well-formed"},
        BadCase{"AttributeTwice", "<Row id='1' id='2'/>", "xml.not-well-formed"},
        BadCase{"AttributeTwiceByNamespace", "<Row xmlns:a='u' xmlns:b='u' a:x='1' b:x='2'/>",
                "xml.not-well-formed"},
        BadCase{"AttributeWithoutQuotes", "<Row id=1/>", "xml.not-well-formed"},
        BadCase{"LessThanInAttribute", "<Row id='<'/>", "xml.not-well-formed"},
        BadCase{"UnknownEntity", "<Row>&nbsp;</Row>", "xml.not-well-formed"},
        BadCase{"LoneAmpersand", "<Row>a & b</Row>", "xml.not-well-formed"},
        BadCase{"ForbiddenCharacter", "<Row>\x01</Row>", "xml.not-well-formed"},
        BadCase{"ForbiddenReference", "<Row>&#1;</Row>", "xml.not-well-formed"},
        BadCase{"UndeclaredPrefix", "<Row><p:a/></Row>", "xml.not-well-formed"},
        BadCase{"EndOfCdataInText", "<Row>]]></Row>", "xml.not-well-formed"},
        BadCase{"DoubleHyphenInComment", "<Row><!-- a -- b --></Row>", "xml.not-well-formed"},
        BadCase{"DeclarationInside", "<Row><?xml version='1.0'?></Row>", "xml.not-well-formed"},
        BadCase{"NotUtf8", "<Row>\xFF</Row>", "xml.encoding"},
        BadCase{"OverlongUtf8", "<Row>\xC0\xAF</Row>", "xml.encoding"},
        BadCase{"Doctype", "<!DOCTYPE a>", "xml.doctype"}),
    case_name<BadCase>);

TEST_F(XmlFileTest, RefusesANulByte) {
  std::string text = file_of(good_row("A-1"));
  text[text.find("accepted")] = '\0';
  const Reading reading = read(text);
  ASSERT_EQ(reading.found.size(), 1U);
  EXPECT_EQ(reading.found[0].rule->id, "xml.not-well-formed");
  EXPECT_EQ(reading.found[0].note, "a NUL byte");
}

TEST_F(XmlFileTest, GivesAFaultForEveryTruncationAndEveryChunkSize) {
  const std::string text = file_of(good_row("A-1") + "<!--c-->" + good_row("A-2"));
  for (std::size_t size = 0; size < text.size(); ++size)
    for (const std::size_t chunk : {std::size_t{1}, std::size_t{40}, std::size_t{4096}}) {
      const Reading reading = read(std::string_view(text).substr(0, size), {.chunk_bytes = chunk});
      ASSERT_EQ(reading.found.size(), 1U) << size << " " << chunk;
      EXPECT_EQ(reading.found[0].rule->id, "xml.not-well-formed");
    }
}

TEST_F(XmlFileTest, NamesByteAndLineOfTheFault) {
  const Reading reading = read("<File xmlns=\"urn:t\">\n<Rows>\n" + good_row("A-1") +
                               "\n<Row>\n<b></c></Row></Rows></File>");
  ASSERT_EQ(reading.found.size(), 1U);
  EXPECT_EQ(reading.found[0].line, 5U);
  EXPECT_GT(reading.found[0].byte, 80U);
  EXPECT_EQ(reading.found[0].ordinal, 2U);
}

// ---- what a value is

struct ValueCase {
  const char* name;
  std::string row;
  std::string_view id;
};
class XmlValueTest : public XmlFileTest, public testing::WithParamInterface<ValueCase> {};

TEST_P(XmlValueTest, IsTheTextThatXmlGivesIt) {
  const Reading reading = read(file_of(GetParam().row), {.places = Places::no});
  EXPECT_EQ(reading.faults, std::vector<std::string>{});
  ASSERT_EQ(reading.records.size(), 1U);
  EXPECT_EQ(reading.records[0],
            "1 installation-id=" + std::string(GetParam().id) + " result=accepted")
      << reading.records[0];
}
INSTANTIATE_TEST_SUITE_P(
    Values, XmlValueTest,
    testing::Values(
        ValueCase{"Plain", "<Row id='A-1'><Result>accepted</Result></Row>", "A-1"},
        ValueCase{"References", "<Row id='&#65;&#x2d;1'><Result>&#97;ccepted</Result></Row>",
                  "A-1"},
        ValueCase{"Cdata", "<Row id='A-1'><Result><![CDATA[acc]]>ep<![CDATA[ted]]></Result></Row>",
                  "A-1"},
        ValueCase{"CommentInside", "<Row id='A-1'><Result>acc<!--x-->epted</Result></Row>", "A-1"},
        ValueCase{"InstructionInside", "<Row id='A-1'><Result>acc<?x y?>epted</Result></Row>",
                  "A-1"},
        ValueCase{"BlanksAround", "<Row id=' A-1 '>\n<Result>\n accepted\t</Result>\n</Row>",
                  "A-1"},
        ValueCase{"ForeignElementOfTheSameName",
                  "<Row id='A-1'><Result>accepted</Result><Result xmlns='u'>x</Result></Row>",
                  "A-1"},
        ValueCase{"ForeignAttributeOfTheSameName",
                  "<Row id='A-1' xmlns:o='u' o:id='B'><Result>accepted</Result></Row>", "A-1"},
        ValueCase{"ByAPrefix",
                  "<q:Row xmlns:q='urn:t' id='A-1'><q:Result>accepted</q:Result></q:Row>", "A-1"},
        ValueCase{"RowInsideTheRow",
                  "<Row id='A-1'><Result>accepted</Result><Row id='B-2'><Result>rejected</Result>"
                  "</Row></Row>",
                  "A-1"}),
    case_name<ValueCase>);

// ---- limits

struct LimitCase {
  const char* name;
  std::size_t Limits::*limit;
  std::size_t value;
  std::string good, bad;  // whole files
};
class XmlLimitTest : public XmlFileTest, public testing::WithParamInterface<LimitCase> {};

TEST_P(XmlLimitTest, HoldsAtItsValueAndNotAboveForEveryChunkSize) {
  ReadingOptions options;
  options.limits.*GetParam().limit = GetParam().value;
  for (const std::size_t chunk :
       {std::size_t{1}, std::size_t{37}, std::size_t{100}, std::size_t{1} << 20}) {
    options.chunk_bytes = chunk;
    // Values may be missing; the file is not refused.
    for (const Fault& f : read(GetParam().good, options).found)
      EXPECT_EQ(f.rule->scope, RuleScope::record) << chunk << " " << text_of(f);
    const Reading bad = read(GetParam().bad, options);
    ASSERT_EQ(bad.found.size(), 1U) << chunk;
    EXPECT_EQ(bad.found[0].rule->id, "xml.limit") << chunk << " " << bad.faults[0];
  }
}

std::string nested(std::size_t levels) {
  std::string open, close;
  for (std::size_t i = 0; i < levels; ++i) {
    open += "<a>";
    close += "</a>";
  }
  return file_of(good_row("A-1") + "<Row id=\"A-2\">" + open + close + "</Row>");
}
std::string row_of_size(std::size_t size) {
  const std::string frame = "<Row id=\"A-2\"></Row>";
  return "<Row id=\"A-2\">" + std::string(size - frame.size(), 'x') + "</Row>";
}

INSTANTIATE_TEST_SUITE_P(
    Limits, XmlLimitTest,
    testing::Values(
        LimitCase{"Depth", &Limits::depth, 10, nested(7), nested(8)},
        LimitCase{"DepthOfTheParsersOwn", &Limits::depth, 200, nested(197), nested(300)},
        LimitCase{"Attributes", &Limits::attributes, 3,
                  file_of("<Row id=\"A-1\" b=\"\" xmlns:c=\"u\"/>"),
                  file_of("<Row id=\"A-1\" b=\"\" xmlns:c=\"u\" d=\"\"/>")},
        LimitCase{"Name", &Limits::name_bytes, 8, file_of("<Row id=\"A-1\"><abcdefgh/></Row>"),
                  file_of("<Row id=\"A-1\"><abcdefghi/></Row>")},
        LimitCase{"AttributeName", &Limits::name_bytes, 8,
                  file_of("<Row id=\"A-1\" abcdefgh=\"\"/>"),
                  file_of("<Row id=\"A-1\" abcdefghi=\"\"/>")},
        LimitCase{"Prefix", &Limits::name_bytes, 8,
                  file_of("<Row id=\"A-1\" xmlns:abcdefgh=\"u\"/>"),
                  file_of("<Row id=\"A-1\" xmlns:abcdefghi=\"u\"/>")},
        LimitCase{"Attribute", &Limits::field_bytes, 8, file_of("<Row id=\"A-1\" x=\"12345678\"/>"),
                  file_of("<Row id=\"A-1\" x=\"123456789\"/>")},
        LimitCase{"Text", &Limits::field_bytes, 8,
                  file_of("<Row id=\"A-1\"><Result>accepted</Result></Row>"),
                  file_of("<Row id=\"A-1\"><Result> accepted</Result></Row>")},
        LimitCase{"Record", &Limits::record_bytes, 100, file_of(good_row("A-1") + row_of_size(100)),
                  file_of(good_row("A-1") + row_of_size(101))},
        LimitCase{"Head", &Limits::head_bytes, 50,
                  "<!--xxxxxxxxxxxxxxxxx-->" + file_of("<Row id=\"A-1\"/>"),
                  "<!--xxxxxxxxxxxxxxxxxx-->" + file_of("<Row id=\"A-1\"/>")},
        LimitCase{"Tail", &Limits::tail_bytes, 30, file_of("<Row id=\"A-1\"/>") + "<!--012345-->",
                  file_of("<Row id=\"A-1\"/>") + "<!--0123456789-->"}),
    case_name<LimitCase>);

TEST_F(XmlFileTest, SaysOfALargeFileThatItIsNoXml) {
  ReadingOptions options;
  options.limits.head_bytes = 50;
  for (const std::size_t chunk : {std::size_t{1}, std::size_t{1} << 20}) {
    options.chunk_bytes = chunk;
    const Reading json =
        read(" {\"id\":\"A-1\"}\n{\"id\":\"A-2\"}\n" + std::string(40, 'x'), options);
    ASSERT_EQ(json.found.size(), 1U);
    EXPECT_EQ(json.found[0].rule->id, "xml.not-well-formed");
    EXPECT_EQ(json.found[0].note, "it does not begin with a tag");
    EXPECT_EQ(json.found[0].byte, 1U);
    const Reading blank = read(std::string(100, ' '), options);
    ASSERT_EQ(blank.found.size(), 1U);
    EXPECT_EQ(blank.found[0].rule->id, "xml.limit");
  }
}

// ---- what others read

constexpr std::string_view kDs = "http://www.w3.org/2000/09/xmldsig#";

TEST_F(XmlFileTest, KeepsTheSignatureOutOfTheCanonicalFormForEveryChunkSize) {
  const std::string signature = "<Signature xmlns=\"" + std::string(kDs) +
                                "\"><SignatureValue>x</SignatureValue></Signature>";
  const std::string body =
      "<File xmlns=\"urn:t\"><Rows>" + good_row("A-1") + good_row("A-2") + "</Rows>";
  const std::string text = body + signature + "\n</File>";
  for (std::size_t chunk = 1; chunk <= text.size(); ++chunk) {
    const Reading reading = read(text, {.chunk_bytes = chunk});
    ASSERT_EQ(reading.faults, std::vector<std::string>{});
    ASSERT_EQ(reading.canonical, body + "\n</File>") << chunk;
  }
}

struct CaptureCase {
  const char* name;
  std::string tail;
  std::size_t signatures;
  std::size_t depth;
  bool last_child;
};
class XmlCaptureTest : public testing::TestWithParam<CaptureCase> {};

TEST_P(XmlCaptureTest, TellsWhereTheSignatureStands) {
  const std::shared_ptr<const Layout> layout = test_layout();
  auto buffer = std::make_shared<Buffer>();
  buffer->append("<File xmlns=\"urn:t\" xmlns:d=\"" + std::string(kDs) + "\"><Rows>" +
                 good_row("A-1") + GetParam().tail + "</File>");
  Chunk chunk;
  chunk.buffer = buffer;
  chunk.bytes = buffer->view();
  chunk.records = 1;
  chunk.last = true;
  Arena arena;
  XmlChunkResult result;
  XmlChunkParser parser(layout, nullptr, {});
  parser.parse(chunk, {}, {}, arena, nullptr, nullptr, result);
  ASSERT_TRUE(result.faults.empty()) << result.faults[0].note;
  ASSERT_EQ(result.captured.size(), GetParam().signatures);
  if (GetParam().signatures == 0) return;
  const CapturedElement& c = result.captured[0];
  EXPECT_EQ(c.kind, CapturedElement::Kind::signature);
  EXPECT_EQ(c.depth, GetParam().depth);
  EXPECT_EQ(c.last_child, GetParam().last_child);
  EXPECT_TRUE(c.bytes.starts_with("<d:Signature")) << c.bytes;
  EXPECT_TRUE(c.bytes.ends_with("d:Signature>") || c.bytes.ends_with("/>")) << c.bytes;
  EXPECT_EQ(c.byte, static_cast<std::uint64_t>(c.bytes.data() - chunk.bytes.data()));
}
INSTANTIATE_TEST_SUITE_P(
    Tails, XmlCaptureTest,
    testing::Values(
        CaptureCase{"None", "</Rows>", 0, 0, false},
        CaptureCase{"LastChild", "</Rows><d:Signature>x</d:Signature>", 1, 1, true},
        CaptureCase{"WithBlanksAfter", "</Rows><d:Signature>x</d:Signature>\n \n", 1, 1, true},
        CaptureCase{"Empty", "</Rows><d:Signature/>", 1, 1, true},
        CaptureCase{"ElementAfter", "</Rows><d:Signature>x</d:Signature><o xmlns='o'/>", 1, 1,
                    false},
        CaptureCase{"InsideRows", "<d:Signature>x</d:Signature></Rows>", 1, 2, false},
        CaptureCase{"OneInAnother", "</Rows><d:Signature><d:Signature/></d:Signature>", 1, 1, true},
        CaptureCase{"Two", "</Rows><d:Signature/><d:Signature/>", 2, 1, false},
        CaptureCase{"OtherNamespace", "</Rows><Signature xmlns='urn:o'/>", 0, 0, false}),
    case_name<CaptureCase>);

}  // namespace
}  // namespace s1flow::codecs
