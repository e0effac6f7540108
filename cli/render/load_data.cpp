#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "cli/render/load_sections.h"
#include "cli/render/load_tables.h"
#include "core/json_text.h"

namespace s1flow::render {
namespace {

using namespace report;

// Milliseconds in as few digits as a chart shows; 0 where there is nothing.
std::string times_json(const std::vector<Nanoseconds>& times) {
  std::string out = "[";
  for (const Nanoseconds t : times)
    fmt::format_to(std::back_inserter(out), "{}{:.4g}", out.size() > 1 ? "," : "",
                   static_cast<double>(t.count()) / 1e6);
  return out + "]";
}

std::string counts_json(const std::vector<std::uint64_t>& counts) {
  return fmt::format("[{}]", fmt::join(counts, ","));
}

std::string series_json(const Series& s, bool all) {
  return json_object([&](JsonObject& o) {
    const LegColumns none;
    const LegColumns* c = s.whole();
    if (c == nullptr) c = &none;
    o.raw("p50", times_json(c->p50)).raw("p99", times_json(c->p99)).raw("max", times_json(c->max));
    if (!all) return;
    o.raw("p90", times_json(c->p90)).raw("p99.9", times_json(c->p999));
    o.raw("planned", counts_json(s.planned)).raw("sent", counts_json(s.sent));
    o.raw("ok", counts_json(s.ok)).raw("failed", counts_json(s.failed));
    o.raw("lag_p99", times_json(s.lag_p99)).raw("lag_max", times_json(s.lag_max));
  });
}

// For each slot the first band and the counts from it on.
std::string heat_json(const Timeline& t) {
  std::string out = "[";
  std::uint64_t slot = 0, band = 0;
  bool open = false;
  for (const HeatCell& cell : t.all.heat) {
    if (open && cell.slot != slot) out += "],", open = false;
    if (!open) {
      slot = cell.slot;
      band = cell.band;
      fmt::format_to(std::back_inserter(out), "[{},{}", slot, band);
      open = true;
    }
    for (; band < cell.band; ++band) out += ",0";
    fmt::format_to(std::back_inserter(out), ",{}", cell.count);
    ++band;
  }
  return out + (open ? "]]" : "]");
}

// Points of the curve of percentiles: dense where it bends, until one request is left.
std::string curve_json(const Histogram& h) {
  std::string out = "[";
  const auto add = [&](double above, Nanoseconds value) {
    fmt::format_to(std::back_inserter(out), "{}[{:.5g},{:.4g}]", out.size() > 1 ? "," : "", above,
                   static_cast<double>(value.count()) / 1e6);
  };
  if (!h.empty()) {
    const auto count = static_cast<double>(h.count());
    // `above` is one in how many requests takes longer.
    for (double step = 0; std::pow(10.0, step / 6) < count; ++step) {
      const double above = std::pow(10.0, step / 6);
      add(above, h.percentile(100 * (1 - 1 / above)));
    }
    add(count, h.max());
  }
  return out + "]";
}

void append_curve(std::string& out, std::string_view label, const LoadRecord& record) {
  const LegTimes* last = record.last();
  const Histogram none;
  JsonObject(out)
      .text("label", label)
      .raw("response", curve_json(last == nullptr ? none : last->response))
      .raw("service", curve_json(last == nullptr ? none : last->service))
      .finish();
}

}  // namespace

std::string load_chart_data(const Load& l) {
  const Timeline& t = l.overview;
  std::vector<LoadRecord> records(l.classes.size() + 1);
  for (const LoadRecord& r : l.records) {
    if (!l.phases[r.phase].measures) continue;
    records[0].add(r);
    records[r.klass + 1].add(r);
  }
  std::string curves = "[";
  append_curve(curves, "All classes", records[0]);
  std::string classes = "[";
  for (std::size_t c = 0; l.classes.size() > 1 && c < l.classes.size(); ++c) {
    const std::string label = label_of(l.classes[c]);
    curves += ",";
    append_curve(curves, label, records[c + 1]);
    if (t.slots == 0) continue;
    if (classes.size() > 1) classes += ",";
    JsonObject(classes).text("label", label).raw("at", series_json(t.classes[c], false)).finish();
  }
  double lag_limit = 0;
  for (const HealthFigure& f : l.health)
    if (f.id == "own_lag_p99") lag_limit = f.limit.value_or(0);
  std::string bands = "[";
  for (std::uint64_t b = 0; b <= kBands; ++b)
    fmt::format_to(std::back_inserter(bands), "{}{:.4g}", b == 0 ? "" : ",",
                   static_cast<double>(band_start(b).count()) / 1e6);
  return json_object([&](JsonObject& o) {
    o.real("step", std::chrono::duration<double>(t.step).count()).number("slots", t.slots);
    o.boolean("later", std::any_of(l.classes.begin(), l.classes.end(),
                                   [](const LoadClass& c) { return c.shape >= Shape::two; }));
    o.raw("phases", json_rows(l.phases, [](std::string& out, const LoadPhase& p) {
            JsonObject(out)
                .text("name", p.name)
                .real("start", std::chrono::duration<double>(p.start).count())
                .real("planned", std::chrono::duration<double>(p.planned).count())
                .boolean("closed", p.closed_loop)
                .finish();
          }));
    o.raw("all", series_json(t.all, true)).raw("classes", classes + "]");
    o.raw("curves", curves + "]").raw("heat", heat_json(t)).raw("bands", bands + "]");
    o.real("lag_limit", lag_limit);
  });
}

}  // namespace s1flow::render
