#include "loadgen/duis/signed_corpus.h"

#include <mutex>

#include <fmt/format.h>
#include <tbb/blocked_range.h>
#include <tbb/enumerable_thread_specific.h>
#include <tbb/parallel_for.h>

#include "loadgen/plan.h"

namespace s1flow::loadgen {
namespace {

// Numbers of the plan, which follow each other without gaps.
struct Numbers {
  std::uint64_t first = 0;
  std::uint64_t count = 0;
};

Result<Numbers> numbers_of(const Plan& schedule, std::uint64_t most) {
  Numbers numbers;
  if (schedule.phases().empty()) return numbers;
  numbers.first = schedule.phases().front().first_number;
  for (const Phase& phase : schedule.phases()) {
    const std::uint64_t count = phase.schedule->count();
    if (count > most - numbers.count)
      return tl::unexpected(usage_error(fmt::format(
          "phase {}: sign = \"corpus\" keeps every request, and {} are more than fit into "
          "'corpus_bytes': shorten the run, or sign ahead",
          phase.name, phase.schedule->closed() ? "those of a closed loop" : "these")));
    numbers.count += count;
  }
  return numbers;
}

}  // namespace

Result<SignedCorpus> SignedCorpus::make(const std::shared_ptr<const RequestPlan>& requests,
                                        const Plan& schedule) {
  RequestMaker sample(requests);
  std::string one;
  std::size_t largest = 1;
  for (std::uint64_t n = 0; n < 16; ++n) {
    S1FLOW_TRY_VOID(sample.make(n, one));
    largest = std::max(largest, one.size());
  }
  S1FLOW_TRY(const Numbers numbers,
             numbers_of(schedule, requests->settings().corpus_bytes / largest));
  SignedCorpus corpus;
  corpus.first_ = numbers.first;
  corpus.blocks_.resize((numbers.count + kBlock - 1) / kBlock);
  tbb::enumerable_thread_specific<RequestMaker> makers([&] { return RequestMaker(requests); });
  std::mutex mutex;
  Status status;
  tbb::parallel_for(tbb::blocked_range<std::size_t>(0, corpus.blocks_.size(), 1),
                    [&](const auto& range) {
                      RequestMaker& maker = makers.local();
                      std::string bytes;
                      for (std::size_t b = range.begin(); b != range.end(); ++b) {
                        Block& block = corpus.blocks_[b];
                        const std::uint64_t from = b * kBlock;
                        const std::uint64_t until = std::min(from + kBlock, numbers.count);
                        for (std::uint64_t i = from; i != until; ++i) {
                          if (auto made = maker.make(numbers.first + i, bytes); !made) {
                            const std::lock_guard lock(mutex);
                            status = tl::unexpected(std::move(made).error());
                            return;
                          }
                          block.bytes += bytes;
                          block.ends.push_back(static_cast<std::uint32_t>(block.bytes.size()));
                        }
                        block.bytes.shrink_to_fit();
                      }
                    });
  S1FLOW_TRY_VOID(std::move(status));
  return corpus;
}

std::string_view SignedCorpus::bytes(std::uint64_t number) const {
  const std::uint64_t i = number - first_;
  const Block& block = blocks_[i / kBlock];
  const std::size_t place = i % kBlock;
  const std::uint32_t from = place == 0 ? 0 : block.ends[place - 1];
  return std::string_view(block.bytes).substr(from, block.ends[place] - from);
}

}  // namespace s1flow::loadgen
