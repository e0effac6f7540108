#pragma once
// FolderLock: keeps two programs from working in one folder at a time. The lock belongs to an open
// descriptor, so it goes with the process that holds it, however that ends: there are no stale
// ones.

#include <string_view>

#include "core/file.h"
#include "core/result.h"

namespace s1flow {

class FolderLock {
 public:
  // Makes the marker (0600, holding `text`) in the folder when it is not there, or not whole, and
  // locks it. An error at once when another process holds the lock. The marker stays; it must not
  // be removed while programs may come.
  [[nodiscard]] static Result<FolderLock> take(const Path& folder, std::string_view marker,
                                               std::string_view text);
  FolderLock(FolderLock&& other) noexcept;
  FolderLock& operator=(FolderLock&& other) noexcept;
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;
  ~FolderLock();

 private:
  FolderLock() = default;
  int fd_ = -1;
};

}  // namespace s1flow
