#pragma once
// All requests of a plan, signed by all processors before it runs. Immutable; thread-safe.

#include <vector>

#include "loadgen/duis/request_maker.h"

namespace s1flow::loadgen {

class SignedCorpus {
 public:
  // A usage error when there are more bytes than the settings allow, or a closed phase has no cap.
  [[nodiscard]] static Result<SignedCorpus> make(const std::shared_ptr<const RequestPlan>& requests,
                                                 const Plan& schedule);
  // `number` is one of the plan's.
  [[nodiscard]] std::string_view bytes(std::uint64_t number) const;

 private:
  static constexpr std::uint64_t kBlock = 1024;
  struct Block {
    std::string bytes;
    std::vector<std::uint32_t> ends;
  };
  std::uint64_t first_ = 0;
  std::vector<Block> blocks_;
};

}  // namespace s1flow::loadgen
