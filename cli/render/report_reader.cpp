#include "cli/render/report_reader.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include "cli/render/load_reader.h"
#include "cli/render/report_node.h"
#include "core/text.h"

namespace s1flow::render {
namespace {

using namespace report;
namespace json = boost::json;

std::string read_text_item(const Node& n) {
  return n.text();
}

Program read_program(const Node& n) {
  return {.name = n.at("name").text(),
          .version = n.at("version").text(),
          .build_type = n.at("build_type").text(),
          .compiler = n.at("compiler").text(),
          .libraries = n.at("libraries").list([](const Node& l) {
            return Library{.name = l.at("name").text(), .version = l.at("version").text()};
          })};
}

Machine read_machine(const Node& n) {
  return {.cpu = n.at("cpu").text(),
          .cores = n.at("cores").count(),
          .memory_bytes = n.at("memory_bytes").count(),
          .kernel = n.at("kernel").text()};
}

Conditions read_run(const Node& n) {
  return {.batch = n.at("batch").text(),
          .output = n.at("output").text(),
          .clock = n.at("clock").text(),
          .seed = n.at("seed").count(),
          .workers = n.at("workers").count(),
          .chunk_bytes = n.at("chunk_bytes").count(),
          .layouts = n.at("layouts").list(read_text_item),
          .wall = n.at("wall_seconds").seconds(),
          .peak_rss_bytes = n.at("peak_rss_bytes").count(),
          .id_table_bytes = n.at("id_table_bytes").count()};
}

Week read_week(const Node& n) {
  return {.monday = n.at("monday").text(),
          .groups = n.at("groups").list(read_text_item),
          .parties = n.at("parties").list([](const Node& p) {
            return Party{.role = p.at("role").text(),
                         .name = p.at("name").text(),
                         .eui = p.at("eui").text()};
          })};
}

FunnelStep read_step(const Node& n) {
  return {.id = n.at("id").text(),
          .title = n.at("title").text(),
          .unit = n.at("unit").text(),
          .count = n.at("count").count()};
}

FindingExample read_example(const Node& n) {
  return {.file = n.at("file").text(),
          .record = n.at("record").text(),
          .field = n.at("field").text(),
          .seen = n.at("seen").text(),
          .line = n.at("line").count()};
}

RuleFindings read_rule(const Node& n) {
  static constexpr std::array<std::string_view, 2> kScopes{"record", "file"};
  return {.rule = n.at("rule").text(),
          .title = n.at("title").text(),
          .severity = n.at("severity").one_of<Severity>(kSeverityNames),
          .scope = n.at("scope").one_of<RuleScope>(kScopes),
          .clause = n.at("clause").text(),
          .public_code = n.at("public_code").text(),
          .count = n.at("count").count(),
          .examples = n.at("examples").list(read_example)};
}

OutcomeTitle read_outcome_title(const Node& n) {
  return {.id = n.at("id").text(),
          .title = n.at("title").text(),
          .kind = n.at("kind").one_of<OutcomeKind>(kOutcomeKindNames)};
}

OutcomeRow read_outcome(const Node& n) {
  return {.supplier_eui = n.at("supplier_eui").text(),
          .supplier_name = n.at("supplier_name").text(),
          .group = n.at("group").text(),
          .day = n.at("day").text(),
          .outcome = n.at("outcome").text(),
          .reason = n.at("reason").text(),
          .count = n.at("count").count()};
}

Outcomes read_outcomes(const Node& n) {
  return {.titles = n.at("titles").list(read_outcome_title),
          .reasons = n.at("reasons").list([](const Node& r) {
            return ReasonTitle{.id = r.at("id").text(), .title = r.at("title").text()};
          }),
          .rows = n.at("rows").list(read_outcome)};
}

File read_file(const Node& n) {
  return {.type = n.at("type").text(),
          .name = n.at("name").text(),
          .sender = n.at("sender").text(),
          .recipient = n.at("recipient").text(),
          .group = n.at("group").text(),
          .day = n.at("day").text(),
          .status = n.at("status").one_of<FileStatus>(kFileStatusNames),
          .rejected_by = n.at("rejected_by").text(),
          .records_in = n.at("records_in").count(),
          .accepted = n.at("accepted").count(),
          .rejected = n.at("rejected").count(),
          .bytes = n.at("bytes").count(),
          .sha256 = n.at("sha256").text(),
          .origin = n.at("origin").one_of<FileOrigin>(kFileOriginNames)};
}

Stage read_stage(const Node& n) {
  return {.step = n.at("step").text(),
          .stage = n.at("stage").text(),
          .records = n.at("records").count(),
          .bytes = n.at("bytes").count(),
          .busy = n.at("busy_seconds").seconds(),
          .waiting = n.at("waiting_seconds").seconds()};
}

ConservationCheck read_check(const Node& n) {
  return {.id = n.at("id").text(),
          .title = n.at("title").text(),
          .in = n.at("in").count(),
          .out = n.at("out").count(),
          .holds = n.at("holds").boolean()};
}

DryRun read_dry_run(const Node& n) {
  return {.week = read_week(n.at("week")),
          .funnel = n.at("funnel").list(read_step),
          .findings = n.at("findings").list(read_rule),
          .outcomes = read_outcomes(n.at("outcomes")),
          .files = n.at("files").list(read_file),
          .stages = n.at("stages").list(read_stage),
          .conservation = n.at("conservation").list(read_check)};
}

}  // namespace

Result<RunReport> read_run_report(std::string_view report_json) {
  json::error_code error;
  json::parse_options options;
  options.max_depth = 16;
  const json::value root =
      json::parse({report_json.data(), report_json.size()}, error, {}, options);
  if (error)
    return tl::unexpected(usage_error(fmt::format("report: not JSON: {}", error.message())));

  std::string fault;
  const Node n(root, fault);
  const std::string name = n.at("schema").at("name").text();
  const std::uint64_t version = n.at("schema").at("version").count();
  if (fault.empty() && (name != kReportSchema || version != kReportVersion))
    return tl::unexpected(usage_error(fmt::format(
        "report: its schema is {} {}, this program reads {} {}; use the s1flow that wrote it",
        shown(name), version, kReportSchema, kReportVersion)));

  RunReport out;
  out.kind = n.at("kind").one_of<Kind>(kKindNames);
  out.program = read_program(n.at("program"));
  out.machine = read_machine(n.at("machine"));
  out.run = read_run(n.at("run"));
  const Node verdict = n.at("verdict");
  out.verdict = {.state = verdict.at("state").one_of<State>(kStateNames),
                 .exit_code = verdict.at("exit_code").count(),
                 .reason = verdict.at("reason").text()};
  if (out.kind == Kind::dry_run || n.has("dry_run")) out.dry_run = read_dry_run(n.at("dry_run"));
  if (out.kind == Kind::load || n.has("load")) out.load = read_load(n.at("load"));
  out.warnings = n.at("warnings").list(read_text_item);
  if (!fault.empty()) return tl::unexpected(usage_error(std::move(fault)));
  return out;
}

}  // namespace s1flow::render
