#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "cli/render/format.h"
#include "cli/render/html.h"
#include "cli/render/html_sections.h"
#include "cli/render/html_text.h"

namespace s1flow::render {
namespace {

using namespace report;

void append_examples(std::string& out, const RuleFindings& f) {
  if (f.examples.empty()) return;
  fmt::format_to(std::back_inserter(out), "<details><summary>{}</summary><ul>",
                 counted(f.examples.size(), "example", "examples"));
  for (const FindingExample& e : f.examples) {
    put(out, "<li><code>", html(or_not_known(e.file)), "</code>");
    if (e.line != 0) put(out, " line ", grouped(e.line));
    if (!e.record.empty()) put(out, ", record <code>", html(e.record), "</code>");
    if (!e.field.empty()) put(out, ", field ", html(e.field));
    if (!e.seen.empty()) put(out, ": <code>", html(e.seen), "</code>");
    out += "</li>";
  }
  out += "</ul></details>";
}

// Name of a party where the report knows one, else what stands in the file.
std::string party(const DryRun& run, const std::string& eui) {
  for (const Party& p : run.week.parties)
    if (!p.eui.empty() && p.eui == eui) return html(p.name.empty() ? p.role : p.name);
  return html(or_not_known(eui));
}

void append_file(std::string& out, const DryRun& run, const File& f) {
  const auto status = static_cast<std::size_t>(f.status);
  fmt::format_to(std::back_inserter(out), "<tr><td><span class=\"st {}\">{} {}</span>",
                 kFileStatusNames[status], f.status == FileStatus::rejected ? kCross : kTick,
                 kFileStatusNames[status]);
  if (!f.rejected_by.empty()) put(out, "<small>by ", html(f.rejected_by), "</small>");
  out += "</td>";
  append_cell(out, f.type);
  put(out, "<td class=\"name\">", html(f.name), "<small>");
  if (f.origin == FileOrigin::given) out += "given, ";
  put(out, f.sha256.empty() ? "no digest" : "SHA-256 ", html(f.sha256.substr(0, 16)), "…");
  put(out, "</small></td><td>", party(run, f.sender), "<small>to ", party(run, f.recipient),
      "</small></td>");
  append_cell(out, f.group);
  put(out, "<td class=\"day\">", html(f.day), "</td>");
  append_number_cell(out, f.records_in);
  append_number_cell(out, f.accepted);
  append_number_cell(out, f.rejected);
  put(out, "<td class=\"n\">", bytes_text(f.bytes), "</td></tr>\n");
}

}  // namespace

void append_findings(std::string& out, const DryRun& run) {
  if (run.findings.empty()) {
    out += "<p class=\"none\">No rule found anything.</p>\n";
    return;
  }
  std::array<std::uint64_t, kSeverityNames.size()> by_severity{};
  std::uint64_t all = 0;
  for (const RuleFindings& f : run.findings) {
    by_severity[static_cast<std::size_t>(f.severity)] += f.count;
    all += f.count;
  }
  fmt::format_to(std::back_inserter(out),
                 "<p>{} found {}: ", counted(run.findings.size(), "rule", "rules"),
                 counted(all, "fault", "faults"));
  bool first = true;
  for (const Severity s : {Severity::error, Severity::warning, Severity::info}) {
    const std::uint64_t n = by_severity[static_cast<std::size_t>(s)];
    if (n == 0) continue;
    out += first ? "" : ", ";
    out += s == Severity::error     ? counted(n, "error", "errors")
           : s == Severity::warning ? counted(n, "warning", "warnings")
                                    : counted(n, "for information", "for information");
    first = false;
  }
  out += ". Each single one is in findings.jsonl.</p>\n";
  append_chart(out, "findings",
               "Bar chart of the findings of each rule; the table below has the figures");

  // Gravest first, then most frequent.
  std::vector<const RuleFindings*> rules;
  for (const RuleFindings& f : run.findings) rules.push_back(&f);
  std::stable_sort(rules.begin(), rules.end(), [](const auto* a, const auto* b) {
    return a->severity != b->severity ? a->severity > b->severity : a->count > b->count;
  });
  out +=
      "<div class=\"tools\" data-for=\"findings-table\" data-filters=\"2:Severity\"></div>\n"
      "<div class=\"scroll\" tabindex=\"0\"><table class=\"sortable\" "
      "id=\"findings-table\"><thead><tr>"
      "<th>Rule</th><th>What is wrong</th><th>Severity</th><th>Takes away</th><th>Clause</th>"
      "<th class=\"n\">Count</th></tr></thead><tbody>\n";
  for (const RuleFindings* f : rules) {
    put(out, "<tr><th scope=\"row\">", html(f->rule));
    if (!f->public_code.empty()) put(out, "<small>", html(f->public_code), "</small>");
    put(out, "</th><td>", html(f->title));
    append_examples(out, *f);
    fmt::format_to(std::back_inserter(out), "</td><td><span class=\"sev {0}\">{0}</span></td>",
                   name_of(f->severity));
    // Only an error takes anything away.
    append_cell(out, f->severity != Severity::error ? "nothing"
                     : f->scope == RuleScope::file  ? "whole file"
                                                    : "record");
    append_cell(out, f->clause.empty() ? "s1flow's own" : f->clause);
    append_number_cell(out, f->count);
    out += "</tr>\n";
  }
  out += "</tbody></table></div>\n";
}

void append_files(std::string& out, const DryRun& run) {
  if (run.files.empty()) {
    out += "<p class=\"none\">No file was read or written.</p>\n";
    return;
  }
  std::vector<const File*> files;
  for (const File& f : run.files) files.push_back(&f);
  std::stable_partition(files.begin(), files.end(),
                        [](const File* f) { return f->status == FileStatus::rejected; });
  const std::size_t shown = std::min(files.size(), kMaxFileRows);
  std::array<std::uint64_t, kFileStatusNames.size()> by_status{};
  std::uint64_t bytes = 0;
  for (const File* f : files) {
    ++by_status[static_cast<std::size_t>(f->status)];
    bytes += f->bytes;
  }
  fmt::format_to(std::back_inserter(out),
                 "<p>{}, {}: {} read and accepted, {} refused, {} written.",
                 counted(files.size(), "file", "files"), bytes_text(bytes), grouped(by_status[0]),
                 grouped(by_status[1]), grouped(by_status[2]));
  if (shown < files.size())
    fmt::format_to(std::back_inserter(out), " {} are listed here; {} more are in report.json.",
                   grouped(shown), grouped(files.size() - shown));
  out +=
      "</p>\n<div class=\"tools\" data-for=\"files-table\" "
      "data-filters=\"0:Status,1:Type\"></div>\n"
      "<div class=\"scroll\" tabindex=\"0\"><table class=\"sortable\" "
      "id=\"files-table\"><thead><tr>"
      "<th>Status</th><th>Type</th><th>File</th><th>From, to</th><th>Group</th><th>Day</th>"
      "<th class=\"n\">Records in</th><th class=\"n\">Accepted</th><th class=\"n\">Rejected</th>"
      "<th class=\"n\">Size</th></tr></thead><tbody>\n";
  for (std::size_t i = 0; i < shown; ++i) append_file(out, run, *files[i]);
  out += "</tbody></table></div>\n";
}

}  // namespace s1flow::render
