// main() of the fuzz targets without libFuzzer: `s1flow_fuzz_csv FILE|FOLDER…` gives each file to
// the target, whole and cut off at some two hundred places, and says how many it has given.

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "tests/fuzz/target.h"

namespace {

void give(const std::string& bytes) {
  // A copy of exactly this size, so that reading beyond it is noticed.
  const std::vector<std::uint8_t> copy(bytes.begin(), bytes.end());
  LLVMFuzzerTestOneInput(copy.data(), copy.size());
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::filesystem::path> files;
  for (int i = 1; i < argc; ++i) {
    const std::filesystem::path path = argv[i];
    if (!std::filesystem::is_directory(path)) {
      files.push_back(path);
      continue;
    }
    for (const auto& entry : std::filesystem::directory_iterator(path))
      if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  std::size_t given = 0;
  for (const std::filesystem::path& path : files) {
    std::ifstream stream(path, std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(stream)), {});
    if (!stream.good() && !stream.eof()) {
      std::fprintf(stderr, "%s: cannot be read\n", path.c_str());
      return 1;
    }
    give(bytes);
    ++given;
    for (std::size_t size = 0; size < bytes.size(); size += 1 + bytes.size() / 200, ++given)
      give(bytes.substr(0, size));
  }
  if (files.empty()) {
    std::fprintf(stderr, "no file was given\n");
    return 1;
  }
  std::printf("%zu inputs of %zu files\n", given, files.size());
  return 0;
}
