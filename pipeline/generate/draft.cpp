#include "pipeline/generate/draft.h"

#include <algorithm>

namespace s1flow::pipeline {
namespace {

Eui64 other_than(const std::vector<Eui64>& all, Eui64 one, Random& random) {
  std::vector<Eui64> rest;
  std::copy_if(all.begin(), all.end(), std::back_inserter(rest), [&](Eui64 e) { return e != one; });
  return rest.empty() ? one : rest[random.below(rest.size())];
}

}  // namespace

DeviceDraft* InstallationDraft::device(DeviceType type) {
  const auto it = std::find_if(devices.begin(), devices.end(),
                               [&](const DeviceDraft& d) { return d.type == type; });
  return it == devices.end() ? nullptr : &*it;
}

void InstallationDraft::expect(const Rule& rule, ExpectedIn in, std::string field, std::string seen,
                               unsigned meter) {
  findings.push_back({.rule = &rule,
                      .in = in,
                      .meter = meter,
                      .record = {},
                      .field = std::move(field),
                      .seen = std::move(seen)});
}

void InstallationDraft::settle(Outcome result, WeekStage stage, const Rule* reason,
                               std::string failure) {
  outcome = {.outcome = result, .stage = stage, .reason = reason, .failure = std::move(failure)};
}

Eui64 DraftWorld::other_supplier(Eui64 than) {
  return other_than(suppliers, than, random);
}
Eui64 DraftWorld::other_operator(Eui64 than) {
  return other_than(operators, than, random);
}

}  // namespace s1flow::pipeline
