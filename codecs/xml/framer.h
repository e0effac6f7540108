#pragma once
// Where records of an XML document begin and end: a scanner of tags that knows comments, CDATA and
// processing instructions, follows the element depth, and recognises records by their path from the
// root. It refuses a DOCTYPE and any encoding but UTF-8 before anything else looks at the document.
// It does not judge well-formedness: libxml2 does, on every byte, chunk by chunk
// (codecs/xml/chunk_parser.h).

#include <memory>
#include <string>
#include <vector>

#include "codecs/framer.h"

namespace s1flow::codecs {

class XmlFramer final : public Framer {
 public:
  // `record_path`: local names from the root's child to the record; not empty.
  XmlFramer(std::vector<std::string> record_path, const Limits& limits);

  [[nodiscard]] tl::expected<Cut, Fault> scan(std::string_view window, bool at_end) override;
  void consumed(std::size_t bytes) override;
  [[nodiscard]] const Rule& limit_rule() const override { return kXmlLimit; }

  // The document up to the last tag, comment or instruction before its first record (or the whole
  // of it when there is no record); set with the first chunk, then never changed. It is the context
  // in which later chunks are parsed.
  [[nodiscard]] std::shared_ptr<const std::string> head() const { return head_; }

 private:
  enum class Step : std::uint8_t { done, need_more };
  [[nodiscard]] tl::expected<bool, Fault> prolog(std::string_view window, bool at_end);
  [[nodiscard]] tl::expected<Step, Fault> markup(std::string_view window);
  void skim(std::string_view window);
  [[nodiscard]] Step skip_record(std::string_view window, bool at_end);
  void open_tag(std::string_view window, std::string_view name, std::size_t end);
  void close_tag(std::size_t end);

  std::vector<std::string> path_;
  Limits limits_;
  std::shared_ptr<const std::string> head_;
  std::size_t at_ = 0;          // scanned up to here, in the window
  std::size_t markup_end_ = 0;  // end of the last markup
  std::size_t depth_ = 0;       // open elements
  std::size_t on_path_ = 0;     // leading open elements that lie on root + path
  // Of the record in hand: its name as the document writes it, and how far its end has been looked
  // for by that name alone. `at_` stands at its first content meanwhile.
  std::string record_tag_;
  std::size_t skipped_to_ = 0;
  std::size_t skipped_depth_ = 0;  // at most this many elements are open there
  bool skips_ = false;             // its end may be looked for so
  bool prolog_done_ = false;
  bool root_seen_ = false;
  Cut cut_;
};

}  // namespace s1flow::codecs
