// The framer and the chunk parser on an SCF, with its schema: whole and in chunks.

#include "tests/codecs/reading.h"
#include "tests/fuzz/target.h"
#include "tests/fuzz/two_ways.h"

using namespace s1flow;
using namespace s1flow::codecs;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::shared_ptr<const Layout> layout = shipped_layout("scf");
  static const std::shared_ptr<const XmlSchema> schema = schema_of(*layout);
  read_two_ways(as_text(data, size), layout, schema);
  return 0;
}
