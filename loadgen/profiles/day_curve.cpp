#include <fmt/format.h>

#include "loadgen/duration.h"
#include "loadgen/profiles/columns.h"
#include "loadgen/profiles/rate_curve.h"
#include "loadgen/profiles/registry.h"

namespace s1flow::loadgen {
namespace {

// The rate runs in straight lines between the rows and keeps its last value; the curve is squeezed
// by `speed` in time, and cut to the phase.
Result<SchedulePointer> make(codecs::ConfigReader& reader, const ProfileContext& context) {
  const Path file = context.folder / reader.required_text("file");
  const double speed = reader.real("speed", 1, 0.001, 100'000);
  const double factor = reader.real("factor", 1, 0, kMaxRate);
  S1FLOW_TRY(const auto rows, read_columns(file, 2));
  if (rows.empty())
    return tl::unexpected(usage_error(fmt::format("{}: has no rows", file.string())));
  const double whole = seconds_of(context.duration);
  std::vector<RateSegment> segments;
  double at = 0;
  for (std::size_t i = 0; i < rows.size() && at < whole; ++i) {
    if (rows[i][1] < 0 || (i > 0 && !(rows[i][0] > rows[i - 1][0])))
      return tl::unexpected(usage_error(fmt::format(
          "{}: row {}: times must rise and rates must not be negative", file.string(), i + 1)));
    const double from = rows[i][1] * factor;
    const bool last = i + 1 == rows.size();
    const double to = last ? from : rows[i + 1][1] * factor;
    const double length = last ? whole - at : (rows[i + 1][0] - rows[i][0]) / speed;
    const double kept = std::min(length, whole - at);
    segments.push_back({kept, from, from + (to - from) * kept / std::max(length, 1e-9)});
    at += kept;
  }
  return even_schedule(segments);
}

}  // namespace

constinit const Profile day_curve_profile{
    .name = "day-curve",
    .summary = "rates by time from a CSV file (time,rate), straight lines between its rows",
    .parameters = "file = \"day.csv\", speed = 60, factor = 1",
    .make = &make,
};

}  // namespace s1flow::loadgen
