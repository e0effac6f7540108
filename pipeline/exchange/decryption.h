#pragma once
// Opening the shares of a MEF: the content keys of the file once, then the values of each chunk.

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "codecs/crypto/xmlenc.h"
#include "codecs/framer.h"
#include "codecs/xml/chunk_parser.h"
#include "core/result.h"

namespace s1flow::pipeline {

// The content keys that a file holds for us. Immutable once made; thread-safe.
class FileKeys {
 public:
  // `captured`: what the parser captured in the file's head. Keys that came by another way than the
  // `allowed` ones are nobody's.
  [[nodiscard]] static std::unique_ptr<FileKeys> open(
      std::span<const codecs::CapturedElement> captured,
      std::span<const codecs::crypto::KeyHolder> holders, Eui64 originator,
      std::span<const codecs::crypto::KeyTransport> allowed);
  [[nodiscard]] codecs::crypto::KeyOpening outcome() const { return keys_.outcome(); }
  [[nodiscard]] const codecs::crypto::ReceivedKeys& keys() const { return keys_; }

 private:
  codecs::crypto::ReceivedKeys keys_;
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
  explicit ShareOpener(const FileKeys& keys) : keys_(keys) {}
  [[nodiscard]] codecs::crypto::ContentOpener* opener_for(const codecs::crypto::ReceivedKey& key);

  const FileKeys& keys_;
  std::vector<std::pair<const codecs::crypto::ReceivedKey*, codecs::crypto::ContentOpener>>
      openers_;
  codecs::crypto::EncryptionReader reader_;
  codecs::crypto::Secret plain_;
  std::shared_ptr<Buffer> buffer_;
};

}  // namespace s1flow::pipeline
