#pragma once
// Encoder: Records to bytes by a Layout, in whatever container it describes. The inverse of the
// decoders. Streaming: begin, any number of records, end. XML comes out in canonical form (apart
// from the XML declaration), one record a line, so that its digest is the digest of its bytes.
//
// Thread safety: begin and end are for one thread; encode() is const and may run on many.

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "codecs/layout/layout.h"
#include "codecs/record.h"
#include "core/result.h"

namespace s1flow::codecs {

// Encrypts one share of a record while it is encoded (MEF). Stateless towards the encoder; one per
// worker.
class ShareSealer {
 public:
  ShareSealer() = default;
  ShareSealer(const ShareSealer&) = delete;
  ShareSealer& operator=(const ShareSealer&) = delete;
  virtual ~ShareSealer() = default;
  // Appends what replaces the share's element; `plain` is the element, with its name spaces
  // declared on it. `ordinal` is the record's, from 1.
  virtual void seal(std::size_t share, std::uint64_t ordinal, std::string_view plain,
                    std::string& out) = 0;
};

class Encoder {
 public:
  Encoder() = default;
  Encoder(const Encoder&) = delete;
  Encoder& operator=(const Encoder&) = delete;
  virtual ~Encoder() = default;

  // What stands before the first record. `keys`: XML of the encrypted keys, for layouts with
  // encryption.
  virtual void begin(const Record& header, std::string_view keys, std::string& out) const = 0;
  // The records, in order. `sealer` may be null for layouts without encryption, or to leave shares
  // readable.
  virtual void encode(std::span<const Record* const> records, ShareSealer* sealer,
                      std::string& out) const = 0;
  // What stands after the last record, up to where a signature goes.
  virtual void end(const Record& trailer, std::string& out) const = 0;
  // What follows the signature.
  virtual void close(std::string& out) const = 0;
};

// Fails when the layout cannot be written (Layout::unwritable).
[[nodiscard]] Result<std::unique_ptr<Encoder>> make_encoder(std::shared_ptr<const Layout> layout);

}  // namespace s1flow::codecs
