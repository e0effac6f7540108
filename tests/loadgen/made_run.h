#pragma once
// Stored runs out of made-up requests: report and log as one recorder would have them. Whatever
// part of the requests it is given, so that parts can be merged and compared with the whole.

#include <cstdint>
#include <filesystem>
#include <vector>

#include "loadgen/stored_run.h"

namespace s1flow::loadgen {

struct MadeRequest {
  std::size_t phase = 0;  // 0: the warm-up, 1: measures
  std::size_t klass = 0;  // 0: one leg, 1: two
  std::uint64_t second = 0;
  bool ok = true;
  Nanoseconds first{0};
  Nanoseconds answer{0};
  Nanoseconds lag{0};
};

inline constexpr std::uint64_t kMadeWarmUp = 2;  // seconds

// `slower` stretches all times of the phase that measures.
[[nodiscard]] std::vector<MadeRequest> made_requests(std::uint64_t seed, std::uint64_t seconds,
                                                     std::uint64_t per_second, double slower = 1);

// Writes histograms.hlog into the folder, which is made.
[[nodiscard]] StoredRun made_run(const std::filesystem::path& folder,
                                 const std::vector<MadeRequest>& requests, std::uint64_t seconds);

}  // namespace s1flow::loadgen
