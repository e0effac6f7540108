// batch.toml: whatever stands in it, loading ends with a batch or with one line.

#include <cstdio>

#include "core/check.h"
#include "pipeline/batch.h"
#include "tests/fuzz/target.h"
#include "tests/temporary_folder.h"

using namespace s1flow;

namespace {

// A folder with the files that every batch needs.
struct Folder {
  TemporaryFolder folder;
  Folder() {
    std::filesystem::create_directory(folder / "maf");
    std::filesystem::create_directory(folder / "inventory");
    put(folder / "maf" / "m.csv", "x");
    put(folder / "inventory" / "i.jsonl", "x");
  }
  static void put(const Path& path, std::string_view bytes) {
    std::FILE* file = std::fopen(path.c_str(), "wb");
    S1FLOW_CHECK(file != nullptr);
    S1FLOW_CHECK(std::fwrite(bytes.data(), 1, bytes.size(), file) == bytes.size());
    S1FLOW_CHECK(std::fclose(file) == 0);
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Folder folder;
  Folder::put(folder.folder / "batch.toml", as_text(data, size));
  const auto batch = pipeline::load_batch(folder.folder.path());
  if (!batch) {
    const std::string message(batch.error().message());
    S1FLOW_CHECK(!message.empty() && batch.error().kind() == ErrorKind::usage);
  }
  return 0;
}
