#include "codecs/files/mcf.h"
#include "pipeline/generate/fault.h"
#include "pipeline/rules/list.h"

namespace s1flow::pipeline::rules {
namespace {

void check(const McfCheck& c, CheckReport& report) {
  if (c.installation == nullptr || !c.installation->authorised) return;
  for (const codecs::GroupInstance& g : c.record.group(codecs::mcf::supplier_certificate)) {
    const auto type = codecs::as_code<DeviceType>((*g.parent)[codecs::mcf::type]);
    if ((type != DeviceType::esme && type != DeviceType::gsme) || !g[codecs::mcf::serial].good())
      continue;
    const MeterRow& meter = c.installation->meters[type == DeviceType::esme ? 0 : 1];
    const CertificateSerial serial = codecs::as_serial(g[codecs::mcf::serial]);
    bool known = false;
    for (const std::uint16_t i : meter.supplier_certificates)
      known = known || (i != kNone16 && c.pki.entries()[i].certificate.serial() == serial);
    if (!known) report.add("supplier-certificate.serial", serial.decimal());
  }
}

constexpr Fault kFault{.files = "mcf record"};

}  // namespace

constinit const RuleEntry mcf_certificate_differs{
    .rule =
        {
            .id = "mcf.certificate-differs",
            .scope = RuleScope::record,
            .severity = Severity::error,
            .clause = "MTAD 5.3(a)(b)",
            .title = "The MCF carries another certificate than the MAF",
            .meaning = "The supplier's certificates in the MCF have to be those that its "
                       "authorisation named.",
            .cause = "A faulty writer, or somebody tries to plant a key.",
            .remedy = "Find out where the serial number comes from; have the MCF made anew.",
        },
    .mcf = &check,
    .fault = &kFault,
};

}  // namespace s1flow::pipeline::rules
