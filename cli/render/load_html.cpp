#include <algorithm>

#include <fmt/format.h>

#include "cli/render/format.h"
#include "cli/render/html_sections.h"
#include "cli/render/html_text.h"
#include "cli/render/load_sections.h"
#include "cli/render/load_tables.h"

namespace s1flow::render {
namespace {

using namespace report;

std::uint64_t failed_of(const LoadRecord& record) {
  return record.outcomes.empty() ? 0 : record.ended() - record.outcomes[0];
}

void append_tiles(std::string& out, const Load& l, const LoadRecord& all) {
  Nanoseconds measured{};
  std::uint64_t scheduled = 0;
  bool open_loop = false;
  for (const LoadPhase& p : l.phases) {
    if (!p.measures) continue;
    measured += p.lasted;
    scheduled += p.scheduled;
    open_loop = open_loop || !p.closed_loop;
  }
  const std::uint64_t failed = failed_of(all);
  out += "<dl class=\"tiles\">\n";
  append_tile(out, grouped(scheduled), "Requests scheduled",
              fmt::format("in {} measured", duration_text(measured)), "");
  append_tile(out, rate_text(all.sent, measured) + "/s", "Sent",
              open_loop ? fmt::format("{}/s planned", rate_text(scheduled, measured))
                        : "closed loop: as fast as answers came",
              "");
  append_tile(out, percent(failed, scheduled), "Failed", counted(failed, "request", "requests"),
              failed == 0 ? "good" : "bad");
  const LegTimes* last = all.last();
  const Histogram none;
  const Histogram& times = last == nullptr ? none : last->response;
  const std::string what =
      last != nullptr && last->leg == Leg::answer ? "to the answer" : "response time";
  for (const auto& [title, percentile] :
       {std::pair{"Median", 50.0}, std::pair{"99th percentile", 99.0}, std::pair{"Largest", 100.0}})
    append_tile(out, times.empty() ? "–" : duration_text(times.percentile(percentile)), title,
                times.empty() ? "nothing was answered" : what, "");
  out += "</dl>\n";
}

std::string seen_text(const ThresholdOutcome& t, double value) {
  return t.unit == "ms"
             ? milliseconds_text(Nanoseconds(static_cast<std::int64_t>(value * 1e6))) + " ms"
             : fmt::format("{:.4g} %", value * 100);
}

}  // namespace

void append_load_headline(std::string& out, const RunReport& r, const Load& l) {
  const bool stopped = r.verdict.state == State::stopped;
  const std::string_view note = stopped ? ", stopped before the end" : "";
  switch (l.judgement) {
    case Judgement::pass:
      append_badge(out, stopped ? "open" : "good", stopped ? "■" : kTick,
                   fmt::format("Passed{}", note));
      break;
    case Judgement::missed:
      append_badge(out, "bad", kCross, fmt::format("Missed{}", note));
      break;
    case Judgement::invalid:
      append_badge(out, "bad", kCross, fmt::format("Invalid{}", note));
      break;
    case Judgement::unreachable:
      append_badge(out, "bad", kCross, "Target not reached");
      break;
  }
  put(out, "<p class=\"key\">", html(r.verdict.reason), "</p>\n");
  if (l.judgement == Judgement::invalid)
    out +=
        "<p class=\"warned\">The generator itself was the limit, or nothing was measured: the "
        "figures below say nothing of the target.</p>\n";
  const LoadRecord all = l.measured();
  const auto scheduled = [](const LoadPhase& p) { return p.scheduled; };
  std::uint64_t sum = 0;
  for (const LoadPhase& p : l.phases) sum += scheduled(p);
  if (l.generators > 1)
    fmt::format_to(std::back_inserter(out), "<p>{} runs were merged into this report.</p>\n",
                   grouped(l.generators));
  append_warning_note(out, r);
  if (sum != 0) append_tiles(out, l, all);
}

void append_thresholds(std::string& out, const Load& l) {
  if (l.thresholds.empty()) {
    out += "<p class=\"none\">No threshold was judged.</p>\n";
    return;
  }
  out +=
      "<div class=\"wide\"><table><thead><tr><th>Result</th><th>Threshold</th>"
      "<th class=\"n\">Limit</th><th class=\"n\">Seen</th></tr></thead><tbody>\n";
  for (const ThresholdOutcome& t : l.thresholds) {
    put(out, "<tr><td><span class=\"st ", t.held ? "accepted" : "rejected", "\">",
        t.held ? kTick : kCross, t.held ? " held" : " missed", "</span></td>");
    append_cell(out, t.text);
    put(out, "<td class=\"n\">", seen_text(t, t.limit), "</td><td class=\"n\">",
        t.seen ? seen_text(t, *t.seen) : "nothing answered", "</td></tr>\n");
  }
  out +=
      "</tbody></table></div>\n<p class=\"note\">Thresholds look at phases that measure; a warm-up "
      "does not count.</p>\n";
}

void append_load_conditions(std::string& out, const RunReport& r, const Load& l) {
  append_warnings(out, r);
  out += "<dl class=\"facts\">\n";
  append_fact(out, "Scenario", or_not_known(l.scenario));
  append_fact(out, "Target", or_not_known(l.target));
  append_fact(out, "Started", or_not_known(l.started));
  append_fact(out, "Time taken", duration_text(l.lasted));
  append_fact(out, "Seed", fmt::format("{}", r.run.seed));
  append_fact(out, "Batch", r.run.batch.empty() ? "none" : r.run.batch);
  append_fact(out, "Connections", grouped(l.connections));
  append_fact(out, "Threads", grouped(r.run.workers));
  append_fact(out, "TLS", l.tls.empty() ? "none: plain" : l.tls == "any" ? "1.2 or 1.3" : l.tls);
  append_fact(out, "Signed",
              l.signing.empty()       ? "not at all"
              : l.signing == "ahead"  ? "ahead of the due time, by threads of their own"
              : l.signing == "inline" ? "by the sending thread, when due"
                                      : "all of them before the start");
  append_fact(out, "Time-out", duration_text(l.timeout));
  append_fact(
      out, "Processor",
      fmt::format("{} user, {} system", duration_text(l.cpu_user), duration_text(l.cpu_system)));
  append_fact(out, "Peak memory", bytes_text(r.run.peak_rss_bytes));
  append_fact(out, "Output folder", or_not_known(r.run.output));
  append_fact(out, "Exit code", fmt::format("{}", r.verdict.exit_code));
  append_machine_facts(out, r);
  out += "</dl>\n";
}

}  // namespace s1flow::render
