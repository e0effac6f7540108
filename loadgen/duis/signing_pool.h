#pragma once
// Signs requests before they are due. The pool's threads are shared by all senders; each sender has
// a queue of its own, in the order in which it will send.

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "loadgen/duis/request_maker.h"
#include "loadgen/plan.h"

namespace s1flow::loadgen {

// Thread-safe.
class SigningPool {
 public:
  SigningPool(std::shared_ptr<const RequestPlan> requests, unsigned threads);
  SigningPool(const SigningPool&) = delete;
  SigningPool& operator=(const SigningPool&) = delete;
  ~SigningPool();

  struct Slot {
    enum class State : std::uint8_t { free, queued, signing, ready };
    std::atomic<State> state{State::free};
    std::uint64_t number = 0;
    RequestMaker::Made made;
    std::string bytes;
  };
  // Signs `count` slots of the ring from `first` on, unless somebody else has taken one meanwhile.
  // `ring` lives until wait() has returned.
  void sign(std::vector<Slot>& ring, std::size_t first, std::size_t count);
  // Until everything that was asked for is done.
  void wait();

 private:
  struct Threads;
  std::unique_ptr<Threads> threads_;
};

// The requests of one sending thread's share of a plan, in its order. One thread.
class AheadQueue {
 public:
  // Borrows the pool and the plan. Returns when the first requests are signed.
  AheadQueue(SigningPool& pool, const Plan& schedule, std::uint64_t index, std::uint64_t threads,
             std::size_t ahead);
  AheadQueue(const AheadQueue&) = delete;
  AheadQueue& operator=(const AheadQueue&) = delete;
  ~AheadQueue();

  // The signed request, valid until the next call; null when it is not signed yet, or no longer
  // to be had since it was not the next one.
  [[nodiscard]] const SigningPool::Slot* take(std::uint64_t number);

 private:
  using Slot = SigningPool::Slot;
  void fill();
  void seek(std::uint64_t number);
  [[nodiscard]] Slot& slot(std::uint64_t place) { return ring_[place % ring_.size()]; }
  static void give_up(Slot& slot);

  SigningPool& pool_;
  const Plan& schedule_;
  std::uint64_t index_;
  std::uint64_t threads_;
  std::vector<Slot> ring_;
  std::unique_ptr<PlanCursor> cursor_;
  std::uint64_t head_ = 0;   // next to be taken
  std::uint64_t tail_ = 0;   // next to be filled
  std::uint64_t asked_ = 0;  // the pool knows of those before
};

}  // namespace s1flow::loadgen
