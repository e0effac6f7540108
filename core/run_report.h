#pragma once
// RunReport: the one result of a run, kept as report.json; every table and chart is made from it.
// A dry run fills `dry_run`, a load test `load` (load_report.h); they share the rest.
// schemas/report.schema.json describes the JSON.
//
// A report is a record of what was seen, also when that was wrong, and it is read back and rendered
// long after the run. So ids and dates are text here, not checked types, and an empty text means
// "not known". Order matters where a list is a sequence (funnel, outcome titles, stages); whoever
// fills the report sorts the rest, so that equal runs give equal bytes.
//
// Plain values; no sharing.

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/finding.h"
#include "core/load_report.h"

namespace s1flow {

inline constexpr std::string_view kReportSchema = "s1flow-report";
inline constexpr std::uint64_t kReportVersion = 1;

namespace report {

using Nanoseconds = std::chrono::nanoseconds;

struct Library {
  std::string name;
  std::string version;
};

struct Program {
  std::string name = "s1flow";
  std::string version;
  std::string build_type;
  std::string compiler;
  std::vector<Library> libraries;
};

struct Machine {
  std::string cpu;
  std::uint64_t cores = 0;
  std::uint64_t memory_bytes = 0;
  std::string kernel;
};

// What the run was asked to do and what it took.
struct Conditions {
  std::string batch;   // name, not a path
  std::string output;  // name of the output folder, not a path
  std::string clock;   // the batch's own time, ISO 8601 UTC; never the wall clock
  std::uint64_t seed = 0;
  std::uint64_t workers = 0;
  std::uint64_t chunk_bytes = 0;
  std::vector<std::string> layouts;  // names of the layout sets
  Nanoseconds wall{};
  std::uint64_t peak_rss_bytes = 0;
  std::uint64_t id_table_bytes = 0;  // the part of memory that grows with the installations
};

enum class State : std::uint8_t { completed, stopped, failed };
inline constexpr std::array<std::string_view, 3> kStateNames{"completed", "stopped", "failed"};

struct Verdict {
  State state = State::completed;
  std::uint64_t exit_code = 0;
  std::string reason;  // one line; empty when there is nothing to add
};

struct Party {
  std::string role;
  std::string name;
  std::string eui;
};

struct Week {
  std::string monday;  // ISO date
  std::vector<std::string> groups;
  std::vector<Party> parties;
};

// One step of the funnel. Only steps that count the same unit are compared with each other: a MAF
// may name one installation in two rows.
struct FunnelStep {
  std::string id;
  std::string title;
  std::string unit;  // "rows", "installations"
  std::uint64_t count = 0;
};

struct FindingExample {
  std::string file;
  std::string record;
  std::string field;
  std::string seen;
  std::uint64_t line = 0;  // 0: not known
};

inline constexpr std::size_t kFindingExamples = 3;  // at most, per rule

struct RuleFindings {
  std::string rule;
  std::string title;
  Severity severity = Severity::error;  // as the batch set it
  RuleScope scope = RuleScope::record;
  std::string clause;
  std::string public_code;
  std::uint64_t count = 0;
  std::vector<FindingExample> examples;
};

// good: the installation is migrated; open: it will be tried again or waits; bad: it was refused or
// failed. Only the good ones count as commissioned in ratios.
enum class OutcomeKind : std::uint8_t { good, open, bad };
inline constexpr std::array<std::string_view, 3> kOutcomeKindNames{"good", "open", "bad"};

struct OutcomeTitle {
  std::string id;
  std::string title;
  OutcomeKind kind = OutcomeKind::bad;
};

struct ReasonTitle {
  std::string id;  // a rule id, or the id of a step that failed
  std::string title;
};

// One cell of the outcome cube; each installation is counted in exactly one.
struct OutcomeRow {
  std::string supplier_eui;
  std::string supplier_name;
  std::string group;
  std::string day;      // ISO date
  std::string outcome;  // id of an OutcomeTitle
  std::string reason;   // id of a ReasonTitle; empty when the outcome needs none
  std::uint64_t count = 0;
};

struct Outcomes {
  std::vector<OutcomeTitle> titles;
  std::vector<ReasonTitle> reasons;
  std::vector<OutcomeRow> rows;
};

enum class FileStatus : std::uint8_t { accepted, rejected, written };
inline constexpr std::array<std::string_view, 3> kFileStatusNames{"accepted", "rejected",
                                                                  "written"};
enum class FileOrigin : std::uint8_t { made, given };
inline constexpr std::array<std::string_view, 2> kFileOriginNames{"made", "given"};

struct File {
  std::string type;  // "maf", "mcf" ...
  std::string name;  // without folders
  std::string sender;
  std::string recipient;
  std::string group;
  std::string day;
  FileStatus status = FileStatus::accepted;
  std::string rejected_by;  // rule id; empty unless status is rejected
  std::uint64_t records_in = 0;
  std::uint64_t accepted = 0;
  std::uint64_t rejected = 0;
  std::uint64_t bytes = 0;
  std::string sha256;  // 64 hex digits, or empty
  FileOrigin origin = FileOrigin::made;
};

struct Stage {
  std::string step;   // what was being worked on: "MCF", "S1SP checks"
  std::string stage;  // a stage of the pipeline: "decode", "rules"
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;
  Nanoseconds busy{};     // summed over workers
  Nanoseconds waiting{};  // for input or for a place in the output
};

struct ConservationCheck {
  std::string id;
  std::string title;
  std::uint64_t in = 0;
  std::uint64_t out = 0;
  bool holds = false;
};

struct DryRun {
  Week week;
  std::vector<FunnelStep> funnel;
  std::vector<RuleFindings> findings;
  Outcomes outcomes;
  std::vector<File> files;
  std::vector<Stage> stages;
  std::vector<ConservationCheck> conservation;
};

enum class Kind : std::uint8_t { dry_run, load };
inline constexpr std::array<std::string_view, 2> kKindNames{"dry-run", "load"};

}  // namespace report

struct RunReport {
  report::Kind kind = report::Kind::dry_run;
  report::Program program;
  report::Machine machine;
  report::Conditions run;
  report::Verdict verdict;
  std::optional<report::DryRun> dry_run;  // of kind dry_run; none is written as an empty one
  std::optional<report::Load> load;       // of kind load; likewise
  std::vector<std::string> warnings;      // what makes a figure doubtful, one text each
};

// The text of report.json with a final newline. Rows of lists stand on lines of their own, so that
// two reports can be compared with line tools.
void append_json(std::string& out, const RunReport& run_report);

}  // namespace s1flow
