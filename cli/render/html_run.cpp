#include <algorithm>
#include <span>
#include <vector>

#include <fmt/format.h>

#include "cli/render/format.h"
#include "cli/render/html_sections.h"
#include "cli/render/html_text.h"

namespace s1flow::render {
namespace {

using namespace report;

std::string joined(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& t : texts) out += (out.empty() ? "" : ", ") + t;
  return out.empty() ? "none" : out;
}

std::string inputs_text(const DryRun& run) {
  std::uint64_t given = 0, bytes = 0;
  for (const File& f : run.files) {
    if (f.origin != FileOrigin::given) continue;
    ++given;
    bytes += f.bytes;
  }
  return fmt::format("{} ({}); names and digests in the files table",
                     counted(given, "given file", "given files"), bytes_text(bytes));
}

void append_parties(std::string& out, const Week& week) {
  if (week.parties.empty()) return;
  out +=
      "<h3>Parties</h3>\n<div class=\"scroll\" tabindex=\"0\"><table><thead><tr><th>Role</th>"
      "<th>Name</th><th>EUI-64</th></tr></thead><tbody>\n";
  for (const Party& p : week.parties) {
    out += "<tr>";
    append_cell(out, p.role);
    append_cell(out, p.name);
    append_cell(out, p.eui);
    out += "</tr>\n";
  }
  out += "</tbody></table></div>\n";
}

}  // namespace

void append_throughput(std::string& out, const RunReport& r, const Tally& t) {
  const std::string rate = t.total == 0
                               ? std::string()
                               : fmt::format("; {} installations per second from end to end",
                                             rate_text(t.total, r.run.wall));
  fmt::format_to(std::back_inserter(out),
                 "<p>The run took {} and {} of memory at its peak{}.</p>\n",
                 duration_text(r.run.wall), bytes_text(r.run.peak_rss_bytes), rate);
  const DryRun& run = *r.dry_run;
  if (run.stages.empty()) {
    out += "<p class=\"none\">No stage reported its times.</p>\n";
    return;
  }
  append_chart(out, "stages",
               "Bar chart of busy and waiting seconds; the table below has the figures");
  out +=
      "<details open><summary>Every stage as a table</summary>"
      "<div class=\"scroll\" tabindex=\"0\"><table class=\"sortable\"><thead><tr>"
      "<th>Step</th><th>Stage</th><th class=\"n\">Records</th><th class=\"n\">Bytes</th>"
      "<th class=\"n\">Busy s</th><th class=\"n\">Waiting s</th>"
      "<th class=\"n\">Records per busy second</th></tr></thead><tbody>\n";
  for (const Stage& s : run.stages) {
    put(out, "<tr><th scope=\"row\">", html(s.step), "</th>");
    append_cell(out, s.stage);
    append_number_cell(out, s.records);
    append_number_cell(out, s.bytes);
    fmt::format_to(std::back_inserter(out),
                   R"(<td class="n">{:.3f}</td><td class="n">{:.3f}</td><td class="n">{}</td>)",
                   std::chrono::duration<double>(s.busy).count(),
                   std::chrono::duration<double>(s.waiting).count(), rate_text(s.records, s.busy));
    out += "</tr>\n";
  }
  out +=
      "</tbody></table></div></details>\n<p class=\"note\">Busy and waiting times are summed over "
      "workers, so they may exceed the time of the run.</p>\n";
}

namespace {

void append_checks(std::string& out, std::span<const ConservationCheck* const> checks) {
  out +=
      "<div class=\"wide\"><table><thead><tr><th>Result</th><th>Check</th><th class=\"n\">In</th>"
      "<th class=\"n\">Out</th><th class=\"n\">Difference</th></tr></thead><tbody>\n";
  for (const ConservationCheck* c : checks) {
    fmt::format_to(
        std::back_inserter(out),
        "<tr><td><span class=\"st {}\">{}</span></td><td>{}<small>{}</small></td>",
        c->holds ? "accepted" : "rejected",
        c->holds ? fmt::format("{} holds", kTick) : fmt::format("{} does not hold", kCross),
        html(c->title), html(c->id));
    append_number_cell(out, c->in);
    append_number_cell(out, c->out);
    put(out, "<td class=\"n\">", change(c->in, c->out), "</td></tr>\n");
  }
  out += "</tbody></table></div>\n";
}

}  // namespace

