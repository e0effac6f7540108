#pragma once
// One connection to the target: connect, TLS, then one request at a time on it. It never sends
// anything twice and never follows anything; whatever happens to a request ends in one Outcome.
// Told by events of a Poller; one thread.

#include <cstdint>
#include <string>

#include "loadgen/net/poller.h"
#include "loadgen/net/response_reader.h"
#include "loadgen/outcome.h"

namespace s1flow::loadgen {

class ClientConnection;

class ConnectionOwner {
 public:
  // The connection can take a request now.
  virtual void on_ready(ClientConnection& connection) = 0;
  // The request on it has ended; the connection is ready again if it is open(). `body` lives
  // until something is sent on it.
  virtual void on_end(ClientConnection& connection, Outcome outcome, std::string_view body) = 0;
  // No request was on it: it could not be made, or the peer closed it while it was idle.
  virtual void on_lost(ClientConnection& connection, Outcome why) = 0;

 protected:
  ~ConnectionOwner() = default;
};

// What the connections of one thread share.
struct ConnectionContext {
  Poller& poller;
  ConnectionOwner& owner;
  const Endpoint& endpoint;
  const AllowList& allowed;
  const TlsContext* tls = nullptr;  // null: plain
  KeepBody keep_body = KeepBody::no;
  std::string buffer = std::string(std::size_t{64} << 10, '\0');  // for reading, whoever reads
};

class ClientConnection final : public EventHandler {
 public:
  explicit ClientConnection(ConnectionContext& context) : context_(context) {}

  // From closed only. False when it failed at once; else on_ready() or on_lost() follow later.
  [[nodiscard]] bool open();
  // From ready only; on_end() follows, not before this returns.
  void send(std::string_view request);
  // Ends the request on it, if any, without telling the owner.
  void close();

  [[nodiscard]] bool is_open() const { return at_ != At::closed; }
  [[nodiscard]] bool is_ready() const { return at_ == At::ready; }
  [[nodiscard]] bool is_busy() const { return at_ == At::sending || at_ == At::waiting; }
  [[nodiscard]] bool is_opening() const { return at_ == At::connecting || at_ == At::handshaking; }
  // errno of the last failure, 0 when it was none of the system's.
  [[nodiscard]] int last_error() const { return last_error_; }
  [[nodiscard]] const std::string& last_tls_error() const { return last_tls_error_; }

  void on_event(std::uint32_t events) override;

  // The owner's notes on the request under way; the connection does not look at them.
  struct Notes {
    Nanoseconds due{0};
    Nanoseconds sent{0};   // or when opening began
    Nanoseconds ready{0};  // since when it has been ready
    Nanoseconds retry{0};  // when to open again
    std::uint64_t entry = 0;
    std::uint32_t phase = 0;
    std::uint16_t class_index = 0;
    std::uint16_t failures = 0;  // in a row, to open it
    std::uint16_t identity = 0;  // whose certificate it shows
  } notes;

 private:
  enum class At : std::uint8_t { closed, connecting, handshaking, ready, sending, waiting };
  void connected();
  void handshake();
  void flush();
  void read();
  void read_idle();
  void fail(const IoResult& result);
  void end(Outcome outcome);
  void lost(Outcome why);
  void watch(std::uint32_t events);

  ConnectionContext& context_;
  Stream stream_;
  ResponseReader reader_;
  std::string unsent_;
  std::string last_tls_error_;
  int last_error_ = 0;
  std::uint32_t watched_ = 0;
  At at_ = At::closed;
};

}  // namespace s1flow::loadgen
