#include "loadgen/engine.h"

#include <algorithm>
#include <map>
#include <thread>

#include <fmt/format.h>
#include <sys/resource.h>
#include <time.h>

#include "core/check.h"
#include "core/machine.h"
#include "loadgen/worker.h"

namespace s1flow::loadgen {
namespace {

struct CpuTimes {
  Nanoseconds user{0}, system{0};
};

CpuTimes cpu_times() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto of = [](const timeval& t) {
    return Nanoseconds{(t.tv_sec * 1'000'000LL + t.tv_usec) * 1000};
  };
  return {of(usage.ru_utime), of(usage.ru_stime)};
}

double wall_seconds() {
  timespec t{};
  ::clock_gettime(CLOCK_REALTIME, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) / 1e9;
}

// Sockets for all connections and a few files beside them.
Status raise_file_limit(std::uint64_t connections) {
  const std::uint64_t wanted = connections + 64;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0)
    return tl::unexpected(io_error("read the limit of", "open files"));
  if (limit.rlim_cur >= wanted) return {};
  limit.rlim_cur = std::min<rlim_t>(wanted, limit.rlim_max);
  if (limit.rlim_max < wanted || ::setrlimit(RLIMIT_NOFILE, &limit) != 0)
    return tl::unexpected(usage_error(fmt::format(
        "{} connections need {} open files, and the system allows {}: raise 'ulimit -n'",
        connections, wanted, limit.rlim_max)));
  return {};
}

Second second_of(const Plan& plan, std::span<const RequestClass> classes,
                 const Interval& interval) {
  Second second;
  second.second = interval.second;
  const Nanoseconds from = std::chrono::seconds(interval.second);
  for (const Phase& phase : plan.phases())
    if (!phase.schedule->closed())
      second.planned += phase.schedule->count_before(from + std::chrono::seconds(1) - phase.start) -
                        phase.schedule->count_before(from - phase.start);
  LegTimes sum;
  Histogram lag;
  for (std::size_t i = 0; i < interval.phases() * interval.classes(); ++i) {
    const std::size_t c = i % interval.classes();
    const IntervalClass* seen = interval.find(i / interval.classes(), c);
    if (seen == nullptr) continue;
    second.sent += seen->sent;
    second.ok += seen->ok;
    second.failed += seen->failed;
    if (const LegTimes* last = seen->last(classes[c].two_legs())) sum.add(*last);
    lag.add(seen->lag);
  }
  second.p50 = sum.response.percentile(50);
  second.p90 = sum.response.percentile(90);
  second.p99 = sum.response.percentile(99);
  second.p999 = sum.response.percentile(99.9);
  second.max = sum.response.max();
  second.service_p99 = sum.service.percentile(99);
  second.lag_p99 = lag.percentile(99);
  return second;
}

// Puts the seconds of all threads together: a second is whole when every thread has gone past it.
class SecondGatherer {
 public:
  SecondGatherer(const Plan& plan, std::span<const RequestClass> classes, std::size_t workers,
                 const EngineObserver& observer, RunResult& result)
      : plan_(plan), classes_(classes), reached_(workers), observer_(observer), result_(result) {}

  void take(IntervalExchange& exchange, IntervalExchange::Delivery delivery) {
    if (!delivery.interval) {
      reached_[delivery.worker] = ~std::uint64_t{0};
    } else {
      const std::uint64_t second = delivery.interval->second;
      reached_[delivery.worker] = second + 1;
      if (auto& open = open_[second]; !open) {
        open = std::move(delivery.interval);
      } else {
        open->add(*delivery.interval);
        exchange.give_back(std::move(delivery.interval));
      }
    }
    const std::uint64_t whole = *std::min_element(reached_.begin(), reached_.end());
    while (!open_.empty() && open_.begin()->first < whole) {
      tell(*open_.begin()->second);
      exchange.give_back(std::move(open_.begin()->second));
      open_.erase(open_.begin());
    }
  }

