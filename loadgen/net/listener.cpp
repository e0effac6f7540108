#include "loadgen/net/listener.h"

#include <algorithm>

#include <fmt/format.h>

namespace s1flow::loadgen {

class Listener::Peer final : public EventHandler {
 public:
  Peer(Listener& owner, Socket socket) : owner_(owner), stream_(std::move(socket)) {}

  bool start() {
    if (owner_.tls_ != nullptr) {
      stream_.start_tls(*owner_.tls_);
      at_ = At::handshake;
    }
    deadline_ = owner_.clock_.now() +
                (at_ == At::handshake ? owner_.limits_.handshake : owner_.limits_.idle);
    watched_ = EPOLLIN;
    return owner_.poller_.add(stream_.fd(), watched_, *this);
  }

  void on_event(std::uint32_t events) override {
    if (at_ == At::closed) return;
    if (at_ == At::handshake && !handshake()) return;
    if (!unsent_.empty()) {
      if ((events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) != 0) flush();
      return;  // no next request before the last answer is out
    }
    read();
  }

  [[nodiscard]] bool overdue(Nanoseconds now) const { return now >= deadline_; }
  [[nodiscard]] bool in_request() const { return at_ != At::idle; }
  void close() {
    stream_.close();
    at_ = At::closed;
  }

  std::list<Peer>::iterator place;

 private:
  enum class At : std::uint8_t { closed, handshake, idle, head, body, chunks };

  void watch(std::uint32_t events) {
    if (watched_ == events) return;
    watched_ = events;
    owner_.poller_.change(stream_.fd(), events, *this);
  }

  void end(bool broken) {
    if (broken) ++owner_.counts_.broken;
    close();
    owner_.gone(*this);
  }

  bool handshake() {
    const IoResult result = stream_.tls()->handshake();
    if (result.state == IoState::want_read || result.state == IoState::want_write) {
      watch(result.state == IoState::want_write ? EPOLLIN | EPOLLOUT : EPOLLIN);
      return false;
    }
    if (result.state != IoState::done) {
      end(true);
      return false;
    }
    watch(EPOLLIN);
    be_idle();
    return true;
  }

  void be_idle() {
    at_ = At::idle;
    deadline_ = owner_.clock_.now() + owner_.limits_.idle;
  }

  void read() {
    do {
      const IoResult result = stream_.read(owner_.buffer_.data(), owner_.buffer_.size());
      if (result.state == IoState::want_read || result.state == IoState::want_write) return;
      if (result.state != IoState::done) return end(in_request());
      if (!take(std::string_view(owner_.buffer_).substr(0, result.bytes))) return;
    } while (stream_.pending());
  }

  // False when the connection has ended.
  bool take(std::string_view bytes) {
    while (!bytes.empty()) {
      if (at_ == At::idle) {
        at_ = At::head;
        deadline_ = owner_.clock_.now() + owner_.limits_.request;
      }
      const bool good = at_ == At::head ? take_head(bytes) : take_body(bytes);
      if (!good) return false;
    }
    return true;
  }

  bool take_head(std::string_view& bytes) {
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
      return true;
    }
    if (state == RequestState::bad || head.length > owner_.limits_.body) return refuse();
    if (head.method != "POST") return refuse(405);
    target_.assign(head.target);
    keep_alive_ = head.keep_alive;
    left_ = static_cast<std::size_t>(head.length);
    bytes.remove_prefix(head.head_bytes - held);
    at_ = head.chunked ? At::chunks : At::body;
    held_.clear();
    chunks_.reset();
    if (head.expects_continue && bytes.empty() && !put("HTTP/1.1 100 Continue\r\n\r\n"))
      return false;
    return at_ != At::body || left_ > bytes.size() || take_body(bytes);
  }

