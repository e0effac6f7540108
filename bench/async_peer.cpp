// The other side of asynchronous Service Requests, as cheap as it can be made: acknowledges every
// request at once (I99) and sends its Service Response after a fixed delay to the User's receive
// service. Unsigned, one thread, plain HTTP. Trusts its peers; not for anything but measuring.
//
//   async_peer --callback PORT [--delay MS] [--connections N] [--spin 0|1]
// With --spin 1 it never sleeps, and so is not woken late.
//
// Prints "port N" when it listens. At the end (SIGTERM, SIGINT) it prints one JSON object: requests
// taken, responses delivered and refused, the most that were outstanding at once, CPU seconds.

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "codecs/duis/response.h"

namespace {

using namespace s1flow;
namespace duis = codecs::duis;

volatile std::sig_atomic_t stop = 0;
void on_signal(int) {
  stop = 1;
}

std::int64_t now() {
  timespec t{};
  ::clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1'000'000'000LL + t.tv_nsec;
}

double seconds(const timeval& t) {
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
}

struct Options {
  std::uint16_t callback = 0;
  std::int64_t delay = 100'000'000;
  bool spin = false;
  std::size_t connections = 16;
};

// A connection, either way. Bytes of a message that is not whole are kept.
struct Peer {
  int fd = -1;
  bool ours = false;  // we send on it
  bool busy = false;  // a response of ours is on it
  std::string held;
};

struct Due {
  std::int64_t at;
  duis::MessageId request;
};

class AsyncPeer {
 public:
  explicit AsyncPeer(const Options& options) : options_(options), writer_({}, {}) {
    for (std::size_t i = 0; i < payload_.size(); ++i)
      payload_[i] = static_cast<unsigned char>(i * 37);
  }
  bool listen();
  void run();
  void report() const;

 private:
  void accept_all();
  void connect_callbacks();
  bool serve(Peer& peer);
  bool take(Peer& peer, std::string_view body);
  void deliver();
  void drop(Peer* peer);

  Options options_;
  duis::ResponseWriter writer_;
  const ServiceReferenceVariant& srv_ = *find_srv("4.8.1");
  UtcTime clock_ = *UtcTime::parse("2021-06-07T12:00:00Z");
  std::array<unsigned char, 115> payload_{};
  int listener_ = -1;
  int epoll_ = -1;
  std::vector<Peer*> idle_;
  std::deque<Due> due_;  // the delay is fixed, so they are in order
  std::array<char, 65536> buffer_{};
  std::string body_, out_;
  std::uint64_t requests_ = 0, unreadable_ = 0, delivered_ = 0, refused_ = 0, under_way_ = 0;
  std::size_t most_ = 0;
};

bool add(int epoll, Peer* peer) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.ptr = peer;
  return ::epoll_ctl(epoll, EPOLL_CTL_ADD, peer->fd, &event) == 0;
}

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(port);
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return at;
}

bool AsyncPeer::listen() {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  sockaddr_in at = loopback(0);
  if (::bind(listener_, reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0 ||
      ::listen(listener_, 1024) != 0) {
    std::perror("async_peer: listen");
    return false;
  }
  socklen_t size = sizeof at;
  ::getsockname(listener_, reinterpret_cast<sockaddr*>(&at), &size);
  std::printf("port %u\n", unsigned{ntohs(at.sin_port)});
  std::fflush(stdout);
  epoll_ = ::epoll_create1(0);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.ptr = nullptr;
  return ::epoll_ctl(epoll_, EPOLL_CTL_ADD, listener_, &event) == 0;
}

void AsyncPeer::accept_all() {
  for (;;) {
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK);
    if (fd < 0) return;
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    (void)add(epoll_, new Peer{fd, false, false, {}});
  }
}

// When the first request is there, so is the receive service.
void AsyncPeer::connect_callbacks() {
  const sockaddr_in to = loopback(options_.callback);
  for (std::size_t i = 0; i < options_.connections; ++i) {
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
      std::perror("async_peer: connect to the callback port");
      std::exit(3);
    }
    auto* const peer = new Peer{fd, true, false, {}};
    (void)add(epoll_, peer);
    idle_.push_back(peer);
  }
}

void AsyncPeer::drop(Peer* peer) {
  if (peer->busy) --under_way_;
  idle_.erase(std::remove(idle_.begin(), idle_.end(), peer), idle_.end());
  ::close(peer->fd);
  delete peer;
}

bool AsyncPeer::take(Peer& peer, std::string_view body) {
  constexpr std::string_view kName = "RequestID>";
  const std::size_t from = body.find(kName) + kName.size();
  const auto id = body.find(kName) == std::string_view::npos
                      ? std::nullopt
                      : duis::MessageId::parse(body.substr(from, body.find('<', from) - from));
  if (!id) {
    ++unreadable_;
    return false;
  }
  ++requests_;
  body_.clear();
  if (!writer_.append_acknowledgement(body_, *id, srv_, duis::response_code::kI99, clock_,
                                      duis::OuterSignature::no))
    return false;
  out_ = "HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\nContent-Length: " +
         std::to_string(body_.size()) + "\r\n\r\n" + body_;
  due_.push_back({now() + options_.delay, *id});
  most_ = std::max(most_, due_.size());
  return ::send(peer.fd, out_.data(), out_.size(), MSG_NOSIGNAL) ==
         static_cast<ssize_t>(out_.size());
}

