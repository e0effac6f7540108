#include <algorithm>

#include <fmt/format.h>

#include "loadgen/duration.h"
#include "loadgen/profiles/columns.h"
#include "loadgen/profiles/registry.h"

namespace s1flow::loadgen {
namespace {

class ReplaySchedule final : public Schedule {
 public:
  explicit ReplaySchedule(std::vector<Nanoseconds> times) : times_(std::move(times)) {}
  [[nodiscard]] std::uint64_t count() const override { return times_.size(); }
  [[nodiscard]] Nanoseconds due(std::uint64_t k) const override { return times_[k]; }

 private:
  std::vector<Nanoseconds> times_;
};

// Arrivals keep their distance from the first one, divided by `speed`; those after the end of the
// phase are left out.
Result<SchedulePointer> make(codecs::ConfigReader& reader, const ProfileContext& context) {
  const Path file = context.folder / reader.required_text("file");
  const double speed = reader.real("speed", 1, 0.001, 100'000);
  S1FLOW_TRY(const auto rows, read_columns(file, 1));
  if (rows.empty())
    return tl::unexpected(usage_error(fmt::format("{}: has no rows", file.string())));
  std::vector<Nanoseconds> times;
  for (const auto& row : rows) {
    if (row[0] < rows.front()[0])
      return tl::unexpected(usage_error(
          fmt::format("{}: the first arrival must be the earliest one", file.string())));
    const Nanoseconds time = from_seconds((row[0] - rows.front()[0]) / speed);
    if (time < context.duration) times.push_back(time);
  }
  std::sort(times.begin(), times.end());
  return std::make_shared<ReplaySchedule>(std::move(times));
}

}  // namespace

constinit const Profile replay_profile{
    .name = "replay",
    .summary = "recorded arrivals, one time in seconds a line, with a speed factor",
    .parameters = "file = \"arrivals.csv\", speed = 2",
    .make = &make,
};

}  // namespace s1flow::loadgen
