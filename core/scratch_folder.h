#pragma once
// ScratchFolder: a folder of temporary files that only its owner may read, gone with the object and
// all that is in it. A process that is killed leaves it behind. Not thread-safe.

#include "core/file.h"
#include "core/result.h"

namespace s1flow {

enum class Secrecy { plain, secret };

class ScratchFolder {
 public:
  // Among the machine's temporary files (TMPDIR). What is secret goes into memory where the machine
  // has a folder for it (/dev/shm).
  [[nodiscard]] static Result<ScratchFolder> create(Secrecy secrecy = Secrecy::plain);
  [[nodiscard]] static Result<ScratchFolder> create_below(const Path& parent);
  ScratchFolder(ScratchFolder&& other) noexcept;
  ScratchFolder& operator=(ScratchFolder&& other) noexcept;
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  ~ScratchFolder();

  [[nodiscard]] const Path& path() const { return path_; }

 private:
  explicit ScratchFolder(Path path);
  Path path_;  // empty: moved from
};

}  // namespace s1flow
