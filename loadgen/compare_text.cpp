// The answer of compare_runs as text and as JSON.

#include <algorithm>

#include <fmt/format.h>

#include "core/json_text.h"
#include "core/text.h"
#include "loadgen/compare_runs.h"
#include "loadgen/duration.h"

namespace s1flow::loadgen {
namespace {

std::string_view verdict_name(ShiftVerdict v) {
  return kShiftVerdictNames[static_cast<std::size_t>(v)];
}

std::string_view leg_name(report::Leg leg) {
  return report::kLegNames[static_cast<std::size_t>(leg)];
}

std::string signed_percent(double share, int decimals) {
  return fmt::format("{:+.{}f} %", share * 100, decimals);
}

// Never a width of bytes where a name has letters of more.
std::string cell(std::string_view name, std::size_t width) {
  std::string out = shown(name, 200);
  const auto letters = static_cast<std::size_t>(std::count_if(out.begin(), out.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
  if (letters < width) out.append(width - letters, ' ');
  return out;
}

void append_shift(std::string& out, const Shift& s) {
  const auto ms = [](Nanoseconds n) { return milliseconds_of(n); };
  out += fmt::format(" p{:<5g} {:>12.3f} {:>12.3f}", s.percent, ms(s.a), ms(s.b));
  if (s.verdict == ShiftVerdict::not_enough_data)
    out += fmt::format(" {:>9} {:>22}  {}\n", "", "", verdict_name(s.verdict));
  else
    out += fmt::format(" {:>9} {:>22}  {}\n", signed_percent(s.shift, 1),
                       fmt::format("{} to {}", signed_percent(s.low, 1), signed_percent(s.high, 1)),
                       verdict_name(s.verdict));
}

void append_class(std::string& out, const ComparedClass& k, std::size_t width) {
  const ShareShift& f = k.failed;
  out += fmt::format("  {} {:>10.1f} {:>10.1f} {:>10.3f} % {:>8.3f} %", cell(k.klass, width),
                     k.ok_per_second_a, k.ok_per_second_b, f.a * 100, f.b * 100);
  if (f.verdict != ShiftVerdict::not_enough_data)
    out += fmt::format(
        " {:>24}", fmt::format("{} to {}", signed_percent(f.low, 3), signed_percent(f.high, 3)));
  out += fmt::format("  {}\n", f.verdict == ShiftVerdict::slower   ? "more"
                               : f.verdict == ShiftVerdict::faster ? "fewer"
                                                                   : verdict_name(f.verdict));
}

std::string shift_json(const Shift& s) {
  std::string out;
  JsonObject o(out);
  o.real("percentile", s.percent).real("a_ms", milliseconds_of(s.a));
  o.real("b_ms", milliseconds_of(s.b)).real("shift", s.shift);
  if (s.verdict != ShiftVerdict::not_enough_data) o.real("low", s.low).real("high", s.high);
  o.text("verdict", verdict_name(s.verdict)).finish();
  return out;
}

std::string failed_json(const ShareShift& s) {
  std::string out;
  JsonObject o(out);
  o.real("a", s.a).real("b", s.b);
  if (s.verdict != ShiftVerdict::not_enough_data) o.real("low", s.low).real("high", s.high);
  o.text("verdict", s.verdict == ShiftVerdict::slower   ? "more"
                    : s.verdict == ShiftVerdict::faster ? "fewer"
                                                        : verdict_name(s.verdict));
  o.finish();
  return out;
}

template <typename List, typename Text>
std::string list_json(const List& list, const Text& text) {
  std::string out = "[";
  for (const auto& one : list) {
    if (out.size() > 1) out.push_back(',');
    out += text(one);
  }
  return out + "]";
}

}  // namespace

void append_comparison_text(std::string& out, const RunComparison& c) {
  out += fmt::format("A: {}\nB: {}\n", shown(c.name_a, 200), shown(c.name_b, 200));
  std::size_t width = 5;
  for (const ComparedSeries& s : c.series) width = std::max(width, shown(s.klass, 200).size());
  std::string phase;
  bool first = true;
  for (const ComparedSeries& s : c.series) {
    if (first || s.phase != phase)
      out += fmt::format(
          "\n{}: response time in milliseconds\n  {} {:<9} {:<6} {:>12} {:>12} {:>9} {:>22}\n",
          shown(s.phase), cell("class", width), "leg", "", "A", "B", "shift", "interval");
    first = false;
    phase = s.phase;
    for (std::size_t p = 0; p < s.shifts.size(); ++p) {
      out += fmt::format("  {} {:<9}", cell(p == 0 ? s.klass : "", width),
                         p == 0 ? leg_name(s.leg) : "");
      append_shift(out, s.shifts[p]);
    }
  }
  first = true;
  for (const ComparedClass& k : c.classes) {
    if (first || k.phase != phase)
      out += fmt::format(
          "\n{}: answers per second, and the share that failed\n  {} {:>10} {:>10} {:>12} {:>10} "
          "{:>24}\n",
          shown(k.phase), cell("class", width), "A/s", "B/s", "A failed", "B failed", "difference");
    first = false;
    phase = k.phase;
    append_class(out, k, width);
  }
  out += '\n';
  for (const std::string& w : c.warnings) out += fmt::format("warning: {}\n", w);
  out += fmt::format("answer: {}\n", c.reason);
}

void append_comparison_json(std::string& out, const RunComparison& c, const CompareOptions& options,
                            int exit_code) {
  JsonObject o(out);
  o.text("schema", "s1flow-compare").number("version", 1);
  o.text("a", c.name_a).text("b", c.name_b);
  o.text("answer", kCompareAnswerNames[static_cast<std::size_t>(c.answer)])
      .text("reason", c.reason);
  o.number("exit_code", static_cast<std::uint64_t>(exit_code));
  o.real("level", options.level).real("least", options.least);
  o.raw("warnings", list_json(c.warnings, [](const std::string& w) {
          std::string text;
          append_json_string(text, w);
          return text;
        }));
  o.raw("times", list_json(c.series, [](const ComparedSeries& s) {
          std::string text;
          JsonObject one(text);
          one.text("phase", s.phase).text("class", s.klass).text("leg", leg_name(s.leg));
          one.raw("percentiles", list_json(s.shifts, shift_json)).finish();
          return text;
        }));
  o.raw("failed", list_json(c.classes, [](const ComparedClass& k) {
          std::string text;
          JsonObject one(text);
          one.text("phase", k.phase).text("class", k.klass);
          one.number("ended_a", k.ended_a).number("ended_b", k.ended_b);
          one.real("ok_per_second_a", k.ok_per_second_a);
          one.real("ok_per_second_b", k.ok_per_second_b);
          one.raw("share", failed_json(k.failed)).finish();
          return text;
        }));
  o.finish();
  out += '\n';
}

}  // namespace s1flow::loadgen
