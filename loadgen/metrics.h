#pragma once
// What a running load test tells those who watch it: counters and summaries in the text format of
// Prometheus, once a second. Fed by the thread that called run_plan(), so that nothing of it stands
// in the way of a request.

#include <span>
#include <string>
#include <vector>

#include "loadgen/engine.h"

namespace s1flow::loadgen {

// Sums of all seconds so far. One thread.
class Metrics {
 public:
  // Borrows all of them.
  Metrics(const std::string& scenario, std::span<const RequestClass> classes, const Plan& plan);
  void see(const Second& second, const Interval& interval);
  [[nodiscard]] std::string text() const;

 private:
  struct OfClass {
    std::uint64_t sent = 0, ok = 0, failed = 0;
    Histogram response;
    Histogram lag;
  };
  const std::string& scenario_;
  std::span<const RequestClass> classes_;
  const Plan& plan_;
  std::vector<OfClass> seen_;
  std::uint64_t planned_ = 0;
  std::uint64_t seconds_ = 0;
};

}  // namespace s1flow::loadgen
