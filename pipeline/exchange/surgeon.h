#pragma once
// Surgeon: takes apart a signed file that we made, changes it, and puts it together again, signed
// anew or not. It serves rehearsals: files that arrive damaged, replayed, or signed by the wrong
// party. Whole files in memory, up to a limit; the main path never comes here.

#include <optional>
#include <string>
#include <vector>

#include "codecs/crypto/xmldsig.h"
#include "codecs/encoder.h"
#include "codecs/layout/layout.h"
#include "codecs/xml/chunk_parser.h"
#include "core/file.h"
#include "core/result.h"
#include "pipeline/exchange/header.h"
#include "pipeline/exchange/writer.h"

namespace s1flow::pipeline {

class Surgeon {
 public:
  static constexpr std::size_t kMostBytes = 512UL << 20;

  // A file that ExchangeWriter made by this layout.
  [[nodiscard]] static Result<Surgeon> open(const Path& path,
                                            std::shared_ptr<const codecs::Layout> layout);

  ExchangeHeader header;
  std::string keys;                  // encrypted keys as they stand in the header
  std::vector<std::string> records;  // one each, without the line feed
  std::string signature;             // the element; empty: none
  std::uint64_t trailer_count = 0;

  // Index of the record with this id; npos when there is none.
  [[nodiscard]] std::size_t find(std::string_view id) const;
  // Decodes one record, lets `change` work on it, and puts it back.
  template <typename Change>
  Status change_record(std::size_t index, Change change);
  [[nodiscard]] Status decode(std::size_t index, Arena& arena,
                              codecs::XmlChunkResult& result) const;
  void encode(std::size_t index, const codecs::Record& record);

  // The document, with `signature` as it stands.
  [[nodiscard]] std::string assemble() const;
  // Makes `signature` anew over what assemble() will give.
  [[nodiscard]] Status sign(codecs::crypto::SignatureMaker& maker);
  // Counts in header and trailer become what is there.
  void recount();

 private:
  [[nodiscard]] std::string body(std::string_view signature_text) const;
  std::shared_ptr<const codecs::Layout> layout_;
  std::unique_ptr<codecs::Encoder> encoder_;
};

template <typename Change>
Status Surgeon::change_record(std::size_t index, Change change) {
  Arena arena;
  codecs::XmlChunkResult result;
  S1FLOW_TRY_VOID(decode(index, arena, result));
  change(result.batch.records.front());
  encode(index, result.batch.records.front());
  return {};
}

}  // namespace s1flow::pipeline
