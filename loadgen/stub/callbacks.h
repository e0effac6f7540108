#pragma once
// Sends messages to a User's receive service, each as an HTTP POST of its own over a few kept
// connections, until it answers 2xx or the attempts are used up. A message waits for a connection
// in the order in which it came; a retry comes after all that wait by then. Nothing is followed,
// no proxy is asked, and every connect asks the allow-list.
//
// One thread; one for each receive address and thread.

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/random.h"
#include "loadgen/net/client_connection.h"
#include "loadgen/stub/counts.h"
#include "loadgen/stub/timer_queue.h"

namespace s1flow::loadgen::stub {

struct CallbackOptions {
  Url url;
  Endpoint endpoint;
  AllowList allowed;
  std::optional<TlsOptions> tls;
  std::size_t connections = 8;                     // of each thread
  Nanoseconds timeout = std::chrono::seconds(10);  // of an attempt, connecting included
  unsigned attempts = 5;
  Nanoseconds backoff = std::chrono::milliseconds(100);  // doubled after each further attempt
  Nanoseconds most_backoff = std::chrono::seconds(30);
  double repeat_share = 0;  // of messages that are delivered again on purpose
};

// What a message is, for the counts and nothing else.
struct MessageLabel {
  enum class Kind : std::uint8_t { response, unknown, dcc_alert, device_alert };
  Kind kind = Kind::response;
  std::uint16_t code = 0;  // place of the response code, the DCC Alert code, or the device's alert
  std::uint32_t stands_for = 1;
};

class DeliveryObserver {
 public:
  // Once for each message that a receiver has taken.
  virtual void on_delivered(const MessageLabel& label) = 0;

 protected:
  ~DeliveryObserver() = default;
};

class CallbackSender final : public ConnectionOwner {
 public:
  // Borrows all but the options.
  [[nodiscard]] static Result<std::unique_ptr<CallbackSender>> make(
      CallbackOptions options, Poller& poller, const Clock& clock, DeliveryObserver& observer,
      LiveCounts& counts, std::uint64_t seed);
  CallbackSender(CallbackOptions options, std::optional<TlsContext> tls, Poller& poller,
                 const Clock& clock, DeliveryObserver& observer, LiveCounts& counts,
                 std::uint64_t seed);
  CallbackSender(const CallbackSender&) = delete;
  CallbackSender& operator=(const CallbackSender&) = delete;

  void send(std::string_view message, const MessageLabel& label);
  // Retries what is due and ends attempts that took too long; not from within an event.
  void tick();
  // Not yet delivered and not given up.
  [[nodiscard]] std::size_t under_way() const { return deliveries_.size() - free_.size(); }

  void on_ready(ClientConnection& connection) override;
  void on_end(ClientConnection& connection, Outcome outcome, std::string_view body) override;
  void on_lost(ClientConnection& connection, Outcome why) override;

 private:
  struct Delivery {
    std::string request;
    MessageLabel label;
    unsigned failures = 0;
    bool repeat = false;  // taken once already
  };
  void dispatch();
  bool start(ClientConnection& connection, std::uint32_t delivery);
  void failed(std::uint32_t delivery);
  void delivered(std::uint32_t delivery);
  void done_with(std::uint32_t delivery);

  CallbackOptions options_;
  std::optional<TlsContext> tls_;
  const Clock& clock_;
  DeliveryObserver& observer_;
  LiveCounts& counts_;
  Random random_;
  ConnectionContext context_;
  std::string head_;
  std::vector<std::unique_ptr<ClientConnection>> connections_;
  std::vector<ClientConnection*> idle_;    // open and without work
  std::vector<ClientConnection*> closed_;  // may be opened
  std::deque<Delivery> deliveries_;
  std::vector<std::uint32_t> free_;
  std::deque<std::uint32_t> waiting_;
  TimerQueue<std::uint32_t> retries_;
  bool dispatching_ = false;
};

}  // namespace s1flow::loadgen::stub
