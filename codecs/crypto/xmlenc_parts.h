#pragma once
// Pieces of xmlenc_reader.cpp and xmlenc_writer.cpp that enclosed keys are made of as well; for
// codecs/crypto/ alone.

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "codecs/crypto/element_shape.h"
#include "codecs/crypto/xmlenc.h"

namespace s1flow::codecs::crypto::xmlenc_parts {

// ---- reading

// An EncryptedData as far as it does not depend on how it finds its key.
struct DataFrame {
  const SmallXml::Node* key_info = nullptr;
  const SmallXml::Node* cipher_data = nullptr;
};
[[nodiscard]] EncryptionReading read_frame(const ElementShape& shape, const SmallXml::Node& root,
                                           DataFrame& out);
[[nodiscard]] EncryptionReading read_key(const ElementShape& shape, const SmallXml::Node& root,
                                         ParsedEncryptedKey& out);
// Of a CipherData.
[[nodiscard]] std::optional<std::string_view> cipher_value_of(const ElementShape& shape,
                                                              const SmallXml::Node& data);
[[nodiscard]] EncryptionReading wrong(std::string_view why);

// ---- writing

[[nodiscard]] Status check_spec(const EncryptedKeySpec& spec);
// With a key that has been agreed, or encrypted by RSA, already.
void append_agreed_key(std::string& out, const EncryptedKeySpec& spec, const AgreementInfo& info,
                       const AgreedKey& agreed, Declare declare);
void append_rsa_key(std::string& out, const EncryptedKeySpec& spec, std::string_view wrapped,
                    Declare declare);
[[nodiscard]] OaepDigest oaep_digest(KeyTransport transport);
// Up to the content of KeyInfo, and from it to the cipher value.
void append_data_head(std::string& out, Declare declare);
void append_data_middle(std::string& out);
inline constexpr std::string_view kDataTail =
    "</xenc:CipherValue></xenc:CipherData></xenc:EncryptedData>";

}  // namespace s1flow::codecs::crypto::xmlenc_parts
