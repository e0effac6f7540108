#include "core/check.h"
#include "loadgen/profiles/registry.h"

namespace s1flow::loadgen {
namespace {

class ClosedSchedule final : public Schedule {
 public:
  explicit ClosedSchedule(std::uint64_t requests) : requests_(requests) {}
  [[nodiscard]] bool closed() const override { return true; }
  [[nodiscard]] std::uint64_t count() const override { return requests_; }
  [[nodiscard]] Nanoseconds due(std::uint64_t) const override {
    S1FLOW_CHECK(!"a closed loop has no due times");
    return {};
  }

 private:
  std::uint64_t requests_;
};

Result<SchedulePointer> make(codecs::ConfigReader& reader, const ProfileContext&) {
  return closed_schedule(reader.count("requests", 0));
}

}  // namespace

SchedulePointer closed_schedule(std::uint64_t requests) {
  // 2^40 numbers for each phase without a cap of its own: years at any rate.
  return std::make_shared<ClosedSchedule>(requests == 0 ? std::uint64_t{1} << 40 : requests);
}

constinit const Profile closed_profile{
    .name = "closed",
    .summary = "each connection sends when its answer is there; for comparison only",
    .parameters = "requests = 100000",
    .make = &make,
};

}  // namespace s1flow::loadgen