void append_conservation(std::string& out, const DryRun& run) {
  if (run.conservation.empty()) {
    out += "<p class=\"none\">The counts were not checked.</p>\n";
    return;
  }
  // Broken ones first: a long list must not hide one. Good ones of single files can be unfolded.
  std::vector<const ConservationCheck*> shown, folded;
  for (const ConservationCheck& c : run.conservation)
    if (!c.holds) shown.push_back(&c);
  for (const ConservationCheck& c : run.conservation)
    if (c.holds) (c.id.starts_with("file:") ? folded : shown).push_back(&c);
  append_checks(out, shown);
  if (folded.empty()) return;
  fmt::format_to(std::back_inserter(out), "<details><summary>{} hold</summary>\n",
                 counted(folded.size(), "check of a single file", "checks of single files"));
  append_checks(out, folded);
  out += "</details>\n";
}

void append_conditions(std::string& out, const RunReport& r) {
  append_warnings(out, r);
  out += "<dl class=\"facts\">\n";
  append_fact(out, "Batch", or_not_known(r.run.batch));
  append_fact(out, "Output folder", or_not_known(r.run.output));
  append_fact(out, "Clock of the run", or_not_known(r.run.clock));
  append_fact(out, "Seed", fmt::format("{}", r.run.seed));
  append_fact(out, "Layout sets", joined(r.run.layouts));
  if (r.dry_run) append_fact(out, "GroupIDs", joined(r.dry_run->week.groups));
  if (r.dry_run) append_fact(out, "Inputs", inputs_text(*r.dry_run));
  append_fact(out, "Exit code", fmt::format("{}", r.verdict.exit_code));
  append_fact(out, "Workers", grouped(r.run.workers));
  append_fact(out, "Chunk size", bytes_text(r.run.chunk_bytes));
  append_fact(out, "Time taken", duration_text(r.run.wall));
  append_fact(out, "Peak memory",
              fmt::format("{}, of it {} for tables of ids", bytes_text(r.run.peak_rss_bytes),
                          bytes_text(r.run.id_table_bytes)));
  append_machine_facts(out, r);
  out += "</dl>\n";
  if (r.dry_run) append_parties(out, r.dry_run->week);
}

void append_fact(std::string& out, std::string_view name, std::string_view value) {
  put(out, "<div><dt>", html(name), "</dt><dd>", html(value), "</dd></div>\n");
}

void append_warnings(std::string& out, const RunReport& r) {
  if (r.warnings.empty()) return;
  out += "<div class=\"warnbox\"><h3>Warnings</h3><ul>\n";
  for (const std::string& w : r.warnings) put(out, "<li>", html(w), "</li>\n");
  out += "</ul></div>\n";
}

void append_machine_facts(std::string& out, const RunReport& r) {
  std::string libraries;
  for (const Library& l : r.program.libraries)
    libraries += (libraries.empty() ? "" : ", ") + l.name + " " + l.version;
  append_fact(out, "Program", r.program.name + " " + r.program.version);
  append_fact(out, "Build", r.program.build_type + ", " + r.program.compiler);
  append_fact(out, "Libraries", or_not_known(libraries));
  append_fact(
      out, "Machine",
      fmt::format("{}, {}, {} of memory", or_not_known(r.machine.cpu),
                  counted(r.machine.cores, "core", "cores"), bytes_text(r.machine.memory_bytes)));
  append_fact(out, "Kernel", or_not_known(r.machine.kernel));
}

}  // namespace s1flow::render
