#include "loadgen/verdict.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "core/text.h"
#include "loadgen/duration.h"

namespace s1flow::loadgen {
namespace {

std::string in_milliseconds(Nanoseconds time) {
  return fmt::format("{:.3g} ms", milliseconds_of(time));
}

// A limit as it was given, so that its text can be read back.
std::string as_given(Nanoseconds limit) {
  return fmt::format("{} ms", milliseconds_of(limit));
}

std::string in_percent(double share) {
  return fmt::format("{:.4g} %", share * 100);
}

double share_of(Nanoseconds part, Nanoseconds whole) {
  return whole.count() <= 0
             ? 0
             : static_cast<double>(part.count()) / static_cast<double>(whole.count());
}

std::optional<double> read_number(std::string_view& text) {
  double value = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (error != std::errc{} || !(value >= 0)) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

// "99%" or "0.99".
std::optional<double> read_share(std::string_view text) {
  text = trim(text);
  auto value = read_number(text);
  if (!value) return std::nullopt;
  if (trim(text) == "%")
    *value /= 100;
  else if (!text.empty())
    return std::nullopt;
  if (*value > 1) return std::nullopt;
  return value;
}

bool take(std::string_view& text, std::string_view word) {
  if (!text.starts_with(word)) return false;
  text = trim(text.substr(word.size()));
  return true;
}

bool read_form(std::string_view text, Threshold& t) {
  if (take(text, "errors")) {
    t.form = Threshold::Form::errors;
    const auto share = text.starts_with('<') ? read_share(text.substr(1)) : std::nullopt;
    t.share = share.value_or(0);
    return share.has_value();
  }
  if (take(text, "within")) {
    t.form = Threshold::Form::within;
    const std::size_t above = text.find('>');
    if (above == std::string_view::npos) return false;
    const auto limit = parse_duration(trim(text.substr(0, above)));
    const auto share = read_share(text.substr(above + 1));
    t.limit = limit.value_or(Nanoseconds{0});
    t.share = share.value_or(0);
    return limit && share;
  }
  if (take(text, "max")) {
    t.percent = 100;
  } else {
    if (!text.starts_with('p')) return false;
    text.remove_prefix(1);
    const auto percent = read_number(text);
    if (!percent || *percent > 100) return false;
    t.percent = *percent;
  }
  text = trim(text);
  if (!text.starts_with('<')) return false;
  const auto limit = parse_duration(trim(text.substr(1)));
  t.limit = limit.value_or(Nanoseconds{0});
  return limit.has_value();
}

// Requests that were due before they were signed.
std::optional<std::string> unsigned_reason(const RunResult& result, const ValidityLimits& limits) {
  std::uint64_t sent = 0;
  for (std::size_t p = 0; p < result.phases.size(); ++p) sent += result.recorder.total(p).sent;
  const double share =
      sent == 0 ? 0 : static_cast<double>(result.unsigned_in_time) / static_cast<double>(sent);
  if (share <= limits.unsigned_share) return std::nullopt;
  return fmt::format(
      "{} of the requests were due before they were signed: use more 'sign_threads', "
      "or sign = \"corpus\"",
      in_percent(share));
}

// The records that a threshold looks at, put together.
ClassRecord select(const Plan& plan, std::span<const RequestClass> classes, const RunResult& result,
                   const Threshold& t) {
  ClassRecord sum;
  for (std::size_t p = 0; p < plan.phases().size(); ++p) {
    const Phase& phase = plan.phases()[p];
    if (t.phase.empty() ? phase.kind != PhaseKind::measure : phase.name != t.phase) continue;
    for (std::size_t c = 0; c < classes.size(); ++c) {
      if (!t.class_name.empty() && classes[c].name != t.class_name) continue;
      if (const ClassRecord* record = result.recorder.find(p, c)) sum.add(*record);
    }
  }
  return sum;
}

const Histogram* times_of(const ClassRecord& record, Metric metric) {
  switch (metric) {
    case Metric::response:
      return &record.first.response;
    case Metric::service:
      return &record.first.service;
    case Metric::answer:
      return record.answer ? &record.answer->response : nullptr;
  }
  return nullptr;
}

ThresholdResult check(const ClassRecord& record, const Threshold& t) {
  ThresholdResult result{t, 0, false};
  const std::uint64_t ended = record.ended();
  if (t.form == Threshold::Form::errors) {
    result.seen = ended == 0 ? 1.0
                             : static_cast<double>(ended - record.count(Outcome::ok)) /
                                   static_cast<double>(ended);
    result.held = result.seen <= t.share;
    return result;
  }
  const Histogram* times = times_of(record, t.metric);
  // Nothing that was answered holds no limit.
  if (times == nullptr || times->empty()) return result;
  if (t.form == Threshold::Form::percentile) {
    const Nanoseconds seen = times->percentile(t.percent);
    result.seen = milliseconds_of(seen);
    result.held = seen <= t.limit;
  } else {
    // Requests that failed were not answered within any time.
    result.seen = static_cast<double>(times->count_up_to(t.limit)) / static_cast<double>(ended);
    result.held = result.seen >= t.share;
  }
  return result;
}

std::string missed_text(const ThresholdResult& r) {
  const bool time = r.threshold.form == Threshold::Form::percentile;
  return fmt::format("{}: was {}", r.threshold.text(),
                     time ? fmt::format("{:.4g} ms", r.seen) : in_percent(r.seen));
}

}  // namespace

std::string Threshold::text() const {
  std::string out;
  if (!phase.empty()) out += fmt::format("phase {} ", phase);
  if (!class_name.empty()) out += fmt::format("class {} ", class_name);
  if (metric != Metric::response)
    out += fmt::format("{} ", kMetricNames[static_cast<std::size_t>(metric)]);
  switch (form) {
    case Form::percentile:
      return out + (percent == 100 ? fmt::format("max < {}", as_given(limit))
                                   : fmt::format("p{:g} < {}", percent, as_given(limit)));
    case Form::within:
      return out + fmt::format("within {} > {}", as_given(limit), in_percent(share));
    case Form::errors:
      return out + fmt::format("errors < {}", in_percent(share));
  }
  return out;
}

Result<Threshold> parse_threshold(std::string_view text) {
  Threshold t;
  std::string_view rest = trim(text);
  if (take(rest, "class ")) {
    const std::size_t blank = std::min(rest.find(' '), rest.size());
    t.class_name = rest.substr(0, blank);
    rest = trim(rest.substr(blank));
  }
  if (take(rest, "service "))
    t.metric = Metric::service;
  else if (take(rest, "answer "))
    t.metric = Metric::answer;
  if (!read_form(rest, t))
    return tl::unexpected(usage_error(fmt::format(
        "threshold '{}': must be like 'p99<250ms', 'max<2s', 'errors<0.5%' or 'within 500ms>99%'",
        shown(text))));
  return t;
}

Threshold read_threshold(codecs::ConfigReader& reader) {
  Threshold t;
  const std::string limit = reader.required_text("limit");
  const auto parsed = parse_threshold(limit);
  if (parsed)
    t = *parsed;
  else
    reader.fail(nullptr, parsed.error().message());
  t.class_name = reader.text("class", t.class_name);
  t.phase = reader.text("phase", "");
  return t;
}

std::optional<std::string> invalid_reason(const Health& health, const Histogram& own_lag,
                                          bool open_loop, Nanoseconds wall_step,
                                          Nanoseconds suspended, const ValidityLimits& limits) {
  if (health.socket_limits > 0)
    return fmt::format("the system refused the generator {} sockets or ports",
                       health.socket_limits);
  if (suspended > limits.clock_step)
    return fmt::format("the machine slept for {} during the run", in_milliseconds(suspended));
  if (wall_step > limits.clock_step)
    return fmt::format("the wall clock was stepped by {} during the run",
                       in_milliseconds(wall_step));
  if (health.worst_stall >= limits.stall)
    return fmt::format("the generator stood still for {}", in_milliseconds(health.worst_stall));
  if (const double late = share_of(health.late, health.watched); late > limits.late_share)
    return fmt::format("the generator woke up late for {} of the time", in_percent(late));
  if (const double delay = share_of(health.run_delay, health.watched);
      delay > limits.run_delay_share)
    return fmt::format("the generator waited for a processor for {} of the time",
                       in_percent(delay));
  if (!open_loop) return std::nullopt;
  if (const double busy = share_of(health.busy, health.watched); busy > limits.busy_share)
    return fmt::format("the generator's thread was busy for {} of the time: use more threads",
                       in_percent(busy));
  if (const Nanoseconds lag = own_lag.percentile(99); lag > limits.own_lag_p99)
    return fmt::format("the generator sent late: p99 of its own lag is {}", in_milliseconds(lag));
  return std::nullopt;
}

Verdict judge(const Plan& plan, std::span<const RequestClass> classes, const RunResult& result,
              const std::vector<Threshold>& thresholds, const ValidityLimits& limits) {
  Verdict verdict;
  if (result.end == RunEnd::unreachable) {
    verdict.kind = VerdictKind::unreachable;
    verdict.reason = fmt::format("the target could not be reached: {}", result.reason);
    return verdict;
  }
  bool open_loop = false;
  for (const Phase& phase : plan.phases())
    open_loop = open_loop || (phase.kind == PhaseKind::measure && !phase.schedule->closed());
  const ClassRecord all = select(plan, classes, result, Threshold{});
  std::string first;
  for (const Threshold& t : thresholds) {
    verdict.thresholds.push_back(check(select(plan, classes, result, t), t));
    if (!verdict.thresholds.back().held && first.empty())
      first = missed_text(verdict.thresholds.back());
  }
  if (auto why = invalid_reason(result.health, all.own_lag, open_loop, result.wall_step,
                                result.suspended, limits)) {
    verdict.kind = VerdictKind::invalid;
    verdict.reason = *std::move(why);
  } else if (auto late = unsigned_reason(result, limits)) {
    verdict.kind = VerdictKind::invalid;
    verdict.reason = *std::move(late);
  } else if (all.ended() == 0) {
    verdict.kind = VerdictKind::invalid;
    verdict.reason = "the run ended before anything was measured";
  } else if (result.end == RunEnd::aborted) {
    verdict.kind = VerdictKind::missed;
    verdict.reason = fmt::format("stopped by an abort rule: {}", result.reason);
  } else if (!first.empty()) {
    verdict.kind = VerdictKind::missed;
    verdict.reason = first;
  } else {
    verdict.reason = result.end == RunEnd::stopped ? "all thresholds held until the run was stopped"
                                                   : "all thresholds held";
  }
  return verdict;
}

}  // namespace s1flow::loadgen
