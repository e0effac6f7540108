#include <algorithm>

#include <fmt/format.h>

#include "cli/render/format.h"
#include "cli/render/html_sections.h"
#include "cli/render/html_text.h"
#include "core/text.h"

namespace s1flow::render {
namespace {

using namespace report;

// Drawn in a box 1000 wide that is stretched to fit.
constexpr double kBox = 1000;

double width_of(const FunnelStep& s, const FunnelScale& scale) {
  if (s.count == 0) return 0;
  if (s.unit != scale.unit || scale.most == 0) return kBox;
  const double share = static_cast<double>(s.count) / static_cast<double>(scale.most);
  return std::clamp(share * kBox, 3.0, kBox);
}

std::string capitalised(std::string_view text) {
  return html(to_upper(text.substr(0, 1))) + html(text.substr(1));
}

// A step and the slope to the next one.
void append_shape(std::string& out, double width, double next, bool counted_apart) {
  const double left = (kBox - width) / 2;
  out += R"(<svg viewBox="0 0 1000 50" preserveAspectRatio="none" aria-hidden="true">)";
  if (next > 0)
    fmt::format_to(std::back_inserter(out),
                   R"(<polygon class="slope" points="{:.1f},38 {:.1f},38 {:.1f},50 {:.1f},50"/>)",
                   left, left + width, (kBox + next) / 2, (kBox - next) / 2);
  fmt::format_to(std::back_inserter(out),
                 R"(<rect class="{}" x="{:.1f}" y="{}" width="{:.1f}" height="{}"/></svg>)",
                 counted_apart ? "apart" : "step", left, counted_apart ? 3 : 0, width,
                 counted_apart ? 33 : 38);
}

}  // namespace

void append_funnel(std::string& out, const DryRun& run) {
  if (run.funnel.empty()) {
    out += "<p class=\"none\">The run ended before the first step.</p>\n";
    return;
  }
  const FunnelScale scale = funnel_scale(run.funnel);
  fmt::format_to(std::back_inserter(out),
                 "<div class=\"wide\"><table class=\"funnel\"><thead><tr><th>Step</th>"
                 "<th class=\"picture\"><span class=\"sr\">Picture</span></th>"
                 "<th class=\"n\">{}</th><th class=\"n\">Change</th>"
                 "<th class=\"n\">Of step before</th><th class=\"n\">Of first</th></tr></thead>"
                 "<tbody>\n",
                 capitalised(scale.unit.empty() ? "count" : scale.unit));
  const FunnelStep* before = nullptr;
  const FunnelStep* apart = nullptr;
  for (std::size_t i = 0; i < run.funnel.size(); ++i) {
    const FunnelStep& s = run.funnel[i];
    const bool other = s.unit != scale.unit;
    const bool slope = !other && i + 1 < run.funnel.size() && run.funnel[i + 1].unit == scale.unit;
    fmt::format_to(std::back_inserter(out), R"(<tr><th scope="row">{}</th><td class="picture">)",
                   html(s.title));
    append_shape(out, width_of(s, scale), slope ? width_of(run.funnel[i + 1], scale) : 0, other);
    const bool compared = !other && before != nullptr;
    fmt::format_to(
        std::back_inserter(out),
        "</td><td class=\"n\"><b>{}</b>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td>"
        "<td class=\"n\">{}</td></tr>\n",
        grouped(s.count), other ? fmt::format(" {}", html(s.unit)) : std::string(),
        compared ? change(before->count, s.count) : "–",
        compared ? percent(s.count, before->count) : "–",
        other ? "–" : percent(s.count, scale.first));
    (other ? apart : before) = &s;
  }
  out += "</tbody></table></div>\n";
  if (apart != nullptr)
    fmt::format_to(
        std::back_inserter(out),
        "<p class=\"note\">“{}” counts {}, not {}, and several {} may stand for the same "
        "one; so it is drawn apart and not compared.</p>\n",
        html(apart->title), html(apart->unit), html(scale.unit), html(apart->unit));
}

}  // namespace s1flow::render
