#pragma once
// Our own receive service: HTTP/1.1, plain or TLS, in the event loop of its thread, on connections
// that somebody has accepted (acceptor.h). Requests are framed strictly (request_scanner.h); a bad
// one gets 400 and the end of its connection. Every state of a connection has a deadline. One
// thread.

#include <cstdint>
#include <list>
#include <string>

#include "loadgen/net/poller.h"
#include "loadgen/net/request_scanner.h"
#include "loadgen/net/response_scanner.h"

namespace s1flow::loadgen {

class CallbackHandler {
 public:
  // A whole request has come; the status to answer with, 200 to 599. The body lives as long as the
  // call. 204 has no body.
  virtual int on_callback(std::string_view target, std::string_view body) = 0;

 protected:
  ~CallbackHandler() = default;
};

struct ListenerLimits {
  std::size_t connections = 4096;
  std::size_t body = 1 << 20;
  Nanoseconds handshake = std::chrono::seconds(10);
  Nanoseconds request = std::chrono::seconds(10);  // from its first byte to its last
  Nanoseconds idle = std::chrono::seconds(60);
  Nanoseconds write = std::chrono::seconds(10);
};

struct ListenerCounts {
  std::uint64_t accepted = 0;
  std::uint64_t refused = 0;  // beyond the limit of connections
  std::uint64_t requests = 0;
  std::uint64_t bad_requests = 0;
  std::uint64_t timed_out = 0;
  std::uint64_t broken = 0;  // ended within a request or a handshake
  void add(const ListenerCounts& other);
};

class Listener {
 public:
  // Borrows everything. `tls` may be null.
  Listener(Poller& poller, const Clock& clock, const TlsContext* tls, CallbackHandler& handler,
           const ListenerLimits& limits);
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener();

  // Serves a connection that was accepted.
  void adopt(Socket socket);
  // Ends connections whose deadline has passed; to be called every now and then, not from within an
  // event.
  void tick();
  [[nodiscard]] const ListenerCounts& counts() const { return counts_; }
  [[nodiscard]] std::size_t open() const { return peers_.size(); }

 private:
  class Peer;
  friend class Peer;
  void gone(Peer& peer);

  Poller& poller_;
  const Clock& clock_;
  const TlsContext* tls_;
  CallbackHandler& handler_;
  ListenerLimits limits_;
  ListenerCounts counts_;
  std::string buffer_;
  std::list<Peer> peers_;
  std::list<Peer> gone_;  // kept until no event of the round can reach them
};

}  // namespace s1flow::loadgen