void AsyncPeer::deliver() {
  const std::int64_t at = now();
  while (!due_.empty() && due_.front().at <= at && !idle_.empty()) {
    const duis::MessageId id = due_.front().request;
    due_.pop_front();
    Peer* const peer = idle_.back();
    idle_.pop_back();
    body_.clear();
    const bool made =
        writer_
            .append_response(body_, {id, id.answered(), duis::response_code::kI0, clock_}, srv_,
                             duis::GbcsPayload{payload_}, duis::OuterSignature::no)
            .has_value();
    out_ =
        "POST /smartdcc/duis HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/xml\r\n"
        "Content-Length: " +
        std::to_string(body_.size()) + "\r\n\r\n" + body_;
    peer->busy = made;
    ++under_way_;
    if (!made || ::send(peer->fd, out_.data(), out_.size(), MSG_NOSIGNAL) !=
                     static_cast<ssize_t>(out_.size())) {
      ++refused_;
      drop(peer);
    }
  }
}

bool AsyncPeer::serve(Peer& peer) {
  const ssize_t n = ::recv(peer.fd, buffer_.data(), buffer_.size(), MSG_DONTWAIT);
  if (n < 0) return errno == EAGAIN || errno == EINTR;
  if (n == 0) return false;
  peer.held.append(buffer_.data(), static_cast<std::size_t>(n));
  for (;;) {
    const std::size_t end = peer.held.find("\r\n\r\n");
    if (end == std::string::npos) return peer.held.size() < 1 << 20;
    std::size_t length = 0;
    if (const std::size_t at = peer.held.find("Content-Length: "); at < end)
      length = std::strtoull(peer.held.data() + at + 16, nullptr, 10);
    const std::size_t whole = end + 4 + length;
    if (peer.held.size() < whole) return true;
    if (peer.ours) {
      if (peer.held.compare(9, 1, "2") == 0)
        ++delivered_;
      else
        ++refused_;
      peer.busy = false;
      --under_way_;
      idle_.push_back(&peer);
    } else if (!take(peer, std::string_view(peer.held).substr(end + 4, length))) {
      return false;
    }
    peer.held.erase(0, whole);
  }
}

void AsyncPeer::run() {
  std::array<epoll_event, 256> events{};
  bool connected = false;
  while (stop == 0) {
    timespec wait{0, options_.spin ? 0 : 50'000'000};
    if (!due_.empty() && !idle_.empty())
      wait.tv_nsec = std::clamp<std::int64_t>(due_.front().at - now(), 0, wait.tv_nsec);
    const int n =
        ::epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()), &wait, nullptr);
    for (int i = 0; i < n; ++i) {
      auto* peer = static_cast<Peer*>(events[static_cast<std::size_t>(i)].data.ptr);
      if (peer == nullptr)
        accept_all();
      else if (!serve(*peer))
        drop(peer);
    }
    if (!connected && requests_ > 0) {
      connect_callbacks();
      connected = true;
    }
    deliver();
  }
}

void AsyncPeer::report() const {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  std::printf(
      "{\"requests\":%llu,\"unreadable\":%llu,\"delivered\":%llu,\"refused\":%llu,"
      "\"not_delivered\":%llu,\"most_outstanding\":%zu,\"cpu_seconds\":%.4f}\n",
      static_cast<unsigned long long>(requests_), static_cast<unsigned long long>(unreadable_),
      static_cast<unsigned long long>(delivered_), static_cast<unsigned long long>(refused_),
      static_cast<unsigned long long>(due_.size() + under_way_), most_,
      seconds(used.ru_utime) + seconds(used.ru_stime));
}

bool read_options(int argc, char** argv, Options& options) {
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i];
    const long long value = std::atoll(argv[i + 1]);
    if (name == "--callback")
      options.callback = static_cast<std::uint16_t>(value);
    else if (name == "--delay")
      options.delay = value * 1'000'000;
    else if (name == "--spin")
      options.spin = value != 0;
    else if (name == "--connections")
      options.connections = static_cast<std::size_t>(value);
    else
      return false;
  }
  return argc % 2 == 1 && options.callback != 0;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  if (!read_options(argc, argv, options)) {
    std::fputs("usage: async_peer --callback PORT [--delay MS] [--connections N] [--spin 0|1]\n",
               stderr);
    return 2;
  }
  std::signal(SIGINT, on_signal);
  std::signal(SIGTERM, on_signal);
  AsyncPeer peer(options);
  if (!peer.listen()) return 3;
  peer.run();
  peer.report();
  return 0;
}
