#include "loadgen/result_json.h"

#include <cmath>

#include <fmt/format.h>

#include "core/json_text.h"
#include "loadgen/duration.h"

namespace s1flow::loadgen {
namespace {

struct Named {
  const char* name;
  double percent;
};
constexpr Named kPercentiles[] = {{"p50", 50}, {"p75", 75},     {"p90", 90},      {"p95", 95},
                                  {"p99", 99}, {"p99.9", 99.9}, {"p99.99", 99.99}};

// Rounded to a nanosecond, so that the text is as short as the figure is exact.
double ms(double nanoseconds) {
  return std::round(nanoseconds) / 1e6;
}

std::string times_json(const Histogram& h) {
  std::string out;
  JsonObject object(out);
  object.number("count", h.count());
  if (!h.empty()) {
    object.real("min", milliseconds_of(h.min())).real("mean", ms(h.mean()));
    object.real("stddev", ms(h.standard_deviation()));
    for (const Named& p : kPercentiles)
      object.real(p.name, milliseconds_of(h.percentile(p.percent)));
    object.real("max", milliseconds_of(h.max()));
  }
  object.finish();
  return out;
}

std::string outcomes_json(const ClassRecord& record) {
  std::string out;
  JsonObject object(out);
  for (std::size_t i = 0; i < kOutcomes; ++i) object.number(kOutcomeNames[i], record.outcomes[i]);
  object.finish();
  return out;
}

void add_record(JsonObject& object, const ClassRecord& record) {
  object.number("sent", record.sent).raw("outcomes", outcomes_json(record));
  object.raw("response_ms", times_json(record.first.response));
  object.raw("service_ms", times_json(record.first.service));
  if (record.transform) {
    object.raw("transform_response_ms", times_json(record.transform->response));
    object.raw("transform_service_ms", times_json(record.transform->service));
  }
  if (record.answer) {
    object.raw("answer_response_ms", times_json(record.answer->response));
    object.raw("answer_service_ms", times_json(record.answer->service));
  }
  object.raw("failed_ms", times_json(record.failed));
  object.raw("lag_ms", times_json(record.lag)).raw("own_lag_ms", times_json(record.own_lag));
}

std::string messages_text(const JoinCounts& j) {
  return fmt::format(
      "received: {} answers, {} duplicates, {} late, {} unknown, {} unsolicited, {} unreadable\n"
      "alerts: {} of devices, {} of the DCC, standing for {}\n",
      j.answers, j.duplicates, j.late, j.unknown, j.unsolicited, j.unreadable, j.device_alerts,
      j.dcc_alerts, j.alerts_stand_for);
}

double per_second(std::uint64_t n, Nanoseconds time) {
  return time.count() <= 0 ? 0 : static_cast<double>(n) / seconds_of(time);
}

std::string phase_json(const Plan& plan, std::span<const RequestClass> classes,
                       const RunResult& result, std::size_t p) {
  const Phase& phase = plan.phases()[p];
  const PhaseResult& seen = result.phases[p];
  const ClassRecord total = result.recorder.total(p);
  std::string out;
  JsonObject object(out);
  object.text("name", phase.name);
  object.text("kind", kPhaseKindNames[static_cast<std::size_t>(phase.kind)]);
  object.boolean("closed_loop", phase.schedule->closed());
  object.real("seconds", seconds_of(seen.duration));
  object.number("scheduled", seen.scheduled);
  object.real("rate_planned",
              phase.schedule->closed() ? 0 : per_second(seen.scheduled, seen.duration));
  object.real("rate_achieved", per_second(total.sent, seen.duration));
  add_record(object, total);
  if (classes.size() > 1) {
    std::string list = "[";
    for (std::size_t c = 0; c < classes.size(); ++c) {
      const ClassRecord* record = result.recorder.find(p, c);
      if (record == nullptr) continue;
      if (list.size() > 1) list += ',';
      JsonObject one(list);
      one.text("name", classes[c].name);
      add_record(one, *record);
      one.finish();
    }
    object.raw("classes", list + "]");
  }
  object.finish();
  return out;
}

std::string health_json(const RunResult& result) {
  const Health& h = result.health;
  const auto share = [&](Nanoseconds part) {
    return h.watched.count() <= 0
               ? 0.0
               : static_cast<double>(part.count()) / static_cast<double>(h.watched.count());
  };
  std::string out;
  JsonObject object(out);
  object.real("watched_seconds", seconds_of(h.watched));
  object.real("busy_share", share(h.busy)).real("run_delay_share", share(h.run_delay));
  object.real("late_share", share(h.late));
  object.real("worst_stall_ms", milliseconds_of(h.worst_stall));
  object.number("socket_limits", h.socket_limits);
  object.real("wall_clock_step_ms", milliseconds_of(result.wall_step));
  object.real("suspended_ms", milliseconds_of(result.suspended));
  object.finish();
  return out;
}

std::string join_json(const RunResult& result) {
  const JoinCounts& j = result.join;
  const ListenerCounts& l = result.listener;
  std::string out;
  JsonObject object(out);
  object.number("answers", j.answers).number("duplicates", j.duplicates).number("late", j.late);
  object.number("unknown", j.unknown);
  object.number("unsolicited", j.unsolicited).number("device_alerts", j.device_alerts);
  object.number("dcc_alerts", j.dcc_alerts);
  object.number("alerts_stand_for", j.alerts_stand_for).number("unreadable", j.unreadable);
  object.number("connections", l.accepted).number("connections_refused", l.refused);
  object.number("requests", l.requests).number("bad_requests", l.bad_requests);
  object.number("timed_out", l.timed_out).number("broken", l.broken);
  object.finish();
  return out;
}

std::string seconds_json(const RunResult& result) {
  std::string out = "[";
  for (const Second& s : result.seconds) {
    out += out.size() > 1 ? ",\n" : "\n";
    JsonObject object(out);
    object.number("second", s.second).number("planned", s.planned).number("sent", s.sent);
    object.number("ok", s.ok).number("failed", s.failed);
    object.real("p50", milliseconds_of(s.p50)).real("p90", milliseconds_of(s.p90));
    object.real("p99", milliseconds_of(s.p99)).real("p99.9", milliseconds_of(s.p999));
    object.real("max", milliseconds_of(s.max));
    object.real("service_p99", milliseconds_of(s.service_p99));
    object.real("lag_p99", milliseconds_of(s.lag_p99));
    object.finish();
  }
  return out + "]";
}

std::string verdict_json(const Verdict& verdict, int exit_code) {
  std::string list = "[";
  for (const ThresholdResult& r : verdict.thresholds) {
    if (list.size() > 1) list += ',';
    JsonObject one(list);
    one.text("threshold", r.threshold.text());
    const bool time = r.threshold.form == Threshold::Form::percentile;
    one.real(time ? "seen_ms" : "seen_share", r.seen).boolean("held", r.held);
    one.finish();
  }
  std::string out;
  JsonObject object(out);
  object.text("result", kVerdictNames[static_cast<std::size_t>(verdict.kind)]);
  object.text("reason", verdict.reason).raw("thresholds", list + "]");
  object.number("exit_code", static_cast<std::uint64_t>(exit_code));
  object.finish();
  return out;
}

}  // namespace

void append_result_json(std::string& out, const RunFacts& facts, const Plan& plan,
                        std::span<const RequestClass> classes, const RunResult& result,
                        const Verdict& verdict) {
  JsonObject object(out);
  object.text("schema", "s1flow-load").number("version", 1).text("target", facts.target);
  object.number("connections", facts.connections).number("threads", facts.threads);
  object.number("seed", facts.seed);
  object.real("start_seconds", result.start_seconds).real("seconds", seconds_of(result.duration));
  object.raw("verdict", verdict_json(verdict, facts.exit_code));
  object.real("cpu_user_seconds", seconds_of(result.cpu_user));
  object.real("cpu_system_seconds", seconds_of(result.cpu_system));
  std::uint64_t sent = 0;
  for (std::size_t p = 0; p < result.phases.size(); ++p) sent += result.recorder.total(p).sent;
  object.number("sent", sent);
  object.number("connections_opened", result.connections_opened);
  object.number("connections_failed", result.connections_failed);
  object.number("connections_lost", result.connections_lost);
  object.number("tls_resumed", result.tls_resumed);
  object.raw("health", health_json(result));
  if (!facts.signing.empty()) {
    object.text("signing", facts.signing);
    object.number("unsigned_in_time", result.unsigned_in_time);
  }
  if (result.listener.accepted != 0) object.raw("messages", join_json(result));
  if (result.rows != 0) {
    object.number("rows", result.rows).number("bytes", result.file_bytes);
    object.real("reading_seconds", seconds_of(result.reading));
  }
  std::string phases = "[";
  for (std::size_t p = 0; p < result.phases.size(); ++p)
    phases += (p == 0 ? "\n" : ",\n") + phase_json(plan, classes, result, p);
  object.raw("phases", phases + "]").raw("by_second", seconds_json(result));
  object.finish();
  out += '\n';
}

void append_result_text(std::string& out, const RunFacts& facts, const Plan& plan,
                        const RunResult& result, const Verdict& verdict) {
  const auto line = [&](std::string_view name, const Histogram& h) {
    if (h.empty()) return;
    out += fmt::format("  {:<15}", name);
    for (const double p : {50.0, 90.0, 99.0, 99.9})
      out += fmt::format(" {:>10.3f}", milliseconds_of(h.percentile(p)));
    out += fmt::format(" {:>10.3f}\n", milliseconds_of(h.max()));
  };
  if (result.rows != 0)
    out += fmt::format("{}: files, {:.2f} s\n", facts.target, seconds_of(result.duration));
  else
    out +=
        fmt::format("{}: {} connections, {} thread{}, {:.2f} s\n", facts.target, facts.connections,
                    facts.threads, facts.threads == 1 ? "" : "s", seconds_of(result.duration));
  if (!facts.signing.empty())
    out += fmt::format("signed: {}; {} unsigned in time\n", facts.signing, result.unsigned_in_time);
  for (std::size_t p = 0; p < result.phases.size(); ++p) {
    const Phase& phase = plan.phases()[p];
    const PhaseResult& seen = result.phases[p];
    const ClassRecord total = result.recorder.total(p);
    out += fmt::format("\n{} ({}{}, {:.2f} s): {} scheduled, {} sent", phase.name,
                       kPhaseKindNames[static_cast<std::size_t>(phase.kind)],
                       phase.schedule->closed() ? ", closed loop" : "", seconds_of(seen.duration),
                       seen.scheduled, total.sent);
    if (!phase.schedule->closed())
      out += fmt::format(", {:.1f}/s planned", per_second(seen.scheduled, seen.duration));
    out += fmt::format(", {:.1f}/s achieved\n ", per_second(total.sent, seen.duration));
    for (std::size_t i = 0; i < kOutcomes; ++i)
      if (total.outcomes[i] != 0) out += fmt::format(" {} {}", kOutcomeNames[i], total.outcomes[i]);
    out += fmt::format("\n  {:<15} {:>10} {:>10} {:>10} {:>10} {:>10}\n", "milliseconds", "p50",
                       "p90", "p99", "p99.9", "max");
    if (total.transform) line("transform", total.transform->response);
    line(total.answer ? "acknowledged" : "response time", total.first.response);
    line("service time", total.first.service);
    if (total.answer) line("answer", total.answer->response);
    line("failed", total.failed);
    line("send lag", total.lag);
    line("own lag", total.own_lag);
  }
  if (result.listener.accepted != 0) out += '\n' + messages_text(result.join);
  if (result.rows != 0)
    out += fmt::format("\nread: {} rows, {:.1f} MB in {:.3f} s: {:.0f} rows/s, {:.1f} MB/s\n",
                       result.rows, static_cast<double>(result.file_bytes) / 1e6,
                       seconds_of(result.reading), per_second(result.rows, result.reading),
                       per_second(result.file_bytes, result.reading) / 1e6);
  out += fmt::format("\nprocessor: {:.2f} s user, {:.2f} s system\n", seconds_of(result.cpu_user),
                     seconds_of(result.cpu_system));
  std::string name(kVerdictNames[static_cast<std::size_t>(verdict.kind)]);
  if (verdict.kind == VerdictKind::invalid) name = "INVALID";
  out += fmt::format("verdict: {}: {}\n", name, verdict.reason);
}

std::string second_text(const Second& s, Nanoseconds whole) {
  std::string out = fmt::format("{} of {:.0f} s: ", s.second + 1, seconds_of(whole));
  if (s.planned != 0) out += fmt::format("{}/s planned, ", s.planned);
  out += fmt::format("{}/s sent, p50 {:.3f} p99 {:.3f} ms, {} failed, lag p99 {:.3f} ms", s.sent,
                     milliseconds_of(s.p50), milliseconds_of(s.p99), s.failed,
                     milliseconds_of(s.lag_p99));
  return out;
}

}  // namespace s1flow::loadgen
