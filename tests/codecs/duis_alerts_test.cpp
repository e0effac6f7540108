#include <cstdlib>
#include <string>

#include <gtest/gtest.h>

#include "codecs/duis/alerts.h"
#include "core/text.h"
#include "tests/codecs/allocation_counter.h"
#include "tests/codecs/xmldsig_support.h"

namespace s1flow::codecs::duis {
namespace {

using namespace crypto::testing_support;  // NOLINT: only this file
using crypto::CertificateUse;
using crypto::NamespaceContext;
using crypto::PartyRole;
using crypto::RequiredSigner;
using crypto::SignatureMaker;
using crypto::SignatureOutcome;

constexpr Eui64 kDevice{0x001DB2000A0B0C0D};
constexpr Eui64 kHub{0x001DB2000A0B0C01};

std::optional<SignatureMaker> maker_of(PartyRole role) {
  const auto& entry = entry_of(role, CertificateUse::xml_signing);
  auto maker = SignatureMaker::make(entry.certificate, entry.key());
  EXPECT_TRUE(maker);
  return std::optional<SignatureMaker>(*std::move(maker));
}

AlertWriter make_writer() {
  return {maker_of(PartyRole::dcc), maker_of(PartyRole::s1sp)};
}

AlertHeader header() {
  AlertHeader h;
  h.at = *UtcTime::parse("2019-07-01T12:00:01.25Z");
  return h;
}
AlertHeader full_header() {
  AlertHeader h = header();
  h.response_id = MessageId{kDcc, kSupplier, 18446744073709551615ULL};
  h.throttling = Throttling{7, 4294967295U};
  return h;
}

DeviceStatusChange status_change() {
  DeviceStatusChange alert;
  alert.device = kDevice;
  alert.import_mpxn = *Mpxn::parse("1200023305967");
  return alert;
}
S1spAlert s1sp_alert() {
  S1spAlert alert;
  alert.device = kDevice;
  alert.code = "S1VE1007";
  alert.at = *UtcTime::parse("2019-07-01T11:59:58Z");
  return alert;
}
crypto::Sha1Digest hash_of(std::string_view text) {
  return crypto::sha1_of(as_bytes(text));
}
const std::array<UpdatedCertificate, 3> three_certificates{
    {{CertificateType::digital_signing, hash_of("a")},
     {CertificateType::key_agreement, hash_of("b")},
     {CertificateType::key_agreement_top_up, hash_of("c")}}};
SecurityCredentialsUpdate credentials_update() {
  SecurityCredentialsUpdate alert;
  alert.device = kDevice;
  alert.role = RemotePartyRole::supplier;
  alert.certificates = three_certificates;
  return alert;
}

// Every message in its least and its fullest form.
struct MessageCase {
  const char* name;
  Status (*append)(AlertWriter& writer, std::string& out, OuterSignature signature);
};
const MessageCase message_cases[] = {
    {"n16", [](AlertWriter& w, std::string& out,
               OuterSignature s) { return w.append_n16(out, header(), status_change(), s); }},
    {"n16_gas",
     [](AlertWriter& w, std::string& out, OuterSignature s) {
       DeviceStatusChange alert = status_change();
       alert.import_mpxn = *Mpxn::parse("3938424403");
       return w.append_n16(out, header(), alert, s);
     }},
    {"n16_full",
     [](AlertWriter& w, std::string& out, OuterSignature s) {
       DeviceStatusChange alert = status_change();
       alert.secondary_import_mpan = *Mpxn::parse("1312345678111");
       alert.export_mpan = *Mpxn::parse("1200023305967");
       alert.variant = *EsmeVariant::parse("ADE");
       return w.append_n16(out, full_header(), alert, s);
     }},
    {"n24",
     [](AlertWriter& w, std::string& out, OuterSignature s) {
       return w.append_n24(out, header(), {{kSupplier, kHub, 1561982401250}}, s);
     }},
    {"n24_full",
     [](AlertWriter& w, std::string& out, OuterSignature s) {
       return w.append_n24(out, full_header(), {{kSupplier, kHub, 0}}, s);
     }},
    {"n42",
     [](AlertWriter& w, std::string& out, OuterSignature s) {
       SecurityCredentialsUpdate alert = credentials_update();
       alert.certificates = alert.certificates.first(1);
       return w.append_n42(out, header(), alert, s);
     }},
    {"n42_full",
     [](AlertWriter& w, std::string& out, OuterSignature s) {
       SecurityCredentialsUpdate alert = credentials_update();
       alert.floor_sequence_number = 9223372036854775807ULL;
       alert.top_up_floor_sequence_number = 0;
       return w.append_n42(out, full_header(), alert, s);
     }},
    {"n55",
     [](AlertWriter& w, std::string& out, OuterSignature s) {
       S1spAlert alert = s1sp_alert();
       alert.device = Eui64();
       return w.append_n55(out, header(), alert, s);
     }},
    {"n55_full",
     [](AlertWriter& w, std::string& out, OuterSignature s) {
       S1spAlert alert = s1sp_alert();
       alert.request = MessageId{kSupplier, kDevice, 42};
       alert.additional_information = "caf\xC3\xA9 <&> \"quoted\"\r\nsecond line";
       alert.utrn = "01234567890123456789";
       alert.dsp_schedule_id = 1000000000000ULL;
       return w.append_n55(out, full_header(), alert, s);
     }},
};

class AlertTest : public testing::TestWithParam<MessageCase> {
 protected:
  [[nodiscard]] std::string message(OuterSignature signature) const {
    AlertWriter writer = make_writer();
    std::string out;
    const Status status = GetParam().append(writer, out, signature);
    EXPECT_TRUE(status) << status.error().message();
    return out;
  }
};

// The outer signature is the last.
std::string outer_signature(const std::string& text) {
  const std::size_t begin = text.rfind("<ds:Signature ");
  const std::size_t end = text.rfind("</sr:Response>");
  return text.substr(begin, end - begin);
}
std::string without(std::string text, const std::string& part) {
  return replaced(std::move(text), part, "");
}

TEST_P(AlertTest, IsOneCanonicalLineAndTheSameApartFromItsSignature) {
  const std::string plain = message(OuterSignature::no);
  crypto::SmallXml xml;
  ASSERT_EQ(xml.read(plain, {}), crypto::XmlFault::none);
  std::string form;
  xml.append_exclusive_c14n(xml.root(), form);
  EXPECT_EQ(form, plain);
  EXPECT_TRUE(
      plain.starts_with("<sr:Response xmlns:sr=\"http://www.dccinterface.co.uk/"
                        "ServiceUserGateway\" schemaVersion=\"5.4\"><sr:Header>"));
  if (std::string_view(GetParam().name).starts_with("n55")) return;  // signed inside each time
  const std::string signed_message = message(OuterSignature::yes);
  EXPECT_EQ(without(signed_message, outer_signature(signed_message)), plain);
}

TEST_P(AlertTest, CarriesTheSignatureOfTheDcc) {
  const std::string text = message(OuterSignature::yes);
  const std::string signature = outer_signature(text);
  const std::string rest = without(text, signature);
  const NamespaceContext context{{"sr", "http://www.dccinterface.co.uk/ServiceUserGateway"}};
  const RequiredSigner dcc{CertificateUse::xml_signing, {PartyRole::dcc}, kDcc};
  EXPECT_EQ(judge(signature, context, crypto::sha256_of(as_bytes(rest)), dcc).outcome,
            SignatureOutcome::ok);
  EXPECT_EQ(judge(signature, context,
                  crypto::sha256_of(as_bytes(replaced(rest, "2019-07-01", "2019-07-02"))), dcc)
                .outcome,
            SignatureOutcome::digest_mismatch);
}

TEST_P(AlertTest, OuterSignatureIsGoodForXmlsec) {
  if (!have_program("xmlsec1")) GTEST_SKIP() << "xmlsec1 is not installed";
  const TempFolder folder;
  const auto& dcc = entry_of(PartyRole::dcc, CertificateUse::xml_signing);
  const Path file = folder.put("alert.xml", message(OuterSignature::yes));
  EXPECT_EQ(
      run("xmlsec1 --verify --pubkey-cert-pem " + shell_quoted(stem_of(dcc) + ".pem") +
          " --node-xpath \"/*/*[local-name()='Signature']\" " + shell_quoted(file) + " 2>/dev/null")
          .exit,
      0);
}

TEST_P(AlertTest, IsValidByThePublishedSchema) {
  const char* schema = std::getenv("S1FLOW_DUIS_SCHEMA");
  if (schema == nullptr) GTEST_SKIP() << "S1FLOW_DUIS_SCHEMA does not name duis.xsd";
  if (!have_program("xmllint")) GTEST_SKIP() << "xmllint is not installed (libxml2-utils)";
  const TempFolder folder;
  // Without the outer signature: libxml2 cannot validate a serial number of more than 24 digits.
  // The S1SP's stays in; its serials are short for this reason.
  const Path file = folder.put("alert.xml", message(OuterSignature::no));
  const auto verdict = run("xmllint --nonet --noout --schema " + shell_quoted(schema) + " " +
                           shell_quoted(file) + " 2>&1");
  EXPECT_EQ(verdict.exit, 0) << verdict.out;
}

TEST_P(AlertTest, IsWrittenWithoutAllocating) {
  AlertWriter writer = make_writer();
  std::string out;
  out.reserve(64 * 1024);
  ASSERT_TRUE(GetParam().append(writer, out, OuterSignature::yes));  // scratch grows once
  const std::size_t before = s1flow::testing_support::allocations();
  for (int i = 0; i < 5; ++i)
    if (!GetParam().append(writer, out, OuterSignature::yes)) FAIL();
  EXPECT_EQ(s1flow::testing_support::allocations() - before, 0U);
}
INSTANTIATE_TEST_SUITE_P(Messages, AlertTest, testing::ValuesIn(message_cases),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(AlertTextTest, N16HasTheFieldsOfItsSchemaInOrder) {
  AlertWriter writer = make_writer();
  std::string out;
  ASSERT_TRUE(writer.append_n16(out, header(), status_change(), OuterSignature::no));
  EXPECT_EQ(
      out,
      "<sr:Response xmlns:sr=\"http://www.dccinterface.co.uk/ServiceUserGateway\" "
      "schemaVersion=\"5.4\"><sr:Header><sr:ResponseCode>I0</sr:ResponseCode>"
      "<sr:ResponseDateTime>2019-07-01T12:00:01.250Z</sr:ResponseDateTime></sr:Header><sr:Body>"
      "<sr:DCCAlertMessage><sr:DCCAlertCode>N16</sr:DCCAlertCode><sr:DCCAlert>"
      "<sr:DeviceStatusChangeEvent><sr:DeviceID>00-1D-B2-00-0A-0B-0C-0D</sr:DeviceID>"
      "<sr:DeviceStatusChange><sr:MeterIdentity><sr:MeterMPxNs>"
      "<sr:ImportMPxN>1200023305967</sr:ImportMPxN></sr:MeterMPxNs></sr:MeterIdentity>"
      "</sr:DeviceStatusChange></sr:DeviceStatusChangeEvent></sr:DCCAlert></sr:DCCAlertMessage>"
      "</sr:Body></sr:Response>");
}

TEST(AlertTextTest, N24NamesTheRequest) {
  AlertWriter writer = make_writer();
  std::string out = "kept";
  ASSERT_TRUE(writer.append_n24(out, full_header(), {{kSupplier, kHub, 5}}, OuterSignature::no));
  EXPECT_TRUE(out.starts_with("kept<sr:Response "));
  EXPECT_NE(out.find("<sr:ResponseID>90-B3-D5-1F-30-00-00-02:90-B3-D5-1F-30-01-00-00:"
                     "18446744073709551615</sr:ResponseID>"),
            std::string::npos);
  EXPECT_NE(out.find("<sr:DCCAlertCode>N24</sr:DCCAlertCode>"
                     "<sr:ThrottledAlertSequenceId>7</sr:ThrottledAlertSequenceId>"
                     "<sr:ThrottledAlertCount>4294967295</sr:ThrottledAlertCount><sr:DCCAlert>"
                     "<sr:UpdateHANDeviceLogResult><sr:UpdateHANDeviceLogServiceRequestID>"
                     "90-B3-D5-1F-30-01-00-00:00-1D-B2-00-0A-0B-0C-01:5"
                     "</sr:UpdateHANDeviceLogServiceRequestID></sr:UpdateHANDeviceLogResult>"),
            std::string::npos);
}

TEST(AlertTextTest, N42NamesRoleAndHashes) {
  AlertWriter writer = make_writer();
  std::string out;
  ASSERT_TRUE(writer.append_n42(out, header(), credentials_update(), OuterSignature::no));
  EXPECT_NE(out.find("<sr:RemotePartyRole>Supplier</sr:RemotePartyRole><sr:Certificates>"
                     "<sr:CertificateType>DigitalSigning</sr:CertificateType>"
                     "<sr:CertificateHash>hvfkN/qlp/zhXR3cuerq6jd2Z7g=</sr:CertificateHash>"
                     "</sr:Certificates>"),
            std::string::npos)
      << out;
}

class N55Test : public testing::Test {
 protected:
  // The S1SPAlert in a message, and the document that the S1SP signed.
  static std::string alert_in(const std::string& message) {
    const std::size_t begin = message.find("<sr:S1SPAlert ");
    const std::string_view close = "</sr:S1SPAlert>";
    return message.substr(begin, message.find(close) + close.size() - begin);
  }
  static std::string alone(std::string alert) {
    return replaced(std::move(alert), "<sr:S1SPAlert ",
                    "<sr:S1SPAlert xmlns:sr=\"http://www.dccinterface.co.uk/ServiceUserGateway\" ");
  }
  static std::string make(OuterSignature outer) {
    AlertWriter writer = make_writer();
    std::string out;
    EXPECT_TRUE(writer.append_n55(out, header(), s1sp_alert(), outer));
    return out;
  }
  static SignatureOutcome judge_inner(const std::string& alert) {
    const std::string signature = cut_signature(alert);
    const std::string document = alone(without(alert, signature));
    const RequiredSigner s1sp{CertificateUse::xml_signing, {PartyRole::s1sp}, kS1sp};
    return judge(signature, {{"sr", "http://www.dccinterface.co.uk/ServiceUserGateway"}},
                 crypto::sha256_of(as_bytes(document)), s1sp)
        .outcome;
  }
};

TEST_F(N55Test, InnerSignatureIsThatOfTheAlertAsADocumentOfItsOwn) {
  for (const OuterSignature outer : {OuterSignature::no, OuterSignature::yes})
    EXPECT_EQ(judge_inner(alert_in(make(outer))), SignatureOutcome::ok);
}

TEST_F(N55Test, InnerSignatureFindsAChangedAlert) {
  const std::string alert = replaced(alert_in(make(OuterSignature::yes)), "S1VE1007", "S1VE1008");
  EXPECT_EQ(judge_inner(alert), SignatureOutcome::digest_mismatch);
}

TEST_F(N55Test, InnerSignatureIsGoodForXmlsecOnceTheAlertStandsAlone) {
  if (!have_program("xmlsec1")) GTEST_SKIP() << "xmlsec1 is not installed";
  const TempFolder folder;
  const auto& s1sp = entry_of(PartyRole::s1sp, CertificateUse::xml_signing);
  const Path file = folder.put("alert.xml", alone(alert_in(make(OuterSignature::yes))));
  EXPECT_EQ(run("xmlsec1 --verify --pubkey-cert-pem " + shell_quoted(stem_of(s1sp) + ".pem") + " " +
                shell_quoted(file) + " 2>/dev/null")
                .exit,
            0);
}

TEST_F(N55Test, OuterSignatureCoversTheInnerOne) {
  const std::string message = make(OuterSignature::yes);
  const std::string outer = outer_signature(message);
  const std::string inner = cut_signature(alert_in(message));
  const std::string rest = without(message, outer);
  ASSERT_NE(rest.find(inner), std::string::npos);
  const RequiredSigner dcc{CertificateUse::xml_signing, {PartyRole::dcc}, kDcc};
  EXPECT_EQ(judge(outer, {}, crypto::sha256_of(as_bytes(without(rest, inner))), dcc).outcome,
            SignatureOutcome::digest_mismatch);
}

// Values that the schema does not allow.
struct RefusedCase {
  const char* name;
  Status (*append)(AlertWriter& writer, std::string& out);
};
class RefusedAlertTest : public testing::TestWithParam<RefusedCase> {};

TEST_P(RefusedAlertTest, IsAnErrorAndLeavesTheOutputAlone) {
  AlertWriter writer = make_writer();
  std::string out = "before";
  const Status status = GetParam().append(writer, out);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().kind(), ErrorKind::usage);
  EXPECT_EQ(out, "before");
}

Status append_changed(AlertWriter& w, std::string& out, void (*change)(S1spAlert&)) {
  S1spAlert alert = s1sp_alert();
  change(alert);
  return w.append_n55(out, header(), alert, OuterSignature::yes);
}
Status append_changed(AlertWriter& w, std::string& out,
                      void (*change)(SecurityCredentialsUpdate&)) {
  SecurityCredentialsUpdate alert = credentials_update();
  change(alert);
  return w.append_n42(out, header(), alert, OuterSignature::yes);
}
Status append_changed(AlertWriter& w, std::string& out, void (*change)(DeviceStatusChange&)) {
  DeviceStatusChange alert = status_change();
  change(alert);
  return w.append_n16(out, header(), alert, OuterSignature::yes);
}

const std::array<UpdatedCertificate, 4> too_many{};
const RefusedCase refused_cases[] = {
    {"no_mpxn",
     [](AlertWriter& w, std::string& out) {
       return append_changed(
           w, out, +[](DeviceStatusChange& a) { a.import_mpxn = Mpxn(); });
     }},
    {"mprn_as_secondary",
     [](AlertWriter& w, std::string& out) {
       return append_changed(
           w, out,
           +[](DeviceStatusChange& a) { a.secondary_import_mpan = *Mpxn::parse("3938424403"); });
     }},
    {"mprn_as_export",
     [](AlertWriter& w, std::string& out) {
       return append_changed(
           w, out, +[](DeviceStatusChange& a) { a.export_mpan = *Mpxn::parse("3938424403"); });
     }},
    {"no_certificates",
     [](AlertWriter& w, std::string& out) {
       return append_changed(
           w, out, +[](SecurityCredentialsUpdate& a) { a.certificates = {}; });
     }},
    {"four_certificates",
     [](AlertWriter& w, std::string& out) {
       return append_changed(
           w, out, +[](SecurityCredentialsUpdate& a) { a.certificates = too_many; });
     }},
    {"floor_too_large",
     [](AlertWriter& w, std::string& out) {
       return append_changed(
           w, out,
           +[](SecurityCredentialsUpdate& a) { a.floor_sequence_number = 9223372036854775808ULL; });
     }},
    {"top_up_floor_alone",
     [](AlertWriter& w, std::string& out) {
       return append_changed(
           w, out, +[](SecurityCredentialsUpdate& a) { a.top_up_floor_sequence_number = 1; });
     }},
    {"no_code",
     [](AlertWriter& w, std::string& out) {
       return append_changed(
           w, out, +[](S1spAlert& a) { a.code = ""; });
     }},
    {"control_in_code",
     [](AlertWriter& w, std::string& out) {
       return append_changed(
           w, out, +[](S1spAlert& a) { a.code = "S1\x01"; });
     }},
    {"bad_utf8_in_information",
     [](AlertWriter& w, std::string& out) {
       return append_changed(
           w, out, +[](S1spAlert& a) { a.additional_information = "\xC3"; });
     }},
    {"short_utrn",
     [](AlertWriter& w, std::string& out) {
       return append_changed(
           w, out, +[](S1spAlert& a) { a.utrn = "0123456789012345678"; });
     }},
    {"letter_in_utrn",
     [](AlertWriter& w, std::string& out) {
       return append_changed(
           w, out, +[](S1spAlert& a) { a.utrn = "0123456789012345678A"; });
     }},
    {"schedule_too_large",
     [](AlertWriter& w, std::string& out) {
       return append_changed(
           w, out, +[](S1spAlert& a) { a.dsp_schedule_id = 1000000000001ULL; });
     }},
    {"no_key_of_the_dcc",
     [](AlertWriter&, std::string& out) {
       AlertWriter writer(std::nullopt, maker_of(PartyRole::s1sp));
       return writer.append_n16(out, header(), status_change(), OuterSignature::yes);
     }},
    {"no_key_of_the_s1sp",
     [](AlertWriter&, std::string& out) {
       AlertWriter writer(maker_of(PartyRole::dcc), std::nullopt);
       return writer.append_n55(out, header(), s1sp_alert(), OuterSignature::no);
     }},
};
INSTANTIATE_TEST_SUITE_P(Values, RefusedAlertTest, testing::ValuesIn(refused_cases),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(AlertWriterTest, NeedsNoKeysForUnsignedMessages) {
  AlertWriter writer(std::nullopt, std::nullopt);
  std::string out;
  EXPECT_TRUE(writer.append_n16(out, header(), status_change(), OuterSignature::no));
}

}  // namespace
}  // namespace s1flow::codecs::duis
