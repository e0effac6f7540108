// The other side of measurements: a bare HTTP/1.1 server of one thread that answers every request
// at once with a fixed reply, can stand still on a timeline, and can write down when each request
// came. Trusts its peers; not for anything but measuring.
//
//   epoll_server [--port N] [--tls CERT KEY] [--stall-every MS --stall-for MS] [--arrivals FILE]
//                [--reply BYTES] [--reply-status N] [--chunked] [--spin]
//
// Prints "port N" when it listens. At the end (SIGTERM, SIGINT) it prints one JSON object with its
// counts and CPU seconds, and writes FILE: one line a request, nanoseconds of CLOCK_MONOTONIC when
// it was read and when its answer was written, in order. During a stall nothing is read or written;
// stalls begin at multiples of --stall-every after the first request, and the JSON lists them. With
// --spin the server never sleeps, so that its stamps do not tell how late the system woke it.

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

namespace {

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
  std::uint16_t port = 0;
  const char* cert = nullptr;
  const char* key = nullptr;
  std::int64_t stall_every = 0;
  std::int64_t stall_for = 0;
  const char* arrivals = nullptr;
  std::size_t reply = 64;
  int status = 200;
  bool chunked = false;
  bool spin = false;
};

struct Peer {
  int fd = -1;
  SSL* ssl = nullptr;
  std::size_t need = 0;  // bytes of the running request that are still to come
  std::string head;      // of a request whose head is not complete
};

struct Arrival {
  std::int64_t read;
  std::int64_t answered;
};

class Server {
 public:
  explicit Server(const Options& options) : options_(options) {
    const std::string body(options.reply, 'r');
    reply_ = "HTTP/1.1 " + std::to_string(options.status) +
             " OK\r\nContent-Type: text/plain\r\nConnection: keep-alive\r\n";
    if (options.chunked) {
      std::array<char, 32> size{};
      std::snprintf(size.data(), size.size(), "%zx\r\n", body.size());
      reply_ +=
          "Transfer-Encoding: chunked\r\n\r\n" + std::string(size.data()) + body + "\r\n0\r\n\r\n";
    } else {
      reply_ += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    }
  }

  bool listen();
  void run();
  void report() const;

 private:
  void stall();
  void accept_all();
  bool serve(Peer& peer);
  bool take(Peer& peer, const char* bytes, std::size_t size);
  bool answer(Peer& peer);
  void drop(Peer* peer);

  Options options_;
  std::string reply_;
  SSL_CTX* tls_ = nullptr;
  int listener_ = -1;
  int epoll_ = -1;
  std::unordered_map<Peer*, std::unique_ptr<Peer>> peers_;
  std::array<char, 65536> buffer_{};
  std::vector<Arrival> arrivals_;
  std::vector<Arrival> stalls_;
  std::int64_t next_stall_ = 0;
  std::int64_t first_ = 0;
  std::uint64_t requests_ = 0, connections_ = 0, broken_ = 0;
  std::int64_t read_at_ = 0;
};

bool Server::listen() {
  if (options_.cert != nullptr) {
    tls_ = SSL_CTX_new(TLS_server_method());
    if (SSL_CTX_use_certificate_chain_file(tls_, options_.cert) != 1 ||
        SSL_CTX_use_PrivateKey_file(tls_, options_.key, SSL_FILETYPE_PEM) != 1) {
      std::fputs("epoll_server: cannot read the certificate or its key\n", stderr);
      return false;
    }
    SSL_CTX_set_read_ahead(tls_, 1);
    SSL_CTX_set_mode(tls_, SSL_MODE_NO_AUTO_CHAIN);
  }
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  const int on = 1;
  ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(options_.port);
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::bind(listener_, reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0 ||
      ::listen(listener_, 16384) != 0) {
    std::perror("epoll_server: listen");
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
  ::epoll_ctl(epoll_, EPOLL_CTL_ADD, listener_, &event);
  if (options_.arrivals != nullptr) arrivals_.reserve(1 << 22);
  return true;
}

void Server::accept_all() {
  for (;;) {
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK);
    if (fd < 0) return;
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    auto peer = std::make_unique<Peer>();
    peer->fd = fd;
    if (tls_ != nullptr) {
      peer->ssl = SSL_new(tls_);
      SSL_set_fd(peer->ssl, fd);
      SSL_set_accept_state(peer->ssl);
    }
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = peer.get();
    ::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
    ++connections_;
    Peer* const key = peer.get();
    peers_.emplace(key, std::move(peer));
  }
}

bool Server::answer(Peer& peer) {
  ++requests_;
  const bool sent = peer.ssl != nullptr
                        ? SSL_write(peer.ssl, reply_.data(), static_cast<int>(reply_.size())) > 0
                        : ::send(peer.fd, reply_.data(), reply_.size(), MSG_NOSIGNAL) ==
                              static_cast<ssize_t>(reply_.size());
  if (options_.arrivals != nullptr) arrivals_.push_back({read_at_, now()});
  return sent;
}

bool Server::take(Peer& peer, const char* bytes, std::size_t size) {
  while (size > 0) {
    if (peer.need > 0) {
      const std::size_t part = std::min(size, peer.need);
      peer.need -= part;
      bytes += part;
      size -= part;
      if (peer.need == 0 && !answer(peer)) return false;
      continue;
    }
    const std::size_t held = peer.head.size();
    std::string_view text(bytes, size);
    if (held != 0) {
      peer.head.append(bytes, size);
      text = peer.head;
    }
    const std::size_t end = text.find("\r\n\r\n");
    if (end == std::string_view::npos) {
      if (held == 0) peer.head.assign(bytes, size);
      return peer.head.size() < 65536;
    }
    std::size_t length = 0;
    std::size_t line = text.find("\r\n");
    while (line < end) {
      if (::strncasecmp(text.data() + line + 2, "content-length:", 15) == 0)
        length = static_cast<std::size_t>(std::strtoull(text.data() + line + 17, nullptr, 10));
      line = text.find("\r\n", line + 2);
    }
    const std::size_t used = end + 4 - held;
    peer.head.clear();
    bytes += used;
    size -= used;
    peer.need = length;
    if (length == 0 && !answer(peer)) return false;
  }
  return true;
}

