#include "loadgen/stub/server.h"

#include <algorithm>

#include <fmt/format.h>
#include <sys/socket.h>

namespace s1flow::loadgen::stub {
namespace {

std::string_view reason_of(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 400:
      return "Bad Request";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 413:
      return "Content Too Large";
    case 500:
      return "Internal Server Error";
    case 503:
      return "Service Unavailable";
    default:
      return "Other";
  }
}

// So that a peer that has been refused reads why before its connection ends.
constexpr Nanoseconds kLinger = std::chrono::seconds(1);
constexpr std::size_t kMostLingering = 1 << 20;

}  // namespace

class Server::Peer final : public EventHandler {
 public:
  Peer(Server& owner, std::uint32_t place) : owner_(owner) { ticket_.place = place; }

  void start(Socket socket) {
    stream_ = Stream(std::move(socket));
    ++ticket_.life;
    peer_ = {};
    keep_alive_ = true;
    taking_ = ends_ = false;
    lingered_ = 0;
    at_ = At::idle;
    if (owner_.tls_ != nullptr) {
      stream_.start_tls(*owner_.tls_);
      at_ = At::handshake;
      until(owner_.limits_.handshake);
    } else {
      until(owner_.limits_.idle);
    }
    watched_ = EPOLLIN;
    if (!owner_.poller_.add(stream_.fd(), watched_, *this)) end(Count::connections_broken);
  }

  void on_event(std::uint32_t events) override {
    switch (at_) {
      case At::closed:
        return;
      case At::handshake:
        if (!handshake()) return;
        break;
      case At::waiting:
        // Bytes behind a request wait with it; a connection that is gone on both sides is gone.
        if ((events & (EPOLLERR | EPOLLHUP)) != 0) return end(Count::connections_broken);
        return watch(0);
      case At::writing:
        return flush();
      case At::lingering:
        return linger();
      default:
        break;
    }
    read();
  }

  bool answer(const Answer& answer, Spoil spoil) {
    if (at_ != At::waiting) return false;
    if (spoil == Spoil::reset) {
      reset();
      return true;
    }
    if (spoil == Spoil::garbage) {
      constexpr std::string_view kNonsense = "\x15 no answer\r\n\r\n";
      (void)::send(stream_.fd(), kNonsense.data(), kNonsense.size(), MSG_NOSIGNAL);
      close(Farewell::no);
      return true;
    }
    std::string& out = owner_.answer_text_;
    out.clear();
    const bool says_so = !keep_alive_ || answer.last;
    fmt::format_to(std::back_inserter(out),
                   "HTTP/1.1 {} {}\r\nContent-Type: {}\r\nContent-Length: {}\r\n{}\r\n",
                   answer.status, reason_of(answer.status), answer.type, answer.body.size(),
                   says_so ? "Connection: close\r\n" : "");
    out += answer.body;
    ends_ = says_so || spoil != Spoil::none;
    if (spoil == Spoil::truncate) out.resize(out.size() - answer.body.size() / 2 - 1);
    body_.clear();
    put(out);
    return true;
  }

