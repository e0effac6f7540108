// What ResponseWriter writes: read back by both readers, checked against the schema, signed.

#include <set>
#include <vector>

#include <gtest/gtest.h>

#include "codecs/duis/message.h"
#include "codecs/duis/response.h"
#include "codecs/duis/schema_checker.h"
#include "codecs/duis/signed_message.h"
#include "core/text.h"
#include "tests/codecs/allocation_counter.h"
#include "tests/codecs/duis_support.h"
#include "tests/codecs/xmldsig_support.h"

namespace s1flow::codecs::duis {
namespace {

using namespace testing_support;          // NOLINT: only this file
using namespace crypto::testing_support;  // NOLINT: only this file
using crypto::SignatureOutcome;

constexpr std::string_view kPayloadText = "GBCS bytes";
const MessageId kRequest{kSupplier, testing_support::kDevice, 77};

ResponseHeader ack_header(ResponseCode code) {
  return {kRequest, std::nullopt, code, time_of("2019-07-01T12:00:01.25Z")};
}
ResponseHeader response_header(ResponseCode code = response_code::kI0) {
  return {kRequest, kRequest.answered(), code, time_of("2019-07-01T12:00:01.25Z")};
}
AlertHeader alert_header() {
  AlertHeader h;
  h.response_id = MessageId{kDcc, kSupplier, 18446744073709551615ULL};
  h.at = time_of("2019-07-01T12:00:01.25Z");
  return h;
}
DccAlertSubject subject() {
  return {testing_support::kDevice, kHub, kRequest, {}, time_of("2019-07-01T12:00:00Z")};
}

struct ResponseCase {
  const char* name;
  ResponseHeader header;
  const char* variant;
  ResponsePayload payload;
  MessageKind kind;
  Payload read_payload;
};
class ResponseTest : public testing::TestWithParam<ResponseCase> {
 protected:
  [[nodiscard]] static std::string message(OuterSignature signature) {
    ResponseWriter writer = make_response_writer();
    std::string out;
    const Status status = writer.append_response(out, GetParam().header, srv(GetParam().variant),
                                                 GetParam().payload, signature);
    EXPECT_TRUE(status) << status.error().message();
    return out;
  }
};

TEST_P(ResponseTest, IsReadAsItWasWrittenByBothReaders) {
  for (const OuterSignature signature : {OuterSignature::no, OuterSignature::yes}) {
    const std::string text = message(signature);
    Message scanned;
    ASSERT_TRUE(scan_message(text, scanned)) << text;
    MessageReader reader;
    Message read;
    ASSERT_EQ(reader.read(text, read), ReadOutcome::ok) << reader.why();
    for (const Message& m : {scanned, read}) {
      EXPECT_EQ(m.kind, GetParam().kind);
      EXPECT_EQ(m.is_signed, signature == OuterSignature::yes);
      EXPECT_EQ(m.request, GetParam().header.request);
      EXPECT_EQ(m.response, GetParam().header.response);
      EXPECT_EQ(m.code, GetParam().header.code);
      EXPECT_EQ(m.at, GetParam().header.at);
      EXPECT_EQ(m.srv, &srv(GetParam().variant));
      EXPECT_EQ(m.payload, GetParam().read_payload);
      EXPECT_EQ(m.stands_for(), 1U);
      if (!m.gbcs_payload.empty()) {
        EXPECT_EQ(decode_base64(m.gbcs_payload), kPayloadText);
      }
    }
  }
}

TEST_P(ResponseTest, IsCanonicalAndValidByThePublishedSchema) {
  const std::string text = message(OuterSignature::yes);
  XmlNormaliser xml;
  ASSERT_EQ(xml.normalise(text, text.size()), ReadOutcome::ok);
  EXPECT_EQ(xml.text(), text);
  const auto path = published_schema();
  if (!path) GTEST_SKIP() << "S1FLOW_DUIS_SCHEMA does not name duis.xsd";
  static const auto schema = SchemaChecker::load(*path);
  ASSERT_TRUE(schema);
  EXPECT_EQ(schema->fault_of(text), "");
}

TEST_P(ResponseTest, CarriesASignatureOfTheDcc) {
  SignedMessageChecker checker;
  const std::string text = message(OuterSignature::yes);
  EXPECT_EQ(checker.check(text, shared_pki(), clock_of_tests()).outcome, SignatureOutcome::ok);
  EXPECT_EQ(checker.check(replaced(text, ":77<", ":78<"), shared_pki(), clock_of_tests()).outcome,
            SignatureOutcome::digest_mismatch);
  EXPECT_EQ(checker.check(message(OuterSignature::no), shared_pki(), clock_of_tests()).outcome,
            SignatureOutcome::missing);
}

const std::vector<unsigned char> payload_bytes(kPayloadText.begin(), kPayloadText.end());
const InventoryDevice devices[] = {
    {testing_support::kDevice, DeviceType::esme, "Commissioned", "Maker & Co", "M1"},
    {kHub, DeviceType::chf, "", "Maker", "H1"}};
const ResponseCase response_cases[] = {
    {"acknowledged", ack_header(response_code::kI99), "8.11", NoPayload{},
     MessageKind::acknowledgement, Payload::none},
    {"refused", ack_header(response_code::kE12), "11.2", NoPayload{}, MessageKind::acknowledgement,
     Payload::none},
    {"done_by_the_dcc", ack_header(response_code::kI0), "8.4", NoPayload{}, MessageKind::answer,
     Payload::none},
    {"pre_command", ack_header(response_code::kI0), "6.15.1",
     PreCommandPayload{"4.3", payload_bytes}, MessageKind::answer, Payload::pre_command},
    {"local_command", ack_header(response_code::kI0), "4.1.1", LocalCommandPayload{payload_bytes},
     MessageKind::answer, Payload::local_command},
    {"inventory", ack_header(response_code::kI0), "8.2", InventoryPayload{devices},
     MessageKind::answer, Payload::dsp_inventory},
    {"schedule_id", ack_header(response_code::kI0), "5.1", ScheduleIdPayload{1000000000000ULL},
     MessageKind::answer, Payload::dsp_schedule_id},
    {"response", response_header(), "4.1.1", GbcsPayload{payload_bytes},
     MessageKind::service_response, Payload::gbcs_payload},
    {"failed", response_header(response_code::kE21), "4.1.1", NoPayload{},
     MessageKind::service_response, Payload::none},
    {"scheduled", response_header(), "4.8.1", ScheduledPayload{payload_bytes, 5},
     MessageKind::service_response, Payload::dsp_scheduled_message},
    {"future_dated", response_header(), "6.15.1",
     FutureDatedAlertPayload{true, payload_bytes, 1, 2}, MessageKind::service_response,
     Payload::future_dated_device_alert},
    {"future_dated_failure", response_header(), "11.3",
     FutureDatedAlertPayload{false, payload_bytes, 65535, 65535}, MessageKind::service_response,
     Payload::future_dated_device_alert},
};
INSTANTIATE_TEST_SUITE_P(Kinds, ResponseTest, testing::ValuesIn(response_cases),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(ResponseWriterTest, RefusesWhatTheSchemaDoesNotAllowAndLeavesTheOutputAlone) {
  ResponseWriter writer = make_response_writer();
  std::string out = "kept";
  const std::vector<InventoryDevice> many(18, devices[0]);
  for (const ResponsePayload& payload :
       {ResponsePayload(ScheduleIdPayload{1000000000001ULL}),
        ResponsePayload(ScheduledPayload{payload_bytes, 1000000000001ULL}),
        ResponsePayload(InventoryPayload{}), ResponsePayload(InventoryPayload{many}),
        ResponsePayload(PreCommandPayload{std::string_view("\x01", 1), {}})})
    EXPECT_FALSE(
        writer.append_response(out, response_header(), srv("5.1"), payload, OuterSignature::yes));
  EXPECT_EQ(out, "kept");
}

TEST(ResponseWriterTest, NeedsAKeyToSign) {
  ResponseWriter writer(std::nullopt, std::nullopt);
  std::string out;
  EXPECT_TRUE(writer.append_acknowledgement(out, kRequest, srv("8.11"), response_code::kI99,
                                            time_of("2019-07-01T12:00:00Z"), OuterSignature::no));
  EXPECT_FALSE(writer.append_acknowledgement(out, kRequest, srv("8.11"), response_code::kI99,
                                             time_of("2019-07-01T12:00:00Z"), OuterSignature::yes));
}

TEST(ResponseWriterTest, AllocatesNothingInTheSteadyState) {
  ResponseWriter writer = make_response_writer();
  std::string out;
  out.reserve(1 << 16);
  const auto write_all = [&] {
    out.clear();
    bool good = true;
    for (const ResponseCase& c : response_cases)
      good = good &&
             writer.append_response(out, c.header, srv(c.variant), c.payload, OuterSignature::yes);
    return good;
  };
  ASSERT_TRUE(write_all());
  const std::size_t before = s1flow::testing_support::allocations();
  const bool good = write_all();
  EXPECT_EQ(s1flow::testing_support::allocations() - before, 0U);
  EXPECT_TRUE(good);
}

class DccAlertTest : public testing::TestWithParam<std::size_t> {};

TEST_P(DccAlertTest, IsWrittenReadAndValid) {
  const DccAlertCode code = DccAlertCode::at(GetParam());
  EXPECT_EQ(DccAlertCode::parse(code.text()), code);
  ResponseWriter writer = make_response_writer();
  std::string text;
  AlertHeader header = alert_header();
  header.throttling = Throttling{4, 1000};
  ASSERT_TRUE(writer.append_dcc_alert(text, header, code, subject(), OuterSignature::yes));
  Message scanned;
  ASSERT_TRUE(scan_message(text, scanned)) << text;
  MessageReader reader;
  Message read;
  ASSERT_EQ(reader.read(text, read), ReadOutcome::ok) << reader.why();
  for (const Message& m : {scanned, read}) {
    EXPECT_EQ(m.kind, MessageKind::dcc_alert);
    EXPECT_EQ(m.dcc_alert, code);
    EXPECT_EQ(m.dcc_body, code.body());
    EXPECT_EQ(m.stands_for(), 1000U);
    EXPECT_EQ(m.response, header.response_id);
    EXPECT_FALSE(m.request);
  }
  const auto path = published_schema();
  if (!path) GTEST_SKIP() << "S1FLOW_DUIS_SCHEMA does not name duis.xsd";
  static const auto schema = SchemaChecker::load(*path);
  ASSERT_TRUE(schema);
  EXPECT_EQ(schema->fault_of(text), "");
}
INSTANTIATE_TEST_SUITE_P(Codes, DccAlertTest, testing::Range(std::size_t{0}, DccAlertCode::kCount),
                         [](const auto& test) {
                           return std::string(DccAlertCode::at(test.param).text());
                         });

class DccAlertBodyTest : public testing::TestWithParam<std::size_t> {};
TEST_P(DccAlertBodyTest, IsWrittenReadAndValidUnderAnyCode) {
  const auto body = static_cast<DccAlertBody>(GetParam());
  EXPECT_EQ(parse_dcc_alert_body(element_of(body)), body);
  ResponseWriter writer = make_response_writer();
  std::string text;
  ASSERT_TRUE(writer.append_dcc_alert(text, alert_header(), *DccAlertCode::parse("N53"), body,
                                      subject(), OuterSignature::yes));
  Message scanned;
  ASSERT_TRUE(scan_message(text, scanned)) << text;
  EXPECT_EQ(scanned.dcc_body, body);
  EXPECT_TRUE(!scanned.device.empty() || scanned.subject ||
              body == DccAlertBody::firmware_upgrade_requested ||
              body == DccAlertBody::device_log_restored);
  const auto path = published_schema();
  if (!path) GTEST_SKIP() << "S1FLOW_DUIS_SCHEMA does not name duis.xsd";
  static const auto schema = SchemaChecker::load(*path);
  ASSERT_TRUE(schema);
  EXPECT_EQ(schema->fault_of(text), "");
}
INSTANTIATE_TEST_SUITE_P(Bodies, DccAlertBodyTest, testing::Range(std::size_t{0}, kDccAlertBodies),
                         [](const auto& test) {
                           return std::string(element_of(static_cast<DccAlertBody>(test.param)));
                         });

TEST(DccAlertSubjectTest, IsReadBackFromTheBodiesThatMigrationWaitsFor) {
  struct Case {
    const char* code;
    bool device;
    bool request;
  };
  for (const Case& c :
       {Case{"N12", true, true}, Case{"N13", true, true}, Case{"N16", true, false},
        Case{"N24", false, true}, Case{"N25", false, true}, Case{"N42", true, false},
        Case{"N55", true, true}, Case{"AD1", true, false}}) {
    ResponseWriter writer = make_response_writer();
    std::string text;
    ASSERT_TRUE(writer.append_dcc_alert(text, alert_header(), *DccAlertCode::parse(c.code),
                                        subject(), OuterSignature::no));
    Message m;
    ASSERT_TRUE(scan_message(text, m));
    EXPECT_EQ(m.device, c.device ? testing_support::kDevice : Eui64()) << c.code;
    EXPECT_EQ(m.subject, c.request ? std::optional(kRequest) : std::nullopt) << c.code;
    EXPECT_NE(m.dcc_alert.pairing(), Pairing::own) << c.code;
  }
}

TEST(DeviceAlertTest, IsWrittenReadAndValid) {
  ResponseWriter writer = make_response_writer();
  std::string text;
  AlertHeader header = alert_header();
  header.throttling = Throttling{1, 25};
  ASSERT_TRUE(
      writer.append_device_alert(text, header, {0x8F1D, payload_bytes}, OuterSignature::yes));
  Message m;
  ASSERT_TRUE(scan_message(text, m));
  EXPECT_EQ(m.kind, MessageKind::device_alert);
  EXPECT_EQ(m.device_alert_code, "8F1D");
  EXPECT_EQ(m.stands_for(), 25U);
  EXPECT_EQ(decode_base64(m.gbcs_payload), kPayloadText);
  const auto path = published_schema();
  if (!path) GTEST_SKIP() << "S1FLOW_DUIS_SCHEMA does not name duis.xsd";
  const auto schema = SchemaChecker::load(*path);
  ASSERT_TRUE(schema);
  EXPECT_EQ(schema->fault_of(text), "");
}

TEST(ResponseCodeTest, KnowsTheSchemasListAndNoOther) {
  std::set<std::string_view> texts;
  for (std::size_t i = 0; i < ResponseCode::kCount; ++i) {
    const ResponseCode code = ResponseCode::at(i);
    EXPECT_EQ(ResponseCode::parse(code.text()), code);
    texts.insert(code.text());
  }
  EXPECT_EQ(texts.size(), ResponseCode::kCount);
  for (const char* text : {"", "I1", "E6", "E 1", "e1", "E0", "E1009", "I0 "})
    EXPECT_FALSE(ResponseCode::parse(text)) << text;
  EXPECT_TRUE(response_code::kI99.is_success());
  EXPECT_FALSE(response_code::kE1.is_success());
  EXPECT_TRUE(ResponseCode::parse("W050201")->is_warning());
  EXPECT_EQ(ResponseCode::parse("E65")->meaning(), "");
}

}  // namespace
}  // namespace s1flow::codecs::duis
