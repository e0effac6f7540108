#pragma once
// DayRecords: the records of an SCF or COF as its receiver takes them in: each belongs to an
// installation of the day's MCF and stands there once. What does not is a finding and is passed
// over.
//
// For in-order stages; one per file.

#include <cstdint>
#include <string>
#include <string_view>

#include "pipeline/rules/list.h"
#include "pipeline/week/run_context.h"

namespace s1flow::pipeline {

class DayRecords {
 public:
  // `seen`: the member of a row that says its record has come. Field 0 of a record is its
  // installation's id.
  DayRecords(RunContext& run, PlannedFile& planned, bool InstallationRow::*seen)
      : run_(run), planned_(planned), seen_(seen), type_(*run.layout(planned.type)->type) {}

  void set_file(std::string name) { file_ = std::move(name); }
  [[nodiscard]] const std::string& file() const { return file_; }
  [[nodiscard]] std::uint64_t rejected() const { return rejected_; }
  void reject() { ++rejected_; }

  void add(Work& work, const codecs::Record& record, const RuleEntry& entry, std::string_view field,
           std::string_view text) const {
    if (run_.rules.enabled(entry.rule))
      work.findings.push_back(
          record_finding(entry.rule, run_.rules, file_, type_, record, field, text, {}));
  }

  // Calls use(record, row number) for the good ones.
  template <typename Use>
  void each(Work& work, Use use) {
    for (const codecs::Record& record : work.records()) {
      const std::string_view id = record[0].text;
      const std::uint32_t r = record[0].good() ? run_.table.find(id, near_) : kNoRow;
      if (r == kNoRow || run_.table[r].mcf != RunContext::mcf_number(planned_.smso, planned_.day)) {
        ++rejected_;
        add(work, record, rules::record_unknown, "installation-id", id);
        continue;
      }
      bool& seen = run_.table[r].*seen_;
      if (seen) {
        ++rejected_;
        planned_.repeated.push_back(record.ordinal);
        add(work, record, rules::record_duplicate, "installation-id", id);
        continue;
      }
      seen = true;
      use(record, r);
    }
  }

 private:
  RunContext& run_;
  PlannedFile& planned_;
  bool InstallationRow::*seen_;
  const codecs::FileType& type_;
  std::string file_;
  WeekTable::Near near_;
  std::uint64_t rejected_ = 0;
};

}  // namespace s1flow::pipeline