  bool take_body(std::string_view& bytes) {
    if (at_ == At::body) {
      const std::size_t part = std::min(left_, bytes.size());
      left_ -= part;
      const std::string_view text = bytes.substr(0, part);
      bytes.remove_prefix(part);
      // The whole body in one piece is looked at where it lies.
      if (left_ == 0 && held_.empty()) return answer(text);
      held_.append(text);
      return left_ > 0 || answer(held_);
    }
    std::size_t used = 0;
    const ChunkScanner::State state = chunks_.feed(bytes, used, &held_);
    bytes.remove_prefix(used);
    if (state == ChunkScanner::State::bad || held_.size() > owner_.limits_.body) return refuse();
    return state == ChunkScanner::State::more || answer(held_);
  }

  bool refuse(int status = 400) {
    ++owner_.counts_.bad_requests;
    keep_alive_ = false;
    return reply(status);
  }

  bool answer(std::string_view body) {
    ++owner_.counts_.requests;
    const int status = owner_.handler_.on_callback(target_, body);
    held_.clear();
    return reply(status);
  }

  bool reply(int status) {
    const bool keep = keep_alive_;
    at_ = At::idle;
    std::string text = fmt::format("HTTP/1.1 {} {}\r\n{}{}\r\n", status, status < 300 ? "OK" : "No",
                                   status == 204 ? "" : "Content-Length: 0\r\n",
                                   keep ? "" : "Connection: close\r\n");
    if (!put(text)) return false;
    if (!keep && unsent_.empty()) {
      end(false);
      return false;
    }
    if (unsent_.empty()) be_idle();
    return true;
  }

  bool put(std::string_view text) {
    if (unsent_.empty()) {
      const IoResult result = stream_.write(text.data(), text.size());
      if (result.state == IoState::done) text.remove_prefix(result.bytes);
      if (result.state == IoState::reset || result.state == IoState::tls_error ||
          result.state == IoState::closed) {
        end(true);
        return false;
      }
    }
    if (text.empty()) return true;
    unsent_.append(text);
    deadline_ = owner_.clock_.now() + owner_.limits_.write;
    watch(EPOLLOUT);
    return true;
  }

  void flush() {
    const IoResult result = stream_.write(unsent_.data(), unsent_.size());
    if (result.state == IoState::want_write || result.state == IoState::want_read) return;
    if (result.state != IoState::done) return end(true);
    unsent_.erase(0, result.bytes);
    if (!unsent_.empty()) return;
    if (!keep_alive_) return end(false);
    watch(EPOLLIN);
    be_idle();
    if (stream_.pending()) read();
  }

  Listener& owner_;
  Stream stream_;
  At at_ = At::idle;
  Nanoseconds deadline_{0};
  std::uint32_t watched_ = 0;
  std::string held_;  // a head in pieces, then a body in pieces
  std::string target_;
  std::size_t left_ = 0;
  ChunkScanner chunks_;
  bool keep_alive_ = true;
  std::string unsent_;
};

void ListenerCounts::add(const ListenerCounts& other) {
  accepted += other.accepted;
  refused += other.refused;
  requests += other.requests;
  bad_requests += other.bad_requests;
  timed_out += other.timed_out;
  broken += other.broken;
}

Listener::Listener(Poller& poller, const Clock& clock, const TlsContext* tls,
                   CallbackHandler& handler, const ListenerLimits& limits)
    : poller_(poller),
      clock_(clock),
      tls_(tls),
      handler_(handler),
      limits_(limits),
      buffer_(std::size_t{64} << 10, '\0') {}

Listener::~Listener() = default;

void Listener::adopt(Socket socket) {
  if (peers_.size() >= limits_.connections) {
    ++counts_.refused;
    return;
  }
  ++counts_.accepted;
  Peer& peer = peers_.emplace_back(*this, std::move(socket));
  peer.place = std::prev(peers_.end());
  if (!peer.start()) gone(peer);
}

void Listener::gone(Peer& peer) {
  gone_.splice(gone_.end(), peers_, peer.place);
}

void Listener::tick() {
  gone_.clear();
  const Nanoseconds now = clock_.now();
  for (auto at = peers_.begin(); at != peers_.end();) {
    Peer& peer = *at++;
    if (!peer.overdue(now)) continue;
    if (peer.in_request()) ++counts_.timed_out;
    peer.close();
    gone(peer);
  }
  gone_.clear();
}

}  // namespace s1flow::loadgen
