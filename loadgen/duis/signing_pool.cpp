#include "loadgen/duis/signing_pool.h"

#include <algorithm>
#include <optional>

#include <tbb/enumerable_thread_specific.h>
#include <tbb/task_arena.h>
#include <tbb/task_scheduler_observer.h>

#include "core/check.h"
#include "core/hand_over.h"
#include "core/machine.h"

namespace s1flow::loadgen {
namespace {

// Slots in one task: few enough to be spread over the threads, many enough that handing them over
// costs nothing beside the signatures.
constexpr std::uint64_t kTask = 16;
// So many are signed before a run may start.
constexpr std::uint64_t kAtStart = 256;

// Signing ahead can wait, sending cannot.
class GiveWay : public tbb::task_scheduler_observer {
 public:
  explicit GiveWay(tbb::task_arena& arena) : tbb::task_scheduler_observer(arena) { observe(true); }
  ~GiveWay() override { observe(false); }
  GiveWay(const GiveWay&) = delete;
  GiveWay& operator=(const GiveWay&) = delete;
  void on_scheduler_entry(bool is_worker) override {
    if (is_worker) give_way_to_others();
  }
};

}  // namespace

struct SigningPool::Threads {
  Threads(std::shared_ptr<const RequestPlan> requests, unsigned threads)
      : arena(static_cast<int>(threads), 0), makers([requests] { return RequestMaker(requests); }) {
    arena.initialize();
    give_way.emplace(arena);
  }
  void sign(std::vector<Slot>& ring, std::size_t first, std::size_t count) {
    take_over(this);
    RequestMaker& maker = makers.local();
    for (std::size_t i = 0; i < count; ++i) {
      Slot& slot = ring[(first + i) % ring.size()];
      auto expected = Slot::State::queued;
      if (!slot.state.compare_exchange_strong(expected, Slot::State::signing)) continue;
      const auto made = maker.make(slot.number, slot.bytes);
      // The keys have been tried when the plan was made; a signature fails for no other reason.
      S1FLOW_CHECK(made.has_value());
      slot.made = *made;
      slot.state.store(Slot::State::ready);
      slot.state.notify_one();
    }
    if (open.fetch_sub(1) == 1) open.notify_all();
  }

  tbb::task_arena arena;
  std::optional<GiveWay> give_way;
  tbb::enumerable_thread_specific<RequestMaker> makers;
  std::atomic<std::uint64_t> open{0};  // tasks
};

SigningPool::SigningPool(std::shared_ptr<const RequestPlan> requests, unsigned threads)
    : threads_(std::make_unique<Threads>(std::move(requests), threads)) {}

SigningPool::~SigningPool() {
  wait();
}

void SigningPool::sign(std::vector<Slot>& ring, std::size_t first, std::size_t count) {
  Threads& t = *threads_;
  t.open.fetch_add(1);
  hand_on(&t);
  t.arena.enqueue([&t, &ring, first, count]() S1FLOW_UNSEEN { t.sign(ring, first, count); });
}

void SigningPool::wait() {
  for (std::uint64_t left = threads_->open.load(); left != 0; left = threads_->open.load())
    threads_->open.wait(left);
}

AheadQueue::AheadQueue(SigningPool& pool, const Plan& schedule, std::uint64_t index,
                       std::uint64_t threads, std::size_t ahead)
    : pool_(pool),
      schedule_(schedule),
      index_(index),
      threads_(threads),
      ring_(std::max<std::size_t>(ahead, kTask)),
      cursor_(std::make_unique<PlanCursor>(schedule, index, threads)) {
  fill();
  for (std::uint64_t i = 0; i < std::min(tail_, kAtStart); ++i) {
    auto state = ring_[i].state.load();
    for (; state != Slot::State::ready; state = ring_[i].state.load()) ring_[i].state.wait(state);
  }
}

AheadQueue::~AheadQueue() {
  for (; head_ != tail_; ++head_) give_up(slot(head_));
  pool_.wait();
}

// A slot that the pool works on stays so until it is done, and is free then.
void AheadQueue::give_up(Slot& slot) {
  auto expected = Slot::State::queued;
  slot.state.compare_exchange_strong(expected, Slot::State::free);
}

void AheadQueue::fill() {
  for (; tail_ - head_ < ring_.size() && !cursor_->done(); ++tail_) {
    Slot& next = slot(tail_);
    if (next.state.load() == Slot::State::signing) break;
    next.number = cursor_->number();
    next.state.store(Slot::State::queued);
    cursor_->advance();
  }
  // A few left over are asked for once nothing more will come.
  while (tail_ - asked_ >= kTask || (cursor_->done() && tail_ != asked_)) {
    const std::uint64_t count = std::min(tail_ - asked_, kTask);
    pool_.sign(ring_, asked_ % ring_.size(), count);
    asked_ += count;
  }
}

// From the phase of `number` on: a closed phase ends before its requests do.
void AheadQueue::seek(std::uint64_t number) {
  for (; head_ != tail_; ++head_) give_up(slot(head_));
  asked_ = tail_;
  cursor_ = std::make_unique<PlanCursor>(schedule_, index_, threads_);
  cursor_->seek(number);
  if (!cursor_->done()) cursor_->advance();
  fill();
}

const SigningPool::Slot* AheadQueue::take(std::uint64_t number) {
  // The slot that was taken last is free from now on.
  fill();
  // Those before were dropped without having been sent.
  for (; head_ != tail_ && slot(head_).number < number; ++head_) give_up(slot(head_));
  if (head_ == tail_ || slot(head_).number != number) {
    seek(number);
    return nullptr;
  }
  Slot& mine = slot(head_);
  ++head_;
  auto expected = Slot::State::queued;
  const bool signed_in_time = !mine.state.compare_exchange_strong(expected, Slot::State::free) &&
                              expected == Slot::State::ready;
  return signed_in_time ? &mine : nullptr;
}

}  // namespace s1flow::loadgen
