// What a layout can say beyond names: which entry of a group takes an instance, several columns for
// one group, octets in another form, several name spaces.

#include <gtest/gtest.h>

#include "codecs/decoder.h"
#include "codecs/encoder.h"
#include "codecs/files/inventory.h"
#include "codecs/files/maf.h"
#include "codecs/files/mvf.h"
#include "codecs/limits.h"
#include "tests/case_name.h"
#include "tests/codecs/layout_support.h"

namespace s1flow::codecs {
namespace {

TEST(LayoutSetTest, HoldsOneTypeWhereNoOtherIsAskedFor) {
  const auto all = LayoutSet::shipped();
  ASSERT_TRUE(all);
  for (const auto& layout : all->all()) {
    const auto one = LayoutSet::shipped(layout->type->id);
    ASSERT_TRUE(one);
    EXPECT_NE(one->find(layout->name()), nullptr) << layout->name();
    for (const auto& other : one->all()) EXPECT_EQ(other->type, layout->type);
  }
  const Path folder = Path(S1FLOW_SOURCE_DIR) / "tests/data/second-layouts";
  const auto with = LayoutSet::with_folder(folder), one = LayoutSet::with_folder(folder, "mcf");
  ASSERT_TRUE(with && one);
  EXPECT_EQ(one->preferred("mcf")->name(), with->preferred("mcf")->name());
  EXPECT_NE(one->find("mcf/1"), nullptr);
  EXPECT_NE(one->preferred("mef"), nullptr);  // the folder's own
  EXPECT_EQ(one->find("mef/1"), nullptr);
}

TEST(RequiredColumnTest, NamesTheFieldWhoseCellIsEmpty) {
  const auto layout = layout_of(R"(# of the tests
type = "maf"
version = "1"
container = "csv"
file-name = "M_{sender}"
[csv]
header = false
column = [ { name = "p", required = true }, { name = "w" }, { name = "d" }, { name = "o" },
           { name = "who", required = true }, { name = "c", required = true }, { name = "note", required = true } ]
[record]
mpxn = "p"
migration-week = "w"
migrate-on = "d"
operator-certificate = "o"
supplier-commissions = "who"
[record.supplier-certificate]
path = "c"
list = " "
serial = "."
)");
  ASSERT_TRUE(layout.has_value()) << layout.error().message();
  auto buffer = std::make_shared<Buffer>();
  buffer->append(
      "1000000000003,2021-06-07,2021-06-09,1,,,\r\n1000000000003,2021-06-07,2021-06-09,1,true,1 "
      "2,x\r\n");
  Chunk chunk;
  chunk.buffer = buffer;
  chunk.bytes = buffer->view();
  chunk.last = true;
  Arena arena;
  RecordBatch batch;
  std::vector<Fault> faults;
  make_decoder(*layout, Limits{})->decode(chunk, arena, batch, faults);
  EXPECT_TRUE(batch.faults.empty());
  std::vector<std::string> fields;
  for (const Fault& f : faults) {
    EXPECT_EQ(f.rule, &kValueMissing);
    EXPECT_EQ(f.record, "1000000000003");
    fields.push_back(f.field);
  }
  EXPECT_EQ(fields, (std::vector<std::string>{"supplier-commissions", "supplier-certificate.serial",
                                              "note"}));
}

// Reads `text` by a CSV or JSON Lines layout and writes what was read.
std::string through(const std::shared_ptr<const Layout>& layout, const std::string& text) {
  auto buffer = std::make_shared<Buffer>();
  buffer->append(text);
  Chunk chunk;
  chunk.buffer = buffer;
  chunk.bytes = buffer->view();
  chunk.last = true;
  Arena arena;
  RecordBatch batch;
  std::vector<Fault> faults;
  make_decoder(layout, Limits{})->decode(chunk, arena, batch, faults);
  for (const Fault& f : faults) ADD_FAILURE() << f.rule->id << ": " << f.note;
  for (const Fault& f : batch.faults)
    ADD_FAILURE() << f.rule->id << ": " << f.field << " " << f.seen;
  const auto encoder = make_encoder(layout);
  if (!encoder) return encoder.error().message();
  std::string out;
  const Record header(layout->type->header, arena);
  (*encoder)->begin(header, {}, out);
  for (const Record& r : batch.records) {
    const Record* one = &r;
    (*encoder)->encode({&one, 1}, nullptr, out);
  }
  return out;
}

struct ThroughCase {
  const char* name;
  const char* layout;
  const char* text;
};

void PrintTo(const ThroughCase& c, std::ostream* out) {
  *out << c.name;
}

class LayoutFormTest : public testing::TestWithParam<ThroughCase> {};

TEST_P(LayoutFormTest, WritesWhatItReads) {
  const auto layout = layout_of(GetParam().layout);
  ASSERT_TRUE(layout.has_value()) << layout.error().message();
  EXPECT_EQ(through(*layout, GetParam().text), GetParam().text);
}

constexpr const char* kColumns = R"(# of the tests
type = "maf"
version = "1"
container = "csv"
file-name = "M_{sender}"
[csv]
delimiter = "|"
line-end = "\n"
column = [ { name = "c1" }, { name = "p" }, { name = "c2" }, { name = "w" }, { name = "x" }, { name = "d" }, { name = "c3" }, { name = "o" } ]
[record]
mpxn = "p"
migration-week = { path = "w", format = "%d %b %Y" }
migrate-on = { path = "d", format = "%m/%d/%Y" }
operator-certificate = "o"
[[record.supplier-certificate]]
path = "c1"
serial = "."
[[record.supplier-certificate]]
path = "c2"
serial = "."
[[record.supplier-certificate]]
path = "c3"
serial = "."
)";

constexpr const char* kHubApart = R"(# of the tests
type = "inventory"
version = "1"
container = "jsonl"
[codes]
"device.type" = { chf = "0", esme = "1", gsme = "2" }
[record]
installation-id = "i"
smso = "s"
group-id = "g"
[[record.device]]
path = "hub"
set = { type = "chf" }
id = "id"
[[record.device]]
path = "kit/rest"
type = "t"
id = "id"
install-code = { path = "code", format = "base64" }
[record.device.meter-point]
path = "points"
mpxn = "."
[record.credential]
path = "secrets"
share = "for"
kind = "kind"
value = { path = "octets", format = "base64" }
)";

