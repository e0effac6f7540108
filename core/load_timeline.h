#pragma once
// Puts whole seconds of a load test together to the two timelines of its report. Percentiles of a
// slot come from the histograms of all its seconds, never from percentiles. Memory depends on the
// number of classes and slots only. One thread.

#include <memory>

#include "core/load_report.h"

namespace s1flow::report {

// One second of one class as it was recorded; null: nothing of it. Borrowed for the call.
struct SecondOfClass {
  std::uint64_t sent = 0;
  std::uint64_t ok = 0;
  std::uint64_t failed = 0;
  struct Times {
    const Histogram* response = nullptr;
    const Histogram* service = nullptr;
  };
  std::array<Times, kLegs> legs{};
  const Histogram* lag = nullptr;
};

// Length of a slot of Load::seconds in a run that is to last `planned`: whole seconds.
[[nodiscard]] Nanoseconds timeline_step(Nanoseconds planned);

class TimelineMaker {
 public:
  // Of a run that is to last `planned`; a longer one gets more slots.
  TimelineMaker(const std::vector<LoadClass>& classes, Nanoseconds planned);
  ~TimelineMaker();
  TimelineMaker(TimelineMaker&&) noexcept;
  TimelineMaker& operator=(TimelineMaker&&) noexcept;

  // Seconds come in their order; some may be left out. Of one second a class may come several
  // times (phases, generators): it is added up.
  void add(std::uint64_t second, std::size_t c, const SecondOfClass& seen);
  // Requests due in a second (or the first of several), which may have been added long ago.
  void add_planned(std::uint64_t second, std::size_t c, std::uint64_t count);
  // Ends the last slots. Nothing may be added after it.
  void finish(Timeline& seconds, Timeline& overview);

 private:
  class Slots;
  std::unique_ptr<Slots> seconds_;
  std::unique_ptr<Slots> overview_;
};

}  // namespace s1flow::report
