#include "loadgen/stub/counts.h"

#include <fmt/format.h>

#include "core/json_text.h"
#include "loadgen/duration.h"

namespace s1flow::loadgen::stub {
namespace {

using codecs::duis::DccAlertCode;
using codecs::duis::RequestFault;
using codecs::duis::ResponseCode;

constexpr std::array<std::string_view, kCounts> kNames{"connections.accepted",
                                                       "connections.at_limit",
                                                       "connections.in_outage",
                                                       "connections.timed_out",
                                                       "connections.broken",
                                                       "connections.tls_failed",
                                                       "http.requests",
                                                       "http.bad_framing",
                                                       "http.too_large",
                                                       "http.wrong_method",
                                                       "http.not_found",
                                                       "http.unavailable",
                                                       "http.stats",
                                                       "http.plain",
                                                       "requests.judged",
                                                       "requests.accepted",
                                                       "requests.refused",
                                                       "requests.verified",
                                                       "requests.unreadable",
                                                       "answers.acknowledged",
                                                       "answers.synchronous",
                                                       "answers.refused",
                                                       "answers.refused_on_purpose",
                                                       "answers.undeliverable",
                                                       "faults.reset",
                                                       "faults.truncated",
                                                       "faults.half_closed",
                                                       "faults.garbage",
                                                       "faults.error_500",
                                                       "faults.silent",
                                                       "timeline.stalls",
                                                       "timeline.resets",
                                                       "messages.planned",
                                                       "messages.delivered",
                                                       "messages.given_up",
                                                       "messages.withheld",
                                                       "messages.attempts",
                                                       "messages.failed_attempts",
                                                       "messages.retried",
                                                       "messages.repeats_delivered",
                                                       "messages.no_address",
                                                       "messages.responses_delivered",
                                                       "messages.unknown_delivered",
                                                       "alerts.delivered",
                                                       "alerts.stand_for"};

std::string_view group_of(std::string_view name) {
  return name.substr(0, name.find('.'));
}
std::string_view rest_of(std::string_view name) {
  return name.substr(name.find('.') + 1);
}

template <typename Table, typename NameAt>
std::string table_json(const Table& table, NameAt name_at) {
  std::string out;
  JsonObject object(out);
  for (std::size_t i = 0; i < table.size(); ++i)
    if (table[i] != 0) object.number(name_at(i), table[i]);
  object.finish();
  return out;
}

std::string_view fault_name(std::size_t i) {
  return codecs::duis::name_of(static_cast<RequestFault>(i));
}
std::string_view code_name(std::size_t i) {
  return ResponseCode::at(i).text();
}
std::string_view variant_name(std::size_t i) {
  return srv_table()[i].variant;
}
std::string_view alert_name(std::size_t i) {
  return DccAlertCode::at(i).text();
}

std::string stalls_json(const std::vector<StubCounts::Stall>& stalls) {
  std::string out = "[";
  for (const StubCounts::Stall& stall : stalls) {
    if (out.size() > 1) out += ',';
    fmt::format_to(std::back_inserter(out), "[{},{}]", stall.from.count(), stall.until.count());
  }
  return out + "]";
}

template <typename Table, typename NameAt>
void append_table_text(std::string& out, std::string_view title, const Table& table,
                       NameAt name_at) {
  std::string line;
  for (std::size_t i = 0; i < table.size(); ++i)
    if (table[i] != 0) fmt::format_to(std::back_inserter(line), "  {} {}", name_at(i), table[i]);
  if (!line.empty()) fmt::format_to(std::back_inserter(out), "{:<14}{}\n", title, line);
}

}  // namespace

std::string_view name_of(Count count) {
  return kNames[static_cast<std::size_t>(count)];
}

std::uint64_t StubCounts::pending() const {
  return of(Count::messages_planned) - of(Count::messages_delivered) -
         of(Count::messages_given_up) - of(Count::messages_withheld);
}

void StubCounts::add(const LiveCounts& live) {
  const auto sum = [](auto& to, const auto& from) {
    for (std::size_t i = 0; i < to.size(); ++i) to[i] += from[i].get();
  };
  sum(counts, live.counts);
  sum(faults, live.faults);
  sum(answer_codes, live.answer_codes);
  sum(response_codes, live.response_codes);
  sum(variants, live.variants);
  sum(dcc_alerts, live.dcc_alerts);
}

void append_counts_json(std::string& out, const StubCounts& counts, const StubState& state) {
  JsonObject object(out);
  object.text("url", state.url)
      .text("signatures_verified", state.verification)
      .real("seconds", seconds_of(state.uptime))
      .boolean("ended", state.ended);
  for (std::size_t i = 0; i < kCounts;) {
    const std::string_view group = group_of(kNames[i]);
    std::string part;
    JsonObject members(part);
    for (; i < kCounts && group_of(kNames[i]) == group; ++i)
      members.number(rest_of(kNames[i]), counts.counts[i]);
    if (group == "messages") members.number("pending", counts.pending());
    members.finish();
    object.raw(group, part);
  }
  std::string device_alerts;
  JsonObject devices(device_alerts);
  for (const auto& [code, n] : counts.device_alerts)
    if (n != 0) devices.number(code, n);
  devices.finish();
  object.raw("verdicts", table_json(counts.faults, fault_name))
      .raw("answer_codes", table_json(counts.answer_codes, code_name))
      .raw("response_codes", table_json(counts.response_codes, code_name))
      .raw("variants", table_json(counts.variants, variant_name))
      .raw("dcc_alerts", table_json(counts.dcc_alerts, alert_name))
      .raw("device_alerts", device_alerts)
      .raw("stalls_ns", stalls_json(counts.stalls));
  object.finish();
  out += '\n';
}

void append_counts_text(std::string& out, const StubCounts& counts, const StubState& state) {
  fmt::format_to(std::back_inserter(out), "{:<14}  {}, {:.3f} s, signatures verified: {}\n", "stub",
                 state.url, seconds_of(state.uptime), state.verification);
  for (std::size_t i = 0; i < kCounts;) {
    const std::string_view group = group_of(kNames[i]);
    std::string line;
    for (; i < kCounts && group_of(kNames[i]) == group; ++i)
      if (counts.counts[i] != 0)
        fmt::format_to(std::back_inserter(line), "  {} {}", rest_of(kNames[i]), counts.counts[i]);
    if (group == "messages" && counts.pending() != 0)
      fmt::format_to(std::back_inserter(line), "  pending {}", counts.pending());
    if (!line.empty()) fmt::format_to(std::back_inserter(out), "{:<14}{}\n", group, line);
  }
  append_table_text(out, "verdicts", counts.faults, fault_name);
  append_table_text(out, "answer codes", counts.answer_codes, code_name);
  append_table_text(out, "later codes", counts.response_codes, code_name);
  append_table_text(out, "variants", counts.variants, variant_name);
  append_table_text(out, "DCC Alerts", counts.dcc_alerts, alert_name);
  std::string line;
  for (const auto& [code, n] : counts.device_alerts)
    if (n != 0) fmt::format_to(std::back_inserter(line), "  {} {}", code, n);
  if (!line.empty()) fmt::format_to(std::back_inserter(out), "{:<14}{}\n", "Device Alerts", line);
}

}  // namespace s1flow::loadgen::stub
