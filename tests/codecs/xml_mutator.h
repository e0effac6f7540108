#pragma once
// Spoils XML documents in the ways that matter to a reader which takes canonical and valid bytes on
// trust: single bytes, values at the borders of their types, elements and attributes that are
// missing, doubled or out of order, and everything that is XML without being canonical.

#include <string>

#include "core/random.h"

namespace s1flow::codecs {

// A copy with one to three changes.
[[nodiscard]] std::string mutated(const std::string& document, Random& random);

}  // namespace s1flow::codecs
