#include "core/machine.h"

#include <algorithm>
#include <fstream>
#include <string>

#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "core/text.h"

namespace s1flow {

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

}  // namespace s1flow
