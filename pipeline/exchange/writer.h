#pragma once
// ExchangeWriter: makes one signed file of the exchange while its records come by: head, records in
// order, trailer, signature. The digest is taken from the bytes as they are written, since the
// encoder writes canonical XML. The file appears under its name only when it is whole and signed; a
// writer that is destroyed before leaves nothing.
//
// One thread at a time.

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "codecs/crypto/digest.h"
#include "codecs/crypto/xmldsig.h"
#include "codecs/encoder.h"
#include "core/file.h"
#include "core/result.h"
#include "pipeline/exchange/header.h"

namespace s1flow::pipeline {

struct WrittenFile {
  Path path;
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;
  codecs::crypto::Sha256Digest sha256{};  // of the file
};

class ExchangeWriter {
 public:
  // `maker` signs as the header's sender; nothing: the file is not signed. `keys` is XML of
  // encrypted keys for layouts with encryption.
  [[nodiscard]] static Result<ExchangeWriter> create(
      const Path& path, std::shared_ptr<const codecs::Layout> layout, const ExchangeHeader& header,
      std::string_view keys, std::optional<codecs::crypto::SignatureMaker> maker,
      Overwrite overwrite = Overwrite::no);

  // A writer that encodes and writes nothing, for a file that is finished already.
  [[nodiscard]] static Result<ExchangeWriter> idle(std::shared_ptr<const codecs::Layout> layout);

  // Encodes records without writing them; many threads may use it at once.
  [[nodiscard]] const codecs::Encoder& encoder() const { return *encoder_; }
  // Writes what encoder() made of `records` records.
  [[nodiscard]] Status append(std::string_view encoded, std::uint64_t records);
  // Not for an idle one.
  [[nodiscard]] Result<WrittenFile> finish();
  [[nodiscard]] std::uint64_t records() const { return records_; }
  [[nodiscard]] bool is_idle() const { return !file_; }

 private:
  explicit ExchangeWriter(std::unique_ptr<codecs::Encoder> encoder)
      : encoder_(std::move(encoder)) {}
  Status put(std::string_view bytes, bool is_signed);

  std::optional<OutputFile> file_;  // none of an idle one
  std::shared_ptr<const codecs::Layout> layout_;
  std::unique_ptr<codecs::Encoder> encoder_;
  std::optional<codecs::crypto::SignatureMaker> maker_;
  codecs::crypto::Sha256 signed_digest_;
  codecs::crypto::Sha256 file_digest_;
  std::uint64_t records_ = 0;
};

}  // namespace s1flow::pipeline
