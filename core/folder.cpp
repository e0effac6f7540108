#include "core/folder.h"

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <memory>
#include <string_view>
#include <utility>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace s1flow {
namespace {

struct CloseFolder {
  void operator()(DIR* stream) const noexcept { ::closedir(stream); }
};

FileKind kind_of(unsigned char type) {
  if (type == DT_REG) return FileKind::file;
  return type == DT_DIR ? FileKind::folder : FileKind::other;
}

}  // namespace

Result<FileKind> kind_at(const Path& path, Links links) {
  struct stat st {};
  const int rc = links == Links::follow ? ::stat(path.c_str(), &st) : ::lstat(path.c_str(), &st);
  if (rc != 0) {
    if (errno == ENOENT || errno == ENOTDIR) return FileKind::none;
    return tl::unexpected(io_error("look for it", path.string()));
  }
  if (S_ISREG(st.st_mode)) return FileKind::file;
  return S_ISDIR(st.st_mode) ? FileKind::folder : FileKind::other;
}

Result<std::vector<FolderEntry>> entries_in(const Path& folder, Missing missing) {
  std::vector<FolderEntry> entries;
  int fd = -1;
  do fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  while (fd < 0 && errno == EINTR);
  if (fd < 0) {
    if (errno == ENOENT && missing == Missing::is_empty) return entries;
    return tl::unexpected(io_error("list folder", folder.string()));
  }
  const std::unique_ptr<DIR, CloseFolder> stream(::fdopendir(fd));
  if (!stream) {
    const int saved = errno;
    ::close(fd);
    errno = saved;
    return tl::unexpected(io_error("list folder", folder.string()));
  }
  while (true) {
    errno = 0;
    const dirent* const entry = ::readdir(stream.get());
    if (entry == nullptr && errno == EINTR) continue;
    if (entry == nullptr && errno != 0)
      return tl::unexpected(io_error("list folder", folder.string()));
    if (entry == nullptr) break;
    const std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    FileKind kind = kind_of(entry->d_type);
    if (entry->d_type == DT_UNKNOWN) {  // some file systems do not tell
      S1FLOW_TRY(kind, kind_at(folder / name));
    }
    entries.push_back({std::string(name), kind});
  }
  std::sort(entries.begin(), entries.end(),
            [](const FolderEntry& a, const FolderEntry& b) { return a.name < b.name; });
  return entries;
}

Result<std::vector<std::string>> names_in(const Path& folder, Missing missing) {
  S1FLOW_TRY(std::vector<FolderEntry> entries, entries_in(folder, missing));
  std::vector<std::string> names;
  names.reserve(entries.size());
  for (FolderEntry& e : entries) names.push_back(std::move(e.name));
  return names;
}

Result<std::vector<Path>> files_below(const Path& folder, Links links) {
  std::vector<Path> files;
  S1FLOW_TRY(const std::vector<FolderEntry> entries, entries_in(folder));
  for (const FolderEntry& e : entries) {
    Path path = folder / e.name;
    FileKind kind = e.kind;
    if (kind == FileKind::folder) {
      S1FLOW_TRY(std::vector<Path> below, files_below(path, links));
      std::move(below.begin(), below.end(), std::back_inserter(files));
      continue;
    }
    if (kind == FileKind::other && links == Links::follow) {
      S1FLOW_TRY(kind, kind_at(path, links));
    }
    if (kind == FileKind::file) files.push_back(std::move(path));
  }
  std::sort(files.begin(), files.end(),
            [](const Path& a, const Path& b) { return a.native() < b.native(); });
  return files;
}

Status remove_tree(const Path& path) {
  S1FLOW_TRY(const FileKind kind, kind_at(path));
  if (kind == FileKind::none) return {};
  if (kind == FileKind::folder) {
    S1FLOW_TRY(const std::vector<std::string> names, names_in(path, Missing::is_empty));
    for (const std::string& name : names) S1FLOW_TRY_VOID(remove_tree(path / name));
  }
  const int rc = kind == FileKind::folder ? ::rmdir(path.c_str()) : ::unlink(path.c_str());
  if (rc == 0 || errno == ENOENT) return {};
  return tl::unexpected(io_error("remove", path.string()));
}

}  // namespace s1flow
