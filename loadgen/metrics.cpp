#include "loadgen/metrics.h"

#include <fmt/format.h>

#include "loadgen/duration.h"

namespace s1flow::loadgen {
namespace {

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
      continue;
    }
    if (c == '\\' || c == '"') out.push_back('\\');
    out.push_back(c);
  }
  return out;
}

std::string labels_of(const RequestClass& c) {
  std::string out = fmt::format("class=\"{}\"", escaped(c.name));
  if (!c.role.empty()) out += fmt::format(",role=\"{}\"", escaped(c.role));
  return out;
}

void head(std::string& out, std::string_view name, std::string_view type, std::string_view help) {
  fmt::format_to(std::back_inserter(out), "# HELP {0} {2}\n# TYPE {0} {1}\n", name, type, help);
}

// Quantiles are of the run so far.
void summary(std::string& out, std::string_view name, const std::string& labels,
             const Histogram& h) {
  constexpr std::pair<std::string_view, double> kQuantiles[] = {
      {"0.5", 50}, {"0.9", 90}, {"0.99", 99}, {"0.999", 99.9}, {"1", 100}};
  for (const auto& [quantile, percent] : kQuantiles)
    if (!h.empty())
      fmt::format_to(std::back_inserter(out), "{}{{{},quantile=\"{}\"}} {:.9g}\n", name, labels,
                     quantile, seconds_of(h.percentile(percent)));
  fmt::format_to(std::back_inserter(out), "{0}_sum{{{1}}} {2:.9g}\n{0}_count{{{1}}} {3}\n", name,
                 labels, h.mean() / 1e9 * static_cast<double>(h.count()), h.count());
}

}  // namespace

Metrics::Metrics(const std::string& scenario, std::span<const RequestClass> classes,
                 const Plan& plan)
    : scenario_(scenario), classes_(classes), plan_(plan), seen_(classes.size()) {}

void Metrics::see(const Second& second, const Interval& interval) {
  seconds_ = second.second + 1;
  planned_ += second.planned;
  for (std::size_t p = 0; p < interval.phases(); ++p)
    for (std::size_t c = 0; c < interval.classes(); ++c) {
      const IntervalClass* from = interval.find(p, c);
      if (from == nullptr) continue;
      OfClass& to = seen_[c];
      to.sent += from->sent;
      to.ok += from->ok;
      to.failed += from->failed;
      to.lag.add(from->lag);
      if (const LegTimes* last = from->last(classes_[c].two_legs()))
        to.response.add(last->response);
    }
}

std::string Metrics::text() const {
  std::string out;
  head(out, "s1flow_run_info", "gauge", "The scenario that is played.");
  fmt::format_to(std::back_inserter(out), "s1flow_run_info{{scenario=\"{}\"}} 1\n",
                 escaped(scenario_));
  head(out, "s1flow_run_seconds", "gauge", "Whole seconds played so far.");
  fmt::format_to(std::back_inserter(out), "s1flow_run_seconds {}\n", seconds_);
  head(out, "s1flow_run_planned_seconds", "gauge", "Length of all phases.");
  fmt::format_to(std::back_inserter(out), "s1flow_run_planned_seconds {:g}\n",
                 seconds_of(plan_.end()));
  head(out, "s1flow_requests_planned_total", "counter",
       "Requests due so far; those of closed loops are not planned.");
  fmt::format_to(std::back_inserter(out), "s1flow_requests_planned_total {}\n", planned_);
  head(out, "s1flow_requests_sent_total", "counter", "Requests sent.");
  for (std::size_t c = 0; c < seen_.size(); ++c)
    fmt::format_to(std::back_inserter(out), "s1flow_requests_sent_total{{{}}} {}\n",
                   labels_of(classes_[c]), seen_[c].sent);
  head(out, "s1flow_requests_ended_total", "counter", "Requests that have ended.");
  for (std::size_t c = 0; c < seen_.size(); ++c)
    fmt::format_to(std::back_inserter(out),
                   "s1flow_requests_ended_total{{{0},result=\"ok\"}} {1}\n"
                   "s1flow_requests_ended_total{{{0},result=\"failed\"}} {2}\n",
                   labels_of(classes_[c]), seen_[c].ok, seen_[c].failed);
  head(out, "s1flow_response_seconds", "summary",
       "From when a request was due to its end, of those that ended well.");
  for (std::size_t c = 0; c < seen_.size(); ++c)
    summary(out, "s1flow_response_seconds", labels_of(classes_[c]), seen_[c].response);
  head(out, "s1flow_send_lag_seconds", "summary", "Sent less due.");
  for (std::size_t c = 0; c < seen_.size(); ++c)
    summary(out, "s1flow_send_lag_seconds", labels_of(classes_[c]), seen_[c].lag);
  return out;
}

}  // namespace s1flow::loadgen
