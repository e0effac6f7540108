// What happens to a stub on its timeline, its capacity, and how it ends.

#include "tests/loadgen/stub_support.h"

namespace s1flow::loadgen::stub {
namespace {

using namespace testing_support;  // NOLINT: a test
using namespace std::chrono_literals;

Nanoseconds now() {
  return SteadyClock().now();
}

TEST(StubStallTest, AnswersNothingWithinTheWindowsThatItWritesDown) {
  RunningStub stub(plain_settings_of(
      "sink = true\n[[timeline]]\nkind = \"stall\"\nat = \"20ms\"\nfor = \"60ms\"\nevery = "
      "\"100ms\"\ntimes = 3\n"));
  Client client(stub.endpoint());
  std::vector<Nanoseconds> answered;
  while (stub.counts().stalls.size() < 3) {
    ASSERT_TRUE(client.post("/", "x").starts_with("HTTP/1.1 200"));
    answered.push_back(now());
  }
  ASSERT_TRUE(stub.stop());
  const StubCounts counts = stub.counts();
  EXPECT_EQ(counts.of(Count::timeline_stalls), 3U);
  ASSERT_EQ(counts.stalls.size(), 3U);
  for (const auto& [from, until] : counts.stalls) {
    EXPECT_GT(until - from, 50ms);
    // An answer on its way when the stall began may be read a little later.
    for (const Nanoseconds at : answered)
      EXPECT_FALSE(at > from + (until - from) / 2 && at < until) << at.count();
  }
  EXPECT_EQ(counts.of(Count::http_plain), answered.size());
}

TEST(StubOutageTest, AnswersEverythingWith503) {
  RunningStub stub(plain_settings_of(
      "sink = true\n[[timeline]]\nkind = \"outage-503\"\nat = \"0s\"\nfor = \"1h\"\n"));
  Client client(stub.endpoint());
  EXPECT_TRUE(client.post("/", "x").starts_with("HTTP/1.1 503"));
  EXPECT_TRUE(client.post("/", "x").starts_with("HTTP/1.1 503"));
  EXPECT_EQ(stub.count(Count::http_unavailable), 2U);
}

TEST(StubOutageTest, ResetsEveryNewConnection) {
  RunningStub stub(plain_settings_of(
      "sink = true\n[[timeline]]\nkind = \"outage-reset\"\nat = \"0s\"\nfor = \"1h\"\n"));
  Client client(stub.endpoint());
  EXPECT_TRUE(client.post("/", "x").empty());
  EXPECT_EQ(stub.count(Count::connections_in_outage), 1U);
  EXPECT_EQ(stub.count(Count::http_requests), 0U);
}

TEST(StubResetTest, ResetsTheConnectionsThatThereAre) {
  RunningStub stub(plain_settings_of("sink = true\n[[timeline]]\nkind = \"reset\"\nat = \"1s\"\n"));
  Client first(stub.endpoint()), second(stub.endpoint());
  EXPECT_FALSE(first.post("/", "x").empty());
  EXPECT_FALSE(second.post("/", "x").empty());
  EXPECT_EQ(first.rest(), std::nullopt);
  EXPECT_EQ(second.rest(), std::nullopt);
  EXPECT_EQ(stub.count(Count::timeline_resets), 2U);
}

TEST(StubCapacityTest, ServesNoFasterThanItsRate) {
  RunningStub stub(plain_settings_of("sink = true\n[capacity]\nrate = 200\nqueue = 1000\n"));
  Client client(stub.endpoint());
  std::string all;
  for (int i = 0; i < 10; ++i) all += post_text("/", "x");
  // One after the other on a connection: each is served in 5 ms.
  const Nanoseconds from = now();
  client.say(all);
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(client.answer().starts_with("HTTP/1.1 200"));
  EXPECT_GE(now() - from, 50ms);
}

TEST(StubCapacityTest, RefusesBeyondItsQueue) {
  RunningStub stub(plain_settings_of("sink = true\n[capacity]\nrate = 0.01\nqueue = 1\n"));
  Client served(stub.endpoint()), waiting(stub.endpoint());
  served.say(post_text("/", "x"));
  waiting.say(post_text("/", "x"));
  ASSERT_TRUE(stub.comes_to(Count::http_plain, 2));
  Client refused(stub.endpoint());
  EXPECT_TRUE(refused.post("/", "x").starts_with("HTTP/1.1 503"));
}

TEST(StubEndTest, EndsAfterItsRequestsAndRefusesMore) {
  StubSettings settings = plain_settings_of("sink = true\nrequests = 3\n");
  auto stub = Stub::make(std::move(settings));
  ASSERT_TRUE(stub);
  std::thread client([&] {
    const auto url = parse_url((*stub)->url());
    Client connection(*numeric_endpoint(url->host, url->port));
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(connection.post("/", "x").starts_with("HTTP/1.1 200"));
  });
  EXPECT_TRUE((*stub)->run(nullptr));
  client.join();
  EXPECT_EQ((*stub)->counts().of(Count::http_plain), 3U);
  EXPECT_TRUE((*stub)->state().ended);
}

TEST(StubEndTest, EndsAtOnceInTheMiddleOfAStall) {
  RunningStub stub(plain_settings_of(
      "sink = true\n[[timeline]]\nkind = \"stall\"\nat = \"0s\"\nfor = \"1h\"\n"));
  EXPECT_TRUE(stub.comes_to(Count::timeline_stalls, 1));
  EXPECT_TRUE(stub.stop());
}

TEST(StubEndTest, SendsWhatIsUnderWayBeforeItEndsByItsCap) {
  Receiver receiver;
  StubSettings settings =
      settings_of("requests = 5\n[answers]\nresponse_delay = \"150ms\"\n[receive]\nurl = \"" +
                  receiver.url() + "\"\n");
  auto stub = Stub::make(std::move(settings));
  ASSERT_TRUE(stub) << stub.error().message();
  std::thread client([&] {
    const auto url = parse_url((*stub)->url());
    Client connection(*numeric_endpoint(url->host, url->port));
    for (std::uint64_t i = 1; i <= 5; ++i)
      (void)connection.post(kSendCommand, codecs::duis::testing_support::request_of("4.8.1", i));
  });
  EXPECT_TRUE((*stub)->run(nullptr));
  client.join();
  EXPECT_EQ((*stub)->counts().of(Count::responses_delivered), 5U);
  EXPECT_EQ((*stub)->counts().pending(), 0U);
  EXPECT_EQ(receiver.messages().size(), 5U);
}

}  // namespace
}  // namespace s1flow::loadgen::stub
