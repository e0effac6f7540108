#pragma once
// A stub that runs in a thread of its own, a client that talks to it in plain bytes, and a receive
// service that keeps what comes. Every wait has a deadline, and ends with the event it waits for.

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "codecs/duis/message.h"
#include "loadgen/stub/stub.h"
#include "tests/codecs/duis_support.h"
#include "tests/loadgen/test_peer.h"

namespace s1flow::loadgen::stub::testing_support {

inline constexpr std::chrono::seconds kPatience{20};

// Settings from TOML, with the tests' PKI and its clock.
[[nodiscard]] StubSettings settings_of(const std::string& toml);
// The same, that know of no PKI.
[[nodiscard]] StubSettings plain_settings_of(const std::string& toml);

class RunningStub {
 public:
  explicit RunningStub(StubSettings settings);
  ~RunningStub();
  RunningStub(const RunningStub&) = delete;
  RunningStub& operator=(const RunningStub&) = delete;

  [[nodiscard]] const Endpoint& endpoint() const { return endpoint_; }
  [[nodiscard]] StubCounts counts() const { return stub_->counts(); }
  [[nodiscard]] std::uint64_t count(Count what) const { return counts().of(what); }
  // Waits until the count has come to that; false when patience ends.
  [[nodiscard]] bool comes_to(Count what, std::uint64_t value) const;
  // Ends the stub; its counts are final then.
  Status stop();

 private:
  std::unique_ptr<Stub> stub_;
  Endpoint endpoint_;
  Status status_;
  std::thread thread_;
};

// A connection of a client.
class Client {
 public:
  explicit Client(const Endpoint& endpoint);
  void say(std::string_view text) const;
  void end_our_side() const;
  // One answer, head and body. Empty when the connection ends before it is whole.
  [[nodiscard]] std::string answer();
  // Whatever comes until the peer ends; nothing when it ends with a reset.
  [[nodiscard]] std::optional<std::string> rest();
  // say() and answer() for a POST.
  [[nodiscard]] std::string post(std::string_view path, std::string_view body);

 private:
  // False at the end.
  bool more();
  Socket socket_;
  std::string held_;
  bool reset_ = false;
};

[[nodiscard]] std::string post_text(std::string_view path, std::string_view body);
[[nodiscard]] std::string_view body_of(std::string_view answer);
// The ResponseCode of an answer's body.
[[nodiscard]] std::string code_of(std::string_view answer);

inline constexpr std::string_view kTransform = "/api/v1/serviceT";
inline constexpr std::string_view kSendCommand = "/api/v1/serviceS";
inline constexpr std::string_view kNonDevice = "/api/v1/serviceD";

// Keeps every message that it was sent. `statuses` are given out in turn, then 204.
class Receiver {
 public:
  explicit Receiver(std::vector<int> statuses = {});
  [[nodiscard]] std::string url() const;
  // Waits until so many have come.
  [[nodiscard]] std::vector<std::string> wait_for(std::size_t count);
  [[nodiscard]] std::vector<std::string> messages();

 private:
  std::mutex mutex_;
  std::condition_variable came_;
  std::vector<std::string> messages_;
  std::vector<int> statuses_;
  std::size_t next_ = 0;
  TestPeer peer_;  // last: its threads use the rest
};

[[nodiscard]] codecs::duis::Message read_message(const std::string& text);

}  // namespace s1flow::loadgen::stub::testing_support
