// Writers of codecs/crypto/xmlenc.h. The text is in canonical form: declarations first, attributes
// by name, empty elements with an end tag.

#include "codecs/crypto/xml_security_names.h"
#include "codecs/crypto/xmlenc_parts.h"
#include "core/check.h"
#include "core/text.h"

namespace s1flow::codecs::crypto {
namespace {

constexpr std::string_view kXencDeclaration = " xmlns:xenc=\"http://www.w3.org/2001/04/xmlenc#\"";
constexpr std::string_view kDsDeclaration = " xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"";

std::string_view if_here(Declare declare, std::string_view declaration) {
  return declare == Declare::here ? declaration : std::string_view();
}

// Letters, digits and - _ . after a letter: names that need no escaping and are NCNames.
bool is_plain_name(std::string_view name) {
  if (name.empty() || name.size() > 64) return false;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char lower = static_cast<char>(name[i] | 0x20);
    const bool letter = lower >= 'a' && lower <= 'z';
    const bool later = is_digit(name[i]) || name[i] == '-' || name[i] == '_' || name[i] == '.';
    if (!letter && (i == 0 || !later)) return false;
  }
  return true;
}

void append_parts(std::string& out, std::initializer_list<std::string_view> parts) {
  for (const std::string_view part : parts) out += part;
}

void append_recipient(std::string& out, const EncryptedKeySpec& spec) {
  if (!spec.recipient_key_name.empty()) {
    out += "<ds:KeyName>";
    append_canonical_text(out, spec.recipient_key_name);
    out += "</ds:KeyName>";
    return;
  }
  out += "<ds:X509Data><ds:X509IssuerSerial><ds:X509IssuerName>";
  append_canonical_text(out, spec.certificate.issuer().text());
  out += "</ds:X509IssuerName><ds:X509SerialNumber>";
  spec.certificate.serial().append_decimal_to(out);
  out += "</ds:X509SerialNumber></ds:X509IssuerSerial></ds:X509Data>";
}

// hexBinary of a whole number of octets: no padding bits, which a leading octet says.
void append_info(std::string& out, std::string_view name, std::string_view octets) {
  append_parts(out, {" ", name, "=\"00"});
  append_hex(out, as_bytes(octets));
  out += '"';
}

void append_agreement(std::string& out, const EncryptedKeySpec& spec, const AgreementInfo& info,
                      std::span<const unsigned char> ephemeral, Declare declare) {
  append_parts(out, {"<xenc:EncryptionMethod Algorithm=\"", uri::kKeyWrapAes256,
                     "\"></xenc:EncryptionMethod><ds:KeyInfo", if_here(declare, kDsDeclaration),
                     "><xenc:AgreementMethod Algorithm=\"", uri::kEcdhEs,
                     "\"><xenc11:KeyDerivationMethod xmlns:xenc11=\"", uri::kXenc11,
                     "\" Algorithm=\"", uri::kConcatKdf, "\"><xenc11:ConcatKDFParams"});
  append_info(out, "AlgorithmID", info.algorithm_id);
  append_info(out, "PartyUInfo", info.party_u);
  append_info(out, "PartyVInfo", info.party_v);
  append_parts(out, {"><ds:DigestMethod Algorithm=\"", uri::kSha256,
                     "\"></ds:DigestMethod></xenc11:ConcatKDFParams></xenc11:KeyDerivationMethod>",
                     "<xenc:OriginatorKeyInfo><ds:KeyValue><dsig11:ECKeyValue xmlns:dsig11=\"",
                     uri::kDs11, "\"><dsig11:NamedCurve URI=\"", uri::kP256,
                     "\"></dsig11:NamedCurve><dsig11:PublicKey>"});
  append_base64(out, ephemeral);
  out +=
      "</dsig11:PublicKey></dsig11:ECKeyValue></ds:KeyValue></xenc:OriginatorKeyInfo>"
      "<xenc:RecipientKeyInfo>";
  append_recipient(out, spec);
  out += "</xenc:RecipientKeyInfo></xenc:AgreementMethod></ds:KeyInfo>";
}

void append_rsa(std::string& out, const EncryptedKeySpec& spec, Declare declare) {
  const bool sha1 = spec.transport == KeyTransport::rsa_oaep_sha1;
  append_parts(out,
               {"<xenc:EncryptionMethod Algorithm=\"", sha1 ? uri::kRsaOaepMgf1p : uri::kRsaOaep,
                "\"><ds:DigestMethod", if_here(declare, kDsDeclaration), " Algorithm=\"",
                sha1 ? uri::kSha1 : uri::kSha256, "\"></ds:DigestMethod>"});
  if (!sha1)
    append_parts(out, {"<xenc11:MGF xmlns:xenc11=\"", uri::kXenc11, "\" Algorithm=\"",
                       uri::kMgf1Sha256, "\"></xenc11:MGF>"});
  append_parts(out, {"</xenc:EncryptionMethod><ds:KeyInfo", if_here(declare, kDsDeclaration), ">"});
  append_recipient(out, spec);
  out += "</ds:KeyInfo>";
}

void append_key_start(std::string& out, const EncryptedKeySpec& spec, Declare declare) {
  append_parts(out, {"<xenc:EncryptedKey", if_here(declare, kXencDeclaration), " Id=\"", spec.id,
                     "\" Recipient=\"", spec.certificate.eui()->text(), "\">"});
}

void append_key_end(std::string& out, const EncryptedKeySpec& spec,
                    std::span<const unsigned char> wrapped) {
  out += "<xenc:CipherData><xenc:CipherValue>";
  append_base64(out, wrapped);
  out += "</xenc:CipherValue></xenc:CipherData>";
  if (!spec.carried_key_name.empty()) {
    out += "<xenc:CarriedKeyName>";
    append_canonical_text(out, spec.carried_key_name);
    out += "</xenc:CarriedKeyName>";
  }
  out += "</xenc:EncryptedKey>";
}

}  // namespace

