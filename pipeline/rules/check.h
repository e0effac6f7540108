#pragma once
// What a rule's check gets to see, and where it reports. One context per place where checks run;
// each holds what the party that checks would know at that moment. Checks are called from many
// threads; they read, and report.

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "codecs/crypto/pki.h"
#include "codecs/files/table.h"
#include "codecs/layout/layout.h"
#include "codecs/record.h"
#include "core/finding.h"
#include "pipeline/batch.h"
#include "pipeline/week/certificates.h"
#include "pipeline/week/epcl.h"
#include "pipeline/week/parties.h"
#include "pipeline/week/week_table.h"

namespace s1flow::pipeline {

// Collects what one check finds in one record.
class CheckReport {
 public:
  struct Item {
    const Rule* rule;
    std::string field, seen, note;
    unsigned meter;  // whose MAF row is meant, for checks over an installation
  };
  void begin(const Rule& rule) { rule_ = &rule; }
  // `seen` is cut and escaped by the caller of the check; never pass a secret.
  void add(std::string_view field, std::string_view seen = {}, std::string_view note = {},
           unsigned meter = 0) {
    items_.push_back({rule_, std::string(field), std::string(seen), std::string(note), meter});
  }
  void clear() { items_.clear(); }
  [[nodiscard]] std::vector<Item>& items() { return items_; }

 private:
  const Rule* rule_ = nullptr;
  std::vector<Item> items_;
};

// One installation of the SMSO's inventory, as the Requesting Party sees it.
struct InventoryCheck {
  const Batch& batch;
  const codecs::Layout& mef_layout;  // with the required file sets
  const codecs::Record& record;
};

// One row of a MAF, as the DCC sees it. `installation` and `meter` are null when nobody knows the
// MPxN.
struct MafCheck {
  const Batch& batch;
  const CertificateIndex& certificates;
  const PartyList& parties;
  const codecs::Record& record;
  Eui64 sender;
  const InstallationRow* installation;
  const MeterRow* meter;
};

// One installation once all MAFs are read.
struct AuthorisationCheck {
  const Batch& batch;
  const PartyList& parties;
  const InstallationRow& installation;
};

// One record of an MCF, as the Commissioning Party sees it. `installation` is null when the id is
// unknown.
struct McfCheck {
  const Batch& batch;
  const codecs::crypto::Pki& pki;
  const PartyList& parties;
  const EpclList& epcl;
  const codecs::Record& record;
  const Smso& smso;
  std::uint8_t day;
  const InstallationRow* installation;
};

// One record of an MGF or MEF, as the S1SP (and for its share the DCO) sees it after decryption.
// `devices` are those of the MCF.
struct GroupFileCheck {
  const Batch& batch;
  const codecs::Layout& layout;  // with the required file sets
  const codecs::Record& record;
  GroupId group;
  const std::vector<DeviceRow>& devices;
};

}  // namespace s1flow::pipeline
