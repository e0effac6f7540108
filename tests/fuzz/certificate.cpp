// What a pki folder may hold: certificates, revocation lists and keys, in PEM and DER, and names as
// signatures write them.

#include "codecs/crypto/certificate.h"

#include "codecs/crypto/distinguished_name.h"
#include "codecs/crypto/revocation_list.h"
#include "core/check.h"
#include "core/text.h"
#include "tests/fuzz/target.h"

using namespace s1flow;
using namespace s1flow::codecs::crypto;

namespace {

void judge(const Result<Certificate>& read) {
  if (!read) return;
  // What has been read can be written, and is the same when it is read again.
  const auto again = Certificate::from_pem(read->to_pem());
  S1FLOW_CHECK(again && again->sha1() == read->sha1() && again->serial() == read->serial());
  S1FLOW_CHECK(DistinguishedName::parse(read->issuer().text()) == read->issuer());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = s1flow::as_text(data, size);
  judge(Certificate::from_pem(text));
  judge(Certificate::from_der({data, size}));
  if (const auto list = RevocationList::from_bytes(text); list)
    S1FLOW_CHECK(!list->revoked_since(CertificateSerial()) ||
                 list->next_update() != UtcTime());  // both can be asked
  if (const auto key = PrivateKey::from_pem(text); key) S1FLOW_CHECK(key->type() != KeyType::none);
  if (const auto name = DistinguishedName::parse(text); name)
    S1FLOW_CHECK(DistinguishedName::parse(name->text()) == *name);
  return 0;
}
