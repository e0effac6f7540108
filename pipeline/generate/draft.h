#pragma once
// Drafts: a week before it is written. The generator makes drafts of installations that would
// migrate without trouble; faults then spoil some of them and say what a dry run has to find. What
// is expected is worked out here from the fault alone, never by running the checks.

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "codecs/files/inventory.h"
#include "codecs/files/maf.h"
#include "core/calendar.h"
#include "core/certificate_serial.h"
#include "core/device.h"
#include "core/eui64.h"
#include "core/finding.h"
#include "core/mpxn.h"
#include "core/random.h"
#include "pipeline/week/week_table.h"

namespace s1flow::pipeline {

struct DeviceDraft {
  DeviceType type = DeviceType::chf;
  Eui64 id;
  std::string manufacturer, model, firmware, smets_version, variant;
  std::string install_code;  // octets
  unsigned join_time = 0;    // seconds; 0: none
};

// One meter with its MAF row. [0] electricity, [1] gas.
struct MeterDraft {
  bool present = false;
  Mpxn mpxn;
  Mpxn export_mpan;
  bool active = true;
  Eui64 supplier;             // in the SMSO's inventory
  Eui64 registered_supplier;  // in the registration data
  Eui64 network_operator;
  bool registered = true;
  unsigned registration_copies = 1;  // rows in the registration data
  // The MAF row.
  bool in_maf = true;
  Eui64 maf_sender;
  Mpxn maf_mpxn;
  Date week, migrate_on;
  std::vector<CertificateSerial> supplier_certificates;
  CertificateSerial operator_certificate;
  bool supplier_commissions = false;
  unsigned copies = 1;  // rows written
  std::map<std::size_t, std::string>
      raw_maf;              // maf::Field to the text that is written instead of the value
  bool ragged_row = false;  // the row has two fields only
};

struct CredentialDraft {
  codecs::inventory::CredentialShare share = codecs::inventory::CredentialShare::plain;
  std::string kind;
  DeviceType device = DeviceType::chf;
  std::string octets;
};

// The file in which a finding is expected.
enum class ExpectedIn : std::uint8_t {
  inventory,
  registration,
  epcl,
  maf,
  mcf,
  mvf,
  mgf,
  mef,
  scf,
  cof
};

struct ExpectedFinding {
  const Rule* rule = nullptr;
  ExpectedIn in = ExpectedIn::maf;
  unsigned meter = 0;        // whose MAF row
  std::string record;        // empty: the installation's id, or the row's MPxN
  bool by_position = false;  // the record has no name; it is called by its position in the file
  std::string field;
  std::string seen;
};

struct ExpectedOutcome {
  Outcome outcome = Outcome::migrated;
  WeekStage stage = WeekStage::cof;
  const Rule* reason = nullptr;
  std::string failure;  // code of the step that failed
};

// A line of the script.
struct ScriptLine {
  DeviceType device = DeviceType::chf;
  std::string step, code;
  unsigned attempts = 0;  // 0: all
};

struct InstallationDraft {
  std::string id;
  std::size_t smso = 0;  // index in the batch
  GroupId group;
  std::string csp;
  unsigned day = 0;  // after the Monday
  bool by_supplier = false;
  std::vector<DeviceDraft> devices;
  std::array<MeterDraft, 2> meters;
  std::vector<CredentialDraft> credentials;
  std::string iccid, imsi, msisdn, apn, ip_address;
  bool wan = true;
  unsigned failed_attempts = 0;
  codecs::inventory::Readiness firmware_readiness = codecs::inventory::Readiness::not_needed;
  codecs::inventory::Readiness configuration_readiness = codecs::inventory::Readiness::not_needed;
  bool in_inventory = true;
  unsigned inventory_copies = 1;
  std::string
      ghost_id;  // of a second installation with the same meter points, which nobody authorises
  std::string raw_inventory;  // the whole line, when it is not to be an object of fields
  std::map<std::size_t, std::string>
      raw_inventory_fields;  // inventory::Field to the text written instead
  std::vector<ScriptLine> script;
  // Events of the exchange that concern this installation: file type and rule.
  std::vector<std::pair<std::string, const Rule*>> exchange;

  // What a dry run has to give. `faulty` once a fault was put in.
  bool faulty = false;
  bool hidden = false;  // its MAF is refused as a whole, so nobody hears of it
  bool planned =
      true;  // its outcome is one of an installation, not of MAF rows that belong to none
  std::vector<ExpectedFinding> findings;
  ExpectedOutcome outcome;

  [[nodiscard]] bool dual_fuel() const { return meters[0].present && meters[1].present; }
  [[nodiscard]] DeviceDraft* device(DeviceType type);
  [[nodiscard]] unsigned first_meter() const { return meters[0].present ? 0 : 1; }
  void expect(const Rule& rule, ExpectedIn in, std::string field = {}, std::string seen = {},
              unsigned meter = 0);
  // The same finding for every MAF row of the installation; `seen` may differ per meter.
  void settle(Outcome result, WeekStage stage, const Rule* reason, std::string failure = {});
};

// What faults may draw on.
struct DraftWorld {
  MigrationWeek week;
  UtcTime clock;
  std::vector<Eui64> suppliers, operators;
  // Certificates that exist in the pki folder: of suppliers and operators, digital signing first.
  std::map<Eui64, std::vector<CertificateSerial>> certificates;
  std::vector<GroupId> groups;
  Random random{1};

  [[nodiscard]] Eui64 other_supplier(Eui64 than);
  [[nodiscard]] Eui64 other_operator(Eui64 than);
};

}  // namespace s1flow::pipeline
