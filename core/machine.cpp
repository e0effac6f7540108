#include "core/machine.h"

#include <algorithm>
#include <fstream>
#include <optional>
#include <string>

#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "core/text.h"

namespace s1flow {
namespace {

// What sched_setattr(2) takes; the kernel's own header for it does not go together with <sched.h>.
struct Scheduling {
  std::uint32_t size = sizeof(Scheduling);
  std::uint32_t policy = 0;
  std::uint64_t flags = 0;
  std::int32_t nice = 0;
  std::uint32_t priority = 0;
  std::uint64_t runtime = 0;
  std::uint64_t deadline = 0;
  std::uint64_t period = 0;
};
static_assert(sizeof(Scheduling) == 48);  // its first version

// Of the calling thread.
std::optional<Scheduling> scheduling() {
  Scheduling how;
  if (::syscall(SYS_sched_getattr, 0, &how, sizeof how, 0) != 0) return std::nullopt;
  return how;
}

// Where it is not allowed the thread goes on as it is.
void set_scheduling(const Scheduling& how) {
  ::syscall(SYS_sched_setattr, 0, &how, 0);
}

}  // namespace

report::Machine this_machine() {
  report::Machine m;
  std::ifstream cpuinfo("/proc/cpuinfo");
  for (std::string line; std::getline(cpuinfo, line);)
    if (line.starts_with("model name")) {
      m.cpu = std::string(trim(std::string_view(line).substr(line.find(':') + 1)));
      break;
    }
  const long cores = ::sysconf(_SC_NPROCESSORS_ONLN);
  const long pages = ::sysconf(_SC_PHYS_PAGES);
  const long page = ::sysconf(_SC_PAGESIZE);
  if (cores > 0) m.cores = static_cast<std::uint64_t>(cores);
  if (pages > 0 && page > 0)
    m.memory_bytes = static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(page);
  utsname name{};
  if (::uname(&name) == 0) m.kernel = std::string(name.sysname) + " " + name.release;
  return m;
}

std::size_t spare_descriptors() {
  // Standard streams, marker, ledgers with their journals and folders, an input, a spooled output;
  // the alerts may take as many again.
  constexpr rlim_t kNeeded = 16;
  constexpr rlim_t kMost = 512;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1;
  const rlim_t spare = limit.rlim_cur > kNeeded ? (limit.rlim_cur - kNeeded) / 2 : 1;
  return static_cast<std::size_t>(std::clamp<rlim_t>(spare, 1, kMost));
}

std::uint64_t peak_rss_bytes() {
  rusage usage{};
  if (::getrusage(RUSAGE_SELF, &usage) != 0) return 0;
  return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
}

void give_way_to_others() {
  constexpr std::int32_t kNice = 10;
  const auto how = scheduling();
  if (!how || how->policy != SCHED_OTHER) return;
  set_scheduling({.policy = SCHED_BATCH, .nice = std::max(how->nice, kNice)});
}

void run_promptly() {
  // Since Linux 6.12 a thread with a short slice goes before one with a longer one when it wakes.
  constexpr std::uint64_t kSlice = 100'000;  // ns
  const auto how = scheduling();
  if (!how || how->policy != SCHED_OTHER) return;
  set_scheduling({.policy = SCHED_OTHER, .nice = how->nice, .runtime = kSlice});
}

}  // namespace s1flow
