#pragma once
// One chunk of an XML document through libxml2: judged for well-formedness, names spaces and (if
// asked) schema, written out in canonical form, and decoded into Records, all in one pass of SAX
// events. No tree is built.
//
// A chunk that is not the first is parsed in the context of the document's head, so that name
// spaces, the open elements and the content model are those of the whole document. Since each chunk
// is balanced in that context, the document is well-formed exactly when all its chunks are.
//
// Not thread-safe; one per worker, reused. Requires bytes that passed XmlFramer (no DOCTYPE,
// UTF-8).

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "codecs/framer.h"
#include "codecs/layout/layout.h"
#include "codecs/record_builder.h"
#include "codecs/xml/schema.h"

namespace s1flow::codecs {

using NamespaceScope =
    std::vector<std::pair<std::string, std::string>>;  // prefix, URI; innermost declaration wins

// An element that something else than the decoder reads: a signature, an encrypted key, encrypted
// data.
struct CapturedElement {
  enum class Kind : std::uint8_t { signature, encrypted_key, encrypted_data };
  Kind kind = Kind::signature;
  std::string_view bytes;    // in the chunk, from '<' to the end of the closing tag
  std::uint64_t byte = 0;    // offset in the file
  std::uint64_t line = 0;    // in the file
  std::uint64_t record = 0;  // ordinal of the record it stands in, or 0
  std::size_t depth = 0;     // 1: child of the root
  bool last_child = false;   // signature: nothing but white space follows it inside the root
  std::shared_ptr<const NamespaceScope> scope;  // in which its names have to be read
};

// What to do with a chunk besides parsing it.
struct XmlParseOptions {
  bool decode = true;
  bool canonical = true;
  bool validate = true;
};

struct XmlChunkResult {
  RecordBatch batch;
  std::string canonical;  // of this chunk alone; concatenated over the chunks it is the document's,
                          // without its signature
  std::vector<CapturedElement> captured;
  std::vector<Fault> faults;  // of the container and the schema; empty: the chunk is good

  void clear();
};

class XmlChunkParser {
 public:
  // `schema` may be null: nothing is validated then.
  XmlChunkParser(std::shared_ptr<const Layout> layout, std::shared_ptr<const XmlSchema> schema,
                 const Limits& limits);
  XmlChunkParser(const XmlChunkParser&) = delete;
  XmlChunkParser& operator=(const XmlChunkParser&) = delete;
  ~XmlChunkParser();

  // `head` is XmlFramer::head(). Fills `result`, whose views point into the chunk and whose records
  // live in `arena`. `header` and `trailer` may be null; the header is read with the first chunk,
  // the trailer with the last.
  void parse(const Chunk& chunk, std::string_view head, const XmlParseOptions& options,
             Arena& arena, Record* header, Record* trailer, XmlChunkResult& result);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

inline constexpr std::string_view kDsNamespace = "http://www.w3.org/2000/09/xmldsig#";
inline constexpr std::string_view kXencNamespace = "http://www.w3.org/2001/04/xmlenc#";

}  // namespace s1flow::codecs
