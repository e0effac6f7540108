#include "pipeline/runner.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <tbb/concurrent_queue.h>
#include <tbb/global_control.h>
#include <tbb/parallel_pipeline.h>
#include <tbb/task_arena.h>
#include <tbb/task_scheduler_observer.h>

#include "core/check.h"
#include "core/hand_over.h"
#include "core/memory_pages.h"
#include "pipeline/end_of_threads.h"

namespace s1flow::pipeline {
namespace {

using Clock = std::chrono::steady_clock;

#if defined(__SANITIZE_ADDRESS__)
#define S1FLOW_LEAK_SANITIZER
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define S1FLOW_LEAK_SANITIZER
#endif
#endif
// Hands on when it ends, however it ends.
class HandOn {
 public:
  explicit HandOn(void* to) : to_(to) {}
  HandOn(const HandOn&) = delete;
  HandOn& operator=(const HandOn&) = delete;
  ~HandOn() { hand_on(to_); }

 private:
  void* to_;
};

// After all that was handed on to `what` before, and before all that takes it over afterwards.
class Turn {
 public:
  explicit Turn(void* what) : what_(what) { take_over(what_); }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  ~Turn() { hand_on(what_); }

 private:
  void* what_;
};

// A Work with what the runner has to know about it.
struct Token {
  std::unique_ptr<Work> work;
  Clock::time_point ready;  // when the stage before was done with it
};

// A worker that joins has its memory at once.
class Welcome : public tbb::task_scheduler_observer {
 public:
  explicit Welcome(tbb::task_arena& arena) : task_scheduler_observer(arena) { observe(true); }
  Welcome(const Welcome&) = delete;
  Welcome& operator=(const Welcome&) = delete;
  ~Welcome() override { observe(false); }

  void on_scheduler_entry(bool is_worker) override {
    static thread_local bool known = false;
    if (is_worker && !std::exchange(known, true)) expect_allocations();
  }
};

struct StageClock {
  std::atomic<std::int64_t> busy{0};
  std::atomic<std::int64_t> waiting{0};
  std::atomic<std::uint64_t> records{0};
  std::atomic<std::uint64_t> bytes{0};
};

// Keeps the first error; later ones are consequences.
class FirstError {
 public:
  void set(Error error) {
    const std::lock_guard lock(mutex_);
    if (!error_) error_ = std::move(error);
    failed_.store(true, std::memory_order_release);
  }
  [[nodiscard]] bool failed() const { return failed_.load(std::memory_order_acquire); }
  [[nodiscard]] std::optional<Error> take() { return std::move(error_); }

 private:
  std::mutex mutex_;  // taken on failure only
  std::optional<Error> error_;
  std::atomic<bool> failed_{false};
};

Error no_threads(std::string_view what) {
  return {ErrorKind::io,
          std::string(what) + "; raise the limit of threads (ulimit -u) or use fewer workers"};
}

// What was thrown through the scheduler: memory that ran out, threads that cannot be had.
Error error_of_exception() {
  try {
    throw;
  } catch (const std::bad_alloc&) {
    return {ErrorKind::io,
            "out of memory; use smaller chunks or fewer workers (--chunk, --workers)"};
  } catch (const std::system_error& e) {
    return no_threads(e.what());
  } catch (const std::runtime_error& e) {
    // TBB's way to say it.
    if (std::string_view(e.what()).starts_with("pthread_create")) return no_threads(e.what());
    return internal_error(e.what());
  } catch (const std::exception& e) {
    return internal_error(e.what());
  }
}

class Run {
 public:
  Run(Source& source, std::span<Stage* const> stages,
      const std::function<std::unique_ptr<WorkerState>()>& make_state, const RunnerOptions& options)
      : source_(source),
        stages_(stages),
        make_state_(make_state),
        options_(options),
        clocks_(stages.size() + 1) {}

