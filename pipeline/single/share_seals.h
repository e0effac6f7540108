#pragma once
// The content keys of one file that is being encrypted: one for each share that has a recipient,
// with the XML that carries them; or, where the layout asks for a key per record, the means to make
// one for every value. A ShareSeals is immutable once made and shared by the workers, each of which
// has a ShareSealer of its own.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "codecs/crypto/enclosed_key.h"
#include "codecs/crypto/xmlenc.h"
#include "codecs/layout/layout.h"
#include "codecs/xml/chunk_parser.h"
#include "core/result.h"

namespace s1flow::pipeline {

struct ShareRecipient {
  std::string share;  // of the layout: "s1sp"
  codecs::crypto::Certificate certificate;
};

struct EncryptRequest {
  std::vector<ShareRecipient> recipients;  // shares without one stay as they are
  codecs::crypto::KeyTransport transport =
      codecs::crypto::KeyTransport::ecdh_es;  // EC certificates
  Eui64 originator;                           // the file's sender
};

class ShareSeals {
 public:
  struct Seal {
    std::size_t share = 0;  // into Layout::shares
    std::string id;         // of the EncryptedKey; of a key per record, what its ids begin with
    // A key per file:
    std::optional<codecs::crypto::ContentKey> key;
    codecs::crypto::EncryptedDataForm form;
    // A key per record:
    std::optional<codecs::crypto::KeyWrapper> wrapper;
  };
  static constexpr std::size_t npos = static_cast<std::size_t>(-1);

  // A share that the layout does not have, or that is given twice, is a usage error.
  [[nodiscard]] static Result<ShareSeals> make(const codecs::Layout& layout,
                                               const EncryptRequest& request);

  [[nodiscard]] const std::vector<Seal>& all() const { return seals_; }
  // Index of the share's seal; npos when the share stays as it is.
  [[nodiscard]] std::size_t find(std::size_t share) const;
  // The EncryptedKeys, for the element that holds them; none where every value brings its own.
  [[nodiscard]] const std::string& keys() const { return keys_; }

 private:
  std::vector<Seal> seals_;
  std::string keys_;
};

class ShareSealer {
 public:
  // Borrowed: `seals`.
  [[nodiscard]] static Result<ShareSealer> make(const ShareSeals& seals);

  // Appends what takes the place of a share's element. `declarations`: what the element inherits,
  // as attributes. Of one seal, no two values may have the same place.
  [[nodiscard]] Status seal(std::size_t seal, codecs::crypto::RecordShare place,
                            std::string_view element, std::string_view declarations,
                            std::string& out);

 private:
  explicit ShareSealer(const ShareSeals& seals) : seals_(&seals) {}
  const ShareSeals* seals_;
  // By seal; none for those that make a key for every value.
  std::vector<std::optional<codecs::crypto::ContentSealer>> sealers_;
  std::string plain_;  // wiped after each value
};

// The declarations that are in force in a scope, as attributes in the order of canonical XML.
[[nodiscard]] std::string declarations_of(const codecs::NamespaceScope& scope);

}  // namespace s1flow::pipeline
