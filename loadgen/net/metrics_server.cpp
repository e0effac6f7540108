#include "loadgen/net/metrics_server.h"

#include <algorithm>
#include <chrono>
#include <csignal>

#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>

#include "loadgen/net/request_scanner.h"

namespace s1flow::loadgen {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

// For the whole of a connection.
constexpr auto kDeadline = std::chrono::seconds(2);
constexpr int kBacklog = 16;

// Waits for `events` of either socket; false when time is up or the second has become ready.
bool wait_for(int socket, short events, int wake, SteadyTime until) {
  while (true) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        until - std::chrono::steady_clock::now());
    if (left.count() <= 0) return false;
    pollfd files[] = {{socket, events, 0}, {wake, POLLIN, 0}};
    const int ready = ::poll(files, 2, static_cast<int>(left.count()));
    if (files[1].revents != 0) return false;
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
}

std::string response(std::string_view status, std::string_view more, std::string_view body,
                     bool with_body) {
  return fmt::format(
      "HTTP/1.1 {}\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n{}"
      "Content-Length: {}\r\nConnection: close\r\n\r\n{}",
      status, more, body.size(), with_body ? body : std::string_view());
}

}  // namespace

Result<std::unique_ptr<MetricsServer>> MetricsServer::start(std::uint16_t port) {
  S1FLOW_TRY(Endpoint endpoint, numeric_endpoint("127.0.0.1", port));
  S1FLOW_TRY(Socket listening, listen_on(endpoint, kBacklog));
  Socket wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wake) return tl::unexpected(io_error("eventfd", "metrics"));
  return std::unique_ptr<MetricsServer>(
      new MetricsServer(std::move(listening), std::move(wake), endpoint.port));
}

MetricsServer::MetricsServer(Socket listening, Socket wake, std::uint16_t port)
    : listening_(std::move(listening)), wake_(std::move(wake)), port_(port), thread_([this] {
        // Signals are for the thread that waits for them.
        sigset_t all;
        ::sigfillset(&all);
        ::pthread_sigmask(SIG_BLOCK, &all, nullptr);
        serve();
      }) {}

MetricsServer::~MetricsServer() {
  const std::uint64_t one = 1;
  // An eventfd takes it at once.
  (void)!::write(wake_.get(), &one, sizeof one);
}

void MetricsServer::publish(std::string text) {
  const std::lock_guard lock(mutex_);
  text_ = std::move(text);
}

bool MetricsServer::stopping() const {
  pollfd file{wake_.get(), POLLIN, 0};
  return ::poll(&file, 1, 0) > 0;
}

void MetricsServer::serve() {
  while (!stopping()) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::hours(1);
    if (!wait_for(listening_.get(), POLLIN, wake_.get(), until)) continue;
    const Socket peer(::accept4(listening_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (peer) {
      answer(peer.get());
    } else if (errno != EAGAIN && errno != ECONNABORTED && errno != EINTR) {
      // Out of files: not again and again at once.
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  }
}

void MetricsServer::answer(int peer) const {
  const SteadyTime until = std::chrono::steady_clock::now() + kDeadline;
  std::string bytes;
  RequestHead head;
  RequestState state = RequestState::more;
  while (state == RequestState::more) {
    if (!wait_for(peer, POLLIN, wake_.get(), until)) return;
    char buffer[2048];
    const ssize_t n = ::recv(peer, buffer, sizeof buffer, 0);
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) return;
    if (n > 0) bytes.append(buffer, static_cast<std::size_t>(n));
    state = scan_request_head(bytes, head);
  }
  std::string out;
  const bool is_get = head.method == "GET", is_head = head.method == "HEAD";
  if (state == RequestState::bad || head.length != 0 || head.chunked) {
    out = response("400 Bad Request", "", "", false);
  } else if (!is_get && !is_head) {
    out = response("405 Method Not Allowed", "Allow: GET, HEAD\r\n", "", false);
  } else if (head.target != "/metrics") {
    out = response("404 Not Found", "", "metrics are at /metrics\n", is_get);
  } else {
    const std::lock_guard lock(mutex_);
    out = response("200 OK", "", text_, is_get);
  }
  std::string_view left = out;
  while (!left.empty()) {
    if (!wait_for(peer, POLLOUT, wake_.get(), until)) return;
    const ssize_t n = ::send(peer, left.data(), left.size(), MSG_NOSIGNAL);
    if (n < 0 && errno != EAGAIN && errno != EINTR) return;
    if (n > 0) left.remove_prefix(static_cast<std::size_t>(n));
  }
  // What the peer still sends would otherwise turn the answer into a reset.
  ::shutdown(peer, SHUT_WR);
  char rest[512];
  while (wait_for(peer, POLLIN, wake_.get(), until) && ::recv(peer, rest, sizeof rest, 0) > 0) {
  }
}

}  // namespace s1flow::loadgen
