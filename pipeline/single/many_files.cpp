#include "pipeline/single/many_files.h"

namespace s1flow::pipeline {
namespace {

// The indices from `next` until `end`, as works without bytes.
class Indices final : public Source {
 public:
  Indices(std::size_t next, std::size_t end) : next_(next), end_(end) {}
  Result<bool> next(Work& work) override {
    if (next_ == end_) return false;
    work.chunk.ordinal = next_++;
    return true;
  }

 private:
  std::size_t next_, end_;
};

// Of one worker: what the small file before has left.
struct Leftover final : WorkerState {
  std::unique_ptr<Work> work;
};

}  // namespace

Status for_each_file(const std::vector<std::uint64_t>& sizes, const ManyFiles& job,
                     const RunnerOptions& runner) {
  FunctionStage work("work", Order::parallel, [&](Work& w) {
    RunnerOptions alone = runner;
    alone.workers = 1;
    alone.spare = &static_cast<Leftover&>(*w.state).work;
    return job.work(w.chunk.ordinal, alone);
  });
  FunctionStage finish("finish", Order::in_order,
                       [&](Work& w) { return job.finish(w.chunk.ordinal); });
  Stage* const stages[] = {&work, &finish};
  const auto small = [&](std::size_t i) { return sizes[i] != 0 && sizes[i] <= runner.chunk_bytes; };
  for (std::size_t i = 0; i < sizes.size();) {
    if (!small(i)) {
      S1FLOW_TRY_VOID(job.work(i, runner));
      S1FLOW_TRY_VOID(job.finish(i));
      ++i;
      continue;
    }
    std::size_t end = i;
    while (end < sizes.size() && small(end)) ++end;
    Indices source(i, end);
    S1FLOW_TRY_VOID(run_pipeline(
        source, stages, [] { return std::make_unique<Leftover>(); }, runner));
    i = end;
  }
  return {};
}

}  // namespace s1flow::pipeline
