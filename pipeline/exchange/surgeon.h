#pragma once
// Surgeon: takes apart a signed file that we made, changes it, and puts it together again, signed
// anew or not. It serves rehearsals: files that arrive damaged, replayed, or signed by the wrong
// party. Records stream by, so memory does not grow with the file. The main path never comes here.
//
// One thread at a time. Errors: I/O, and `internal` for a file that ExchangeWriter did not make.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
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

// One record of the file: its place among them, from 0, and its line without the line feed.
struct RecordText {
  std::uint64_t index = 0;
  std::string text;
};

// One record as the parser sees it: a chunk that holds only it, and what was found there.
struct ParsedRecord {
  codecs::Chunk chunk;
  codecs::XmlChunkResult result;
};

class Surgeon {
 public:
  using Ids = std::set<std::string, std::less<>>;
  // A file that ExchangeWriter made by this layout, gone through once. `ids` are of records that
  // found() shall give. `go_on` is asked now and then, here and in write(), and ends the work with
  // what it answers.
  [[nodiscard]] static Result<Surgeon> open(const Path& path,
                                            std::shared_ptr<const codecs::Layout> layout,
                                            const Ids& ids = {},
                                            std::function<Status()> go_on = {});

  // ---- what was found, and may be changed before write()
  ExchangeHeader header;
  std::string keys;       // encrypted keys as they stand in the header
  std::string signature;  // the element; empty: none
  std::uint64_t trailer_count = 0;
  std::string doctype;                     // goes between XML declaration and root
  std::optional<std::uint64_t> cut_after;  // bytes that are written of the document
  // Each record through this; what is in `replaced` is not asked again.
  std::function<Result<std::string>(const RecordText&)> rewrite;

  [[nodiscard]] std::uint64_t records() const { return records_; }
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  // Empty texts when the file has no record.
  [[nodiscard]] const RecordText& first() const { return first_; }
  [[nodiscard]] const RecordText& last() const { return last_; }
  // Of the records that were asked for, those that are there, by id.
  using RecordsById = std::map<std::string, RecordText, std::less<>>;
  [[nodiscard]] const RecordsById& found() const { return found_; }
  [[nodiscard]] const std::vector<codecs::CapturedElement>& head_elements() const {
    return opening_.captured;
  }

  // ---- edits
  void replace(std::uint64_t index, std::string text) { replaced_[index] = std::move(text); }
  void erase(std::uint64_t index);
  void append(std::string text);
  // Decodes `text`, lets `change` work on the record, and encodes it again.
  template <typename Change>
  Result<std::string> changed(const std::string& text, Change change) const;
  [[nodiscard]] Status parse(const std::string& text, Arena& arena, ParsedRecord& out,
                             bool canonical = false) const;

  // Writes the document to `to`, which may be where it came from. With a maker it is signed over
  // its canonical form; without, `signature` is written as it stands.
  [[nodiscard]] Result<WrittenFile> write(const Path& to, codecs::crypto::SignatureMaker* maker);

 private:
  class Seeker;
  Status take_apart(const Ids& ids);
  Status keep_if_wanted(Seeker& seeker, std::uint64_t index, std::string_view line);
  [[nodiscard]] std::string encode(const codecs::Record& record) const;

  Path path_;
  std::function<Status()> go_on_;
  std::shared_ptr<const codecs::Layout> layout_;
  std::unique_ptr<codecs::Encoder> encoder_;
  std::uint64_t records_ = 0, bytes_ = 0;
  RecordText first_, last_;
  RecordsById found_;
  std::string context_;  // the document up to its first record, to parse single records under
  // The head's elements point into its bytes.
  codecs::Chunk head_;
  codecs::XmlChunkResult opening_;
  std::map<std::uint64_t, std::optional<std::string>> replaced_;
  std::vector<std::string> appended_;
};

template <typename Change>
Result<std::string> Surgeon::changed(const std::string& text, Change change) const {
  Arena arena;
  ParsedRecord parsed;
  S1FLOW_TRY_VOID(parse(text, arena, parsed));
  change(parsed.result.batch.records.front());
  return encode(parsed.result.batch.records.front());
}

}  // namespace s1flow::pipeline