  void reset() {
    const struct ::linger hard { 1, 0 };
    ::setsockopt(stream_.fd(), SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    close(Farewell::no);
  }

  void ignore() {
    at_ = At::lingering;
    until(owner_.limits_.idle);
    watch(EPOLLIN);
  }
  void close() { close(Farewell::yes); }

  void check(Nanoseconds now) {
    if (now < deadline_ || at_ == At::closed || at_ == At::waiting) return;
    if (at_ == At::idle || at_ == At::lingering) return close();
    end(Count::connections_timed_out);
  }

  [[nodiscard]] bool is_open() const { return at_ != At::closed; }
  [[nodiscard]] bool is_waiting() const { return at_ == At::waiting; }
  [[nodiscard]] Ticket ticket() const { return ticket_; }

 private:
  enum class At : std::uint8_t {
    closed,
    handshake,
    idle,
    head,
    body,
    chunks,
    waiting,   // for the answer
    writing,   // the rest of it
    lingering  // nothing more is said; the peer's bytes are thrown away
  };

  void until(Nanoseconds longest) { deadline_ = owner_.clock_.now() + longest; }
  void watch(std::uint32_t events) {
    if (watched_ == events) return;
    watched_ = events;
    owner_.poller_.change(stream_.fd(), events, *this);
  }

  enum class Farewell : bool { no, yes };  // under TLS
  void close(Farewell farewell) {
    if (at_ == At::closed) return;
    if (farewell == Farewell::yes && stream_.tls() != nullptr && at_ != At::handshake)
      stream_.tls()->shutdown();
    stream_.close();
    at_ = At::closed;
    held_.clear();
    body_.clear();
    unsent_.clear();
    input_.clear();
    --owner_.open_;
    owner_.free_.push_back(ticket_.place);
  }
  void end(Count why) {
    owner_.counts_.add(why);
    close();
  }

  bool handshake() {
    const IoResult result = stream_.tls()->handshake();
    if (result.state == IoState::want_read || result.state == IoState::want_write) {
      watch(result.state == IoState::want_write ? EPOLLIN | EPOLLOUT : EPOLLIN);
      return false;
    }
    if (result.state != IoState::done) {
      end(Count::connections_tls_failed);
      return false;
    }
    if (owner_.name_peers_) peer_ = stream_.tls()->peer();
    watch(EPOLLIN);
    at_ = At::idle;
    until(owner_.limits_.idle);
    return true;
  }

  [[nodiscard]] bool reading() const {
    return at_ == At::idle || at_ == At::head || at_ == At::body || at_ == At::chunks;
  }

  void read() {
    do {
      const IoResult result = stream_.read(owner_.buffer_.data(), owner_.buffer_.size());
      if (result.state == IoState::want_read || result.state == IoState::want_write) return;
      if (result.state != IoState::done)
        return at_ == At::idle ? close() : end(Count::connections_broken);
      take(std::string_view(owner_.buffer_).substr(0, result.bytes));
    } while (reading() && stream_.pending());
  }

  // What cannot be taken yet is kept for later.
  void take(std::string_view bytes) {
    taking_ = true;
    while (!bytes.empty() && reading()) {
      if (at_ == At::idle) {
        at_ = At::head;
        arrived_ = owner_.clock_.now();
        deadline_ = arrived_ + owner_.limits_.request;
      }
      if (at_ == At::head)
        take_head(bytes);
      else
        take_body(bytes);
    }
    taking_ = false;
    if (!bytes.empty() && at_ != At::closed && at_ != At::lingering) input_.append(bytes);
  }

  void take_head(std::string_view& bytes) {
    const std::size_t held = held_.size();
    std::string_view all = bytes;
    if (held != 0) {
      held_.append(bytes);
      all = held_;
    }
    RequestHead head;
    const RequestState state = scan_request_head(all, head);
    if (state == RequestState::more) {
      if (held == 0) held_.assign(bytes);
      bytes = {};
      return;
    }
    if (state == RequestState::bad) return refuse(400, Count::http_bad_framing);
    if (head.length > owner_.limits_.body) return refuse(413, Count::http_too_large);
    method_.assign(head.method);
    target_.assign(head.target);
    keep_alive_ = head.keep_alive;
    left_ = static_cast<std::size_t>(head.length);
    bytes.remove_prefix(head.head_bytes - held);
    at_ = head.chunked ? At::chunks : At::body;
    const bool wants_word = head.expects_continue && bytes.empty() && (head.chunked || left_ > 0);
    held_.clear();
    chunks_.reset();
    if (wants_word && !say_continue()) return end(Count::connections_broken);
    if (at_ == At::body && left_ <= bytes.size()) take_body(bytes);
  }

  void take_body(std::string_view& bytes) {
    if (at_ == At::body) {
      const std::size_t part = std::min(left_, bytes.size());
      left_ -= part;
      const std::string_view text = bytes.substr(0, part);
      bytes.remove_prefix(part);
      // A whole body in one piece is looked at where it lies.
      if (left_ == 0 && body_.empty()) return complete(text);
      body_.append(text);
      if (left_ == 0) complete(body_);
      return;
    }
    std::size_t used = 0;
    const ChunkScanner::State state = chunks_.feed(bytes, used, &body_);
    bytes.remove_prefix(used);
    if (state == ChunkScanner::State::bad) return refuse(400, Count::http_bad_framing);
    if (body_.size() > owner_.limits_.body) return refuse(413, Count::http_too_large);
    if (state == ChunkScanner::State::complete) complete(body_);
  }

  void complete(std::string_view body) {
    owner_.counts_.add(Count::http_requests);
    at_ = At::waiting;
    owner_.handler_.on_request({ticket_, method_, target_, body, arrived_, peer_});
  }

  void refuse(int status, Count why) {
    owner_.counts_.add(why);
    keep_alive_ = false;
    at_ = At::waiting;
    answer({status, "text/plain", {}, true}, Spoil::none);
  }

  // An interim response is so short that it always fits into an empty socket.
  bool say_continue() {
    constexpr std::string_view kText = "HTTP/1.1 100 Continue\r\n\r\n";
    const IoResult result = stream_.write(kText.data(), kText.size());
    return result.state == IoState::done && result.bytes == kText.size();
  }

  void put(std::string_view text) {
    const IoResult result = stream_.write(text.data(), text.size());
    if (result.state == IoState::done) text.remove_prefix(result.bytes);
    if (result.state != IoState::done && result.state != IoState::want_write &&
        result.state != IoState::want_read)
      return end(Count::connections_broken);
    if (text.empty()) return written();
    unsent_.assign(text);
    at_ = At::writing;
    until(owner_.limits_.write);
    watch(EPOLLOUT);
  }

  void flush() {
    while (!unsent_.empty()) {
      const IoResult result = stream_.write(unsent_.data(), unsent_.size());
      if (result.state == IoState::want_write || result.state == IoState::want_read) return;
      if (result.state != IoState::done) return end(Count::connections_broken);
      unsent_.erase(0, result.bytes);
    }
    written();
  }

  void written() {
    if (ends_) {
      if (stream_.tls() != nullptr) stream_.tls()->shutdown();
      ::shutdown(stream_.fd(), SHUT_WR);
      at_ = At::lingering;
      input_.clear();
      until(kLinger);
      return watch(EPOLLIN);
    }
    at_ = At::idle;
    until(owner_.limits_.idle);
    if (taking_) return;  // the loop that called goes on with what it has
    if (!input_.empty()) {
      std::string more;
      more.swap(input_);
      take(more);
    }
    if (!reading()) return;
    watch(EPOLLIN);
    if (stream_.pending()) read();
  }

  void linger() {
    const ssize_t n = ::recv(stream_.fd(), owner_.buffer_.data(), owner_.buffer_.size(), 0);
    if (n > 0) lingered_ += static_cast<std::size_t>(n);
    const bool nothing = n < 0 && (errno == EAGAIN || errno == EINTR);
    if ((n <= 0 && !nothing) || lingered_ > kMostLingering) close();
  }

  Server& owner_;
  Ticket ticket_;
  Stream stream_;
  At at_ = At::closed;
  bool keep_alive_ = true;
  bool taking_ = false;
  bool ends_ = false;
  std::uint32_t watched_ = 0;
  Nanoseconds deadline_{0}, arrived_{0};
  std::string held_;   // a head in pieces
  std::string body_;   // a body in pieces
  std::string input_;  // behind the request that is being answered
  std::string unsent_;
  std::string method_, target_;
  Eui64 peer_;
  std::size_t left_ = 0;
  std::size_t lingered_ = 0;
  ChunkScanner chunks_;
};

Server::Server(Poller& poller, const Clock& clock, const TlsContext* tls, RequestHandler& handler,
               const ServerLimits& limits, LiveCounts& counts)
    : poller_(poller),
      clock_(clock),
      tls_(tls),
      handler_(handler),
      limits_(limits),
      counts_(counts),
      buffer_(std::size_t{64} << 10, '\0') {}

Server::~Server() = default;

void Server::adopt(Socket socket) {
  if (open_ >= limits_.connections) return counts_.add(Count::connections_at_limit);
  counts_.add(Count::connections_accepted);
  if (free_.empty()) {
    const auto place = static_cast<std::uint32_t>(peers_.size());
    peers_.push_back(std::make_unique<Peer>(*this, place));
    free_.push_back(place);
  }
  Peer& peer = *peers_[free_.back()];
  free_.pop_back();
  ++open_;
  peer.start(std::move(socket));
}

Server::Peer* Server::find(Ticket ticket) const {
  if (ticket.place >= peers_.size()) return nullptr;
  Peer& peer = *peers_[ticket.place];
  return peer.is_open() && peer.ticket().life == ticket.life ? &peer : nullptr;
}

void Server::ignore(Ticket ticket) {
  if (Peer* const peer = find(ticket); peer != nullptr) peer->ignore();
}

void Server::close() {
  for (const auto& peer : peers_) peer->close();
}

bool Server::has(Ticket ticket) const {
  const Peer* const peer = find(ticket);
  return peer != nullptr && peer->is_waiting();
}

bool Server::answer(Ticket ticket, const Answer& answer, Spoil spoil) {
  Peer* const peer = find(ticket);
  return peer != nullptr && peer->answer(answer, spoil);
}

void Server::reset_some(double share, Random& random) {
  for (const auto& peer : peers_) {
    if (!peer->is_open() || !random.chance(share)) continue;
    counts_.add(Count::timeline_resets);
    peer->reset();
  }
}

void Server::tick() {
  const Nanoseconds now = clock_.now();
  for (const auto& peer : peers_) peer->check(now);
}

}  // namespace s1flow::loadgen::stub
