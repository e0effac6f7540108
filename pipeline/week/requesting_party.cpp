// The Requesting Parties' part: MCF, MGF and MEF of every day in one pass over the inventories.

#include <algorithm>
#include <mutex>

#include <fmt/format.h>

#include "codecs/crypto/xmlenc.h"
#include "codecs/files/inventory.h"
#include "codecs/files/mcf.h"
#include "codecs/files/mef.h"
#include "codecs/files/mgf.h"
#include "core/machine.h"
#include "pipeline/week/made_file.h"
#include "pipeline/week/steps.h"

namespace s1flow::pipeline {
namespace {

namespace inv = codecs::inventory;
namespace mcf = codecs::mcf;
namespace mgf = codecs::mgf;
namespace mef = codecs::mef;
namespace crypto = codecs::crypto;

// The content keys of one MEF, one per share.
struct MefKeys {
  std::vector<crypto::ContentKey> keys;
  std::vector<crypto::EncryptedDataForm> forms;
  std::string xml;
};

// One file in the making.
struct Slot {
  PlannedFile* planned = nullptr;
  std::optional<ExchangeWriter> writer;
  std::optional<MefKeys> keys;
};

constexpr std::size_t kNoSlot = static_cast<std::size_t>(-1);

struct MakerState final : WorkerState {
  std::vector<std::uint64_t> records;                       // by slot
  std::vector<std::vector<crypto::ContentSealer>> sealers;  // by slot and share
  WeekTable::Near near;
};

class Sealer final : public codecs::ShareSealer {
 public:
  Sealer(const MefKeys& keys, std::vector<crypto::ContentSealer>& sealers)
      : keys_(keys), sealers_(sealers) {}
  void seal(std::size_t share, std::uint64_t ordinal, std::string_view plain,
            std::string& out) override {
    const crypto::RecordShare place{.ordinal = ordinal, .index = static_cast<std::uint8_t>(share)};
    Status sealed =
        keys_.forms[share].append_sealed(out, sealers_[share], place, as_bytes_of(plain));
    if (!sealed && !error) error = std::move(sealed).error();
  }
  std::optional<Error> error;

 private:
  static std::span<const unsigned char> as_bytes_of(std::string_view s) {
    return {reinterpret_cast<const unsigned char*>(s.data()), s.size()};
  }
  const MefKeys& keys_;
  std::vector<crypto::ContentSealer>& sealers_;
};

class RequestingPartyStep {
 public:
  explicit RequestingPartyStep(RunContext& run) : run_(run) {}

  Status run() {
    plan_files();
    // One pass over the inventories makes as many files as may be open at once; mostly that is all
    // of them.
    const std::size_t at_once = spare_descriptors();
    for (std::size_t first = 0; first < wanted_.size(); first += at_once) {
      slots_.clear();
      std::fill(by_place_.begin(), by_place_.end(), kNoSlot);
      for (std::size_t i = first; i < std::min(wanted_.size(), first + at_once); ++i)
        S1FLOW_TRY_VOID(open(wanted_[i]));
      for (std::size_t i = 0; i < run_.batch.inventories.size(); ++i) {
        run_.tell("making MCF, MGF and MEF", i, run_.batch.inventories.size());
        S1FLOW_TRY_VOID(read(run_.batch.inventories[i], i));
      }
      for (Slot& s : slots_) S1FLOW_TRY_VOID(close(s));
    }
    return {};
  }

 private:
  [[nodiscard]] std::size_t group_index(const InstallationRow& row) const {
    const auto& groups = run_.batch.smsos[row.smso].groups;
    const auto it = std::find(groups.begin(), groups.end(), GroupId::unpack(row.group));
    return it == groups.end() ? kNoSlot : static_cast<std::size_t>(it - groups.begin());
  }

  // A file that has at least one installation, and is neither given nor finished.
  struct Wanted {
    PlannedFile* planned = nullptr;
    std::size_t place = 0;
    std::uint64_t count = 0;
  };

