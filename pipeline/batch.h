#pragma once
// Batch: one Migration Week's folder, as batch.toml describes it. What is not in batch.toml has the
// defaults that docs/batch.md lists.
//
//   batch.toml   week, clock, parties, counters, policy, model        inventory/*.jsonl   the
//   SMSOs' installations maf/*.csv    authorisations                                       epcl.csv
//   eligible product combinations pki/         certificates and keys registration.csv    supplier
//   and operator of each MPxN script.jsonl what goes wrong on purpose (optional) schemas/ layouts
//   of the batch's own (optional)
//
// Immutable after load; thread-safe.

#include <map>
#include <string>
#include <vector>

#include "codecs/crypto/pki.h"
#include "codecs/layout/layout.h"
#include "codecs/limits.h"
#include "core/calendar.h"
#include "core/device.h"
#include "core/eui64.h"
#include "core/file.h"
#include "core/finding.h"
#include "core/result.h"
#include "pipeline/model/policy.h"

namespace s1flow::pipeline {

struct Party {
  Eui64 eui;
  std::string name;
};

// One SMETS1 SMSO and the parties that handle its installations.
struct Smso {
  std::string tag;
  Eui64 requesting_party;
  Eui64 s1sp;
  Eui64 dco;
  std::vector<GroupId> groups;
};

enum class KeyTransport { ecdh_es, rsa_oaep };
enum class AlertMode { none, unsigned_, signed_ };

// Probabilities with which Devices and the S1SP fail at a step, by failure code; 0 for codes that
// are not named.
struct ModelSettings {
  std::uint64_t seed = 1;
  std::vector<std::pair<std::string, double>> s1sp;
  std::vector<std::pair<std::string, double>> commissioning;
};

struct Batch {
  Path folder;
  std::string name;
  MigrationWeek week;
  UtcTime clock;  // the run's "now"; nothing asks the machine
  std::vector<Smso> smsos;
  Party commissioning_party;
  Party dcc;
  std::vector<Party> suppliers;
  std::vector<Party> network_operators;
  std::map<Eui64, std::uint64_t>
      last_counters;  // highest counter seen of each sender before this week
  std::vector<std::pair<std::string, Severity>> severities;
  codecs::Limits limits;
  Policy policy;
  ModelSettings model;
  KeyTransport key_transport = KeyTransport::ecdh_es;
  AlertMode alerts = AlertMode::signed_;
  codecs::crypto::RevocationPolicy revocation = codecs::crypto::RevocationPolicy::listed;
  codecs::LayoutSet layouts;

  std::vector<Path> mafs;
  std::vector<Path> inventories;
  Path epcl;
  Path registration;
  Path pki;
  Path script;                // empty: none
  Path schemas;               // empty: none
  std::vector<Path> skipped;  // among MAFs and inventories, but no regular files

  [[nodiscard]] const Smso* find_smso(std::string_view tag) const;  // whatever the case
  [[nodiscard]] std::string name_of(Eui64 party) const;             // its EUI when it has no name
  [[nodiscard]] std::uint64_t last_counter(Eui64 sender) const;
};

// Reads batch.toml and looks for the files. Missing folders and files, unknown keys, parties named
// twice, a week that is not a Monday: usage errors that say what to mend.
[[nodiscard]] Result<Batch> load_batch(const Path& folder);

}  // namespace s1flow::pipeline
