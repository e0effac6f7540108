#include "cli/render/text.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "cli/render/format.h"
#include "cli/render/load_text.h"
#include "cli/render/tally.h"
#include "core/text.h"

namespace s1flow::render {
namespace {

using namespace report;

constexpr std::size_t kNameWidth = 34;
constexpr std::size_t kBarWidth = 24;
constexpr std::size_t kReasonWidth = 56;
constexpr std::size_t kMostReasons = 4;
constexpr std::size_t kMostRules = 4;
constexpr std::size_t kMostWarnings = 2;

enum class Ink { plain, good, open, bad };

class Summary {
 public:
  explicit Summary(Colour colour) : colour_(colour) {}

  // `text` is ours, or went through name().
  Summary& line(std::string_view text) {
    out_ += text;
    out_.push_back('\n');
    return *this;
  }
  [[nodiscard]] std::string inked(Ink ink, std::string_view text) const {
    if (colour_ == Colour::no || ink == Ink::plain) return std::string(text);
    const int code = ink == Ink::good ? 32 : ink == Ink::open ? 33 : 31;
    return fmt::format("\x1b[1;{}m{}\x1b[0m", code, text);
  }
  [[nodiscard]] std::string take() && { return std::move(out_); }

 private:
  Colour colour_;
  std::string out_;
};

std::size_t columns(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

// Escaped, cut and filled up to `width` columns.
std::string name(std::string_view text, std::size_t width = kNameWidth) {
  std::string out = shown(text, width * 4);
  const bool cut = columns(out) > width;
  while (columns(out) > width - (cut ? 1 : 0)) {
    while ((static_cast<unsigned char>(out.back()) & 0xC0) == 0x80) out.pop_back();
    out.pop_back();
  }
  if (cut) out += "…";
  return out.append(width - columns(out), ' ');
}

// In eighths of a column; nothing but all of it looks full.
std::string bar(std::uint64_t part, std::uint64_t whole) {
  static constexpr std::array<std::string_view, 8> kEighths{"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  constexpr std::size_t kMost = kBarWidth * 8;
  std::size_t eighths = whole == 0 || part == 0 ? 0 : kMost;
  if (part < whole && part != 0) {
    const double share = static_cast<double>(part) / static_cast<double>(whole);
    eighths = std::clamp<std::size_t>(static_cast<std::size_t>(share * kMost), 1, kMost - 1);
  }
  std::string out;
  for (std::size_t i = 0; i < eighths / 8; ++i) out += "█";
  out += kEighths[eighths % 8];
  return out.append(kBarWidth - columns(out), ' ');
}

void verdict(Summary& s, const RunReport& r, const Tally& t) {
  const Ink ink = r.verdict.state == State::failed                                ? Ink::bad
                  : r.verdict.state == State::stopped || r.verdict.exit_code != 0 ? Ink::open
                                                                                  : Ink::good;
  const std::string week =
      r.dry_run ? fmt::format(", Migration Week of {}", shown(day_text(r.dry_run->week.monday)))
                : "";
  s.line(fmt::format("Dry run of {}{}", shown(r.run.batch, 48), week));
  std::string text = s.inked(
      ink, fmt::format("{} (exit code {})", kStateNames[static_cast<std::size_t>(r.verdict.state)],
                       r.verdict.exit_code));
  if (t.total != 0)
    text +=
        fmt::format(": {} of {} commissioned ({})", grouped(t.good),
                    counted(t.total, "installation", "installations"), percent(t.good, t.total));
  s.line(text);
  if (!r.verdict.reason.empty()) s.line(fmt::format("  {}", shown(r.verdict.reason, 96)));
}

void funnel(Summary& s, const DryRun& d) {
  if (d.funnel.empty()) return;
  const FunnelScale scale = funnel_scale(d.funnel);
  s.line("");
  for (const FunnelStep& step : d.funnel) {
    if (step.unit == scale.unit)
      s.line(fmt::format("  {}{:>12}  {}  {:>8}", name(step.title), grouped(step.count),
                         bar(step.count, scale.most), percent(step.count, scale.first)));
    else
      s.line(
          fmt::format("  {}{:>12}  {}", name(step.title), grouped(step.count), shown(step.unit)));
  }
}

// ", the first 4 of 16 reasons" when a list is cut.
std::string first_of(std::size_t shown, std::size_t all, std::string_view what) {
  if (shown >= all) return {};
  return fmt::format(", the first {} of {} {}", shown, grouped(all), what);
}

void outcomes(Summary& s, const Tally& t) {
  if (t.total == t.good) return;
  s.line("").line(fmt::format("{} not commissioned{}:", grouped(t.total - t.good),
                              first_of(kMostReasons, t.losses.size(), "reasons")));
  for (std::size_t i = 0; i < std::min(t.losses.size(), kMostReasons); ++i) {
    const Loss& l = t.losses[i];
    s.line(fmt::format("  {}{:>12}  {}", name(l.title, kReasonWidth), grouped(l.count),
                       shown(t.outcomes[l.outcome].title, 26)));
  }
}

void findings(Summary& s, const DryRun& d) {
  s.line("");
  if (d.findings.empty()) {
    s.line("No findings.");
    return;
  }
  std::uint64_t all = 0;
  std::vector<const RuleFindings*> rules;
  for (const RuleFindings& f : d.findings) {
    all += f.count;
    rules.push_back(&f);
  }
  std::stable_sort(rules.begin(), rules.end(), [](const auto* a, const auto* b) {
    return a->severity != b->severity ? a->severity > b->severity : a->count > b->count;
  });
  s.line(fmt::format("{} of {}{}:", counted(all, "finding", "findings"),
                     counted(rules.size(), "rule", "rules"),
                     rules.size() > kMostRules ? ", the gravest first" : ""));
  for (std::size_t i = 0; i < std::min(rules.size(), kMostRules); ++i) {
    const RuleFindings& f = *rules[i];
    const Ink ink = f.severity == Severity::error     ? Ink::bad
                    : f.severity == Severity::warning ? Ink::open
                                                      : Ink::plain;
    s.line(fmt::format("  {} {}{:>12}  {}", name(f.rule, 9),
                       s.inked(ink, name(name_of(f.severity), 8)), grouped(f.count),
                       shown(f.title, 64)));
  }
}

void end(Summary& s, const RunReport& r, const Tally& t) {
  s.line("");
  if (r.dry_run && !r.dry_run->conservation.empty()) {
    const auto& checks = r.dry_run->conservation;
    const auto holding = static_cast<std::uint64_t>(
        std::count_if(checks.begin(), checks.end(), [](const auto& c) { return c.holds; }));
    std::string text = fmt::format("Counts add up: {} of {} hold", grouped(holding),
                                   counted(checks.size(), "check", "checks"));
    for (const ConservationCheck& c : checks) {
      if (c.holds) continue;
      text += fmt::format(" ({}: {} in, {} out)", shown(c.id), grouped(c.in), grouped(c.out));
      break;
    }
    s.line(s.inked(holding == checks.size() ? Ink::good : Ink::bad, text));
  }
  for (std::size_t i = 0; i < std::min(r.warnings.size(), kMostWarnings); ++i)
    s.line(s.inked(Ink::open, fmt::format("Warning: {}", shown(r.warnings[i], 88))));
  if (r.warnings.size() > kMostWarnings)
    s.line(fmt::format(
        "  and {}", counted(r.warnings.size() - kMostWarnings, "more warning", "more warnings")));
  const std::string rate =
      t.total == 0 ? "" : fmt::format(", {} installations/s", rate_text(t.total, r.run.wall));
  s.line(fmt::format("{}, {} at the peak{}", duration_text(r.run.wall),
                     bytes_text(r.run.peak_rss_bytes), rate));
  if (!r.run.output.empty()) s.line(fmt::format("Report: {}/report.html", shown(r.run.output, 80)));
}

}  // namespace

std::string render_summary(const RunReport& r, Colour colour) {
  if (r.kind == Kind::load) return load_summary(r);
  Summary s(colour);
  const Tally t = r.dry_run ? tally(*r.dry_run) : Tally();
  verdict(s, r, t);
  if (r.dry_run) {
    funnel(s, *r.dry_run);
    outcomes(s, t);
    findings(s, *r.dry_run);
  }
  end(s, r, t);
  return std::move(s).take();
}

}  // namespace s1flow::render
