#pragma once
// The outcome cube summed along each of its sides, in the order in which people read it. Values.

#include <cstdint>
#include <string>
#include <vector>

#include "core/run_report.h"

namespace s1flow::render {

struct OutcomeTotal {
  std::string id;
  std::string title;
  report::OutcomeKind kind = report::OutcomeKind::bad;
  std::size_t shade = 0;  // from 0, within its kind; the same for the same list of titles
  std::uint64_t count = 0;
};

// One supplier, group or day.
struct Slice {
  std::string key;                    // EUI, GroupID or ISO date; empty when not known
  std::string label;                  // as shown
  std::vector<std::uint64_t> counts;  // by index of Tally::outcomes
  std::uint64_t total = 0;
  std::uint64_t good = 0;
};

// Installations that were not migrated, for one reason.
struct Loss {
  std::size_t outcome = 0;  // index of Tally::outcomes
  std::string id;
  std::string title;
  std::uint64_t count = 0;
};

struct Tally {
  std::vector<OutcomeTotal> outcomes;  // good, open, bad; within these as the report lists them
  std::uint64_t total = 0;
  std::uint64_t good = 0;
  std::vector<Slice> suppliers;  // largest first
  std::vector<Slice> groups;     // by name
  std::vector<Slice> days;       // by date; not known last
  std::vector<Loss> losses;      // largest first
};

// What the steps of a funnel are measured by: only those in the unit of the last step are compared.
struct FunnelScale {
  std::string unit;
  std::uint64_t first = 0;  // count of the first step in that unit
  std::uint64_t most = 0;   // the largest of them
};

[[nodiscard]] FunnelScale funnel_scale(const std::vector<report::FunnelStep>& funnel);
[[nodiscard]] Tally tally(const report::DryRun& run);

}  // namespace s1flow::render
