#include "codecs/lines/lines.h"

#include <gtest/gtest.h>

#include "codecs/xml/document_reader.h"
#include "tests/case_name.h"
#include "tests/temporary_folder.h"

namespace s1flow::codecs {
namespace {

class LinesTest : public testing::Test {
 protected:
  InputFile file(std::string_view bytes) {
    const Path path = folder_.path() / "in";
    EXPECT_TRUE(write_whole(path, bytes, Overwrite::yes));
    return *InputFile::open(path);
  }
  std::string to_lines(std::string_view xml, const std::vector<std::string>& path = {}) {
    std::string out;
    InputFile in = file(xml);
    const auto done = xml_to_lines(in, path, "", sink(out));
    EXPECT_TRUE(done && done->faults.empty());
    return out;
  }
  LinesResult to_xml(std::string_view lines, std::string& out) {
    InputFile in = file(lines);
    auto done = lines_to_xml(in, sink(out));
    EXPECT_TRUE(done);
    return done ? *done : LinesResult();
  }
  static ByteSink sink(std::string& out) {
    return [&out](std::string_view bytes) -> Status {
      out += bytes;
      return {};
    };
  }
  // The canonical form, with comments.
  static std::string canonical(std::string_view xml) {
    struct Writer final : XmlDocumentHandler {
      void start_element(const XmlStart& e) override {
        c14n.start_element(e.prefix, e.local, e.declared, e.attributes);
      }
      void end_element(const XmlEnd& e) override { c14n.end_element(e.prefix, e.local); }
      void text(std::string_view t) override { c14n.text(t); }
      void processing_instruction(std::string_view t, std::string_view d) override {
        c14n.processing_instruction(t, d);
      }
      void comment(std::string_view t) override { out.append("<!--").append(t).append("-->"); }
      std::string out;
      C14nWriter c14n;
    } writer;
    writer.c14n.start(&writer.out);
    XmlDocumentReader reader(writer);
    reader.feed(xml);
    EXPECT_TRUE(reader.finish()) << xml;
    return writer.out;
  }
  const TemporaryFolder folder_;
};

TEST_F(LinesTest, GivesElementsOnTheRecordPathLinesOfTheirOwn) {
  EXPECT_EQ(to_lines("<r xmlns=\"u\" v=\"1\">\n<h><a>1</a></h>\n<l>\n<i id=\"7\"><d>x</d><d>y</d>"
                     "</i>\n</l>\n</r>\n",
                     {"l", "i"}),
            "{\"#s1flow\":\"xml-lines/1\"}\n"
            "{\"#open\":\"r\",\"@xmlns\":\"u\",\"@v\":\"1\"}\n"
            "{\"h\":{\"a\":\"1\"}}\n"
            "{\"#open\":\"l\"}\n"
            "{\"i\":{\"@id\":\"7\",\"d\":[\"x\",\"y\"]}}\n"
            "{\"#close\":\"l\"}\n"
            "{\"#close\":\"r\"}\n");
}

struct RoundTrip {
  const char* name;
  const char* text;
};
class XmlLinesRoundTripTest : public LinesTest, public testing::WithParamInterface<RoundTrip> {};
TEST_P(XmlLinesRoundTripTest, ComesBackWithTheSameCanonicalForm) {
  for (const std::vector<std::string>& path :
       {std::vector<std::string>{}, std::vector<std::string>{"b"},
        std::vector<std::string>{"b", "c"}}) {
    std::string back;
    const LinesResult done = to_xml(to_lines(GetParam().text, path), back);
    EXPECT_TRUE(done.faults.empty()) << done.faults.front().note;
    EXPECT_EQ(canonical(back), canonical(GetParam().text));
  }
}
constexpr RoundTrip kDocuments[] = {
    {"empty_root", "<a/>"},
    {"text_root", "<a>x &amp; &lt;y&gt; \"z\" &#13;</a>"},
    {"attributes", "<a c='1' b=\"&quot;&#9;&#10;&amp;&lt;\"/>"},
    {"name_spaces", "<p:a xmlns:p='u' xmlns='v'><b xmlns='' p:c='1'/><p:b xmlns:p='w'/></p:a>"},
    {"indented", "<a>\n  <b>\n    <c>1</c>\n    <c>2</c>\n  </b>\n  <b/>\n</a>"},
    {"uneven_blanks", "<a><b> <c>1</c>\t<c>2</c>\n</b></a>"},
    {"blanks_before_one_child", "<a><b> <c/></b></a>"},
    {"equal_names_apart", "<a><b><c/><d/><c/></b></a>"},
    {"mixed_content", "<a><b>x<c>y</c>z</b>w</a>"},
    {"comments_everywhere", "<!--0--><a><!--1--><b><!--2-->x<!--3--></b><!--4--></a><!--5-->"},
    {"instructions", "<?p?><a><?p d?><b><?q e ?></b></a><?p f?>"},
    {"cdata", "<a><b><![CDATA[<c>]]></b></a>"},
    {"text_of_blanks", "<a><b> </b><b>\n</b></a>"},
    {"attribute_and_text", "<a><b c='d'>e</b></a>"},
    {"beyond_ascii", "<a>\xC3\xA9<\xC3\xA9/></a>"},
    {"siblings_of_the_path", "<a><x/><b><c/><y/><c/></b><b/><z/></a>"},
};
INSTANTIATE_TEST_SUITE_P(Documents, XmlLinesRoundTripTest, testing::ValuesIn(kDocuments),
                         case_name<RoundTrip>);

class RefusedLinesTest : public LinesTest, public testing::WithParamInterface<RoundTrip> {};
TEST_P(RefusedLinesTest, RefusesLinesThatAreNoDocument) {
  std::string back;
  EXPECT_FALSE(to_xml(GetParam().text, back).faults.empty());
}
constexpr RoundTrip kRefused[] = {
    {"nothing", ""},
    {"no_json", "{\"#open\":\"a\"\n"},
    {"no_object", "[]\n"},
    {"not_closed", "{\"#open\":\"a\"}\n"},
    {"closed_by_another", "{\"#open\":\"a\"}\n{\"#close\":\"b\"}\n"},
    {"closed_twice", "{\"#open\":\"a\"}\n{\"#close\":\"a\"}\n{\"#close\":\"a\"}\n"},
    {"second_root",
     "{\"#open\":\"a\"}\n{\"#close\":\"a\"}\n{\"#open\":\"a\"}\n{\"#close\":\"a\"}\n"},
    {"outside_of_the_root", "{\"a\":\"x\"}\n"},
    {"number", "{\"#open\":\"a\"}\n{\"b\":1}\n{\"#close\":\"a\"}\n"},
    {"markup_in_a_name", "{\"#open\":\"a\"}\n{\"b><c\":\"\"}\n{\"#close\":\"a\"}\n"},
    {"markup_in_an_attribute", "{\"#open\":\"a\",\"@b='' c\":\"\"}\n{\"#close\":\"a\"}\n"},
    {"control_character", "{\"#open\":\"a\"}\n{\"b\":\"\\u0001\"}\n{\"#close\":\"a\"}\n"},
    {"undeclared_prefix", "{\"#open\":\"p:a\"}\n{\"#close\":\"p:a\"}\n"},
    {"end_of_comment", "{\"#comment\":\"--><a/>\"}\n{\"#open\":\"a\"}\n{\"#close\":\"a\"}\n"},
    {"end_of_instruction",
     "{\"#pi\":\"p\",\"#data\":\"?><b/>\"}\n{\"#open\":\"a\"}\n{\"#close\":\"a\"}\n"},
    {"blanks_that_do_not_fit",
     "{\"#open\":\"a\"}\n{\"b\":{\"c\":\"\",\"#space\":[\" \",\" \",\" "
     "\"]}}\n{\"#close\":\"a\"}\n"},
};
INSTANTIATE_TEST_SUITE_P(Lines, RefusedLinesTest, testing::ValuesIn(kRefused),
                         case_name<RoundTrip>);

class CsvLinesRoundTripTest : public LinesTest, public testing::WithParamInterface<RoundTrip> {};
TEST_P(CsvLinesRoundTripTest, ComesBackWithTheSameBytes) {
  const auto layouts = LayoutSet::shipped();
  ASSERT_TRUE(layouts);
  std::string lines, back;
  InputFile in = file(GetParam().text);
  const auto there = csv_to_lines(in, *layouts->find("maf"), sink(lines));
  ASSERT_TRUE(there && there->faults.empty());
  InputFile again = file(lines);
  const auto done = lines_to_csv(again, nullptr, sink(back));
  ASSERT_TRUE(done && done->faults.empty());
  EXPECT_EQ(back, GetParam().text);
}
constexpr RoundTrip kFiles[] = {
    {"header_only", "a,b\r\n"},
    {"header_without_end", "a,b"},
    {"rows", "a,b\r\n1,2\r\n3,4\r\n"},
    {"last_row_without_end", "a,b\r\n1,2"},
    {"line_feeds", "a,b\n1,2\n3,4\n"},
    {"mixed_line_ends", "a,b\r\n1,2\n3,4\r\n"},
    {"ragged_rows", "a,b\r\n1\r\n2,3,4\r\n"},
    {"column_twice", "a,a\r\n1,2\r\n"},
    {"quotes", "a,b\r\n\"1,\"\"2\"\"\",\"3\r\n4\"\r\n"},
    {"byte_order_mark",
     "\xEF\xBB\xBF"
     "a,b\r\n1,2\r\n"},
    {"empty_fields", "a,b\r\n,\r\n"},
};
INSTANTIATE_TEST_SUITE_P(Files, CsvLinesRoundTripTest, testing::ValuesIn(kFiles),
                         case_name<RoundTrip>);

}  // namespace
}  // namespace s1flow::codecs
