#include "loadgen/stub/directory.h"

#include <algorithm>
#include <array>

namespace s1flow::loadgen::stub {

namespace response_code = codecs::duis::response_code;
using codecs::duis::ResponseCode;

bool takes(DeviceType type, const ServiceReferenceVariant& srv) {
  constexpr std::array<std::string_view, 6> kHubAlone{"6.28", "6.29", "6.30",
                                                      "6.31", "6.32", "8.11"};
  constexpr std::array<std::string_view, 6> kHubToo{"6.15", "6.21", "6.23", "6.24", "8.9", "11.2"};
  const auto is_one_of = [&](const auto& list) {
    return std::find(list.begin(), list.end(), srv.reference) != list.end();
  };
  const bool hub_alone = is_one_of(kHubAlone) || srv.reference == "8.12";
  const UserRoles gas = UserRoles(UserRole::gas_supplier) | UserRole::gas_transporter;
  const UserRoles electricity = UserRoles(UserRole::import_supplier) | UserRole::export_supplier |
                                UserRole::electricity_distributor;
  switch (type) {
    case DeviceType::chf:
      return hub_alone || is_one_of(kHubToo);
    case DeviceType::esme:
      return !hub_alone && (srv.roles.empty() || srv.roles.has_any(electricity));
    case DeviceType::gsme:
    case DeviceType::gpf:
      return !hub_alone && (srv.roles.empty() || srv.roles.has_any(gas));
    default:
      return true;
  }
}

const DeviceSettings* StubDirectory::find(Eui64 device) const {
  const auto found = settings_.devices.find(device.value());
  return found == settings_.devices.end() ? nullptr : &found->second;
}
bool StubDirectory::refuses(Eui64 device, ResponseCode code) const {
  const DeviceSettings* const known = find(device);
  return known != nullptr && known->refuses == code;
}

UserRoles StubDirectory::roles_of(codecs::crypto::PartyRole role, Eui64 user) const {
  const auto found = settings_.users.find(user.value());
  if (found != settings_.users.end() && found->second == response_code::kE1) return {};
  return Directory::roles_of(role, user);
}
bool StubDirectory::may_send(Eui64 user) const {
  const auto found = settings_.users.find(user.value());
  return found == settings_.users.end() || found->second != response_code::kE3;
}
bool StubDirectory::has_device(Eui64 device) const {
  const DeviceSettings* const known = find(device);
  return known == nullptr ? settings_.every_device : known->refuses != response_code::kE19;
}
bool StubDirectory::has_authority(Eui64 /*user*/, Eui64 device) const {
  return !refuses(device, response_code::kE4);
}
bool StubDirectory::status_allows(Eui64 device, const ServiceReferenceVariant& /*srv*/) const {
  return !refuses(device, response_code::kE5);
}
bool StubDirectory::type_allows(Eui64 device, const ServiceReferenceVariant& srv) const {
  const DeviceSettings* const known = find(device);
  if (known == nullptr) return true;
  return known->refuses != response_code::kE11 && (!known->type || takes(*known->type, srv));
}
bool StubDirectory::allows_local_command(Eui64 device) const {
  return !refuses(device, response_code::kE17);
}

}  // namespace s1flow::loadgen::stub
