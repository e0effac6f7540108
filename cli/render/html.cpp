#include "cli/render/html.h"

#include <array>
#include <utility>

#include <fmt/format.h>

#include "cli/render/format.h"
#include "cli/render/html_sections.h"
#include "cli/render/html_text.h"
#include "cli/render/load_sections.h"
#include "cli/render/report_reader.h"
#include "core/check.h"
#include "core/embedded.h"

namespace s1flow {
// Made by cmake/Embed.cmake.
std::span<const EmbeddedFile> report_page_files();
std::span<const EmbeddedFile> report_chart_files();
}  // namespace s1flow

namespace s1flow::render {
namespace {

std::string_view embedded(std::span<const EmbeddedFile> files, std::string_view name) {
  for (const EmbeddedFile& f : files)
    if (f.path == name) return f.bytes;
  S1FLOW_CHECK(false && "the file was embedded at build time");
  return {};
}

template <typename... Args>
std::string part(void (*append)(std::string&, const Args&...), const Args&... args) {
  std::string out;
  append(out, args...);
  return out;
}

std::string week_text(const RunReport& r) {
  if (!r.dry_run || r.dry_run->week.monday.empty()) return "Migration Week not known";
  std::string groups;
  for (const std::string& g : r.dry_run->week.groups) groups += (groups.empty() ? "" : ", ") + g;
  return fmt::format("Migration Week of {}{}{}", day_text(r.dry_run->week.monday),
                     groups.empty() ? "" : " · GroupIDs ", groups);
}

struct Section {
  std::string_view id, link, title;
  std::string body;
};

struct Page {
  std::string_view kind;
  std::string title;  // of these two, text of others is escaped later
  std::string over;
  std::string headline;
  std::vector<Section> sections;
  std::string_view footer;
  std::string data;         // what the charts are drawn from, as JSON
  std::string_view script;  // that draws them
};

std::string render_page(const Page& page, const RunReport& r) {
  std::string links, sections, data;
  for (const Section& section : page.sections) {
    fmt::format_to(std::back_inserter(links), "{}<a href=\"#{}\">{}</a>", links.empty() ? "" : " ",
                   section.id, section.link);
    fmt::format_to(std::back_inserter(sections),
                   "<section id=\"{0}\" aria-labelledby=\"h-{0}\">\n<h2 id=\"h-{0}\">{1}</h2>\n",
                   section.id, section.title);
    put(sections, section.body, "</section>\n");
  }
  append_script_json(data, page.data);
  const std::string generator = html(r.program.name + " " + r.program.version);
  const std::string title = html(page.title);
  const std::string over = html(page.over);
  using Part = std::pair<std::string_view, std::string_view>;
  const std::array<Part, 13> parts{{
      {"generator", generator},
      {"title", title},
      {"kind", page.kind},
      {"css", embedded(report_page_files(), "report.css")},
      {"over", over},
      {"headline", page.headline},
      {"links", links},
      {"sections", sections},
      {"footer", page.footer},
      {"data", data},
      {"chart_js", embedded(report_chart_files(), "chart.min.js")},
      {"js", embedded(report_page_files(), "report.js")},
      {"page_js", embedded(report_page_files(), page.script)},
  }};
  return fill_template(embedded(report_page_files(), "report.html"), parts);
}

std::string render_dry_run(RunReport r) {
  // A run that ended before its own section began is shown as one with nothing in it.
  if (!r.dry_run) r.dry_run.emplace();
  const report::DryRun& d = *r.dry_run;
  const Tally t = tally(d);
  Page page;
  page.kind = "dry run";
  page.title = r.run.batch.empty() ? "unnamed batch" : r.run.batch;
  page.over = week_text(r);
  page.headline = part(append_headline, r, t);
  page.sections = {
      {"funnel", "Funnel", "Funnel of the week", part(append_funnel, d)},
      {"outcomes", "Outcomes", "Outcomes",
       part(append_outcome_totals, t) + part(append_outcome_tables, t) + part(append_losses, t)},
      {"findings", "Findings", "Findings by rule", part(append_findings, d)},
      {"files", "Files", "Files", part(append_files, d)},
      {"throughput", "Throughput", "Throughput", part(append_throughput, r, t)},
      {"conservation", "Counts", "Do the counts add up?", part(append_conservation, d)},
      {"conditions", "Run conditions", "Run conditions", part(append_conditions, r)}};
  page.footer =
      "A dry run predicts; nothing was sent to any system. Outcomes come from the batch's own "
      "model or script of device behaviour.";
  page.data = chart_data(r, t);
  page.script = "dry_run.js";
  return render_page(page, r);
}

std::string render_load(const RunReport& r) {
  const report::Load load = r.load.value_or(report::Load());
  Page page;
  page.kind = "load test";
  page.title = load.scenario.empty() ? "unnamed scenario" : load.scenario;
  page.over = load.target + (load.started.empty() ? "" : " · " + load.started);
  page.headline = part(append_load_headline, r, load);
  page.sections = {
      {"thresholds", "Thresholds", "Thresholds", part(append_thresholds, load)},
      {"times", "Latency", "Latency", part(append_times, load)},
      {"rate", "Rate", "Planned and achieved rate", part(append_rate, load)},
      {"targets", "Target times", "Service Requests against target response times",
       part(append_targets, load)},
      {"accounting", "Accounting", "Is every request accounted for?",
       part(append_accounting, load)},
      {"messages", "Received", "What came to our receiver", part(append_messages, load)},
      {"health", "Generator", "Can the figures be trusted?", part(append_health, load)},
      {"conditions", "Run conditions", "Run conditions", part(append_load_conditions, r, load)}};
  page.footer =
      "Response times count from when a request was due, also while it waited for a connection.";
  page.data = load_chart_data(load);
  page.script = "load.js";
  return render_page(page, r);
}

}  // namespace

std::string render_html(const RunReport& r) {
  return r.kind == report::Kind::load ? render_load(r) : render_dry_run(r);
}

Result<std::string> render_html(std::string_view report_json) {
  S1FLOW_TRY(const RunReport report, read_run_report(report_json));
  return render_html(report);
}

}  // namespace s1flow::render