Status xmlenc_parts::check_spec(const EncryptedKeySpec& spec) {
  if (!is_plain_name(spec.id))
    return tl::unexpected(
        usage_error("an EncryptedKey needs an id of up to 64 letters, digits, '-', '_' and '.'"));
  if (find_invalid_utf8(spec.recipient_key_name + spec.carried_key_name) != std::string::npos)
    return tl::unexpected(usage_error("a key name must be UTF-8"));
  if (spec.certificate.empty() || !spec.certificate.eui())
    return tl::unexpected(usage_error("a recipient needs a certificate with its EUI-64"));
  const KeyUsage& usage = spec.certificate.key_usage();
  if (spec.transport == KeyTransport::ecdh_es ? !usage.key_agreement : !usage.key_encipherment)
    return tl::unexpected(
        usage_error("the recipient's certificate does not allow this kind of key transport"));
  return {};
}

OaepDigest xmlenc_parts::oaep_digest(KeyTransport transport) {
  return transport == KeyTransport::rsa_oaep_sha1 ? OaepDigest::sha1 : OaepDigest::sha256;
}

void xmlenc_parts::append_agreed_key(std::string& out, const EncryptedKeySpec& spec,
                                     const AgreementInfo& info, const AgreedKey& agreed,
                                     Declare declare) {
  append_key_start(out, spec, declare);
  append_agreement(out, spec, info, agreed.ephemeral, declare);
  append_key_end(out, spec, agreed.wrapped);
}

void xmlenc_parts::append_rsa_key(std::string& out, const EncryptedKeySpec& spec,
                                  std::string_view wrapped, Declare declare) {
  append_key_start(out, spec, declare);
  append_rsa(out, spec, declare);
  append_key_end(out, spec, as_bytes(wrapped));
}

Status append_encrypted_key(std::string& out, const ContentKey& key, const EncryptedKeySpec& spec,
                            Declare declare) {
  S1FLOW_TRY_VOID(xmlenc_parts::check_spec(spec));
  if (spec.transport == KeyTransport::ecdh_es) {
    const AgreementInfo info = agreement_info(spec.originator, *spec.certificate.eui());
    S1FLOW_TRY(const AgreedKey agreed, wrap_by_agreement(key, spec.certificate.public_key(), info));
    xmlenc_parts::append_agreed_key(out, spec, info, agreed, declare);
  } else {
    S1FLOW_TRY(const std::string wrapped, wrap_by_rsa(key, spec.certificate.public_key(),
                                                      xmlenc_parts::oaep_digest(spec.transport)));
    xmlenc_parts::append_rsa_key(out, spec, wrapped, declare);
  }
  return {};
}

void xmlenc_parts::append_data_head(std::string& out, Declare declare) {
  append_parts(out,
               {"<xenc:EncryptedData", if_here(declare, kXencDeclaration), " Type=\"",
                uri::kTypeElement, "\"><xenc:EncryptionMethod Algorithm=\"", uri::kAes256Gcm,
                "\"></xenc:EncryptionMethod><ds:KeyInfo", if_here(declare, kDsDeclaration), ">"});
}

void xmlenc_parts::append_data_middle(std::string& out) {
  out += "</ds:KeyInfo><xenc:CipherData><xenc:CipherValue>";
}

EncryptedDataForm::EncryptedDataForm(KeyLinkKind kind, std::string_view link, Declare declare) {
  xmlenc_parts::append_data_head(head_, declare);
  if (kind == KeyLinkKind::retrieval_method) {
    S1FLOW_CHECK(is_plain_name(link));
    append_parts(head_, {"<ds:RetrievalMethod Type=\"", uri::kTypeEncryptedKey, "\" URI=\"#", link,
                         "\"></ds:RetrievalMethod>"});
  } else {
    head_ += "<ds:KeyName>";
    append_canonical_text(head_, link);
    head_ += "</ds:KeyName>";
  }
  xmlenc_parts::append_data_middle(head_);
  tail_ = xmlenc_parts::kDataTail;
}

void EncryptedDataForm::append(std::string& out, std::string_view cipher_value) const {
  append_parts(out, {head_, cipher_value, tail_});
}

Status EncryptedDataForm::append_sealed(std::string& out, ContentSealer& sealer, RecordShare share,
                                        std::span<const unsigned char> element) const {
  const std::size_t start = out.size();
  out += head_;
  Status status = sealer.seal(share, element, out);
  if (!status) {
    out.resize(start);
    return status;
  }
  out += tail_;
  return {};
}

}  // namespace s1flow::codecs::crypto
