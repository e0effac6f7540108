#include "pipeline/rules/rule_set.h"

#include <algorithm>

#include <fmt/format.h>

#include "codecs/rules.h"
#include "pipeline/rules/list.h"

namespace s1flow::pipeline {
namespace {

const RuleEntry* const kEntries[] = {
#define S1FLOW_RULE_ADDRESS(name) &rules::name,
    S1FLOW_RULES(S1FLOW_RULE_ADDRESS)
#undef S1FLOW_RULE_ADDRESS
};

// Number of single-character edits between two ids; ids are short.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, change});
    }
  }
  return row[b.size()];
}

// By address.
using RulePlaces = std::vector<std::pair<const Rule*, RuleIndex>>;
const RulePlaces& rule_places() {
  static const RulePlaces sorted = [] {
    RulePlaces places;
    const auto rules = all_rules();
    for (std::size_t i = 0; i < rules.size(); ++i)
      places.emplace_back(rules[i], static_cast<RuleIndex>(i));
    std::sort(places.begin(), places.end(),
              [](const auto& a, const auto& b) { return std::less<>()(a.first, b.first); });
    return places;
  }();
  return sorted;
}

}  // namespace

std::span<const RuleEntry* const> rule_entries() {
  return kEntries;
}

std::span<const Rule* const> all_rules() {
  static const std::vector<const Rule*> rules = [] {
    std::vector<const Rule*> all(codecs::codec_rules().begin(), codecs::codec_rules().end());
    for (const RuleEntry* e : kEntries) all.push_back(&e->rule);
    return all;
  }();
  return rules;
}

const Rule* find_rule(std::string_view id) {
  const auto rules = all_rules();
  const auto it =
      std::find_if(rules.begin(), rules.end(), [&](const Rule* r) { return r->id == id; });
  return it == rules.end() ? nullptr : *it;
}

const RuleEntry* entry_of(const Rule& rule) {
  for (const RuleEntry* e : kEntries)
    if (&e->rule == &rule) return e;
  return nullptr;
}

std::string_view nearest_rule_id(std::string_view id) {
  std::string_view best;
  std::size_t least = std::string_view::npos;
  for (const Rule* r : all_rules())
    if (const std::size_t d = distance(id, r->id); d < least) {
      least = d;
      best = r->id;
    }
  return best;
}

RuleSet::RuleSet() {
  // Each of many small files has a set of its own.
  static const std::vector<Severity> severities = [] {
    std::vector<Severity> own;
    for (const Rule* r : all_rules()) own.push_back(r->severity);
    return own;
  }();
  severities_ = severities;
}

Result<RuleSet> RuleSet::with(const std::vector<std::pair<std::string, Severity>>& overrides) {
  RuleSet set;
  for (const auto& [id, severity] : overrides) {
    S1FLOW_TRY(set, set.changed(id, severity));
  }
  return set;
}

Result<RuleSet> RuleSet::changed(std::string_view id, Severity severity) const {
  const Rule* rule = find_rule(id);
  if (rule == nullptr)
    return tl::unexpected(usage_error(
        fmt::format("rules: there is no rule '{}'; did you mean '{}'?", id, nearest_rule_id(id))));
  RuleSet set = *this;
  set.severities_[set.index(*rule)] = severity;
  return set;
}

RuleIndex RuleSet::index(const Rule& rule) const {
  const RulePlaces& places = rule_places();
  const auto it =
      std::lower_bound(places.begin(), places.end(), &rule,
                       [](const auto& e, const Rule* r) { return std::less<>()(e.first, r); });
  S1FLOW_CHECK(it != places.end() && it->first == &rule);
  return it->second;
}

}  // namespace s1flow::pipeline
