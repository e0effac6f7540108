#include "cli/render/load_reader.h"

#include "core/histogram_log.h"
#include "core/text.h"

namespace s1flow::render {
namespace {

using namespace report;

Histogram read_histogram(const Node& n) {
  const std::uint64_t count = n.at("count").count();
  if (count == 0) return {};
  const auto bytes = decode_base64(n.at("hdr").text());
  if (!bytes) return n.at("hdr").refuse("not base64"), Histogram();
  auto read = decode_compressed(*bytes);
  if (!read) return n.at("hdr").refuse(read.error().message()), Histogram();
  if (read->count() != count ||
      !read->restore(n.at("min_ns").nanoseconds(), n.at("max_ns").nanoseconds(),
                     n.at("saturated").count()))
    n.refuse("its count, least or largest value is not that of its histogram");
  return *std::move(read);
}

std::uint64_t read_count(const Node& n) {
  return n.count();
}

Nanoseconds read_nanoseconds(const Node& n) {
  return n.nanoseconds();
}

std::vector<std::uint64_t> counts(const Node& n) {
  return n.list(read_count);
}

std::vector<Nanoseconds> times(const Node& n) {
  return n.list(read_nanoseconds);
}

LoadClass read_class(const Node& n) {
  return {.name = n.at("name").text(),
          .srv = n.at("srv").text(),
          .title = n.at("title").text(),
          .role = n.at("role").text(),
          .shape = n.at("shape").one_of<Shape>(kShapeNames),
          .targets = n.at("targets").list([](const Node& t) {
            return TargetTime{.generation = t.at("generation").text(),
                              .limit = t.at("seconds").seconds(),
                              .source = t.at("source").text()};
          })};
}

LoadPhase read_phase(const Node& n) {
  return {.name = n.at("name").text(),
          .measures = n.at("measures").boolean(),
          .closed_loop = n.at("closed_loop").boolean(),
          .start = n.at("start_seconds").seconds(),
          .planned = n.at("planned_seconds").seconds(),
          .lasted = n.at("lasted_seconds").seconds(),
          .scheduled = n.at("scheduled").count()};
}

LegTimes read_leg(const Node& n) {
  return {.leg = n.at("leg").one_of<Leg>(kLegNames),
          .response = read_histogram(n.at("response")),
          .service = read_histogram(n.at("service"))};
}

LoadRecord read_record(const Node& n) {
  return {.phase = n.at("phase").count(),
          .klass = n.at("class").count(),
          .sent = n.at("sent").count(),
          .outcomes = counts(n.at("outcomes")),
          .legs = n.at("legs").list(read_leg),
          .failed = read_histogram(n.at("failed")),
          .lag = read_histogram(n.at("lag")),
          .own_lag = read_histogram(n.at("own_lag"))};
}

LegColumns read_columns(const Node& n) {
  return {.leg = n.at("leg").text(),
          .count = counts(n.at("count")),
          .p50 = times(n.at("p50_ns")),
          .p90 = times(n.at("p90_ns")),
          .p99 = times(n.at("p99_ns")),
          .p999 = times(n.at("p99.9_ns")),
          .max = times(n.at("max_ns")),
          .service_p50 = times(n.at("service_p50_ns")),
          .service_p99 = times(n.at("service_p99_ns"))};
}

// Every column has as many places as the timeline has slots: whoever draws relies on it.
void check_columns(const Node& n, const Series& s, std::uint64_t slots) {
  bool fits = s.lag_p99.size() == slots && s.lag_max.size() == slots;
  for (const auto* column : {&s.planned, &s.sent, &s.ok, &s.failed})
    fits = fits && column->size() == slots;
  for (const LegColumns& c : s.legs) {
    fits = fits && c.count.size() == slots;
    for (const auto* column :
         {&c.p50, &c.p90, &c.p99, &c.p999, &c.max, &c.service_p50, &c.service_p99})
      fits = fits && column->size() == slots;
  }
  for (const HeatCell& cell : s.heat) fits = fits && cell.slot < slots && cell.band < kBands;
  if (!fits) n.refuse("its columns do not have as many places as there are slots");
}

Series read_series(const Node& n, std::uint64_t slots) {
  Series s{.planned = counts(n.at("planned")),
           .sent = counts(n.at("sent")),
           .ok = counts(n.at("ok")),
           .failed = counts(n.at("failed")),
           .lag_p99 = times(n.at("lag_p99_ns")),
           .lag_max = times(n.at("lag_max_ns")),
           .legs = n.at("legs").list(read_columns),
           .heat = {}};
  const std::vector<std::uint64_t> heat = counts(n.at("heat"));
  if (heat.size() % 3 != 0) n.at("heat").refuse("not groups of slot, band and count");
  for (std::size_t i = 0; i + 2 < heat.size(); i += 3)
    s.heat.push_back({heat[i], heat[i + 1], heat[i + 2]});
  check_columns(n, s, slots);
  return s;
}

Timeline read_timeline(const Node& n, std::size_t classes) {
  const std::uint64_t slots = n.at("slots").count();
  const auto series = [slots](const Node& s) { return read_series(s, slots); };
  Timeline t{.step = n.at("step_seconds").seconds(),
             .slots = slots,
             .all = series(n.at("all")),
             .classes = n.at("classes").list(series)};
  if (t.step.count() <= 0 && slots != 0) n.at("step_seconds").refuse("not more than 0");
  if (t.classes.size() != classes && slots != 0)
    n.at("classes").refuse("not as many as the report has");
  return t;
}

Named read_named(const Node& n) {
  return {.id = n.at("id").text(), .title = n.at("title").text()};
}

NamedCount read_named_count(const Node& n) {
  return {.id = n.at("id").text(), .title = n.at("title").text(), .count = n.at("count").count()};
}

std::optional<double> optional_real(const Node& n, std::string_view key) {
  if (!n.has(key)) return std::nullopt;
  return n.at(key).real();
}

HealthFigure read_health(const Node& n) {
  return {.id = n.at("id").text(),
          .title = n.at("title").text(),
          .unit = n.at("unit").text(),
          .seen = n.at("seen").real(),
          .limit = optional_real(n, "limit"),
          .holds = n.at("holds").boolean()};
}

ThresholdOutcome read_threshold(const Node& n) {
  return {.text = n.at("text").text(),
          .unit = n.at("unit").text(),
          .limit = n.at("limit").real(),
          .seen = optional_real(n, "seen"),
          .held = n.at("held").boolean()};
}

// Places in lists lead somewhere.
void check_places(const Node& n, const Load& l) {
  if (l.outcomes.empty() && !l.classes.empty()) n.at("outcomes").refuse("empty");
  for (const LoadRecord& r : l.records) {
    if (r.phase >= l.phases.size() || r.klass >= l.classes.size())
      n.at("records").refuse("a record of a phase or class that there is not");
    else if (r.outcomes.size() != l.outcomes.size())
      n.at("records").refuse("a record with more or fewer outcomes than there are");
  }
}

}  // namespace

Load read_load(const Node& n) {
  Load l;
  l.scenario = n.at("scenario").text();
  l.target = n.at("target").text();
  l.started = n.at("started").text();
  l.start_seconds = n.at("start_seconds").real();
  l.connections = n.at("connections").count();
  l.tls = n.at("tls").text();
  l.signing = n.at("signing").text();
  l.generators = n.at("generators").count();
  l.timeout = n.at("timeout_seconds").seconds();
  l.lasted = n.at("lasted_seconds").seconds();
  l.cpu_user = n.at("cpu_user_seconds").seconds();
  l.cpu_system = n.at("cpu_system_seconds").seconds();
  l.judgement = n.at("judgement").one_of<Judgement>(kJudgementNames);
  l.thresholds = n.at("thresholds").list(read_threshold);
  l.health = n.at("health").list(read_health);
  l.outcomes = n.at("outcomes").list(read_named);
  l.classes = n.at("classes").list(read_class);
  l.phases = n.at("phases").list(read_phase);
  l.connections_seen = n.at("connections_seen").list(read_named_count);
  l.messages = n.at("messages").list(read_named_count);
  l.receiver = n.at("receiver").list(read_named_count);
  l.records = n.at("records").list(read_record);
  l.overview = read_timeline(n.at("overview"), l.classes.size());
  l.seconds = read_timeline(n.at("seconds"), l.classes.size());
  check_places(n, l);
  return l;
}

}  // namespace s1flow::render
