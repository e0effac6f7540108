#pragma once
// Makes up documents that are valid by a layout's schema: a random walk through its content models,
// with texts drawn from its types. So any layout can be tested without samples of its own. It
// shares no code with the tables of the fast path.

#include <cstdint>
#include <memory>
#include <string>

#include "codecs/layout/layout.h"
#include "core/random.h"

namespace s1flow::codecs {

struct SampleShape {
  std::size_t records = 10;
  bool indented = true;
  bool with_signature = true;
  std::string prefix;  // of the target namespace; empty: the default namespace
};

[[nodiscard]] std::string sample_document(const Layout& layout, const SampleShape& shape,
                                          Random& random);

// A text that matches an XML Schema pattern of the simple kind that identifiers have.
[[nodiscard]] std::string sample_of_pattern(std::string_view pattern, Random& random);

}  // namespace s1flow::codecs
