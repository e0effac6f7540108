#pragma once
// Opening the shares of a MEF: the content keys of the file once, then the values of each chunk;
// or, where the layout has a key per record, each value with the key that it brings.

#include <atomic>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "codecs/crypto/enclosed_key.h"
#include "codecs/crypto/xmlenc.h"
#include "codecs/framer.h"
#include "codecs/xml/chunk_parser.h"
#include "core/result.h"

namespace s1flow::pipeline {

// Whose values are to be opened, from whom they are, and how their keys may have come. Borrowed.
struct OpeningTerms {
  std::span<const codecs::crypto::KeyHolder> holders;
  Eui64 originator;
  std::span<const codecs::crypto::KeyTransport> allowed;
};

// Opens values that bring their own keys. One per worker.
class OwnKeyOpener {
 public:
  explicit OwnKeyOpener(const OpeningTerms& terms) : terms_(terms) {}

  enum class Answer { opened, not_for_us, failed };
  // `element`: an EncryptedData. Nothing is in `plain` unless it was opened.
  [[nodiscard]] Answer open(std::string_view element,
                            const codecs::crypto::NamespaceContext& context,
                            codecs::crypto::Secret& plain);

 private:
  OpeningTerms terms_;
  codecs::crypto::EnclosedKeyReader reader_;
  codecs::crypto::ParsedEnclosedData data_;
};

// The content keys that a file holds for us. Thread-safe once made.
class FileKeys {
 public:
  // Of a layout with a key per record: there is nothing to open before the values.
  [[nodiscard]] static std::unique_ptr<FileKeys> of_values(const OpeningTerms& terms);
  // `captured`: what the parser captured in the file's head. Keys that came by another way than the
  // `allowed` ones are nobody's.
  [[nodiscard]] static std::unique_ptr<FileKeys> open(
      std::span<const codecs::CapturedElement> captured,
      std::span<const codecs::crypto::KeyHolder> holders, Eui64 originator,
      std::span<const codecs::crypto::KeyTransport> allowed);
  // Whether it makes sense to look at the values.
  [[nodiscard]] bool may_open() const {
    return terms_ || keys_.outcome() == codecs::crypto::KeyOpening::ok;
  }
  // With a key per record: known when all values have been seen. A file without any is for us.
  [[nodiscard]] codecs::crypto::KeyOpening outcome() const;
  [[nodiscard]] const codecs::crypto::ReceivedKeys& keys() const { return keys_; }

 private:
  friend class ShareOpener;
  codecs::crypto::ReceivedKeys keys_;
  std::optional<OpeningTerms> terms_;  // of values that bring their own keys
  mutable std::atomic<bool> value_seen_{false}, value_opened_{false};
};

// One per worker.
class ShareOpener {
 public:
  [[nodiscard]] static Result<std::unique_ptr<ShareOpener>> make(const FileKeys& keys);

  // The chunk's bytes with each EncryptedData that is under one of our keys replaced by what it
  // holds. Ordinals of records whose value is under our key and does not open go to `unopened`. The
  // buffer is wiped when the next chunk is opened.
  [[nodiscard]] std::shared_ptr<Buffer> open(const codecs::Chunk& chunk,
                                             std::span<const codecs::CapturedElement> captured,
                                             std::vector<std::uint64_t>& unopened);

 private:
  explicit ShareOpener(const FileKeys& keys) : keys_(keys) {
    if (keys.terms_) own_.emplace(*keys.terms_);
  }
  using Answer = OwnKeyOpener::Answer;
  [[nodiscard]] Answer open_value(const codecs::CapturedElement& value);
  [[nodiscard]] codecs::crypto::ContentOpener* opener_for(const codecs::crypto::ReceivedKey& key);

  const FileKeys& keys_;
  std::vector<std::pair<const codecs::crypto::ReceivedKey*, codecs::crypto::ContentOpener>>
      openers_;
  std::optional<OwnKeyOpener> own_;
  codecs::crypto::EncryptionReader reader_;
  codecs::crypto::Secret plain_;
  std::shared_ptr<Buffer> buffer_;
};

}  // namespace s1flow::pipeline
