// The floor: what one thread has to spend on POSTs over kept connections when it does nothing else.
// Ready-made bytes, one send and one recv for each request, level-triggered epoll, no clock, no
// accounting, no parsing: a response is complete when as many bytes have come as the first one had.
//
//   epoll_floor PORT CONNECTIONS SECONDS BODY_FILE     (http://127.0.0.1:PORT/)
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

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    std::fputs("usage: epoll_floor PORT CONNECTIONS SECONDS BODY_FILE\n", stderr);
    return 2;
  }
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
  std::vector<int> sockets;
  std::size_t response = 0;
  for (std::size_t i = 0; i < connections; ++i) {
    const int fd = connect_to(port);
    sockets.push_back(fd);
    if (i == 0) {
      // How long a response is; the peer's are all alike.
      if (::send(fd, request.data(), request.size(), MSG_NOSIGNAL) < 0) fail("send");
      const ssize_t n = ::recv(fd, buffer.data(), buffer.size(), 0);
      if (n <= 0) fail("recv");
      response = static_cast<std::size_t>(n);
    }
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = i;
    ::epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
  }
  std::uint64_t done = 0, errors = 0;
  rusage before{}, after{};
  ::getrusage(RUSAGE_SELF, &before);
  const double start = now();
  const double end = start + length;
  for (const int fd : sockets) ::send(fd, request.data(), request.size(), MSG_NOSIGNAL);
  std::array<epoll_event, 256> events{};
  while (now() < end && errors == 0) {
    const int n = ::epoll_wait(epoll, events.data(), static_cast<int>(events.size()), 100);
    for (int i = 0; i < n; ++i) {
      const std::size_t c = events[static_cast<std::size_t>(i)].data.u64;
      const ssize_t bytes = ::recv(sockets[c], buffer.data(), buffer.size(), 0);
      if (bytes <= 0) {
        ++errors;
        continue;
      }
      got[c] += static_cast<std::size_t>(bytes);
      if (got[c] < response) continue;
      got[c] = 0;
      ++done;
      if (::send(sockets[c], request.data(), request.size(), MSG_NOSIGNAL) !=
          static_cast<ssize_t>(request.size()))
        ++errors;
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
