#include <string>

#include <gtest/gtest.h>

#include "codecs/duis/tag_scanner.h"
#include "codecs/duis/xml_normaliser.h"

namespace s1flow::codecs::duis {
namespace {

struct ScanCase {
  const char* name;
  const char* text;
  bool scanned;
  bool canonical;  // as the scanner says
};
class TagScannerTest : public testing::TestWithParam<ScanCase> {};

TEST_P(TagScannerTest, SaysOnlyWhatIsTrue) {
  const std::string text = GetParam().text;
  TagScanner scan(text, TagSource::any);
  TagScanner::Token token = scan.next();
  while (token != TagScanner::Token::declined && token != TagScanner::Token::finish)
    token = scan.next();
  ASSERT_EQ(token == TagScanner::Token::finish, GetParam().scanned);
  if (!GetParam().scanned) return;
  EXPECT_EQ(scan.canonical(), GetParam().canonical);
  XmlNormaliser xml;
  ASSERT_EQ(xml.normalise(text, text.size()), ReadOutcome::ok) << xml.why();
  if (GetParam().canonical) {
    EXPECT_EQ(xml.text(), text);
  }
}
const ScanCase scan_cases[] = {
    {"element", "<a></a>", true, true},
    {"nested", "<a><b>x</b> <c></c></a>", true, true},
    {"empty_element", "<a/>", true, false},
    {"attributes_in_order", "<a b=\"1\" c=\"2\"></a>", true, true},
    {"attributes_out_of_order", "<a c=\"1\" b=\"2\"></a>", true, false},
    {"single_quotes", "<a b='1'></a>", true, false},
    {"blank_in_a_tag", "<a ></a>", true, false},
    {"blank_in_an_end_tag", "<a></a >", true, false},
    {"two_blanks", "<a  b=\"1\"></a>", true, false},
    {"newline_before_an_attribute", "<a\nb=\"1\"></a>", true, false},
    {"namespace", "<p:a xmlns:p=\"urn:x\"></p:a>", true, true},
    {"default_namespace", "<a xmlns=\"urn:x\"></a>", true, true},
    {"namespace_after_attribute", "<p:a b=\"1\" xmlns:p=\"urn:x\"></p:a>", true, false},
    {"namespace_again", "<p:a xmlns:p=\"urn:x\"><p:b xmlns:p=\"urn:x\"></p:b></p:a>", true, false},
    {"two_namespaces", "<p:a xmlns:p=\"urn:x\" xmlns:q=\"urn:y\"></p:a>", true, false},
    {"references", "<a>&amp;&lt;&gt;&#xD;</a>", true, true},
    {"other_references", "<a>&quot;&apos;&#13;</a>", true, false},
    {"bare_greater_than", "<a>></a>", true, false},
    {"carriage_return", "<a>\r\n</a>", true, false},
    {"tab_and_newline", "<a>\t\n</a>", true, true},
    {"declaration", "<?xml version=\"1.0\"?><a></a>", true, false},
    {"space_around", " <a></a>\n", true, false},
    {"undeclared_prefix", "<p:a></p:a>", false, false},
    {"prefix_out_of_scope", "<a><p:b xmlns:p=\"urn:x\"></p:b><p:b></p:b></a>", false, false},
    {"relative_namespace", "<a xmlns=\"x\"></a>", false, false},
    {"xml_prefix_bound", "<a xmlns:xml=\"urn:x\"></a>", false, false},
    {"empty_prefixed_namespace", "<a xmlns:p=\"\"></a>", false, false},
    {"attribute_twice", "<a b=\"1\" b=\"2\"></a>", false, false},
    {"declaration_twice", "<a xmlns=\"urn:x\" xmlns=\"urn:y\"></a>", false, false},
    {"wrong_end", "<a></b>", false, false},
    {"longer_end", "<a></aa>", false, false},
    {"no_end", "<a>", false, false},
    {"text_after", "<a></a>x", false, false},
    {"two_roots", "<a></a><b></b>", false, false},
    {"comment", "<a><!-- --></a>", false, false},
    {"cdata", "<a><![CDATA[x]]></a>", false, false},
    {"cdata_end_in_text", "<a>]]></a>", false, false},
    {"doctype", "<!DOCTYPE a><a></a>", false, false},
    {"entity", "<a>&b;</a>", false, false},
    {"character_reference", "<a>&#65;</a>", false, false},
    {"beyond_ascii", "<a>\xC3\xA9</a>", false, false},
    {"control_character", "<a>\x01</a>", false, false},
    {"less_than_in_an_attribute", "<a b=\"<\"></a>", false, false},
    {"no_quotes", "<a b=1></a>", false, false},
    {"no_blank_between_attributes", "<a b=\"1\"c=\"2\"></a>", false, false},
    {"two_colons", "<p:a:b xmlns:p=\"urn:x\"></p:a:b>", false, false},
    {"colon_at_the_end", "<p: xmlns:p=\"urn:x\"></p:>", false, false},
    {"name_begins_with_digit", "<1></1>", false, false},
    {"nothing", "", false, false},
    {"only_space", "  ", false, false},
};
INSTANTIATE_TEST_SUITE_P(Documents, TagScannerTest, testing::ValuesIn(scan_cases),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace s1flow::codecs::duis
