#include <algorithm>

#include "cli/render/html_sections.h"
#include "core/json_text.h"

namespace s1flow::render {
namespace {

using namespace report;

// Bars beyond these would be too thin to read; the rest is summed up in one, or left to the table.
constexpr std::size_t kMaxSlices = 40;
constexpr std::size_t kMaxRules = 20;

template <typename Items, typename Write>
std::string array_of(const Items& items, Write write) {
  std::string out = "[";
  for (const auto& item : items) {
    if (out.size() > 1) out.push_back(',');
    write(out, item);
  }
  out.push_back(']');
  return out;
}

std::string counts_of(const Slice& s) {
  return array_of(s.counts, [](std::string& out, std::uint64_t n) { out += std::to_string(n); });
}

std::string slices_json(const std::vector<Slice>& slices) {
  std::vector<Slice> shown(slices.begin(), slices.begin() + static_cast<std::ptrdiff_t>(std::min(
                                                                slices.size(), kMaxSlices)));
  if (shown.size() < slices.size()) {
    Slice rest = shown.back();
    rest.label = "all others";
    for (std::size_t s = kMaxSlices; s < slices.size(); ++s)
      for (std::size_t i = 0; i < rest.counts.size(); ++i) rest.counts[i] += slices[s].counts[i];
    shown.back() = rest;
  }
  return array_of(shown, [](std::string& out, const Slice& s) {
    JsonObject(out).text("label", s.label).raw("counts", counts_of(s)).finish();
  });
}

std::string findings_json(const DryRun& d) {
  std::vector<const RuleFindings*> rules;
  for (const RuleFindings& f : d.findings) rules.push_back(&f);
  std::stable_sort(rules.begin(), rules.end(),
                   [](const auto* a, const auto* b) { return a->count > b->count; });
  if (rules.size() > kMaxRules) rules.resize(kMaxRules);
  return array_of(rules, [](std::string& out, const RuleFindings* f) {
    JsonObject(out)
        .text("rule", f->rule)
        .text("title", f->title)
        .text("severity", name_of(f->severity))
        .number("count", f->count)
        .finish();
  });
}

std::string stages_json(const DryRun& d) {
  return array_of(d.stages, [](std::string& out, const Stage& s) {
    JsonObject(out)
        .text("step", s.step)
        .text("stage", s.stage)
        .number("records", s.records)
        .real("busy", std::chrono::duration<double>(s.busy).count())
        .real("waiting", std::chrono::duration<double>(s.waiting).count())
        .finish();
  });
}

}  // namespace

std::string chart_data(const RunReport& r, const Tally& t) {
  std::string out;
  JsonObject o(out);
  o.text("schema", kReportSchema).number("version", kReportVersion).text("batch", r.run.batch);
  o.raw("outcomes", array_of(t.outcomes, [](std::string& to, const OutcomeTotal& total) {
          JsonObject(to)
              .text("title", total.title)
              .text("kind", kOutcomeKindNames[static_cast<std::size_t>(total.kind)])
              .text("colour", swatch_class(total))
              .number("count", total.count)
              .finish();
        }));
  o.raw("supplier", slices_json(t.suppliers))
      .raw("group", slices_json(t.groups))
      .raw("day", slices_json(t.days))
      .number("rules", r.dry_run ? r.dry_run->findings.size() : 0)
      .raw("findings", r.dry_run ? findings_json(*r.dry_run) : "[]")
      .raw("stages", r.dry_run ? stages_json(*r.dry_run) : "[]");
  o.finish();
  return out;
}

}  // namespace s1flow::render
