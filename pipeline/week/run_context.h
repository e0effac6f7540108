#pragma once
// RunContext: what the steps of one dry run share. Steps run one after the other; inside a step,
// parallel stages read it and in-order stages change it (see WeekTable for what may be touched
// when).

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "codecs/crypto/pki.h"
#include "pipeline/batch.h"
#include "pipeline/exchange/plain_reader.h"
#include "pipeline/exchange/reader.h"
#include "pipeline/exchange/writer.h"
#include "pipeline/model/behaviour.h"
#include "pipeline/model/procedures.h"
#include "pipeline/rules/check.h"
#include "pipeline/rules/rule_set.h"
#include "pipeline/week/alert_files.h"
#include "pipeline/week/certificates.h"
#include "pipeline/week/epcl.h"
#include "pipeline/week/file_plan.h"
#include "pipeline/week/finding_log.h"
#include "pipeline/week/parties.h"
#include "pipeline/week/run_ledger.h"
#include "pipeline/week/week_table.h"

namespace s1flow::pipeline {

// Told as a run goes on; called from one thread at a time. `total` is 0 when not known.
struct Progress {
  std::string_view step;  // "reading inventory"
  std::uint64_t done = 0;
  std::uint64_t total = 0;
};

// One line of the report's table of files.
struct FileRecord {
  std::string type, name, sender, recipient, group, day;
  std::string status;  // accepted, rejected, written
  const Rule* refused_by = nullptr;
  std::uint64_t records = 0, accepted = 0, rejected = 0, bytes = 0;
  std::string sha256;
  bool given = false;
};

// Something that has to come out as it went in.
struct Conservation {
  std::string id, title;
  std::uint64_t in = 0, out = 0;
};

// An outcome that belongs to a MAF row rather than to an installation: nobody knows its MPxN, or it
// could not be read.
struct UnmatchedRow {
  std::string file, record;
  RuleIndex reason = 0;
};

struct StepStats {
  std::string step;
  std::vector<StageStats> stages;
};

struct RunContext {
  const Batch& batch;
  Path out;
  RunnerOptions runner;
  RuleSet rules;
  codecs::crypto::Pki pki;
  CertificateIndex certificates;
  Procedures procedures;
  Behaviour behaviour;
  PartyList parties;
  EpclList epcl;
  FilePlan plan;
  WeekTable table;  // its store is for all that grows with the week
  std::function<void(const Progress&)> progress;
  std::unique_ptr<RunLedger> ledger;
  std::unique_ptr<AlertFiles> alert_files;

  std::map<std::string, std::shared_ptr<const codecs::Layout>, std::less<>>
      layouts;  // by file type, to read and write with
  std::map<std::string, std::shared_ptr<const codecs::XmlSchema>, std::less<>>
      schemas;                                     // of XML layouts
  std::map<Eui64, std::uint64_t> counters;         // highest accepted, by sender
  std::vector<std::span<std::uint32_t>> day_rows;  // authorised rows, by SMSO * 7 + day
  std::set<std::string, std::less<>>
      unknown_in_mcf;                  // ids of the MCF in hand that nobody authorised
  std::vector<std::string> maf_names;  // by MeterRow::maf
  std::vector<std::string> accepted_mafs;

  FindingLog findings{table.store()};
  std::vector<FileRecord> files;
  std::vector<Conservation> conservation;
  std::vector<UnmatchedRow> unmatched;
  std::vector<StepStats> steps;
  std::vector<std::string> warnings;
  std::vector<std::string> results;  // written beside the files, by name below `out`
  std::uint64_t maf_rows = 0;        // of accepted MAFs
  std::uint64_t maf_duplicates = 0;  // of these, second rows for one MPxN
  std::uint64_t alerts = 0;

  explicit RunContext(const Batch& b, MemoryBudget memory = {})
      : batch(b), table(std::move(memory)) {}

  [[nodiscard]] const std::shared_ptr<const codecs::Layout>& layout(std::string_view type) const {
    return layouts.find(type)->second;
  }
  [[nodiscard]] ReadContext read_context() const;
  // What signs files of this sender: the key of its role in the pki folder. A missing key is a
  // usage error.
  [[nodiscard]] Result<codecs::crypto::SignatureMaker> signer(const codecs::Layout& layout,
                                                              Eui64 sender) const;
  [[nodiscard]] std::span<const std::uint32_t> rows_of(std::size_t smso, unsigned day) const {
    return day_rows[smso * 7 + day];
  }
  // Number of the MCF of this SMSO and day, for InstallationRow::mcf.
  [[nodiscard]] static std::uint16_t mcf_number(std::size_t smso, unsigned day) {
    return static_cast<std::uint16_t>(smso * 7 + day);
  }
  [[nodiscard]] Path folder_of(std::string_view type) const { return out / "files" / type; }
  // An error once the run has been asked to stop.
  [[nodiscard]] Status go_on() const;
  void tell(std::string_view step, std::uint64_t done = 0, std::uint64_t total = 0) const;
  // Warns when a file had more findings than were kept.
  void note_dropped_findings(std::string_view file, std::uint64_t dropped);

  // Ends an installation's week by a rule, unless it has ended before: by the rule's own outcome,
  // or by the policy for its failure class, or for `failure` that of the failure.
  void settle(std::uint32_t row, WeekStage stage, const Rule& rule,
              FailureIndex failure = kNoFailure);
  // The error among these findings that comes first in the order of rules; null when none is an
  // error. Findings of the record with this ordinal only.
  [[nodiscard]] const Rule* spoiler(const std::vector<Finding>& findings,
                                    std::uint64_t ordinal) const;
};

// Turns what a check reported into findings on a record.
void add_report(std::vector<Finding>& out, CheckReport& report, const RuleSet& rules,
                const std::string& file, const codecs::FileType& type,
                const codecs::Record& record);

}  // namespace s1flow::pipeline
