#include "loadgen/scenario_duis.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/text.h"
#include "loadgen/duis/duis_scanner.h"
#include "loadgen/duration.h"

namespace s1flow::loadgen {
namespace {

using codecs::ConfigReader;

constexpr std::uint64_t kMostAhead = 1U << 20;

// "127.0.0.1:8090", "[::1]:0".
Result<Endpoint> listen_endpoint(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  const auto port =
      colon == std::string_view::npos ? std::nullopt : parse_decimal(text.substr(colon + 1));
  if (!port || *port > 65535)
    return tl::unexpected(
        usage_error(fmt::format("listen '{}': must be ADDRESS:PORT", shown(text))));
  std::string_view address = text.substr(0, colon);
  if (address.starts_with('[') && address.ends_with(']'))
    address = address.substr(1, address.size() - 2);
  S1FLOW_TRY(Endpoint endpoint, numeric_endpoint(address, static_cast<std::uint16_t>(*port)));
  if (!endpoint.loopback)
    return tl::unexpected(
        usage_error(fmt::format("listen '{}': must be a loopback address", shown(text))));
  return endpoint;
}

void read_devices(ConfigReader& reader, RequestKind& kind) {
  for (const std::string& name : reader.texts("devices")) {
    if (const auto type = parse_device_type(name))
      kind.devices.push_back(*type);
    else
      reader.fail(nullptr, fmt::format("'{}' is no type of device", shown(name)));
  }
}

}  // namespace

Status read_duis(ConfigReader& reader, const Path& folder, const ScenarioChanges& changes,
                 DuisSettings& to) {
  const std::string batch = reader.text("batch", "");
  to.batch = !changes.batch.empty() ? changes.batch : batch.empty() ? Path() : folder / batch;
  to.signing = static_cast<Signing>(reader.choice("sign", {"ahead", "inline", "corpus"}, 0));
  to.sign_threads = reader.count("sign_threads", to.sign_threads, 64);
  to.ahead = reader.count("ahead", to.ahead, kMostAhead);
  to.corpus_bytes = reader.count("corpus_bytes", to.corpus_bytes);
  if (const std::string corpus = reader.text("corpus", ""); !corpus.empty()) {
    to.corpus = folder / corpus;
    if (to.signing != Signing::corpus) reader.fail(nullptr, "'corpus' goes with sign = \"corpus\"");
  }
  to.first_counter = reader.count("first_counter", to.first_counter);
  to.service_base = reader.text("service_base", to.service_base);
  for (const std::string& user : reader.texts("users")) {
    if (const auto eui = Eui64::parse(user))
      to.users.push_back(*eui);
    else
      reader.fail(nullptr, fmt::format("'{}' is no EUI-64", shown(user)));
  }
  if (to.batch.empty())
    reader.fail(nullptr, "'batch' is missing: the folder of a batch, or give --batch");
  if (to.sign_threads == 0 || to.ahead == 0)
    reader.fail(nullptr, "'sign_threads' and 'ahead' must be 1 or more");
  if (!to.service_base.starts_with('/') || to.service_base.ends_with('/') ||
      to.service_base.find_first_of(" \r\n") != std::string::npos)
    reader.fail(nullptr, "'service_base' must be a path such as /api/v1");
  return reader.finish();
}

Status read_request(ConfigReader& reader, const Path& folder, DuisSettings& to) {
  RequestKind kind;
  const std::string variant = reader.required_text("srv");
  kind.srv = find_srv(variant);
  kind.name = reader.text("name", variant);
  kind.weight = reader.real("weight", 1, 1e-9, 1e9);
  kind.command_variant = static_cast<unsigned>(reader.count("command_variant", 0, 8));
  kind.future_dated = reader.choice("mode", {"on-demand", "future-dated"}, 0) == 1;
  const std::string form = reader.text("template", "");
  if (!form.empty()) kind.form = folder / form;
  if (reader.has("execution")) kind.execution = reader.time("execution");
  read_devices(reader, kind);
  const bool is_tag = std::all_of(kind.name.begin(), kind.name.end(),
                                  [](char c) { return c > ' ' && c < 0x7F && c != ','; });
  const auto same = [&](const RequestKind& k) { return k.name == kind.name; };
  if (kind.srv == nullptr)
    reader.fail(nullptr, fmt::format("'{}' is no Service Reference Variant", shown(variant)));
  else if (kind.name.empty() || !is_tag)
    reader.fail(nullptr, "'name' may not hold blanks and commas");
  else if (std::any_of(to.kinds.begin(), to.kinds.end(), same))
    reader.fail(nullptr,
                fmt::format("another request is called '{}': give it a 'name'", kind.name));
  else if (kind.command_variant > 4 && kind.command_variant < 8)
    reader.fail(nullptr, "'command_variant' 5 to 7 follow a request of 4 by themselves");
  S1FLOW_TRY_VOID(reader.finish());
  to.kinds.push_back(std::move(kind));
  return {};
}

Status read_receive(ConfigReader& reader, const Path& folder, EngineOptions& to) {
  JoinOptions join;
  const std::string listen = reader.required_text("listen");
  join.answer_timeout = read_duration(reader, "answer_timeout", join.answer_timeout);
  join.places = reader.count("outstanding", join.places, 1U << 24);
  TlsOptions tls;
  const auto file = [&](std::string_view key) {
    const std::string name = reader.text(key, "");
    return name.empty() ? Path() : folder / name;
  };
  tls.cert = file("cert");
  tls.key = file("key");
  tls.ca = file("ca");
  if (join.places == 0 || join.answer_timeout.count() <= 0)
    reader.fail(nullptr, "'outstanding' and 'answer_timeout' must be more than 0");
  if (tls.cert.empty() && !(tls.key.empty() && tls.ca.empty()))
    reader.fail(nullptr, "'key' and 'ca' need a 'cert'");
  S1FLOW_TRY_VOID(reader.finish());
  S1FLOW_TRY(join.listen, listen_endpoint(listen));
  if (!tls.cert.empty()) join.tls = tls;
  to.join = std::move(join);
  return {};
}

}  // namespace s1flow::loadgen
