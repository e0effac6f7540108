#pragma once
// Names and versions of the libraries that the codecs were linked against, for reports and
// --version.

#include <string>
#include <utility>
#include <vector>

namespace s1flow::codecs {

[[nodiscard]] std::vector<std::pair<std::string, std::string>> library_versions();

}  // namespace s1flow::codecs
