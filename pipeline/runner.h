#pragma once
// Runs chunks through stages: oneTBB's parallel_pipeline behind two small interfaces.
//
//   read ─▶ split ─▶ decode ─▶ validate ─▶ rules ─▶ encode ─▶ encrypt ─▶ digest ─▶ write
//   serial           parallel  parallel    parallel parallel   parallel  in order  in order
//
// Tokens bound the memory: no more than RunnerOptions::tokens chunks are in flight, whatever the
// file's size. No lock is taken on the record path. What a run gives does not depend on the number
// of workers: in-order stages see chunks by ordinal.

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "pipeline/work.h"

namespace s1flow::pipeline {

enum class Order { parallel, in_order };

// One step. A parallel stage holds no shared mutable state: it is called from many threads at once,
// each with its own Work. An in-order stage is called for one Work at a time, in the order of the
// chunks. An Error ends the run.
class Stage {
 public:
  Stage(std::string_view name, Order order) : name_(name), order_(order) {}
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;
  virtual ~Stage() = default;

  [[nodiscard]] virtual Status run(Work& work) = 0;
  [[nodiscard]] std::string_view name() const { return name_; }
  [[nodiscard]] Order order() const { return order_; }

 private:
  std::string_view name_;
  Order order_;
};

// A stage made of a function.
class FunctionStage final : public Stage {
 public:
  using Function = std::function<Status(Work&)>;
  FunctionStage(std::string_view name, Order order, Function function)
      : Stage(name, order), function_(std::move(function)) {}
  [[nodiscard]] Status run(Work& work) override { return function_(work); }

 private:
  Function function_;
};

// Where chunks come from; called by one thread at a time.
class Source {
 public:
  Source() = default;
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;
  virtual ~Source() = default;
  // Fills work.chunk; false at the end.
  [[nodiscard]] virtual Result<bool> next(Work& work) = 0;
};

struct RunnerOptions {
  unsigned workers = 0;  // 0: one per core
  std::size_t chunk_bytes = 128 * 1024;
  const std::atomic<bool>* stop =
      nullptr;  // set from outside: the run ends with ErrorKind::cancelled
  // Of runs by one worker that come one after another: each takes the Work that is there and leaves
  // its own, with its buffers and its parsers, for the next. Others leave it alone.
  std::unique_ptr<Work>* spare = nullptr;
};
[[nodiscard]] unsigned worker_count(const RunnerOptions& options);

// What a stage did in one run. Times are summed over threads; waiting is the time that chunks spent
// between stages.
struct StageStats {
  std::string name;
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;
  double busy_seconds = 0;
  double waiting_seconds = 0;
};

// `make_state` gives each Work its WorkerState when the Work is first made; may be null.
[[nodiscard]] Result<std::vector<StageStats>> run_pipeline(
    Source& source, std::span<Stage* const> stages,
    const std::function<std::unique_ptr<WorkerState>()>& make_state, const RunnerOptions& options);

}  // namespace s1flow::pipeline
