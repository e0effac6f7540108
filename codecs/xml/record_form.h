#pragma once
// RecordForm: a record as its own signature sees it. That is the exclusive canonical form of the
// element taken out of its document, without the signature, and the id by which the signature names
// it.
//
// There are two ways to it, which give the same: from bytes that CanonicalDecoder has accepted,
// which are copied with the namespace declarations put where they are used; and from any bytes,
// through libxml2. Not thread-safe; one per worker, reused; the first way allocates nothing in the
// steady state.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "codecs/xml/chunk_parser.h"

namespace s1flow::codecs {

class RecordForm {
 public:
  // `id`: local name of the attribute of the record, which has no namespace.
  explicit RecordForm(std::string id) : id_name_(std::move(id)) {}

  // `signature` is a part of the record's bytes, or empty.
  void read_canonical(const RecordElement& record, std::string_view signature);
  // False when the record is not well-formed where it stands.
  [[nodiscard]] bool read_any(const RecordElement& record, std::string_view signature);

  // Until the next reading; the id may point into the record.
  [[nodiscard]] std::string_view bytes() const { return form_; }
  [[nodiscard]] std::optional<std::string_view> id() const { return id_; }

 private:
  struct Binding {
    std::string_view prefix, uri;
  };
  struct Mark {
    std::size_t scope, rendered;
  };
  class Events;

  const char* start_tag(const char* at, const char*& copied);
  void show(std::string_view prefix);

  std::string id_name_;
  std::string form_;
  std::optional<std::string_view> id_;
  std::string id_text_;  // when the id is not as it is written
  std::string wrapped_;
  std::vector<Binding> scope_, rendered_, fresh_;  // innermost last
  std::vector<Mark> open_;                         // of each open element: what was there before it
};

}  // namespace s1flow::codecs
