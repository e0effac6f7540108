#include "pipeline/single/many_files.h"

namespace s1flow::pipeline {
namespace {

bool is_small(const ManyFiles& job, std::size_t i, const RunnerOptions& runner) {
  const std::uint64_t size = job.size_of(i);
  return size != 0 && size <= runner.chunk_bytes;
}

// The indices from `first`, of which it is known that it is small, to the last small file in a row,
// as works without bytes.
class SmallFiles final : public Source {
 public:
  SmallFiles(std::size_t first, const ManyFiles& job, const RunnerOptions& runner)
      : next_(first), known_(first), job_(job), runner_(runner) {}
  Result<bool> next(Work& work) override {
    if (next_ == job_.count || (next_ != known_ && !is_small(job_, next_, runner_))) return false;
    work.chunk.ordinal = next_++;
    return true;
  }
  // The first that was not given out.
  [[nodiscard]] std::size_t end() const { return next_; }

 private:
  std::size_t next_, known_;
  const ManyFiles& job_;
  const RunnerOptions& runner_;
};

// Of one worker: what the small file before has left.
struct Leftover final : WorkerState {
  std::unique_ptr<Work> work;
};

}  // namespace

Status for_each_file(const ManyFiles& job, const RunnerOptions& runner) {
  FunctionStage work("work", Order::parallel, [&](Work& w) {
    RunnerOptions alone = runner;
    alone.workers = 1;
    alone.spare = &static_cast<Leftover&>(*w.state).work;
    return job.work(w.chunk.ordinal, alone);
  });
  FunctionStage finish("finish", Order::in_order,
                       [&](Work& w) { return job.finish(w.chunk.ordinal); });
  Stage* const stages[] = {&work, &finish};
  for (std::size_t i = 0; i < job.count;) {
    if (!is_small(job, i, runner)) {
      S1FLOW_TRY_VOID(job.work(i, runner));
      S1FLOW_TRY_VOID(job.finish(i));
      ++i;
      continue;
    }
    SmallFiles source(i, job, runner);
    S1FLOW_TRY_VOID(run_pipeline(
        source, stages, [] { return std::make_unique<Leftover>(); }, runner));
    i = source.end();
  }
  return {};
}

}  // namespace s1flow::pipeline
