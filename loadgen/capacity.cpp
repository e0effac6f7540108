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
    while (!over()) {
      if (have_met())
        S1FLOW_TRY_VOID(ask_once_more());
      else
        S1FLOW_TRY_VOID(ask(next()));
    }
    return finish();
  }

 private:
  [[nodiscard]] bool over() const {
    return done_ || capacity_.trials.size() >= search_.most_trials || holds_ >= search_.most_rate ||
           (!failures_.empty() && fails() < kLeastRate);
  }
  [[nodiscard]] double fails() const { return failures_.back().rate; }
  [[nodiscard]] bool have_met() const {
    return holds_ > 0 && !failures_.empty() && fails() - holds_ <= search_.precision * holds_;
  }
  [[nodiscard]] double next() const {
    if (failures_.empty())
      return std::min(holds_ > 0 ? holds_ * 2 : search_.first_rate, search_.most_rate);
    return holds_ > 0 ? (holds_ + fails()) / 2 : fails() / 2;
  }

  // What came of a trial; nothing when it was stopped.
  Result<std::optional<CapacityTrial>> play(double rate) {
    S1FLOW_TRY(std::optional<CapacityTrial> seen, trial_(rate));
    if (!seen)
      done_ = stopped_ = true;
    else
      capacity_.trials.push_back(*seen);
    if (seen && seen->kind == VerdictKind::pass) holds_ = rate;
    return seen;
  }
  // A rate fails when it has failed twice.
  Status ask(double rate) {
    CapacityTrial failure;
    for (int time = 0; time < 2; ++time) {
      S1FLOW_TRY(std::optional<CapacityTrial> seen, play(rate));
      if (!seen || seen->kind == VerdictKind::pass) return {};
      failure = *std::move(seen);
    }
    failures_.push_back(std::move(failure));
    return {};
  }
  // The rates have met below one that failed. If it holds now, that was a disturbance which lasted
  // for both of its trials, and the next higher one that failed is what bounds the answer.
  Status ask_once_more() {
    S1FLOW_TRY(std::optional<CapacityTrial> seen, play(fails()));
    if (!seen) return {};
    if (seen->kind == VerdictKind::pass) {
      failures_.pop_back();
    } else {
      failures_.back() = *std::move(seen);
      done_ = true;
    }
    return {};
  }
  Capacity finish() {
    capacity_.rate = holds_;
    if (!failures_.empty())
      capacity_.evidence = fmt::format("at {:.1f}/s: {}", fails(), failures_.back().reason);
    if (holds_ > 0 && failures_.empty() && holds_ >= search_.most_rate)
      capacity_.limiter = Limiter::cap;
    else if (stopped_)
      capacity_.limiter = Limiter::stopped;
    else if (holds_ == 0)
      capacity_.limiter = Limiter::none_held;
    else
      capacity_.limiter = failures_.empty()                               ? Limiter::stopped
                          : failures_.back().kind == VerdictKind::invalid ? Limiter::generator
                                                                          : Limiter::target;
    return std::move(capacity_);
  }

  static constexpr double kLeastRate = 0.1;
  const CapacitySearch& search_;
  const Trial& trial_;
  Capacity capacity_;
  double holds_ = 0;                     // the highest that held
  std::vector<CapacityTrial> failures_;  // the lowest last
  bool done_ = false, stopped_ = false;
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
