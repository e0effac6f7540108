#include "loadgen/capacity.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/json_text.h"

namespace s1flow::loadgen {
namespace {

class Search {
 public:
  using Trial = std::function<Result<std::optional<CapacityTrial>>(double)>;
  Search(const CapacitySearch& search, const Trial& trial) : search_(search), trial_(trial) {}

  Result<Capacity> run() {
    double rate = std::min(search_.first_rate, search_.most_rate);
    while (!over()) {
      S1FLOW_TRY_VOID(ask(rate));
      if (over()) break;
      rate = next();
    }
    return finish();
  }

 private:
  [[nodiscard]] bool over() const {
    return stopped_ || capacity_.trials.size() >= search_.most_trials ||
           (holds_ > 0 && fails_ > 0 && fails_ - holds_ <= search_.precision * holds_) ||
           holds_ >= search_.most_rate || (fails_ > 0 && fails_ < kLeastRate);
  }
  [[nodiscard]] double next() const {
    if (fails_ == 0) return std::min(holds_ * 2, search_.most_rate);
    if (holds_ == 0) return fails_ / 2;
    return (holds_ + fails_) / 2;
  }
  // A rate fails when it has failed twice.
  Status ask(double rate) {
    CapacityTrial failure;
    for (int time = 0; time < 2; ++time) {
      S1FLOW_TRY(auto seen, trial_(rate));
      if (!seen) {
        stopped_ = true;
        return {};
      }
      capacity_.trials.push_back(*seen);
      if (seen->kind == VerdictKind::pass) {
        holds_ = rate;
        return {};
      }
      failure = *std::move(seen);
    }
    failure_ = std::move(failure);
    fails_ = rate;
    return {};
  }
  Capacity finish() {
    capacity_.rate = holds_;
    if (fails_ > 0)
      capacity_.evidence = fmt::format("at {:.1f}/s: {}", failure_.rate, failure_.reason);
    if (holds_ > 0 && fails_ == 0 && holds_ >= search_.most_rate)
      capacity_.limiter = Limiter::cap;
    else if (stopped_)
      capacity_.limiter = Limiter::stopped;
    else if (holds_ == 0)
      capacity_.limiter = Limiter::none_held;
    else
      capacity_.limiter =
          failure_.kind == VerdictKind::invalid ? Limiter::generator : Limiter::target;
    return std::move(capacity_);
  }

  static constexpr double kLeastRate = 0.1;
  const CapacitySearch& search_;
  const Trial& trial_;
  Capacity capacity_;
  CapacityTrial failure_;
  double holds_ = 0, fails_ = 0;
  bool stopped_ = false;
};

}  // namespace

Result<Capacity> find_capacity(
    const CapacitySearch& search,
    const std::function<Result<std::optional<CapacityTrial>>(double rate)>& trial) {
  return Search(search, trial).run();
}

void append_capacity_json(std::string& out, const Capacity& capacity, const std::string& target,
                          int exit_code) {
  std::string trials = "[";
  for (const CapacityTrial& t : capacity.trials) {
    trials += trials.size() > 1 ? ",\n" : "\n";
    JsonObject one(trials);
    one.real("rate", t.rate).real("achieved", t.achieved);
    one.text("result", kVerdictNames[static_cast<std::size_t>(t.kind)]).text("reason", t.reason);
    one.finish();
  }
  JsonObject object(out);
  object.text("schema", "s1flow-capacity").number("version", 1).text("target", target);
  object.real("rate", capacity.rate);
  object.text("limiter", kLimiterNames[static_cast<std::size_t>(capacity.limiter)]);
  object.text("evidence", capacity.evidence).raw("trials", trials + "]");
  object.number("exit_code", static_cast<std::uint64_t>(exit_code));
  object.finish();
  out += '\n';
}

void append_capacity_text(std::string& out, const Capacity& capacity, const std::string& target) {
  out += fmt::format("{}: highest rate that held: {:.1f}/s\n", target, capacity.rate);
  out += fmt::format("limiter: {}{}{}\n", kLimiterNames[static_cast<std::size_t>(capacity.limiter)],
                     capacity.evidence.empty() ? "" : ", ", capacity.evidence);
  for (const CapacityTrial& t : capacity.trials)
    out += fmt::format("  {:>10.1f}/s  {:>10.1f}/s ended well  {:<11} {}\n", t.rate, t.achieved,
                       kVerdictNames[static_cast<std::size_t>(t.kind)], t.reason);
}

}  // namespace s1flow::loadgen
