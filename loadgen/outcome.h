#pragma once
// How one scheduled request ended. Every request ends in exactly one of these, so that in every run
// scheduled = the sum of all outcomes.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace s1flow::loadgen {

enum class Outcome : std::uint8_t {
  ok,        // answered as wanted
  rejected,  // answered in order, and the answer says no
  http_3xx,  // redirects are never followed
  http_4xx,
  http_5xx,
  bad_response,   // the answer is no HTTP, or breaks its rules
  garbage,        // a whole answer with bytes behind it that nobody asked for
  closed_early,   // the peer closed before the answer was whole
  reset,          // the connection broke
  timeout,        // no whole answer in time
  connect_error,  // the connection that was to carry it could not be made
  tls_error,      // alert, bad certificate, bytes that are no TLS
  unanswered,     // acknowledged or under way when the run ended, without its answer
  dropped,        // could not be sent before its time ran out
};
inline constexpr std::size_t kOutcomes = 14;
inline constexpr std::array<std::string_view, kOutcomes> kOutcomeNames{
    "ok",         "rejected",     "http_3xx", "http_4xx", "http_5xx",      "bad_response",
    "garbage",    "closed_early", "reset",    "timeout",  "connect_error", "tls_error",
    "unanswered", "dropped"};

[[nodiscard]] constexpr std::size_t index_of(Outcome outcome) {
  return static_cast<std::size_t>(outcome);
}
[[nodiscard]] constexpr std::string_view name_of(Outcome outcome) {
  return kOutcomeNames[index_of(outcome)];
}
[[nodiscard]] constexpr Outcome outcome_of_status(int status) {
  if (status < 300) return Outcome::ok;
  if (status < 400) return Outcome::http_3xx;
  if (status < 500) return Outcome::http_4xx;
  return Outcome::http_5xx;
}

}  // namespace s1flow::loadgen
