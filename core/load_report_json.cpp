// load_json of core/load_report.h.

#include <cstdlib>
#include <utility>

#include <fmt/format.h>

#include "core/histogram_log.h"
#include "core/json_text.h"
#include "core/load_report.h"
#include "core/text.h"

namespace s1flow::report {
namespace {

// In thirteen digits: readers of JSON may be off in the last bit of a number, and a report that was
// read has to be written again as it was.
double figure(double value) {
  return std::strtod(fmt::format("{:.13g}", value).c_str(), nullptr);
}

template <typename Enum, std::size_t N>
std::string_view name_in(const std::array<std::string_view, N>& names, Enum value) {
  return names[static_cast<std::size_t>(value)];
}

double seconds(Nanoseconds time) {
  return std::chrono::duration<double>(time).count();
}

double milliseconds(Nanoseconds time) {
  return static_cast<double>(time.count()) / 1e6;
}

std::uint64_t nanoseconds(Nanoseconds time) {
  return static_cast<std::uint64_t>(time.count());
}

// The text form holds the counts; what it does not hold stands beside it. `ms` repeats it for those
// who read with other tools.
std::string histogram_json(const Histogram& h) {
  return json_object([&](JsonObject& o) {
    o.number("count", h.count());
    if (h.empty()) return;
    o.number("min_ns", nanoseconds(h.min())).number("max_ns", nanoseconds(h.max()));
    o.number("saturated", h.saturated());
    o.raw("ms", json_object([&](JsonObject& ms) {
            ms.real("mean", h.mean() / 1e6);
            constexpr std::pair<std::string_view, double> kPercentiles[] = {
                {"p50", 50}, {"p90", 90}, {"p95", 95}, {"p99", 99}, {"p99.9", 99.9}};
            for (const auto& [name, percent] : kPercentiles)
              ms.real(name, milliseconds(h.percentile(percent)));
            ms.real("max", milliseconds(h.max()));
          }));
    std::string text;
    append_base64(text, as_bytes(encode_compressed(h)));
    o.text("hdr", text);
  });
}

std::string counts_json(const std::vector<std::uint64_t>& values) {
  std::string out = "[";
  for (const std::uint64_t v : values) {
    if (out.size() > 1) out.push_back(',');
    append_decimal(out, v);
  }
  out.push_back(']');
  return out;
}

std::string times_json(const std::vector<Nanoseconds>& values) {
  std::string out = "[";
  for (const Nanoseconds v : values) {
    if (out.size() > 1) out.push_back(',');
    append_decimal(out, nanoseconds(v));
  }
  out.push_back(']');
  return out;
}

std::string target_json(const std::vector<TargetTime>& targets) {
  return json_rows(targets, [](std::string& out, const TargetTime& t) {
    JsonObject(out)
        .text("generation", t.generation)
        .real("seconds", seconds(t.limit))
        .text("source", t.source)
        .finish();
  });
}

void append_class(std::string& out, const LoadClass& c) {
  JsonObject(out)
      .text("name", c.name)
      .text("srv", c.srv)
      .text("title", c.title)
      .text("role", c.role)
      .text("shape", name_in(kShapeNames, c.shape))
      .raw("targets", target_json(c.targets))
      .finish();
}

void append_phase(std::string& out, const LoadPhase& p) {
  JsonObject(out)
      .text("name", p.name)
      .boolean("measures", p.measures)
      .boolean("closed_loop", p.closed_loop)
      .real("start_seconds", seconds(p.start))
      .real("planned_seconds", seconds(p.planned))
      .real("lasted_seconds", seconds(p.lasted))
      .number("scheduled", p.scheduled)
      .finish();
}

void append_leg(std::string& out, const LegTimes& l) {
  JsonObject(out)
      .text("leg", name_in(kLegNames, l.leg))
      .raw("response", histogram_json(l.response))
      .raw("service", histogram_json(l.service))
      .finish();
}

void append_record(std::string& out, const LoadRecord& r) {
  JsonObject(out)
      .number("phase", r.phase)
      .number("class", r.klass)
      .number("sent", r.sent)
      .raw("outcomes", counts_json(r.outcomes))
      .raw("legs", json_rows(r.legs, append_leg))
      .raw("failed", histogram_json(r.failed))
      .raw("lag", histogram_json(r.lag))
      .raw("own_lag", histogram_json(r.own_lag))
      .finish();
}

void append_columns(std::string& out, const LegColumns& c) {
  JsonObject(out)
      .text("leg", c.leg)
      .raw("count", counts_json(c.count))
      .raw("p50_ns", times_json(c.p50))
      .raw("p90_ns", times_json(c.p90))
      .raw("p99_ns", times_json(c.p99))
      .raw("p99.9_ns", times_json(c.p999))
      .raw("max_ns", times_json(c.max))
      .raw("service_p50_ns", times_json(c.service_p50))
      .raw("service_p99_ns", times_json(c.service_p99))
      .finish();
}

void append_series(std::string& out, const Series& s) {
  std::vector<std::uint64_t> heat;
  heat.reserve(s.heat.size() * 3);
  for (const HeatCell& cell : s.heat) heat.insert(heat.end(), {cell.slot, cell.band, cell.count});
  JsonObject(out)
      .raw("planned", counts_json(s.planned))
      .raw("sent", counts_json(s.sent))
      .raw("ok", counts_json(s.ok))
      .raw("failed", counts_json(s.failed))
      .raw("lag_p99_ns", times_json(s.lag_p99))
      .raw("lag_max_ns", times_json(s.lag_max))
      .raw("legs", json_rows(s.legs, append_columns))
      .raw("heat", counts_json(heat))
      .finish();
}

std::string timeline_json(const Timeline& t) {
  return json_object([&](JsonObject& o) {
    std::string all;
    append_series(all, t.all);
    o.real("step_seconds", seconds(t.step))
        .number("slots", t.slots)
        .raw("all", all)
        .raw("classes", json_rows(t.classes, append_series));
  });
}

void append_named(std::string& out, const Named& n) {
  JsonObject(out).text("id", n.id).text("title", n.title).finish();
}

void append_named_count(std::string& out, const NamedCount& n) {
  JsonObject(out).text("id", n.id).text("title", n.title).number("count", n.count).finish();
}

void append_health(std::string& out, const HealthFigure& f) {
  JsonObject o(out);
  o.text("id", f.id).text("title", f.title).text("unit", f.unit).real("seen", figure(f.seen));
  if (f.limit) o.real("limit", figure(*f.limit));
  o.boolean("holds", f.holds).finish();
}

void append_threshold(std::string& out, const ThresholdOutcome& t) {
  JsonObject o(out);
  o.text("text", t.text).text("unit", t.unit).real("limit", figure(t.limit));
  if (t.seen) o.real("seen", figure(*t.seen));
  o.boolean("held", t.held).finish();
}

}  // namespace

std::string load_json(const Load& l) {
  return json_object([&](JsonObject& o) {
    o.text("scenario", l.scenario)
        .text("target", l.target)
        .text("started", l.started)
        .real("start_seconds", figure(l.start_seconds))
        .number("connections", l.connections)
        .text("tls", l.tls)
        .text("signing", l.signing)
        .number("generators", l.generators)
        .real("timeout_seconds", seconds(l.timeout))
        .real("lasted_seconds", seconds(l.lasted))
        .real("cpu_user_seconds", seconds(l.cpu_user))
        .real("cpu_system_seconds", seconds(l.cpu_system))
        .text("judgement", name_in(kJudgementNames, l.judgement))
        .raw("thresholds", json_rows(l.thresholds, append_threshold))
        .raw("health", json_rows(l.health, append_health))
        .raw("outcomes", json_rows(l.outcomes, append_named))
        .raw("classes", json_rows(l.classes, append_class))
        .raw("phases", json_rows(l.phases, append_phase))
        .raw("connections_seen", json_rows(l.connections_seen, append_named_count))
        .raw("messages", json_rows(l.messages, append_named_count))
        .raw("receiver", json_rows(l.receiver, append_named_count))
        .raw("records", json_rows(l.records, append_record))
        .raw("overview", timeline_json(l.overview))
        .raw("seconds", timeline_json(l.seconds));
  });
}

}  // namespace s1flow::report
