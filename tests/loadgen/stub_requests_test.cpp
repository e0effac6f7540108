// What the stub answers to good and bad Service Requests.

#include <fmt/format.h>

#include "codecs/duis/signed_message.h"
#include "tests/case_name.h"
#include "tests/loadgen/stub_support.h"

namespace s1flow::loadgen::stub {
namespace {

using namespace testing_support;                // NOLINT: a test
using namespace codecs::duis::testing_support;  // NOLINT
using codecs::crypto::PartyRole;
using codecs::crypto::testing_support::clock_of_tests;
using codecs::crypto::testing_support::kSupplier;
using codecs::crypto::testing_support::shared_pki;
namespace duis = codecs::duis;

std::string replaced(std::string text, std::string_view what, std::string_view by) {
  const std::size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return text.replace(at, what.size(), by);
}

std::string unsigned_text(std::string_view variant, unsigned command_variant = 0) {
  return unsigned_request_of(variant, {.command_variant = command_variant});
}

struct RefusalCase {
  const char* name;
  std::function<std::string()> request;
  std::string_view path;
  const char* code;
  duis::RequestFault fault;
  const char* settings = "";
};

class StubRefusalTest : public testing::TestWithParam<RefusalCase> {};

TEST_P(StubRefusalTest, AnswersWithTheCodeOfTheFault) {
  const RefusalCase& c = GetParam();
  RunningStub stub(settings_of(c.settings));
  Client client(stub.endpoint());
  const std::string answer = client.post(c.path, c.request());
  EXPECT_EQ(code_of(answer), c.code) << answer;
  ASSERT_TRUE(stub.stop());
  const StubCounts counts = stub.counts();
  EXPECT_EQ(counts.faults[static_cast<std::size_t>(c.fault)], 1U);
  EXPECT_EQ(counts.of(Count::requests_refused), 1U);
  EXPECT_EQ(counts.of(Count::requests_accepted), 0U);
  EXPECT_EQ(counts.of(Count::answers_refused), 1U);
  EXPECT_EQ(counts.answer_codes[duis::ResponseCode::parse(c.code)->index()], 1U);
}

INSTANTIATE_TEST_SUITE_P(
    Faults, StubRefusalTest,
    testing::Values(
        RefusalCase{"not_xml", [] { return std::string("<a"); }, kSendCommand, "E100",
                    duis::RequestFault::not_xml},
        RefusalCase{"empty", [] { return std::string(); }, kSendCommand, "E100",
                    duis::RequestFault::not_xml},
        RefusalCase{"doctype", [] { return "<!DOCTYPE a>" + request_of("4.8.1"); }, kSendCommand,
                    "E100", duis::RequestFault::doctype},
        RefusalCase{"comment", [] { return "<!-- -->" + request_of("4.8.1"); }, kSendCommand,
                    "E100", duis::RequestFault::not_allowed},
        RefusalCase{"not_a_request", [] { return std::string("<a></a>"); }, kSendCommand, "E100",
                    duis::RequestFault::not_a_request},
        RefusalCase{"header", [] { return replaced(request_of("4.8.1"), ">4.8.1<", ">4.8.9<"); },
                    kSendCommand, "E100", duis::RequestFault::header},
        RefusalCase{"body",
                    [] {
                      std::string text = unsigned_text("4.8.1");
                      const std::size_t from = text.find("<sr:Body>") + 9;
                      text.replace(from, text.find("</sr:Body>") - from,
                                   "<sr:ReadInventory></sr:ReadInventory>");
                      return signed_by(PartyRole::supplier, text);
                    },
                    kSendCommand, "E100", duis::RequestFault::body},
        RefusalCase{"unsigned", [] { return unsigned_text("4.8.1"); }, kSendCommand, "E100",
                    duis::RequestFault::signature},
        RefusalCase{"changed_after_signing",
                    [] { return replaced(request_of("4.8.1", 77), ":77<", ":78<"); }, kSendCommand,
                    "E100", duis::RequestFault::signature},
        RefusalCase{"signed_by_no_user",
                    [] { return signed_by(PartyRole::s1sp, unsigned_text("4.8.1")); }, kSendCommand,
                    "E1", duis::RequestFault::signer},
        RefusalCase{
            "signed_by_another_user",
            [] { return signed_by(PartyRole::commissioning_party, unsigned_text("4.8.1")); },
            kSendCommand, "E1", duis::RequestFault::signer_is_not_originator},
        RefusalCase{"unknown_user", [] { return request_of("4.8.1"); }, kSendCommand, "E1",
                    duis::RequestFault::unknown_user,
                    "[[user]]\neui = \"90-B3-D5-1F-30-01-00-00\"\nrefuse = \"E1\""},
        RefusalCase{"user_status", [] { return request_of("4.8.1"); }, kSendCommand, "E3",
                    duis::RequestFault::user_status,
                    "[[user]]\neui = \"90-B3-D5-1F-30-01-00-00\"\nrefuse = \"E3\""},
        RefusalCase{"role", [] { return request_of("6.5"); }, kSendCommand, "E2",
                    duis::RequestFault::role},
        RefusalCase{"command_variant",
                    [] {
                      return signed_by(PartyRole::supplier,
                                       replaced(unsigned_text("4.8.1"), "<sr:CommandVariant>1<",
                                                "<sr:CommandVariant>4<"));
                    },
                    kTransform, "E12", duis::RequestFault::command_variant},
        RefusalCase{"service_of_a_read", [] { return request_of("4.8.1"); }, kTransform, "E13",
                    duis::RequestFault::service},
        RefusalCase{"service_of_the_dcc", [] { return request_of("8.2"); }, kSendCommand, "E13",
                    duis::RequestFault::service},
        RefusalCase{"unknown_device", [] { return request_of("4.8.1"); }, kSendCommand, "E19",
                    duis::RequestFault::unknown_device, "[devices]\nothers_exist = false"},
        RefusalCase{"authority", [] { return request_of("4.8.1"); }, kSendCommand, "E4",
                    duis::RequestFault::authority,
                    "[[device]]\neui = \"00-1D-B2-00-0A-0B-0C-0D\"\nrefuse = \"E4\""},
        RefusalCase{"device_status", [] { return request_of("4.8.1"); }, kSendCommand, "E5",
                    duis::RequestFault::device_status,
                    "[[device]]\neui = \"00-1D-B2-00-0A-0B-0C-0D\"\nrefuse = \"E5\""},
        RefusalCase{"device_type", [] { return request_of("4.8.1"); }, kSendCommand, "E11",
                    duis::RequestFault::device_type,
                    "[[device]]\neui = \"00-1D-B2-00-0A-0B-0C-0D\"\ntype = \"CHF\""},
        RefusalCase{"local_command", [] { return request_of("4.8.1", 1, {.command_variant = 2}); },
                    kNonDevice, "E17", duis::RequestFault::local_command,
                    "[[device]]\neui = \"00-1D-B2-00-0A-0B-0C-0D\"\nrefuse = \"E17\""}),
    case_name<RefusalCase>);

struct OrderCase {
  const char* name;
  const char* order;
  std::vector<std::uint64_t> counters;
  std::vector<std::string> codes;
};
class StubDuplicateTest : public testing::TestWithParam<OrderCase> {};
TEST_P(StubDuplicateTest, RefusesCountersAsTheOrderSays) {
  RunningStub stub(settings_of(fmt::format("[checks]\nduplicates = \"{}\"", GetParam().order)));
  Client client(stub.endpoint());
  std::vector<std::string> codes;
  for (const std::uint64_t counter : GetParam().counters)
    codes.push_back(code_of(client.post(kSendCommand, request_of("4.8.1", counter))));
  EXPECT_EQ(codes, GetParam().codes);
}
INSTANTIATE_TEST_SUITE_P(
    Orders, StubDuplicateTest,
    testing::Values(OrderCase{"window", "window", {5, 4, 5, 6}, {"I99", "I99", "E100", "I99"}},
                    OrderCase{"rising", "rising", {5, 4, 5, 6}, {"I99", "E100", "E100", "I99"}},
                    OrderCase{"off", "off", {5, 4, 5, 6}, {"I99", "I99", "I99", "I99"}}),
    case_name<OrderCase>);

struct AnswerCase {
  const char* name;
  const char* variant;
  unsigned command_variant;
  std::string_view path;
  const char* code;
  duis::MessageKind kind;
  duis::Payload payload;
};
class StubAnswerTest : public testing::TestWithParam<AnswerCase> {};
TEST_P(StubAnswerTest, IsThatOfItsServiceAndItsSignatureHolds) {
  const AnswerCase& c = GetParam();
  RunningStub stub(settings_of("sign = \"all\""));
  Client client(stub.endpoint());
  const std::string answer =
      client.post(c.path, request_of(c.variant, 9, {.command_variant = c.command_variant}));
  ASSERT_TRUE(answer.starts_with("HTTP/1.1 200")) << answer;
  const duis::Message message = read_message(std::string(body_of(answer)));
  EXPECT_EQ(message.code.text(), c.code);
  EXPECT_EQ(message.kind, c.kind);
  EXPECT_EQ(message.payload, c.payload);
  EXPECT_EQ(message.request->counter, 9U);
  duis::SignedMessageChecker checker;
  EXPECT_EQ(checker.check(body_of(answer), shared_pki(), clock_of_tests()).outcome,
            codecs::crypto::SignatureOutcome::ok);
}
INSTANTIATE_TEST_SUITE_P(
    Services, StubAnswerTest,
    testing::Values(AnswerCase{"send_command", "4.8.1", 0, kSendCommand, "I99",
                               duis::MessageKind::acknowledgement, duis::Payload::none},
                    AnswerCase{"transform", "1.5", 0, kTransform, "I0", duis::MessageKind::answer,
                               duis::Payload::pre_command},
                    AnswerCase{"local", "4.8.1", 2, kNonDevice, "I0", duis::MessageKind::answer,
                               duis::Payload::local_command},
                    AnswerCase{"inventory", "8.2", 0, kNonDevice, "I0", duis::MessageKind::answer,
                               duis::Payload::dsp_inventory},
                    AnswerCase{"schedule", "5.1", 0, kNonDevice, "I0", duis::MessageKind::answer,
                               duis::Payload::dsp_schedule_id},
                    AnswerCase{"firmware", "11.1", 0, kNonDevice, "I0", duis::MessageKind::answer,
                               duis::Payload::none}),
    case_name<AnswerCase>);

TEST(StubVerificationTest, LooksAtNoSignatureWhenToldSoAndSaysIt) {
  StubSettings settings = settings_of("");
  settings.checks.verify_share = 0;
  RunningStub stub(std::move(settings));
  Client client(stub.endpoint());
  EXPECT_EQ(code_of(client.post(kSendCommand, unsigned_text("4.8.1"))), "I99");
  client.say("GET /stats HTTP/1.1\r\nHost: a\r\n\r\n");
  const std::string stats = client.answer();
  EXPECT_NE(stats.find(R"("signatures_verified":"none")"), std::string::npos) << stats;
  EXPECT_NE(stats.find(R"("judged":1,"accepted":1,"refused":0,"verified":0)"), std::string::npos);
}

TEST(StubVerificationTest, LooksAtAboutTheShareThatItWasTold) {
  StubSettings settings = settings_of("[checks]\nverify = 0.25");
  RunningStub stub(std::move(settings));
  Client client(stub.endpoint());
  codecs::duis::RequestSigner signer = supplier_signer();
  codecs::duis::PreparedRequest request(*codecs::duis::RequestTemplate::shipped(srv("4.8.1")),
                                        signer);
  for (std::uint64_t i = 1; i <= 400; ++i)
    EXPECT_EQ(code_of(client.post(kSendCommand, *request.make(values_of(i)))), "I99");
  EXPECT_NEAR(static_cast<double>(stub.count(Count::requests_verified)), 100, 40);
}

TEST(StubErrorTest, IsToldAtOnceWhenTheDccWouldKnowIt) {
  RunningStub stub(settings_of("[[srv]]\nvariants = [\"4.8.1\"]\nerrors = { E5 = 1.0 }"));
  Client client(stub.endpoint());
  EXPECT_EQ(code_of(client.post(kSendCommand, request_of("4.8.1"))), "E5");
  EXPECT_EQ(code_of(client.post(kSendCommand, request_of("8.11", 2))), "I99");
  EXPECT_EQ(stub.count(Count::answers_refused_on_purpose), 1U);
  EXPECT_EQ(stub.count(Count::requests_accepted), 2U);
}

struct FaultCase {
  const char* name;
  const char* settings;
  Count counted;
  std::function<bool(const std::optional<std::string>&)> heard;
};
class StubFaultTest : public testing::TestWithParam<FaultCase> {};
TEST_P(StubFaultTest, IsMadeOnPurposeAndCounted) {
  RunningStub stub(settings_of(std::string("[faults]\n") + GetParam().settings + " = 1.0"));
  Client client(stub.endpoint());
  client.say(post_text(kSendCommand, request_of("4.8.1")));
  ASSERT_TRUE(stub.comes_to(GetParam().counted, 1));
  // What would keep the connection gives it up when the client does.
  client.end_our_side();
  const auto heard = client.rest();
  EXPECT_TRUE(GetParam().heard(heard)) << heard.value_or("(reset)");
  EXPECT_EQ(stub.count(GetParam().counted), 1U);
}
INSTANTIATE_TEST_SUITE_P(
    Faults, StubFaultTest,
    testing::Values(FaultCase{"reset", "reset", Count::faults_reset,
                              [](const auto& t) { return !t; }},
                    FaultCase{"truncated", "truncate", Count::faults_truncated,
                              [](const auto& t) {
                                return t && t->starts_with("HTTP/1.1 200") &&
                                       t->find("</sr:Response>") == std::string::npos;
                              }},
                    FaultCase{"half_closed", "half_close", Count::faults_half_closed,
                              [](const auto& t) {
                                return t && t->ends_with("</sr:Response>") &&
                                       t->find("Connection: close") == std::string::npos;
                              }},
                    FaultCase{"garbage", "garbage", Count::faults_garbage,
                              [](const auto& t) { return t && !t->starts_with("HTTP"); }},
                    FaultCase{"error_500", "error_500", Count::faults_error_500,
                              [](const auto& t) { return t && t->starts_with("HTTP/1.1 500"); }},
                    FaultCase{"silent", "silent", Count::faults_silent,
                              [](const auto& t) { return !t || t->empty(); }}),
    case_name<FaultCase>);

TEST(StubStampsTest, HasOneForEachRequestInOrderOfTime) {
  const codecs::crypto::testing_support::TempFolder folder;
  StubSettings settings = settings_of("");
  settings.stamps = folder.path() / "stamps.csv";
  RunningStub stub(std::move(settings));
  Client client(stub.endpoint());
  for (std::uint64_t i = 1; i <= 10; ++i)
    EXPECT_EQ(code_of(client.post(kSendCommand, request_of("4.8.1", i))), "I99");
  EXPECT_EQ(code_of(client.post(kSendCommand, request_of("4.8.1", 10))), "E100");
  ASSERT_TRUE(stub.stop());
  const auto text = read_text(folder.path() / "stamps.csv");
  ASSERT_TRUE(text);
  std::vector<std::string> rows;
  std::int64_t last = 0;
  for (std::size_t at = text->find('\n') + 1; at < text->size();) {
    const std::size_t end = text->find('\n', at);
    rows.push_back(text->substr(at, end - at));
    at = end + 1;
    const std::int64_t arrived = std::stoll(rows.back());
    const std::int64_t answered = std::stoll(rows.back().substr(rows.back().find(',') + 1));
    EXPECT_GT(arrived, last);
    EXPECT_GE(answered, arrived);
    last = answered;
  }
  ASSERT_EQ(rows.size(), 11U);
  EXPECT_TRUE(rows[3].ends_with(",0,200,90-B3-D5-1F-30-01-00-00,4,I99,none")) << rows[3];
  EXPECT_TRUE(rows[10].ends_with(",10,E100,duplicate")) << rows[10];
}

}  // namespace
}  // namespace s1flow::loadgen::stub
