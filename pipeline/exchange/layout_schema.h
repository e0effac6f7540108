#pragma once
// A layout's XSD as libxml2 compiles it.

#include <memory>

#include "codecs/layout/layout.h"
#include "codecs/xml/schema.h"
#include "core/result.h"

namespace s1flow::pipeline {

// Null when the layout has no XSD.
[[nodiscard]] Result<std::shared_ptr<const codecs::XmlSchema>> schema_of(
    const codecs::Layout& layout);

}  // namespace s1flow::pipeline
