#include "cli/render/html.h"

#include <array>
#include <utility>

#include <fmt/format.h>

#include "cli/render/format.h"
#include "cli/render/html_sections.h"
#include "cli/render/html_text.h"
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

}  // namespace

std::string render_html(const RunReport& given) {
  // A run that ended before its own section began is shown as one with nothing in it.
  RunReport r = given;
  if (!r.dry_run) r.dry_run.emplace();
  const report::DryRun& d = *r.dry_run;
  const Tally t = tally(d);

  const std::string batch = html(r.run.batch.empty() ? "unnamed batch" : r.run.batch);
  const std::string week = html(week_text(r));
  const std::string generator = html(r.program.name + " " + r.program.version);
  const std::string headline = part(append_headline, r, t);
  const std::string funnel = part(append_funnel, d);
  const std::string totals = part(append_outcome_totals, t);
  const std::string outcomes = part(append_outcome_tables, t);
  const std::string losses = part(append_losses, t);
  const std::string findings = part(append_findings, d);
  const std::string files = part(append_files, d);
  const std::string throughput = part(append_throughput, r, t);
  const std::string conservation = part(append_conservation, d);
  const std::string conditions = part(append_conditions, r);
  std::string data;
  append_script_json(data, chart_data(r, t));

  using Part = std::pair<std::string_view, std::string_view>;
  const std::array<Part, 18> parts{{
      {"generator", generator},
      {"title", batch},
      {"css", embedded(report_page_files(), "report.css")},
      {"batch", batch},
      {"week", week},
      {"headline", headline},
      {"funnel", funnel},
      {"totals", totals},
      {"outcomes", outcomes},
      {"losses", losses},
      {"findings", findings},
      {"files", files},
      {"throughput", throughput},
      {"conservation", conservation},
      {"conditions", conditions},
      {"data", data},
      {"chart_js", embedded(report_chart_files(), "chart.min.js")},
      {"js", embedded(report_page_files(), "report.js")},
  }};
  return fill_template(embedded(report_page_files(), "report.html"), parts);
}

Result<std::string> render_html(std::string_view report_json) {
  S1FLOW_TRY(const RunReport report, read_run_report(report_json));
  return render_html(report);
}

}  // namespace s1flow::render
