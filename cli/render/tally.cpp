#include "cli/render/tally.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "cli/render/format.h"

namespace s1flow::render {
namespace {

using namespace report;

// Slices by key, made as they are met.
class Slices {
 public:
  void add(const std::string& key, std::size_t outcome, bool good, std::uint64_t count,
           auto label) {
    const auto [it, fresh] = index_.try_emplace(key, slices_.size());
    if (fresh) slices_.push_back({.key = key, .label = label()});
    Slice& s = slices_[it->second];
    if (s.counts.size() <= outcome) s.counts.resize(outcome + 1);
    s.counts[outcome] += count;
    s.total += count;
    if (good) s.good += count;
  }

  template <typename Before>
  std::vector<Slice> sorted(std::size_t outcomes, Before before) && {
    for (Slice& s : slices_) s.counts.resize(outcomes);
    std::stable_sort(slices_.begin(), slices_.end(), before);
    return std::move(slices_);
  }

 private:
  std::vector<Slice> slices_;
  std::unordered_map<std::string, std::size_t> index_;
};

std::vector<OutcomeTotal> ordered_titles(const Outcomes& outcomes) {
  std::vector<OutcomeTotal> out;
  for (const OutcomeTitle& t : outcomes.titles)
    out.push_back({.id = t.id, .title = t.title, .kind = t.kind});
  // A row may name an outcome that the report forgot to title; it still counts.
  for (const OutcomeRow& r : outcomes.rows)
    if (std::none_of(out.begin(), out.end(), [&r](const auto& t) { return t.id == r.outcome; }))
      out.push_back({.id = r.outcome, .title = r.outcome});
  std::stable_sort(out.begin(), out.end(),
                   [](const auto& a, const auto& b) { return a.kind < b.kind; });
  for (std::size_t i = 1; i < out.size(); ++i)
    if (out[i].kind == out[i - 1].kind) out[i].shade = out[i - 1].shade + 1;
  return out;
}

std::string title_of_reason(const DryRun& run, const std::string& id) {
  for (const ReasonTitle& r : run.outcomes.reasons)
    if (r.id == id) return r.title;
  for (const RuleFindings& f : run.findings)
    if (f.rule == id) return f.title;
  return id.empty() ? "no reason given" : id;
}

bool unknown_last(const Slice& a, const Slice& b) {
  return std::make_tuple(a.key.empty(), std::string_view(a.key)) <
         std::make_tuple(b.key.empty(), std::string_view(b.key));
}

}  // namespace

FunnelScale funnel_scale(const std::vector<FunnelStep>& funnel) {
  FunnelScale out;
  if (funnel.empty()) return out;
  out.unit = funnel.back().unit;
  bool started = false;
  for (const FunnelStep& s : funnel) {
    if (s.unit != out.unit) continue;
    if (!started) out.first = s.count;
    started = true;
    out.most = std::max(out.most, s.count);
  }
  return out;
}

Tally tally(const DryRun& run) {
  Tally out;
  out.outcomes = ordered_titles(run.outcomes);
  std::unordered_map<std::string_view, std::size_t> index;
  for (std::size_t i = 0; i < out.outcomes.size(); ++i) index.try_emplace(out.outcomes[i].id, i);

  Slices suppliers, groups, days;
  std::map<std::pair<std::size_t, std::string>, std::uint64_t> losses;
  for (const OutcomeRow& r : run.outcomes.rows) {
    const std::size_t at = index.find(r.outcome)->second;
    const bool good = out.outcomes[at].kind == OutcomeKind::good;
    out.outcomes[at].count += r.count;
    out.total += r.count;
    if (good)
      out.good += r.count;
    else
      losses[{at, r.reason}] += r.count;
    const std::string& supplier = r.supplier_eui.empty() ? r.supplier_name : r.supplier_eui;
    suppliers.add(supplier, at, good, r.count, [&] {
      return std::string(or_not_known(r.supplier_name.empty() ? supplier : r.supplier_name));
    });
    groups.add(r.group, at, good, r.count, [&] { return std::string(or_not_known(r.group)); });
    days.add(r.day, at, good, r.count, [&] { return day_text(r.day); });
  }

  const std::size_t n = out.outcomes.size();
  out.suppliers = std::move(suppliers).sorted(n, [](const Slice& a, const Slice& b) {
    return std::tie(b.total, a.label, a.key) < std::tie(a.total, b.label, b.key);
  });
  out.groups = std::move(groups).sorted(n, unknown_last);
  out.days = std::move(days).sorted(n, unknown_last);
  for (const auto& [key, count] : losses)
    if (count != 0)
      out.losses.push_back({.outcome = key.first,
                            .id = key.second,
                            .title = title_of_reason(run, key.second),
                            .count = count});
  std::stable_sort(out.losses.begin(), out.losses.end(),
                   [](const Loss& a, const Loss& b) { return a.count > b.count; });
  return out;
}

}  // namespace s1flow::render
