#include "loadgen/compare_runs.h"

#include <algorithm>
#include <map>
#include <memory>
#include <tuple>

#include <fmt/format.h>

#include "core/histogram_log.h"
#include "core/text.h"

namespace s1flow::loadgen {
namespace {

using report::Load;
using report::LogTag;

constexpr Nanoseconds kSecond = std::chrono::seconds(1);
constexpr std::string_view kAll = "all";

std::string class_name(const report::LoadClass& c) {
  return c.role.empty() ? c.name : fmt::format("{} {}", c.name, c.role);
}

std::uint64_t seconds_of_phase(const report::LoadPhase& p) {
  const Nanoseconds length = std::min(p.planned, std::max(p.lasted, kSecond));
  return std::max<std::uint64_t>(1, static_cast<std::uint64_t>(length / kSecond));
}

// The phases and classes that both runs have, and where they are in each.
struct CommonPhase {
  std::size_t a, b;  // places in Load::phases
};
struct CommonClass {
  std::string name;
  std::size_t a, b;  // places in Load::classes
};
struct Common {
  std::vector<CommonPhase> phases;
  std::vector<CommonClass> classes;
};

Common common_of(const Load& a, const Load& b, std::vector<std::string>& warnings) {
  Common out;
  for (std::size_t i = 0; i < a.phases.size(); ++i) {
    if (!a.phases[i].measures) continue;
    const auto it = std::find_if(b.phases.begin(), b.phases.end(), [&](const auto& p) {
      return p.measures && p.name == a.phases[i].name;
    });
    if (it == b.phases.end())
      warnings.push_back(fmt::format("only A has a phase {}", shown(a.phases[i].name)));
    else
      out.phases.push_back({i, static_cast<std::size_t>(it - b.phases.begin())});
  }
  const auto same = [](const report::LoadClass& x, const report::LoadClass& y) {
    return x.name == y.name && x.role == y.role;
  };
  for (std::size_t i = 0; i < a.classes.size(); ++i) {
    const auto it = std::find_if(b.classes.begin(), b.classes.end(),
                                 [&](const auto& c) { return same(c, a.classes[i]); });
    if (it == b.classes.end())
      warnings.push_back(fmt::format("only A has a class {}", shown(class_name(a.classes[i]))));
    else
      out.classes.push_back(
          {class_name(a.classes[i]), i, static_cast<std::size_t>(it - b.classes.begin())});
  }
  for (const report::LoadClass& c : b.classes)
    if (std::none_of(a.classes.begin(), a.classes.end(), [&](const auto& x) { return same(x, c); }))
      warnings.push_back(fmt::format("only B has a class {}", shown(class_name(c))));
  return out;
}

// phase, class (the last: all of them), leg; places in Common.
using Key = std::tuple<std::size_t, std::size_t, std::size_t>;

// What one run has of what is common.
struct Side {
  std::map<Key, BlockCounts> times;
  std::vector<std::vector<BlockShares>> shares;  // by phase, then class; the last: all
};

std::size_t leg_of(std::string_view figure) {
  for (std::size_t leg = 0; leg < report::kLegs; ++leg)
    if (figure == fmt::format("{}.response", report::kLegNames[leg])) return leg;
  return report::kLegs;
}

struct Grid {
  std::uint64_t first = 0;  // second of the run
  std::uint64_t seconds = 1;
  [[nodiscard]] std::size_t blocks() const { return blocks_of(seconds); }
  // Seconds after the end belong to the last block: answers that were still waited for.
  [[nodiscard]] std::size_t block(std::uint64_t second) const {
    const std::uint64_t at = second < first ? 0 : std::min(second - first, seconds - 1);
    return block_of(at, seconds, blocks());
  }
};

class SideReader {
 public:
  SideReader(const StoredRun& run, const Common& common, bool is_a)
      : run_(run), load_(*run.report.load) {
    for (const CommonPhase& p : common.phases) {
      phases_.push_back(is_a ? p.a : p.b);
      const report::LoadPhase& phase = load_.phases[phases_.back()];
      grids_.push_back(
          {static_cast<std::uint64_t>(phase.start / kSecond), seconds_of_phase(phase)});
    }
    for (const CommonClass& c : common.classes) classes_.push_back(is_a ? c.a : c.b);
  }

