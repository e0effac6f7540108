// Files whose records are signed one by one: what signing writes, and what a reader takes and
// refuses of it.

#include <gtest/gtest.h>

#include "codecs/xml/schema.h"
#include "pipeline/exchange/reader.h"
#include "pipeline/single/sign_records.h"
#include "tests/case_name.h"
#include "tests/codecs/layout_support.h"
#include "tests/pipeline/support.h"

namespace s1flow::pipeline {
namespace {

namespace crypto = codecs::crypto;

constexpr const char* kXsd = R"(<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"
    xmlns="urn:test" targetNamespace="urn:test" elementFormDefault="qualified">
  <xs:element name="Verdicts"><xs:complexType><xs:sequence>
    <xs:element name="Head"><xs:complexType>
      <xs:attribute name="from" type="xs:string" use="required"/>
    </xs:complexType></xs:element>
    <xs:element name="Verdict" minOccurs="0" maxOccurs="unbounded"><xs:complexType>
      <xs:sequence>
        <xs:element name="Why" type="xs:string" minOccurs="0" maxOccurs="9"/>
        <xs:any namespace="http://www.w3.org/2000/09/xmldsig#" processContents="skip" minOccurs="0"/>
      </xs:sequence>
      <xs:attribute name="ID" type="xs:string" use="required"/>
      <xs:attribute name="code" type="xs:string" use="required"/>
      <xs:attribute name="site" type="xs:string" use="required"/>
    </xs:complexType></xs:element>
  </xs:sequence></xs:complexType></xs:element>
</xs:schema>)";

constexpr const char* kLayout = R"(# of the tests
type = "mvf"
version = "signed-records"
container = "xml"
[xml]
schema = "../../xsd/x.xsd"
root = "Verdicts"
record = "Verdict"
[signature]
signer = "commissioning-party"
per = "record"
id = "@ID"
[header]
sender = "Head/@from"
[codes]
"result" = { accepted = "1", rejected = "0" }
[record]
installation-id = "@site"
result = "@code"
[record.reason]
path = "Why"
rule = "."
)";

struct World {
  Path folder;
  crypto::Pki pki;
  UtcTime clock;
  RuleSet rules;
  std::shared_ptr<const codecs::Layout> layout;
  std::shared_ptr<const codecs::XmlSchema> schema;
  const crypto::PkiEntry* signer = nullptr;
  const crypto::PkiEntry* other = nullptr;  // another role's
};

const World& world() {
  static const TemporaryFolder folder;  // goes with the program; the rest stays for OpenSSL's end
  static const World* const made = [] {
    auto* w = new World;
    w->folder = folder.path();
    make_week(w->folder / "b", {.installations = 10, .seed = 3});
    const Batch batch = *load_batch(w->folder / "b");
    w->clock = batch.clock;
    crypto::PkiOptions options;
    options.clock = batch.clock;
    w->pki = *crypto::Pki::load(batch.pki, options);
    for (const crypto::PkiEntry& e : w->pki.entries()) {
      if (e.use != crypto::CertificateUse::file_signing ||
          e.status_at(batch.clock) != crypto::CertificateStatus::ok)
        continue;
      if (e.role == crypto::PartyRole::commissioning_party) w->signer = &e;
      if (e.role == crypto::PartyRole::requesting_party) w->other = &e;
    }
    w->layout = *codecs::layout_of(kLayout, kXsd);
    const auto source = w->layout->source;
    w->schema = *codecs::XmlSchema::load(
        w->layout->schema_path, [source](const std::string& p) { return source->read(p); });
    return w;
  }();
  return *made;
}

std::string record_text(std::string_view id, std::string_view why = "Too late") {
  return "\n  <Verdict ID=\"" + std::string(id) + "\" code=\"0\" site=\"site-" + std::string(id) +
         "\">\n    <Why>" + std::string(why) + "</Why>\n  </Verdict>";
}
std::string file_text(std::string_view records) {
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Verdicts xmlns=\"urn:test\">\n  <Head "
         "from=\"" +
         world().signer->eui.text() + "\"></Head>" + std::string(records) + "\n</Verdicts>\n";
}
std::string three_records() {
  return file_text(record_text("A1") + record_text("A2") + record_text("A3"));
}

