#include "loadgen/file_job.h"

#include <algorithm>

#include <fmt/format.h>
#include <sys/resource.h>
#include <time.h>

#include "core/random.h"

namespace s1flow::loadgen {
namespace {

Nanoseconds nanoseconds(const timeval& t) {
  return Nanoseconds{(t.tv_sec * 1'000'000LL + t.tv_usec) * 1000};
}

// The head, and each row with the probability `share`. Rows of registration data hold identifiers
// only, so that a line is a row.
Status write_part(const std::string& whole, double share, Random random, const Path& to) {
  std::string out;
  for (std::size_t at = 0; at < whole.size();) {
    const std::size_t end = std::min(whole.find('\n', at), whole.size() - 1) + 1;
    if (at == 0 || random.chance(share)) out.append(whole, at, end - at);
    at = end;
  }
  S1FLOW_TRY(OutputFile file, OutputFile::create(to, Overwrite::yes));
  S1FLOW_TRY_VOID(file.write(out));
  return file.commit();
}

// One second of the run, for whoever looks at it by the second.
Second second_of(std::uint64_t number, const Histogram& times, std::uint64_t failed) {
  Second s;
  s.second = number;
  s.ok = times.count();
  s.failed = failed;
  s.sent = s.ok + s.failed;
  if (times.empty()) return s;
  s.p50 = times.percentile(50);
  s.p90 = times.percentile(90);
  s.p99 = s.service_p99 = times.percentile(99);
  s.p999 = times.percentile(99.9);
  s.max = times.max();
  return s;
}

}  // namespace

Status read_file_kind(codecs::ConfigReader& reader, FileJob& to) {
  FileKind kind;
  kind.name = reader.required_text("name");
  kind.count = reader.count("count", kind.count, 1'000'000);
  kind.share = reader.real("share", kind.share, 1e-6, 1);
  const bool is_tag = std::all_of(kind.name.begin(), kind.name.end(),
                                  [](char c) { return c > ' ' && c < 0x7F && c != ','; });
  const auto same = [&](const FileKind& k) { return k.name == kind.name; };
  if (!is_tag) reader.fail(nullptr, "'name' may not hold blanks and commas");
  if (kind.count == 0) reader.fail(nullptr, "'count' must be 1 or more");
  if (std::any_of(to.kinds.begin(), to.kinds.end(), same))
    reader.fail(nullptr, "another kind of file has the same name");
  S1FLOW_TRY_VOID(reader.finish());
  to.kinds.push_back(std::move(kind));
  return {};
}

std::vector<RequestClass> classes_of(const FileJob& job) {
  std::vector<RequestClass> classes;
  for (const FileKind& kind : job.kinds) classes.push_back({.name = kind.name});
  return classes;
}

Result<RunResult> run_files(const FileJob& job, const Plan& plan, std::uint64_t seed,
                            const Path& whole, const Path& part, const FileChecker& check,
                            const std::atomic<bool>* stop) {
  const bool has_parts = std::any_of(job.kinds.begin(), job.kinds.end(),
                                     [](const FileKind& k) { return k.share < 1; });
  std::string text;
  if (has_parts) {
    S1FLOW_TRY(text, read_text(whole, std::size_t{1} << 32));
  }
  RunResult result{.recorder = Recorder(plan.phases().size(), job.kinds.size())};
  const auto stopping = [&] { return stop != nullptr && stop->load(); };
  const SteadyClock clock;
  timespec wall{};
  ::clock_gettime(CLOCK_REALTIME, &wall);
  result.start_seconds = static_cast<double>(wall.tv_sec) + static_cast<double>(wall.tv_nsec) / 1e9;
  rusage before{};
  ::getrusage(RUSAGE_SELF, &before);
  const Nanoseconds start = clock.now();
  Histogram second_times;
  std::uint64_t second = 0, second_failed = 0, files = 0;
  const auto tell_until = [&](std::uint64_t now) {
    for (; second < now; ++second) {
      result.seconds.push_back(second_of(second, second_times, second_failed));
      second_times.clear();
      second_failed = 0;
    }
  };
  do {
    for (std::uint16_t k = 0; k < job.kinds.size() && !stopping(); ++k) {
      const FileKind& kind = job.kinds[k];
      for (std::uint64_t i = 0; i < kind.count && !stopping(); ++i, ++files) {
        if (kind.share < 1)
          S1FLOW_TRY_VOID(write_part(text, kind.share, Random(seed, files), part));
        const Nanoseconds sent = clock.now();
        S1FLOW_TRY(const CheckedFile seen, check(kind.share < 1 ? part : whole));
        const Nanoseconds took = clock.now() - sent;
        ClassRecord& to = result.recorder.at(0, k);
        ++to.sent;
        ++to.outcomes[index_of(seen.accepted ? Outcome::ok : Outcome::rejected)];
        result.rows += seen.rows;
        result.file_bytes += seen.bytes;
        result.reading += took;
        tell_until(static_cast<std::uint64_t>((clock.now() - start) / std::chrono::seconds(1)));
        if (!seen.accepted) {
          ++second_failed;
          to.failed.record(took);
          continue;
        }
        second_times.record(took);
        to.first.response.record(took);
        to.first.service.record(took);
      }
    }
  } while (!stopping() && clock.now() - start < job.last);
  tell_until(second + 1);
  rusage after{};
  ::getrusage(RUSAGE_SELF, &after);
  result.end = stopping() ? RunEnd::stopped : RunEnd::completed;
  result.duration = clock.now() - start;
  result.cpu_user = nanoseconds(after.ru_utime) - nanoseconds(before.ru_utime);
  result.cpu_system = nanoseconds(after.ru_stime) - nanoseconds(before.ru_stime);
  result.phases.push_back({.scheduled = files, .duration = result.duration});
  return result;
}

}  // namespace s1flow::loadgen
