// The fast path of XML against libxml2, on documents of every shipped layout: the first byte
// chooses the layout, the second the size of the chunks.

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <vector>

#include "tests/codecs/reading.h"
#include "tests/codecs/two_paths.h"
#include "tests/fuzz/target.h"

using namespace s1flow;
using namespace s1flow::codecs;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::vector<std::unique_ptr<TwoPaths>> paths = [] {
    std::vector<std::unique_ptr<TwoPaths>> all;
    for (const char* type : {"mcf", "mef", "cof", "mgf", "mvf", "scf"}) {
      const auto layout = shipped_layout(type);
      all.push_back(std::make_unique<TwoPaths>(layout, schema_of(*layout)));
    }
    return all;
  }();
  if (size < 2) return 0;
  const std::size_t which = data[0] % paths.size();
  const std::string difference =
      paths[which]->compare(as_text(data + 2, size - 2), 1 + 16 * std::size_t{data[1]});
  if (difference.empty()) return 0;
  std::fprintf(stderr, "%s", difference.c_str());
  std::abort();
}
