#pragma once
// Reads the same bytes whole and in small chunks; both have to give the same.

#include <memory>
#include <string_view>

#include "codecs/layout/layout.h"
#include "codecs/limits.h"
#include "codecs/xml/schema.h"

namespace s1flow::codecs {

// The first byte chooses the size of the chunks; the rest is the file. Aborts on a difference.
void read_two_ways(std::string_view input, const std::shared_ptr<const Layout>& layout,
                   const std::shared_ptr<const XmlSchema>& schema);

}  // namespace s1flow::codecs
