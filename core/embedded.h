#pragma once
// A file that was put into the program at build time (cmake/Embed.cmake).

#include <cstddef>
#include <span>
#include <string_view>

namespace s1flow {

struct EmbeddedFile {
  std::string_view path;   // relative to the folder it was taken from, with '/'
  std::string_view bytes;  // lives as long as the program; a NUL follows the last byte
};

}  // namespace s1flow
