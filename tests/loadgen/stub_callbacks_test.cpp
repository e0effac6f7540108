// Service Responses and alerts that the stub sends, and that its counts are those of the receiver.

#include <fmt/format.h>

#include "codecs/duis/signed_message.h"
#include "tests/loadgen/stub_support.h"

namespace s1flow::loadgen::stub {
namespace {

using namespace testing_support;                // NOLINT: a test
using namespace codecs::duis::testing_support;  // NOLINT
using codecs::crypto::testing_support::clock_of_tests;
using codecs::crypto::testing_support::kSupplier;
using codecs::crypto::testing_support::shared_pki;
namespace duis = codecs::duis;

std::string receive(const Receiver& receiver, std::string_view more = "") {
  return fmt::format("[receive]\nurl = \"{}\"\nbackoff = \"1ms\"\n{}\n", receiver.url(), more);
}

// So many 4.8.1 with counters from 1, one after the other; all are acknowledged.
void send_reads(const RunningStub& stub, std::uint64_t count) {
  Client client(stub.endpoint());
  duis::RequestSigner signer = supplier_signer();
  duis::PreparedRequest request(*duis::RequestTemplate::shipped(srv("4.8.1")), signer);
  for (std::uint64_t i = 1; i <= count; ++i)
    ASSERT_EQ(code_of(client.post(kSendCommand, *request.make(values_of(i)))), "I99");
}

void expect_balance(const StubCounts& c) {
  EXPECT_EQ(c.of(Count::http_requests),
            c.of(Count::requests_judged) + c.of(Count::http_stats) + c.of(Count::http_not_found) +
                c.of(Count::http_plain) + c.of(Count::http_unavailable) +
                c.of(Count::http_wrong_method) + c.of(Count::faults_error_500));
  EXPECT_EQ(c.of(Count::requests_judged),
            c.of(Count::requests_accepted) + c.of(Count::requests_refused));
  EXPECT_EQ(c.pending(), 0U);
  EXPECT_EQ(c.of(Count::messages_attempts), c.of(Count::messages_delivered) +
                                                c.of(Count::messages_repeats_delivered) +
                                                c.of(Count::messages_failed_attempts));
  EXPECT_EQ(c.of(Count::messages_delivered), c.of(Count::responses_delivered) +
                                                 c.of(Count::unknown_delivered) +
                                                 c.of(Count::alerts_delivered));
}

TEST(StubCallbackTest, ComesOnceForEachRequestAndJoinsIt) {
  Receiver receiver;
  RunningStub stub(settings_of("threads = 2\n[answers]\nresponse_delay = \"uniform 0 5ms\"\n" +
                               receive(receiver)));
  send_reads(stub, 200);
  std::set<std::uint64_t> counters;
  duis::SignedMessageChecker checker;
  for (const std::string& text : receiver.wait_for(200)) {
    const duis::Message message = read_message(text);
    EXPECT_EQ(message.kind, duis::MessageKind::service_response);
    EXPECT_EQ(message.payload, duis::Payload::gbcs_payload);
    EXPECT_EQ(message.code.text(), "I0");
    EXPECT_EQ(message.response, message.request->answered());
    EXPECT_EQ(message.request->originator, kSupplier);
    EXPECT_TRUE(counters.insert(message.request->counter).second);
    EXPECT_EQ(checker.check(text, shared_pki(), clock_of_tests()).outcome,
              codecs::crypto::SignatureOutcome::ok);
  }
  EXPECT_EQ(*counters.begin(), 1U);
  EXPECT_EQ(*counters.rbegin(), 200U);
  ASSERT_TRUE(stub.comes_to(Count::messages_delivered, 200));
  ASSERT_TRUE(stub.stop());
  expect_balance(stub.counts());
  EXPECT_EQ(receiver.messages().size(), 200U);
}

TEST(StubCallbackTest, IsTriedAgainUntilItIsTaken) {
  Receiver receiver({503, 500, 404});
  RunningStub stub(settings_of(receive(receiver, "connections = 1")));
  send_reads(stub, 1);
  const auto messages = receiver.wait_for(4);
  EXPECT_EQ(messages[0], messages[3]) << "the same bytes each time";
  ASSERT_TRUE(stub.comes_to(Count::messages_delivered, 1));
  ASSERT_TRUE(stub.stop());
  expect_balance(stub.counts());
  EXPECT_EQ(stub.count(Count::messages_retried), 3U);
}

TEST(StubCallbackTest, IsGivenUpAfterItsAttempts) {
  Receiver receiver({500, 500, 500, 500});
  RunningStub stub(settings_of(receive(receiver, "attempts = 3")));
  send_reads(stub, 1);
  ASSERT_TRUE(stub.comes_to(Count::messages_given_up, 1));
  ASSERT_TRUE(stub.stop());
  expect_balance(stub.counts());
  EXPECT_EQ(receiver.messages().size(), 3U);
  EXPECT_EQ(stub.count(Count::messages_retried), 2U);
}

TEST(StubCallbackTest, IsGivenUpWhenNobodyListens) {
  Endpoint free = *numeric_endpoint("127.0.0.1", 1);
  free.socket_address[2] = free.socket_address[3] = 0;
  (void)*listen_on(free, 1);  // closed again: its port is free
  RunningStub stub(settings_of(fmt::format(
      "[receive]\nurl = \"http://127.0.0.1:{}/\"\nattempts = 2\nbackoff = \"1ms\"\n", free.port)));
  send_reads(stub, 3);
  ASSERT_TRUE(stub.comes_to(Count::messages_given_up, 3));
  ASSERT_TRUE(stub.stop());
  expect_balance(stub.counts());
  EXPECT_EQ(stub.count(Count::messages_failed_attempts), 6U);
}

TEST(StubCallbackTest, ComesTwiceOnPurposeWhenToldSo) {
  Receiver receiver;
  RunningStub stub(settings_of(receive(receiver, "repeat_share = 1.0")));
  send_reads(stub, 20);
  ASSERT_TRUE(stub.comes_to(Count::messages_repeats_delivered, 20));
  ASSERT_TRUE(stub.stop());
  expect_balance(stub.counts());
  std::map<std::string, int> times;
  for (const std::string& text : receiver.messages()) ++times[text];
  EXPECT_EQ(times.size(), 20U);
  for (const auto& [text, n] : times) EXPECT_EQ(n, 2) << text;
}

TEST(StubCallbackTest, GoesToTheAddressOfItsUser) {
  Receiver own, usual;
  RunningStub stub(settings_of(receive(usual) + fmt::format("[[user]]\neui = \"{}\"\nreceive = "
                                                            "\"{}\"\n",
                                                            kSupplier.text(), own.url())));
  send_reads(stub, 1);
  EXPECT_EQ(own.wait_for(1).size(), 1U);
  EXPECT_TRUE(usual.messages().empty());
}

TEST(StubCallbackTest, CarriesErrorsOfDevicesWithoutAPayload) {
  Receiver receiver;
  RunningStub stub(settings_of(receive(receiver) + "[answers]\nerrors = { E20 = 0.5, E21 = 0.5 }"));
  send_reads(stub, 100);
  std::map<std::string, int> codes;
  for (const std::string& text : receiver.wait_for(100)) {
    const duis::Message message = read_message(text);
    EXPECT_EQ(message.payload, duis::Payload::none);
    ++codes[std::string(message.code.text())];
  }
  EXPECT_EQ(codes["E20"] + codes["E21"], 100);
  EXPECT_NEAR(codes["E20"], 50, 25);
  ASSERT_TRUE(stub.comes_to(Count::messages_delivered, 100));
  EXPECT_EQ(stub.counts().response_codes[duis::response_code::kE20.index()],
            static_cast<std::uint64_t>(codes["E20"]));
}

TEST(StubCallbackTest, IsWithheldOrUnknownOnPurpose) {
  Receiver receiver;
  RunningStub stub(settings_of(receive(receiver) + "[faults]\nwithhold = 1.0\nunknown = 1.0"));
  send_reads(stub, 5);
  for (const std::string& text : receiver.wait_for(5))
    EXPECT_GT(read_message(text).request->counter, 1'000'000U);
  ASSERT_TRUE(stub.comes_to(Count::unknown_delivered, 5));
  ASSERT_TRUE(stub.stop());
  expect_balance(stub.counts());
  EXPECT_EQ(stub.count(Count::messages_withheld), 5U);
  EXPECT_EQ(stub.count(Count::responses_delivered), 0U);
}

TEST(StubCallbackTest, FollowsTheSignedPreCommandOfACriticalRequest) {
  Receiver receiver;
  RunningStub stub(settings_of(receive(receiver)));
  Client client(stub.endpoint());
  const std::string transformed = client.post(kTransform, request_of("1.5", 7));
  EXPECT_EQ(read_message(std::string(body_of(transformed))).payload, duis::Payload::pre_command);
  std::string command;
  duis::RequestSigner signer = supplier_signer();
  const std::array<unsigned char, 3> gbcs{1, 2, 3};
  ASSERT_TRUE(duis::append_signed_pre_command(command, signer, srv("1.5"), values_of(7), gbcs));
  EXPECT_EQ(code_of(client.post(kSendCommand, command)), "I99");
  EXPECT_EQ(read_message(receiver.wait_for(1)[0]).request->counter, 7U);
}

TEST(StubAlertTest, FollowsTheRequestThatBringsIt) {
  Receiver receiver;
  RunningStub stub(settings_of(receive(receiver) +
                               "[[alert]]\nafter = [\"8.11\"]\ncode = \"N24\"\ndelay = \"1ms\"\n"
                               "[[alert]]\nafter = [\"8.11\"]\ncode = \"N16\"\ndelay = \"2ms\"\n"
                               "[[alert]]\nafter = [\"4.8.1\"]\ncode = \"8F1D\"\n"));
  Client client(stub.endpoint());
  EXPECT_EQ(code_of(client.post(kSendCommand, request_of("8.11", 3))), "I99");
  std::map<std::string, duis::Message> alerts;
  const auto messages = receiver.wait_for(3);
  for (const std::string& text : messages) {
    const duis::Message message = read_message(text);
    if (message.kind == duis::MessageKind::dcc_alert)
      alerts[std::string(message.dcc_alert.text())] = message;
  }
  ASSERT_EQ(alerts.size(), 2U);
  EXPECT_EQ(alerts["N24"].subject->counter, 3U);
  EXPECT_EQ(alerts["N16"].device, kHub) << "the device that the body names";
  EXPECT_EQ(code_of(client.post(kSendCommand, request_of("4.8.1", 4))), "I99");
  ASSERT_TRUE(stub.comes_to(Count::alerts_delivered, 3));
  ASSERT_TRUE(stub.stop());
  const StubCounts counts = stub.counts();
  expect_balance(counts);
  ASSERT_EQ(counts.device_alerts.size(), 1U);
  EXPECT_EQ(counts.device_alerts[0], std::pair(std::string("8F1D"), std::uint64_t{1}));
}

TEST(StubAlertTest, StormsCountWhatTheirMessagesStandFor) {
  Receiver receiver;
  RunningStub stub(settings_of(receive(receiver) +
                               fmt::format("[[storm]]\ncode = \"8F1D\"\nfor = \"50ms\"\nrate = "
                                           "1000\ndevice = \"{}\"\ndevices = 3\nuser = "
                                           "\"{}\"\nthrottle = 8\n",
                                           kDevice.text(), kSupplier.text())));
  ASSERT_TRUE(stub.comes_to(Count::alerts_stand_for, 50));
  ASSERT_TRUE(stub.stop());
  std::uint64_t stand_for = 0;
  const auto messages = receiver.messages();
  for (const std::string& text : messages) {
    const duis::Message message = read_message(text);
    EXPECT_EQ(message.device_alert_code, "8F1D");
    stand_for += message.stands_for();
  }
  EXPECT_EQ(messages.size(), 7U);
  EXPECT_EQ(stand_for, 50U);
  expect_balance(stub.counts());
}

TEST(StubScheduleTest, AnswersAsOftenAsToldUnderTheScheduleOfItsId) {
  Receiver receiver;
  RunningStub stub(settings_of(receive(receiver) + "[schedules]\nevery = \"1ms\"\ntimes = 4\n"));
  Client client(stub.endpoint());
  const auto id =
      read_message(std::string(body_of(client.post(kNonDevice, request_of("5.1", 2))))).schedule_id;
  ASSERT_TRUE(id);
  for (const std::string& text : receiver.wait_for(4)) {
    const duis::Message message = read_message(text);
    EXPECT_EQ(message.payload, duis::Payload::dsp_scheduled_message);
    EXPECT_EQ(message.schedule_id, id);
    EXPECT_EQ(message.srv->variant, "4.8.1");
  }
  ASSERT_TRUE(stub.comes_to(Count::messages_delivered, 4));
  ASSERT_TRUE(stub.stop());
  expect_balance(stub.counts());
}

TEST(StubScheduleTest, EndsWhenItIsDeleted) {
  Receiver receiver;
  RunningStub stub(
      settings_of(receive(receiver) + "[schedules]\nevery = \"5ms\"\ntimes = 1000000\n"));
  Client client(stub.endpoint());
  EXPECT_EQ(code_of(client.post(kNonDevice, request_of("5.1", 2))), "I0");
  (void)receiver.wait_for(1);
  EXPECT_EQ(code_of(client.post(kNonDevice, request_of("5.3", 3))), "I0");
  ASSERT_TRUE(stub.comes_to(Count::messages_withheld, 1));
}

TEST(StubFutureDatedTest, AnswersNowAndAgainWhenTheDeviceHasDoneIt) {
  Receiver receiver;
  RunningStub stub(settings_of(receive(receiver) + "[answers]\nexecution_after = \"20ms\"\n"));
  Client client(stub.endpoint());
  duis::RequestSigner signer = supplier_signer();
  std::string command;
  const std::array<unsigned char, 1> gbcs{1};
  ASSERT_TRUE(duis::append_signed_pre_command(
      command, signer, srv("1.6"), values_of(5), gbcs,
      {.command_variant = 5, .dating = duis::Dating::future_dated}));
  EXPECT_EQ(code_of(client.post(kSendCommand, command)), "I99");
  const auto messages = receiver.wait_for(2);
  EXPECT_EQ(read_message(messages[0]).payload, duis::Payload::gbcs_payload);
  const duis::Message later = read_message(messages[1]);
  EXPECT_EQ(later.payload, duis::Payload::future_dated_device_alert);
  EXPECT_EQ(later.device_alert_code, "8F66");
  EXPECT_EQ(later.request->counter, 5U);
}

}  // namespace
}  // namespace s1flow::loadgen::stub
