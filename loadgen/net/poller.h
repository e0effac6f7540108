#pragma once
// epoll for one thread, with waits of nanoseconds. A handler gets at most one event in a round; one
// that was closed meanwhile may still get it and has to ignore it.

#include <array>
#include <cstdint>

#include <sys/epoll.h>

#include "core/clock.h"
#include "loadgen/net/stream.h"

namespace s1flow::loadgen {

class EventHandler {
 public:
  EventHandler() = default;
  EventHandler(const EventHandler&) = delete;
  EventHandler& operator=(const EventHandler&) = delete;
  virtual ~EventHandler() = default;
  virtual void on_event(std::uint32_t events) = 0;
};

class Poller {
 public:
  [[nodiscard]] static Result<Poller> make();
  // A closed socket leaves by itself.
  [[nodiscard]] bool add(int fd, std::uint32_t events, EventHandler& handler);
  void change(int fd, std::uint32_t events, EventHandler& handler);
  // Handles what is ready within `wait` (0 or less: looks only); how many that were.
  std::size_t run(Nanoseconds wait);

 private:
  explicit Poller(Socket epoll) : epoll_(std::move(epoll)) {}
  Socket epoll_;
  std::array<epoll_event, 256> events_{};
};

}  // namespace s1flow::loadgen
