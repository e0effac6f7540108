#include "cli/render/load_tables.h"

#include <array>
#include <optional>

#include <fmt/format.h>

#include "cli/render/csv.h"
#include "cli/render/html_text.h"

namespace s1flow::render {
namespace {

using namespace report;

double milliseconds(Nanoseconds time) {
  return static_cast<double>(time.count()) / 1e6;
}

// Every digit that a nanosecond has.
std::string exact(Nanoseconds time) {
  return fmt::format("{:.6f}", milliseconds(time));
}

void add_row(std::string& out, const std::vector<std::string>& cells) {
  const std::vector<std::string_view> views(cells.begin(), cells.end());
  append_csv_row(out, views, FormulaGuard::yes);
}

void add_record(std::string& out, const LoadPhase& phase, const LoadClass& c,
                const LoadRecord& record) {
  for (const Figure& f : figures_of(record)) {
    const Histogram& h = *f.times;
    std::vector<std::string> cells{phase.name,
                                   c.name,
                                   c.role,
                                   c.srv,
                                   std::string(f.id),
                                   fmt::format("{}", h.count()),
                                   exact(h.min()),
                                   fmt::format("{:.6f}", h.mean() / 1e6)};
    for (const double percent : {50.0, 75.0, 90.0, 95.0, 99.0, 99.9, 99.99})
      cells.push_back(exact(h.percentile(percent)));
    cells.push_back(exact(h.max()));
    add_row(out, cells);
  }
}

const LegColumns* leg_of(const Series& s, std::string_view name) {
  for (const LegColumns& c : s.legs)
    if (c.leg == name) return &c;
  return nullptr;
}

void add_slot(std::string& out, const Timeline& t, const Series& s, std::string_view name,
              std::string_view role, std::size_t slot) {
  const auto number = [](std::uint64_t n) { return fmt::format("{}", n); };
  const double start = std::chrono::duration<double>(t.step).count() * static_cast<double>(slot);
  std::vector<std::string> cells{fmt::format("{:g}", start), std::string(name),
                                 std::string(role),          number(s.planned[slot]),
                                 number(s.sent[slot]),       number(s.ok[slot]),
                                 number(s.failed[slot])};
  const auto add = [&](const LegColumns* c, const std::vector<Nanoseconds> LegColumns::*column) {
    cells.push_back(c == nullptr || c->count[slot] == 0 ? "" : exact((c->*column)[slot]));
  };
  const LegColumns* whole = s.whole();
  for (const auto column : {&LegColumns::p50, &LegColumns::p90, &LegColumns::p99, &LegColumns::p999,
                            &LegColumns::max, &LegColumns::service_p50, &LegColumns::service_p99})
    add(whole, column);
  // Legs that do not end the request.
  for (const std::string_view leg : {"first", "transform"}) {
    const LegColumns* c = leg_of(s, leg);
    if (c == whole) c = nullptr;
    add(c, &LegColumns::p50);
    add(c, &LegColumns::p99);
  }
  cells.push_back(s.sent[slot] == 0 ? "" : exact(s.lag_p99[slot]));
  cells.push_back(s.sent[slot] == 0 ? "" : exact(s.lag_max[slot]));
  add_row(out, cells);
}

struct TestCase {
  std::string name;
  std::string failure;  // empty: it passed
  bool error = false;   // could not be judged
};

std::string suite(std::string_view kind, std::string_view name, double seconds,
                  std::string_view stamp, const std::vector<TestCase>& cases) {
  std::size_t failures = 0, errors = 0;
  for (const TestCase& c : cases)
    if (!c.failure.empty()) ++(c.error ? errors : failures);
  std::string body;
  for (const TestCase& c : cases) {
    fmt::format_to(std::back_inserter(body), "    <testcase classname=\"{}\" name=\"{}\"",
                   html(fmt::format("s1flow.{}.{}", kind, name)), html(c.name));
    if (c.failure.empty())
      body += "/>\n";
    else
      fmt::format_to(std::back_inserter(body), ">\n      <{0} message=\"{1}\"/>\n    </testcase>\n",
                     c.error ? "error" : "failure", html(c.failure));
  }
  const std::string counts =
      fmt::format("tests=\"{}\" failures=\"{}\" errors=\"{}\" time=\"{:.3f}\"", cases.size(),
                  failures, errors, seconds);
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites {0}>\n  <testsuite name=\"s1flow "
      "{1} "
      "{2}\" {0}{3}>\n{4}  </testsuite>\n</testsuites>\n",
      counts, kind, html(name), stamp.empty() ? "" : fmt::format(" timestamp=\"{}\"", html(stamp)),
      body);
}

std::vector<TestCase> load_cases(const RunReport& r, const Load& l) {
  std::vector<TestCase> cases;
  TestCase valid{.name = "the generator was not the limit"};
  if (l.judgement == Judgement::invalid)
    valid.failure = r.verdict.reason.empty() ? "it was" : r.verdict.reason;
  if (l.judgement == Judgement::unreachable)
    valid = {.name = "the target can be reached", .failure = r.verdict.reason, .error = true};
  cases.push_back(std::move(valid));
  TestCase whole{.name = "the run was played to its end"};
  if (r.verdict.state == State::stopped) whole.failure = "it was stopped before";
  cases.push_back(std::move(whole));
  for (const ThresholdOutcome& t : l.thresholds) {
    TestCase c{.name = t.text};
    const std::string unit = t.unit == "ms" ? "ms" : "%";
    if (!t.held)
      c.failure = t.seen
                      ? fmt::format("was {:.4g} {}", t.unit == "ms" ? *t.seen : *t.seen * 100, unit)
                      : "nothing was answered";
    cases.push_back(std::move(c));
  }
  return cases;
}

}  // namespace

