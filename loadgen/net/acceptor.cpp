#include "loadgen/net/acceptor.h"

#include <netinet/in.h>
#include <netinet/tcp.h>

namespace s1flow::loadgen {
namespace {

// Connections between two looks at the other sockets.
constexpr int kMostAtOnce = 64;

}  // namespace

Result<std::unique_ptr<Acceptor>> Acceptor::make(Poller& poller, Socket socket, Taker taker) {
  const int fd = socket.get();
  auto acceptor = std::make_unique<Acceptor>(poller, std::move(socket), std::move(taker));
  if (!poller.add(fd, EPOLLIN, *acceptor)) return tl::unexpected(io_error("watch", "socket"));
  return acceptor;
}

void Acceptor::on_event(std::uint32_t /*events*/) {
  for (int i = 0; i < kMostAtOnce; ++i) {
    Socket socket(::accept4(socket_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!socket) {
      // Told again and again otherwise, for as long as there is nothing to be had.
      if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
        paused_ = true;
        poller_.change(socket_.get(), 0, *this);
      }
      return;
    }
    const int on = 1;
    ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    taker_(std::move(socket));
  }
}

void Acceptor::resume() {
  if (!paused_) return;
  paused_ = false;
  poller_.change(socket_.get(), EPOLLIN, *this);
}

}  // namespace s1flow::loadgen
