#include "core/run_report.h"

#include "core/json_text.h"

namespace s1flow {
namespace {

using namespace report;

double seconds(Nanoseconds time) {
  return std::chrono::duration<double>(time).count();
}

template <std::size_t N, typename Enum>
std::string_view name_in(const std::array<std::string_view, N>& names, Enum value) {
  return names[static_cast<std::size_t>(value)];
}

void append_text(std::string& out, const std::string& text) {
  append_json_string(out, text);
}

void append_library(std::string& out, const Library& l) {
  JsonObject(out).text("name", l.name).text("version", l.version).finish();
}

void append_party(std::string& out, const Party& p) {
  JsonObject(out).text("role", p.role).text("name", p.name).text("eui", p.eui).finish();
}

void append_step(std::string& out, const FunnelStep& s) {
  JsonObject(out)
      .text("id", s.id)
      .text("title", s.title)
      .text("unit", s.unit)
      .number("count", s.count)
      .finish();
}

void append_example(std::string& out, const FindingExample& e) {
  JsonObject(out)
      .text("file", e.file)
      .text("record", e.record)
      .text("field", e.field)
      .text("seen", e.seen)
      .number("line", e.line)
      .finish();
}

void append_rule(std::string& out, const RuleFindings& f) {
  JsonObject(out)
      .text("rule", f.rule)
      .text("title", f.title)
      .text("severity", name_of(f.severity))
      .text("scope", f.scope == RuleScope::file ? "file" : "record")
      .text("clause", f.clause)
      .text("public_code", f.public_code)
      .number("count", f.count)
      .raw("examples", json_rows(f.examples, append_example))
      .finish();
}

void append_outcome_title(std::string& out, const OutcomeTitle& t) {
  JsonObject(out)
      .text("id", t.id)
      .text("title", t.title)
      .text("kind", name_in(kOutcomeKindNames, t.kind))
      .finish();
}

void append_reason(std::string& out, const ReasonTitle& r) {
  JsonObject(out).text("id", r.id).text("title", r.title).finish();
}

void append_outcome(std::string& out, const OutcomeRow& r) {
  JsonObject(out)
      .text("supplier_eui", r.supplier_eui)
      .text("supplier_name", r.supplier_name)
      .text("group", r.group)
      .text("day", r.day)
      .text("outcome", r.outcome)
      .text("reason", r.reason)
      .number("count", r.count)
      .finish();
}

void append_file(std::string& out, const File& f) {
  JsonObject(out)
      .text("type", f.type)
      .text("name", f.name)
      .text("sender", f.sender)
      .text("recipient", f.recipient)
      .text("group", f.group)
      .text("day", f.day)
      .text("status", name_in(kFileStatusNames, f.status))
      .text("rejected_by", f.rejected_by)
      .number("records_in", f.records_in)
      .number("accepted", f.accepted)
      .number("rejected", f.rejected)
      .number("bytes", f.bytes)
      .text("sha256", f.sha256)
      .text("origin", name_in(kFileOriginNames, f.origin))
      .finish();
}

void append_stage(std::string& out, const Stage& s) {
  JsonObject(out)
      .text("step", s.step)
      .text("stage", s.stage)
      .number("records", s.records)
      .number("bytes", s.bytes)
      .real("busy_seconds", seconds(s.busy))
      .real("waiting_seconds", seconds(s.waiting))
      .finish();
}

void append_check(std::string& out, const ConservationCheck& c) {
  JsonObject(out)
      .text("id", c.id)
      .text("title", c.title)
      .number("in", c.in)
      .number("out", c.out)
      .boolean("holds", c.holds)
      .finish();
}

std::string program_json(const Program& p) {
  return json_object([&](JsonObject& o) {
    o.text("name", p.name)
        .text("version", p.version)
        .text("build_type", p.build_type)
        .text("compiler", p.compiler)
        .raw("libraries", json_rows(p.libraries, append_library));
  });
}

std::string machine_json(const Machine& m) {
  return json_object([&](JsonObject& o) {
    o.text("cpu", m.cpu)
        .number("cores", m.cores)
        .number("memory_bytes", m.memory_bytes)
        .text("kernel", m.kernel);
  });
}

std::string run_json(const Conditions& r) {
  return json_object([&](JsonObject& o) {
    o.text("batch", r.batch)
        .text("output", r.output)
        .text("clock", r.clock)
        .number("seed", r.seed)
        .number("workers", r.workers)
        .number("chunk_bytes", r.chunk_bytes)
        .raw("layouts", json_rows(r.layouts, append_text))
        .real("wall_seconds", seconds(r.wall))
        .number("peak_rss_bytes", r.peak_rss_bytes)
        .number("id_table_bytes", r.id_table_bytes);
  });
}

std::string dry_run_json(const DryRun& d) {
  const std::string week = json_object([&](JsonObject& o) {
    o.text("monday", d.week.monday)
        .raw("groups", json_rows(d.week.groups, append_text))
        .raw("parties", json_rows(d.week.parties, append_party));
  });
  const std::string outcomes = json_object([&](JsonObject& o) {
    o.raw("titles", json_rows(d.outcomes.titles, append_outcome_title))
        .raw("reasons", json_rows(d.outcomes.reasons, append_reason))
        .raw("rows", json_rows(d.outcomes.rows, append_outcome));
  });
  return json_object([&](JsonObject& o) {
    o.raw("week", week)
        .raw("funnel", json_rows(d.funnel, append_step))
        .raw("findings", json_rows(d.findings, append_rule))
        .raw("outcomes", outcomes)
        .raw("files", json_rows(d.files, append_file))
        .raw("stages", json_rows(d.stages, append_stage))
        .raw("conservation", json_rows(d.conservation, append_check));
  });
}

}  // namespace

void append_json(std::string& out, const RunReport& r) {
  const std::string schema = json_object(
      [](JsonObject& o) { o.text("name", kReportSchema).number("version", kReportVersion); });
  const std::string verdict = json_object([&](JsonObject& o) {
    o.text("state", name_in(kStateNames, r.verdict.state))
        .number("exit_code", r.verdict.exit_code)
        .text("reason", r.verdict.reason);
  });
  JsonObject o(out);
  o.raw("schema", schema)
      .text("kind", name_in(kKindNames, r.kind))
      .raw("program", program_json(r.program))
      .raw("machine", machine_json(r.machine))
      .raw("run", run_json(r.run))
      .raw("verdict", verdict);
  // A dry run has its section also when it ended before there was anything to put into it.
  if (r.dry_run || r.kind == Kind::dry_run)
    o.raw("dry_run", dry_run_json(r.dry_run.value_or(DryRun())));
  if (r.load || r.kind == Kind::load) o.raw("load", load_json(r.load.value_or(Load())));
  o.raw("warnings", json_rows(r.warnings, append_text));
  o.finish();
  out.push_back('\n');
}

}  // namespace s1flow