bool Server::serve(Peer& peer) {
  if (peer.ssl == nullptr) {
    const ssize_t n = ::recv(peer.fd, buffer_.data(), buffer_.size(), 0);
    if (n < 0) return errno == EAGAIN;
    if (n == 0) return false;
    if (options_.arrivals != nullptr) read_at_ = now();
    return take(peer, buffer_.data(), static_cast<std::size_t>(n));
  }
  do {
    const int n = SSL_read(peer.ssl, buffer_.data(), static_cast<int>(buffer_.size()));
    if (n <= 0) {
      const int why = SSL_get_error(peer.ssl, n);
      return why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE;
    }
    if (options_.arrivals != nullptr) read_at_ = now();
    if (!take(peer, buffer_.data(), static_cast<std::size_t>(n))) return false;
  } while (SSL_has_pending(peer.ssl) == 1);
  return true;
}

void Server::drop(Peer* peer) {
  if (peer->need > 0 || !peer->head.empty()) ++broken_;
  if (peer->ssl != nullptr) SSL_free(peer->ssl);
  ::close(peer->fd);
  peers_.erase(peer);
}

void Server::stall() {
  if (options_.stall_every == 0 || first_ == 0) return;
  const std::int64_t at = now();
  if (at < next_stall_) return;
  const std::int64_t end = next_stall_ + options_.stall_for;
  while (now() < end && stop == 0) {
    const std::int64_t left = end - now();
    if (left > 200'000) {
      const timespec nap{0, std::min<std::int64_t>(left - 100'000, 50'000'000)};
      ::nanosleep(&nap, nullptr);
    }
  }
  stalls_.push_back({at, now()});
  next_stall_ += options_.stall_every;
}

void Server::run() {
  std::array<epoll_event, 256> events{};
  while (stop == 0) {
    int wait = options_.spin ? 0 : 100;
    if (wait != 0 && options_.stall_every != 0 && first_ != 0)
      wait = static_cast<int>(std::clamp<std::int64_t>((next_stall_ - now()) / 1'000'000, 0, wait));
    const int n = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), wait);
    stall();
    for (int i = 0; i < n; ++i) {
      auto* peer = static_cast<Peer*>(events[static_cast<std::size_t>(i)].data.ptr);
      if (peer == nullptr)
        accept_all();
      else if (!serve(*peer))
        drop(peer);
    }
    if (first_ == 0 && requests_ > 0) {
      first_ = now();
      next_stall_ = first_ + options_.stall_every;
    }
  }
}

void Server::report() const {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  std::printf(
      "{\"requests\":%llu,\"connections\":%llu,\"broken\":%llu,\"cpu_user_seconds\":%.4f,"
      "\"cpu_system_seconds\":%.4f,\"stalls\":[",
      static_cast<unsigned long long>(requests_), static_cast<unsigned long long>(connections_),
      static_cast<unsigned long long>(broken_), seconds(used.ru_utime), seconds(used.ru_stime));
  for (std::size_t i = 0; i < stalls_.size(); ++i)
    std::printf("%s[%lld,%lld]", i == 0 ? "" : ",", static_cast<long long>(stalls_[i].read),
                static_cast<long long>(stalls_[i].answered));
  std::puts("]}");
  if (options_.arrivals == nullptr) return;
  std::FILE* file = std::fopen(options_.arrivals, "w");
  if (file == nullptr) return std::perror(options_.arrivals);
  for (const Arrival& a : arrivals_)
    std::fprintf(file, "%lld %lld\n", static_cast<long long>(a.read),
                 static_cast<long long>(a.answered));
  std::fclose(file);
}

bool read_options(int argc, char** argv, Options& options) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    const int left = argc - i - 1;
    if (name == "--chunked") {
      options.chunked = true;
    } else if (name == "--spin") {
      options.spin = true;
    } else if (name == "--tls" && left >= 2) {
      options.cert = argv[++i];
      options.key = argv[++i];
    } else if (left >= 1) {
      const char* value = argv[++i];
      if (name == "--port")
        options.port = static_cast<std::uint16_t>(std::atoi(value));
      else if (name == "--stall-every")
        options.stall_every = std::atoll(value) * 1'000'000;
      else if (name == "--stall-for")
        options.stall_for = std::atoll(value) * 1'000'000;
      else if (name == "--arrivals")
        options.arrivals = value;
      else if (name == "--reply")
        options.reply = static_cast<std::size_t>(std::atoll(value));
      else if (name == "--reply-status")
        options.status = std::atoi(value);
      else
        return false;
    } else {
      return false;
    }
  }
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  if (!read_options(argc, argv, options)) {
    std::fputs("epoll_server: unknown option; the head of bench/epoll_server.cpp lists them\n",
               stderr);
    return 2;
  }
  std::signal(SIGINT, on_signal);
  std::signal(SIGTERM, on_signal);
  std::signal(SIGPIPE, SIG_IGN);
  Server server(options);
  if (!server.listen()) return 3;
  server.run();
  server.report();
  return 0;
}
