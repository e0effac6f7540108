#pragma once
// UTF-8 validation of large inputs at memory speed (simdjson); core/text.h finds the place once
// something is wrong.

#include <string_view>

namespace s1flow::codecs {

[[nodiscard]] bool is_valid_utf8(std::string_view bytes);

}  // namespace s1flow::codecs
