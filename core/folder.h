#pragma once
// What stands in folders. A place that cannot be looked at is an error and never taken for one
// where nothing stands; EINTR is absorbed.

#include <string>
#include <vector>

#include "core/file.h"
#include "core/result.h"

namespace s1flow {

enum class FileKind { none, file, folder, other };
enum class Links { stay, follow };
// `none` is the answer to a path that is not there and to nothing else.
[[nodiscard]] Result<FileKind> kind_at(const Path& path, Links links = Links::stay);

// The names in a folder, in byte order.
enum class Missing { is_error, is_empty };
[[nodiscard]] Result<std::vector<std::string>> names_in(const Path& folder,
                                                        Missing missing = Missing::is_error);
// With what each of them is itself; links are not followed.
struct FolderEntry {
  std::string name;
  FileKind kind = FileKind::none;
};
[[nodiscard]] Result<std::vector<FolderEntry>> entries_in(const Path& folder,
                                                          Missing missing = Missing::is_error);
// Regular files of a folder and of all below it, by path in byte order. Links to folders are not
// followed; those to files count as files only when `links` says so.
[[nodiscard]] Result<std::vector<Path>> files_below(const Path& folder, Links links = Links::stay);

// Removes what stands under a path, with everything below it. Links are not followed; what is not
// there needs no removing.
[[nodiscard]] Status remove_tree(const Path& path);

}  // namespace s1flow
