#include "loadgen/net/listener.h"

#include <gtest/gtest.h>

#include "loadgen/net/acceptor.h"
#include "tests/case_name.h"

namespace s1flow::loadgen {
namespace {

class Recording final : public CallbackHandler {
 public:
  int on_callback(std::string_view, std::string_view body) override {
    bodies.emplace_back(body);
    return 204;
  }
  std::vector<std::string> bodies;
};

// A listener whose loop is turned by the test, and clients that are plain sockets.
class ListenerTest : public testing::Test {
 protected:
  ListenerTest() {
    endpoint_.socket_address[2] = endpoint_.socket_address[3] = 0;
    limits_.connections = 3;
    limits_.body = 1000;
    listener_.emplace(poller_, clock_, nullptr, handler_, limits_);
    acceptor_ = *Acceptor::make(poller_, *listen_on(endpoint_, 16),
                                [this](Socket socket) { listener_->adopt(std::move(socket)); });
  }
  Socket client() {
    Socket socket(::socket(AF_INET, SOCK_STREAM, 0));
    EXPECT_EQ(
        ::connect(socket.get(), reinterpret_cast<const sockaddr*>(endpoint_.socket_address.data()),
                  endpoint_.socket_address_size),
        0);
    turn();
    return socket;
  }
  void turn() {
    while (poller_.run(std::chrono::milliseconds(20)) > 0) {
    }
  }
  void say(const Socket& socket, std::string_view text) {
    EXPECT_EQ(::send(socket.get(), text.data(), text.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(text.size()));
    turn();
  }
  // What has come so far; "…|" in front of the end of the connection.
  std::string heard(const Socket& socket) {
    std::string all;
    char buffer[4096];
    for (;;) {
      const ssize_t n = ::recv(socket.get(), buffer, sizeof buffer, MSG_DONTWAIT);
      if (n == 0) return all + "|";
      if (n < 0) return all;
      all.append(buffer, static_cast<std::size_t>(n));
    }
  }

  Poller poller_ = *Poller::make();
  ManualClock clock_{std::chrono::seconds(1000)};
  Endpoint endpoint_ = *numeric_endpoint("127.0.0.1", 1);
  Recording handler_;
  ListenerLimits limits_;
  std::optional<Listener> listener_;
  std::unique_ptr<Acceptor> acceptor_;
};

constexpr std::string_view kPost = "POST /r HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello";

TEST_F(ListenerTest, TakesRequestsInPiecesOfAnySizeOnOneConnection) {
  for (const std::size_t piece : {1, 2, 7, 1000}) {
    const Socket socket = client();
    for (std::size_t at = 0; at < kPost.size(); at += piece) say(socket, kPost.substr(at, piece));
    EXPECT_EQ(heard(socket), "HTTP/1.1 204 OK\r\n\r\n") << piece;
  }
  EXPECT_EQ(handler_.bodies, std::vector<std::string>(4, "hello"));
}

TEST_F(ListenerTest, TakesPipelinedRequestsAndChunks) {
  const Socket socket = client();
  say(socket, std::string(kPost) + std::string(kPost) +
                  "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "
                  "chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n");
  EXPECT_EQ(handler_.bodies, (std::vector<std::string>{"hello", "hello", "abc"}));
  EXPECT_EQ(listener_->counts().requests, 3U);
}

TEST_F(ListenerTest, AnswersBadRequestsWith400AndTheEnd) {
  for (const std::string_view text :
       {std::string_view("POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\n"),
        std::string_view("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n"),
        std::string_view(
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n")}) {
    const Socket socket = client();
    say(socket, text);
    const std::string answer = heard(socket);
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 400 ")) << answer;
    EXPECT_TRUE(answer.ends_with("|")) << answer;
  }
  EXPECT_EQ(listener_->counts().bad_requests, 3U);
  EXPECT_TRUE(handler_.bodies.empty());
}

TEST_F(ListenerTest, TakesPostsOnly) {
  const Socket socket = client();
  say(socket, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(heard(socket).starts_with("HTTP/1.1 405 "));
}

struct DeadlineCase {
  const char* name;
  const char* sent;
  int seconds;
  bool timed_out;
};
class ListenerDeadlineTest : public ListenerTest,
                             public testing::WithParamInterface<DeadlineCase> {};

TEST_P(ListenerDeadlineTest, EndsAConnectionThatStaysInOneStateTooLong) {
  const Socket socket = client();
  if (*GetParam().sent != '\0') say(socket, GetParam().sent);
  clock_.advance(std::chrono::seconds(GetParam().seconds - 1));
  listener_->tick();
  EXPECT_EQ(listener_->open(), 1U);
  clock_.advance(std::chrono::seconds(1));
  listener_->tick();
  EXPECT_EQ(listener_->open(), 0U);
  EXPECT_EQ(listener_->counts().timed_out, GetParam().timed_out ? 1U : 0U);
  EXPECT_TRUE(heard(socket).ends_with("|"));
}
constexpr DeadlineCase kDeadlines[] = {
    {"nothing_sent", "", 60, false},
    {"half_a_head", "POST / HT", 10, true},
    {"half_a_body", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhe", 10, true},
};
INSTANTIATE_TEST_SUITE_P(States, ListenerDeadlineTest, testing::ValuesIn(kDeadlines),
                         case_name<DeadlineCase>);

TEST_F(ListenerTest, RefusesConnectionsBeyondItsLimit) {
  std::vector<Socket> sockets;
  for (int i = 0; i < 5; ++i) sockets.push_back(client());
  EXPECT_EQ(listener_->open(), 3U);
  EXPECT_EQ(listener_->counts().refused, 2U);
  EXPECT_EQ(heard(sockets[4]), "|");
}

TEST_F(ListenerTest, CountsConnectionsThatBreakWithinARequest) {
  {
    const Socket socket = client();
    say(socket, "POST / HT");
  }
  turn();
  EXPECT_EQ(listener_->counts().broken, 1U);
  EXPECT_EQ(listener_->open(), 0U);
}

}  // namespace
}  // namespace s1flow::loadgen
