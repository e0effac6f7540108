#pragma once
// Runs a plan: opens the connections, sends each request when it is due, and gives back what was
// seen. One event loop per thread with its own connections and recorder; nothing is shared while
// requests are on their way.
//
// With an open loop a request that finds no free connection waits, and its response time goes on
// counting from when it was due; only when that has lasted longer than the time-out, or the run
// ends, it is `dropped`. Connections are as many as asked for, never more.

#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "loadgen/health.h"
#include "loadgen/join/message_scanner.h"
#include "loadgen/net/endpoint.h"
#include "loadgen/net/listener.h"
#include "loadgen/net/tls.h"
#include "loadgen/plan.h"
#include "loadgen/recorder.h"
#include "loadgen/request_source.h"

namespace s1flow::loadgen {

// The second leg: answers that come later, to a listener of our own. One thread only so far: the
// request and its answer must meet in one loop.
struct JoinOptions {
  Endpoint listen;  // port 0: any, told by `on_listening`
  std::optional<TlsOptions> tls;
  std::size_t places = std::size_t{1} << 18;  // outstanding at most; further requests wait
  Nanoseconds answer_timeout = std::chrono::seconds(60);  // since the request was sent
  ListenerLimits limits;
  std::function<void(const Endpoint&)> on_listening;
};

// Messages that came to the listener, each in exactly one of these.
struct JoinCounts {
  std::uint64_t answers = 0;     // the first to a request that waits for it
  std::uint64_t duplicates = 0;  // a further one
  std::uint64_t late = 0;        // after the request was given up
  std::uint64_t unknown = 0;     // to no request of ours
  std::uint64_t unsolicited = 0;
  std::uint64_t device_alerts = 0;
  std::uint64_t dcc_alerts = 0;
  std::uint64_t alerts_stand_for = 0;  // with throttled ones counted as what they stand for
  std::uint64_t unreadable = 0;
  void add(const JoinCounts& other);
};

struct EngineOptions {
  Endpoint endpoint;
  AllowList allowed;
  std::optional<TlsOptions> tls;
  std::uint64_t connections = 1;
  std::uint64_t threads = 1;  // at most as many as connections
  Nanoseconds timeout = std::chrono::seconds(10);
  Nanoseconds connect_timeout = std::chrono::seconds(5);
  Nanoseconds drain = std::chrono::seconds(10);   // how long the last answers are waited for
  std::optional<JoinOptions> join;                // needed by classes of two legs
  std::shared_ptr<const MessageScanner> scanner;  // needed by all but classes of one leg
};

// One second of all threads and classes together.
struct Second {
  std::uint64_t second = 0;
  std::uint64_t planned = 0;  // 0 in a closed loop
  std::uint64_t sent = 0;
  std::uint64_t ok = 0;
  std::uint64_t failed = 0;
  Nanoseconds p50{0}, p90{0}, p99{0}, p999{0}, max{0};  // response time of ok
  Nanoseconds service_p99{0};
  Nanoseconds lag_p99{0};
};

// Watches a run from outside. Called by the thread that called run().
struct EngineObserver {
  std::function<void(double start_seconds)> on_start;  // wall clock
  std::function<void(const Second&, const Interval&)> on_second;
  // A reason ends the run as an interrupt does.
  std::function<std::optional<std::string>(const Second&)> abort_if;
};

struct PhaseResult {
  std::uint64_t scheduled = 0;
  Nanoseconds duration{0};  // as it was run: shorter when the run was stopped
};

enum class RunEnd : std::uint8_t { completed, stopped, aborted, unreachable };

struct RunResult {
  RunEnd end = RunEnd::completed;
  std::string reason;  // of aborted and unreachable
  Recorder recorder;
  DueCounts due{1, std::chrono::seconds(1), Nanoseconds{0}};
  std::vector<PhaseResult> phases;
  std::vector<Second> seconds;
  Health health;
  Nanoseconds wall_step{0};  // how far the wall clock was stepped during the run
  Nanoseconds suspended{0};
  Nanoseconds duration{0};                 // from the first due time to the end
  double start_seconds = 0;                // wall clock
  Nanoseconds cpu_user{0}, cpu_system{0};  // of the process, while requests were sent
  std::uint64_t connections_opened = 0;
  std::uint64_t connections_failed = 0;
  std::uint64_t connections_lost = 0;  // by the peer, while idle
  std::uint64_t tls_resumed = 0;
  std::uint64_t unsigned_in_time = 0;  // of a source that signs ahead
  JoinCounts join;
  ListenerCounts listener;
};

// Only what hinders the set-up is an Error. Every scheduled request is accounted for in exactly one
// outcome; that they add up is checked.
[[nodiscard]] Result<RunResult> run_plan(const EngineOptions& options, const Plan& plan,
                                         const RequestSource& source, const std::atomic<bool>* stop,
                                         const EngineObserver& observer);

}  // namespace s1flow::loadgen
