// How the stub reads HTTP: framing attacks, pieces, pipelines, deadlines, limits.

#include <fmt/format.h>

#include "tests/case_name.h"
#include "tests/loadgen/stub_support.h"

namespace s1flow::loadgen::stub {
namespace {

using namespace testing_support;  // NOLINT: a test

StubSettings sink() {
  StubSettings settings = plain_settings_of("sink = true\n[limits]\nbody = 1000\n");
  return settings;
}

struct AttackCase {
  const char* name;
  std::string bytes;
  const char* status;
  Count counted;
};
class StubFramingTest : public testing::TestWithParam<AttackCase> {};

TEST_P(StubFramingTest, RefusesAndEndsTheConnection) {
  RunningStub stub(sink());
  Client client(stub.endpoint());
  // What follows would be the smuggled request.
  client.say(GetParam().bytes + post_text("/smuggled", "x"));
  const auto heard = client.rest();
  ASSERT_TRUE(heard) << "the refusal was lost to a reset";
  EXPECT_TRUE(heard->starts_with(std::string("HTTP/1.1 ") + GetParam().status)) << *heard;
  EXPECT_NE(heard->find("Connection: close\r\n"), std::string::npos);
  EXPECT_EQ(heard->find("HTTP/1.1", 1), std::string::npos) << "more than one answer: " << *heard;
  ASSERT_TRUE(stub.stop());
  EXPECT_EQ(stub.count(GetParam().counted), 1U);
  EXPECT_EQ(stub.count(Count::http_requests), 0U);
}

std::string head(std::string_view fields) {
  return fmt::format("POST / HTTP/1.1\r\nHost: a\r\n{}\r\n", fields);
}

INSTANTIATE_TEST_SUITE_P(
    Attacks, StubFramingTest,
    testing::Values(
        AttackCase{"length_and_chunks",
                   head("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n") + "0\r\n\r\n", "400",
                   Count::http_bad_framing},
        AttackCase{"two_lengths", head("Content-Length: 5\r\nContent-Length: 6\r\n") + "hello",
                   "400", Count::http_bad_framing},
        AttackCase{"the_same_length_twice",
                   head("Content-Length: 5\r\nContent-Length: 5\r\n") + "hello", "400",
                   Count::http_bad_framing},
        AttackCase{"list_of_lengths", head("Content-Length: 5, 5\r\n") + "hello", "400",
                   Count::http_bad_framing},
        AttackCase{"signed_length", head("Content-Length: +5\r\n") + "hello", "400",
                   Count::http_bad_framing},
        AttackCase{"hex_length", head("Content-Length: 0x5\r\n") + "hello", "400",
                   Count::http_bad_framing},
        AttackCase{"bare_line_feed", "POST / HTTP/1.1\nHost: a\n\n", "400",
                   Count::http_bad_framing},
        AttackCase{"bare_line_feed_in_a_field", head("A: b\nContent-Length: 5\r\n") + "hello",
                   "400", Count::http_bad_framing},
        AttackCase{"folded_line", head("A: b\r\n c: d\r\n"), "400", Count::http_bad_framing},
        AttackCase{"blank_before_colon", head("Content-Length : 5\r\n") + "hello", "400",
                   Count::http_bad_framing},
        AttackCase{"other_coding", head("Transfer-Encoding: gzip, chunked\r\n"), "400",
                   Count::http_bad_framing},
        AttackCase{"disguised_coding", head("Transfer-Encoding: xchunked\r\n"), "400",
                   Count::http_bad_framing},
        AttackCase{"two_codings",
                   head("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n"), "400",
                   Count::http_bad_framing},
        AttackCase{"no_host", "POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n", "400",
                   Count::http_bad_framing},
        AttackCase{"two_hosts", head("Host: b\r\n"), "400", Count::http_bad_framing},
        AttackCase{"nul_in_a_field", head(std::string("A: b\0c\r\n", 8)), "400",
                   Count::http_bad_framing},
        AttackCase{"huge_head", "POST / HTTP/1.1\r\nHost: a\r\nA: " + std::string(20'000, 'b'),
                   "400", Count::http_bad_framing},
        AttackCase{"bad_chunk_size",
                   head("Transfer-Encoding: chunked\r\n") + "5;\n\r\nhello\r\n0\r\n\r\n", "400",
                   Count::http_bad_framing},
        AttackCase{"chunk_without_its_end",
                   head("Transfer-Encoding: chunked\r\n") + "5\r\nhelloGET", "400",
                   Count::http_bad_framing},
        AttackCase{"large_body", head("Content-Length: 1001\r\n"), "413", Count::http_too_large},
        AttackCase{"large_chunks",
                   head("Transfer-Encoding: chunked\r\n") + "3e9\r\n" + std::string(1001, 'x') +
                       "\r\n0\r\n\r\n",
                   "413", Count::http_too_large},
        AttackCase{"no_http", "\x16\x03\x01\r\n\r\n", "400", Count::http_bad_framing}),
    case_name<AttackCase>);

TEST(StubHttpTest, TakesARequestInPiecesOfAnySize) {
  RunningStub stub(sink());
  for (const std::size_t piece : {1, 3, 50}) {
    Client client(stub.endpoint());
    const std::string text = post_text("/", "hello");
    for (std::size_t at = 0; at < text.size(); at += piece) client.say(text.substr(at, piece));
    EXPECT_TRUE(client.answer().starts_with("HTTP/1.1 200")) << piece;
  }
}

TEST(StubHttpTest, AnswersPipelinedRequestsInOrder) {
  RunningStub stub(plain_settings_of("[answers]\nanswer_delay = \"uniform 0 3ms\"\n"));
  Client client(stub.endpoint());
  std::string all;
  for (int i = 0; i < 20; ++i) all += post_text(i % 2 == 0 ? "/nowhere" : kTransform, "<a/>");
  client.say(all);
  for (int i = 0; i < 20; ++i)
    EXPECT_TRUE(client.answer().starts_with(i % 2 == 0 ? "HTTP/1.1 404" : "HTTP/1.1 400")) << i;
  ASSERT_TRUE(stub.stop());
  EXPECT_EQ(stub.count(Count::http_requests), 20U);
  EXPECT_EQ(stub.count(Count::connections_accepted), 1U);
}

TEST(StubHttpTest, AnswersAClientThatHasEndedItsSide) {
  StubSettings settings = sink();
  for (VariantSettings& v : settings.variants) v.synchronous = *Delay::parse("30ms", ".");
  RunningStub stub(std::move(settings));
  Client client(stub.endpoint());
  client.say(post_text("/", "hello"));
  client.end_our_side();
  EXPECT_TRUE(client.answer().starts_with("HTTP/1.1 200"));
}

struct MethodCase {
  const char* name;
  const char* bytes;
  const char* status;
};
class StubMethodTest : public testing::TestWithParam<MethodCase> {};
TEST_P(StubMethodTest, IsAnsweredAndTheConnectionGoesOn) {
  RunningStub stub(plain_settings_of(""));
  Client client(stub.endpoint());
  client.say(GetParam().bytes);
  EXPECT_TRUE(client.answer().starts_with(std::string("HTTP/1.1 ") + GetParam().status));
  EXPECT_TRUE(client.post("/nowhere", "").starts_with("HTTP/1.1 404"));
}
INSTANTIATE_TEST_SUITE_P(
    Methods, StubMethodTest,
    testing::Values(
        MethodCase{"stats", "GET /stats HTTP/1.1\r\nHost: a\r\n\r\n", "200"},
        MethodCase{"post_to_stats", "POST /stats HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
                   "405"},
        MethodCase{"get_of_a_service", "GET /api/v1/serviceS HTTP/1.1\r\nHost: a\r\n\r\n", "405"},
        MethodCase{"absolute_target", "GET http://elsewhere/stats HTTP/1.1\r\nHost: a\r\n\r\n",
                   "404"}),
    case_name<MethodCase>);

TEST(StubHttpTest, EndsARequestThatDripsIn) {
  StubSettings settings = sink();
  settings.limits.request = std::chrono::milliseconds(50);
  RunningStub stub(std::move(settings));
  Client client(stub.endpoint());
  client.say("POST / HTTP/1.1\r\nHost:");
  EXPECT_EQ(client.rest(), "");
  EXPECT_EQ(stub.count(Count::connections_timed_out), 1U);
}

TEST(StubHttpTest, EndsAnIdleConnectionWithoutCountingAFault) {
  StubSettings settings = sink();
  settings.limits.idle = std::chrono::milliseconds(50);
  RunningStub stub(std::move(settings));
  Client client(stub.endpoint());
  EXPECT_EQ(client.rest(), "");
  EXPECT_EQ(stub.count(Count::connections_timed_out), 0U);
}

TEST(StubHttpTest, HoldsNoMoreConnectionsThanItsLimit) {
  StubSettings settings = sink();
  settings.limits.connections = 2;
  RunningStub stub(std::move(settings));
  Client first(stub.endpoint()), second(stub.endpoint());
  EXPECT_FALSE(first.post("/", "").empty());
  EXPECT_FALSE(second.post("/", "").empty());
  Client third(stub.endpoint());
  EXPECT_TRUE(third.post("/", "").empty());
  EXPECT_FALSE(first.post("/", "").empty());
  EXPECT_EQ(stub.count(Count::connections_at_limit), 1U);
}

TEST(StubHttpTest, SaysGoOnBeforeABodyThatWaitsForIt) {
  RunningStub stub(sink());
  Client client(stub.endpoint());
  client.say("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.answer(), "HTTP/1.1 100 Continue\r\n\r\n");
  client.say("ab");
  EXPECT_TRUE(client.answer().starts_with("HTTP/1.1 200"));
}

}  // namespace
}  // namespace s1flow::loadgen::stub
