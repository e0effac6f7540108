#include <fmt/format.h>

#include "cli/render/format.h"
#include "cli/render/html_sections.h"
#include "cli/render/html_text.h"
#include "cli/render/load_sections.h"

namespace s1flow::render {
namespace {

using namespace report;

void append_counts(std::string& out, std::string_view head, const std::vector<NamedCount>& counts) {
  fmt::format_to(std::back_inserter(out),
                 "<div class=\"wide\"><table><thead><tr><th>{}</th><th "
                 "class=\"n\">Count</th></tr></thead><tbody>\n",
                 head);
  for (const NamedCount& c : counts) {
    put(out, "<tr><th scope=\"row\">", html(c.title), "</th>");
    append_number_cell(out, c.count);
    out += "</tr>\n";
  }
  out += "</tbody></table></div>\n";
}

std::string figure_text(const HealthFigure& f, double value) {
  if (f.unit == "share") return fmt::format("{:.3g} %", value * 100);
  if (f.unit == "count") return grouped(static_cast<std::uint64_t>(value));
  return fmt::format("{:.4g} {}", value, html(f.unit));
}

}  // namespace

void append_messages(std::string& out, const Load& l) {
  if (l.messages.empty()) {
    out += "<p class=\"none\">The scenario has no receiver: no answer was to come later.</p>\n";
    return;
  }
  out +=
      "<p>Every message is counted once, but for the last line of the alerts, in which throttled "
      "ones count as what they stand for.</p>\n<div class=\"pair\">\n";
  append_counts(out, "Message", l.messages);
  append_counts(out, "Receiver", l.receiver);
  out += "</div>\n";
}

void append_health(std::string& out, const Load& l) {
  append_chart(out, "lag", "How late requests were sent, over the run");
  out +=
      "<p>What the generator watched of itself while it measured. Beyond a limit a run is invalid: "
      "its figures would be the generator's and not the target's. <b>Send lag</b> is how late a "
      "request was sent, whoever is to blame; <b>own lag</b> is the part while a connection was "
      "free.</p>\n<div class=\"wide\"><table><thead><tr><th>Result</th><th>Figure</th>"
      "<th class=\"n\">Seen</th><th class=\"n\">Limit</th></tr></thead><tbody>\n";
  for (const HealthFigure& f : l.health) {
    if (f.limit)
      put(out, "<tr><td><span class=\"st ", f.holds ? "accepted" : "rejected", "\">",
          f.holds ? kTick : kCross, f.holds ? " fine" : " beyond", "</span></td>");
    else
      out += "<tr><td></td>";
    append_cell(out, f.title);
    put(out, "<td class=\"n\">", figure_text(f, f.seen), "</td><td class=\"n\">",
        f.limit ? figure_text(f, *f.limit) : "–", "</td></tr>\n");
  }
  out += "</tbody></table></div>\n<h3>Connections to the target</h3>\n";
  append_counts(out, "Connections", l.connections_seen);
}

}  // namespace s1flow::render
