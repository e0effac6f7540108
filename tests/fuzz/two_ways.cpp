#include "tests/fuzz/two_ways.h"

#include <cstdio>
#include <cstdlib>

#include "tests/codecs/reading.h"
#include "tests/temporary_folder.h"

namespace s1flow::codecs {
namespace {

// One file for the life of the program, on a file system in memory where there is one.
const Path& scratch() {
  static const TemporaryFolder folder;
  static const Path path = folder / "input";
  return path;
}

}  // namespace

void read_two_ways(std::string_view input, const std::shared_ptr<const Layout>& layout,
                   const std::shared_ptr<const XmlSchema>& schema) {
  if (input.empty()) return;
  const std::size_t chunk = 1 + static_cast<unsigned char>(input.front());
  put_file(scratch(), input.substr(1));
  ReadingOptions options;
  options.schema = schema;
  // Small limits, so that small inputs reach them.
  options.limits.depth = 12;
  options.limits.field_bytes = 200;
  options.limits.record_bytes = 2000;
  const Reading whole = read_whole_file(scratch(), layout, options);
  options.chunk_bytes = chunk;
  const Reading cut = read_whole_file(scratch(), layout, options);
  const bool refused = !whole.found.empty() && whole.found[0].rule->scope == RuleScope::file;
  // The words and the place of a refusal may differ; that there is one, and its rule, may not.
  // Where several faults meet, the cut decides which of them is seen first.
  const bool same = refused ? !cut.found.empty() && cut.found[0].rule->scope == RuleScope::file
                            : whole.text() == cut.text();
  if (same) return;
  std::fprintf(stderr, "whole:\n%s\nin chunks of %zu:\n%s\n", whole.text().c_str(), chunk,
               cut.text().c_str());
  std::abort();
}

}  // namespace s1flow::codecs
