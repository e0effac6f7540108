#pragma once
// Steps that OutputFile and StagedFile share; for core/ alone.

#include "core/file.h"

namespace s1flow::file_steps {

struct Temporary {
  Path path;
  int fd = -1;  // the caller's to close
};

// What is no name of a file, or exists already and may not be replaced, is a usage error.
[[nodiscard]] Status check_target(const Path& target, Overwrite overwrite);

// A new file (0600) beside the target, which has been checked; its missing folders are made.
[[nodiscard]] Result<Temporary> open_temporary(const Path& target);

// A new file (0600) in the target's folder that has no name, so that nothing is left of it if the
// program ends before it gets one. -1 and errno where the file system knows no such files, or the
// folder is not there, or anything else is the matter: open_temporary() will tell.
[[nodiscard]] int open_unnamed(const Path& target);

// Renames it, replacing nothing unless `overwrite` says so; it is removed when that fails. The
// folder is for the caller to sync.
[[nodiscard]] Status put_in_place(const Path& temporary, const Path& target, Overwrite overwrite);

// Gives a file without a name its name; one that is taken is a usage error. The folder is for the
// caller to sync.
[[nodiscard]] Status name_file(int fd, const Path& target);

}  // namespace s1flow::file_steps
