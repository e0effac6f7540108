#pragma once
// What `s1flow sr explain` prints.

#include <string>
#include <string_view>

#include "core/result.h"

namespace s1flow::cli {

// A Service Reference Variant, a Service Reference with all of its variants, a DCC Alert code or a
// response code. A usage error for anything else.
[[nodiscard]] Result<std::string> explain_duis(std::string_view what);

}  // namespace s1flow::cli
