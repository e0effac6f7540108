#include "loadgen/stub/delay.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <numbers>
#include <optional>

#include <fmt/format.h>

#include "core/text.h"
#include "loadgen/duration.h"

namespace s1flow::loadgen::stub {
namespace {

constexpr Nanoseconds kLongest = std::chrono::hours(1);

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  for (text = trim(text); !text.empty(); text = trim(text)) {
    const std::size_t end = std::min(text.find(' '), text.size());
    words.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return words;
}

std::optional<double> parse_real(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value))
    return std::nullopt;
  return value;
}

std::optional<Nanoseconds> parse_delay(std::string_view text) {
  const auto delay = parse_duration(text);
  if (!delay || delay->count() < 0 || *delay > std::chrono::hours(24)) return std::nullopt;
  return delay;
}

tl::unexpected<Error> refuse(std::string_view text) {
  return tl::unexpected(usage_error(fmt::format(
      "delay '{}': write 20ms, 'uniform 10ms 50ms', 'lognormal 20ms 0.5' or 'empirical FILE'",
      shown(text))));
}

}  // namespace

Result<Delay> Delay::parse(std::string_view text, const Path& folder) {
  const auto words = words_of(text);
  Delay delay;
  if (words.size() == 1) {
    const auto value = parse_delay(words[0]);
    if (!value) return refuse(text);
    delay.low_ = *value;
    return delay;
  }
  if (words.size() == 2 && words[0] == "empirical") {
    const Path path = folder / words[1];
    S1FLOW_TRY(const std::string csv, read_text(path, 16 << 20));
    return from_csv(csv, path.string());
  }
  if (words.size() != 3) return refuse(text);
  const auto first = parse_delay(words[1]);
  if (!first) return refuse(text);
  delay.low_ = *first;
  if (words[0] == "uniform") {
    const auto high = parse_delay(words[2]);
    if (!high || *high < *first) return refuse(text);
    delay.form_ = Form::uniform;
    delay.high_ = *high;
    return delay;
  }
  const auto sigma = parse_real(words[2]);
  if (words[0] != "lognormal" || !sigma || *sigma < 0 || *sigma > 5 || first->count() == 0)
    return refuse(text);
  delay.form_ = Form::lognormal;
  delay.sigma_ = *sigma;
  return delay;
}

Result<Delay> Delay::from_csv(std::string_view csv, const std::string& name) {
  std::vector<Step> steps;
  double sum = 0;
  for (std::size_t line = 1; !csv.empty(); ++line) {
    const std::size_t end = std::min(csv.find('\n'), csv.size());
    const std::string_view row = trim(csv.substr(0, end));
    csv.remove_prefix(std::min(end + 1, csv.size()));
    if (row.empty() || row.front() == '#') continue;
    const std::size_t comma = std::min(row.find(','), row.size());
    const auto value = parse_delay(trim(row.substr(0, comma)));
    const auto weight = comma == row.size() ? 1.0 : parse_real(trim(row.substr(comma + 1)));
    if (!value || !weight || *weight <= 0 || *weight > 1e9)
      return tl::unexpected(usage_error(fmt::format(
          "{}: line {}: must be 'duration' or 'duration,weight' such as '20ms,3'", name, line)));
    sum += *weight;
    steps.push_back({sum, *value});
  }
  if (steps.empty())
    return tl::unexpected(usage_error(fmt::format("{}: holds no durations", name)));
  for (Step& step : steps) step.up_to /= sum;
  Delay delay;
  delay.form_ = Form::empirical;
  delay.steps_ = std::make_shared<const std::vector<Step>>(std::move(steps));
  return delay;
}

Nanoseconds Delay::draw(Random& random) const {
  switch (form_) {
    case Form::constant:
      return low_;
    case Form::uniform:
      return low_ + Nanoseconds(static_cast<Nanoseconds::rep>(
                        random.below(static_cast<std::uint64_t>((high_ - low_).count()) + 1)));
    case Form::lognormal: {
      // Box and Muller; 1 - unit() is never 0.
      const double radius = std::sqrt(-2 * std::log(1 - random.unit()));
      const double normal = radius * std::cos(2 * std::numbers::pi * random.unit());
      const double value = static_cast<double>(low_.count()) * std::exp(sigma_ * normal);
      return value >= static_cast<double>(kLongest.count())
                 ? kLongest
                 : Nanoseconds(static_cast<Nanoseconds::rep>(value));
    }
    case Form::empirical: {
      const double at = random.unit();
      const auto found =
          std::upper_bound(steps_->begin(), steps_->end(), at,
                           [](double share, const Step& step) { return share < step.up_to; });
      return found == steps_->end() ? steps_->back().value : found->value;
    }
  }
  return low_;
}

}  // namespace s1flow::loadgen::stub
