#pragma once
// One chunk of an XML document: judged for well-formedness, names spaces and (if asked) schema, put
// into canonical form, and decoded into Records. What is canonical and valid as it stands takes the
// fast path (codecs/xml/canonical_decoder.h); everything else goes through libxml2, in one pass of
// SAX events. Whether those are valid is asked of the compiled tables first, and where they are in
// doubt of libxml2's schema engine, whose verdict and words stand. No tree is built, and which way
// a chunk went shows in XmlChunkResult::way only.
//
// A chunk that is not the first is parsed in the context of the document's head, so that name
// spaces, the open elements and the content model are those of the whole document. Since each chunk
// is balanced in that context, the document is well-formed exactly when all its chunks are.
//
// Not thread-safe; one per worker, reused. Requires bytes that passed XmlFramer (no DOCTYPE,
// UTF-8).

#include <array>
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

// A readable share of a record, in its place: what is encrypted as a whole.
struct ShareElement {
  std::size_t share = 0;     // into Layout::shares
  std::string_view bytes;    // in the chunk, from '<' to the end of the closing tag
  std::uint64_t record = 0;  // ordinal
  std::shared_ptr<const NamespaceScope> scope;  // in force at it, without its own declarations
};

// A record as it stands in the chunk; for layouts whose records are signed one by one.
struct RecordElement {
  std::string_view bytes;                       // from '<' to the end of the closing tag
  std::shared_ptr<const NamespaceScope> scope;  // in force at it, without its own declarations
};

// How a chunk is read. Each way gives what the one after it would give, or leaves the chunk to it.
enum class XmlWay : std::uint8_t {
  fast,    // bytes matched against the tables
  events,  // libxml2's events judged by the tables
  engine,  // libxml2's events judged by its schema engine, or not judged at all
};

// What to do with a chunk besides parsing it.
struct XmlParseOptions {
  bool decode = true;
  bool canonical = true;
  bool validate = true;
  XmlWay first = XmlWay::fast;  // the first way to try
};

struct XmlChunkResult {
  RecordBatch batch;
  XmlWay way = XmlWay::engine;                 // that it was read
  std::string canonical;                       // as libxml2's events gave it, or
  std::array<std::string_view, 2> in_place{};  // where it stands in the chunk
  std::vector<CapturedElement> captured;
  std::vector<ShareElement> shares;
  std::vector<RecordElement> elements;  // of the batch's records, where they are signed one by one
  // Where an EncryptedKey may be put in, in the chunk: before the end tag of the element for them;
  // npos when that tag is not in it.
  std::size_t keys_end = std::string_view::npos;
  std::vector<Fault> faults;  // of the container and the schema; empty: the chunk is good

  // The canonical form of this chunk alone; concatenated over the chunks it is the document's,
  // without its signature.
  [[nodiscard]] std::array<std::string_view, 2> canonical_form() const {
    return way == XmlWay::fast ? in_place : std::array<std::string_view, 2>{canonical, {}};
  }

  // For readers: the share of this number that is open ends here.
  void end_share(std::int32_t share, const char* end);
  // For readers: the record begun last ends here.
  void end_element(const char* end);
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
