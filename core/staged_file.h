#pragma once
// StagedFile: one of many small files that come to the disk together. A sync of each costs more
// than all the rest of a small file; so they are written under temporary names, one syncfs() waits
// for all of them, and only then do they get their names. As with OutputFile, a name stands for a
// whole file or for nothing.
//
// What replaces nothing has no name at all until then where the file system knows such files
// (O_TMPFILE): the folder is changed once for each file instead of twice, and nothing is left when
// the program is killed. Such a file keeps a descriptor, so there are never many of them; the rest
// are made the other way.

#include <string_view>
#include <vector>

#include "core/file.h"
#include "core/result.h"

namespace s1flow {

// Removed on destruction unless committed. Mode 0600. Move-only.
class StagedFile {
 public:
  // From any thread. Errors as of OutputFile; that the name is taken may show in commit() only.
  [[nodiscard]] static Result<StagedFile> write(const Path& target, std::string_view bytes,
                                                Overwrite overwrite = Overwrite::no);
  StagedFile(StagedFile&& other) noexcept;
  StagedFile& operator=(StagedFile&& other) noexcept;
  StagedFile(const StagedFile&) = delete;
  StagedFile& operator=(const StagedFile&) = delete;
  ~StagedFile();

  [[nodiscard]] const Path& target() const { return target_; }

  // All of them lie in `folder`. After it they exist, are whole, and `files` is empty. When it
  // fails, those renamed before the failure exist and the others do not.
  [[nodiscard]] static Status commit(const Path& folder, std::vector<StagedFile>& files);

 private:
  StagedFile() = default;
  // It has its name, or has to do without.
  void let_go();
  [[nodiscard]] Status put_in_place();

  Path target_, temporary_;  // no temporary name: nothing is to be removed
  int fd_ = -1;              // of a file without a name
  Overwrite overwrite_ = Overwrite::no;
};

}  // namespace s1flow
