#include "core/load_report.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/check.h"
#include "core/text.h"

namespace s1flow::report {
namespace {

constexpr double kFirstBand = 1'000;  // nanoseconds

void append_tag_part(std::string& out, std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte > ' ' && byte != 0x7F && c != ',' && c != ';' && c != '%') {
      out.push_back(c);
      continue;
    }
    out.push_back('%');
    out.push_back(kHex[byte >> 4]);
    out.push_back(kHex[byte & 15]);
  }
}

std::optional<std::string> read_tag_part(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out.push_back(text[i]);
      continue;
    }
    const auto byte = decode_hex(text.substr(i + 1, 2));
    if (!byte || byte->size() != 1) return std::nullopt;
    out += *byte;
    i += 2;
  }
  return out;
}

}  // namespace

std::uint64_t LoadRecord::ended() const {
  return std::accumulate(outcomes.begin(), outcomes.end(), std::uint64_t{0});
}

const LegTimes* LoadRecord::find(Leg leg) const {
  for (const LegTimes& times : legs)
    if (times.leg == leg) return &times;
  return nullptr;
}

const LegTimes* LoadRecord::last() const {
  const LegTimes* answer = find(Leg::answer);
  return answer != nullptr ? answer : find(Leg::first);
}

void LoadRecord::add(const LoadRecord& other) {
  sent += other.sent;
  if (outcomes.size() < other.outcomes.size()) outcomes.resize(other.outcomes.size());
  for (std::size_t i = 0; i < other.outcomes.size(); ++i) outcomes[i] += other.outcomes[i];
  for (const LegTimes& from : other.legs) {
    auto to = std::find_if(legs.begin(), legs.end(),
                           [&](const LegTimes& times) { return times.leg >= from.leg; });
    if (to == legs.end() || to->leg != from.leg) to = legs.insert(to, LegTimes{from.leg, {}, {}});
    to->response.add(from.response);
    to->service.add(from.service);
  }
  failed.add(other.failed);
  lag.add(other.lag);
  own_lag.add(other.own_lag);
}

const LegColumns* Series::whole() const {
  const LegColumns* found = nullptr;
  for (const LegColumns& columns : legs) {
    if (columns.leg == "whole") return &columns;
    if (columns.leg != kLegNames[static_cast<std::size_t>(Leg::transform)]) found = &columns;
  }
  return found;
}

std::uint64_t band_of(Nanoseconds time) {
  const auto ns = static_cast<double>(time.count());
  if (ns < kFirstBand) return 0;
  const double band = std::log10(ns / kFirstBand) * static_cast<double>(kBandsPerDecade);
  auto at = std::min<std::uint64_t>(static_cast<std::uint64_t>(band), kBands - 1);
  // The logarithm may fall on the wrong side of a start.
  if (at + 1 < kBands && band_start(at + 1) <= time) ++at;
  if (band_start(at) > time) --at;
  return at;
}

Nanoseconds band_start(std::uint64_t band) {
  if (band == 0) return Nanoseconds{0};
  return Nanoseconds{
      std::llround(kFirstBand * std::pow(10.0, static_cast<double>(band) /
                                                   static_cast<double>(kBandsPerDecade)))};
}

LoadRecord Load::measured() const {
  LoadRecord sum;
  sum.outcomes.resize(outcomes.size());
  for (const LoadRecord& record : records)
    if (record.phase < phases.size() && phases[record.phase].measures) sum.add(record);
  return sum;
}

std::string LogTag::text() const {
  std::string out;
  for (const std::string* part : {&phase, &klass, &role}) {
    append_tag_part(out, *part);
    out.push_back(';');
  }
  append_tag_part(out, figure);
  return out;
}

std::optional<LogTag> LogTag::parse(std::string_view text) {
  LogTag tag;
  std::string* const parts[] = {&tag.phase, &tag.klass, &tag.role, &tag.figure};
  for (std::size_t i = 0; i < std::size(parts); ++i) {
    const std::size_t end = i + 1 == std::size(parts) ? text.size() : text.find(';');
    if (end == std::string_view::npos) return std::nullopt;
    auto part = read_tag_part(text.substr(0, end));
    if (!part || text.substr(0, end).find(';') != std::string_view::npos) return std::nullopt;
    *parts[i] = *std::move(part);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return tag;
}

}  // namespace s1flow::report