const ThroughCase kThrough[] = {
    {"three_columns_of_one_group", kColumns,
     "c1|p|c2|w|x|d|c3|o\n101|1000000000003|202|07 Jun 2021||06/09/2021|303|12\n"},
    {"the_first_of_three_columns", kColumns,
     "c1|p|c2|w|x|d|c3|o\n101|1000000000003||07 Jun 2021||06/09/2021||12\n"},
    {"no_instance_in_three_columns", kColumns,
     "c1|p|c2|w|x|d|c3|o\n|1000000000003||07 Jun 2021||06/09/2021||12\n"},
    {"the_hub_has_a_place_of_its_own", kHubApart,
     R"({"i":"A","s":"S","g":"AA","hub":{"id":"00-DB-12-00-00-00-00-01"},"kit":{"rest":[{"t":"1","id":"00-DB-12-00-00-00-00-02","code":"AQIDBAUG","points":["1000000000003"]},{"t":"2","id":"00-DB-12-00-00-00-00-03"}]}})"
     "\n"},
    {"only_the_hub", kHubApart,
     R"({"i":"A","s":"S","g":"AA","hub":{"id":"00-DB-12-00-00-00-00-01"}})"
     "\n"},
    {"two_hubs_stand_in_a_list", kHubApart,
     R"({"i":"A","s":"S","g":"AA","hub":[{"id":"00-DB-12-00-00-00-00-01"},{"id":"00-DB-12-00-00-00-00-09"}]})"
     "\n"},
    {"octets_in_base64", kHubApart,
     R"({"i":"A","s":"S","g":"AA","secrets":[{"for":"dco","kind":"k","octets":"AAECAwQ="}]})"
     "\n"},
};
INSTANTIATE_TEST_SUITE_P(Texts, LayoutFormTest, testing::ValuesIn(kThrough),
                         case_name<ThroughCase>);

// An MVF whose root is in one name space, its parts in another or in none.
constexpr const char* kParts = R"(<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"
    xmlns="urn:test" targetNamespace="urn:test" elementFormDefault="FORM">
  <xs:element name="Verdicts"><xs:complexType><xs:sequence>
    <xs:element name="Verdict" minOccurs="0" maxOccurs="unbounded"><xs:complexType><xs:sequence>
      <xs:element name="Site" type="xs:string"/><xs:element name="Code" type="xs:string"/>
    </xs:sequence></xs:complexType></xs:element>
  </xs:sequence></xs:complexType></xs:element>
</xs:schema>)";
constexpr const char* kVerdicts = R"(# of the tests
type = "mvf"
version = "1"
container = "xml"
[xml]
schema = "../../xsd/x.xsd"
root = "Verdicts"
record = "Verdict"
PREFIX
[record]
installation-id = "Site"
result = "Code"
)";

struct PrefixCase {
  const char* name;
  const char* form;
  const char* prefix;
  const char* written;
};

void PrintTo(const PrefixCase& c, std::ostream* out) {
  *out << c.name;
}

class LayoutPrefixTest : public testing::TestWithParam<PrefixCase> {};

TEST_P(LayoutPrefixTest, WritesNamesInTheirNameSpaces) {
  const auto put = [](std::string text, std::string_view word, std::string_view value) {
    return text.replace(text.find(word), word.size(), value);
  };
  const auto layout =
      layout_of(put(kVerdicts, "PREFIX", GetParam().prefix), put(kParts, "FORM", GetParam().form));
  ASSERT_TRUE(layout.has_value()) << layout.error().message();
  const auto encoder = make_encoder(*layout);
  ASSERT_TRUE(encoder.has_value()) << encoder.error().message();
  Arena arena;
  Record record((*layout)->type->record, arena);
  set_text(record[mvf::installation_id], "A");
  set_code(record[mvf::result], mvf::Result::accepted);
  std::string out;
  const Record header((*layout)->type->header, arena);
  const Record* one = &record;
  (*encoder)->begin(header, {}, out);
  (*encoder)->encode({&one, 1}, nullptr, out);
  (*encoder)->close(out);
  EXPECT_EQ(out, std::string("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n") + GetParam().written);
}

INSTANTIATE_TEST_SUITE_P(
    Forms, LayoutPrefixTest,
    testing::Values(
        PrefixCase{"qualified", "qualified", "",
                   "<Verdicts xmlns=\"urn:test\">\n<Verdict><Site>A</Site><Code>accepted</Code>"
                   "</Verdict>\n</Verdicts>\n"},
        PrefixCase{"unqualified_parts_need_a_prefix", "unqualified", "",
                   "<m:Verdicts xmlns:m=\"urn:test\">\n<Verdict><Site>A</Site><Code>accepted"
                   "</Code></Verdict>\n</m:Verdicts>\n"},
        PrefixCase{"prefix_of_the_layout", "qualified", "prefix = \"q\"",
                   "<q:Verdicts xmlns:q=\"urn:test\">\n<q:Verdict><q:Site>A</q:Site><q:Code>"
                   "accepted</q:Code></q:Verdict>\n</q:Verdicts>\n"}),
    case_name<PrefixCase>);

}  // namespace
}  // namespace s1flow::codecs
