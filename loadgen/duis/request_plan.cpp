// RequestPlan of loadgen/duis/request_maker.h.

#include <algorithm>

#include <fmt/format.h>

#include "core/random.h"
#include "core/text.h"
#include "loadgen/duis/request_maker.h"

namespace s1flow::loadgen {
namespace {

namespace duis = codecs::duis;

// By the variant's roles, where a kind does not say: meters of the fuel that its senders supply,
// and the hub for what is its own.
bool takes(const ServiceReferenceVariant& srv, DeviceType type) {
  constexpr std::string_view kHubAlone[] = {"6.28", "6.29", "6.30", "6.31", "6.32", "8.12"};
  const UserRoles gas = UserRoles(UserRole::gas_supplier) | UserRole::gas_transporter;
  const UserRoles electricity = UserRoles(UserRole::import_supplier) | UserRole::export_supplier |
                                UserRole::electricity_distributor;
  const bool hub_alone =
      std::find(std::begin(kHubAlone), std::end(kHubAlone), srv.reference) != std::end(kHubAlone);
  if (hub_alone) return type == DeviceType::chf;
  if (type == DeviceType::esme) return srv.roles.empty() || srv.roles.has_any(electricity);
  if (type == DeviceType::gsme) return srv.roles.empty() || srv.roles.has_any(gas);
  return false;
}

Legs legs_of(const duis::RequestTemplate& form) {
  switch (form.service()) {
    case DccService::transform:
      return Legs::critical;
    case DccService::send_command:
      return Legs::two;
    case DccService::non_device:
      break;
  }
  return Legs::judged;
}

}  // namespace

std::string RequestPlan::head_of(DccService service, const std::string& authority) const {
  constexpr std::string_view kPaths[] = {"serviceT", "serviceS", "serviceD"};
  return fmt::format(
      "POST {}/{} HTTP/1.1\r\nHost: {}\r\nContent-Type: application/xml\r\nContent-Length: ",
      settings_.service_base, kPaths[static_cast<std::size_t>(service)], authority);
}

Status RequestPlan::add_kind(const RequestKind& kind, const std::string& authority) {
  const ServiceReferenceVariant& srv = *kind.srv;
  const duis::RequestOptions options{
      .command_variant = kind.command_variant,
      .dating = kind.future_dated ? duis::Dating::future_dated : duis::Dating::on_demand};
  std::optional<duis::RequestTemplate> form;
  if (kind.form.empty()) {
    S1FLOW_TRY(form, duis::RequestTemplate::shipped(srv, options));
  } else {
    S1FLOW_TRY(const std::string xml, read_text(kind.form));
    S1FLOW_TRY(form, duis::RequestTemplate::compile(xml, srv, options));
  }
  Kind out{.form = *form, .head = head_of(form->service(), authority)};
  out.targets_dcc = form->service() == DccService::non_device && srv.non_device();
  out.targets_hub = srv.reference == "8.11";
  for (std::size_t i = 0; i < batch_.devices.size(); ++i) {
    const DeviceType type = batch_.devices[i].type;
    const bool wanted = kind.devices.empty() ? takes(srv, type) || out.targets_dcc
                                             : std::find(kind.devices.begin(), kind.devices.end(),
                                                         type) != kind.devices.end();
    const bool reachable = !out.targets_hub || !batch_.devices[i].hub.empty();
    if (wanted && reachable) out.devices.push_back(static_cast<std::uint32_t>(i));
  }
  for (std::size_t i = 0; i < batch_.identities.size(); ++i) {
    const Identity& identity = batch_.identities[i];
    const bool chosen = settings_.users.empty() ||
                        std::find(settings_.users.begin(), settings_.users.end(), identity.eui) !=
                            settings_.users.end();
    if (chosen && (srv.roles.empty() || srv.roles.has_any(identity.roles)))
      out.identities.push_back(static_cast<std::uint32_t>(i));
  }
  const auto refuse = [&](std::string_view what) {
    return tl::unexpected(usage_error(
        fmt::format("request {}: {}: {}", srv.variant, settings_.batch.string(), what)));
  };
  if (out.identities.empty()) return refuse("no User with a key may send it");
  if (out.devices.empty()) return refuse("no device takes it");
  kinds_.push_back(std::move(out));
  return {};
}

UserRole RequestPlan::role_for(std::uint16_t kind, std::uint32_t identity,
                               DeviceType device) const {
  const UserRoles own = batch_.identities[identity].roles;
  const UserRoles wanted = settings_.kinds[kind].srv->roles;
  const bool gas = device == DeviceType::gsme;
  std::optional<UserRole> found;
  for (std::size_t r = 0; r < kUserRoles; ++r) {
    const auto role = static_cast<UserRole>(r);
    if (!own.has(role) || (!wanted.empty() && !wanted.has(role))) continue;
    const bool gas_role = role == UserRole::gas_supplier || role == UserRole::gas_transporter;
    // A supplier of both fuels is the one of the meter's.
    if (!found || gas == gas_role) found = role;
    if (gas == gas_role) break;
  }
  for (std::size_t r = 0; r < kUserRoles && !found; ++r)
    if (own.has(static_cast<UserRole>(r))) found = static_cast<UserRole>(r);
  return found.value_or(UserRole::other_user);
}

// One for each kind and role in which it can be sent, in this order.
void RequestPlan::add_classes() {
  std::vector<std::array<bool, kUserRoles>> used(kinds_.size());
  std::vector<Eui64> gas_meters;
  for (const BatchDevice& device : batch_.devices)
    if (device.type == DeviceType::gsme) gas_meters.push_back(device.eui);
  std::sort(gas_meters.begin(), gas_meters.end());
  std::vector<UserRole> given_roles;
  for (const GivenRequest& given : settings_.given) {
    std::uint32_t identity = 0;
    while (batch_.identities[identity].eui != given.originator) ++identity;
    const bool gas = std::binary_search(gas_meters.begin(), gas_meters.end(), given.device);
    given_roles.push_back(
        role_for(given.kind, identity, gas ? DeviceType::gsme : DeviceType::esme));
    used[given.kind][static_cast<std::size_t>(given_roles.back())] = true;
  }
  for (std::uint16_t k = 0; k < kinds_.size() && settings_.given.empty(); ++k) {
    std::array<std::optional<DeviceType>, 2> types;  // one of gas meters, one of all others
    for (const std::uint32_t device : kinds_[k].devices) {
      const DeviceType type = batch_.devices[device].type;
      types[type == DeviceType::gsme ? 0 : 1] = type;
    }
    for (const auto& type : types)
      for (const std::uint32_t identity : kinds_[k].identities)
        if (type) used[k][static_cast<std::size_t>(role_for(k, identity, *type))] = true;
  }
  for (std::size_t k = 0; k < kinds_.size(); ++k)
    for (std::size_t r = 0; r < kUserRoles; ++r) {
      if (!used[k][r]) continue;
      const RequestKind& kind = settings_.kinds[k];
      kinds_[k].classes[r] = static_cast<std::uint16_t>(classes_.size());
      classes_.push_back({.name = kind.name,
                          .legs = legs_of(kinds_[k].form),
                          .srv = kind.srv,
                          .role = std::string(short_name_of(static_cast<UserRole>(r))),
                          .future_dated = kind.future_dated});
    }
  for (std::size_t g = 0; g < given_roles.size(); ++g)
    given_classes_.push_back(
        kinds_[settings_.given[g].kind].classes[static_cast<std::size_t>(given_roles[g])]);
}

Status RequestPlan::check_given() const {
  for (const GivenRequest& g : settings_.given) {
    const auto is_sender = [&](const Identity& i) { return i.eui == g.originator; };
    if (std::none_of(batch_.identities.begin(), batch_.identities.end(), is_sender))
      return tl::unexpected(
          usage_error(fmt::format("{}: there is no XML-signing key of {}",
                                  (settings_.batch / "pki").string(), g.originator.text())));
  }
  return {};
}

Result<std::shared_ptr<const RequestPlan>> RequestPlan::make(const DuisSettings& settings,
                                                             const std::string& authority,
                                                             std::uint64_t seed) {
  auto plan = std::shared_ptr<RequestPlan>(new RequestPlan(settings));
  S1FLOW_TRY(plan->batch_, load_batch_view(settings.batch));
  plan->seed_ = seed;
  double sum = 0;
  for (const RequestKind& kind : settings.kinds) {
    S1FLOW_TRY_VOID(plan->add_kind(kind, authority));
    plan->shares_.push_back(sum += kind.weight);
  }
  for (double& share : plan->shares_) share /= sum;
  S1FLOW_TRY_VOID(plan->check_given());
  plan->add_classes();
  plan->send_command_head_ = plan->head_of(DccService::send_command, authority);
  return std::shared_ptr<const RequestPlan>(std::move(plan));
}

std::uint16_t RequestPlan::kind_of(std::uint64_t number) const {
  if (!settings_.given.empty()) return settings_.given[number % settings_.given.size()].kind;
  if (shares_.size() == 1) return 0;
  const double at = Random(seed_, number).unit();
  const auto found = std::upper_bound(shares_.begin(), shares_.end() - 1, at);
  return static_cast<std::uint16_t>(found - shares_.begin());
}

// The device's own supplier where it may send the kind, else anybody who may.
std::uint32_t RequestPlan::identity_for(const Kind& kind, Eui64 supplier,
                                        std::uint64_t random) const {
  for (const std::uint32_t i : kind.identities)
    if (batch_.identities[i].eui == supplier) return i;
  return kind.identities[random % kind.identities.size()];
}

void RequestPlan::choose_given(const GivenRequest& given, Choice& out) const {
  out.values.id = {given.originator, given.target, out.values.id.counter};
  out.values.device = given.device;
  for (std::size_t i = 0; i < batch_.identities.size(); ++i)
    if (batch_.identities[i].eui == given.originator) out.identity = static_cast<std::uint32_t>(i);
}

RequestPlan::Choice RequestPlan::choose(std::uint64_t number) const {
  Choice out;
  out.kind = kind_of(number);
  const Kind& kind = kinds_[out.kind];
  const UtcTime clock = batch_.clock;
  out.values.id.counter = settings_.first_counter + number;
  out.values.execution =
      settings_.kinds[out.kind].execution.value_or(clock.plus(std::chrono::hours(24)));
  out.values.from = clock.plus(-std::chrono::hours(24));
  out.values.until = clock;
  if (!settings_.given.empty()) {
    const std::size_t place = number % settings_.given.size();
    out.class_index = given_classes_[place];
    choose_given(settings_.given[place], out);
    return out;
  }
  // Another stream than that of the kinds.
  Random random(~seed_, number);
  const BatchDevice& device = batch_.devices[kind.devices[random.below(kind.devices.size())]];
  out.identity = identity_for(kind, device.supplier, random.next());
  out.class_index =
      kind.classes[static_cast<std::size_t>(role_for(out.kind, out.identity, device.type))];
  out.values.device = device.eui;
  const Eui64 target = kind.targets_dcc ? batch_.dcc : kind.targets_hub ? device.hub : device.eui;
  out.values.id.originator = batch_.identities[out.identity].eui;
  out.values.id.target = target;
  return out;
}

}  // namespace s1flow::loadgen
