#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "cli/render/format.h"
#include "cli/render/html.h"
#include "cli/render/html_sections.h"
#include "cli/render/html_text.h"

namespace s1flow::render {
namespace {

// report.css holds as many colours per kind; further shades come round again, hatched.
constexpr std::array<std::size_t, 3> kShades{2, 3, 5};

std::string swatch(const OutcomeTotal& o) {
  return fmt::format("<i class=\"sw {}\"></i>", swatch_class(o));
}

void append_slices(std::string& out, const Tally& t, const std::vector<Slice>& slices,
                   std::string_view id, std::string_view title) {
  fmt::format_to(
      std::back_inserter(out),
      "<details class=\"slice\" id=\"by-{}\"><summary>Outcomes by {} as a table</summary>"
      "<div class=\"scroll\" tabindex=\"0\"><table class=\"sortable\"><thead><tr>"
      "<th>{}</th><th class=\"n\">Installations</th><th class=\"n\">Share commissioned</th>",
      id, title, title);
  std::vector<std::size_t> used;
  for (std::size_t i = 0; i < t.outcomes.size(); ++i)
    if (t.outcomes[i].count != 0) used.push_back(i);
  for (const std::size_t i : used)
    put(out, "<th class=\"n\">", swatch(t.outcomes[i]), html(t.outcomes[i].title), "</th>");
  out += "</tr></thead><tbody>\n";
  for (const Slice& s : slices) {
    const bool named_apart = s.key != s.label && !s.key.empty();
    out += "<tr><th scope=\"row\"";
    if (id == "day")  // what to sort by
      fmt::format_to(std::back_inserter(out), " data-key=\"{}\"", html(s.key));
    put(out, ">", html(s.label));
    if (named_apart && id == "supplier") put(out, "<small>", html(s.key), "</small>");
    out += "</th>";
    append_number_cell(out, s.total);
    put(out, "<td class=\"n\">", percent(s.good, s.total), "</td>");
    for (const std::size_t i : used) append_number_cell(out, s.counts[i]);
    out += "</tr>\n";
  }
  out += "</tbody></table></div></details>\n";
}

}  // namespace

std::string swatch_class(const OutcomeTotal& o) {
  const std::size_t shades = kShades[static_cast<std::size_t>(o.kind)];
  // Neighbours differ in texture as well as in colour.
  const bool hatch = (o.shade % shades % 2 == 1) != (o.shade / shades % 2 == 1);
  return fmt::format("{}-{}{}", report::kOutcomeKindNames[static_cast<std::size_t>(o.kind)],
                     o.shade % shades + 1, hatch ? " hatch" : "");
}

void append_outcome_totals(std::string& out, const Tally& t) {
  if (t.total == 0) {
    out += "<p class=\"none\">No installation has an outcome.</p>\n";
    return;
  }
  out +=
      "<div class=\"wide\"><table class=\"bars\"><thead><tr><th>Outcome</th>"
      "<th class=\"n\">Installations</th><th class=\"n\">Share</th>"
      "<th class=\"bar\"><span class=\"sr\">Bar</span></th></tr></thead><tbody>\n";
  for (const OutcomeTotal& o : t.outcomes) {
    put(out, "<tr><th scope=\"row\">", swatch(o), html(o.title), "</th>");
    append_number_cell(out, o.count);
    put(out, "<td class=\"n\">", percent(o.count, t.total), "</td>");
    append_bar_cell(out, o.count, t.total, swatch_class(o));
    out += "</tr>\n";
  }
  out += "</tbody><tfoot><tr><th scope=\"row\">All installations</th>";
  append_number_cell(out, t.total);
  put(out, "<td class=\"n\">", percent(t.total, t.total),
      "</td><td></td></tr></tfoot></table></div>\n");
}

void append_outcome_tables(std::string& out, const Tally& t) {
  if (t.total == 0) return;
  out += "<h3>By supplier, GroupID and day</h3>\n";
  append_chart(out, "outcomes",
               "Stacked bar chart of the outcomes; the tables below have the figures");
  append_slices(out, t, t.suppliers, "supplier", "Supplier");
  append_slices(out, t, t.groups, "group", "GroupID");
  append_slices(out, t, t.days, "day", "Day");
}

void append_losses(std::string& out, const Tally& t) {
  if (t.total == 0) return;
  out += "<h3>Why installations were not commissioned</h3>\n";
  if (t.losses.empty()) {
    out += "<p class=\"none\">Every installation was commissioned.</p>\n";
    return;
  }
  const std::uint64_t lost = t.total - t.good;
  out +=
      "<div class=\"scroll\" tabindex=\"0\"><table class=\"bars sortable\"><thead><tr>"
      "<th>Reason</th><th>Outcome</th><th class=\"n\">Installations</th>"
      "<th class=\"n\">Of those not commissioned</th>"
      "<th class=\"bar\"><span class=\"sr\">Bar</span></th></tr></thead><tbody>\n";
  for (std::size_t i = 0; i < std::min(t.losses.size(), kMaxLossRows); ++i) {
    const Loss& l = t.losses[i];
    const OutcomeTotal& o = t.outcomes[l.outcome];
    put(out, "<tr><th scope=\"row\">", html(l.title));
    if (!l.id.empty()) put(out, "<small>", html(l.id), "</small>");
    put(out, "</th><td>", swatch(o), html(o.title), "</td>");
    append_number_cell(out, l.count);
    put(out, "<td class=\"n\">", percent(l.count, lost), "</td>");
    append_bar_cell(out, l.count, t.losses.front().count, swatch_class(o));
    out += "</tr>\n";
  }
  out += "</tbody></table></div>\n";
  if (t.losses.size() > kMaxLossRows)
    fmt::format_to(std::back_inserter(out),
                   "<p class=\"note\">{} smaller reasons are in report.json.</p>\n",
                   grouped(t.losses.size() - kMaxLossRows));
}

void append_bar_cell(std::string& out, std::uint64_t part, std::uint64_t whole,
                     std::string_view classes) {
  if (part == 0 || whole == 0) {
    out += "<td></td>";
    return;
  }
  const double share = 100 * static_cast<double>(part) / static_cast<double>(whole);
  fmt::format_to(std::back_inserter(out),
                 R"(<td class="bar"><i class="{}" style="width:{:.2f}%"></i></td>)", classes,
                 std::min(share, 100.0));
}

void append_chart(std::string& out, std::string_view id, std::string_view described) {
  fmt::format_to(std::back_inserter(out),
                 "<figure class=\"chart\" id=\"chart-{}\" hidden><div class=\"switches\"></div>"
                 "<div class=\"canvas\"><canvas role=\"img\" aria-label=\"{}\"></canvas></div>"
                 "</figure>\n",
                 id, described);
}

void append_number_cell(std::string& out, std::uint64_t value) {
  put(out, "<td class=\"n\">", grouped(value), "</td>");
}

void append_cell(std::string& out, std::string_view text) {
  out += "<td>";
  append_html(out, text);
  out += "</td>";
}

}  // namespace s1flow::render
