#include "pipeline/week/run_context.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/text.h"
#include "core/trouble.h"
#include "pipeline/rules/rule_entry.h"

namespace s1flow::pipeline {

ReadContext RunContext::read_context() const {
  ReadContext c;
  c.pki = &pki;
  c.clock = batch.clock;
  c.rules = &rules;
  c.limits = batch.limits;
  c.runner = runner;
  return c;
}

Result<codecs::crypto::SignatureMaker> RunContext::signer(const codecs::Layout& layout,
                                                          Eui64 sender) const {
  namespace crypto = codecs::crypto;
  const auto role = crypto::parse_party_role(layout.signer);
  if (!role)
    return tl::unexpected(
        usage_error(layout.name() + ": there is no signer role '" + layout.signer + "'"));
  const crypto::PkiAnswer answer =
      pki.find_with_key(*role, sender, crypto::CertificateUse::file_signing, batch.clock);
  if (answer.status != crypto::CertificateStatus::ok)
    return tl::unexpected(usage_error(batch.pki.string() + ": no file-signing key of " +
                                      layout.signer + " " + sender.text() + " (" +
                                      std::string(crypto::name_of(answer.status)) +
                                      "); make one with 's1flow generate pki'"));
  return crypto::SignatureMaker::make(answer.entry->certificate, answer.entry->key());
}

Status RunContext::go_on() const {
  S1FLOW_TRY_VOID(check_machine());
  if (runner.stop == nullptr || !runner.stop->load(std::memory_order_relaxed)) return {};
  return tl::unexpected(Error(ErrorKind::cancelled, "stopped on request"));
}

void RunContext::tell(std::string_view step, std::uint64_t done, std::uint64_t total) const {
  if (progress) progress({step, done, total});
}

void RunContext::note_dropped_findings(std::string_view file, std::uint64_t dropped) {
  if (dropped == 0) return;
  warnings.push_back(
      fmt::format("{}: {} more findings were counted and not kept; limits.findings-per-file of "
                  "batch.toml is {}",
                  file, dropped, batch.limits.findings_per_file));
}

void RunContext::settle(std::uint32_t row, WeekStage stage, const Rule& rule,
                        FailureIndex failure) {
  InstallationRow& r = table[row];
  if (r.settled()) return;
  r.stage = stage;
  r.reason = rules.index(rule);
  r.failure = failure;
  const RuleEntry* entry = entry_of(rule);
  if (entry != nullptr && entry->outcome != Outcome::none) {
    r.outcome = entry->outcome;
    return;
  }
  FailureClass kind = rule.scope == RuleScope::file ? FailureClass::file : FailureClass::data;
  if (entry != nullptr) kind = entry->failure_class;
  if (failure != kNoFailure) kind = procedures.failures[failure].kind;
  switch (batch.policy.row(kind).then) {
    case Action::reject:
      r.outcome = Outcome::rejected;
      break;
    case Action::retry:
      r.outcome = Outcome::retry;
      break;
    case Action::exclude:
      r.outcome = Outcome::excluded;
      break;
    // Nothing is left to go on with when this is asked for here.
    case Action::electricity_only:
    case Action::park:
      r.outcome = Outcome::parked;
      break;
  }
  // Attempts that reached the Devices count towards exclusion.
  if (failure != kNoFailure && r.failed_attempts + 1U >= batch.policy.max_failed_attempts)
    r.outcome = Outcome::excluded;
}

const Rule* RunContext::spoiler(const std::vector<Finding>& found, std::uint64_t ordinal) const {
  const Rule* first = nullptr;
  for (const Finding& f : found) {
    if (f.place.ordinal != ordinal || f.severity != Severity::error) continue;
    if (first == nullptr || rules.index(*f.rule) < rules.index(*first)) first = f.rule;
  }
  return first;
}

void add_report(std::vector<Finding>& out, CheckReport& report, const RuleSet& rules,
                const std::string& file, const codecs::FileType& type,
                const codecs::Record& record) {
  for (CheckReport::Item& item : report.items())
    out.push_back(
        record_finding(*item.rule, rules, file, type, record, item.field, item.seen, item.note));
  report.clear();
}

}  // namespace s1flow::pipeline
