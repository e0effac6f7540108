#pragma once
// Values that bring their own key: EncryptedData whose KeyInfo holds the EncryptedKey itself, where
// a layout asks for a key per record. Everything else is as in xmlenc.h, whose types these are.

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "codecs/crypto/agreement_table.h"
#include "codecs/crypto/xmlenc.h"

namespace s1flow::codecs::crypto {

// Wraps content keys for one recipient. Immutable; thread-safe.
class KeyWrapper {
 public:
  // Errors as of append_encrypted_key(). The id of `spec` does not matter.
  [[nodiscard]] static Result<KeyWrapper> make(EncryptedKeySpec spec);

  // Appends an EncryptedKey. `id`: unique in the document, of letters, digits and '-'.
  [[nodiscard]] Status append(std::string& out, const ContentKey& key, std::string_view id) const;

 private:
  KeyWrapper() = default;
  EncryptedKeySpec spec_;
  AgreementInfo info_;                   // of key agreement
  std::optional<AgreementTable> table_;  // likewise
};

// Appends a whole EncryptedData of type Element under a key of its own; on an error `out` is as
// before.
[[nodiscard]] Status append_under_own_key(std::string& out, const KeyWrapper& wrapper,
                                          std::string_view id,
                                          std::span<const unsigned char> element);

struct ParsedEnclosedData {
  ParsedEncryptedKey key;
  std::string_view cipher_value;  // base64, with the white space that it has
};

// Not thread-safe; one per worker.
class EnclosedKeyReader {
 public:
  // The view in `out` holds until the next read and as long as `element`.
  [[nodiscard]] EncryptionReading read(std::string_view element, const NamespaceContext& context,
                                       ParsedEnclosedData& out);

 private:
  SmallXml xml_;
};

}  // namespace s1flow::codecs::crypto