  void plan_files() {
    const std::size_t smsos = run_.batch.smsos.size();
    std::size_t most_groups = 0;
    for (const Smso& s : run_.batch.smsos) most_groups = std::max(most_groups, s.groups.size());
    stride_ = 1 + 2 * most_groups;
    by_place_.assign(7 * smsos * stride_, kNoSlot);
    std::vector<std::uint64_t> counts(by_place_.size(), 0);
    for (std::uint32_t r = 0; r < run_.table.size(); ++r) {
      run_.table.pace(r);
      const InstallationRow& row = run_.table[r];
      if (!row.authorised || row.settled()) continue;
      const std::size_t g = group_index(row);
      if (g == kNoSlot) continue;
      ++counts[place(row.smso, row.day, 0)];
      ++counts[place(row.smso, row.day, 1 + 2 * g)];
      ++counts[place(row.smso, row.day, 2 + 2 * g)];
    }
    for (unsigned day = 0; day < 7; ++day)
      for (std::size_t s = 0; s < smsos; ++s)
        for (std::size_t k = 0; k < stride_; ++k) {
          const std::uint64_t count = counts[place(s, day, k)];
          if (count == 0) continue;
          const std::string_view type = k == 0 ? "mcf" : k % 2 == 1 ? "mgf" : "mef";
          PlannedFile* planned = run_.plan.find(type, s, day, k == 0 ? 0 : (k - 1) / 2);
          if (planned == nullptr || !planned->given.empty() || take_finished(run_, *planned))
            continue;
          wanted_.push_back({planned, place(s, day, k), count});
        }
  }

  [[nodiscard]] std::size_t place(std::size_t smso, unsigned day, std::size_t kind) const {
    return (day * run_.batch.smsos.size() + smso) * stride_ + kind;
  }

  Status open(const Wanted& wanted) {
    PlannedFile& planned = *wanted.planned;
    Slot slot;
    slot.planned = &planned;
    ExchangeHeader header = planned.header;
    header.record_count = wanted.count;
    std::string keys;
    if (planned.type == "mef") {
      S1FLOW_TRY(slot.keys, make_keys(*run_.layout("mef"), run_.batch.smsos[planned.smso]));
      keys = slot.keys->xml;
    }
    S1FLOW_TRY(slot.writer, begin_file(run_, planned, header, keys));
    by_place_[wanted.place] = slots_.size();
    slots_.push_back(std::move(slot));
    return {};
  }

  // The first of the layout's ways that is of the batch's kind.
  static Result<crypto::KeyTransport> transport_for(const codecs::Layout& layout, bool rsa) {
    for (const crypto::KeyTransport t : layout.key_transports)
      if ((t != crypto::KeyTransport::ecdh_es) == rsa) return t;
    return tl::unexpected(usage_error(fmt::format(
        "layout {} has no key-transport for '{}', which batch.toml asks for in [exchange]",
        layout.name(), rsa ? "rsa-oaep" : "ecdh-es")));
  }

  Result<MefKeys> make_keys(const codecs::Layout& layout, const Smso& smso) {
    MefKeys keys;
    for (const codecs::EncryptedShare& share : layout.shares) {
      const bool s1sp = share.name == "s1sp";
      if (!s1sp && share.name != "dco")
        return tl::unexpected(usage_error(
            layout.name() + ": a share's recipient is s1sp or dco, not '" + share.name + "'"));
      const bool rsa = run_.batch.key_transport == KeyTransport::rsa_oaep;
      const auto use =
          rsa ? crypto::CertificateUse::key_encipherment : crypto::CertificateUse::key_agreement;
      const Eui64 recipient = s1sp ? smso.s1sp : smso.dco;
      const auto answer = run_.pki.find(s1sp ? crypto::PartyRole::s1sp : crypto::PartyRole::dco,
                                        recipient, use, run_.batch.clock);
      if (answer.status != crypto::CertificateStatus::ok)
        return tl::unexpected(usage_error(run_.batch.pki.string() + ": no " +
                                          std::string(crypto::name_of(use)) + " certificate of " +
                                          share.name + " " + recipient.text() + " (" +
                                          std::string(crypto::name_of(answer.status)) + ")"));
      S1FLOW_TRY(crypto::ContentKey key, crypto::ContentKey::generate());
      crypto::EncryptedKeySpec spec;
      spec.id = "key-" + share.name;
      S1FLOW_TRY(spec.transport, transport_for(layout, rsa));
      spec.originator = smso.requesting_party;
      spec.certificate = answer.entry->certificate;
      S1FLOW_TRY_VOID(crypto::append_encrypted_key(keys.xml, key, spec));
      keys.forms.emplace_back(crypto::KeyLinkKind::retrieval_method, spec.id);
      keys.keys.push_back(std::move(key));
    }
    return keys;
  }

  Status read(const Path& path, std::size_t index) {
    PlainCallbacks callbacks;
    callbacks.make_state = [] { return std::make_unique<MakerState>(); };
    callbacks.on_chunk = [this, index](Work& w) { return make(w, index); };
    callbacks.in_order = [this](Work& w) { return write(w); };
    // Findings were taken in the first pass.
    S1FLOW_TRY(PlainVerdict verdict, read_plain(path, run_.layout("inventory"), run_.rules,
                                                run_.batch.limits, run_.runner, callbacks));
    run_.steps.push_back({"MCF+MGF+MEF from " + path.filename().string(), verdict.stages});
    return {};
  }

