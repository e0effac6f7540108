#include "loadgen/net/poller.h"

#include <time.h>

namespace s1flow::loadgen {

Result<Poller> Poller::make() {
  Socket epoll(::epoll_create1(EPOLL_CLOEXEC));
  if (!epoll) return tl::unexpected(io_error("make", "epoll"));
  return Poller(std::move(epoll));
}

bool Poller::add(int fd, std::uint32_t events, EventHandler& handler) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = &handler;
  return ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) == 0;
}

void Poller::change(int fd, std::uint32_t events, EventHandler& handler) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = &handler;
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event);
}

std::size_t Poller::run(Nanoseconds wait) {
  int n = 0;
  if (wait.count() <= 0) {
    n = ::epoll_wait(epoll_.get(), events_.data(), static_cast<int>(events_.size()), 0);
  } else {
    const timespec limit{wait.count() / 1'000'000'000, wait.count() % 1'000'000'000};
    n = ::epoll_pwait2(epoll_.get(), events_.data(), static_cast<int>(events_.size()), &limit,
                       nullptr);
  }
  for (int i = 0; i < n; ++i) {
    const epoll_event& event = events_[static_cast<std::size_t>(i)];
    static_cast<EventHandler*>(event.data.ptr)->on_event(event.events);
  }
  return n > 0 ? static_cast<std::size_t>(n) : 0;
}

}  // namespace s1flow::loadgen
