#pragma once
// What the stub counts of itself, exactly, so that a load generator can be audited against it. Each
// thread counts for itself; anybody may read at any time; sums are exact once the stub has ended.
//
// These hold at the end (and between two events of a thread):
//   http.requests      = requests.judged + http.stats + http.not_found + http.plain
//                        + http.unavailable + http.wrong_method + faults.error_500
//   requests.judged    = requests.accepted + requests.refused
//   messages.planned   = messages.delivered + messages.given_up + messages.withheld
//                        + messages.pending
//   messages.attempts  = messages.delivered + messages.repeats_delivered + messages.failed_attempts
//                        + attempts under way
//
// Duplicates that a receiver sees are messages.repeats_delivered, and whatever came before an
// attempt that failed for us: a receiver may have taken a message whose 2xx never came back.

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "codecs/duis/dcc_alert_code.h"
#include "codecs/duis/request_judge.h"
#include "codecs/duis/response_code.h"
#include "core/clock.h"
#include "core/srv_table.h"

namespace s1flow::loadgen::stub {

enum class Count : std::uint8_t {
  connections_accepted,
  connections_at_limit,    // closed at once: too many
  connections_in_outage,   // reset at once
  connections_timed_out,   // a deadline passed within a request, an answer or a handshake
  connections_broken,      // ended by the peer within a request, an answer or a handshake
  connections_tls_failed,  // no handshake
  http_requests,           // read whole
  http_bad_framing,        // 400 and the end of the connection
  http_too_large,          // 413 and the end of the connection
  http_wrong_method,       // 405
  http_not_found,          // 404
  http_unavailable,        // 503: full, or in an outage
  http_stats,
  http_plain,  // without DUIS, in sink mode
  requests_judged,
  requests_accepted,
  requests_refused,
  requests_verified,     // their signature was looked at
  requests_unreadable,   // refused with 400, since no RequestID could be read
  answers_acknowledged,  // I99
  answers_synchronous,   // I0 with or without payload
  answers_refused,       // an E code for a request that is wrong
  answers_refused_on_purpose,
  answers_undeliverable,  // the connection had gone
  faults_reset,           // made on purpose instead of an answer
  faults_truncated,
  faults_half_closed,  // a whole answer, then the end of our side
  faults_garbage,
  faults_error_500,
  faults_silent,  // never answered
  timeline_stalls,
  timeline_resets,  // connections reset by the timeline
  messages_planned,
  messages_delivered,
  messages_given_up,
  messages_withheld,  // lost on purpose
  messages_attempts,
  messages_failed_attempts,
  messages_retried,
  messages_repeats_delivered,  // delivered again on purpose
  messages_no_address,         // not planned: nobody to send to
  responses_delivered,         // of the delivered: Service Responses
  unknown_delivered,           // with a RequestID that nobody sent
  alerts_delivered,
  alerts_stand_for,  // alerts that those stand for
};
inline constexpr std::size_t kCounts = static_cast<std::size_t>(Count::alerts_stand_for) + 1;
// "group.name".
[[nodiscard]] std::string_view name_of(Count count);

// Written by one thread, read by any.
class Counter {
 public:
  void add(std::uint64_t n = 1) {
    value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint64_t get() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

template <typename Number>
struct CountTable {
  std::array<Number, kCounts> counts{};
  std::array<Number, codecs::duis::kRequestFaults> faults{};
  std::array<Number, codecs::duis::ResponseCode::kCount> answer_codes{};    // on the connection
  std::array<Number, codecs::duis::ResponseCode::kCount> response_codes{};  // delivered later
  std::array<Number, kServiceReferenceVariants> variants{};                 // judged, by SRV
  std::array<Number, codecs::duis::DccAlertCode::kCount> dcc_alerts{};      // delivered
};

class LiveCounts : public CountTable<Counter> {
 public:
  void add(Count count, std::uint64_t n = 1) { counts[static_cast<std::size_t>(count)].add(n); }
};

struct StubCounts : CountTable<std::uint64_t> {
  struct Stall {
    Nanoseconds from{0};  // by the monotonic clock, as in stamps
    Nanoseconds until{0};
  };
  std::vector<std::pair<std::string, std::uint64_t>> device_alerts;  // delivered, by code
  std::vector<Stall> stalls;

  [[nodiscard]] std::uint64_t of(Count count) const {
    return counts[static_cast<std::size_t>(count)];
  }
  [[nodiscard]] std::uint64_t pending() const;
  void add(const LiveCounts& live);
};

struct StubState {
  std::string url;
  std::string verification;  // "all", "none", or "0.1 of all"
  Nanoseconds uptime{0};
  bool ended = false;
};

// One object of JSON, and lines for people. Zeroes of long tables are left out.
void append_counts_json(std::string& out, const StubCounts& counts, const StubState& state);
void append_counts_text(std::string& out, const StubCounts& counts, const StubState& state);

}  // namespace s1flow::loadgen::stub
