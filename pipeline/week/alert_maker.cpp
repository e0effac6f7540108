#include "pipeline/week/alert_maker.h"

namespace s1flow::pipeline {

namespace duis = codecs::duis;
namespace crypto = codecs::crypto;

Result<std::unique_ptr<AlertMaker>> AlertMaker::make(const RunContext& run, const Smso& smso) {
  if (run.batch.alerts == AlertMode::none) return nullptr;
  const auto signer = [&](crypto::PartyRole role, Eui64 eui) -> Result<crypto::SignatureMaker> {
    const crypto::PkiAnswer answer =
        run.pki.find_with_key(role, eui, crypto::CertificateUse::xml_signing, run.batch.clock);
    if (answer.status != crypto::CertificateStatus::ok)
      return tl::unexpected(usage_error(
          run.batch.pki.string() + ": no XML-signing key of " + std::string(crypto::name_of(role)) +
          " " + eui.text() + " (" + std::string(crypto::name_of(answer.status)) +
          "); alerts need it, or set exchange.alerts = \"none\" in batch.toml"));
    return crypto::SignatureMaker::make(answer.entry->certificate, answer.entry->key());
  };
  S1FLOW_TRY(crypto::SignatureMaker s1sp, signer(crypto::PartyRole::s1sp, smso.s1sp));
  std::optional<crypto::SignatureMaker> dcc;
  if (run.batch.alerts == AlertMode::signed_) {
    S1FLOW_TRY(dcc, signer(crypto::PartyRole::dcc, run.batch.dcc.eui));
  }
  const auto signature = dcc ? duis::OuterSignature::yes : duis::OuterSignature::no;
  return std::unique_ptr<AlertMaker>(
      new AlertMaker(run, duis::AlertWriter(std::move(dcc), std::move(s1sp)), signature));
}

const MeterRow& AlertMaker::meter_of(const InstallationRow& row, DeviceType type) {
  const bool gas = type == DeviceType::gsme || type == DeviceType::gpf || !row.meters[0].present();
  return row.meters[gas ? 1 : 0];
}

std::string& AlertMaker::output(std::vector<std::string>& outputs, const InstallationRow& row,
                                DeviceType type) {
  const PartyIndex supplier = meter_of(row, type).inventory_supplier;
  if (outputs.size() <= supplier) outputs.resize(supplier + 1U);
  return outputs[supplier];
}

duis::AlertHeader AlertMaker::header(const InstallationRow& row, const DeviceRow& device,
                                     UtcTime at) {
  duis::AlertHeader h;
  h.response_id =
      duis::MessageId{.originator = run_.batch.dcc.eui,
                      .target = run_.parties[meter_of(row, device.type).inventory_supplier],
                      .counter = static_cast<std::uint64_t>(at.milliseconds_since_epoch())};
  h.at = at;
  return h;
}

Status AlertMaker::count(Status status, std::string& out) {
  if (!status) return status;
  out.push_back('\n');
  ++made_;
  return {};
}

Status AlertMaker::identity_confirmed(std::vector<std::string>& outputs, const InstallationRow& row,
                                      const DeviceRow& device, UtcTime at) {
  std::string& out = output(outputs, row, device.type);
  duis::DeviceStatusChange change;
  change.device = device.id;
  change.import_mpxn = Mpxn::unpack(meter_of(row, device.type).mpxn);
  return count(writer_.append_n16(out, header(row, device, at), change, signature_), out);
}

Status AlertMaker::whitelist_updated(std::vector<std::string>& outputs, const InstallationRow& row,
                                     const DeviceRow& device, const duis::MessageId& request,
                                     UtcTime at) {
  std::string& out = output(outputs, row, device.type);
  return count(writer_.append_n24(out, header(row, device, at), {.request = request}, signature_),
               out);
}

Status AlertMaker::credentials_updated(std::vector<std::string>& outputs,
                                       const InstallationRow& row, const DeviceRow& device,
                                       UtcTime at) {
  const MeterRow& meter = meter_of(row, device.type);
  std::array<duis::UpdatedCertificate, duis::SecurityCredentialsUpdate::kMostCertificates>
      certificates;
  std::size_t n = 0;
  const auto add = [&](std::uint16_t index) {
    if (index == kNone16) return;
    const crypto::PkiEntry& e = run_.pki.entries()[index];
    auto type = duis::CertificateType::digital_signing;
    if (e.use == crypto::CertificateUse::key_agreement) type = duis::CertificateType::key_agreement;
    if (e.use == crypto::CertificateUse::key_agreement_top_up)
      type = duis::CertificateType::key_agreement_top_up;
    certificates[n++] = {.type = type, .hash = e.certificate.sha1()};
  };
  for (const std::uint16_t i : meter.supplier_certificates) add(i);
  duis::SecurityCredentialsUpdate update;
  update.device = device.id;
  update.role = duis::RemotePartyRole::supplier;
  if (n == 0) {
    // A Dormant Meter keeps the DCC's own supplier credentials; what changes is the network
    // operator's.
    update.role = duis::RemotePartyRole::network_operator;
    add(meter.operator_certificate);
  }
  if (n == 0) return {};
  update.certificates = std::span(certificates).first(n);
  std::string& out = output(outputs, row, device.type);
  return count(writer_.append_n42(out, header(row, device, at), update, signature_), out);
}

Status AlertMaker::s1sp_alert(std::vector<std::string>& outputs, const InstallationRow& row,
                              const DeviceRow& device, std::string_view code, UtcTime at) {
  std::string& out = output(outputs, row, device.type);
  duis::S1spAlert alert;
  alert.device = device.id;
  alert.code = code;
  alert.at = at;
  return count(writer_.append_n55(out, header(row, device, at), alert, signature_), out);
}

}  // namespace s1flow::pipeline
