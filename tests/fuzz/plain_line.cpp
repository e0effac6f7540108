// JSON Lines of an inventory, plainly and by the parser alone: both have to give the same.

#include <cstdio>
#include <cstdlib>

#include "tests/codecs/reading.h"
#include "tests/codecs/two_json_ways.h"
#include "tests/fuzz/target.h"

using namespace s1flow;
using namespace s1flow::codecs;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // Small limits, so that small inputs reach them.
  static TwoJsonWays ways(shipped_layout("inventory"),
                          {.depth = 6, .field_bytes = 60, .record_bytes = 1500});
  const std::string differ = ways.compare(as_text(data, size));
  if (differ.empty()) return 0;
  std::fprintf(stderr, "%s\n", differ.c_str());
  std::abort();
}
