#include "loadgen/stub/settings.h"

#include <fmt/format.h>

#include "core/text.h"
#include "loadgen/duration.h"
#include "loadgen/stub/settings_reading.h"

namespace s1flow::loadgen::stub {

using codecs::ConfigReader;
using codecs::ConfigValue;

Status set_listen(StubSettings& settings, std::string_view text) {
  const std::size_t colon = text.rfind(':');
  const auto port =
      colon == std::string_view::npos ? std::nullopt : parse_decimal(text.substr(colon + 1));
  std::string_view address = text.substr(0, std::min(colon, text.size()));
  if (address.starts_with('[') && address.ends_with(']'))
    address = address.substr(1, address.size() - 2);
  if (!port || *port > 65535 || address.empty())
    return tl::unexpected(usage_error(fmt::format(
        "listen '{}': write it as 127.0.0.1:8079 or [::1]:8079; port 0 takes a free one",
        shown(text))));
  settings.address = address;
  settings.port = static_cast<std::uint16_t>(*port);
  return {};
}

Result<AlertCode> parse_alert_code(std::string_view text, StubSettings& settings) {
  AlertCode code;
  code.dcc = codecs::duis::DccAlertCode::parse(text);
  if (code.dcc) return code;
  const auto bytes = text.size() == 4 ? decode_hex(text) : std::nullopt;
  if (!bytes)
    return tl::unexpected(usage_error(
        fmt::format("alert code '{}': write a DCC Alert code such as N24 or AD1, or four hex "
                    "digits of a Device Alert such as 8F1D",
                    shown(text))));
  code.device = static_cast<std::uint16_t>(static_cast<unsigned char>((*bytes)[0]) << 8 |
                                           static_cast<unsigned char>((*bytes)[1]));
  const std::string name = to_upper(text);
  std::vector<std::string>& known = settings.device_alert_codes;
  const auto found = std::find(known.begin(), known.end(), name);
  code.device_place = static_cast<std::uint16_t>(found - known.begin());
  if (found == known.end()) known.push_back(name);
  return code;
}

namespace {

void read_limits(ConfigReader& reader, StubSettings& s) {
  ServerLimits& l = s.limits;
  l.connections = reader.count("connections", l.connections, 1'000'000);
  l.body = reader.count("body", l.body, 16 << 20);
  l.handshake = read_duration(reader, "handshake", l.handshake);
  l.request = read_duration(reader, "request", l.request);
  l.idle = read_duration(reader, "idle", l.idle);
  l.write = read_duration(reader, "write", l.write);
  s.most_outstanding = reader.count("outstanding", s.most_outstanding, 100'000'000);
}

void read_tls(ConfigReader& reader, const Path& folder, StubSettings& s) {
  TlsOptions tls;
  s.pki_tls = reader.boolean("pki", false);
  s.peer_signs = reader.boolean("peer_signs", false);
  const std::string cert = s.pki_tls ? "" : reader.required_text("cert");
  if (!cert.empty()) tls.cert = folder / cert;
  const std::string key = reader.text("key", "");
  const std::string ca = reader.text("ca", "");
  if (!key.empty()) tls.key = folder / key;
  if (!ca.empty()) tls.ca = folder / ca;
  tls.version = static_cast<TlsVersion>(reader.choice("version", {"any", "1.2", "1.3"}, 0));
  s.tls = tls;
}

void read_checks(ConfigReader& reader, const Path& folder, StubSettings& s) {
  CheckSettings& c = s.checks;
  const std::string pki = reader.text("pki", "");
  const std::string schema = reader.text("schema", "");
  if (!pki.empty()) c.pki = folder / pki;
  if (!schema.empty()) c.schema = folder / schema;
  if (reader.has("clock")) c.clock = reader.time("clock");
  c.verify_share = reader.real("verify", c.verify_share, 0, 1);
  c.duplicates = static_cast<CheckSettings::Duplicates>(
      reader.choice("duplicates", {"rising", "window", "off"}, 1));
}

void read_capacity(ConfigReader& reader, StubSettings& s) {
  s.capacity = reader.real("rate", 0, 0.001, 1e7);
  s.queue = reader.count("queue", s.queue, 100'000'000);
  s.service =
      static_cast<ServiceQueue::Service>(reader.choice("service", {"even", "exponential"}, 0));
}

void read_faults(ConfigReader& reader, FaultShares& f) {
  f.reset = reader.real("reset", 0, 0, 1);
  f.truncate = reader.real("truncate", 0, 0, 1);
  f.half_close = reader.real("half_close", 0, 0, 1);
  f.garbage = reader.real("garbage", 0, 0, 1);
  f.error_500 = reader.real("error_500", 0, 0, 1);
  f.silent = reader.real("silent", 0, 0, 1);
  f.withhold = reader.real("withhold", 0, 0, 1);
  f.unknown = reader.real("unknown", 0, 0, 1);
  if (f.reset + f.truncate + f.half_close + f.garbage + f.error_500 + f.silent > 1)
    reader.fail(nullptr, "the shares of faults of one request add up to more than 1");
}

void read_paths(ConfigReader& reader, StubSettings& s) {
  constexpr std::array<std::string_view, 3> kKeys{"transform", "send_command", "non_device"};
  for (std::size_t i = 0; i < kKeys.size(); ++i) {
    s.paths[i] = reader.text(kKeys[i], s.paths[i]);
    if (!s.paths[i].starts_with('/') || s.paths[i] == "/stats")
      reader.fail(nullptr, fmt::format("'{}' must start with '/' and not be /stats", kKeys[i]));
  }
}

// Reads a table that may be missing.
template <typename Read>
Status part(ConfigReader& reader, const std::string& name, std::string_view key, Read read) {
  const ConfigValue* const table = reader.table(key);
  if (table == nullptr) return {};
  ConfigReader inner(table, fmt::format("{}: [{}]", name, key));
  read(inner);
  return inner.finish();
}

}  // namespace

Result<StubSettings> load_settings(const Path& file) {
  S1FLOW_TRY(const ConfigValue table, codecs::load_config(file));
  return read_settings(table, file.string(), file.parent_path());
}

Result<StubSettings> read_settings(const ConfigValue& table, const std::string& name,
                                   const Path& folder) {
  StubSettings s;
  ConfigReader reader(&table, name);
  const std::string listen = reader.text("listen", "127.0.0.1:0");
  s.allow_address = reader.text("allow_address", "");
  s.threads = static_cast<unsigned>(reader.count("threads", 1, 64));
  s.seed = reader.count("seed", 1);
  s.run_for = read_duration(reader, "for", s.run_for);
  s.most_requests = reader.count("requests", 0);
  s.drain = read_duration(reader, "drain", s.drain);
  s.sink = reader.boolean("sink", false);
  s.signing = static_cast<Signing>(reader.choice("sign", {"none", "responses", "all"}, 1));
  const std::string stamps = reader.text("stamps", "");
  if (!stamps.empty()) s.stamps = folder / stamps;
  S1FLOW_TRY_VOID(set_listen(s, listen));
  S1FLOW_TRY_VOID(part(reader, name, "limits", [&](ConfigReader& r) { read_limits(r, s); }));
  S1FLOW_TRY_VOID(part(reader, name, "tls", [&](ConfigReader& r) { read_tls(r, folder, s); }));
  S1FLOW_TRY_VOID(
      part(reader, name, "checks", [&](ConfigReader& r) { read_checks(r, folder, s); }));
  S1FLOW_TRY_VOID(part(reader, name, "capacity", [&](ConfigReader& r) { read_capacity(r, s); }));
  S1FLOW_TRY_VOID(part(reader, name, "faults", [&](ConfigReader& r) { read_faults(r, s.faults); }));
  S1FLOW_TRY_VOID(part(reader, name, "paths", [&](ConfigReader& r) { read_paths(r, s); }));
  S1FLOW_TRY_VOID(read_parties(reader, name, folder, s));
  S1FLOW_TRY_VOID(read_behaviour(reader, name, folder, s));
  S1FLOW_TRY_VOID(reader.finish());
  return s;
}

Status StubSettings::check() const {
  S1FLOW_TRY(const Endpoint endpoint, numeric_endpoint(address, port));
  if (!endpoint.loopback && address != allow_address)
    return tl::unexpected(usage_error(
        fmt::format("{}: is not loopback; to listen there all the same, say --allow-address {}",
                    address, address)));
  if (threads == 0 || limits.connections == 0 || limits.body == 0)
    return tl::unexpected(usage_error("threads, connections and body must be 1 or more"));
  for (const Nanoseconds limit : {limits.handshake, limits.request, limits.idle, limits.write})
    if (limit.count() <= 0)
      return tl::unexpected(usage_error("the limits of time must be longer than 0"));
  for (std::size_t i = 0; i < paths.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (paths[i] == paths[j])
        return tl::unexpected(
            usage_error(fmt::format("two services have the same path '{}'", paths[i])));
  const auto has_address = [&](Eui64 user) {
    return receive || receive_by_user.find(user.value()) != receive_by_user.end();
  };
  for (const AlertStorm& storm : storms)
    if (!has_address(storm.user))
      return tl::unexpected(usage_error(
          fmt::format("a storm goes to {}, which has no receive address", storm.user.text())));
  if (pki_tls && checks.pki.empty())
    return tl::unexpected(usage_error("TLS with certificates of the PKI needs the folder of one"));
  if (peer_signs && !pki_tls && (!tls || tls->ca.empty()))
    return tl::unexpected(
        usage_error("to compare peers with signers, clients need certificates: give a 'ca'"));
  if (signing == Signing::all && checks.pki.empty())
    return tl::unexpected(usage_error("to sign everything, give the folder of a PKI"));
  return {};
}

}  // namespace s1flow::loadgen::stub
