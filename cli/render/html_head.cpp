#include <algorithm>

#include <fmt/format.h>

#include "cli/render/format.h"
#include "cli/render/html_sections.h"
#include "cli/render/html_text.h"

namespace s1flow::render {
namespace {

using namespace report;

struct Badge {
  std::string_view tone;
  std::string_view mark;
  std::string text;
};

Badge badge_of(const RunReport& r) {
  const bool adds_up =
      !r.dry_run || std::all_of(r.dry_run->conservation.begin(), r.dry_run->conservation.end(),
                                [](const auto& c) { return c.holds; });
  switch (r.verdict.state) {
    case State::failed:
      return {"bad", kCross, "Failed"};
    case State::stopped:
      return {"open", "■", "Stopped before the end"};
    case State::completed:
      break;
  }
  if (!adds_up) return {"bad", kCross, "Completed, but the counts do not add up"};
  if (r.verdict.exit_code != 0)
    return {"open", "■", fmt::format("Completed, exit code {}", r.verdict.exit_code)};
  return {"good", kTick, "Completed"};
}

void append_tiles(std::string& out, const DryRun& d, const Tally& t) {
  std::uint64_t errors = 0, others = 0;
  for (const RuleFindings& f : d.findings)
    (f.severity == Severity::error ? errors : others) += f.count;
  const auto rejected =
      static_cast<std::uint64_t>(std::count_if(d.files.begin(), d.files.end(), [](const File& f) {
        return f.status == FileStatus::rejected;
      }));
  const auto broken = static_cast<std::uint64_t>(std::count_if(
      d.conservation.begin(), d.conservation.end(), [](const auto& c) { return !c.holds; }));

  out += "<dl class=\"tiles\">\n";
  const std::string_view none = "no outcome yet";
  if (t.total == 0) {
    append_tile(out, "–", "Installations", none, "");
    append_tile(out, "–", "Commissioned", none, "");
    append_tile(out, "–", "Not commissioned", none, "");
  } else {
    append_tile(out, grouped(t.total), "Installations", "named in MAFs", "");
    append_tile(out, grouped(t.good), "Commissioned", percent(t.good, t.total), "good");
    append_tile(out, grouped(t.total - t.good), "Not commissioned",
                percent(t.total - t.good, t.total), t.total == t.good ? "" : "bad");
  }
  append_tile(out, grouped(errors + others), "Findings",
              errors + others == 0 ? "no rule found anything"
              : others == 0        ? "all of them errors"
              : errors == 0        ? "none of them an error"
                                   : counted(errors, "error", "errors"),
              errors == 0 ? "" : "bad");
  append_tile(out, grouped(rejected), "Files refused",
              fmt::format("of {}", counted(d.files.size(), "file", "files")),
              rejected == 0 ? "" : "bad");
  if (d.conservation.empty())
    append_tile(out, "–", "Counts add up", "not checked", "open");
  else
    append_tile(out, broken == 0 ? kTick : kCross, "Counts add up",
                broken == 0
                    ? fmt::format("{} hold", counted(d.conservation.size(), "check", "checks"))
                    : fmt::format("{} of {} fail", broken, d.conservation.size()),
                broken == 0 ? "good" : "bad");
  out += "</dl>\n";
}

void append_top_losses(std::string& out, const Tally& t) {
  if (t.losses.empty()) return;
  out += "<p class=\"losses\">What stops most of the others: ";
  for (std::size_t i = 0; i < std::min<std::size_t>(3, t.losses.size()); ++i) {
    const Loss& l = t.losses[i];
    fmt::format_to(std::back_inserter(out), "{}<b>{}</b> {} ({})", i == 0 ? "" : "; ",
                   grouped(l.count), html(l.title), html(t.outcomes[l.outcome].title));
  }
  out += ".</p>\n";
}

}  // namespace

void append_headline(std::string& out, const RunReport& r, const Tally& t) {
  const Badge badge = badge_of(r);
  append_badge(out, badge.tone, badge.mark, badge.text);
  if (t.total == 0)
    out += "<p class=\"key\">No installation has an outcome.</p>\n";
  else
    fmt::format_to(std::back_inserter(out),
                   "<p class=\"key\"><b>{}</b> of {} <span class=\"nb\">({})</span> {} predicted "
                   "to be commissioned.</p>\n",
                   grouped(t.good), counted(t.total, "installation", "installations"),
                   percent(t.good, t.total), t.good == 1 ? "is" : "are");
  if (!r.verdict.reason.empty()) put(out, "<p>", html(r.verdict.reason), "</p>\n");
  append_top_losses(out, t);
  append_warning_note(out, r);
  if (r.dry_run) append_tiles(out, *r.dry_run, t);
}

void append_tile(std::string& out, std::string_view value, std::string_view label,
                 std::string_view note, std::string_view tone) {
  fmt::format_to(std::back_inserter(out),
                 "<div class=\"tile {}\"><dt>{}</dt><dd><b>{}</b> <span>{}</span></dd></div>\n",
                 tone, label, value, note);
}

void append_badge(std::string& out, std::string_view tone, std::string_view mark,
                  std::string_view text) {
  fmt::format_to(std::back_inserter(out),
                 "<p class=\"badge {}\"><span aria-hidden=\"true\">{}</span> {}</p>\n", tone, mark,
                 text);
}

void append_warning_note(std::string& out, const RunReport& r) {
  if (r.warnings.empty()) return;
  fmt::format_to(std::back_inserter(out),
                 "<p class=\"warned\"><a href=\"#conditions\">{}</a> about this run: read {} "
                 "before using its figures.</p>\n",
                 counted(r.warnings.size(), "warning", "warnings"),
                 r.warnings.size() == 1 ? "it" : "them");
}

}  // namespace s1flow::render
