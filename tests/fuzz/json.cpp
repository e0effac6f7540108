// JSON Lines of an inventory, whole and in chunks.

#include "tests/codecs/reading.h"
#include "tests/fuzz/target.h"
#include "tests/fuzz/two_ways.h"

using namespace s1flow;
using namespace s1flow::codecs;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::shared_ptr<const Layout> layout = shipped_layout("inventory");
  read_two_ways(as_text(data, size), layout, nullptr);
  return 0;
}
