#pragma once
// XmlDocumentReader: any XML document from its first byte to its last, as a stream of events with
// their places, through libxml2's push parser: no tree, no entity is loaded, nothing is known of a
// schema. For work on single documents (judging, signing, converting); the batch's files go through
// XmlFramer and XmlChunkParser, which work in parallel.
//
// Accepts every well-formed UTF-8 document with well-formed namespaces (XML 1.0 fifth edition,
// Namespaces 1.0) within XmlDocumentLimits. Refuses, with the byte where it is: a DOCTYPE, before
// libxml2 sees it; any encoding but UTF-8, declared or found; a NUL; and everything that is not
// well- formed, so also every truncation. A single handler call per event is virtual, which is fine
// for one document and would not be for the records of a week.
//
// Memory: what libxml2 holds back until a tag or comment is whole, and what keep_from() asks for.
// Not thread-safe.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "codecs/rules.h"
#include "codecs/xml/c14n.h"
#include "core/file.h"
#include "core/result.h"

namespace s1flow::codecs {

struct XmlDocumentLimits {
  std::size_t depth = 100'000;               // of elements
  std::size_t attributes = 10'000;           // of one element
  std::size_t construct_bytes = 64UL << 20;  // of one tag, comment or processing instruction
};

// The start tag of an element. Views hold until the handler returns.
struct XmlStart {
  std::string_view prefix, local, ns;
  const std::vector<XmlNamespace>& declared;
  std::vector<XmlAttribute>& attributes;  // C14nWriter may sort them
  std::uint64_t byte = 0;                 // of its '<'
  std::uint64_t line = 0;
  std::size_t depth = 0;  // 0: the root
};

struct XmlEnd {
  std::string_view prefix, local;
  std::uint64_t end = 0;  // the byte after its '>'
  std::size_t depth = 0;
};

class XmlDocumentHandler {
 public:
  XmlDocumentHandler() = default;
  XmlDocumentHandler(const XmlDocumentHandler&) = delete;
  XmlDocumentHandler& operator=(const XmlDocumentHandler&) = delete;
  virtual ~XmlDocumentHandler() = default;

  virtual void start_element(const XmlStart&) {}
  virtual void end_element(const XmlEnd&) {}
  // Character data outside of the root is not told. A run may come in several pieces.
  virtual void text(std::string_view) {}
  virtual void processing_instruction(std::string_view, std::string_view) {}
  virtual void comment(std::string_view) {}
};

class XmlDocumentReader {
 public:
  explicit XmlDocumentReader(XmlDocumentHandler& handler, const XmlDocumentLimits& limits = {});
  XmlDocumentReader(const XmlDocumentReader&) = delete;
  XmlDocumentReader& operator=(const XmlDocumentReader&) = delete;
  ~XmlDocumentReader();

  // The next bytes of the document. False: a fault has ended it; what follows would not be looked
  // at.
  bool feed(std::string_view bytes);
  // The document ends here. True when it was well-formed.
  bool finish();
  // In the order of their places. Namespace faults do not end the reading; any other does.
  [[nodiscard]] const std::vector<Fault>& faults() const;

  // ---- for handlers

  // Prefixes and their namespaces at the element that has just started, innermost last.
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> scope() const;
  // From now on the document's bytes from this offset on stay at hand; npos: none.
  void keep_from(std::uint64_t offset);
  // Bytes that have been kept.
  [[nodiscard]] std::string_view bytes(std::uint64_t begin, std::uint64_t end) const;
  [[nodiscard]] std::uint64_t bytes_fed() const;
  // Up to here everything has been told; never beyond the '<' of what comes next.
  [[nodiscard]] std::uint64_t position() const;
  // Ends the reading without a fault; nothing more is told.
  void stop();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// Reads a whole file through `reader` and tells `progress` the bytes read. Errors of the file only;
// faults are in the reader.
[[nodiscard]] Status read_document(InputFile& file, XmlDocumentReader& reader,
                                   const std::function<void(std::uint64_t)>& progress = {});

}  // namespace s1flow::codecs