  [[nodiscard]] Result<Side> read() {
    S1FLOW_TRY_VOID(read_log());
    read_shares();
    return std::move(side_);
  }

 private:
  Status read_log() {
    auto reader = HistogramLogReader::open(run_.log);
    if (!reader)
      return tl::unexpected(usage_error(
          fmt::format("{}: runs are compared second by second, which needs the histograms.hlog "
                      "that 's1flow load -o' wrote beside report.json",
                      reader.error().message())));
    for (;;) {
      S1FLOW_TRY(const std::optional<LogLine> line, reader->next());
      if (!line) return {};
      const auto tag = LogTag::parse(line->tag);
      if (!tag) return tl::unexpected(reader->fault("its tag is none of ours"));
      add(*tag, *line);
    }
  }

  void add(const LogTag& tag, const LogLine& line) {
    const std::size_t leg = leg_of(tag.figure);
    if (leg == report::kLegs) return;
    const auto second = static_cast<std::uint64_t>(line.start / kSecond);
    for (std::size_t p = 0; p < phases_.size(); ++p) {
      if (load_.phases[phases_[p]].name != tag.phase) continue;
      for (std::size_t c = 0; c < classes_.size(); ++c) {
        const report::LoadClass& klass = load_.classes[classes_[c]];
        if (klass.name != tag.klass || klass.role != tag.role) continue;
        put({p, c, leg}, second, line.histogram);
        put({p, classes_.size(), leg}, second, line.histogram);
      }
    }
  }

  void put(Key key, std::uint64_t second, const Histogram& histogram) {
    const Grid& grid = grids_[std::get<0>(key)];
    side_.times.try_emplace(key, grid.blocks()).first->second.add(grid.block(second), histogram);
  }

  // From the timeline, which counts what was never sent too.
  void read_shares() {
    const report::Timeline& t = load_.seconds;
    const auto step = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(t.step / kSecond));
    for (const Grid& grid : grids_) {
      const BlockShares none{std::vector<std::uint64_t>(grid.blocks()),
                             std::vector<std::uint64_t>(grid.blocks())};
      std::vector<BlockShares> of_phase(classes_.size() + 1, none);
      const std::uint64_t end = std::min(t.slots, (grid.first + grid.seconds + step - 1) / step);
      for (std::uint64_t slot = grid.first / step; slot < end; ++slot) {
        const std::size_t block = grid.block(slot * step);
        for (std::size_t c = 0; c < classes_.size(); ++c) {
          const report::Series& s = t.classes[classes_[c]];
          for (BlockShares* to : {&of_phase[c], &of_phase.back()}) {
            to->ended[block] += s.ok[slot] + s.failed[slot];
            to->failed[block] += s.failed[slot];
          }
        }
      }
      side_.shares.push_back(std::move(of_phase));
    }
  }