std::string sign(const std::string& text, SignedRecords& done, Replace replace = Replace::no,
                 const crypto::PkiEntry* with = world().signer, RunnerOptions runner = {}) {
  const Path path = world().folder / "plain.xml";
  put_text(path, text);
  std::string out;
  const crypto::PrivateKey key = with->key();
  auto result = sign_records(path, world().layout,
                             {.certificate = with->certificate,
                              .key = key,
                              .replace = replace,
                              .limits = {},
                              .runner = runner,
                              .memory = {}},
                             [&](std::string_view more) -> Status {
                               out += more;
                               return {};
                             });
  EXPECT_TRUE(result) << result.error().message();
  if (result) done = std::move(*result);
  return out;
}
std::string signed_text(const std::string& text) {
  SignedRecords done;
  std::string out = sign(text, done);
  EXPECT_TRUE(done.faults.empty()) << done.faults.front().note;
  return out;
}

FileVerdict read(const std::string& text, RunnerOptions runner = {},
                 MemoryBudget memory = MemoryBudget()) {
  const Path path = world().folder / "signed.xml";
  put_text(path, text);
  ReadContext context;
  context.pki = &world().pki;
  context.clock = world().clock;
  context.rules = &world().rules;
  context.runner = runner;
  context.memory = memory;
  auto verdict = ExchangeReader(world().layout, world().schema).read(path, {}, {}, context, {});
  EXPECT_TRUE(verdict) << verdict.error().message();
  return verdict ? std::move(*verdict) : FileVerdict{};
}

// "rule record note", a line for each finding.
std::string told(const FileVerdict& v) {
  std::string out;
  for (const Finding& f : v.findings)
    out += std::string(f.rule->id) + " " + f.record + ": " + f.note + "\n";
  return out;
}

std::string swapped(std::string text, std::string_view from, std::string_view to,
                    std::size_t after = 0) {
  const std::size_t at = text.find(from, after);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}
// The n-th Signature, from 0.
std::string_view signature_of(std::string_view text, std::size_t n) {
  std::size_t begin = text.find("<ds:Signature ");
  for (; n > 0; --n) begin = text.find("<ds:Signature ", begin + 1);
  const std::string_view end = "</ds:Signature>";
  return text.substr(begin, text.find(end, begin) + end.size() - begin);
}

TEST(RecordSignatures, HoldForEveryChunkSizeAndNumberOfWorkers) {
  std::string records;
  for (int i = 0; i < 50; ++i) records += record_text("R" + std::to_string(i));
  for (const std::size_t chunk : {std::size_t{1}, std::size_t{1000}, std::size_t{1} << 20})
    for (const unsigned workers : {1U, 2U}) {
      SignedRecords done;
      const RunnerOptions runner{.workers = workers, .chunk_bytes = chunk};
      const std::string text = sign(file_text(records), done, Replace::no, world().signer, runner);
      EXPECT_TRUE(done.faults.empty());
      EXPECT_EQ(done.records, 50U);
      const FileVerdict v = read(text, runner);
      EXPECT_TRUE(v.accepted) << told(v);
      ASSERT_TRUE(v.record_signatures);
      EXPECT_EQ(v.record_signatures->records, 50U);
      EXPECT_EQ(v.record_signatures->holding, 50U);
      EXPECT_EQ(v.signer, world().signer->file);
      EXPECT_EQ(v.fast_chunks, v.chunks);
    }
}

// Every byte but the signatures stays, and each stands before its record's end tag.
TEST(RecordSignatures, AreAllThatSigningAdds) {
  std::string text = signed_text(three_records());
  for (const char* id : {"A1", "A2", "A3"}) {
    const std::string signature(signature_of(text, 0));
    EXPECT_NE(signature.find("URI=\"#" + std::string(id) + "\""), std::string::npos);
    EXPECT_NE(text.find(signature + "</Verdict>"), std::string::npos);
    text = swapped(text, signature, "");
  }
  EXPECT_EQ(text, three_records());
}

TEST(RecordSignatures, AreReplacedWhenAsked) {
  const std::string once = signed_text(three_records());
  SignedRecords done;
  (void)sign(once, done);
  EXPECT_TRUE(done.signed_before);
  done = {};
  const std::string again = sign(once, done, Replace::yes);
  EXPECT_TRUE(done.faults.empty());
  EXPECT_TRUE(read(again).accepted);
  EXPECT_NE(again, once);
  EXPECT_EQ(again.size(), once.size());
}

