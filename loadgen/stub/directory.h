#pragma once
// Users and Devices as the settings have them, for RequestJudge. Immutable; thread-safe.

#include "codecs/duis/request_judge.h"
#include "loadgen/stub/settings.h"

namespace s1flow::loadgen::stub {

// Whether a device of the type takes the variant. s1flow's own rule, from the variants' roles: a
// meter takes what suppliers or network operators of its fuel may send; what is for the hub alone
// (6.28 to 6.32, 8.11, 8.12) only the CHF takes, and it takes of the rest only the device log, its
// firmware and credentials. Types beside ESME, GSME, GPF and CHF take every variant.
[[nodiscard]] bool takes(DeviceType type, const ServiceReferenceVariant& srv);

class StubDirectory final : public codecs::duis::Directory {
 public:
  // Borrows the settings.
  explicit StubDirectory(const StubSettings& settings) : settings_(settings) {}

  [[nodiscard]] UserRoles roles_of(codecs::crypto::PartyRole role, Eui64 user) const override;
  [[nodiscard]] bool may_send(Eui64 user) const override;
  [[nodiscard]] bool has_device(Eui64 device) const override;
  [[nodiscard]] bool has_authority(Eui64 user, Eui64 device) const override;
  [[nodiscard]] bool status_allows(Eui64 device, const ServiceReferenceVariant& srv) const override;
  [[nodiscard]] bool type_allows(Eui64 device, const ServiceReferenceVariant& srv) const override;
  [[nodiscard]] bool allows_local_command(Eui64 device) const override;

 private:
  [[nodiscard]] bool refuses(Eui64 device, codecs::duis::ResponseCode code) const;
  [[nodiscard]] const DeviceSettings* find(Eui64 device) const;
  const StubSettings& settings_;
};

}  // namespace s1flow::loadgen::stub
