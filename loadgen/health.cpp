#include "loadgen/health.h"

#include <algorithm>
#include <cstdio>
#include <memory>

#include <time.h>

namespace s1flow::loadgen {
namespace {

Nanoseconds read_clock(clockid_t id) {
  timespec t{};
  ::clock_gettime(id, &t);
  return Nanoseconds{t.tv_sec * 1'000'000'000LL + t.tv_nsec};
}

struct CloseFile {
  void operator()(std::FILE* f) const { std::fclose(f); }
};

// The second number of schedstat: time spent runnable without running. 0 where the kernel does not
// count it.
Nanoseconds run_delay() {
  const std::unique_ptr<std::FILE, CloseFile> file(std::fopen("/proc/thread-self/schedstat", "re"));
  long long running = 0, waiting = 0;
  if (!file || std::fscanf(file.get(), "%lld %lld", &running, &waiting) != 2) return Nanoseconds{0};
  return Nanoseconds{waiting};
}

}  // namespace

void Health::add(const Health& other) {
  // The share of the worst thread counts, so times are not summed up over threads.
  watched = std::max(watched, other.watched);
  busy = std::max(busy, other.busy);
  run_delay = std::max(run_delay, other.run_delay);
  late = std::max(late, other.late);
  worst_stall = std::max(worst_stall, other.worst_stall);
  socket_limits += other.socket_limits;
}

void HealthWatch::start(Nanoseconds now) {
  if (running_) return;
  running_ = true;
  started_ = now;
  spin_ = Nanoseconds{0};
  cpu_ = read_clock(CLOCK_THREAD_CPUTIME_ID);
  delay_ = run_delay();
}

void HealthWatch::stop(Nanoseconds now) {
  if (!running_) return;
  running_ = false;
  health_.watched += now - started_;
  const Nanoseconds cpu = read_clock(CLOCK_THREAD_CPUTIME_ID) - cpu_;
  health_.busy += std::max(cpu - spin_, Nanoseconds{0});
  health_.run_delay += run_delay() - delay_;
}

ClockOffsets clock_offsets() {
  // The least of three readings: one that was interrupted between two clocks looks like a step.
  ClockOffsets best{Nanoseconds::max(), Nanoseconds::max()};
  for (int i = 0; i < 3; ++i) {
    const Nanoseconds steady = read_clock(CLOCK_MONOTONIC);
    best.wall = std::min(best.wall, read_clock(CLOCK_REALTIME) - steady);
    const Nanoseconds again = read_clock(CLOCK_MONOTONIC);
    best.suspended = std::min(best.suspended, read_clock(CLOCK_BOOTTIME) - again);
  }
  return best;
}

}  // namespace s1flow::loadgen
