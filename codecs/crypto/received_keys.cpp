// ReceivedKeys of codecs/crypto/xmlenc.h.

#include <algorithm>
#include <set>
#include <utility>

#include "codecs/crypto/xmlenc.h"
#include "core/text.h"

namespace s1flow::codecs::crypto {
namespace {

bool is_for(const ParsedEncryptedKey& key, const KeyHolder& holder) {
  if (!key.key_name.empty()) return key.key_name == holder.key_name;
  const auto issuer = DistinguishedName::parse(key.issuer);
  const auto serial = CertificateSerial::parse_decimal(trim(key.serial));
  return issuer && serial && !holder.certificate.empty() &&
         *issuer == holder.certificate.issuer() && *serial == holder.certificate.serial();
}

std::optional<ReceivedKey> open_key(const ParsedEncryptedKey& key, const KeyHolder& holder,
                                    Eui64 originator) {
  if (key.transport != KeyTransport::ecdh_es)
    return unwrap_by_rsa(
        as_bytes(key.wrapped), holder.key,
        key.transport == KeyTransport::rsa_oaep_sha1 ? OaepDigest::sha1 : OaepDigest::sha256);
  const auto recipient =
      holder.certificate.empty() ? std::optional<Eui64>() : holder.certificate.eui();
  // The parameters are ours to know, not the file's to choose.
  if (!recipient || key.info != agreement_info(originator, *recipient)) return std::nullopt;
  return unwrap_by_agreement(as_bytes(key.ephemeral), as_bytes(key.wrapped), holder.key, key.info);
}

}  // namespace

ReceivedKeys ReceivedKeys::open(std::span<const ParsedEncryptedKey> keys,
                                std::span<const KeyHolder> holders, Eui64 originator) {
  ReceivedKeys result;
  std::set<std::string_view> ids;
  std::set<std::string_view> names;
  for (const ParsedEncryptedKey& key : keys)
    if (keys.size() > kMostKeys || !ids.insert(key.id).second ||
        (!key.carried_key_name.empty() && !names.insert(key.carried_key_name).second)) {
      result.outcome_ = KeyOpening::wrong_shape;
      return result;
    }
  for (const ParsedEncryptedKey& key : keys) {
    const auto holder = std::find_if(holders.begin(), holders.end(),
                                     [&](const KeyHolder& h) { return is_for(key, h); });
    if (holder == holders.end()) continue;
    auto opened = open_key(key, *holder, originator);
    if (!opened) {
      result.outcome_ = KeyOpening::failed;
      result.opened_.clear();
      return result;
    }
    result.outcome_ = KeyOpening::ok;
    result.opened_.push_back({key.id, key.carried_key_name, *std::move(opened)});
  }
  return result;
}

bool ReceivedKeys::opened(std::string_view id) const {
  return std::any_of(opened_.begin(), opened_.end(), [&](const Opened& o) { return o.id == id; });
}

const ReceivedKey* ReceivedKeys::find(KeyLinkKind kind, std::string_view link) const {
  for (const Opened& opened : opened_) {
    const std::string& name =
        kind == KeyLinkKind::retrieval_method ? opened.id : opened.carried_name;
    if (!link.empty() && name == link) return &opened.key;
  }
  return nullptr;
}

}  // namespace s1flow::codecs::crypto
