#pragma once
// The stub's side of HTTP/1.1, plain or TLS, in the event loop of its thread. Heads are read
// strictly (net/request_scanner.h): what two readers could understand in two ways gets 400 and the
// end of the connection. An answer may be given at once or later; requests behind it wait, so
// answers keep their order. Every state of a connection has a deadline, but for those that wait
// for the stub itself.
//
// One thread. The handler is called from on_event() and from answer().

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/random.h"
#include "loadgen/net/poller.h"
#include "loadgen/net/request_scanner.h"
#include "loadgen/net/response_scanner.h"
#include "loadgen/stub/counts.h"

namespace s1flow::loadgen::stub {

// A request under way: names its connection for as long as that lives.
struct Ticket {
  std::uint32_t place = 0;
  std::uint32_t life = 0;
};

struct IncomingRequest {
  Ticket ticket;
  std::string_view method;
  std::string_view target;
  std::string_view body;
  Nanoseconds arrived{0};  // when its first byte was read
  Eui64 peer;              // of its TLS certificate, when peers are named; else none
};

struct Answer {
  int status = 200;
  std::string_view type = "application/xml";
  std::string_view body;
  bool last = false;  // the connection ends after it
};

// What to do instead of a plain answer.
enum class Spoil : std::uint8_t {
  none,
  reset,       // TCP reset, no answer
  truncate,    // half of the answer, then the end
  half_close,  // the answer, then the end of our side without `Connection: close`
  garbage,     // bytes that are no HTTP; under TLS, bytes that are no TLS
};

class RequestHandler {
 public:
  // Answer it by Server::answer() with its ticket, now or later. Views live as long as the call.
  virtual void on_request(const IncomingRequest& request) = 0;

 protected:
  ~RequestHandler() = default;
};

struct ServerLimits {
  std::size_t connections = 16384;
  std::size_t body = 1 << 20;
  Nanoseconds handshake = std::chrono::seconds(10);
  Nanoseconds request = std::chrono::seconds(10);  // from its first byte to its last
  Nanoseconds idle = std::chrono::seconds(120);
  Nanoseconds write = std::chrono::seconds(10);
};

class Server {
 public:
  // Borrows everything. `tls` may be null.
  Server(Poller& poller, const Clock& clock, const TlsContext* tls, RequestHandler& handler,
         const ServerLimits& limits, LiveCounts& counts);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // From now on requests say whose TLS certificate their connection has shown.
  void name_peers() { name_peers_ = true; }
  // Serves a connection that was accepted.
  void adopt(Socket socket);
  // False when the connection has gone.
  bool answer(Ticket ticket, const Answer& answer, Spoil spoil = Spoil::none);
  // Never answers; the connection lives until its peer ends it, or for as long as an idle one.
  void ignore(Ticket ticket);
  // Ends every connection, whatever it waits for.
  void close();
  // Whether the request's connection still waits for an answer.
  [[nodiscard]] bool has(Ticket ticket) const;
  // Resets each connection with that probability, for the timeline.
  void reset_some(double share, Random& random);
  // Ends what is overdue; every now and then, not from within an event.
  void tick();
  [[nodiscard]] std::size_t open() const { return open_; }

 private:
  class Peer;
  friend class Peer;
  [[nodiscard]] Peer* find(Ticket ticket) const;

  Poller& poller_;
  const Clock& clock_;
  const TlsContext* tls_;
  RequestHandler& handler_;
  ServerLimits limits_;
  LiveCounts& counts_;
  std::string buffer_;
  std::string answer_text_;
  std::vector<std::unique_ptr<Peer>> peers_;  // places are used again
  std::vector<std::uint32_t> free_;
  std::size_t open_ = 0;
  bool name_peers_ = false;
};

}  // namespace s1flow::loadgen::stub
