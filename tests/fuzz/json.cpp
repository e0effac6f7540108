// JSON Lines of an inventory, whole and in chunks, plainly and by the parser alone.

#include <cstdio>
#include <cstdlib>

#include "tests/codecs/reading.h"
#include "tests/codecs/two_json_ways.h"
#include "tests/fuzz/target.h"
#include "tests/fuzz/two_ways.h"

using namespace s1flow;
using namespace s1flow::codecs;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::shared_ptr<const Layout> layout = shipped_layout("inventory");
  read_two_ways(as_text(data, size), layout, nullptr);
  static TwoJsonWays ways(layout, {.depth = 12, .field_bytes = 200, .record_bytes = 2000});
  const std::string differ = ways.compare(as_text(data, size));
  if (differ.empty()) return 0;
  std::fprintf(stderr, "%s\n", differ.c_str());
  std::abort();
}
