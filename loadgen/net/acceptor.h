#pragma once
// Takes the connections that come to a listening socket and gives each to `taker`. When the system
// has no more sockets to give, it looks away until resume(). One thread.

#include <functional>
#include <memory>

#include "loadgen/net/poller.h"

namespace s1flow::loadgen {

class Acceptor final : public EventHandler {
 public:
  // Takes over the socket, which is non-blocking.
  using Taker = std::function<void(Socket)>;
  // Borrows the poller.
  [[nodiscard]] static Result<std::unique_ptr<Acceptor>> make(Poller& poller, Socket socket,
                                                              Taker taker);
  Acceptor(Poller& poller, Socket socket, Taker taker)
      : poller_(poller), socket_(std::move(socket)), taker_(std::move(taker)) {}

  void on_event(std::uint32_t events) override;
  // Every now and then: looks again after the system had nothing to give.
  void resume();

 private:
  Poller& poller_;
  Socket socket_;
  Taker taker_;
  bool paused_ = false;
};

}  // namespace s1flow::loadgen
