// Canonical XML of any document that the parser takes, against libxml2's own.

#include <algorithm>
#include <memory>

#include <libxml/c14n.h>
#include <libxml/parser.h>

#include "codecs/utf8.h"
#include "codecs/xml/chunk_parser.h"
#include "codecs/xml/framer.h"
#include "core/check.h"
#include "tests/codecs/reading.h"
#include "tests/codecs/streamed_c14n.h"
#include "tests/fuzz/target.h"

using namespace s1flow;
using namespace s1flow::codecs;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::shared_ptr<const Layout> layout = shipped_layout("mvf");
  static XmlChunkParser parser(layout, nullptr, {});
  XmlFramer framer(layout->record_path, {});
  auto buffer = std::make_shared<Buffer>();
  buffer->append(as_text(data, size));
  if (!framer.scan(buffer->view(), true)) return 0;
  Chunk chunk;
  chunk.buffer = buffer;
  chunk.bytes = buffer->view();
  chunk.last = true;
  Arena arena;
  XmlChunkResult result;
  parser.parse(chunk, {}, {.decode = false, .canonical = true, .validate = false}, arena, nullptr,
               nullptr, result);
  // A signature is left out on purpose. libxml2 does not escape ampersands in namespaces.
  if (!result.faults.empty() || !result.captured.empty()) return 0;
  const std::string_view text_of_it = buffer->view();
  if (text_of_it.find("xmlns") != std::string_view::npos &&
      text_of_it.find('&') != std::string_view::npos)
    return 0;
  const std::unique_ptr<xmlDoc, void (*)(xmlDoc*)> tree(
      xmlReadMemory(buffer->data(), static_cast<int>(buffer->size()), "d.xml", nullptr,
                    XML_PARSE_NOENT | XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING),
      &xmlFreeDoc);
  S1FLOW_CHECK(tree != nullptr);
  xmlChar* text = nullptr;
  const int length = xmlC14NDocDumpMemory(tree.get(), nullptr, XML_C14N_1_0, nullptr, 0, &text);
  // libxml2 refuses to canonicalise relative namespace URIs; we never compare what it does not
  // make.
  const bool same =
      length < 0 || result.canonical == std::string_view(reinterpret_cast<const char*>(text),
                                                         static_cast<std::size_t>(length));
  // The reader of single documents, in pieces: the same when it takes the document.
  for (const std::size_t piece : {std::size_t{7}, size}) {
    const auto streamed = streamed_canonical(buffer->view(), std::max<std::size_t>(piece, 1));
    S1FLOW_CHECK(!streamed || *streamed == result.canonical);
  }
  xmlFree(text);
  S1FLOW_CHECK(same);
  return 0;
}