// Spelled as no canonical writer would: the other way to a record's form.
TEST(RecordSignatures, HoldOverOtherSpellings) {
  const std::string records =
      "<t:Verdict xmlns:t='urn:test'  site='s' code='1' ID='_a.b-1'/>"
      "<Verdict ID=\"b\" code=\"0\" site=\"x\"><!-- c --><Why><![CDATA[<late>]]></Why "
      ">\r\n</Verdict\n>"
      "<Verdict site=\"y\" ID=\"c\" code=\"0\"><Why>caf\xC3\xA9 &#65;</Why></Verdict>";
  const std::string text = signed_text(file_text(records));
  const FileVerdict v = read(text);
  EXPECT_TRUE(v.accepted) << told(v) << text;
  EXPECT_EQ(v.record_signatures->holding, 3U);
  EXPECT_EQ(v.fast_chunks, 0U);
  EXPECT_FALSE(read(swapped(text, "&#65;", "B")).accepted);
}

TEST(RecordSignatures, AreNotMadeForIdsThatNothingCanName) {
  for (const char* id : {"1a", "", "a b", "a:b", "caf\xC3\xA9", "a&amp;b", "-a"}) {
    SignedRecords done;
    (void)sign(file_text(record_text("ok") + record_text(id)), done);
    ASSERT_EQ(done.faults.size(), 1U) << id;
    EXPECT_NE(done.faults[0].note.find("no id"), std::string::npos) << done.faults[0].note;
    EXPECT_EQ(done.faults[0].ordinal, 2U);
  }
  SignedRecords done;
  (void)sign(file_text(record_text("a") + record_text("b") + record_text("a")), done);
  ASSERT_EQ(done.faults.size(), 1U);
  EXPECT_EQ(done.faults[0].note, kRepeatedId);
  EXPECT_EQ(done.faults[0].ordinal, 3U);
}

// Ids that do not fit into memory are compared at the end.
TEST(RecordSignatures, TellRepeatedIdsHoweverManyThereAre) {
  std::string records;
  for (int i = 0; i < 3000; ++i)
    records += "<Verdict ID=\"R" + std::to_string(i) + "\" code=\"1\" site=\"s\"></Verdict>";
  const std::string text = signed_text(file_text(records));
  const std::string first =
      text.substr(text.find("<Verdict "), text.find("</Verdict>") + 10 - text.find("<Verdict "));
  const std::string twice = swapped(text, "\n</Verdicts>", first + "\n</Verdicts>");
  for (const std::uint64_t memory : {std::uint64_t{1}, std::uint64_t{1} << 24}) {
    const FileVerdict v = read(twice, {}, {.bytes = memory, .folder = {}});
    EXPECT_EQ(told(v).substr(0, 20), "file.signature-shape") << told(v);
    EXPECT_EQ(v.findings.size(), 1U);
    EXPECT_EQ(v.record_signatures->records, 3001U);
    EXPECT_EQ(v.record_signatures->holding, 3000U);
  }
}

struct RefusalCase {
  const char* name;
  std::function<std::string(std::string)> change;
  std::string findings;  // beginning of each line of what is told
  std::uint64_t holding = 2;
};
class RecordSignatureTest : public testing::TestWithParam<RefusalCase> {};

TEST_P(RecordSignatureTest, IsRefused) {
  const std::string text = GetParam().change(signed_text(three_records()));
  for (const std::size_t chunk : {std::size_t{1}, std::size_t{1} << 20}) {
    const FileVerdict v = read(text, {.workers = 2, .chunk_bytes = chunk});
    EXPECT_FALSE(v.accepted);
    EXPECT_EQ(told(v), GetParam().findings);
    ASSERT_TRUE(v.record_signatures);
    EXPECT_EQ(v.record_signatures->holding, GetParam().holding);
    for (const Finding& f : v.findings) EXPECT_EQ(f.severity, Severity::error);
  }
}

std::string shape(std::string_view record, std::string_view note) {
  return "file.signature-shape " + std::string(record) + ": " + std::string(note) + "\n";
}
constexpr std::string_view kOtherRecord =
    "the Reference does not name the record that it stands in";
constexpr std::string_view kNotLast = "the Signature is not the record's last child";
constexpr std::string_view kNs = "xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"";

