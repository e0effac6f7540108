// Canonical XML as it falls out of parsing, against libxml2's own, on odd documents.

#include <memory>

#include <gtest/gtest.h>
#include <libxml/c14n.h>
#include <libxml/parser.h>

#include "codecs/xml/chunk_parser.h"
#include "tests/case_name.h"
#include "tests/codecs/reading.h"
#include "tests/codecs/streamed_c14n.h"

namespace s1flow::codecs {
namespace {

std::string canonical_by_libxml2(const std::string& document) {
  const std::unique_ptr<xmlDoc, void (*)(xmlDoc*)> tree(
      xmlReadMemory(document.data(), static_cast<int>(document.size()), "d.xml", nullptr,
                    XML_PARSE_NOENT | XML_PARSE_NONET),
      &xmlFreeDoc);
  EXPECT_NE(tree, nullptr);
  xmlChar* text = nullptr;
  const int size = xmlC14NDocDumpMemory(tree.get(), nullptr, XML_C14N_1_0, nullptr, 0, &text);
  EXPECT_GE(size, 0);
  std::string out(reinterpret_cast<const char*>(text), static_cast<std::size_t>(size));
  xmlFree(text);
  return out;
}

std::string canonical_by_us(const std::string& document) {
  const std::shared_ptr<const Layout> layout = shipped_layout("mvf");
  auto buffer = std::make_shared<Buffer>();
  buffer->append(document);
  Chunk chunk;
  chunk.buffer = buffer;
  chunk.bytes = buffer->view();
  chunk.last = true;
  Arena arena;
  XmlChunkResult result;
  XmlChunkParser parser(layout, nullptr, {});
  parser.parse(chunk, {}, {.decode = false, .canonical = true, .validate = false}, arena, nullptr,
               nullptr, result);
  EXPECT_TRUE(result.faults.empty()) << result.faults[0].note;
  return result.canonical;
}

struct DocumentCase {
  const char* name;
  std::string document;
};
class C14nDocumentTest : public testing::TestWithParam<DocumentCase> {};

TEST_P(C14nDocumentTest, EqualsLibxml2) {
  const std::string ours = canonical_by_us(GetParam().document);
  EXPECT_EQ(ours, canonical_by_libxml2(GetParam().document));
  // What is canonical stays as it is.
  EXPECT_EQ(canonical_by_us(ours), ours);
}

TEST_P(C14nDocumentTest, IsTheSameHoweverTheDocumentIsCutForTheReaderOfSingleOnes) {
  const std::string theirs = canonical_by_libxml2(GetParam().document);
  for (const std::size_t piece : {1UL, 2UL, 3UL, 7UL, 64UL, 1UL << 20})
    EXPECT_EQ(streamed_canonical(GetParam().document, piece), theirs) << piece;
}
INSTANTIATE_TEST_SUITE_P(
    Documents, C14nDocumentTest,
    testing::Values(
        DocumentCase{"Empty", "<a/>"}, DocumentCase{"Declaration", "<?xml version='1.0'?>\n\n<a/>"},
        DocumentCase{"ByteOrderMark", "\xEF\xBB\xBF<a>x</a>"},
        DocumentCase{"LineEnds", "<a>\r\n<b x='1\r\n2\t3'/>\r</a>\r\n"},
        DocumentCase{"ReferencesToControls", "<a x='&#9;&#10;&#13;&#32;'>&#9;&#10;&#13;</a>"},
        DocumentCase{"Escapes", "<a x='&lt;&gt;&amp;&quot;&apos;'>&lt;&gt;&amp;&quot;&apos;</a>"},
        DocumentCase{"Cdata", "<a><![CDATA[<&>]]>]]&gt;<![CDATA[]]></a>"},
        DocumentCase{"LineEndsInCdata",
                     "<a><![CDATA[\r\n1\r2\n\r\r\n]]>\r<![CDATA[\n\r]]><![CDATA[\n]]></a>"},
        DocumentCase{"LineEndsInInstructions", "<?p a\r\nb\rc?><a><?q \r\n\r?></a>"},
        DocumentCase{"LongCdataWithLineEnds", "<a><![CDATA[" + std::string(299, 'x') + "\r\n" +
                                                  std::string(5000, 'y') + "\r]]></a>"},
        DocumentCase{"AttributesInOrder", "<a z='1' b='2' A='3' _='4'/>"},
        DocumentCase{"AttributesByNamespace",
                     "<a xmlns:z='urn:a' xmlns:b='urn:z' b:a='1' z:b='2' c='3' z:a='4'/>"},
        DocumentCase{"NamespacesInOrder",
                     "<a xmlns:z='urn:1' xmlns='urn:2' xmlns:b='urn:3' xmlns:A='urn:4'/>"},
        DocumentCase{
            "NamespaceRepeated",
            "<a xmlns='urn:u' xmlns:p='urn:v'><b xmlns='urn:u' xmlns:p='urn:v'><p:c/></b></a>"},
        DocumentCase{
            "NamespaceRedefined",
            "<p:a xmlns:p='urn:u'><p:b xmlns:p='urn:v'><p:c xmlns:p='urn:u'/></p:b><p:d/></p:a>"},
        DocumentCase{"DefaultTakenBack",
                     "<a xmlns='urn:u'><b xmlns=''><c xmlns='urn:u'/></b><d/></a>"},
        DocumentCase{"EmptyDefaultAtTheRoot", "<a xmlns=''><b xmlns=''/></a>"},
        DocumentCase{"EmptyDefaultDeepDown", "<a xmlns='urn:u'><b xmlns=''><c xmlns=''/></b></a>"},
        DocumentCase{"UnusedNamespace", "<a xmlns:unused='urn:u'><b xmlns:unused='urn:v'/></a>"},
        DocumentCase{"XmlPrefix", "<a xml:lang='en' xml:space='preserve' b='1'><c/></a>"},
        DocumentCase{"XmlPrefixDeclared",
                     "<a xmlns:xml='http://www.w3.org/XML/1998/namespace' xml:lang='en'/>"},
        DocumentCase{"Comments", "<!-- a --><a><!-- b -->x<!-- c --></a><!-- d -->"},
        DocumentCase{"Instructions", "<?a?><?b  c ?>\n<a><?d e?></a>\n<?f?><?g h?>"},
        DocumentCase{"InstructionAmongComments", "<!--x--><?a b?><!--y--><a/><!--z--><?c?>"},
        DocumentCase{"Unicode",
                     "<\xC3\xA9 \xC3\xBC='\xE2\x82\xAC'>\xF0\x9F\x8F\xA0&#x1F3E0;</\xC3\xA9>"},
        DocumentCase{"BlanksInTags", "<a\n  b = '1'\tc=\"2\"\r\n></a\n>"},
        DocumentCase{"SignatureThatIsNoChildOfTheRoot",
                     "<a><b><Signature xmlns='http://www.w3.org/2000/09/xmldsig#'>x</Signature>"
                     "</b></a>"}),
    case_name<DocumentCase>);

// libxml2 leaves the ampersand as it is, which no parser would read again; the recommendation
// treats namespaces as attributes (2.3).
TEST(C14nTest, EscapesNamespacesAsAttributes) {
  EXPECT_EQ(canonical_by_us("<a xmlns='urn:u?a&amp;b'/>"), "<a xmlns=\"urn:u?a&amp;b\"></a>");
}

}  // namespace
}  // namespace s1flow::codecs
