#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "codecs/crypto/small_xml.h"
#include "codecs/duis/put.h"
#include "codecs/duis/request.h"
#include "codecs/duis/schema_checker.h"
#include "codecs/duis/xml_normaliser.h"
#include "core/text.h"
#include "tests/codecs/allocation_counter.h"
#include "tests/codecs/duis_support.h"
#include "tests/codecs/xmldsig_support.h"

namespace s1flow::codecs::duis {
namespace {

using namespace testing_support;  // NOLINT: only this file
using crypto::testing_support::replaced;
using crypto::testing_support::replaced_all;

std::string name_of_variant(std::string_view variant) {
  std::string name = "Srv";
  for (const char c : variant) name += c == '.' ? '_' : c;
  return name;
}

class TemplateTest : public testing::TestWithParam<ServiceReferenceVariant> {};

TEST_P(TemplateTest, IsItsOwnCanonicalForm) {
  const std::string request = request_of(GetParam().variant);
  XmlNormaliser xml;
  ASSERT_EQ(xml.normalise(request, request.size()), ReadOutcome::ok) << xml.why();
  EXPECT_EQ(xml.text(), request);
}

TEST_P(TemplateTest, IsValidByThePublishedSchemaInEachForm) {
  const auto path = published_schema();
  if (!path) GTEST_SKIP() << "S1FLOW_DUIS_SCHEMA does not name duis.xsd";
  static const auto schema = SchemaChecker::load(*path);
  ASSERT_TRUE(schema) << schema.error().message();
  EXPECT_EQ(schema->fault_of(request_of(GetParam().variant)), "");
  EXPECT_EQ(schema->fault_of(unsigned_request_of(GetParam().variant)), "");
  if (GetParam().future_datable()) {
    const RequestOptions dated{.dating = Dating::future_dated};
    EXPECT_EQ(schema->fault_of(request_of(GetParam().variant, 1, dated)), "");
  }
  if (!GetParam().critical) return;
  RequestSigner signer = supplier_signer();
  std::string out;
  ASSERT_TRUE(append_signed_pre_command(out, signer, GetParam(), values_of(1), {}));
  EXPECT_EQ(schema->fault_of(out), "");
}

TEST_P(TemplateTest, HasAboutTheSizeThatIsMeasuredElsewhere) {
  const std::size_t size = request_of(GetParam().variant).size();
  EXPECT_GE(size, GetParam().request_bytes.least * 9 / 10);
  // Signatures here carry end tags and a longer serial number.
  EXPECT_LE(size, GetParam().request_bytes.most * 5 / 4);
}

TEST_P(TemplateTest, LeavesNoMarkBehind) {
  const std::string request = request_of(GetParam().variant);
  EXPECT_EQ(request.find_first_of("{}"), std::string::npos);
  EXPECT_NE(request.find("<sr:" + std::string(GetParam().body)), std::string::npos);
}
INSTANTIATE_TEST_SUITE_P(All, TemplateTest,
                         testing::ValuesIn(srv_table().begin(), srv_table().end()),
                         [](const auto& test) { return name_of_variant(test.param.variant); });

TEST(PreparedRequestTest, WritesTheValuesInTheirPlaces) {
  const std::string request =
      request_of("4.8.1", 18446744073709551615ULL, {.dating = Dating::future_dated});
  EXPECT_EQ(request.substr(0, request.find("<ds:Signature")),
            "<sr:Request xmlns:sr=\"http://www.dccinterface.co.uk/ServiceUserGateway\" "
            "schemaVersion=\"5.4\"><sr:Header><sr:RequestID>90-B3-D5-1F-30-01-00-00:"
            "00-1D-B2-00-0A-0B-0C-0D:18446744073709551615</sr:RequestID><sr:CommandVariant>1"
            "</sr:CommandVariant><sr:ServiceReference>4.8</sr:ServiceReference>"
            "<sr:ServiceReferenceVariant>4.8.1</sr:ServiceReferenceVariant></sr:Header><sr:Body>"
            "<sr:ReadActiveImportProfileData><sr:ExecutionDateTime>2019-07-02T01:30:00.00Z"
            "</sr:ExecutionDateTime><sr:ReadLogPeriod><sr:StartDateTime>2019-06-30T00:00:00.00Z"
            "</sr:StartDateTime><sr:EndDateTime>2019-07-01T00:00:00.99Z</sr:EndDateTime>"
            "</sr:ReadLogPeriod></sr:ReadActiveImportProfileData></sr:Body>");
}

TEST(PreparedRequestTest, GivesTheSameBytesFreshAndPatchedApartFromTheSignature) {
  const auto form = *RequestTemplate::shipped(srv("8.11"));
  PreparedRequest reused(form);
  for (const std::uint64_t counter :
       {0ULL, 9ULL, 10ULL, 1666888999000ULL, 18446744073709551615ULL, 7ULL, 1000ULL}) {
    PreparedRequest fresh(form);
    EXPECT_EQ(*reused.make(values_of(counter)), *fresh.make(values_of(counter)));
  }
}

TEST(PreparedRequestTest, NamesTheTargetWhereNoOtherDeviceIsGiven) {
  PreparedRequest request(*RequestTemplate::shipped(srv("8.2")));
  RequestValues values = values_of(5);
  values.device = {};
  EXPECT_NE(request.make(values)->find("<sr:DeviceID>00-1D-B2-00-0A-0B-0C-0D</sr:DeviceID>"),
            std::string_view::npos);
}

TEST(PreparedRequestTest, WritesIntoTheCallersMemoryAndRefusesTooLittle) {
  RequestSigner signer = supplier_signer();
  PreparedRequest request(*RequestTemplate::shipped(srv("4.1.1")), signer);
  std::string room(request.most_bytes(), '#');
  const auto size = request.write(values_of(18446744073709551615ULL), room);
  ASSERT_TRUE(size);
  EXPECT_EQ(*size, room.size());
  EXPECT_TRUE(room.ends_with("</ds:Signature></sr:Request>"));
  const auto refused =
      request.write(values_of(18446744073709551615ULL), std::span(room).first(room.size() - 1));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind(), ErrorKind::usage);
}

TEST(PreparedRequestTest, AllocatesNothingInTheSteadyState) {
  RequestSigner signer = supplier_signer();
  PreparedRequest request(*RequestTemplate::shipped(srv("4.8.1")), signer);
  std::string room(request.most_bytes(), '#');
  ASSERT_TRUE(request.write(values_of(100), room));
  const std::size_t before = s1flow::testing_support::allocations();
  for (std::uint64_t counter = 101; counter < 200; ++counter)
    if (!request.write(values_of(counter), room)) FAIL();
  EXPECT_EQ(s1flow::testing_support::allocations() - before, 0U);
}

TEST(PreparedRequestTest, SharesOneSignerBetweenRequests) {
  RequestSigner signer = supplier_signer();
  PreparedRequest a(*RequestTemplate::shipped(srv("4.8.1")), signer);
  PreparedRequest b(*RequestTemplate::shipped(srv("7.4")), signer);
  for (std::uint64_t i = 0; i < 3; ++i) {
    EXPECT_NE(a.make(values_of(i))->find("4.8.1"), std::string_view::npos);
    EXPECT_NE(b.make(values_of(i))->find("ReadSupplyStatus"), std::string_view::npos);
  }
}

struct OptionCase {
  const char* name;
  const char* variant;
  RequestOptions options;
  bool allowed;
};
class OptionTest : public testing::TestWithParam<OptionCase> {};
TEST_P(OptionTest, FollowsTheTable) {
  const auto form = RequestTemplate::shipped(srv(GetParam().variant), GetParam().options);
  ASSERT_EQ(form.has_value(), GetParam().allowed);
  if (!form) {
    EXPECT_EQ(form.error().kind(), ErrorKind::usage);
  }
}
const OptionCase option_cases[] = {
    {"local_delivery", "4.1.1", {.command_variant = 2}, true},
    {"transform", "6.15.1", {.command_variant = 4}, true},
    {"signed_pre_command_is_no_template", "6.15.1", {.command_variant = 5}, false},
    {"critical_variant_of_a_plain_request", "4.1.1", {.command_variant = 4}, false},
    {"non_device", "8.2", {.command_variant = 8}, true},
    {"internal_to_the_dcc", "8.2", {.command_variant = 9}, false},
    {"future_dated", "11.2", {.dating = Dating::future_dated}, true},
    {"future_dated_critical", "6.15.1", {.dating = Dating::future_dated}, true},
    {"on_demand_only", "7.4", {.dating = Dating::future_dated}, false},
    {"always_dated", "8.5", {.dating = Dating::future_dated}, true},
};
INSTANTIATE_TEST_SUITE_P(Options, OptionTest, testing::ValuesIn(option_cases),
                         [](const auto& test) { return std::string(test.param.name); });

constexpr std::string_view kOwnTemplate =
    "<!-- ours -->\n"
    "<sr:Request xmlns:sr=\"http://www.dccinterface.co.uk/ServiceUserGateway\""
    " schemaVersion=\"5.4\">\n"
    "  <sr:Header>\n    <sr:RequestID>{request-id}</sr:RequestID>\n"
    "    <sr:CommandVariant>{command-variant}</sr:CommandVariant>\n"
    "    <sr:ServiceReference>3.1</sr:ServiceReference>\n"
    "    <sr:ServiceReferenceVariant>3.1</sr:ServiceReferenceVariant>\n  </sr:Header>\n"
    "  <sr:Body>\n    <sr:DisplayMessage>\n"
    "      <sr:SupplierMessage>Hello &amp; goodbye</sr:SupplierMessage>\n"
    "    </sr:DisplayMessage>\n  </sr:Body>\n</sr:Request>\n";

TEST(OwnTemplateTest, MayBeLaidOutForPeople) {
  const auto form = RequestTemplate::compile(kOwnTemplate, srv("3.1"));
  ASSERT_TRUE(form) << form.error().message();
  PreparedRequest request(*form);
  EXPECT_NE(request.make(values_of(1))
                ->find("<sr:Body><sr:DisplayMessage><sr:SupplierMessage>Hello &amp; goodbye<"),
            std::string_view::npos);
}

struct BadTemplateCase {
  const char* name;
  const char* from;
  const char* to;
};
class BadTemplateTest : public testing::TestWithParam<BadTemplateCase> {};
TEST_P(BadTemplateTest, IsAUsageError) {
  const std::string text = replaced_all(std::string(kOwnTemplate), GetParam().from, GetParam().to);
  const auto form = RequestTemplate::compile(text, srv("3.1"));
  ASSERT_FALSE(form);
  EXPECT_EQ(form.error().kind(), ErrorKind::usage);
  EXPECT_NE(form.error().message().find("3.1"), std::string::npos);
}
const BadTemplateCase bad_template_cases[] = {
    {"unknown_mark", "Hello", "{hello}"},
    {"mark_without_an_end", "Hello", "{hello"},
    {"no_request_id", "{request-id}", "90-B3-D5-1F-30-01-00-00:00-1D-B2-00-0A-0B-0C-0D:1"},
    {"other_variant", "3.1", "3.2"},
    {"other_body", "DisplayMessage", "ArmSupply"},
    {"self_closing", "<sr:SupplierMessage>Hello &amp; goodbye</sr:SupplierMessage>",
     "<sr:SupplierMessage/>"},
    {"unused_namespace", "<sr:Request ", "<sr:Request xmlns:x=\"urn:x\" "},
    {"other_prefix", "sr:", "q:"},
    {"reference_that_is_not_canonical", "&amp;", "&#38;"},
    {"no_end", "</sr:Request>", ""},
    {"comment_without_an_end", "-->", ""},
    {"doctype", "<sr:Request ", "<!DOCTYPE a><sr:Request "},
};
INSTANTIATE_TEST_SUITE_P(Templates, BadTemplateTest, testing::ValuesIn(bad_template_cases),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(SignedPreCommandTest, CarriesThePayloadUnderTheSameRequestId) {
  RequestSigner signer = supplier_signer();
  std::string out = "kept";
  const std::string payload = "\x01\x02\x03";
  ASSERT_TRUE(
      append_signed_pre_command(out, signer, srv("6.15.1"), values_of(7), as_bytes(payload)));
  EXPECT_TRUE(out.starts_with("kept<sr:Request "));
  EXPECT_NE(out.find(":7</sr:RequestID><sr:CommandVariant>5</sr:CommandVariant>"),
            std::string::npos);
  EXPECT_NE(out.find("<sr:SignedPreCommand><sr:GBCSPayload>AQID</sr:GBCSPayload>"),
            std::string::npos);
}

TEST(SignedPreCommandTest, IsRefusedForWhatIsNotCritical) {
  RequestSigner signer = supplier_signer();
  std::string out = "kept";
  EXPECT_FALSE(append_signed_pre_command(out, signer, srv("4.1.1"), values_of(7), {}));
  EXPECT_FALSE(append_signed_pre_command(out, signer, srv("6.15.1"), values_of(7), {},
                                         {.command_variant = 4}));
  EXPECT_FALSE(append_signed_pre_command(out, signer, srv("8.1.1"), values_of(7), {},
                                         {.command_variant = 6}));
  EXPECT_EQ(out, "kept");
}

TEST(RequestSignerTest, RefusesACertificateThatIsNotForSignatures) {
  const auto& pki = crypto::testing_support::shared_pki();
  const auto agreement = pki.find_with_key(
      crypto::PartyRole::supplier, crypto::testing_support::kSupplier,
      crypto::CertificateUse::key_agreement, crypto::testing_support::clock_of_tests());
  ASSERT_NE(agreement.entry, nullptr);
  EXPECT_FALSE(RequestSigner::make(agreement.entry->certificate, agreement.entry->key()));
}

TEST(PutTest, AgreesWithTheSlowerWriters) {
  for (const std::uint64_t value :
       {0ULL, 1ULL, 9ULL, 10ULL, 99ULL, 100ULL, 18446744073709551615ULL}) {
    std::string text(decimal_digits(value), '?');
    put_decimal(text.data(), value, text.size());
    EXPECT_EQ(text, std::to_string(value));
  }
  for (const char* time : {"1970-01-01T00:00:00.00Z", "1969-12-31T23:59:59.99Z",
                           "2000-02-29T12:34:56.78Z", "2199-12-31T23:59:59.01Z"}) {
    std::string text(kTimeChars, '?');
    put_time(text.data(), time_of(time));
    EXPECT_EQ(text, time);
  }
  const std::string bytes =
      "\x00\xFF\x10\x80"
      "abc";
  for (std::size_t n = 0; n <= bytes.size(); ++n) {
    std::string expected;
    append_base64(expected, as_bytes(std::string_view(bytes).substr(0, n)));
    std::string text(expected.size(), '?');
    EXPECT_EQ(put_base64(text.data(), as_bytes(std::string_view(bytes).substr(0, n))),
              text.data() + text.size());
    EXPECT_EQ(text, expected);
  }
}

}  // namespace
}  // namespace s1flow::codecs::duis