const RefusalCase refusal_cases[] = {
    {"uri_of_nothing", [](std::string t) { return swapped(t, "URI=\"#A2\"", "URI=\"#A9\""); },
     shape("site-A2", kOtherRecord)},
    {"uri_of_another_record",
     [](std::string t) { return swapped(t, "URI=\"#A2\"", "URI=\"#A1\""); },
     shape("site-A2", kOtherRecord)},
    {"uri_of_the_document", [](std::string t) { return swapped(t, "URI=\"#A2\"", "URI=\"\""); },
     shape("site-A2", kOtherRecord)},
    {"uri_by_xpointer",
     [](std::string t) { return swapped(t, "URI=\"#A2\"", "URI=\"#xpointer(id('A2'))\""); },
     shape("site-A2", kOtherRecord)},
    {"uri_without_hash", [](std::string t) { return swapped(t, "URI=\"#A2\"", "URI=\"?A2\""); },
     shape("site-A2", "wrong shape")},
    {"two_references",
     [](std::string t) {
       const std::size_t begin = t.find("<ds:Reference ");
       const std::string reference = t.substr(begin, t.find("</ds:SignedInfo>", begin) - begin);
       return t.insert(begin, reference);
     },
     shape("site-A1",
           "SignedInfo must hold CanonicalizationMethod, SignatureMethod and one Reference")},
    {"swapped_signatures",
     [](std::string t) {
       const std::string first(signature_of(t, 0)), second(signature_of(t, 1));
       t = swapped(t, first, "SECOND");
       t = swapped(t, second, first);
       return swapped(t, "SECOND", second);
     },
     shape("site-A1", kOtherRecord) + shape("site-A2", kOtherRecord), 1},
    {"signature_of_another_record_renamed",
     [](std::string t) {
       const std::string first(signature_of(t, 0)), second(signature_of(t, 1));
       return swapped(t, second, swapped(first, "#A1", "#A2"));
     },
     "file.digest-mismatch site-A2: digest mismatch\n"},
    {"renamed_record",
     [](std::string t) {
       return swapped(swapped(t, "ID=\"A2\"", "ID=\"A7\""), "URI=\"#A2\"", "URI=\"#A7\"");
     },
     "file.digest-mismatch site-A2: digest mismatch\n"},
    {"changed_text",
     [](std::string t) { return swapped(t, "Too late", "Too lame", t.find("ID=\"A2\"")); },
     "file.digest-mismatch site-A2: digest mismatch\n"},
    {"changed_attribute",
     [](std::string t) { return swapped(t, "code=\"0\"", "code=\"1\"", t.find("ID=\"A3\"")); },
     "file.digest-mismatch site-A3: digest mismatch\n"},
    {"added_blank", [](std::string t) { return swapped(t, "</ds:Signature>", "</ds:Signature> "); },
     "file.digest-mismatch site-A1: digest mismatch\n"},
    {"changed_digest",
     [](std::string t) {
       const std::size_t at = t.find("<ds:DigestValue>") + 16;
       t[at] = t[at] == 'A' ? 'B' : 'A';
       return t;
     },
     "file.digest-mismatch site-A1: digest mismatch\n"},
    {"changed_value",
     [](std::string t) {
       const std::size_t at = t.find("<ds:SignatureValue>") + 19;
       t[at] = t[at] == 'A' ? 'B' : 'A';
       return t;
     },
     "file.signature-invalid site-A1: value invalid\n"},
    {"missing", [](std::string t) { return swapped(t, signature_of(t, 1), ""); },
     "file.signature-missing site-A2: the record has no Signature\n"},
    {"twice",
     [](std::string t) {
       const std::string first(signature_of(t, 0));
       return swapped(t, first, first + first);
     },
     shape("site-A1", "more than one Signature in the record")},
    {"not_the_last_child",
     [](std::string t) {
       const std::string first(signature_of(t, 0));
       t = swapped(t, first, "");
       return swapped(t, "<Why>", first + "<Why>");
     },
     shape("site-A1", kNotLast)},
    {"deeper",
     [](std::string t) {
       const std::string first(signature_of(t, 0));
       t = swapped(t, first, "");
       return swapped(t, "</Why>", first + "</Why>");
     },
     shape("site-A1", kNotLast)},
    {"comment_after_it",
     [](std::string t) { return swapped(t, "</ds:Signature>", "</ds:Signature><!-- -->"); },
     shape("site-A1", kNotLast)},
    {"element_after_it",
     [](std::string t) { return swapped(t, "</ds:Signature>", "</ds:Signature><Why>not</Why>"); },
     shape("site-A1", kNotLast)},
    {"repeated_record",
     [](std::string t) {
       const std::size_t begin = t.find("<Verdict "), end = t.find("</Verdict>") + 10;
       return swapped(t, "\n</Verdicts>", t.substr(begin, end - begin) + "\n</Verdicts>");
     },
     shape("site-A1", kRepeatedId), 3},
    {"signature_of_the_file",
     [](std::string t) {
       const std::string first(signature_of(t, 0));
       return swapped(t, "\n</Verdicts>", first + "\n</Verdicts>");
     },
     shape("", "a Signature outside of the records"), 3},
    {"record_of_another_namespace",
     [](std::string t) { return swapped(t, "<Verdict ", "<Verdict xmlns=\"urn:other\" "); },
     "file.signature-missing : an element in a record's place that the layout does not have\n" +
         shape("", "a Signature outside of the records"),
     2},
    {"only_enveloped",
     [](std::string t) {
       return swapped(t,
                      "<ds:Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\">"
                      "</ds:Transform>",
                      "");
     },
     shape("site-A1", "wrong shape")},
    {"inclusive_form",
     [](std::string t) {
       return swapped(t, "<ds:Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\">",
                      "<ds:Transform "
                      "Algorithm=\"http://www.w3.org/TR/2001/REC-xml-c14n-20010315\">");
     },
     "file.signature-algorithm site-A1: algorithm not allowed\n"},
    {"inclusive_prefixes",
     [](std::string t) {
       return swapped(t, "<ds:Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\">",
                      "<ds:Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\">"
                      "<i:InclusiveNamespaces xmlns:i=\"http://www.w3.org/2001/10/xml-exc-c14n#\" "
                      "PrefixList=\"x\"></i:InclusiveNamespaces>");
     },
     shape("site-A1", "Transform must have the attribute Algorithm and nothing else")},
    {"transforms_swapped",
     [](std::string t) {
       t = swapped(t, "<ds:Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-",
                   "<ds:Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#other-");
       return t;
     },
     "file.signature-algorithm site-A1: algorithm not allowed\n"},
    {"id_of_the_signature",
     [](std::string t) {
       return swapped(t, "<ds:Signature " + std::string(kNs),
                      "<ds:Signature " + std::string(kNs) + " Id=\"x\"");
     },
     shape("site-A1", "Signature must have no attribute")},
    {"other_signer",
     [](std::string) {
       SignedRecords done;
       return sign(three_records(), done, Replace::no, world().other);
     },
     "file.signer-role site-A1: signer role\nfile.signer-role site-A2: signer role\n"
     "file.signer-role site-A3: signer role\n",
     0},
    {"unknown_signer",
     [](std::string t) {
       const std::size_t at = t.find("</ds:X509SerialNumber>", t.find("ID=\"A2\"")) - 1;
       t[at] = t[at] == '1' ? '2' : '1';
       return t;
     },
     "file.signer-unknown site-A2: signer unknown\n"},
    {"no_records", [](std::string) { return file_text(""); },
     "file.signature-missing : without records nothing is signed\n", 0},
    {"not_signed", [](std::string) { return three_records(); },
     "file.signature-missing site-A1: the record has no Signature\n"
     "file.signature-missing site-A2: the record has no Signature\n"
     "file.signature-missing site-A3: the record has no Signature\n",
     0},
};
INSTANTIATE_TEST_SUITE_P(Changed, RecordSignatureTest, testing::ValuesIn(refusal_cases),
                         [](const auto& test) { return std::string(test.param.name); });

// One byte changed anywhere in a signed record is refused, but for the case of letters in the
// signer's name, which compares without.
TEST(RecordSignatures, RefuseAByteChangedAnywhere) {
  const std::string text = signed_text(file_text(record_text("A1")));
  const std::size_t begin = text.find("<Verdict "), end = text.find("</Verdict>");
  const std::size_t name_begins = text.find("X509IssuerName>"),
                    name_ends = text.find("X509IssuerName>", name_begins + 1);
  for (std::size_t at = begin; at < end; ++at)
    for (const char flip : {'\x01', '\x20'}) {
      if (flip == '\x20' && at > name_begins && at < name_ends) continue;
      std::string changed = text;
      changed[at] = static_cast<char>(changed[at] ^ flip);
      EXPECT_FALSE(read(changed, {.workers = 1}).accepted) << changed.substr(at - 5, 20);
    }
}

}  // namespace
}  // namespace s1flow::pipeline
