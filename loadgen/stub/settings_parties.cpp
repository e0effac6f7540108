#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "core/text.h"
#include "loadgen/duration.h"
#include "loadgen/stub/settings_reading.h"

namespace s1flow::loadgen::stub {
namespace {

using codecs::ConfigReader;
using codecs::ConfigValue;
using codecs::duis::ResponseCode;
namespace response_code = codecs::duis::response_code;

ResponseCode read_refusal(ConfigReader& reader, std::initializer_list<ResponseCode> allowed) {
  const std::string text = reader.text("refuse", "");
  if (text.empty()) return {};
  const auto code = ResponseCode::parse(text);
  if (code && std::find(allowed.begin(), allowed.end(), *code) != allowed.end()) return *code;
  std::string names;
  for (const ResponseCode c : allowed) fmt::format_to(std::back_inserter(names), " {}", c.text());
  reader.fail(nullptr, fmt::format("'refuse' must be one of{}", names));
  return {};
}

Result<CallbackOptions> read_receive(ConfigReader& reader, const Path& folder,
                                     std::string_view url_key) {
  CallbackOptions o;
  const std::string url = reader.required_text(url_key);
  const std::string allow_list = reader.text("allow_list", "");
  TlsOptions tls;
  const auto file = [&](std::string_view key) {
    const std::string text = reader.text(key, "");
    return text.empty() ? Path() : folder / text;
  };
  tls.ca = file("ca");
  tls.cert = file("cert");
  tls.key = file("key");
  o.connections = reader.count("connections", o.connections, 10'000);
  o.timeout = read_duration(reader, "timeout", o.timeout);
  o.attempts = static_cast<unsigned>(reader.count("attempts", o.attempts, 1000));
  o.backoff = read_duration(reader, "backoff", o.backoff);
  o.most_backoff = read_duration(reader, "most_backoff", o.most_backoff);
  o.repeat_share = reader.real("repeat_share", 0, 0, 1);
  if (o.connections == 0 || o.attempts == 0 || o.timeout.count() <= 0 || o.backoff.count() < 0)
    reader.fail(nullptr, "'connections', 'attempts' and 'timeout' must be more than 0");
  S1FLOW_TRY_VOID(reader.finish());
  if (!allow_list.empty()) {
    S1FLOW_TRY(o.allowed, AllowList::load(folder / allow_list));
  }
  S1FLOW_TRY(o.url, parse_url(url));
  S1FLOW_TRY(o.endpoint, resolve(o.url, o.allowed));
  if (o.url.tls) o.tls = tls;
  return o;
}

// "eui,type" lines, or the EUI-64 alone.
Status read_device_file(const Path& path, StubSettings& s) {
  S1FLOW_TRY(const std::string csv, read_text(path, std::size_t{1} << 30));
  std::string_view text = csv;
  for (std::size_t line = 1; !text.empty(); ++line) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view row = trim(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (row.empty() || row.front() == '#') continue;
    const std::size_t comma = std::min(row.find(','), row.size());
    const auto eui = Eui64::parse(trim(row.substr(0, comma)));
    DeviceSettings device;
    if (comma != row.size()) device.type = parse_device_type(trim(row.substr(comma + 1)));
    if (!eui || (comma != row.size() && !device.type))
      return tl::unexpected(usage_error(fmt::format(
          "{}: line {}: must be 'EUI-64' or 'EUI-64,type' such as 00-1D-B2-00-0A-0B-0C-0D,ESME",
          path.string(), line)));
    s.devices[eui->value()] = device;
  }
  return {};
}

Status read_device(const ConfigValue* table, const std::string& where, StubSettings& s) {
  ConfigReader reader(table, where);
  const Eui64 eui = reader.eui("eui");
  const std::string type = reader.text("type", "");
  DeviceSettings device;
  if (!type.empty()) {
    device.type = parse_device_type(type);
    if (!device.type) reader.fail(nullptr, fmt::format("'{}' is no type of device", shown(type)));
  }
  device.refuses =
      read_refusal(reader, {response_code::kE4, response_code::kE5, response_code::kE11,
                            response_code::kE17, response_code::kE19});
  S1FLOW_TRY_VOID(reader.finish());
  s.devices[eui.value()] = device;
  return {};
}

Status read_user(const ConfigValue* table, const std::string& where, const Path& folder,
                 StubSettings& s) {
  ConfigReader reader(table, where);
  const Eui64 eui = reader.eui("eui");
  const ResponseCode refuses = read_refusal(reader, {response_code::kE1, response_code::kE3});
  if (!refuses.is_success()) s.users[eui.value()] = refuses;
  if (!reader.has("receive")) return reader.finish();
  S1FLOW_TRY(s.receive_by_user[eui.value()], read_receive(reader, folder, "receive"));
  return {};
}

}  // namespace

Status read_parties(ConfigReader& reader, const std::string& name, const Path& folder,
                    StubSettings& s) {
  if (const ConfigValue* const table = reader.table("receive"); table != nullptr) {
    ConfigReader inner(table, name + ": [receive]");
    S1FLOW_TRY(s.receive, read_receive(inner, folder, "url"));
  }
  if (const ConfigValue* const table = reader.table("devices"); table != nullptr) {
    ConfigReader inner(table, name + ": [devices]");
    const std::string file = inner.text("file", "");
    s.every_device = inner.boolean("others_exist", file.empty());
    S1FLOW_TRY_VOID(inner.finish());
    if (!file.empty()) S1FLOW_TRY_VOID(read_device_file(folder / file, s));
  }
  for (const ConfigValue* table : reader.tables("device"))
    S1FLOW_TRY_VOID(read_device(table, name + ": [[device]]", s));
  for (const ConfigValue* table : reader.tables("user"))
    S1FLOW_TRY_VOID(read_user(table, name + ": [[user]]", folder, s));
  return {};
}

}  // namespace s1flow::loadgen::stub