  [[nodiscard]] std::optional<std::string> abort_reason() { return abort_; }
  [[nodiscard]] bool all_finished() const {
    return std::all_of(reached_.begin(), reached_.end(),
                       [](std::uint64_t r) { return r == ~std::uint64_t{0}; });
  }

 private:
  void tell(const Interval& interval) {
    const Second second = second_of(plan_, classes_, interval);
    result_.seconds.push_back(second);
    if (observer_.on_second) observer_.on_second(second, interval);
    if (observer_.abort_if && !abort_) abort_ = observer_.abort_if(second);
  }
  const Plan& plan_;
  std::span<const RequestClass> classes_;
  std::vector<std::uint64_t> reached_;
  const EngineObserver& observer_;
  RunResult& result_;
  std::map<std::uint64_t, std::unique_ptr<Interval>> open_;
  std::optional<std::string> abort_;
};

// Each thread has connections of every identity.
Status check_identities(const EngineOptions& options, const Plan& plan,
                        const RequestSource& source) {
  const std::size_t identities = source.identities().size();
  if (identities == 0) return {};
  S1FLOW_CHECK(options.tls.has_value());
  if (options.connections / options.threads < identities)
    return tl::unexpected(usage_error(fmt::format(
        "{} Users with certificates of their own need as many connections in each thread: "
        "connections = {} at least, or fewer 'users'",
        identities, identities * options.threads)));
  const auto is_closed = [](const Phase& p) { return p.schedule->closed(); };
  if (identities > 1 && std::any_of(plan.phases().begin(), plan.phases().end(), is_closed))
    return tl::unexpected(
        usage_error("a closed loop sends on whichever connection is free, and cannot go with "
                    "connections that belong to Users"));
  return {};
}

Result<Workers> make_workers(const EngineOptions& options, const Plan& plan,
                             const RequestSource& source, RunControl& control,
                             IntervalExchange& exchange) {
  Workers workers;
  for (std::size_t i = 0; i < options.threads; ++i) {
    S1FLOW_TRY(Poller poller, Poller::make());
    std::vector<TlsContext> tls;
    if (options.tls && source.identities().empty()) {
      S1FLOW_TRY(TlsContext one, TlsContext::client(*options.tls, options.endpoint.host));
      tls.push_back(std::move(one));
    }
    for (const TlsOptions& identity : source.identities()) {
      TlsOptions own = *options.tls;
      own.ca = identity.ca;
      own.cert = identity.cert;
      own.key = identity.key;
      own.clock = identity.clock;
      S1FLOW_TRY(TlsContext one, TlsContext::client(own, options.endpoint.host));
      tls.push_back(std::move(one));
    }
    workers.push_back(std::make_unique<Worker>(options, plan, source, control, exchange, i,
                                               std::move(poller), std::move(tls)));
  }
  if (options.join) S1FLOW_TRY_VOID(Worker::start_listening(workers));
  return workers;
}

void collect(const Plan& plan, const Workers& workers, RunResult& result) {
  Nanoseconds stopped = plan.end();
  for (const auto& worker : workers) {
    result.recorder.add(worker->recorder());
    result.due.add(worker->due_counts());
    result.health.add(worker->health());
    result.connections_opened += worker->opened();
    result.connections_failed += worker->failed();
    result.connections_lost += worker->lost();
    result.tls_resumed += worker->resumed();
    result.unsigned_in_time += worker->unsigned_in_time();
    worker->take_last_messages();
    result.join.add(worker->join_counts());
    result.listener.add(worker->listener_counts());
    result.duration = std::max(result.duration, worker->ended_at());
    stopped = std::min(stopped, worker->stopped_at());
  }
  for (std::size_t p = 0; p < plan.phases().size(); ++p) {
    const Phase& phase = plan.phases()[p];
    PhaseResult& to = result.phases.emplace_back();
    to.duration = std::clamp(stopped - phase.start, Nanoseconds{0}, phase.duration);
    for (std::size_t w = 0; w < workers.size(); ++w)
      to.scheduled += phase.schedule->closed()
                          ? workers[w]->begun()[p]
                          : plan.share(p, w, workers.size(), workers[w]->stopped_at());
    // The promise of exact accounting.
    S1FLOW_CHECK(result.recorder.total(p).ended() == to.scheduled);
  }
}

}  // namespace

