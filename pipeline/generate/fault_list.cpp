#include "pipeline/generate/fault_list.h"

#include <algorithm>

#include "codecs/rules.h"
#include "pipeline/rules/list.h"
#include "pipeline/rules/rule_set.h"

namespace s1flow::pipeline {
namespace {

namespace maf = codecs::maf;
namespace inv = codecs::inventory;

bool spoil_maf_date(InstallationDraft& d, DraftWorld&) {
  for (unsigned m = 0; m < 2; ++m) {
    if (!d.meters[m].present) continue;
    d.meters[m].raw_maf[maf::migrate_on] = "31.31.21";
    d.expect(codecs::kValueInvalid, ExpectedIn::maf, "migrate-on", "31.31.21", m);
  }
  d.settle(Outcome::not_authorised, WeekStage::maf, &codecs::kValueInvalid);
  return true;
}

bool spoil_inventory_imsi(InstallationDraft& d, DraftWorld&) {
  d.raw_inventory_fields[inv::imsi] = "23410A";
  d.expect(codecs::kValueInvalid, ExpectedIn::inventory, "imsi", "23410A");
  d.settle(Outcome::rejected, WeekStage::inventory, &codecs::kValueInvalid);
  return true;
}

bool spoil_maf_certificate(InstallationDraft& d, DraftWorld&) {
  for (unsigned m = 0; m < 2; ++m) {
    if (!d.meters[m].present) continue;
    d.meters[m].raw_maf[maf::operator_certificate] = "";
    d.expect(codecs::kValueMissing, ExpectedIn::maf, "operator-certificate", {}, m);
  }
  d.settle(Outcome::not_authorised, WeekStage::maf, &codecs::kValueMissing);
  return true;
}

// The row names nobody, so nobody is planned by it.
bool spoil_maf_row(InstallationDraft& d, DraftWorld&) {
  if (d.dual_fuel()) return false;
  const unsigned m = d.first_meter();
  d.meters[m].ragged_row = true;
  d.expect(codecs::kCsvRaggedRow, ExpectedIn::maf, {}, "2 fields", m);
  d.settle(Outcome::not_authorised, WeekStage::maf, &codecs::kCsvRaggedRow);
  d.planned = false;
  return true;
}

// An unreadable line of the inventory leaves its meter points unknown.
bool unknown_meters(InstallationDraft& d) {
  for (unsigned m = 0; m < 2; ++m)
    if (d.meters[m].present)
      d.expect(rules::maf_mpxn_not_registered.rule, ExpectedIn::maf, "mpxn",
               d.meters[m].mpxn.text(), m);
  d.settle(Outcome::not_authorised, WeekStage::maf, &rules::maf_mpxn_not_registered.rule);
  d.planned = false;
  return true;
}

bool spoil_inventory_line(InstallationDraft& d, DraftWorld&) {
  d.raw_inventory = "{\"installation\":\"" + d.id + "\",\"smso\":";
  d.expect(codecs::kJsonMalformed, ExpectedIn::inventory, {}, d.raw_inventory);
  d.findings.back().by_position = true;
  return unknown_meters(d);
}

bool spoil_inventory_keys(InstallationDraft& d, DraftWorld&) {
  d.raw_inventory = "{\"installation\":\"" + d.id + "\",\"installation\":\"" + d.id + "\"}";
  d.expect(codecs::kJsonDuplicateKey, ExpectedIn::inventory, {}, "installation");
  d.findings.back().by_position = true;
  return unknown_meters(d);
}

constexpr Fault kMafDate{.spoil = &spoil_maf_date};
constexpr Fault kInventoryImsi{.spoil = &spoil_inventory_imsi};
constexpr Fault kMafCertificate{.spoil = &spoil_maf_certificate};
constexpr Fault kMafRow{.spoil = &spoil_maf_row};
constexpr Fault kInventoryLine{.spoil = &spoil_inventory_line};
constexpr Fault kInventoryKeys{.spoil = &spoil_inventory_keys};
constexpr Fault kExchange{.files = "mcf mvf mgf mef scf cof"};
constexpr Fault kMafFile{.files = "maf"};
constexpr Fault kInventoryFile{.files = "inventory"};
constexpr Fault kEncoding{.files = "maf inventory"};

// The words of a blank-separated list.
std::vector<std::string_view> words(std::string_view list) {
  std::vector<std::string_view> out;
  while (!list.empty()) {
    const std::size_t end = list.find(' ');
    out.push_back(list.substr(0, end));
    list = end == std::string_view::npos ? std::string_view() : list.substr(end + 1);
  }
  return out;
}

std::vector<FileFault> combinations(bool of_records) {
  std::vector<std::vector<FileFault>> by_rule;
  for (const FaultEntry& e : all_faults()) {
    std::vector<std::string_view> types = words(e.fault->files);
    const bool record = !types.empty() && types.back() == "record";
    if (types.empty() || record != of_records) continue;
    if (record) types.pop_back();
    std::vector<FileFault>& row = by_rule.emplace_back();
    for (const std::string_view t : types) row.push_back({e.rule, t});
  }
  // First every rule once, each with another type than its neighbour, then the rest.
  std::vector<FileFault> out;
  for (std::size_t round = 0;; ++round) {
    const std::size_t before = out.size();
    for (std::size_t i = 0; i < by_rule.size(); ++i)
      if (round < by_rule[i].size()) out.push_back(by_rule[i][(i + round) % by_rule[i].size()]);
    if (out.size() == before) return out;
  }
}

}  // namespace

const std::vector<FaultEntry>& all_faults() {
  static const std::vector<FaultEntry> faults = [] {
    std::vector<FaultEntry> all{
        {&codecs::kXmlNotWellFormed, &kExchange},
        {&codecs::kXmlDoctype, &kExchange},
        {&codecs::kXmlEncoding, &kExchange},
        {&codecs::kXmlLimit, &kExchange},
        {&codecs::kXmlSchema, &kExchange},
        {&codecs::kCsvMalformed, &kMafFile},
        {&codecs::kCsvHeader, &kMafFile},
        {&codecs::kCsvRaggedRow, &kMafRow},
        {&codecs::kCsvLimit, &kMafFile},
        {&codecs::kZipRefused, &kMafFile},
        {&codecs::kJsonMalformed, &kInventoryLine},
        {&codecs::kJsonDuplicateKey, &kInventoryKeys},
        {&codecs::kJsonLimit, &kInventoryFile},
        {&codecs::kTextEncoding, &kEncoding},
        {&codecs::kValueInvalid, &kMafDate},
        {&codecs::kValueInvalid, &kInventoryImsi},
        {&codecs::kValueMissing, &kMafCertificate},
    };
    for (const RuleEntry* e : rule_entries())
      if (e->fault != nullptr) all.push_back({&e->rule, e->fault});
    return all;
  }();
  return faults;
}

const std::vector<FileFault>& file_faults() {
  static const std::vector<FileFault> faults = combinations(false);
  return faults;
}

const std::vector<FileFault>& record_faults() {
  static const std::vector<FileFault> faults = combinations(true);
  return faults;
}

}  // namespace s1flow::pipeline
