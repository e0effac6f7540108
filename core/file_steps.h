#pragma once
// Steps that OutputFile and StagedFile share; for core/ alone.

#include "core/file.h"

namespace s1flow::file_steps {

struct Temporary {
  Path path;
  int fd = -1;  // the caller's to close
};

// A new file (0600) beside the target, whose missing folders are made. What is no name of a file,
// or exists already and may not be replaced, is a usage error.
[[nodiscard]] Result<Temporary> open_temporary(const Path& target, Overwrite overwrite);

// Renames it, replacing nothing unless `overwrite` says so; it is removed when that fails. The
// folder is for the caller to sync.
[[nodiscard]] Status put_in_place(const Path& temporary, const Path& target, Overwrite overwrite);

}  // namespace s1flow::file_steps