  Status make(Work& work, std::size_t index) {
    auto& state = static_cast<MakerState&>(*work.state);
    work.outputs.resize(slots_.size());
    state.records.assign(slots_.size(), 0);
    state.sealers.resize(slots_.size());
    for (const codecs::Record& record : work.records()) {
      if (!record[inv::installation_id].good()) continue;
      const std::uint32_t r = run_.table.find(record[inv::installation_id].text, state.near);
      if (r == kNoRow) continue;
      const InstallationRow& row = run_.table[r];
      // A second line with the id is not the installation.
      if (row.inventory_file != index || row.inventory_line != record.ordinal || !row.authorised ||
          row.settled())
        continue;
      const std::size_t g = group_index(row);
      if (g == kNoSlot) continue;
      for (const std::size_t kind : {std::size_t{0}, 1 + 2 * g, 2 + 2 * g}) {
        const std::size_t slot = by_place_[place(row.smso, row.day, kind)];
        if (slot == kNoSlot) continue;
        ++state.records[slot];
        if (kind == 0)
          make_mcf(record, row, r, slots_[slot], work.outputs[slot]);
        else if (kind % 2 == 1)
          make_mgf(record, r, slots_[slot], work.outputs[slot]);
        else
          S1FLOW_TRY_VOID(
              make_mef(record, r, slots_[slot], state.sealers[slot], work.outputs[slot]));
      }
    }
    return {};
  }

  // Texts of the inventory record live as long as the chunk, so the made record may point to them.
  static void copy(const codecs::Value& from, codecs::Value& to) {
    if (from.good()) to = from;
  }

  static std::size_t certificate_use(crypto::CertificateUse use) {
    switch (use) {
      case crypto::CertificateUse::key_agreement:
        return static_cast<std::size_t>(codecs::CertificateUse::key_agreement);
      case crypto::CertificateUse::key_agreement_top_up:
        return static_cast<std::size_t>(codecs::CertificateUse::key_agreement_top_up);
      default:
        return static_cast<std::size_t>(codecs::CertificateUse::digital_signing);
    }
  }

  void make_mcf(const codecs::Record& from, const InstallationRow& row, std::uint32_t r,
                const Slot& slot, std::string& out) const {
    codecs::Record to(run_.layout("mcf")->type->record, from.arena());
    to.ordinal = r + 1;
    copy(from[inv::installation_id], to[mcf::installation_id]);
    copy(from[inv::group_id], to[mcf::group_id]);
    copy(from[inv::csp], to[mcf::csp]);
    codecs::set(to[mcf::migrate_on], run_.batch.week.monday().plus_days(row.day));
    codecs::set_code(to[mcf::commissioned_by], row.by_supplier ? codecs::CommissionedBy::supplier
                                                               : codecs::CommissionedBy::dcc);
    for (const codecs::GroupInstance& d : from.group(inv::device)) {
      codecs::GroupInstance& device = to.add(mcf::device);
      copy(d[inv::type], device[mcf::type]);
      copy(d[inv::id], device[mcf::id]);
      copy(d[inv::manufacturer], device[mcf::manufacturer]);
      copy(d[inv::model], device[mcf::model]);
      copy(d[inv::firmware], device[mcf::firmware]);
      copy(d[inv::smets_version], device[mcf::smets_version]);
      copy(d[inv::esme_variant], device[mcf::esme_variant]);
      copy(d[inv::install_code], device[mcf::install_code]);
      copy(d[inv::join_time], device[mcf::join_time]);
      const auto type = codecs::as_code<DeviceType>(d[inv::type]);
      if (type != DeviceType::esme && type != DeviceType::gsme) continue;
      const MeterRow& meter = row.meters[type == DeviceType::esme ? 0 : 1];
      copy(d[inv::status], device[mcf::status]);
      copy(d[inv::supplier], device[mcf::supplier]);
      if (meter.network_operator != kNone16)
        codecs::set(device[mcf::network_operator], run_.parties[meter.network_operator]);
      for (const codecs::GroupInstance& p : from.group(inv::meter_point)) {
        if (p.parent != &d) continue;
        codecs::GroupInstance& point = to.add(mcf::meter_point, &device);
        copy(p[inv::role], point[mcf::role]);
        copy(p[inv::mpxn], point[mcf::mpxn]);
      }
      for (const std::uint16_t i : meter.supplier_certificates) {
        if (i == kNone16) continue;
        codecs::GroupInstance& c = to.add(mcf::supplier_certificate, &device);
        codecs::set_number(c[mcf::use], certificate_use(run_.pki.entries()[i].use));
        codecs::set(c[mcf::serial], run_.pki.entries()[i].certificate.serial());
      }
      if (meter.operator_certificate != kNone16) {
        const crypto::PkiEntry& entry = run_.pki.entries()[meter.operator_certificate];
        codecs::GroupInstance& c = to.add(mcf::operator_certificate, &device);
        codecs::set_number(c[mcf::use], certificate_use(entry.use));
        codecs::set(c[mcf::serial], entry.certificate.serial());
      }
    }
    const codecs::Record* one = &to;
    slot.writer->encoder().encode({&one, 1}, nullptr, out);
  }

