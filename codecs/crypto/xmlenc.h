#pragma once
// XML Encryption 1.1 in the one form that s1flow uses (docs/formats/signature-and-encryption.md):
// values as EncryptedData of type Element under AES-256-GCM, each pointing to an EncryptedKey in
// the file's header by RetrievalMethod; content keys by ECDH-ES with ConcatKDF and AES key wrap, or
// by RSA-OAEP. Writers give compact canonical XML; readers accept that shape under any prefixes and
// refuse everything else before any cryptography is done. That an EncryptedKey's values were not
// moved between records is the file's signature's to show: files are encrypted first, then signed.
//
// Readers are kept per worker and reused, and are not thread-safe; the functions are.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "codecs/crypto/certificate.h"
#include "codecs/crypto/content_cipher.h"
#include "codecs/crypto/key_transport.h"
#include "codecs/crypto/small_xml.h"

namespace s1flow::codecs::crypto {

enum class KeyTransport : std::uint8_t {
  ecdh_es,          // ECDH-ES, ConcatKDF SHA-256, kw-aes256
  rsa_oaep_sha1,    // xmlenc#rsa-oaep-mgf1p with SHA-1, for readers that know no other
  rsa_oaep_sha256,  // xmlenc11#rsa-oaep with SHA-256 and MGF1 with SHA-256
};

// Where the prefixes xenc and ds are declared: by the element itself or by an ancestor of it.
enum class Declare : bool { outside, here };

// How an EncryptedData finds its key.
enum class KeyLinkKind : std::uint8_t {
  retrieval_method,  // URI "#id" of an EncryptedKey in the same document
  key_name           // a CarriedKeyName, or a name agreed otherwise
};

// ---- writing

struct EncryptedKeySpec {
  std::string id;  // unique in the document; also the target of RetrievalMethod
  KeyTransport transport = KeyTransport::ecdh_es;
  Eui64 originator;         // who encrypts
  Certificate certificate;  // of the recipient, with an EUI-64 and a key usage that fits
  // Names the recipient's key instead of its issuer and serial, when not empty.
  std::string recipient_key_name;
  // Written as CarriedKeyName when not empty.
  std::string carried_key_name;
};

// An error when the certificate cannot be used like that or a name is not one.
[[nodiscard]] Status append_encrypted_key(std::string& out, const ContentKey& key,
                                          const EncryptedKeySpec& spec,
                                          Declare declare = Declare::here);

// The text around the cipher value, which is the same for every value under one key.
class EncryptedDataForm {
 public:
  // An id must be one that append_encrypted_key accepts.
  EncryptedDataForm(KeyLinkKind kind, std::string_view link, Declare declare = Declare::here);

  // A whole EncryptedData of type Element. `cipher_value` is base64 already.
  void append(std::string& out, std::string_view cipher_value) const;
  // The same with the value sealed straight into `out`; on an error `out` is as before.
  [[nodiscard]] Status append_sealed(std::string& out, ContentSealer& sealer, RecordShare share,
                                     std::span<const unsigned char> element) const;

 private:
  std::string head_;
  std::string tail_;
};

// ---- reading

enum class EncryptionShape : std::uint8_t { ok, wrong_shape, algorithm_not_allowed };

struct EncryptionReading {
  EncryptionShape shape = EncryptionShape::ok;
  std::string_view why;    // for messages; lives as long as the program
  std::size_t offset = 0;  // in the bytes given, when XML is at fault
};

struct ParsedEncryptedKey {
  std::string id;
  std::string recipient;  // attribute Recipient; a hint that decides nothing
  KeyTransport transport = KeyTransport::ecdh_es;
  // Either issuer and serial, or a key name.
  std::string issuer;
  std::string serial;
  std::string key_name;
  std::string carried_key_name;
  AgreementInfo info;     // ECDH-ES only
  std::string ephemeral;  // ECDH-ES only: bytes of the point
  std::string wrapped;    // bytes of the cipher value
};

struct ParsedEncryptedData {
  KeyLinkKind link_kind = KeyLinkKind::retrieval_method;
  std::string_view link;          // the id without '#', or the name
  std::string_view cipher_value;  // base64, with the white space that it has
};

class EncryptionReader {
 public:
  static constexpr std::size_t kMostKeyBytes = 64UL * 1024;
  static constexpr std::size_t kMostDataBytes = 16UL * 1024 * 1024;

  [[nodiscard]] EncryptionReading read_key(std::string_view element,
                                           const NamespaceContext& context,
                                           ParsedEncryptedKey& out);
  // The views in `out` hold until the next read and as long as `element`.
  [[nodiscard]] EncryptionReading read_data(std::string_view element,
                                            const NamespaceContext& context,
                                            ParsedEncryptedData& out);

 private:
  SmallXml xml_;
};

// ---- opening

// A private key that may be the recipient of a file, and the names it is known by.
struct KeyHolder {
  Certificate certificate;
  PrivateKey key;
  std::string key_name;  // may be empty
};

enum class KeyOpening : std::uint8_t {
  ok,
  wrong_shape,  // too many EncryptedKeys, or two of one id
  not_for_us,   // none is addressed to a key that we hold
  failed        // one is, and it does not open; there is no more to be said about why
};

// The content keys of a file that were meant for us.
class ReceivedKeys {
 public:
  static constexpr std::size_t kMostKeys = 16;

  // Opens each EncryptedKey that is addressed to one of `holders`, once. `originator` is the party
  // that the file says it is from: a key agreement that was made in another party's name fails.
  [[nodiscard]] static ReceivedKeys open(std::span<const ParsedEncryptedKey> keys,
                                         std::span<const KeyHolder> holders, Eui64 originator);

  [[nodiscard]] KeyOpening outcome() const { return outcome_; }
  // Whether the EncryptedKey of this Id is one of ours.
  [[nodiscard]] bool opened(std::string_view id) const;
  // Null when the value is under a key that is not ours.
  [[nodiscard]] const ReceivedKey* find(KeyLinkKind kind, std::string_view link) const;

 private:
  struct Opened {
    std::string id;
    std::string carried_name;
    ReceivedKey key;
  };
  KeyOpening outcome_ = KeyOpening::not_for_us;
  std::vector<Opened> opened_;
};

}  // namespace s1flow::codecs::crypto
