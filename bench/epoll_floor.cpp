// The floor: what one thread has to spend on POSTs over kept connections when it does nothing else.
// Ready-made bytes, one send and one recv for each request, level-triggered epoll, no clock, no
// accounting, no parsing: a response is complete when as many bytes have come as the first one had.
//
//   epoll_floor PORT CONNECTIONS SECONDS BODY_FILE [tls]     (127.0.0.1:PORT)
//
// With `tls` the same over TLS 1.3, which is then what OpenSSL asks for, and nothing more: the
// server's certificate is not looked at, and no session is kept.
//
// Prints one JSON object: requests, seconds, cpu_user_seconds, cpu_system_seconds, errors.

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

namespace {

double now() {
  timespec t{};
  ::clock_gettime(CLOCK_MONOTONIC, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) / 1e9;
}

double seconds(const timeval& t) {
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
}

[[noreturn]] void fail(const char* what) {
  std::perror(what);
  std::exit(3);
}

int connect_to(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) fail("connect");
  return fd;
}

// A socket, with TLS on top of it or not.
struct Connection {
  int fd = -1;
  SSL* ssl = nullptr;

  [[nodiscard]] bool send(const std::string& bytes) const {
    const auto size = static_cast<ssize_t>(bytes.size());
    if (ssl != nullptr) return SSL_write(ssl, bytes.data(), static_cast<int>(size)) == size;
    return ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL) == size;
  }
  // At least one byte, or an error.
  [[nodiscard]] ssize_t receive(std::array<char, 65536>& to) const {
    if (ssl != nullptr) return SSL_read(ssl, to.data(), static_cast<int>(to.size()));
    return ::recv(fd, to.data(), to.size(), 0);
  }
};

SSL_CTX* tls_context() {
  SSL_CTX* const context = SSL_CTX_new(TLS_client_method());
  SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
  SSL_CTX_set_read_ahead(context, 1);
  return context;
}

Connection open_connection(std::uint16_t port, SSL_CTX* tls) {
  Connection c{.fd = connect_to(port)};
  if (tls == nullptr) return c;
  c.ssl = SSL_new(tls);
  SSL_set_fd(c.ssl, c.fd);
  if (SSL_connect(c.ssl) != 1) fail("TLS handshake");
  return c;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5 && !(argc == 6 && std::strcmp(argv[5], "tls") == 0)) {
    std::fputs("usage: epoll_floor PORT CONNECTIONS SECONDS BODY_FILE [tls]\n", stderr);
    return 2;
  }
  SSL_CTX* const tls = argc == 6 ? tls_context() : nullptr;
  const auto port = static_cast<std::uint16_t>(std::atoi(argv[1]));
  const auto connections = static_cast<std::size_t>(std::atoi(argv[2]));
  const double length = std::atof(argv[3]);
  std::ifstream file(argv[4], std::ios::binary);
  std::stringstream body;
  body << file.rdbuf();
  const std::string request =
      "POST / HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port) +
      "\r\nContent-Type: application/xml\r\nContent-Length: " + std::to_string(body.str().size()) +
      "\r\n\r\n" + body.str();
  std::array<char, 65536> buffer{};
  const int epoll = ::epoll_create1(0);
  std::vector<std::size_t> got(connections, 0);
  std::vector<Connection> all;
  std::size_t response = 0;
  for (std::size_t i = 0; i < connections; ++i) {
    all.push_back(open_connection(port, tls));
    const Connection& one = all.back();
    if (i == 0) {
      // How long a response is; the peer's are all alike.
      if (!one.send(request)) fail("send");
      const ssize_t n = one.receive(buffer);
      if (n <= 0) fail("recv");
      response = static_cast<std::size_t>(n);
    }
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = i;
    ::epoll_ctl(epoll, EPOLL_CTL_ADD, one.fd, &event);
  }
  std::uint64_t done = 0, errors = 0;
  rusage before{}, after{};
  ::getrusage(RUSAGE_SELF, &before);
  const double start = now();
  const double end = start + length;
  for (const Connection& c : all) errors += c.send(request) ? 0 : 1;
  std::array<epoll_event, 256> events{};
  while (now() < end && errors == 0) {
    const int n = ::epoll_wait(epoll, events.data(), static_cast<int>(events.size()), 100);
    for (int i = 0; i < n; ++i) {
      const std::size_t c = events[static_cast<std::size_t>(i)].data.u64;
      const ssize_t bytes = all[c].receive(buffer);
      if (bytes <= 0) {
        ++errors;
        continue;
      }
      got[c] += static_cast<std::size_t>(bytes);
      if (got[c] < response) continue;
      got[c] = 0;
      ++done;
      if (!all[c].send(request)) ++errors;
    }
  }
  const double took = now() - start;
  ::getrusage(RUSAGE_SELF, &after);
  std::printf(
      "{\"requests\":%llu,\"seconds\":%.3f,\"cpu_user_seconds\":%.4f,\"cpu_system_seconds\":%.4f,"
      "\"errors\":%llu}\n",
      static_cast<unsigned long long>(done), took,
      seconds(after.ru_utime) - seconds(before.ru_utime),
      seconds(after.ru_stime) - seconds(before.ru_stime), static_cast<unsigned long long>(errors));
  return errors == 0 ? 0 : 3;
}