  Result<std::vector<StageStats>> run() {
    const unsigned workers = worker_count(options_);
    if (workers == 1) return run_alone();
    // One chunk per worker waits while another is worked on; more would push each other out of the
    // caches.
    const std::size_t tokens = std::min<std::size_t>(2UL * workers, 64);
    // More workers than cores only when somebody asks for it, to see that results do not depend on
    // it.
    const tbb::global_control limit(tbb::global_control::max_allowed_parallelism, workers);
    tbb::task_arena arena(static_cast<int>(workers));
    const Welcome welcome(arena);
    warm_ = std::vector<std::atomic<Token*>>(workers);
    try {
      hand_on(this);
      arena.execute([&] { tbb::parallel_pipeline(tokens, chain()); });
      take_over(&done_);
    } catch (...) {
      take_over(&done_);  // what was thrown came from another thread
      error_.set(error_of_exception());
    }
    return conclude();
  }

 private:
  // One worker needs no scheduler, and may itself be one of many.
  Result<std::vector<StageStats>> run_alone() {
    alone_ = true;
    try {
      while (Token* const token = read_one()) {
        for (std::size_t i = 0; i < stages_.size(); ++i) run_stage(*token, i);
        token->work->reset();
        free_.push(token);
      }
      leave_spare();
    } catch (...) {
      error_.set(error_of_exception());
    }
    return conclude();
  }

  std::unique_ptr<Work> take_spare() {
    if (alone_ && options_.spare != nullptr && *options_.spare != nullptr)
      return std::move(*options_.spare);
    return std::make_unique<Work>();
  }

  // After a failure nobody knows what state it is in.
  void leave_spare() {
    if (options_.spare == nullptr || all_.empty() || error_.failed()) return;
    std::unique_ptr<Work> work = std::move(all_.front()->work);
    work->reset();
    work->state.reset();
    *options_.spare = std::move(work);
  }

  Result<std::vector<StageStats>> conclude() {
    if (auto error = error_.take()) return tl::unexpected(std::move(*error));
    std::vector<StageStats> stats;
    for (std::size_t i = 0; i < clocks_.size(); ++i)
      stats.push_back({.name = i == 0 ? "read" : std::string(stages_[i - 1]->name()),
                       .records = clocks_[i].records.load(),
                       .bytes = clocks_[i].bytes.load(),
                       .busy_seconds = static_cast<double>(clocks_[i].busy.load()) * 1e-9,
                       .waiting_seconds = static_cast<double>(clocks_[i].waiting.load()) * 1e-9});
    return stats;
  }

  tbb::filter<void, void> chain() {
    tbb::filter<void, Token*> head(tbb::filter_mode::serial_in_order,
                                   [this](tbb::flow_control& flow)
                                       S1FLOW_UNSEEN { return read(flow); });
    for (std::size_t i = 0; i < stages_.size(); ++i) {
      const auto mode = stages_[i]->order() == Order::parallel ? tbb::filter_mode::parallel
                                                               : tbb::filter_mode::serial_in_order;
      head = head & tbb::filter<Token*, Token*>(mode, [this, i](Token* token) S1FLOW_UNSEEN {
               step(*token, i);
               return token;
             });
    }
    return head & tbb::filter<Token*, void>(tbb::filter_mode::parallel,
                                            [this](Token* token)
                                                S1FLOW_UNSEEN { take_back(*token); });
  }

  // Serial: each call comes after the one before.
  Token* read(tbb::flow_control& flow) {
    take_over(this);
    const HandOn end(&done_);
    const Turn order(&clocks_[0]);
    Token* const token = read_one();
    if (token != nullptr)
      hand_on(token);
    else
      flow.stop();
    return token;
  }