std::vector<Figure> figures_of(const LoadRecord& record) {
  std::vector<Figure> out;
  const auto add = [&](std::string_view title, std::string_view id, const Histogram& h) {
    if (!h.empty()) out.push_back({title, id, &h});
  };
  const LegTimes* transform = record.find(Leg::transform);
  const LegTimes* first = record.find(Leg::first);
  const LegTimes* answer = record.find(Leg::answer);
  const bool later = answer != nullptr;
  if (transform != nullptr) {
    add("Transform", "transform.response", transform->response);
    add("Transform, service time", "transform.service", transform->service);
  }
  if (first != nullptr) {
    add(later ? "Acknowledged" : "Response time", "first.response", first->response);
    add(later ? "Acknowledged, service time" : "Service time", "first.service", first->service);
  }
  if (later) {
    add("Answer", "answer.response", answer->response);
    add("Answer, service time", "answer.service", answer->service);
  }
  add("Failed", "failed", record.failed);
  add("Send lag", "lag", record.lag);
  add("Own lag", "own_lag", record.own_lag);
  return out;
}

std::string label_of(const LoadClass& c) {
  return c.role.empty() ? c.name : c.name + " · " + c.role;
}

std::string milliseconds_text(Nanoseconds time) {
  const double ms = milliseconds(time);
  if (ms >= 1000) return fmt::format("{:.0f}", ms);
  return fmt::format("{:.4g}", ms);
}

std::string percentiles_csv(const Load& l) {
  std::string out;
  add_row(out, {"phase", "class", "role", "srv", "figure", "count", "min_ms", "mean_ms", "p50_ms",
                "p75_ms", "p90_ms", "p95_ms", "p99_ms", "p99.9_ms", "p99.99_ms", "max_ms"});
  std::vector<LoadRecord> totals(l.phases.size());
  for (const LoadRecord& record : l.records) {
    add_record(out, l.phases[record.phase], l.classes[record.klass], record);
    totals[record.phase].add(record);
  }
  for (std::size_t p = 0; p < l.phases.size(); ++p)
    add_record(out, l.phases[p], LoadClass{.name = "*"}, totals[p]);
  return out;
}

std::string seconds_csv(const Load& l) {
  std::string out;
  add_row(out, {"second",
                "class",
                "role",
                "planned",
                "sent",
                "ok",
                "failed",
                "p50_ms",
                "p90_ms",
                "p99_ms",
                "p99.9_ms",
                "max_ms",
                "service_p50_ms",
                "service_p99_ms",
                "ack_p50_ms",
                "ack_p99_ms",
                "transform_p50_ms",
                "transform_p99_ms",
                "lag_p99_ms",
                "lag_max_ms"});
  const Timeline& t = l.seconds;
  for (std::size_t slot = 0; slot < t.slots; ++slot) {
    add_slot(out, t, t.all, "*", "", slot);
    for (std::size_t c = 0; c < t.classes.size(); ++c) {
      const Series& s = t.classes[c];
      if (s.planned[slot] + s.sent[slot] + s.ok[slot] + s.failed[slot] != 0)
        add_slot(out, t, s, l.classes[c].name, l.classes[c].role, slot);
    }
  }
  return out;
}

std::string outcomes_csv(const DryRun& run) {
  std::string out;
  add_row(out, {"supplier_eui", "supplier", "group", "day", "outcome", "reason", "installations"});
  for (const OutcomeRow& r : run.outcomes.rows)
    add_row(out, {r.supplier_eui, r.supplier_name, r.group, r.day, r.outcome, r.reason,
                  fmt::format("{}", r.count)});
  return out;
}

std::string junit_xml(const RunReport& r) {
  const double seconds = std::chrono::duration<double>(r.run.wall).count();
  if (r.kind == Kind::load) {
    const Load l = r.load.value_or(Load());
    // Without the letter of the time zone, which the format of the tools does not know.
    const std::string stamp = l.started.substr(0, l.started.find('Z'));
    return suite("load", l.scenario, seconds, stamp, load_cases(r, l));
  }
  std::vector<TestCase> cases;
  TestCase whole{.name = "the run was played to its end"};
  if (r.verdict.state != State::completed)
    whole.failure = r.verdict.reason.empty() ? "it was not" : r.verdict.reason;
  cases.push_back(std::move(whole));
  if (r.dry_run)
    for (const ConservationCheck& c : r.dry_run->conservation) {
      TestCase one{.name = c.title};
      if (!c.holds) one.failure = fmt::format("{} in, {} out", c.in, c.out);
      cases.push_back(std::move(one));
    }
  if (r.verdict.state == State::completed && r.verdict.exit_code != 0)
    cases.push_back({.name = "the run's verdict", .failure = r.verdict.reason});
  return suite("dry-run", r.run.batch, seconds, "", cases);
}

}  // namespace s1flow::render
