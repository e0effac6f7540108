// A record as its own signature sees it: the exclusive canonical form without the signature, by
// both ways, against forms written out by hand.

#include "codecs/xml/record_form.h"

#include <gtest/gtest.h>

#include "tests/case_name.h"

namespace s1flow::codecs {
namespace {

constexpr const char* kSignature =
    "<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:A></ds:A></ds:Signature>";

struct FormCase {
  const char* name;
  NamespaceScope scope;
  std::string record;
  std::string form;
  const char* id = nullptr;
};
class RecordFormTest : public testing::TestWithParam<FormCase> {};

RecordElement element_of(const FormCase& c) {
  return {.bytes = c.record, .scope = std::make_shared<const NamespaceScope>(c.scope)};
}
std::string_view signature_in(std::string_view record) {
  const std::size_t at = record.find(kSignature);
  return at == std::string_view::npos ? std::string_view()
                                      : record.substr(at, std::string_view(kSignature).size());
}
std::string id_of(const RecordForm& form) {
  return std::string(form.id().value_or("none"));
}

TEST_P(RecordFormTest, IsTheSameByBothWays) {
  const FormCase& c = GetParam();
  RecordForm form("id");
  for (int round = 0; round < 2; ++round) {  // nothing is left of the record before
    form.read_canonical(element_of(c), signature_in(c.record));
    EXPECT_EQ(form.bytes(), c.form);
    EXPECT_EQ(id_of(form), c.id == nullptr ? "none" : c.id);
    ASSERT_TRUE(form.read_any(element_of(c), signature_in(c.record)));
    EXPECT_EQ(form.bytes(), c.form);
    EXPECT_EQ(id_of(form), c.id == nullptr ? "none" : c.id);
  }
}

const FormCase canonical_cases[] = {
    {"no_namespace", {}, "<R id=\"a\"><A>x</A></R>", "<R id=\"a\"><A>x</A></R>", "a"},
    {"default_namespace",
     {{"", "urn:m"}},
     "<R id=\"a\"><A v=\"1\">x &amp; y</A></R>",
     "<R xmlns=\"urn:m\" id=\"a\"><A v=\"1\">x &amp; y</A></R>",
     "a"},
    {"prefix",
     {{"m", "urn:m"}, {"unused", "urn:u"}},
     "<m:R><m:A></m:A></m:R>",
     "<m:R xmlns:m=\"urn:m\"><m:A></m:A></m:R>"},
    {"unqualified_children",
     {{"m", "urn:m"}},
     "<m:R id=\"a\"><A></A>\n</m:R>",
     "<m:R xmlns:m=\"urn:m\" id=\"a\"><A></A>\n</m:R>",
     "a"},
    {"second_namespace_each_time",
     {{"", "urn:m"}, {"o", "urn:o"}},
     "<R><o:A></o:A><B></B><o:A><o:C></o:C></o:A></R>",
     "<R xmlns=\"urn:m\"><o:A xmlns:o=\"urn:o\"></o:A><B></B><o:A xmlns:o=\"urn:o\">"
     "<o:C></o:C></o:A></R>"},
    {"attribute_of_a_namespace",
     {{"", "urn:m"}, {"a", "urn:a"}, {"b", "urn:b"}},
     "<R id=\"1\" a:v=\"2\" b:v=\"3\"><A a:v=\"4\"></A></R>",
     "<R xmlns=\"urn:m\" xmlns:a=\"urn:a\" xmlns:b=\"urn:b\" id=\"1\" a:v=\"2\" b:v=\"3\">"
     "<A a:v=\"4\"></A></R>",
     "1"},
    {"attribute_of_another_namespace_is_no_id",
     {{"a", "urn:a"}},
     "<R a:id=\"x\"></R>",
     "<R xmlns:a=\"urn:a\" a:id=\"x\"></R>"},
    {"inner_id_is_not_the_records", {}, "<R><A id=\"x\"></A></R>", "<R><A id=\"x\"></A></R>"},
    {"own_declarations",
     {{"", "urn:m"}},
     "<R><e:E xmlns:e=\"urn:e\" xmlns:f=\"urn:f\" T=\"1\"><e:F></e:F><f:G></f:G></e:E></R>",
     "<R xmlns=\"urn:m\"><e:E xmlns:e=\"urn:e\" T=\"1\"><e:F></e:F>"
     "<f:G xmlns:f=\"urn:f\"></f:G></e:E></R>"},
    {"other_default_inside",
     {{"", "urn:m"}},
     "<R><E xmlns=\"urn:e\"><F></F></E><A></A></R>",
     "<R xmlns=\"urn:m\"><E xmlns=\"urn:e\"><F></F></E><A></A></R>"},
    {"prefix_bound_anew",
     {{"p", "urn:m"}},
     "<p:R><p:E xmlns:p=\"urn:e\"><p:F></p:F></p:E><p:A></p:A></p:R>",
     "<p:R xmlns:p=\"urn:m\"><p:E xmlns:p=\"urn:e\"><p:F></p:F></p:E><p:A></p:A></p:R>"},
    {"hidden_outside",
     {{"p", "urn:old"}, {"p", "urn:m"}},
     "<p:R></p:R>",
     "<p:R xmlns:p=\"urn:m\"></p:R>"},
    {"signature",
     {{"", "urn:m"}},
     std::string("<R id=\"a\"><A></A>\n") + kSignature + "\n</R>",
     "<R xmlns=\"urn:m\" id=\"a\"><A></A>\n\n</R>",
     "a"},
    {"nothing_but_a_signature", {}, std::string("<R>") + kSignature + "</R>", "<R></R>"},
    {"end_of_tag_in_a_value", {}, "<R id=\"a>b=c\"></R>", "<R id=\"a>b=c\"></R>", "a>b=c"},
    {"references_in_the_id",
     {},
     "<R id=\"&amp;lt;&lt;a&quot;&amp;\"></R>",
     "<R id=\"&amp;lt;&lt;a&quot;&amp;\"></R>",
     "&lt;<a\"&"},
};
INSTANTIATE_TEST_SUITE_P(Canonical, RecordFormTest, testing::ValuesIn(canonical_cases),
                         [](const auto& test) { return std::string(test.param.name); });

// What only the second way is asked for.
TEST(RecordForm, BringsOtherSpellingsIntoForm) {
  const FormCase c{.name = "",
                   .scope = {{"", "urn:m"}},
                   .record =
                       "<R  b='2'\tid = 'x' xmlns:u='urn:u'><A/><!-- c --><![CDATA[<]]>"
                       "<?p d?>\r\n</R >",
                   .form = {}};
  RecordForm form("id");
  ASSERT_TRUE(form.read_any(element_of(c), {}));
  EXPECT_EQ(form.bytes(), "<R xmlns=\"urn:m\" b=\"2\" id=\"x\"><A></A>&lt;<?p d?>\n</R>");
  EXPECT_EQ(id_of(form), "x");
}

TEST(RecordForm, RefusesWhatIsNotWellFormed) {
  RecordForm form("id");
  for (const char* record : {"<R><A></R>", "<p:R></p:R>", "<R></R><R></R", "<R>&e;</R>"})
    EXPECT_FALSE(
        form.read_any({.bytes = record, .scope = std::make_shared<const NamespaceScope>()}, {}))
        << record;
}

}  // namespace
}  // namespace s1flow::codecs
