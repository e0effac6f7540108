#pragma once
// What other threads have for the thread of a poller. Any thread puts; what is there is taken in
// the order in which it came, within an event of the poller or by take().

#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include <sys/eventfd.h>

#include "loadgen/net/poller.h"

namespace s1flow::loadgen {

template <typename T>
class Mailbox final : public EventHandler {
 public:
  using Taker = std::function<void(T&)>;

  // Borrows the poller.
  [[nodiscard]] static Result<std::unique_ptr<Mailbox>> make(Poller& poller, Taker taker) {
    Socket event(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!event) return tl::unexpected(io_error("make", "eventfd"));
    auto mailbox = std::make_unique<Mailbox>(std::move(event), std::move(taker));
    if (!poller.add(mailbox->event_.get(), EPOLLIN, *mailbox))
      return tl::unexpected(io_error("watch", "eventfd"));
    return mailbox;
  }
  Mailbox(Socket event, Taker taker) : event_(std::move(event)), taker_(std::move(taker)) {}

  // Any thread. Only the first letter of an empty box wakes the other side.
  void put(T letter) {
    bool first = false;
    {
      const std::lock_guard lock(mutex_);
      first = letters_.empty();
      letters_.push_back(std::move(letter));
    }
    if (first) (void)::eventfd_write(event_.get(), 1);
  }
  // All of them at once; leaves `letters` empty.
  void put_all(std::vector<T>& letters) {
    bool first = false;
    {
      const std::lock_guard lock(mutex_);
      first = letters_.empty();
      for (T& letter : letters) letters_.push_back(std::move(letter));
    }
    if (first && !letters.empty()) (void)::eventfd_write(event_.get(), 1);
    letters.clear();
  }

  // The poller's thread only.
  void take() {
    {
      const std::lock_guard lock(mutex_);
      taken_.swap(letters_);
    }
    for (T& letter : taken_) taker_(letter);
    taken_.clear();
  }
  void on_event(std::uint32_t /*events*/) override {
    eventfd_t count = 0;
    (void)::eventfd_read(event_.get(), &count);
    take();
  }

 private:
  Socket event_;
  Taker taker_;
  std::mutex mutex_;
  std::vector<T> letters_;
  std::vector<T> taken_;
};

}  // namespace s1flow::loadgen