  void make_mgf(const codecs::Record& from, std::uint32_t r, const Slot& slot,
                std::string& out) const {
    codecs::Record to(run_.layout("mgf")->type->record, from.arena());
    to.ordinal = r + 1;
    copy(from[inv::installation_id], to[mgf::installation_id]);
    copy(from[inv::iccid], to[mgf::iccid]);
    copy(from[inv::imsi], to[mgf::imsi]);
    copy(from[inv::msisdn], to[mgf::msisdn]);
    copy(from[inv::apn], to[mgf::apn]);
    copy(from[inv::ip_address], to[mgf::ip_address]);
    for (const codecs::GroupInstance& c : from.group(inv::credential)) {
      if (codecs::as_code<inv::CredentialShare>(c[inv::share]) != inv::CredentialShare::plain)
        continue;
      codecs::GroupInstance& credential = to.add(mgf::credential);
      copy(c[inv::kind], credential[mgf::kind]);
      copy(c[inv::credential_device], credential[mgf::device]);
      copy(c[inv::value], credential[mgf::value]);
    }
    const codecs::Record* one = &to;
    slot.writer->encoder().encode({&one, 1}, nullptr, out);
  }

  Status make_mef(const codecs::Record& from, std::uint32_t r, const Slot& slot,
                  std::vector<crypto::ContentSealer>& sealers, std::string& out) const {
    if (sealers.empty())
      for (const crypto::ContentKey& key : slot.keys->keys) {
        S1FLOW_TRY(crypto::ContentSealer sealer, crypto::ContentSealer::make(key));
        sealers.push_back(std::move(sealer));
      }
    codecs::Record to(run_.layout("mef")->type->record, from.arena());
    to.ordinal = r + 1;  // unique in the week, so no IV can repeat under the file's keys
    copy(from[inv::installation_id], to[mef::installation_id]);
    for (const codecs::GroupInstance& c : from.group(inv::credential)) {
      const auto share = codecs::as_code<inv::CredentialShare>(c[inv::share]);
      if (!share || *share == inv::CredentialShare::plain) continue;
      codecs::GroupInstance& credential = to.add(mef::credential);
      codecs::set_code(credential[mef::share],
                       *share == inv::CredentialShare::s1sp ? mef::Share::s1sp : mef::Share::dco);
      copy(c[inv::kind], credential[mef::kind]);
      copy(c[inv::credential_device], credential[mef::device]);
      copy(c[inv::value], credential[mef::value]);
    }
    Sealer sealer(*slot.keys, sealers);
    const codecs::Record* one = &to;
    slot.writer->encoder().encode({&one, 1}, &sealer, out);
    if (sealer.error) return tl::unexpected(std::move(*sealer.error));
    return {};
  }

  Status write(Work& work) {
    run_.table.relax();
    const auto& state = static_cast<MakerState&>(*work.state);
    for (std::size_t i = 0; i < work.outputs.size(); ++i)
      if (state.records[i] != 0)
        S1FLOW_TRY_VOID(slots_[i].writer->append(work.outputs[i], state.records[i]));
    work.findings.clear();
    return {};
  }

  Status close(Slot& slot) {
    S1FLOW_TRY_VOID(end_file(run_, *slot.planned, *slot.writer));
    slot.writer.reset();
    return {};
  }

  RunContext& run_;
  std::vector<Wanted> wanted_;
  std::vector<Slot> slots_;  // of this pass
  std::vector<std::size_t> by_place_;
  std::size_t stride_ = 0;
};

}  // namespace

Status make_requesting_party_files(RunContext& run) {
  return RequestingPartyStep(run).run();
}

}  // namespace s1flow::pipeline
