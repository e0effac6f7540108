#include <cstdio>

#include "codecs/version.h"

int main() {
  for (const auto& [name, version] : s1flow::codecs::library_versions())
    std::printf("%s %s\n", name.c_str(), version.c_str());
  return 0;
}
