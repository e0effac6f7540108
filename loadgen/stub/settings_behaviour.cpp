#include <fmt/format.h>

#include "core/text.h"
#include "loadgen/duration.h"
#include "loadgen/stub/settings_reading.h"

namespace s1flow::loadgen::stub {
namespace {

using codecs::ConfigReader;
using codecs::ConfigValue;
using codecs::duis::ResponseCode;

// A delay at `key` replaces what `to` holds.
void read_delay(ConfigReader& reader, std::string_view key, const Path& folder, Delay& to) {
  if (!reader.has(key)) return;
  auto delay = Delay::parse(reader.text(key, "0"), folder);
  if (delay)
    to = *std::move(delay);
  else
    reader.fail(nullptr, fmt::format("'{}': {}", key, delay.error().message()));
}

void read_errors(ConfigReader& reader, const std::string& where, VariantSettings& to) {
  const ConfigValue* const table = reader.table("errors");
  if (table == nullptr) return;
  ConfigReader shares(table, where);
  to.errors.clear();
  double sum = 0;
  for (const auto& [key, value] : table->members) {
    const auto code = ResponseCode::parse(key);
    const double share = shares.real(key, 0, 0, 1);
    sum += share;
    if (!code || code->is_success())
      reader.fail(&value, fmt::format("'{}' is no code of an error", shown(key)));
    else
      to.errors.push_back({*code, share});
  }
  if (const Status read = shares.finish(); !read) reader.fail(table, read.error().message());
  if (sum > 1) reader.fail(table, "the shares of errors add up to more than 1");
}

void read_variant_settings(ConfigReader& reader, const std::string& where, const Path& folder,
                           VariantSettings& to) {
  read_delay(reader, "ack_delay", folder, to.ack);
  read_delay(reader, "answer_delay", folder, to.synchronous);
  read_delay(reader, "response_delay", folder, to.response);
  read_errors(reader, where + ": errors", to);
}

std::bitset<kServiceReferenceVariants> read_variants(ConfigReader& reader, std::string_view key) {
  std::bitset<kServiceReferenceVariants> set;
  for (const std::string& text : reader.texts(key)) {
    const ServiceReferenceVariant* const srv = find_srv(text);
    if (srv == nullptr)
      reader.fail(nullptr, fmt::format("'{}' is no Service Reference Variant", shown(text)));
    else
      set.set(index_of(*srv));
  }
  if (set.none()) reader.fail(nullptr, fmt::format("'{}' must name one or more variants", key));
  return set;
}

Status read_srv(const ConfigValue* table, const std::string& where, const Path& folder,
                StubSettings& s) {
  ConfigReader reader(table, where);
  const auto variants = read_variants(reader, "variants");
  VariantSettings changes;
  // Read once for the faults, then for each variant on top of what it has.
  read_variant_settings(reader, where, folder, changes);
  S1FLOW_TRY_VOID(reader.finish());
  for (std::size_t i = 0; i < variants.size(); ++i) {
    if (!variants.test(i)) continue;
    ConfigReader again(table, where);
    read_variant_settings(again, where, folder, s.variants[i]);
  }
  return {};
}

AlertCode read_code(ConfigReader& reader, StubSettings& s) {
  const auto code = parse_alert_code(reader.required_text("code"), s);
  if (code) return *code;
  reader.fail(nullptr, code.error().message());
  return {};
}

Status read_alert(const ConfigValue* table, const std::string& where, const Path& folder,
                  StubSettings& s) {
  ConfigReader reader(table, where);
  AlertRule rule;
  rule.after = read_variants(reader, "after");
  rule.code = read_code(reader, s);
  rule.share = reader.real("share", 1, 0, 1);
  read_delay(reader, "delay", folder, rule.delay);
  S1FLOW_TRY_VOID(reader.finish());
  s.alerts.push_back(std::move(rule));
  return {};
}

Status read_storm(const ConfigValue* table, const std::string& where, StubSettings& s) {
  ConfigReader reader(table, where);
  AlertStorm storm;
  storm.code = read_code(reader, s);
  storm.at = read_duration(reader, "at", storm.at);
  storm.lasts = read_required_duration(reader, "for");
  storm.rate = reader.real("rate", 1, 0.001, 1e6);
  storm.devices = reader.count("devices", 1, 100'000'000);
  storm.first_device = reader.eui("device");
  storm.user = reader.eui("user");
  storm.throttle = static_cast<std::uint32_t>(reader.count("throttle", 1, 1'000'000));
  if (storm.devices == 0 || storm.throttle == 0 || storm.lasts.count() <= 0)
    reader.fail(nullptr, "'devices', 'throttle' and 'for' must be more than 0");
  S1FLOW_TRY_VOID(reader.finish());
  s.storms.push_back(storm);
  return {};
}

Result<TimelineEvent> read_event(const ConfigValue* table, const std::string& where) {
  ConfigReader reader(table, where);
  TimelineEvent event;
  event.kind = static_cast<TimelineEvent::Kind>(
      reader.choice("kind", {"stall", "outage-reset", "outage-503", "reset", "capacity"}, 0));
  event.at = read_required_duration(reader, "at");
  event.lasts = read_duration(reader, "for", event.lasts);
  event.every = read_duration(reader, "every", event.every);
  event.times = reader.count("times", 0);
  if (!reader.has("kind")) reader.fail(nullptr, "'kind' is missing");
  if (event.kind == TimelineEvent::Kind::reset) {
    event.value = reader.real("share", 1, 0, 1);
  } else if (event.lasts.count() <= 0) {
    reader.fail(nullptr, "'for' must be longer than 0");
  }
  if (event.kind == TimelineEvent::Kind::capacity) {
    if (!reader.has("rate")) reader.fail(nullptr, "'rate' is missing");
    event.value = reader.real("rate", 1, 0.001, 1e7);
  }
  if (event.every.count() != 0 && event.every <= event.lasts)
    reader.fail(nullptr, "'every' must be longer than 'for'");
  S1FLOW_TRY_VOID(reader.finish());
  return event;
}

}  // namespace

Status read_behaviour(ConfigReader& reader, const std::string& name, const Path& folder,
                      StubSettings& s) {
  if (const ConfigValue* const table = reader.table("answers"); table != nullptr) {
    const std::string where = name + ": [answers]";
    ConfigReader inner(table, where);
    VariantSettings all;
    read_variant_settings(inner, where, folder, all);
    s.execution_after = read_duration(inner, "execution_after", s.execution_after);
    S1FLOW_TRY_VOID(inner.finish());
    s.variants.assign(kServiceReferenceVariants, all);
  }
  if (const ConfigValue* const table = reader.table("schedules"); table != nullptr) {
    ConfigReader inner(table, name + ": [schedules]");
    s.schedules.every = read_duration(inner, "every", s.schedules.every);
    s.schedules.times = static_cast<std::uint32_t>(inner.count("times", 1, 1'000'000));
    if (s.schedules.every.count() <= 0) inner.fail(nullptr, "'every' must be longer than 0");
    S1FLOW_TRY_VOID(inner.finish());
  }
  for (const ConfigValue* table : reader.tables("srv"))
    S1FLOW_TRY_VOID(read_srv(table, name + ": [[srv]]", folder, s));
  for (const ConfigValue* table : reader.tables("alert"))
    S1FLOW_TRY_VOID(read_alert(table, name + ": [[alert]]", folder, s));
  for (const ConfigValue* table : reader.tables("storm"))
    S1FLOW_TRY_VOID(read_storm(table, name + ": [[storm]]", s));
  std::vector<TimelineEvent> events;
  for (const ConfigValue* table : reader.tables("timeline")) {
    S1FLOW_TRY(const TimelineEvent event, read_event(table, name + ": [[timeline]]"));
    events.push_back(event);
  }
  s.timeline = Timeline(std::move(events));
  return {};
}

}  // namespace s1flow::loadgen::stub
