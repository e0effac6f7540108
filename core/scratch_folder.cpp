#include "core/scratch_folder.h"

#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

namespace s1flow {

namespace fs = std::filesystem;

Result<ScratchFolder> ScratchFolder::create(Secrecy secrecy) {
  std::error_code error;
  if (secrecy == Secrecy::secret && fs::is_directory("/dev/shm", error))
    return create_below("/dev/shm");
  const Path base = fs::temp_directory_path(error);
  return create_below(error ? Path("/tmp") : base);
}

Result<ScratchFolder> ScratchFolder::create_below(const Path& parent) {
  std::string name = (parent / "s1flow-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr)
    return tl::unexpected(io_error("make a temporary folder", name));
  return ScratchFolder(std::move(name));
}

ScratchFolder::ScratchFolder(Path path) : path_(std::move(path)) {}
ScratchFolder::ScratchFolder(ScratchFolder&& other) noexcept
    : path_(std::exchange(other.path_, Path())) {}
ScratchFolder& ScratchFolder::operator=(ScratchFolder&& other) noexcept {
  std::swap(path_, other.path_);
  return *this;
}
ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  if (!path_.empty()) fs::remove_all(path_, ignored);
}

}  // namespace s1flow
