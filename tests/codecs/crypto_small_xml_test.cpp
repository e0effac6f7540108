#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <libxml/c14n.h>
#include <libxml/parser.h>
#include <libxml/tree.h>

#include "codecs/crypto/small_xml.h"
#include "core/random.h"
#include "tests/codecs/crypto_support.h"

namespace s1flow::codecs::crypto {
namespace {

struct FreeXml {
  void operator()(xmlDoc* doc) const { xmlFreeDoc(doc); }
};

// The witness: the element inside a document that declares the context, canonicalised by libxml2 as
// a subtree. Nothing when libxml2 refuses the document, or (kNoForm) gives it no canonical form:
// namespace names that are relative references have none.
constexpr std::string_view kNoForm = "no form";
std::optional<std::string> libxml2_form(std::string_view element, const NamespaceContext& context) {
  std::string document = "<w";
  for (const auto& [prefix, uri] : context)
    document += (prefix.empty() ? " xmlns=\"" : " xmlns:" + prefix + "=\"") + uri + "\"";
  document += ">";
  document += element;
  document += "</w>";
  const std::unique_ptr<xmlParserCtxt, void (*)(xmlParserCtxt*)> parser(xmlNewParserCtxt(),
                                                                        &xmlFreeParserCtxt);
  const std::unique_ptr<xmlDoc, FreeXml> doc(
      xmlCtxtReadMemory(parser.get(), document.data(), static_cast<int>(document.size()), nullptr,
                        "UTF-8", XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING));
  // libxml2 also wants namespace names to be URIs, which is no rule of well-formedness.
  if (doc && parser->wellFormed != 0 &&
      (parser->lastError.code == XML_WAR_NS_URI ||
       parser->lastError.code == XML_WAR_NS_URI_RELATIVE))
    return std::string(kNoForm);
  if (!doc || parser->wellFormed == 0 || parser->nsWellFormed == 0) return std::nullopt;
  xmlNode* top = xmlFirstElementChild(xmlDocGetRootElement(doc.get()));
  if (top == nullptr || xmlNextElementSibling(top) != nullptr) return std::nullopt;
  const auto is_below = [](void* root, xmlNode* node, xmlNode* parent) {
    for (xmlNode* n = node->type == XML_NAMESPACE_DECL ? parent : node; n != nullptr; n = n->parent)
      if (n == root) return 1;
    return 0;
  };
  const std::unique_ptr<xmlBuffer, void (*)(xmlBuffer*)> bytes(xmlBufferCreate(), &xmlBufferFree);
  xmlSetStructuredErrorFunc(nullptr, [](void*, xmlError*) {});
  xmlOutputBuffer* out = xmlOutputBufferCreateBuffer(bytes.get(), nullptr);
  const int rc = xmlC14NExecute(doc.get(), is_below, top, XML_C14N_EXCLUSIVE_1_0, nullptr, 0, out);
  xmlOutputBufferClose(out);
  if (rc < 0) return std::string(kNoForm);
  return std::string(reinterpret_cast<const char*>(xmlBufferContent(bytes.get())),
                     static_cast<std::size_t>(xmlBufferLength(bytes.get())));
}

std::string our_form(std::string_view element, const NamespaceContext& context) {
  SmallXml xml;
  const XmlFault fault = xml.read(element, context);
  if (fault != XmlFault::none) return "fault: " + std::string(text_of(fault));
  std::string out;
  xml.append_exclusive_c14n(xml.root(), out);
  return out;
}

const NamespaceContext shadowing_context{
    {"", "urn:default"}, {"a", "urn:a"}, {"b", "urn:b"}, {"a", "urn:a2"}};
// libxml2 wants a document, which cannot declare a prefix twice in one tag.
const NamespaceContext plain_context{{"", "urn:default"}, {"a", "urn:a2"}, {"b", "urn:b"}};

struct FormCase {
  const char* name;
  std::string_view element;
  std::string_view form;
};
class ExclusiveFormTest : public testing::TestWithParam<FormCase> {};

TEST_P(ExclusiveFormTest, IsAsWrittenHereAndAsLibxml2HasIt) {
  EXPECT_EQ(our_form(GetParam().element, shadowing_context), GetParam().form);
  EXPECT_EQ(libxml2_form(GetParam().element, plain_context).value_or("refused"), GetParam().form);
}
const FormCase forms_cases[] = {
    {"empty_element", "<a:e/>", "<a:e xmlns:a=\"urn:a2\"></a:e>"},
    {"default_namespace", "<e><f/></e>", "<e xmlns=\"urn:default\"><f></f></e>"},
    {"taken_back", "<a:e><f xmlns=\"\"/></a:e>", "<a:e xmlns:a=\"urn:a2\"><f></f></a:e>"},
    {"taken_back_inside", "<e><f xmlns=\"\"><g/></f></e>",
     "<e xmlns=\"urn:default\"><f xmlns=\"\"><g></g></f></e>"},
    {"unused_left_out", "<e xmlns:c=\"urn:c\" xmlns=\"urn:x\"><b:f/></e>",
     "<e xmlns=\"urn:x\"><b:f xmlns:b=\"urn:b\"></b:f></e>"},
    {"repeated_in_siblings", "<e><a:f/><a:f/></e>",
     "<e xmlns=\"urn:default\"><a:f xmlns:a=\"urn:a2\"></a:f><a:f "
     "xmlns:a=\"urn:a2\"></a:f></e>"},
    {"rebound", "<a:e><a:f xmlns:a=\"urn:z\"/></a:e>",
     "<a:e xmlns:a=\"urn:a2\"><a:f xmlns:a=\"urn:z\"></a:f></a:e>"},
    {"attribute_order", "<e z=\"1\" b:m=\"2\" a:n=\"3\" c=\"4\"/>",
     "<e xmlns=\"urn:default\" xmlns:a=\"urn:a2\" xmlns:b=\"urn:b\" c=\"4\" z=\"1\" "
     "a:n=\"3\" b:m=\"2\"></e>"},
    {"attribute_escapes", "<b:e v='&lt;&gt;&amp;&quot;&apos;\"&#9;&#10;&#13;\t\n'/>",
     "<b:e xmlns:b=\"urn:b\" v=\"&lt;>&amp;&quot;'&quot;&#x9;&#xA;&#xD;  \"></b:e>"},
    {"text_escapes", "<b:e>&lt;&gt;&amp;&quot;&apos;\"&#13;\r\n\r\t&#x20AC;</b:e>",
     "<b:e xmlns:b=\"urn:b\">&lt;&gt;&amp;\"'\"&#xD;\n\n\t\xE2\x82\xAC</b:e>"},
    {"xml_attribute", "<b:e xml:lang=\"en\"/>", "<b:e xmlns:b=\"urn:b\" xml:lang=\"en\"></b:e>"},
    {"blanks_in_tags", "<b:e\n x = \"1\"\t></b:e >", "<b:e xmlns:b=\"urn:b\" x=\"1\"></b:e>"},
    {"other_letters", "<\xC3\xA9:\xC3\xB4 xmlns:\xC3\xA9=\"urn:e\"/>",
     "<\xC3\xA9:\xC3\xB4 xmlns:\xC3\xA9=\"urn:e\"></\xC3\xA9:\xC3\xB4>"},
};
INSTANTIATE_TEST_SUITE_P(Forms, ExclusiveFormTest, testing::ValuesIn(forms_cases),
                         [](const auto& test) { return std::string(test.param.name); });

struct RefusedCase {
  const char* name;
  std::string_view element;
  XmlFault fault;
};
class RefusedXmlTest : public testing::TestWithParam<RefusedCase> {};

TEST_P(RefusedXmlTest, HasItsFault) {
  SmallXml xml;
  EXPECT_EQ(text_of(xml.read(GetParam().element, shadowing_context)), text_of(GetParam().fault));
}
const RefusedCase faults_cases[] = {
    {"empty", "", XmlFault::malformed},
    {"text_only", "abc", XmlFault::malformed},
    {"doctype", "<!DOCTYPE e><e/>", XmlFault::doctype},
    {"doctype_inside", "<e><!DOCTYPE e></e>", XmlFault::doctype},
    {"comment", "<e><!-- c --></e>", XmlFault::comment},
    {"comment_after", "<e/><!-- c -->", XmlFault::comment},
    {"instruction", "<e><?p?></e>", XmlFault::processing_instruction},
    {"cdata", "<e><![CDATA[x]]></e>", XmlFault::cdata},
    {"entity", "<e>&nbsp;</e>", XmlFault::entity},
    {"no_semicolon", "<e>&amp</e>", XmlFault::entity},
    {"null_reference", "<e>&#0;</e>", XmlFault::entity},
    {"surrogate_reference", "<e>&#xD800;</e>", XmlFault::entity},
    {"too_high_reference", "<e>&#x110000;</e>", XmlFault::entity},
    {"empty_reference", "<e>&#;</e>", XmlFault::entity},
    {"long_reference", "<e>&#x00000000041;</e>", XmlFault::entity},
    {"nul_byte", std::string_view("<e>\0</e>", 8), XmlFault::encoding},
    {"control", "<e>\x01</e>", XmlFault::encoding},
    {"not_utf8", "<e>\xFF</e>", XmlFault::encoding},
    {"noncharacter", "<e>\xEF\xBF\xBE</e>", XmlFault::encoding},
    {"unknown_prefix", "<q:e/>", XmlFault::name_space},
    {"unknown_attribute_prefix", "<e q:a=\"\"/>", XmlFault::name_space},
    {"xmlns_as_prefix", "<xmlns:e/>", XmlFault::name_space},
    {"prefix_taken_back", "<e xmlns:a=\"\"/>", XmlFault::name_space},
    {"xml_rebound", "<e xmlns:xml=\"urn:x\"/>", XmlFault::name_space},
    {"other_for_xml", "<e xmlns:x=\"http://www.w3.org/XML/1998/namespace\"/>",
     XmlFault::name_space},
    {"xmlns_bound", "<e xmlns:xmlns=\"urn:x\"/>", XmlFault::name_space},
    {"attribute_twice", "<e x=\"1\" x=\"2\"/>", XmlFault::attribute_twice},
    {"attribute_twice_by_namespace", "<e xmlns:p=\"urn:p\" xmlns:q=\"urn:p\" p:x=\"1\" q:x=\"2\"/>",
     XmlFault::attribute_twice},
    {"declared_twice", "<e xmlns:p=\"urn:p\" xmlns:p=\"urn:p\"/>", XmlFault::attribute_twice},
    {"end_tag_differs", "<e></f>", XmlFault::malformed},
    {"end_tag_prefix_differs", "<a:e xmlns:c=\"urn:a2\"></c:e>", XmlFault::malformed},
    {"not_closed", "<e><f></e>", XmlFault::malformed},
    {"cut", "<e>", XmlFault::malformed},
    {"second_root", "<e/><e/>", XmlFault::malformed},
    {"text_after", "<e/>x", XmlFault::malformed},
    {"no_blank_between", "<e a=\"1\"b=\"2\"/>", XmlFault::malformed},
    {"less_than_in_value", "<e a=\"<\"/>", XmlFault::malformed},
    {"no_quotes", "<e a=1/>", XmlFault::malformed},
    {"cdata_end_in_text", "<e>]]></e>", XmlFault::malformed},
    {"two_colons", "<a:b:c/>", XmlFault::malformed},
    {"colon_first", "<:e/>", XmlFault::malformed},
    {"digit_first", "<1e/>", XmlFault::malformed},
    {"blank_first", "< e/>", XmlFault::malformed},
    {"lone_slash", "<e / >", XmlFault::malformed},
};
INSTANTIATE_TEST_SUITE_P(Faults, RefusedXmlTest, testing::ValuesIn(faults_cases),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(SmallXmlTest, HasLimits) {
  SmallXml xml;
  std::string nested;
  for (std::size_t i = 0; i < SmallXml::kMostDepth + 1; ++i) nested = "<e>" + nested + "</e>";
  EXPECT_EQ(xml.read(nested, {}), XmlFault::too_deep);
  std::string attributes = "<e";
  for (int i = 0; i < 40; ++i) attributes += " a" + std::to_string(i) + "=\"\"";
  EXPECT_EQ(xml.read(attributes + "/>", {}), XmlFault::too_many);
  std::string children = "<e>";
  for (int i = 0; i < 5000; ++i) children += "<f/>";
  EXPECT_EQ(xml.read(children + "</e>", {}), XmlFault::too_many);
  const std::string large = "<e>" + std::string(SmallXml::kDefaultLimit, 'x') + "</e>";
  EXPECT_EQ(xml.read(large, {}), XmlFault::too_large);
  EXPECT_EQ(xml.read(large, {}, large.size()), XmlFault::none);
}

TEST(SmallXmlTest, SaysWhereTheFaultIs) {
  SmallXml xml;
  const std::string_view text = "<e><f/><!-- c --></e>";
  EXPECT_EQ(xml.read(text, {}), XmlFault::comment);
  EXPECT_EQ(xml.fault_offset(), text.find("<!--"));
}

TEST(SmallXmlTest, AgreesWithXmllint) {
  if (!testing_support::have_program("xmllint"))
    GTEST_SKIP() << "xmllint is not installed (libxml2-utils)";
  const testing_support::TempFolder folder;
  const std::string_view document =
      "<p:SignedInfo xmlns:p=\"http://www.w3.org/2000/09/xmldsig#\" xmlns:q=\"urn:unused\">\r\n\t"
      "<p:CanonicalizationMethod\n Algorithm='urn:x&amp;y' />&#13;\n<q:r  b=\"2\" a=\"1\"/>"
      "</p:SignedInfo>";
  const Path path = folder.put("in.xml", document);
  const auto form =
      testing_support::run("xmllint --nonet --exc-c14n " + testing_support::shell_quoted(path));
  ASSERT_EQ(form.exit, 0);
  EXPECT_EQ(our_form(document, {}), form.out);
}

// Random elements and random damage to them.
class Generator {
 public:
  explicit Generator(std::uint64_t seed) : random_(seed) {}

  std::string element(int depth = 0) {
    const std::string name = pick({"", "a:", "b:", "p:"}) + pick({"e", "f", "g-1", "_h.x"});
    std::string out = "<" + name;
    if (depth == 0 || random_.chance(0.3)) out += " xmlns:p=\"" + pick({"urn:p", "urn:a2"}) + "\"";
    if (random_.chance(0.15)) out += " xmlns=\"" + pick({"", "urn:d", "urn:default"}) + "\"";
    if (random_.chance(0.15)) out += "\n xmlns:a = '" + pick({"urn:z", "urn:a2"}) + "'";
    if (random_.chance(0.4)) out += " " + pick({"z", "a:y", "b:x"}) + "=\"" + text(true) + "\"";
    if (random_.chance(0.4)) out += "\t" + pick({"c", "p:w", "xml:lang"}) + "='" + text(true) + "'";
    if (random_.chance(0.2)) return out + pick({"/>", " />"});
    out += ">";
    const auto parts = random_.below(depth < 4 ? 4 : 1);
    for (std::uint64_t i = 0; i < parts; ++i)
      out += random_.chance(0.5) ? element(depth + 1) : text(false);
    return out + "</" + name + pick({">", "\n>"});
  }

  std::string damage(std::string text) {
    const auto times = 1 + random_.below(3);
    for (std::uint64_t i = 0; i < times && !text.empty(); ++i) {
      const auto at = random_.below(text.size());
      static constexpr std::string_view kBytes = "<>&;\"'/:= \n\r\t#x1a]!-?p\xC3\xA9";
      const char byte = kBytes[random_.below(kBytes.size())];
      switch (random_.below(4)) {
        case 0:
          text[at] = byte;
          break;
        case 1:
          text.insert(at, 1, byte);
          break;
        case 2:
          text.erase(at, 1 + random_.below(3));
          break;
        default:
          text.insert(at, text.substr(random_.below(text.size()), random_.below(12)));
      }
    }
    return text;
  }

 private:
  std::string pick(std::initializer_list<const char*> from) {
    return from.begin()[random_.below(from.size())];
  }
  std::string text(bool in_value) {
    std::string out;
    const auto parts = random_.below(4);
    for (std::uint64_t i = 0; i < parts; ++i)
      out += pick({"x", " ", "\n", "\r\n", "\r", "\t", "&lt;", "&amp;", "&gt;", "&#13;", "&#x9;",
                   "&#10;", "&quot;", in_value ? "y" : "\"", "\xC3\xA9", "&#x20AC;", "AQ=="});
    return out;
  }
  Random random_;
};

TEST(SmallXmlTest, AgreesWithLibxml2OnRandomElements) {
  Generator generator(2019);
  int accepted = 0;
  for (int i = 0; i < 3000; ++i) {
    const std::string element = generator.element();
    const auto witness = libxml2_form(element, plain_context);
    const std::string ours = our_form(element, plain_context);
    ASSERT_NE(witness, kNoForm);
    if (witness) {
      ASSERT_EQ(ours, *witness) << element;
      ++accepted;
    } else {
      ASSERT_TRUE(ours.starts_with("fault")) << element;
    }
  }
  EXPECT_GT(accepted, 2000);
}

TEST(SmallXmlTest, NeverAcceptsWhatLibxml2RefusesNorGivesAnotherForm) {
  Generator generator(17);
  int accepted = 0;
  for (int i = 0; i < 20000; ++i) {
    const std::string element = generator.damage(generator.element());
    const std::string ours = our_form(element, plain_context);
    const auto witness = libxml2_form(element, plain_context);
    if (!ours.starts_with("fault")) {
      if (witness == kNoForm) continue;
      ASSERT_EQ(ours, witness.value_or("refused")) << element;
      ++accepted;
    }
  }
  EXPECT_GT(accepted, 1000);
}

}  // namespace
}  // namespace s1flow::codecs::crypto
