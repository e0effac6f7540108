// A whole document and its signature, as `s1flow verify` reads them: no content but the one that
// was signed is ever called good.

#include "codecs/crypto/pki.h"
#include "core/check.h"
#include "pipeline/single/sign.h"
#include "tests/fuzz/example_keys.h"
#include "tests/fuzz/target.h"

using namespace s1flow;
using namespace s1flow::codecs::crypto;

namespace {

Pki make_pki() {
  const ExampleAuthority authority = example_authority();
  PkiBuilder builder;
  builder.add_root(authority.certificate);
  PkiEntry entry;
  entry.role = PartyRole::requesting_party;
  entry.use = CertificateUse::file_signing;
  entry.certificate = example_certificate(
      authority, *PublicKey::from_p256_point(as_bytes(*decode_hex(kSignerPoint))), kSignerSerial,
      0xC0, 0x90B3D51F30000101, true);
  entry.file = "signer";
  builder.add(std::move(entry), Eui64(0x90B3D51F30000101));
  return builder.build(example_time(2025));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Pki pki = make_pki();
  // Of the page's document.
  static const std::string good = *decode_base64("RoPLQd7T1X2YmvsIfB/R1GCSvZNUE/ypL9wEX30eAwU=");
  const pipeline::DocumentScan scan = pipeline::scan_bytes(as_text(data, size));
  if (!scan.faults.empty()) return 0;
  RequiredSigner required;
  required.use = CertificateUse::file_signing;
  required.roles = {PartyRole::requesting_party};
  const pipeline::SignatureRefusal refusal = pipeline::verify_scan(
      scan, pipeline::read_signature(scan), pki, example_time(2025), required);
  S1FLOW_CHECK(refusal.rule != nullptr || good == s1flow::as_text(scan.digest));
  return 0;
}
