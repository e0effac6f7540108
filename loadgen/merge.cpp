#include "loadgen/merge.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "core/check.h"
#include "core/random.h"
#include "core/text.h"
#include "loadgen/verdict.h"

namespace s1flow::loadgen {
namespace {

using report::Load;
using report::LoadRecord;
using report::ThresholdOutcome;

std::string class_name(const report::LoadClass& c) {
  return c.role.empty() ? c.name : fmt::format("{} of {}", c.name, c.role);
}

// What is different between two runs that must not be, as the end of a sentence; nothing when all
// is alike.
std::optional<std::string> difference(const Load& a, const Load& b) {
  if (a.scenario != b.scenario)
    return fmt::format("its scenario is {}, and not {}", shown(b.scenario), shown(a.scenario));
  if (a.signing != b.signing)
    return fmt::format("its requests were signed '{}', and not '{}'", b.signing, a.signing);
  if (a.phases.size() != b.phases.size())
    return fmt::format("it has {} phases, and not {}", b.phases.size(), a.phases.size());
  for (std::size_t p = 0; p < a.phases.size(); ++p) {
    const report::LoadPhase& x = a.phases[p];
    const report::LoadPhase& y = b.phases[p];
    if (x.name != y.name || x.measures != y.measures || x.closed_loop != y.closed_loop ||
        x.planned != y.planned)
      return fmt::format("its phase {} is another", shown(y.name));
  }
  if (a.classes.size() != b.classes.size())
    return fmt::format("it has {} classes, and not {}", b.classes.size(), a.classes.size());
  for (std::size_t c = 0; c < a.classes.size(); ++c) {
    const report::LoadClass& x = a.classes[c];
    const report::LoadClass& y = b.classes[c];
    if (x.name != y.name || x.srv != y.srv || x.role != y.role || x.shape != y.shape)
      return fmt::format("it has class {} where {} belongs", shown(class_name(y)),
                         shown(class_name(x)));
  }
  const auto same_id = [](const auto& x, const auto& y) { return x.id == y.id; };
  if (!std::equal(a.outcomes.begin(), a.outcomes.end(), b.outcomes.begin(), b.outcomes.end(),
                  same_id))
    return "it counts other outcomes: it was made by another version of the program";
  const auto same_limit = [](const ThresholdOutcome& x, const ThresholdOutcome& y) {
    return x.text == y.text && x.limit == y.limit;
  };
  if (!std::equal(a.thresholds.begin(), a.thresholds.end(), b.thresholds.begin(),
                  b.thresholds.end(), same_limit))
    return "it was judged by other thresholds";
  return std::nullopt;
}

void add_counts(std::vector<report::NamedCount>& to, const std::vector<report::NamedCount>& from) {
  for (const report::NamedCount& f : from) {
    const auto it = std::find_if(to.begin(), to.end(), [&](const auto& t) { return t.id == f.id; });
    if (it == to.end())
      to.push_back(f);
    else
      it->count += f.count;
  }
}

// The worst of all generators; what is counted adds up.
void add_health(std::vector<report::HealthFigure>& to,
                const std::vector<report::HealthFigure>& from) {
  for (const report::HealthFigure& f : from) {
    const auto it = std::find_if(to.begin(), to.end(), [&](const auto& t) { return t.id == f.id; });
    if (it == to.end()) {
      to.push_back(f);
      continue;
    }
    it->seen =
        f.unit == "count" || f.id == "watched" ? it->seen + f.seen : std::max(it->seen, f.seen);
    it->holds = it->holds && f.holds;
  }
}

void add_records(Load& to, const Load& from) {
  const auto before = [](const LoadRecord& x, const LoadRecord& y) {
    return std::pair(x.phase, x.klass) < std::pair(y.phase, y.klass);
  };
  for (const LoadRecord& r : from.records) {
    const auto it = std::lower_bound(to.records.begin(), to.records.end(), r, before);
    if (it != to.records.end() && it->phase == r.phase && it->klass == r.klass)
      it->add(r);
    else
      to.records.insert(it, r);
  }
}

void add_load(Load& to, const Load& from) {
  to.generators += from.generators;
  to.connections += from.connections;
  to.lasted = std::max(to.lasted, from.lasted);
  to.cpu_user += from.cpu_user;
  to.cpu_system += from.cpu_system;
  if (from.start_seconds < to.start_seconds) {
    to.start_seconds = from.start_seconds;
    to.started = from.started;
  }
  for (std::size_t p = 0; p < to.phases.size(); ++p) {
    to.phases[p].scheduled += from.phases[p].scheduled;
    to.phases[p].lasted = std::max(to.phases[p].lasted, from.phases[p].lasted);
  }
  add_records(to, from);
  add_counts(to.connections_seen, from.connections_seen);
  add_counts(to.messages, from.messages);
  add_counts(to.receiver, from.receiver);
  add_health(to.health, from.health);
}

std::vector<std::string> warnings_of(std::span<const StoredRun> runs) {
  std::vector<std::string> out;
  const auto differ = [&](const auto& member, std::string_view what) {
    const auto& first = member(runs.front().report);
    for (const StoredRun& run : runs)
      if (member(run.report) != first) {
        out.push_back(fmt::format("the merged runs had different {}", what));
        return;
      }
  };
  differ([](const RunReport& r) { return r.load->target; }, "targets");
  differ([](const RunReport& r) { return r.machine.cpu; }, "machines");
  differ([](const RunReport& r) { return r.program.version; }, "versions of the program");
  differ([](const RunReport& r) { return r.load->tls; }, "versions of TLS");
  differ([](const RunReport& r) { return r.load->timeout; }, "time-outs");
  double first = runs.front().report.load->start_seconds;
  double last = first;
  for (const StoredRun& run : runs) {
    first = std::min(first, run.report.load->start_seconds);
    last = std::max(last, run.report.load->start_seconds);
  }
  if (last - first > 1)
    out.push_back(
        fmt::format("the merged runs started up to {:.0f} s apart: figures by second count from "
                    "the start of each",
                    last - first));
  for (const StoredRun& run : runs)
    for (const std::string& warning : run.report.warnings)
      out.push_back(fmt::format("{}: {}", run.name, warning));
  return out;
}

// Names are those of the report, so they may hold blanks.
template <typename Names>
std::string take_name(std::string_view& text, std::string_view word, const Names& names) {
  if (!text.starts_with(word)) return {};
  std::string_view longest;
  for (const auto& n : names) {
    const std::string start = fmt::format("{}{} ", word, n.name);
    if (text.starts_with(start) && n.name.size() > longest.size()) longest = n.name;
  }
  if (!longest.empty()) text.remove_prefix(word.size() + longest.size() + 1);
  return std::string(longest);
}

// The text of Threshold::text(), back.
Result<Threshold> threshold_of(const Load& load, const ThresholdOutcome& outcome) {
  std::string_view rest = outcome.text;
  const std::string phase = take_name(rest, "phase ", load.phases);
  const std::string klass = take_name(rest, "class ", load.classes);
  std::string text;
  // Between a number and its unit stands a blank.
  for (std::size_t i = 0; i < rest.size(); ++i)
    if (rest[i] != ' ' || i == 0 || !is_digit(rest[i - 1])) text.push_back(rest[i]);
  auto read = parse_threshold(text);
  if (!read) return read;
  read->phase = phase;
  read->class_name = klass;
  if (read->form == Threshold::Form::percentile)
    read->limit = Nanoseconds{std::llround(outcome.limit * 1e6)};
  else
    read->share = outcome.limit;
  return read;
}

LoadRecord select(const Load& load, const Threshold& t) {
  LoadRecord sum;
  sum.outcomes.resize(load.outcomes.size());
  for (const LoadRecord& r : load.records) {
    const report::LoadPhase& phase = load.phases[r.phase];
    if (t.phase.empty() ? !phase.measures : phase.name != t.phase) continue;
    if (!t.class_name.empty() && load.classes[r.klass].name != t.class_name) continue;
    sum.add(r);
  }
  return sum;
}

const Histogram* times_of(const LoadRecord& record, Metric metric) {
  const report::LegTimes* leg =
      record.find(metric == Metric::answer ? report::Leg::answer : report::Leg::first);
  if (leg == nullptr) return nullptr;
  return metric == Metric::service ? &leg->service : &leg->response;
}

void judge_one(const LoadRecord& record, const Threshold& t, ThresholdOutcome& to) {
  to.seen.reset();
  to.held = false;
  const std::uint64_t ended = record.ended();
  if (ended == 0) return;
  const auto share = [&](std::uint64_t part) {
    return static_cast<double>(part) / static_cast<double>(ended);
  };
  if (t.form == Threshold::Form::errors) {
    to.seen = share(ended - record.outcomes.front());
    to.held = *to.seen <= t.share;
    return;
  }
  const Histogram* times = times_of(record, t.metric);
  if (times == nullptr || times->empty()) return;
  if (t.form == Threshold::Form::percentile) {
    const Nanoseconds seen = times->percentile(t.percent);
    to.seen = static_cast<double>(seen.count()) / 1e6;
    to.held = seen <= t.limit;
  } else {
    to.seen = share(times->count_up_to(t.limit));
    to.held = *to.seen >= t.share;
  }
}

std::string missed_text(const ThresholdOutcome& t) {
  if (!t.seen) return t.text + ": nothing was answered";
  return t.unit == "ms" ? fmt::format("{}: was {:.4g} ms", t.text, *t.seen)
                        : fmt::format("{}: was {:.4g} %", t.text, *t.seen * 100);
}

// A run that cannot be trusted spoils the sum: its figures are in it.
void judge_sum(std::span<const StoredRun> runs, RunReport& merged) {
  Load& load = *merged.load;
  load.judgement = report::Judgement::pass;
  merged.verdict.state = report::State::completed;
  for (const StoredRun& run : runs)
    if (run.report.verdict.state != report::State::completed)
      merged.verdict.state = run.report.verdict.state;
  for (const auto spoiled : {report::Judgement::unreachable, report::Judgement::invalid})
    for (const StoredRun& run : runs)
      if (run.report.load->judgement == spoiled) {
        load.judgement = spoiled;
        merged.verdict.exit_code = run.report.verdict.exit_code;
        merged.verdict.reason = fmt::format("{}: {}", run.name, run.report.verdict.reason);
      }
  if (load.judgement != report::Judgement::pass) return;
  const auto missed = std::find_if(load.thresholds.begin(), load.thresholds.end(),
                                   [](const ThresholdOutcome& t) { return !t.held; });
  if (missed != load.thresholds.end()) {
    load.judgement = report::Judgement::missed;
    merged.verdict.exit_code = 1;
    merged.verdict.reason = missed_text(*missed);
    return;
  }
  merged.verdict.exit_code = 0;
  merged.verdict.reason = "all thresholds held";
}

}  // namespace

Status check_belong_together(std::span<const StoredRun> runs) {
  std::vector<std::uint64_t> digests;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const StoredRun& run = runs[i];
    if (run.report.kind != report::Kind::load || !run.report.load)
      return tl::unexpected(usage_error(fmt::format(
          "{}: is the result of a dry run; only results of 's1flow load' are merged", run.name)));
    std::string text;
    append_json(text, run.report);
    digests.push_back(hash64(text));
    if (i == 0) continue;
    if (const auto why = difference(*runs.front().report.load, *run.report.load))
      return tl::unexpected(usage_error(
          fmt::format("{} and {} are no runs of one test: {}", runs.front().name, run.name, *why)));
    const auto same = std::find(digests.begin(), digests.end() - 1, digests.back());
    if (same != digests.end() - 1)
      return tl::unexpected(usage_error(
          fmt::format("{} and {} are the same run: name each once",
                      runs[static_cast<std::size_t>(same - digests.begin())].name, run.name)));
  }
  return {};
}

Result<std::vector<ThresholdOutcome>> judge_again(const Load& load,
                                                  std::vector<ThresholdOutcome> thresholds) {
  for (ThresholdOutcome& t : thresholds) {
    S1FLOW_TRY(const Threshold threshold, threshold_of(load, t));
    judge_one(select(load, threshold), threshold, t);
  }
  return thresholds;
}

Result<RunReport> merge_reports(std::span<const StoredRun> runs) {
  S1FLOW_CHECK(!runs.empty());
  RunReport merged = runs.front().report;
  Load& load = *merged.load;
  for (const StoredRun& run : runs.subspan(1)) {
    add_load(load, *run.report.load);
    merged.run.wall = std::max(merged.run.wall, run.report.run.wall);
    merged.run.peak_rss_bytes = std::max(merged.run.peak_rss_bytes, run.report.run.peak_rss_bytes);
    merged.run.workers += run.report.run.workers;
  }
  load.seconds = {};
  load.overview = {};
  S1FLOW_TRY(load.thresholds, judge_again(load, std::move(load.thresholds)));
  merged.warnings = warnings_of(runs);
  judge_sum(runs, merged);
  return merged;
}

}  // namespace s1flow::loadgen
