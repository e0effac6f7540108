#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "cli/render/format.h"
#include "cli/render/html_sections.h"
#include "cli/render/html_text.h"
#include "cli/render/load_sections.h"
#include "cli/render/load_tables.h"

namespace s1flow::render {
namespace {

using namespace report;

// The records of the phases that measure, by class.
std::vector<LoadRecord> by_class(const Load& l) {
  std::vector<LoadRecord> out(l.classes.size());
  for (LoadRecord& record : out) record.outcomes.resize(l.outcomes.size());
  for (const LoadRecord& record : l.records)
    if (l.phases[record.phase].measures) out[record.klass].add(record);
  return out;
}

void append_figures(std::string& out, std::string_view label, std::string_view title,
                    const LoadRecord& record) {
  const std::vector<Figure> figures = figures_of(record);
  for (const Figure& f : figures) {
    const Histogram& h = *f.times;
    out += "<tr>";
    if (&f == figures.data()) {
      fmt::format_to(std::back_inserter(out), "<th scope=\"rowgroup\" rowspan=\"{}\">{}",
                     figures.size(), html(label));
      if (!title.empty()) put(out, "<small>", html(title), "</small>");
      out += "</th>";
    }
    append_cell(out, f.title);
    append_number_cell(out, h.count());
    for (const double percentile : {50.0, 90.0, 95.0, 99.0, 99.9, 100.0})
      put(out, "<td class=\"n\">", milliseconds_text(h.percentile(percentile)), "</td>");
    out += "</tr>\n";
  }
}

constexpr std::string_view kFigureHead =
    "<th>Figure</th><th class=\"n\">Count</th><th class=\"n\">p50</th><th class=\"n\">p90</th>"
    "<th class=\"n\">p95</th><th class=\"n\">p99</th><th class=\"n\">p99.9</th>"
    "<th class=\"n\">max</th></tr></thead><tbody>\n";

// Requests that were answered within a target; what failed was not.
struct Judged {
  std::uint64_t within = 0;
  std::uint64_t ended = 0;
};

Judged judge(const LoadRecord& record, Nanoseconds limit) {
  const LegTimes* last = record.last();
  return {last == nullptr ? 0 : last->response.count_up_to(limit), record.ended()};
}

const TargetTime* target_of(const LoadClass& c, std::string_view generation) {
  for (const TargetTime& t : c.targets)
    if (t.generation == generation) return &t;
  return nullptr;
}

// In the order in which they come.
std::vector<std::string> generations_of(const Load& l) {
  std::vector<std::string> out;
  for (const LoadClass& c : l.classes)
    for (const TargetTime& t : c.targets)
      if (std::find(out.begin(), out.end(), t.generation) == out.end()) out.push_back(t.generation);
  if (out.empty()) out.emplace_back("SMETS1");
  return out;
}

void append_target_cells(std::string& out, const LoadRecord& record, const TargetTime* target) {
  if (target == nullptr) {
    out += "<td class=\"n none\">unknown</td><td class=\"n none\">not judged</td>";
    return;
  }
  const Judged judged = judge(record, target->limit);
  put(out, "<td class=\"n\">", duration_text(target->limit), "</td><td class=\"n\">",
      percent(judged.within, judged.ended), "</td>");
}

}  // namespace

void append_times(std::string& out, const Load& l) {
  const LoadRecord all = l.measured();
  if (figures_of(all).empty()) {
    out += "<p class=\"none\">No request was sent in a phase that measures.</p>\n";
  } else {
    out +=
        "<p>Milliseconds, of the phases that measure. <b>Response time</b> counts from when a "
        "request was due: what somebody who comes at that moment has to wait. <b>Service time</b> "
        "counts from when it was sent and leaves out what it waited for a connection: the "
        "uncorrected view that many tools report.</p>\n";
    put(out, "<div class=\"wide\"><table><thead><tr><th>All requests</th>", kFigureHead);
    append_figures(out, "All classes", "", all);
    out += "</tbody></table></div>\n";
  }
  append_chart(out, "percentiles", "Percentiles of the response time over the run");
  append_chart(
      out, "spectrum",
      "Latency by percentile, response time beside service time; the table has the figures");
  append_chart(out, "heat", "Heat map: how many requests ended in each band of response time");
  if (l.classes.size() < 2 || all.ended() == 0) return;
  put(out,
      "<details><summary>Every class as a table</summary><div class=\"scroll\" tabindex=\"0\">",
      "<table><thead><tr><th>Class</th>", kFigureHead);
  const std::vector<LoadRecord> records = by_class(l);
  for (std::size_t c = 0; c < records.size(); ++c)
    append_figures(out, label_of(l.classes[c]), l.classes[c].title, records[c]);
  out += "</tbody></table></div></details>\n";
}

void append_rate(std::string& out, const Load& l) {
  append_chart(out, "rate", "Requests planned, sent, ended well and failed, a second");
  out +=
      "<div class=\"wide\"><table><thead><tr><th>Phase</th><th>Kind</th><th class=\"n\">Lasted</th>"
      "<th class=\"n\">Scheduled</th><th class=\"n\">Planned /s</th><th class=\"n\">Sent /s</th>"
      "<th class=\"n\">Ended well /s</th></tr></thead><tbody>\n";
  for (std::size_t p = 0; p < l.phases.size(); ++p) {
    const LoadPhase& phase = l.phases[p];
    std::uint64_t sent = 0, ok = 0;
    for (const LoadRecord& r : l.records) {
      if (r.phase != p) continue;
      sent += r.sent;
      ok += r.outcomes.empty() ? 0 : r.outcomes[0];
    }
    put(out, "<tr><th scope=\"row\">", html(phase.name), "</th>");
    put(out, "<td>", phase.measures ? "measured" : "warm-up",
        phase.closed_loop ? ", closed loop" : "", "</td>");
    put(out, "<td class=\"n\">", duration_text(phase.lasted));
    if (phase.lasted < phase.planned)
      put(out, "<small>of ", duration_text(phase.planned), "</small>");
    out += "</td>";
    append_number_cell(out, phase.scheduled);
    put(out, "<td class=\"n\">", phase.closed_loop ? "–" : rate_text(phase.scheduled, phase.lasted),
        "</td>");
    put(out, "<td class=\"n\">", rate_text(sent, phase.lasted), "</td>");
    put(out, "<td class=\"n\">", rate_text(ok, phase.lasted), "</td></tr>\n");
  }
  out +=
      "</tbody></table></div>\n<p class=\"note\">A request belongs to the phase in which it was "
      "due, also when it ended later.</p>\n";
}

void append_targets(std::string& out, const Load& l) {
  const bool any = std::any_of(l.classes.begin(), l.classes.end(),
                               [](const LoadClass& c) { return !c.srv.empty(); });
  if (!any) {
    out +=
        "<p class=\"none\">The requests are no Service Requests: there are no target response "
        "times "
        "for them.</p>\n";
    return;
  }
  const std::vector<std::string> generations = generations_of(l);
  out +=
      "<p>Share of all requests that ended, answered within the target response time (TRT) of "
      "their "
      "Service Reference Variant, counted from when they were due to the answer; what failed or "
      "was "
      "never answered was not within it. A critical request's time includes both round trips and "
      "our own signing between them.</p>\n<div class=\"scroll\" tabindex=\"0\">"
      "<table class=\"sortable\"><thead><tr><th>Service Reference Variant</th><th>Role</th>"
      "<th class=\"n\">Ended</th><th class=\"n\">Failed</th><th class=\"n\">p50 ms</th>"
      "<th class=\"n\">p99 ms</th><th class=\"n\">max ms</th>";
  for (const std::string& g : generations) {
    const std::string name = html(g);
    put(out, "<th class=\"n\">TRT ", name, "</th><th class=\"n\">Within, ", name, "</th>");
  }
  out += "</tr></thead><tbody>\n";
  std::map<std::string, std::vector<std::string>> sources;  // and the variants that have it
  const std::vector<LoadRecord> records = by_class(l);
  for (std::size_t c = 0; c < records.size(); ++c) {
    const LoadClass& klass = l.classes[c];
    const LoadRecord& record = records[c];
    if (klass.srv.empty()) continue;
    put(out, "<tr><th scope=\"row\">", html(klass.name), "<small>", html(klass.title));
    if (klass.name != klass.srv) put(out, " (", html(klass.srv), ")");
    out += "</small></th>";
    append_cell(out, klass.role);
    append_number_cell(out, record.ended());
    append_number_cell(out, record.ended() - record.outcomes[0]);
    const LegTimes* last = record.last();
    for (const double percentile : {50.0, 99.0, 100.0})
      put(out, "<td class=\"n\">",
          last == nullptr ? "–" : milliseconds_text(last->response.percentile(percentile)),
          "</td>");
    for (const std::string& g : generations) append_target_cells(out, record, target_of(klass, g));
    out += "</tr>\n";
    for (const TargetTime& t : klass.targets) {
      auto& named = sources[t.source];
      if (std::find(named.begin(), named.end(), klass.srv) == named.end())
        named.push_back(klass.srv);
    }
  }
  out += "</tbody></table></div>\n";
  for (const auto& [source, variants] : sources) {
    put(out, "<p class=\"note\">Source of the target response times of ");
    for (std::size_t i = 0; i < variants.size(); ++i)
      put(out, i == 0 ? "" : ", ", html(variants[i]));
    put(out, ": ", html(source), ".</p>\n");
  }
  out +=
      "<p class=\"note\">Unknown: no published number is known here for the variant, or the "
      "request "
      "was future-dated, whose time counts from its execution.</p>\n";
}

void append_accounting(std::string& out, const Load& l) {
  if (l.records.empty()) {
    out += "<p class=\"none\">Nothing was scheduled.</p>\n";
    return;
  }
  std::vector<std::size_t> used;
  for (std::size_t i = 0; i < l.outcomes.size(); ++i)
    if (i == 0 || std::any_of(l.records.begin(), l.records.end(),
                              [i](const LoadRecord& r) { return r.outcomes[i] != 0; }))
      used.push_back(i);
  out +=
      "<p>Every scheduled request ends in exactly one outcome, so the columns add up to what was "
      "scheduled.</p>\n<div class=\"wide\"><table><thead><tr><th>Phase</th><th>Result</th>"
      "<th class=\"n\">Scheduled</th>";
  for (const std::size_t i : used)
    put(out, "<th class=\"n\">", html(l.outcomes[i].title), "<small>", html(l.outcomes[i].id),
        "</small></th>");
  out += "<th class=\"n\">Sum</th></tr></thead><tbody>\n";
  for (std::size_t p = 0; p < l.phases.size(); ++p) {
    LoadRecord sum;
    sum.outcomes.resize(l.outcomes.size());
    for (const LoadRecord& r : l.records)
      if (r.phase == p)
        for (std::size_t i = 0; i < r.outcomes.size(); ++i) sum.outcomes[i] += r.outcomes[i];
    const bool holds = sum.ended() == l.phases[p].scheduled;
    put(out, "<tr><th scope=\"row\">", html(l.phases[p].name), "</th><td><span class=\"st ",
        holds ? "accepted" : "rejected", "\">", holds ? kTick : kCross,
        holds ? " adds up" : " does not add up", "</span></td>");
    append_number_cell(out, l.phases[p].scheduled);
    for (const std::size_t i : used) append_number_cell(out, sum.outcomes[i]);
    append_number_cell(out, sum.ended());
    out += "</tr>\n";
  }
  out += "</tbody></table></div>\n";
  if (l.classes.size() < 2) return;
  out +=
      "<details><summary>By class</summary><div class=\"scroll\" tabindex=\"0\"><table "
      "class=\"sortable\"><thead><tr><th>Class</th><th class=\"n\">Ended</th>";
  for (const std::size_t i : used) put(out, "<th class=\"n\">", html(l.outcomes[i].title), "</th>");
  out += "</tr></thead><tbody>\n";
  std::vector<LoadRecord> classes(l.classes.size());
  for (LoadRecord& record : classes) record.outcomes.resize(l.outcomes.size());
  for (const LoadRecord& r : l.records)
    for (std::size_t i = 0; i < r.outcomes.size(); ++i)
      classes[r.klass].outcomes[i] += r.outcomes[i];
  for (std::size_t c = 0; c < classes.size(); ++c) {
    put(out, "<tr><th scope=\"row\">", html(label_of(l.classes[c])), "</th>");
    append_number_cell(out, classes[c].ended());
    for (const std::size_t i : used) append_number_cell(out, classes[c].outcomes[i]);
    out += "</tr>\n";
  }
  out += "</tbody></table></div></details>\n";
}

}  // namespace s1flow::render
