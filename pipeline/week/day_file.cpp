#include "pipeline/week/day_file.h"

#include <algorithm>

#include "core/text.h"
#include "pipeline/rules/list.h"

namespace s1flow::pipeline {
namespace {

std::string hex(const codecs::crypto::Sha256Digest& digest) {
  std::string out;
  append_hex(out, digest);
  return out;
}

FileRecord record_of(const RunContext& run, const PlannedFile& planned) {
  FileRecord r;
  r.type = planned.type;
  r.name = planned.path().empty() ? planned.name : planned.path().filename().string();
  r.sender = planned.header.sender ? planned.header.sender->text() : "";
  for (const Eui64 e : planned.header.recipients)
    r.recipient += (r.recipient.empty() ? "" : " ") + e.text();
  r.group = planned.header.group.view();
  r.day = planned.header.day ? planned.header.day->text() : "";
  r.given = !planned.given.empty();
  (void)run;
  return r;
}

}  // namespace

Result<DayReading> read_day_file(RunContext& run, PlannedFile& planned,
                                 const ReadCallbacks& callbacks,
                                 std::span<const codecs::crypto::KeyHolder> holders,
                                 const std::function<std::uint64_t()>& rejected) {
  DayReading reading;
  FileRecord note = record_of(run, planned);
  reading.file = note.name;
  if (planned.path().empty()) {
    const Rule& rule = rules::file_missing.rule;
    Finding f;
    f.rule = &rule;
    f.severity = run.rules.severity(rule);
    f.file = planned.name;
    S1FLOW_TRY_VOID(run.findings.add({std::move(f)}));
    reading.refused_by = &rule;
    note.status = "rejected";
    note.refused_by = &rule;
    run.files.push_back(std::move(note));
    return reading;
  }
  const Smso& smso = run.batch.smsos[planned.smso];
  Expectation e;
  e.readers = planned.header.recipients;
  e.sender = planned.header.sender;
  const auto seen = run.counters.find(*planned.header.sender);
  e.last_counter =
      seen != run.counters.end() ? seen->second : run.batch.last_counter(*planned.header.sender);
  e.smso = smso.tag;
  e.week = planned.header.week;
  e.day = planned.header.day;
  e.group = planned.header.group;
  if (planned.type != "mcf") {
    // The MCF may be a given one with a counter of its own.
    const PlannedFile* mcf = run.plan.find("mcf", planned.smso, planned.day);
    e.mcf_sender = mcf->header.sender;
    e.mcf_counter = mcf->header.counter;
    e.not_before = mcf->header.created;
  }
  const ExchangeReader reader(run.layout(planned.type), run.schemas.find(planned.type)->second);
  S1FLOW_TRY(FileVerdict verdict,
             reader.read(planned.path(), e, holders, run.read_context(), callbacks));
  reading.accepted = planned.accepted = verdict.accepted;
  reading.refused_by = verdict.refused_by;
  reading.header = verdict.header;
  reading.records = verdict.records;
  if (verdict.accepted && verdict.header.counter && verdict.header.sender)
    run.counters[*verdict.header.sender] = *verdict.header.counter;
  note.status = verdict.accepted ? "accepted" : "rejected";
  note.refused_by = verdict.refused_by;
  note.records = verdict.records;
  note.rejected = !verdict.accepted ? verdict.records : rejected ? rejected() : 0;
  note.accepted = verdict.records - note.rejected;
  note.bytes = verdict.bytes;
  note.sha256 = hex(verdict.sha256);
  run.ledger->note(
      {.type = note.type,
       .name = note.name,
       .status = note.status,
       .rule = verdict.refused_by == nullptr ? "" : std::string(verdict.refused_by->id),
       .sha256 = note.sha256,
       .sender = verdict.header.sender,
       .counter = verdict.header.counter.value_or(0)});
  run.files.push_back(std::move(note));
  run.steps.push_back({planned.type + " " + reading.file, std::move(verdict.stages)});
  run.note_dropped_findings(reading.file, verdict.findings_dropped);
  S1FLOW_TRY_VOID(run.findings.add(verdict.findings));
  return reading;
}

void note_written(RunContext& run, const PlannedFile& planned, const WrittenFile& written) {
  FileRecord note = record_of(run, planned);
  note.name = written.path.filename().string();
  note.status = "written";
  note.records = note.accepted = written.records;
  note.bytes = written.bytes;
  note.sha256 = hex(written.sha256);
  run.files.push_back(std::move(note));
}

std::size_t mark_alive(RunContext& run, std::size_t smso, unsigned day, GroupId group) {
  std::size_t count = 0;
  for (const std::uint32_t r : run.rows_of(smso, day)) {
    run.table.pace(r);
    InstallationRow& row = run.table[r];
    row.alive = !row.settled() && (group.empty() || row.group == group.packed());
    count += row.alive ? 1 : 0;
  }
  return count;
}

Finding absent_finding(const RunContext& run, const Rule& rule, const std::string& file,
                       std::uint32_t row) {
  Finding f;
  f.rule = &rule;
  f.severity = run.rules.severity(rule);
  f.file = file;
  f.record = std::string(run.table[row].id.view());
  f.field = "installation-id";
  return f;
}

}  // namespace s1flow::pipeline
