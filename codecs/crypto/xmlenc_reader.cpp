// EncryptionReader of codecs/crypto/xmlenc.h.

#include <array>

#include "codecs/crypto/xml_security_names.h"
#include "codecs/crypto/xmlenc_parts.h"
#include "core/text.h"

namespace s1flow::codecs::crypto {
namespace {

using Node = SmallXml::Node;

constexpr std::size_t kMostName = 256;

using xmlenc_parts::cipher_value_of;
using xmlenc_parts::wrong;

EncryptionReading not_allowed(std::string_view why) {
  return {EncryptionShape::algorithm_not_allowed, why, 0};
}
bool good(const EncryptionReading& reading) {
  return reading.shape == EncryptionShape::ok;
}

// The element's only attribute is Algorithm; `content` says whether it may hold elements.
enum class Content { none, any };
std::optional<std::string_view> algorithm_of(const ElementShape& shape, const Node& element,
                                             Content content) {
  const auto algorithm = shape.only_attribute(element, "Algorithm");
  if (!algorithm || (content == Content::none && !shape.is_blank(element))) return std::nullopt;
  return algorithm;
}

// KeyName, or X509Data with issuer and serial, as the only content.
bool read_recipient(const ElementShape& shape, const Node& key_info, ParsedEncryptedKey& out) {
  if (!shape.no_attributes(key_info)) return false;
  if (const Node* name = shape.only_child(key_info, uri::kDs, "KeyName"); name != nullptr) {
    if (!shape.no_attributes(*name) || !shape.text(*name, out.key_name)) return false;
    return !out.key_name.empty() && out.key_name.size() <= kMostName;
  }
  return shape.issuer_serial(key_info, out.issuer, out.serial);
}

// hexBinary whose leading octet says that no bits are padding.
bool read_info(const ElementShape& shape, const Node& params, std::string_view name,
               std::string& octets) {
  const auto text = shape.attribute(params, name);
  auto bytes = text ? decode_hex(trim(*text)) : std::nullopt;
  if (!bytes || bytes->empty() || (*bytes)[0] != 0) return false;
  octets.assign(*bytes, 1);
  return true;
}

EncryptionReading read_derivation(const ElementShape& shape, const Node& derivation,
                                  AgreementInfo& info) {
  const auto algorithm = algorithm_of(shape, derivation, Content::any);
  if (!algorithm) return wrong("KeyDerivationMethod must have the attribute Algorithm only");
  if (*algorithm != uri::kConcatKdf) return not_allowed("the key derivation is not ConcatKDF");
  const Node* params = shape.only_child(derivation, uri::kXenc11, "ConcatKDFParams");
  static constexpr std::array<std::string_view, 3> kNames{"AlgorithmID", "PartyUInfo",
                                                          "PartyVInfo"};
  if (params == nullptr || !shape.attributes_within(*params, kNames) ||
      !read_info(shape, *params, kNames[0], info.algorithm_id) ||
      !read_info(shape, *params, kNames[1], info.party_u) ||
      !read_info(shape, *params, kNames[2], info.party_v))
    return wrong(
        "ConcatKDFParams must have AlgorithmID, PartyUInfo and PartyVInfo in whole octets");
  const Node* digest = shape.only_child(*params, uri::kDs, "DigestMethod");
  const auto name = digest != nullptr ? algorithm_of(shape, *digest, Content::none) : std::nullopt;
  if (!name) return wrong("ConcatKDFParams must hold one DigestMethod");
  if (*name != uri::kSha256) return not_allowed("the digest of the key derivation is not SHA-256");
  return {};
}

EncryptionReading read_originator(const ElementShape& shape, const Node& originator,
                                  std::string& point) {
  const Node* value = shape.only_child(originator, uri::kDs, "KeyValue");
  const Node* ec = value != nullptr ? shape.only_child(*value, uri::kDs11, "ECKeyValue") : nullptr;
  static constexpr std::array<std::string_view, 2> kNames{"NamedCurve", "PublicKey"};
  std::array<const Node*, 2> parts;
  if (ec == nullptr || !shape.no_attributes(originator) || !shape.no_attributes(*value) ||
      !shape.no_attributes(*ec) || !shape.children(*ec, uri::kDs11, kNames, parts))
    return wrong("OriginatorKeyInfo must hold an ECKeyValue with NamedCurve and PublicKey");
  const auto curve = shape.only_attribute(*parts[0], "URI");
  if (!curve || !shape.is_blank(*parts[0])) return wrong("NamedCurve must have the attribute URI");
  if (*curve != uri::kP256) return not_allowed("the curve is not P-256");
  const auto text = shape.text(*parts[1]);
  auto bytes = text && shape.no_attributes(*parts[1]) ? decode_base64(*text) : std::nullopt;
  if (!bytes) return wrong("PublicKey is not base64");
  point = *std::move(bytes);
  return {};
}

EncryptionReading read_agreement(const ElementShape& shape, const Node& key_info,
                                 ParsedEncryptedKey& out) {
  const Node* agreement = shape.only_child(key_info, uri::kXenc, "AgreementMethod");
  if (agreement == nullptr || !shape.no_attributes(key_info))
    return wrong("KeyInfo of a wrapped key must hold AgreementMethod only");
  const auto algorithm = algorithm_of(shape, *agreement, Content::any);
  if (!algorithm) return wrong("AgreementMethod must have the attribute Algorithm only");
  if (*algorithm != uri::kEcdhEs) return not_allowed("the key agreement is not ECDH-ES");
  const auto parts = shape.elements(*agreement);
  if (!parts || parts->size() != 3 ||
      !ElementShape::is((*parts)[0], uri::kXenc11, "KeyDerivationMethod") ||
      !ElementShape::is((*parts)[1], uri::kXenc, "OriginatorKeyInfo") ||
      !ElementShape::is((*parts)[2], uri::kXenc, "RecipientKeyInfo"))
    return wrong(
        "AgreementMethod must hold KeyDerivationMethod, OriginatorKeyInfo and RecipientKeyInfo");
  if (auto reading = read_derivation(shape, (*parts)[0], out.info); !good(reading)) return reading;
  if (auto reading = read_originator(shape, (*parts)[1], out.ephemeral); !good(reading))
    return reading;
  if (!read_recipient(shape, (*parts)[2], out))
    return wrong("RecipientKeyInfo must hold an issuer and serial or a KeyName");
  return {};
}

EncryptionReading read_rsa(const ElementShape& shape, const Node& method, const Node& key_info,
                           ParsedEncryptedKey& out) {
  const auto parts = shape.elements(method);
  if (!parts) return wrong("EncryptionMethod holds text");
  const bool sha1 = out.transport == KeyTransport::rsa_oaep_sha1;
  // SHA-1 is what the identifier means when it names no digest.
  if (!(sha1 && parts->empty())) {
    if (parts->size() != (sha1 ? 1U : 2U) ||
        !ElementShape::is((*parts)[0], uri::kDs, "DigestMethod"))
      return wrong("EncryptionMethod must hold DigestMethod (and MGF) only");
    const auto digest = algorithm_of(shape, (*parts)[0], Content::none);
    if (!digest) return wrong("DigestMethod must have the attribute Algorithm only");
    if (*digest != (sha1 ? uri::kSha1 : uri::kSha256))
      return not_allowed("the digest of RSA-OAEP is not the one of its kind");
    if (!sha1) {
      const auto mask = ElementShape::is((*parts)[1], uri::kXenc11, "MGF")
                            ? algorithm_of(shape, (*parts)[1], Content::none)
                            : std::nullopt;
      if (!mask) return wrong("EncryptionMethod must hold DigestMethod and MGF");
      if (*mask != uri::kMgf1Sha256) return not_allowed("the mask of RSA-OAEP is not MGF1 SHA-256");
    }
  }
  if (!read_recipient(shape, key_info, out))
    return wrong("KeyInfo must hold an issuer and serial or a KeyName");
  return {};
}

EncryptionReading read_encrypted_data(const ElementShape& shape, const Node& root,
                                      ParsedEncryptedData& out) {
  xmlenc_parts::DataFrame frame;
  if (auto reading = xmlenc_parts::read_frame(shape, root, frame); !good(reading)) return reading;
  const Node& key_info = *frame.key_info;
  if (const Node* name = shape.only_child(key_info, uri::kDs, "KeyName"); name != nullptr) {
    const auto text = shape.text(*name);
    if (!text || text->empty() || !shape.no_attributes(*name)) return wrong("KeyName is empty");
    out.link_kind = KeyLinkKind::key_name;
    out.link = *text;
  } else {
    static constexpr std::array<std::string_view, 2> kAttributes{"Type", "URI"};
    const Node* method = shape.only_child(key_info, uri::kDs, "RetrievalMethod");
    if (method == nullptr || !shape.attributes_within(*method, kAttributes) ||
        shape.attribute(*method, "Type") != uri::kTypeEncryptedKey || !shape.is_blank(*method))
      return wrong("KeyInfo must hold a RetrievalMethod of an EncryptedKey, or a KeyName");
    const auto target = shape.attribute(*method, "URI");
    // Only ever a place in the same document.
    if (!target || target->size() < 2 || target->front() != '#')
      return wrong("RetrievalMethod must point to an Id of this document");
    out.link_kind = KeyLinkKind::retrieval_method;
    out.link = target->substr(1);
  }
  const auto value = cipher_value_of(shape, *frame.cipher_data);
  if (!value) return wrong("CipherData must hold a CipherValue");
  out.cipher_value = *value;
  return {};
}

}  // namespace

EncryptionReading xmlenc_parts::wrong(std::string_view why) {
  return {EncryptionShape::wrong_shape, why, 0};
}

// CipherData with a CipherValue; CipherReference would make us fetch something.
std::optional<std::string_view> xmlenc_parts::cipher_value_of(const ElementShape& shape,
                                                              const Node& data) {
  const Node* value = shape.only_child(data, uri::kXenc, "CipherValue");
  if (value == nullptr || !shape.no_attributes(data) || !shape.no_attributes(*value))
    return std::nullopt;
  return shape.text(*value);
}

EncryptionReading xmlenc_parts::read_key(const ElementShape& shape, const Node& root,
                                         ParsedEncryptedKey& out) {
  static constexpr std::array<std::string_view, 2> kAttributes{"Id", "Recipient"};
  const auto id = shape.attribute(root, "Id");
  if (!ElementShape::is(root, uri::kXenc, "EncryptedKey")) return wrong("no EncryptedKey");
  if (!shape.attributes_within(root, kAttributes) || !id || id->empty() || id->size() > kMostName)
    return wrong("EncryptedKey must have the attribute Id, and at most Recipient beside it");
  out.id = *id;
  out.recipient = shape.attribute(root, "Recipient").value_or(std::string_view());
  const auto parts = shape.elements(root);
  if (!parts || parts->size() < 3 || parts->size() > 4 ||
      !ElementShape::is((*parts)[0], uri::kXenc, "EncryptionMethod") ||
      !ElementShape::is((*parts)[1], uri::kDs, "KeyInfo") ||
      !ElementShape::is((*parts)[2], uri::kXenc, "CipherData"))
    return wrong("EncryptedKey must hold EncryptionMethod, KeyInfo and CipherData");
  if (parts->size() == 4 &&
      (!ElementShape::is((*parts)[3], uri::kXenc, "CarriedKeyName") ||
       !shape.no_attributes((*parts)[3]) || !shape.text((*parts)[3], out.carried_key_name)))
    return wrong("after CipherData only CarriedKeyName may stand");
  const auto algorithm = algorithm_of(shape, (*parts)[0], Content::any);
  if (!algorithm) return wrong("EncryptionMethod must have the attribute Algorithm only");
  EncryptionReading reading;
  if (*algorithm == uri::kKeyWrapAes256) {
    out.transport = KeyTransport::ecdh_es;
    if (!shape.is_blank((*parts)[0])) return wrong("EncryptionMethod of a key wrap must be empty");
    reading = read_agreement(shape, (*parts)[1], out);
  } else if (*algorithm == uri::kRsaOaepMgf1p || *algorithm == uri::kRsaOaep) {
    out.transport =
        *algorithm == uri::kRsaOaep ? KeyTransport::rsa_oaep_sha256 : KeyTransport::rsa_oaep_sha1;
    reading = read_rsa(shape, (*parts)[0], (*parts)[1], out);
  } else {
    return not_allowed("the key transport is neither kw-aes256 nor RSA-OAEP");
  }
  if (!good(reading)) return reading;
  const auto value = cipher_value_of(shape, (*parts)[2]);
  auto wrapped = value ? decode_base64(*value) : std::nullopt;
  if (!wrapped) return wrong("CipherData must hold a CipherValue in base64");
  out.wrapped = *std::move(wrapped);
  return {};
}

EncryptionReading xmlenc_parts::read_frame(const ElementShape& shape, const Node& root,
                                           DataFrame& out) {
  if (!ElementShape::is(root, uri::kXenc, "EncryptedData")) return wrong("no EncryptedData");
  if (shape.only_attribute(root, "Type") != uri::kTypeElement)
    return wrong("EncryptedData must have the attribute Type with the value of Element, no other");
  const auto parts = shape.elements(root);
  if (!parts || parts->size() != 3 ||
      !ElementShape::is((*parts)[0], uri::kXenc, "EncryptionMethod") ||
      !ElementShape::is((*parts)[1], uri::kDs, "KeyInfo") ||
      !ElementShape::is((*parts)[2], uri::kXenc, "CipherData"))
    return wrong("EncryptedData must hold EncryptionMethod, KeyInfo and CipherData");
  const auto algorithm = algorithm_of(shape, (*parts)[0], Content::none);
  if (!algorithm) return wrong("EncryptionMethod must have the attribute Algorithm and no content");
  if (*algorithm != uri::kAes256Gcm) return not_allowed("the content cipher is not AES-256-GCM");

  if (!shape.no_attributes((*parts)[1])) return wrong("KeyInfo must have no attribute");
  out.key_info = &(*parts)[1];
  out.cipher_data = &(*parts)[2];
  return {};
}

EncryptionReading EncryptionReader::read_key(std::string_view element,
                                             const NamespaceContext& context,
                                             ParsedEncryptedKey& out) {
  out = ParsedEncryptedKey();
  const XmlFault fault = xml_.read(element, context, kMostKeyBytes);
  if (fault != XmlFault::none)
    return {EncryptionShape::wrong_shape, text_of(fault), xml_.fault_offset()};
  return xmlenc_parts::read_key(ElementShape(xml_), xml_.root(), out);
}

EncryptionReading EncryptionReader::read_data(std::string_view element,
                                              const NamespaceContext& context,
                                              ParsedEncryptedData& out) {
  out = ParsedEncryptedData();
  const XmlFault fault = xml_.read(element, context, kMostDataBytes);
  if (fault != XmlFault::none)
    return {EncryptionShape::wrong_shape, text_of(fault), xml_.fault_offset()};
  return read_encrypted_data(ElementShape(xml_), xml_.root(), out);
}

}  // namespace s1flow::codecs::crypto
