#include "pipeline/generate/world.h"

#include <fmt/format.h>

#include "codecs/crypto/pki.h"
#include "codecs/files/mgf.h"
#include "codecs/files/table.h"

namespace s1flow::pipeline {
namespace {

namespace crypto = codecs::crypto;
namespace inv = codecs::inventory;

// EUI-64s of test parties share the block that published test certificates use; the last octets are
// ours.
constexpr std::uint64_t kParties = 0x90B3D51F30000000ULL;
constexpr Eui64 party(unsigned kind, unsigned number) {
  return Eui64(kParties | static_cast<std::uint64_t>(kind) << 16 | number);
}

constexpr unsigned kSuppliers = 6;
constexpr unsigned kElectricityOperators = 4;
constexpr unsigned kGasOperators = 3;

// Which GroupIDs belong together is not public; the first letter is taken for the SMSO.
struct SmsoPlan {
  const char* tag;
  std::vector<const char*> groups;
};

std::string octets(Random& random, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out.push_back(static_cast<char>(random.next() & 0xFF));
  return out;
}

std::string digits(Random& random, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out.push_back(static_cast<char>('0' + random.below(10)));
  return out;
}

}  // namespace

World World::make(std::uint64_t seed, Date monday, codecs::LayoutSet layouts, crypto::WithRsa rsa) {
  World w;
  w.seed_ = seed;
  Batch& b = w.batch;
  b.name = fmt::format("week-{}-seed-{}", monday.text(), seed);
  b.week = *MigrationWeek::from_monday(monday);
  b.clock = UtcTime(UtcTime::Rep(monday.plus_days(-3).day()) + std::chrono::hours(9));
  b.layouts = std::move(layouts);
  b.commissioning_party = {party(6, 1), "Commissioning Party"};
  b.dcc = {party(0, 2), "DCC"};
  const std::vector<SmsoPlan> plans{{"SMSOA", {"AA"}},
                                    {"SMSOB", {"BA"}},
                                    {"SMSOC", {"CA", "CB"}},
                                    {"SMSOD", {"DA"}},
                                    {"SMSOE", {"EA", "EB"}}};
  Random random(seed, 0xC0FFEE);
  for (unsigned s = 0; s < plans.size(); ++s) {
    Smso smso;
    smso.tag = plans[s].tag;
    smso.requesting_party = party(3, s + 1);
    smso.s1sp = party(4, s + 1);
    smso.dco = party(5, s + 1);
    for (const char* g : plans[s].groups) smso.groups.push_back(*GroupId::parse(g));
    w.drafting.groups.insert(w.drafting.groups.end(), smso.groups.begin(), smso.groups.end());
    for (const Eui64 sender : {smso.requesting_party, smso.s1sp})
      b.last_counters[sender] = 1000 + random.below(1000);
    b.smsos.push_back(std::move(smso));
    const auto code = [&] { return fmt::format("{:04X}", random.below(0x10000)); };
    std::array<Model, 3> models;
    for (Model& m : models)
      m = {code(), code() + code(), fmt::format("{:08X}", random.below(0x01000000))};
    w.models_.push_back(models);
  }
  b.last_counters[b.commissioning_party.eui] = 5000 + random.below(1000);
  for (unsigned i = 0; i < kSuppliers; ++i)
    b.suppliers.push_back({party(1, i), fmt::format("Supplier {}", i + 1)});
  for (unsigned i = 0; i < kElectricityOperators; ++i) {
    b.network_operators.push_back({party(2, i), fmt::format("Electricity Network {}", i + 1)});
    w.electricity_operators_.push_back(party(2, i));
  }
  for (unsigned i = 0; i < kGasOperators; ++i) {
    b.network_operators.push_back({party(2, 0x100 + i), fmt::format("Gas Network {}", i + 1)});
    w.gas_operators_.push_back(party(2, 0x100 + i));
  }
  for (const Party& p : b.suppliers) w.drafting.suppliers.push_back(p.eui);
  for (const Party& p : b.network_operators) w.drafting.operators.push_back(p.eui);
  w.drafting.week = b.week;
  w.drafting.clock = b.clock;
  w.drafting.random = Random(seed, 0xFA17);
  b.model.seed = seed;

  crypto::TestPkiSpec& pki = w.pki;
  pki.seed = seed;
  pki.valid_from = UtcTime(UtcTime::Rep(monday.plus_days(-400).day()));
  pki.valid_until = UtcTime(UtcTime::Rep(monday.plus_days(3000).day()));
  for (const Smso& s : b.smsos) {
    crypto::add_party(pki, crypto::PartyRole::requesting_party, s.requesting_party);
    crypto::add_party(pki, crypto::PartyRole::s1sp, s.s1sp, rsa);
    crypto::add_party(pki, crypto::PartyRole::dco, s.dco, rsa);
  }
  crypto::add_party(pki, crypto::PartyRole::commissioning_party, b.commissioning_party.eui);
  // A second Commissioning Party and strangers, so that files can be signed by the wrong one.
  crypto::add_party(pki, crypto::PartyRole::commissioning_party, party(6, 2));
  crypto::add_party(pki, crypto::PartyRole::dcc, b.dcc.eui);
  for (const Party& p : b.suppliers) crypto::add_party(pki, crypto::PartyRole::supplier, p.eui);
  for (const Party& p : b.network_operators)
    crypto::add_party(pki, crypto::PartyRole::network_operator, p.eui);
  pki.certificates.push_back({crypto::PartyRole::requesting_party,
                              crypto::CertificateUse::file_signing, party(3, 0x101),
                              crypto::CertificateFault::expired});
  pki.certificates.push_back({crypto::PartyRole::requesting_party,
                              crypto::CertificateUse::file_signing, party(3, 0x102),
                              crypto::CertificateFault::foreign_root});
  pki.certificates.push_back({crypto::PartyRole::requesting_party,
                              crypto::CertificateUse::file_signing, party(3, 0x103),
                              crypto::CertificateFault::revoked});
  pki.certificates.push_back({crypto::PartyRole::requesting_party,
                              crypto::CertificateUse::file_signing, party(3, 0x104),
                              crypto::CertificateFault::stale_list});
  return w;
}

Status World::read_certificates(const Path& folder) {
  crypto::PkiOptions options;
  options.clock = batch.clock;
  options.load_keys = false;
  S1FLOW_TRY(const crypto::Pki loaded, crypto::Pki::load(folder, options));
  for (const crypto::PkiEntry& e : loaded.entries())
    if (!e.certificate.empty()) certificates[e.eui][e.use] = e.certificate.serial();
  for (const auto& [eui, by_use] : certificates)
    for (const auto& [use, serial] : by_use)
      if (use == crypto::CertificateUse::digital_signing)
        drafting.certificates[eui].insert(drafting.certificates[eui].begin(), serial);
      else
        drafting.certificates[eui].push_back(serial);
  return {};
}

InstallationDraft World::draft(std::uint64_t index) const {
  Random random(seed_, index + 1);
  InstallationDraft d;
  d.smso = random.below(batch.smsos.size());
  const Smso& smso = batch.smsos[d.smso];
  d.id = fmt::format("{}-{:09}", smso.tag, index);
  d.group = smso.groups[random.below(smso.groups.size())];
  d.csp = kProviders[random.below(kProviders.size())];
  // Most weeks migrate from Monday to Friday; a few installations on Saturday.
  d.day = random.chance(0.04) ? 5 : static_cast<unsigned>(random.below(5));

  // MTAD 5.2: the combinations (a) to (e).
  const double kind = random.unit();
  const bool dormant_only = kind < 0.20;
  const bool mixed = kind >= 0.20 && kind < 0.35;
  const bool two_suppliers = kind >= 0.35 && kind < 0.50;
  const bool by_supplier = kind >= 0.50 && kind < 0.62;
  const double fuels = random.unit();
  const bool dual = mixed || two_suppliers || fuels < 0.70;
  const bool gas_only = !dual && fuels > 0.97;
  const Eui64 first = batch.suppliers[random.below(batch.suppliers.size())].eui;
  Eui64 second = first;
  if (two_suppliers || (dormant_only && random.chance(0.3)))
    while (second == first) second = batch.suppliers[random.below(batch.suppliers.size())].eui;
  const bool electricity_active = mixed ? random.chance(0.5) : !dormant_only;

  const auto& models = models_[d.smso];
  const std::uint64_t base = 0x00DB120000000000ULL | index << 4;
  const auto add = [&](DeviceType type, unsigned slot, const Model& m) -> DeviceDraft& {
    DeviceDraft device;
    device.type = type;
    device.id = Eui64(base | slot);
    device.manufacturer = m.manufacturer;
    device.model = m.model;
    device.firmware = m.firmware;
    device.smets_version =
        type == DeviceType::chf || type == DeviceType::gpf ? "CHTS V1.0" : "SMETS V1.2";
    d.devices.push_back(std::move(device));
    return d.devices.back();
  };
  const auto joining = [&](DeviceDraft& device) {
    device.install_code = octets(random, 16);
    device.join_time = 600 + static_cast<unsigned>(random.below(3000));
  };
  add(DeviceType::chf, 1, models[0]);
  if (dual || gas_only) joining(add(DeviceType::gpf, 2, models[0]));
  if (!gas_only) {
    DeviceDraft& meter = add(DeviceType::esme, 3, models[1]);
    joining(meter);
    meter.variant = random.chance(0.8) ? "A" : "AD";
  }
  if (dual || gas_only) joining(add(DeviceType::gsme, 4, models[2]));
  if (random.chance(0.40)) joining(add(DeviceType::ppmid, 5, {"AB01", "010A030B", "00000001"}));
  if (random.chance(0.15)) joining(add(DeviceType::ihd, 6, {"AB02", "0102030C", "00000002"}));

  for (unsigned m = 0; m < 2; ++m) {
    if (m == 0 ? gas_only : !dual && !gas_only) continue;
    MeterDraft& meter = d.meters[m];
    meter.present = true;
    meter.mpxn = m == 0 ? Mpxn::make_mpan((10 + index % 14) * 10'000'000'000ULL + index)
                        : Mpxn::make_mprn(10'000'000 + index % 89'999'999, 8);
    if (m == 0 && random.chance(0.08))
      meter.export_mpan =
          Mpxn::make_mpan((10 + index % 14) * 10'000'000'000ULL + 5'000'000'000ULL + index);
    meter.active = m == 0 ? electricity_active : mixed ? !electricity_active : !dormant_only;
    meter.supplier = meter.registered_supplier = meter.maf_sender = m == 0 ? first : second;
    const auto& operators = m == 0 ? electricity_operators_ : gas_operators_;
    meter.network_operator = operators[random.below(operators.size())];
    meter.maf_mpxn = meter.mpxn;
    meter.week = batch.week.monday();
    meter.migrate_on = batch.week.monday().plus_days(static_cast<int>(d.day));
    if (meter.active) {
      const auto& uses = certificates.at(meter.maf_sender);
      for (const auto use :
           {crypto::CertificateUse::digital_signing, crypto::CertificateUse::key_agreement,
            crypto::CertificateUse::key_agreement_top_up})
        meter.supplier_certificates.push_back(uses.at(use));
    }
    meter.operator_certificate =
        certificates.at(meter.network_operator).at(crypto::CertificateUse::key_agreement);
    meter.supplier_commissions = by_supplier;
  }
  d.by_supplier = by_supplier;
  if (by_supplier) d.outcome.outcome = Outcome::awaiting_supplier;

  std::string iccid = "8944" + digits(random, 14);
  d.iccid = iccid + luhn_check_digit(iccid);
  d.imsi = "2341" + digits(random, 11);
  d.msisdn = "447" + digits(random, 9);
  d.apn = fmt::format("s1.{}.example", smso.tag);
  d.ip_address =
      fmt::format("10.{}.{}.{}", random.below(256), random.below(256), random.below(256));
  const bool any_dormant =
      (d.meters[0].present && !d.meters[0].active) || (d.meters[1].present && !d.meters[1].active);
  if (any_dormant) {
    // What was due has been done (MTAD 6.4).
    d.firmware_readiness = random.chance(0.5) ? inv::Readiness::done : inv::Readiness::not_needed;
    d.configuration_readiness =
        random.chance(0.5) ? inv::Readiness::done : inv::Readiness::not_needed;
  }
  if (random.chance(0.05)) d.failed_attempts = 1 + static_cast<unsigned>(random.below(3));
  add_credentials(d, random);
  return d;
}

void World::add_credentials(InstallationDraft& d, Random& random) const {
  for (const char* type : {"mgf", "mef"}) {
    const auto layout = batch.layouts.preferred(type);
    for (const codecs::RequiredItem& item : layout->required) {
      if (item.kind.empty() ||
          std::find(item.groups.begin(), item.groups.end(), d.group) == item.groups.end())
        continue;
      const auto device =
          static_cast<DeviceType>(item.device_type == codecs::npos ? 0 : item.device_type);
      if (d.device(device) == nullptr) continue;
      CredentialDraft c;
      c.kind = item.kind;
      c.device = device;
      c.share = item.share == "s1sp"  ? inv::CredentialShare::s1sp
                : item.share == "dco" ? inv::CredentialShare::dco
                                      : inv::CredentialShare::plain;
      c.octets = octets(random, item.octets == 0 ? 32 : item.octets);
      d.credentials.push_back(std::move(c));
    }
  }
}

}  // namespace s1flow::pipeline