  // Null when there is nothing more to read, or no reason to.
  Token* read_one() {
    if (options_.stop != nullptr && options_.stop->load(std::memory_order_relaxed))
      error_.set(Error(ErrorKind::cancelled, "stopped on request"));
    if (error_.failed()) return nullptr;
    Token* token = take_free();
    if (token == nullptr) {
      all_.push_back(std::make_unique<Token>());  // this filter is serial
      token = all_.back().get();
      token->work = take_spare();
      if (make_state_) token->work->state = make_state_();
    }
    take_over(token);
    const auto start = Clock::now();
    Result<bool> more = source_.next(*token->work);
    token->ready = Clock::now();
    StageClock& clock = clocks_[0];
    clock.busy += (token->ready - start).count();
    if (!more) error_.set(std::move(more).error());
    if (error_.failed() || !*more) {
      free_.push(token);
      return nullptr;
    }
    clock.bytes += token->work->chunk.bytes.size();
    clock.records += token->work->chunk.records;
    return token;
  }

  // The place of the worker that asks; past the end for a thread that is none.
  std::atomic<Token*>* warm_place() {
    const auto index = static_cast<std::size_t>(tbb::this_task_arena::current_thread_index());
    return index < warm_.size() ? &warm_[index] : nullptr;
  }

  // The one that this worker put back last is in its caches still, and in no other's.
  Token* take_free() {
    Token* token = nullptr;
    if (std::atomic<Token*>* const own = warm_place(); own != nullptr)
      token = own->exchange(nullptr);
    if (token != nullptr || free_.try_pop(token)) return token;
    for (std::atomic<Token*>& other : warm_)
      if ((token = other.exchange(nullptr)) != nullptr) return token;
    return nullptr;
  }

  void put_free(Token* token) {
    if (std::atomic<Token*>* const own = warm_place(); own != nullptr) token = own->exchange(token);
    if (token != nullptr) free_.push(token);
  }

  void step(Token& token, std::size_t i) {
    take_over(this);
    const HandOn end(&done_);
    const Turn of_token(&token);
    std::optional<Turn> order;
    if (stages_[i]->order() == Order::in_order) order.emplace(&clocks_[i + 1]);
    run_stage(token, i);
  }

  void take_back(Token& token) {
    take_over(this);
    const HandOn end(&done_);
    take_over(&token);
    token.work->reset();
    hand_on(&token);
    put_free(&token);
  }

  void run_stage(Token& token, std::size_t i) {
    if (error_.failed()) return;
    const auto start = Clock::now();
    StageClock& clock = clocks_[i + 1];
    clock.waiting += (start - token.ready).count();
    Status status = stages_[i]->run(*token.work);
    token.ready = Clock::now();
    clock.busy += (token.ready - start).count();
    clock.bytes += token.work->chunk.bytes.size();
    clock.records += token.work->chunk.records;
    if (!status) error_.set(std::move(status).error());
  }

  Source& source_;
  std::span<Stage* const> stages_;
  const std::function<std::unique_ptr<WorkerState>()>& make_state_;
  RunnerOptions options_;
  std::vector<StageClock> clocks_;
  FirstError error_;
  bool alone_ = false;
  char done_ = 0;  // stands for what has been done, in Turns
  std::vector<std::unique_ptr<Token>> all_;
  std::vector<std::atomic<Token*>> warm_;  // by worker
  tbb::concurrent_queue<Token*> free_;
};

}  // namespace

unsigned worker_count(const RunnerOptions& options) {
  if (options.workers != 0) return options.workers;
  return static_cast<unsigned>(std::max(1, tbb::info::default_concurrency()));
}

Result<std::vector<StageStats>> run_pipeline(
    Source& source, std::span<Stage* const> stages,
    const std::function<std::unique_ptr<WorkerState>()>& make_state, const RunnerOptions& options) {
  return Run(source, stages, make_state, options).run();
}

#if defined(S1FLOW_LEAK_SANITIZER)
struct EndOfThreads::Pool {
  tbb::task_scheduler_handle handle{tbb::attach{}};
};

EndOfThreads::EndOfThreads() : pool_(std::make_unique<Pool>()) {}
EndOfThreads::~EndOfThreads() {
  tbb::finalize(pool_->handle, std::nothrow);
}
#else
struct EndOfThreads::Pool {};

EndOfThreads::EndOfThreads() = default;
EndOfThreads::~EndOfThreads() = default;
#endif

}  // namespace s1flow::pipeline
