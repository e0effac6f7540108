#include "bench/corpus.h"

#include <cstdlib>

#include "codecs/encoder.h"
#include "codecs/files/inventory.h"
#include "codecs/files/maf.h"
#include "codecs/files/mcf.h"
#include "core/random.h"

namespace s1flow::bench {

using namespace codecs;

namespace {

Eui64 device_id(std::size_t record, unsigned which) {
  return Eui64(0x00DB000000000000ULL + record * 16 + which);
}

std::unique_ptr<Encoder> encoder_of(const std::string& type) {
  auto encoder = make_encoder(shipped_layout(type));
  if (!encoder) std::abort();
  return *std::move(encoder);
}

void add_meter(Record& r, DeviceType type, std::size_t i, Random& random) {
  GroupInstance& meter = r.add(mcf::device);
  const bool gas = type == DeviceType::gsme;
  set_code(meter[mcf::type], type);
  set(meter[mcf::id], device_id(i, gas ? 2 : 1));
  set_text(meter[mcf::manufacturer], "106C");
  set_text(meter[mcf::model], "433100AC");
  set_text(meter[mcf::firmware], "0001A2B3");
  set_code(meter[mcf::status], MeterStatus::active);
  set(meter[mcf::supplier], Eui64(0x90B3D51F30010000));
  set(meter[mcf::network_operator], Eui64(0x90B3D51F30020000));
  GroupInstance& point = r.add(mcf::meter_point, &meter);
  set_code(point[mcf::role], MeterPointRole::import_);
  set(point[mcf::mpxn],
      gas ? Mpxn::make_mprn(10'000'000 + i, 8) : Mpxn::make_mpan(120000000000 + i));
  for (unsigned use = 0; use < 2; ++use) {
    GroupInstance& certificate = r.add(mcf::supplier_certificate, &meter);
    set_number(certificate[mcf::use], use);
    set(certificate[mcf::serial], CertificateSerial(random.next(), random.next()));
  }
}

void add_device(Record& r, DeviceType type, std::size_t i, unsigned which) {
  GroupInstance& device = r.add(mcf::device);
  set_code(device[mcf::type], type);
  set(device[mcf::id], device_id(i, which));
  set_text(device[mcf::manufacturer], "106C");
  set_text(device[mcf::model], "433100AC");
  set_text(device[mcf::firmware], "0001A2B3");
}

}  // namespace

std::shared_ptr<const Layout> shipped_layout(const std::string& type) {
  static const Result<LayoutSet> set = LayoutSet::shipped();
  if (!set) std::abort();
  return set->preferred(type);
}

std::string make_mcf(std::size_t records) {
  const auto encoder = encoder_of("mcf");
  const FileType& type = *shipped_layout("mcf")->type;
  Arena arena;
  Random random(1);
  Record header(type.header, arena);
  namespace ex = exchange;
  set(header[ex::sender], Eui64(0x90B3D51F30000001));
  set(header.add(ex::recipient)[ex::recipient_id], Eui64(0x90B3D51F30000002));
  set_number(header[ex::counter], 42);
  set(header[ex::created], *UtcTime::parse("2021-06-04T10:00:00Z"));
  set_text(header[ex::smso], "SMSOA");
  set(header[ex::migration_week], *Date::parse("2021-06-07"));
  set(header[ex::migrate_on], *Date::parse("2021-06-08"));
  set_number(header[ex::record_count], records);
  std::string out;
  encoder->begin(header, {}, out);
  for (std::size_t i = 0; i < records; ++i) {
    Arena one;
    Record r(type.record, one);
    r.ordinal = i + 1;
    set_text(r[mcf::installation_id], one.copy("INST-" + std::to_string(i)));
    set(r[mcf::group_id], *GroupId::parse("CA"));
    set_code(r[mcf::commissioned_by], CommissionedBy::dcc);
    add_device(r, DeviceType::chf, i, 0);
    const bool gas = random.chance(0.85);
    if (gas) add_device(r, DeviceType::gpf, i, 3);
    add_meter(r, DeviceType::esme, i, random);
    if (gas) add_meter(r, DeviceType::gsme, i, random);
    if (random.chance(0.4)) add_device(r, DeviceType::ppmid, i, 4);
    const Record* record = &r;
    encoder->encode({&record, 1}, nullptr, out);
  }
  Record trailer(type.trailer, arena);
  set_number(trailer[ex::trailer_record_count], records);
  encoder->end(trailer, out);
  encoder->close(out);
  return out;
}

std::string make_maf(std::size_t records) {
  const auto encoder = encoder_of("maf");
  const FileType& type = *shipped_layout("maf")->type;
  Arena arena;
  Random random(2);
  std::string out;
  encoder->begin(Record(type.header, arena), {}, out);
  for (std::size_t i = 0; i < records; ++i) {
    Arena one;
    Record r(type.record, one);
    set(r[maf::mpxn], Mpxn::make_mpan(120000000000 + i));
    set(r[maf::migration_week], *Date::parse("2021-06-07"));
    set(r[maf::migrate_on], *Date::parse("2021-06-08"));
    set(r[maf::operator_certificate], CertificateSerial(random.next(), random.next()));
    set_number(r[maf::supplier_commissions], 0);
    for (unsigned k = 0; k < 2; ++k)
      set(r.add(maf::supplier_certificate)[maf::serial],
          CertificateSerial(random.next(), random.next()));
    const Record* record = &r;
    encoder->encode({&record, 1}, nullptr, out);
  }
  encoder->end(Record(type.trailer, arena), out);
  encoder->close(out);
  return out;
}

std::string make_inventory(std::size_t records) {
  const auto encoder = encoder_of("inventory");
  const FileType& type = *shipped_layout("inventory")->type;
  Arena arena;
  std::string out;
  encoder->begin(Record(type.header, arena), {}, out);
  for (std::size_t i = 0; i < records; ++i) {
    Arena one;
    Record r(type.record, one);
    set_text(r[inventory::installation_id], one.copy("INST-" + std::to_string(i)));
    set_text(r[inventory::smso], "SMSOA");
    set(r[inventory::group_id], *GroupId::parse("CA"));
    set_text(r[inventory::iccid], "89440000000000000000");
    for (unsigned k = 0; k < 3; ++k) {
      GroupInstance& d = r.add(inventory::device);
      const DeviceType types[] = {DeviceType::chf, DeviceType::esme, DeviceType::gsme};
      set_code(d[inventory::type], types[k]);
      set(d[inventory::id], device_id(i, k));
      set_text(d[inventory::manufacturer], "106C");
      set_text(d[inventory::model], "433100AC");
      set_text(d[inventory::firmware], "0001A2B3");
      if (k == 0) continue;
      set_code(d[inventory::status], MeterStatus::active);
      set(d[inventory::supplier], Eui64(0x90B3D51F30010000));
      GroupInstance& point = r.add(inventory::meter_point, &d);
      set_code(point[inventory::role], MeterPointRole::import_);
      set(point[inventory::mpxn],
          k == 1 ? Mpxn::make_mpan(120000000000 + i) : Mpxn::make_mprn(10'000'000 + i, 8));
    }
    const Record* record = &r;
    encoder->encode({&record, 1}, nullptr, out);
  }
  encoder->end(Record(type.trailer, arena), out);
  encoder->close(out);
  return out;
}

}  // namespace s1flow::bench
