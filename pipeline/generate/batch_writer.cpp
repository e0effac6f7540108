#include "pipeline/generate/batch_writer.h"

#include <fmt/format.h>

#include "codecs/files/epcl.h"
#include "codecs/files/registration.h"
#include "codecs/files/table.h"

namespace s1flow::pipeline {
namespace {

namespace inv = codecs::inventory;
namespace maf = codecs::maf;

constexpr std::size_t kGather = 256 * 1024;
constexpr std::size_t npos = static_cast<std::size_t>(-1);

void set_if(codecs::Value& v, std::string_view text) {
  if (!text.empty()) codecs::set_text(v, text);
}

// What is written although it is not a value of its field.
void set_raw(codecs::Value& v, std::string_view text) {
  v = {};
  v.text = text;
  v.state = text.empty() ? codecs::ValueState::absent : codecs::ValueState::bad;
}

}  // namespace

Result<PlainWriter> PlainWriter::create(const Path& path,
                                        std::shared_ptr<const codecs::Layout> layout) {
  S1FLOW_TRY(std::unique_ptr<codecs::Encoder> encoder, codecs::make_encoder(layout));
  S1FLOW_TRY(OutputFile file, OutputFile::create(path));
  PlainWriter w(std::move(file), std::move(encoder));
  w.name_ = path.filename().string();
  w.layout_ = std::move(layout);
  Arena arena;
  const codecs::Record header(w.layout_->type->header, arena);
  w.encoder_->begin(header, {}, w.text_);
  return w;
}

Status PlainWriter::put(std::string_view text) {
  text_ += text;
  if (text_.size() < kGather) return {};
  Status status = file_.write(text_);
  text_.clear();
  return status;
}

Result<std::uint64_t> PlainWriter::add(const codecs::Record& record) {
  const codecs::Record* one = &record;
  encoder_->encode({&one, 1}, nullptr, text_);
  S1FLOW_TRY_VOID(put({}));
  return ++records_;
}

Result<std::uint64_t> PlainWriter::add_raw(std::string_view line) {
  text_ += line;
  S1FLOW_TRY_VOID(put(layout_->container == codecs::Container::csv
                          ? std::string_view(layout_->csv.line_end)
                          : "\n"));
  return ++records_;
}

Status PlainWriter::finish() {
  S1FLOW_TRY_VOID(file_.write(text_));
  return file_.commit();
}

Status BatchWriter::open() {
  S1FLOW_TRY(registration_,
             PlainWriter::create(folder_ / name_of("registration"), layout("registration")));
  return {};
}

Result<PlainWriter*> BatchWriter::maf(Eui64 supplier, std::size_t smso, std::size_t refused) {
  const auto key = std::tuple(supplier, smso, refused);
  if (const auto it = mafs_.find(key); it != mafs_.end()) return &it->second;
  const auto l = layout("maf");
  Arena arena;
  codecs::Record header(l->type->header, arena);
  codecs::set_text(header[maf::smso], world_.batch.smsos[smso].tag);
  codecs::set(header[maf::sender], supplier);
  // Sent the day before the run's clock; refused files an hour later each.
  const UtcTime sent = world_.batch.clock.plus(
      -std::chrono::hours(24) + std::chrono::minutes(mafs_.size()) +
      (refused == npos ? std::chrono::hours(0) : std::chrono::hours(1 + refused)));
  codecs::set(header[maf::created], sent);
  const Path path = folder_ / "maf" / l->file_name.make(header);
  S1FLOW_TRY(PlainWriter w, PlainWriter::create(path, l));
  if (refused != npos) plain_[refused] = path;
  return &mafs_.emplace(key, std::move(w)).first->second;
}

Result<PlainWriter*> BatchWriter::inventory(std::size_t smso, std::size_t refused) {
  const auto key = std::pair(smso, refused);
  if (const auto it = inventories_.find(key); it != inventories_.end()) return &it->second;
  const Path path = folder_ / "inventory" /
                    (world_.batch.smsos[smso].tag +
                     (refused == npos ? std::string() : fmt::format("-{}", refused)) + "." +
                     std::string(codecs::name_of(layout("inventory")->container)));
  S1FLOW_TRY(PlainWriter w, PlainWriter::create(path, layout("inventory")));
  if (refused != npos) plain_[refused] = path;
  return &inventories_.emplace(key, std::move(w)).first->second;
}

codecs::Record BatchWriter::inventory_record(const InstallationDraft& d, Arena& arena) const {
  codecs::Record r(layout("inventory")->type->record, arena);
  codecs::set_text(r[inv::installation_id], d.id);
  codecs::set_text(r[inv::smso], world_.batch.smsos[d.smso].tag);
  codecs::set(r[inv::group_id], d.group);
  set_if(r[inv::csp], d.csp);
  codecs::set_number(r[inv::wan], d.wan ? 1 : 0);
  codecs::set_number(r[inv::failed_attempts], d.failed_attempts);
  codecs::set_code(r[inv::firmware_readiness], d.firmware_readiness);
  codecs::set_code(r[inv::configuration_readiness], d.configuration_readiness);
  set_if(r[inv::iccid], d.iccid);
  set_if(r[inv::imsi], d.imsi);
  set_if(r[inv::msisdn], d.msisdn);
  set_if(r[inv::apn], d.apn);
  set_if(r[inv::ip_address], d.ip_address);
  for (const auto& [field, text] : d.raw_inventory_fields) set_raw(r[field], text);
  for (const DeviceDraft& device : d.devices) {
    codecs::GroupInstance& g = r.add(inv::device);
    codecs::set_code(g[inv::type], device.type);
    codecs::set(g[inv::id], device.id);
    set_if(g[inv::manufacturer], device.manufacturer);
    set_if(g[inv::model], device.model);
    set_if(g[inv::firmware], device.firmware);
    set_if(g[inv::smets_version], device.smets_version);
    set_if(g[inv::esme_variant], device.variant);
    set_if(g[inv::install_code], device.install_code);
    if (device.join_time != 0) codecs::set_number(g[inv::join_time], device.join_time);
    if (device.type != DeviceType::esme && device.type != DeviceType::gsme) continue;
    const MeterDraft& m = d.meters[device.type == DeviceType::esme ? 0 : 1];
    codecs::set_code(g[inv::status], m.active ? MeterStatus::active : MeterStatus::dormant);
    codecs::set(g[inv::supplier], m.supplier);
    const auto point = [&](codecs::MeterPointRole role, Mpxn mpxn) {
      if (mpxn.empty()) return;
      codecs::GroupInstance& p = r.add(inv::meter_point, &g);
      codecs::set_code(p[inv::role], role);
      codecs::set(p[inv::mpxn], mpxn);
    };
    point(codecs::MeterPointRole::import_, m.mpxn);
    point(codecs::MeterPointRole::export_, m.export_mpan);
  }
  for (const CredentialDraft& c : d.credentials) {
    codecs::GroupInstance& g = r.add(inv::credential);
    codecs::set_code(g[inv::share], c.share);
    codecs::set_text(g[inv::kind], c.kind);
    for (const DeviceDraft& device : d.devices)
      if (device.type == c.device) codecs::set(g[inv::credential_device], device.id);
    codecs::set_text(g[inv::value], c.octets);
  }
  return r;
}

codecs::Record BatchWriter::maf_record(const MeterDraft& m, Arena& arena) const {
  codecs::Record r(layout("maf")->type->record, arena);
  codecs::set(r[maf::mpxn], m.maf_mpxn);
  codecs::set(r[maf::migration_week], m.week);
  codecs::set(r[maf::migrate_on], m.migrate_on);
  codecs::set(r[maf::operator_certificate], m.operator_certificate);
  codecs::set_number(r[maf::supplier_commissions], m.supplier_commissions ? 1 : 0);
  for (const CertificateSerial& serial : m.supplier_certificates)
    codecs::set(r.add(maf::supplier_certificate)[maf::serial], serial);
  for (const auto& [field, text] : m.raw_maf) set_raw(r[field], text);
  return r;
}

Status BatchWriter::write_inventory(const InstallationDraft& d, std::size_t refused,
                                    Written& written) {
  if (!d.in_inventory) return {};
  S1FLOW_TRY(PlainWriter * file, inventory(d.smso, refused));
  written.inventory_file = file->name();
  if (!d.raw_inventory.empty()) {
    S1FLOW_TRY(written.inventory_position, file->add_raw(d.raw_inventory));
    return {};
  }
  Arena arena;
  const codecs::Record record = inventory_record(d, arena);
  for (unsigned i = 0; i < d.inventory_copies; ++i) {
    S1FLOW_TRY(written.inventory_position, file->add(record));
  }
  if (d.ghost_id.empty()) return {};
  InstallationDraft ghost = d;
  ghost.id = d.ghost_id;
  for (DeviceDraft& device : ghost.devices)
    device.id = Eui64(device.id.value() ^ 0x0000800000000000ULL);
  S1FLOW_TRY(const std::uint64_t position, file->add(inventory_record(ghost, arena)));
  (void)position;
  return {};
}

Status BatchWriter::write_registration(const InstallationDraft& d) {
  namespace reg = codecs::registration;
  for (const MeterDraft& m : d.meters) {
    if (!m.present || !m.registered) continue;
    Arena arena;
    codecs::Record r(layout("registration")->type->record, arena);
    codecs::set(r[reg::mpxn], m.mpxn);
    codecs::set(r[reg::supplier], m.registered_supplier);
    codecs::set(r[reg::network_operator], m.network_operator);
    for (unsigned i = 0; i < m.registration_copies; ++i) {
      S1FLOW_TRY(const std::uint64_t position, registration_->add(r));
      (void)position;
    }
  }
  return {};
}

Result<Written> BatchWriter::add(const InstallationDraft& d, std::size_t inventory_of,
                                 std::size_t maf_of) {
  Written written;
  S1FLOW_TRY_VOID(write_inventory(d, inventory_of, written));
  S1FLOW_TRY_VOID(write_registration(d));
  for (unsigned m = 0; m < 2; ++m) {
    const MeterDraft& meter = d.meters[m];
    if (!meter.present || !meter.in_maf) continue;
    S1FLOW_TRY(PlainWriter * file, maf(meter.maf_sender, d.smso, maf_of));
    written.maf_file[m] = file->name();
    if (meter.ragged_row) {
      S1FLOW_TRY(written.maf_position[m],
                 file->add_raw(meter.maf_mpxn.text() + layout("maf")->csv.delimiter + "Y"));
      continue;
    }
    Arena arena;
    for (unsigned i = 0; i < meter.copies; ++i) {
      S1FLOW_TRY(written.maf_position[m], file->add(maf_record(meter, arena)));
    }
  }
  return written;
}

Status BatchWriter::finish() {
  for (auto& [key, file] : mafs_) S1FLOW_TRY_VOID(file.finish());
  for (auto& [key, file] : inventories_) S1FLOW_TRY_VOID(file.finish());
  return registration_->finish();
}

std::string BatchWriter::name_of(std::string_view type) const {
  return fmt::format("{}.{}", type, codecs::name_of(layout(type)->container));
}

std::string BatchWriter::plain_name(std::size_t number) const {
  return plain_path(number).filename().string();
}

Path BatchWriter::plain_path(std::size_t number) const {
  const auto it = plain_.find(number);
  return it == plain_.end() ? Path() : it->second;
}

Status BatchWriter::write_epcl() const {
  namespace epcl = codecs::epcl;
  S1FLOW_TRY(PlainWriter file, PlainWriter::create(folder_ / name_of("epcl"), layout("epcl")));
  unsigned entry = 0;
  for (std::size_t s = 0; s < world_.batch.smsos.size(); ++s)
    for (const std::string_view csp : World::kProviders)
      for (const unsigned meters : {1U, 2U, 3U})
        for (const auto applies :
             {epcl::AppliesTo::either, epcl::AppliesTo::active, epcl::AppliesTo::dormant}) {
          const auto& [hub, electricity, gas] = world_.models(s);
          Arena arena;
          codecs::Record r(layout("epcl")->type->record, arena);
          const std::string name = fmt::format("EPC{:04}", ++entry);
          codecs::set_text(r[epcl::entry], name);
          codecs::set_text(r[epcl::smso], world_.batch.smsos[s].tag);
          codecs::set_text(r[epcl::csp], csp);
          codecs::set_code(r[epcl::applies_to], applies);
          set_if(r[epcl::chf_manufacturer], hub.manufacturer);
          // Two hubs are on the list for one kind of meter only.
          set_if(r[epcl::chf_model],
                 applies == epcl::AppliesTo::either   ? std::string_view(hub.model)
                 : applies == epcl::AppliesTo::active ? std::string_view("ACTIVEONLY")
                                                      : std::string_view("DORMANTONLY"));
          set_if(r[epcl::chf_firmware], hub.firmware);
          if ((meters & 1U) != 0) {
            set_if(r[epcl::esme_manufacturer], electricity.manufacturer);
            set_if(r[epcl::esme_model], electricity.model);
            set_if(r[epcl::esme_firmware], electricity.firmware);
          }
          if ((meters & 2U) != 0) {
            set_if(r[epcl::gsme_manufacturer], gas.manufacturer);
            set_if(r[epcl::gsme_model], gas.model);
          }
          codecs::set(r[epcl::added], world_.batch.week.monday().plus_days(-90));
          S1FLOW_TRY(const std::uint64_t position, file.add(r));
          (void)position;
        }
  return file.finish();
}

Status BatchWriter::write_batch_toml(bool rsa) const {
  const Batch& b = world_.batch;
  std::string t =
      "# A batch for 's1flow dry-run', made by 's1flow generate week'. Every installation in it is "
      "invented.\n";
  const auto line = [&](std::string_view key, std::string_view value) {
    t += fmt::format("{} = \"{}\"\n", key, value);
  };
  line("name", b.name);
  t += fmt::format("migration-week = {}\nclock = {}\n\n", b.week.monday().text(), b.clock.text());
  for (const Smso& s : b.smsos) {
    t += "[[smso]]\n";
    line("tag", s.tag);
    line("requesting-party", s.requesting_party.text());
    line("s1sp", s.s1sp.text());
    line("dco", s.dco.text());
    std::string groups;
    for (const GroupId g : s.groups)
      groups += fmt::format("{}\"{}\"", groups.empty() ? "" : ", ", g.view());
    t += fmt::format("groups = [{}]\n\n", groups);
  }
  const auto party = [&](std::string_view table, const Party& p) {
    t += fmt::format("{}\nid = \"{}\"\nname = \"{}\"\n\n", table, p.eui.text(), p.name);
  };
  party("[commissioning-party]", b.commissioning_party);
  party("[dcc]", b.dcc);
  for (const Party& p : b.suppliers) party("[[supplier]]", p);
  for (const Party& p : b.network_operators) party("[[network-operator]]", p);
  t += "# The highest counter seen of each sender; files have to be above it.\n[counters]\n";
  for (const auto& [eui, counter] : b.last_counters)
    t += fmt::format("\"{}\" = {}\n", eui.text(), counter);
  t += fmt::format(
      "\n[model]\nseed = {}\n\n[exchange]\nkey-transport = \"{}\"\nalerts = \"signed\"\n",
      b.model.seed, rsa ? "rsa-oaep" : "ecdh-es");
  std::string others;
  for (const auto& [type, usual] : {std::pair("epcl", "epcl.csv"),
                                    {"registration", "registration.csv"},
                                    {"script", "script.jsonl"}})
    if (name_of(type) != usual) others += fmt::format("{} = \"{}\"\n", type, name_of(type));
  if (!others.empty()) t += "\n[files]\n" + others;
  return write_whole(folder_ / "batch.toml", t);
}

}  // namespace s1flow::pipeline
