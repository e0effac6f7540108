#pragma once
// What a load test takes from a batch (docs/batch.md): the parties whose XML-signing keys it holds,
// the devices of its inventories, the DCC and the clock. Immutable; thread-safe.

#include <string>
#include <vector>

#include "codecs/crypto/pki.h"
#include "core/device.h"
#include "core/file.h"
#include "core/srv_table.h"

namespace s1flow::loadgen {

// A User who can sign; the entry lives as long as the view's Pki.
struct Identity {
  Eui64 eui;
  UserRoles roles;
  const codecs::crypto::PkiEntry* entry = nullptr;
};

struct BatchDevice {
  Eui64 eui;
  DeviceType type{};
  Eui64 supplier;  // empty: the inventory names none
  Eui64 hub;       // the communications hub of its installation
};

struct BatchView {
  UtcTime clock;
  Eui64 dcc;
  codecs::crypto::Pki pki;
  std::vector<Identity> identities;  // in the order of role and EUI-64
  std::vector<BatchDevice> devices;  // in the order of files and records
};

// Certificates that are not good at the batch's clock are left out. A usage error when nobody can
// sign or there is no device.
[[nodiscard]] Result<BatchView> load_batch_view(const Path& folder);

}  // namespace s1flow::loadgen
