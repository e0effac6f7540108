#include "codecs/crypto/enclosed_key.h"

#include "codecs/crypto/xml_security_names.h"
#include "codecs/crypto/xmlenc_parts.h"
#include "core/text.h"

namespace s1flow::codecs::crypto {

namespace parts = xmlenc_parts;

Result<KeyWrapper> KeyWrapper::make(EncryptedKeySpec spec) {
  spec.id = "key";
  S1FLOW_TRY_VOID(parts::check_spec(spec));
  KeyWrapper wrapper;
  wrapper.spec_ = std::move(spec);
  if (wrapper.spec_.transport != KeyTransport::ecdh_es) return wrapper;
  const EncryptedKeySpec& s = wrapper.spec_;
  wrapper.info_ = agreement_info(s.originator, *s.certificate.eui());
  S1FLOW_TRY(wrapper.table_, AgreementTable::make(s.certificate.public_key()));
  return wrapper;
}

Status KeyWrapper::append(std::string& out, const ContentKey& key, std::string_view id) const {
  EncryptedKeySpec spec = spec_;
  spec.id = id;
  if (table_) {
    S1FLOW_TRY(const AgreedKey agreed, table_->wrap(key, info_));
    parts::append_agreed_key(out, spec, info_, agreed, Declare::outside);
  } else {
    S1FLOW_TRY(const std::string wrapped,
               wrap_by_rsa(key, spec.certificate.public_key(), parts::oaep_digest(spec.transport)));
    parts::append_rsa_key(out, spec, wrapped, Declare::outside);
  }
  return {};
}

Status append_under_own_key(std::string& out, const KeyWrapper& wrapper, std::string_view id,
                            std::span<const unsigned char> element) {
  const std::size_t start = out.size();
  const auto append = [&]() -> Status {
    S1FLOW_TRY(const ContentKey key, ContentKey::generate());
    S1FLOW_TRY(ContentSealer sealer, ContentSealer::make(key));
    parts::append_data_head(out, Declare::here);
    S1FLOW_TRY_VOID(wrapper.append(out, key, id));
    parts::append_data_middle(out);
    // The only value under its key.
    S1FLOW_TRY_VOID(sealer.seal({.ordinal = 1, .index = 0}, element, out));
    out += parts::kDataTail;
    return {};
  };
  Status status = append();
  if (!status) out.resize(start);
  return status;
}

EncryptionReading EnclosedKeyReader::read(std::string_view element, const NamespaceContext& context,
                                          ParsedEnclosedData& out) {
  out = ParsedEnclosedData();
  const XmlFault fault = xml_.read(element, context, EncryptionReader::kMostDataBytes);
  if (fault != XmlFault::none)
    return {EncryptionShape::wrong_shape, text_of(fault), xml_.fault_offset()};
  const ElementShape shape(xml_);
  parts::DataFrame frame;
  if (auto reading = parts::read_frame(shape, xml_.root(), frame);
      reading.shape != EncryptionShape::ok)
    return reading;
  const SmallXml::Node* key = shape.only_child(*frame.key_info, uri::kXenc, "EncryptedKey");
  if (key == nullptr) return parts::wrong("KeyInfo must hold an EncryptedKey and nothing else");
  if (auto reading = parts::read_key(shape, *key, out.key); reading.shape != EncryptionShape::ok)
    return reading;
  const auto value = parts::cipher_value_of(shape, *frame.cipher_data);
  if (!value) return parts::wrong("CipherData must hold a CipherValue");
  out.cipher_value = *value;
  return {};
}

}  // namespace s1flow::codecs::crypto