  const StoredRun& run_;
  const Load& load_;
  std::vector<std::size_t> phases_, classes_;
  std::vector<Grid> grids_;
  Side side_;
};

std::vector<std::string> conditions(const StoredRun& a, const StoredRun& b) {
  std::vector<std::string> out;
  const auto differ = [&](std::string_view what, const auto& x, const auto& y) {
    if (x != y) out.push_back(fmt::format("{} differs: {} in A, {} in B", what, x, y));
  };
  const Load& x = *a.report.load;
  const Load& y = *b.report.load;
  const auto rate = [](const Load& l) {
    double scheduled = 0;
    double time = 0;
    for (const report::LoadPhase& p : l.phases)
      if (p.measures && !p.closed_loop) {
        scheduled += static_cast<double>(p.scheduled);
        time += std::chrono::duration<double>(p.planned).count();
      }
    return fmt::format("{:.4g}/s", time > 0 ? scheduled / time : 0.0);
  };
  const auto length = [](const Load& l) {
    double time = 0;
    for (const report::LoadPhase& p : l.phases)
      if (p.measures) time += std::chrono::duration<double>(p.planned).count();
    return fmt::format("{:g} s", time);
  };
  differ("the scenario", shown(x.scenario), shown(y.scenario));
  differ("the target", shown(x.target), shown(y.target));
  differ("the planned rate", rate(x), rate(y));
  differ("the time that is measured", length(x), length(y));
  differ("the seed", a.report.run.seed, b.report.run.seed);
  differ("the number of connections", x.connections, y.connections);
  differ("the number of generators", x.generators, y.generators);
  differ("TLS", x.tls.empty() ? "none" : x.tls, y.tls.empty() ? "none" : y.tls);
  differ("signing", x.signing.empty() ? "none" : x.signing, y.signing.empty() ? "none" : y.signing);
  differ("the processor", shown(a.report.machine.cpu), shown(b.report.machine.cpu));
  differ("the number of cores", a.report.machine.cores, b.report.machine.cores);
  differ("the version of the program", a.report.program.version, b.report.program.version);
  return out;
}

std::pair<std::uint64_t, std::uint64_t> ended_and_ok(const Load& load, std::size_t phase,
                                                     std::optional<std::size_t> klass) {
  std::uint64_t ended = 0;
  std::uint64_t ok = 0;
  for (const report::LoadRecord& r : load.records) {
    if (r.phase != phase || (klass && r.klass != *klass)) continue;
    ended += r.ended();
    ok += r.outcomes.empty() ? 0 : r.outcomes.front();
  }
  return {ended, ok};
}

double share(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

double rate_of(std::uint64_t count, Nanoseconds time) {
  return time.count() <= 0
             ? 0
             : static_cast<double>(count) / std::chrono::duration<double>(time).count();
}

ComparedClass compared_class(const StoredRun& a, const StoredRun& b, const CommonPhase& phase,
                             const CommonClass* klass, const ShareShift& shift) {
  const auto place = [&](bool is_a) {
    return klass == nullptr ? std::nullopt : std::optional(is_a ? klass->a : klass->b);
  };
  const auto [ended_a, ok_a] = ended_and_ok(*a.report.load, phase.a, place(true));
  const auto [ended_b, ok_b] = ended_and_ok(*b.report.load, phase.b, place(false));
  const report::LoadPhase& phase_a = a.report.load->phases[phase.a];
  ComparedClass out{.phase = phase_a.name,
                    .klass = klass == nullptr ? std::string(kAll) : klass->name,
                    .ended_a = ended_a,
                    .ended_b = ended_b,
                    .ok_per_second_a = rate_of(ok_a, phase_a.lasted),
                    .ok_per_second_b = rate_of(ok_b, b.report.load->phases[phase.b].lasted),
                    .failed = shift};
  out.failed.a = share(ended_a - ok_a, ended_a);
  out.failed.b = share(ended_b - ok_b, ended_b);
  return out;
}

std::string percent_text(double share) {
  return fmt::format("{:.1f} %", share * 100);
}

// The worst of what is slower, for the reason.
std::string slower_text(const RunComparison& c) {
  const ComparedSeries* worst = nullptr;
  const Shift* shift = nullptr;
  for (const ComparedSeries& s : c.series)
    for (const Shift& one : s.shifts)
      if (one.verdict == ShiftVerdict::slower && (shift == nullptr || one.low > shift->low)) {
        worst = &s;
        shift = &one;
      }
  if (shift != nullptr)
    return fmt::format("B is slower: p{:g} of {} ({}, {}) is {} longer ({} to {})", shift->percent,
                       worst->klass, report::kLegNames[static_cast<std::size_t>(worst->leg)],
                       worst->phase, percent_text(shift->shift), percent_text(shift->low),
                       percent_text(shift->high));
  for (const ComparedClass& k : c.classes)
    if (k.failed.verdict == ShiftVerdict::slower)
      return fmt::format("B fails more: {} of {} ({}), where it was {} in A",
                         percent_text(k.failed.b), k.klass, k.phase, percent_text(k.failed.a));
  return {};
}

void answer(RunComparison& out, const Comparison& c, const StoredRun& a, const StoredRun& b) {
  for (const auto& [run, letter] : {std::pair{&a, 'A'}, {&b, 'B'}}) {
    const report::Judgement j = run->report.load->judgement;
    if (j != report::Judgement::invalid && j != report::Judgement::unreachable) continue;
    out.answer = CompareAnswer::invalid;
    out.reason = fmt::format("{} was {}: {}", letter,
                             j == report::Judgement::invalid ? "INVALID" : "unreachable",
                             run->report.verdict.reason);
    return;
  }
  if (c.slower()) {
    out.answer = CompareAnswer::slower;
    out.reason = slower_text(out);
  } else if (!c.enough_data()) {
    out.answer = CompareAnswer::not_enough_data;
    out.reason =
        "not enough data to tell: a phase must measure for 10 s or more, with 40 answers or more "
        "of a class";
  } else {
    out.reason = "B is not slower";
  }
}

}  // namespace

Result<RunComparison> compare_runs(const StoredRun& a, const StoredRun& b,
                                   const CompareOptions& options) {
  RunComparison out{
      .name_a = a.name, .name_b = b.name, .warnings = {}, .series = {}, .classes = {}};
  for (const StoredRun* run : {&a, &b})
    if (run->report.kind != report::Kind::load || !run->report.load)
      return tl::unexpected(usage_error(
          fmt::format("{}: is the result of a dry run; only results of 's1flow load' are compared",
                      run->name)));
  out.warnings = conditions(a, b);
  const Common common = common_of(*a.report.load, *b.report.load, out.warnings);
  if (common.phases.empty() || common.classes.empty())
    return tl::unexpected(usage_error(
        fmt::format("{} and {} have no {} in common: compare runs of one scenario", a.name, b.name,
                    common.phases.empty() ? "phase that measures" : "class")));
  S1FLOW_TRY(const Side side_a, SideReader(a, common, true).read());
  S1FLOW_TRY(const Side side_b, SideReader(b, common, false).read());
  const std::size_t classes = common.classes.size();
  std::vector<SeriesPair> series;
  std::vector<SharePair> shares;
  for (std::size_t p = 0; p < common.phases.size(); ++p)
    for (std::size_t c = 0; c <= classes; ++c) {
      // One class is all of them.
      if (c == classes && classes == 1) continue;
      const std::string name = c == classes ? std::string(kAll) : common.classes[c].name;
      for (std::size_t leg = 0; leg < report::kLegs; ++leg) {
        const auto in_a = side_a.times.find({p, c, leg});
        const auto in_b = side_b.times.find({p, c, leg});
        if (in_a == side_a.times.end() || in_b == side_b.times.end()) continue;
        series.push_back({p, &in_a->second, &in_b->second});
        out.series.push_back({a.report.load->phases[common.phases[p].a].name,
                              name,
                              static_cast<report::Leg>(leg),
                              {}});
      }
      shares.push_back({p, &side_a.shares[p][c], &side_b.shares[p][c]});
    }
  const Comparison c = compare(series, shares, options);
  for (std::size_t i = 0; i < series.size(); ++i) out.series[i].shifts = c.series[i];
  std::size_t at = 0;
  for (const CommonPhase& phase : common.phases)
    for (std::size_t k = 0; k <= classes; ++k) {
      if (k == classes && classes == 1) continue;
      out.classes.push_back(
          compared_class(a, b, phase, k == classes ? nullptr : &common.classes[k], c.shares[at++]));
    }
  answer(out, c, a, b);
  return out;
}

}  // namespace s1flow::loadgen