Result<RunResult> run_plan(const EngineOptions& options, const Plan& plan,
                           const RequestSource& source, const std::atomic<bool>* stop,
                           const EngineObserver& observer) {
  S1FLOW_CHECK(options.threads >= 1 && options.threads <= options.connections);
  if (!options.allowed.permits(options.endpoint))
    return tl::unexpected(usage_error(
        fmt::format("{}:{} is not permitted", options.endpoint.address, options.endpoint.port)));
  const bool two_legs = std::any_of(source.classes().begin(), source.classes().end(),
                                    [](const RequestClass& c) { return c.two_legs(); });
  const bool scanned = std::any_of(source.classes().begin(), source.classes().end(),
                                   [](const RequestClass& c) { return c.legs != Legs::one; });
  S1FLOW_CHECK(!scanned || options.scanner != nullptr);
  if (two_legs && !options.join)
    return tl::unexpected(usage_error("requests with a later answer need a listener"));
  S1FLOW_TRY_VOID(check_identities(options, plan, source));
  S1FLOW_TRY_VOID(raise_file_limit(options.connections +
                                   (options.join ? options.join->limits.connections : 0)));
  const SteadyClock clock;
  RunControl control{clock, stop};
  IntervalExchange exchange;
  S1FLOW_TRY(Workers workers, make_workers(options, plan, source, control, exchange));
  RunResult result{.recorder = Recorder(plan.phases().size(), source.classes().size()),
                   .due = workers.front()->due_counts()};
  std::vector<std::jthread> threads;
  for (const auto& worker : workers) threads.emplace_back([&worker] { worker->run(); });
  while (control.connected.load() < options.connections && !control.give_up.load() &&
         !control.stopping())
    std::this_thread::sleep_for(std::chrono::microseconds(200));
  if (control.connected.load() < options.connections) {
    control.give_up = true;
    threads.clear();
    result.end = control.stopping() ? RunEnd::stopped : RunEnd::unreachable;
    for (const auto& worker : workers)
      if (result.reason.empty()) result.reason = worker->first_connect_error();
    for (const Phase& phase : plan.phases()) (void)phase, result.phases.emplace_back();
    return result;
  }
  const ClockOffsets before = clock_offsets();
  const CpuTimes cpu = cpu_times();
  result.start_seconds = wall_seconds();
  if (observer.on_start) observer.on_start(result.start_seconds);
  control.start = (clock.now() + Nanoseconds{200'000}).count();
  control.go = true;
  // Adding up and writing down can wait where the threads that send need this processor.
  give_way_to_others();
  SecondGatherer gatherer(plan, source.classes(), workers.size(), observer, result);
  while (!gatherer.all_finished()) {
    for (auto& delivery : exchange.take(std::chrono::seconds(1)))
      gatherer.take(exchange, std::move(delivery));
    if (const auto reason = gatherer.abort_reason()) {
      result.end = RunEnd::aborted;
      result.reason = *reason;
      control.stop = true;
    }
  }
  threads.clear();
  const CpuTimes used = cpu_times();
  result.cpu_user = used.user - cpu.user;
  result.cpu_system = used.system - cpu.system;
  const ClockOffsets after = clock_offsets();
  result.wall_step = std::max(after.wall - before.wall, before.wall - after.wall);
  result.suspended = after.suspended - before.suspended;
  if (result.end == RunEnd::completed && stop != nullptr && stop->load())
    result.end = RunEnd::stopped;
  collect(plan, workers, result);
  return result;
}

}  // namespace s1flow::loadgen
