#include "cli/render/load_text.h"

#include <fmt/format.h>

#include "cli/render/format.h"
#include "cli/render/load_tables.h"
#include "core/text.h"

namespace s1flow::render {
namespace {

using namespace report;

std::string_view word_of(const RunReport& r, const Load& l) {
  if (l.judgement == Judgement::pass && r.verdict.state == State::stopped) return "passed so far";
  constexpr std::string_view kWords[] = {"passed", "missed", "INVALID", "target not reached"};
  return kWords[static_cast<std::size_t>(l.judgement)];
}

void append_figures(std::string& out, const LoadRecord& record) {
  fmt::format_to(std::back_inserter(out), "\n  {:<27}{:>11}{:>10}{:>10}{:>10}{:>10}\n",
                 "milliseconds", "count", "p50", "p99", "p99.9", "max");
  for (const Figure& f : figures_of(record))
    fmt::format_to(std::back_inserter(out), "  {:<27}{:>11}{:>10}{:>10}{:>10}{:>10}\n", f.title,
                   grouped(f.times->count()), milliseconds_text(f.times->percentile(50)),
                   milliseconds_text(f.times->percentile(99)),
                   milliseconds_text(f.times->percentile(99.9)), milliseconds_text(f.times->max()));
}

}  // namespace

std::string load_summary(const RunReport& r) {
  const Load l = r.load.value_or(Load());
  std::string out =
      fmt::format("Load test {} against {}\n", shown(l.scenario, 48), shown(l.target, 60));
  fmt::format_to(std::back_inserter(out), "{} (exit code {}): {}\n", word_of(r, l),
                 r.verdict.exit_code, shown(r.verdict.reason, 120));
  const LoadRecord all = l.measured();
  for (const LoadPhase& p : l.phases)
    fmt::format_to(std::back_inserter(out), "  {:<20} {:>12} scheduled in {}{}\n",
                   shown(p.name, 20), grouped(p.scheduled), duration_text(p.lasted),
                   p.measures ? "" : " (warm-up)");
  if (all.ended() != 0) {
    append_figures(out, all);
    out += "\n  ended:";
    for (std::size_t i = 0; i < all.outcomes.size(); ++i)
      if (all.outcomes[i] != 0)
        fmt::format_to(std::back_inserter(out), " {} {}", shown(l.outcomes[i].id, 20),
                       grouped(all.outcomes[i]));
    out += '\n';
  }
  for (const ThresholdOutcome& t : l.thresholds)
    fmt::format_to(std::back_inserter(out), "  {} {}\n",
                   t.held ? "held:  " : "missed:", shown(t.text, 80));
  for (const HealthFigure& f : l.health)
    if (!f.holds)
      fmt::format_to(std::back_inserter(out), "  beyond its limit: {}\n", shown(f.title, 60));
  for (const std::string& w : r.warnings)
    fmt::format_to(std::back_inserter(out), "Warning: {}\n", shown(w, 88));
  if (!r.run.output.empty())
    fmt::format_to(std::back_inserter(out), "Report: {}/report.html\n", shown(r.run.output, 80));
  return out;
}

}  // namespace s1flow::render
