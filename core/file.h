#pragma once
// Files. Inputs are opened so that nothing odd in a folder can block or divert us (no symlinks
// followed on the last part of the path, no FIFOs or devices); outputs get a temporary name beside
// their final one and appear under it only when commit() has made them whole.
//
// Every function absorbs short counts and EINTR and reports the rest as ErrorKind::io with the path
// and the remedy.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace s1flow {

using Path = std::filesystem::path;
class DirectWriter;
class SyncAhead;

// A regular file (or "-" for standard input) opened for one reading from start to end. Move-only
// owner of the descriptor.
class InputFile {
 public:
  [[nodiscard]] static Result<InputFile> open(const Path& path);
  InputFile(InputFile&& other) noexcept;
  InputFile& operator=(InputFile&& other) noexcept;
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;
  ~InputFile();

  // Reads up to `size` bytes; fewer only at the end of the file, 0 at the end.
  [[nodiscard]] Result<std::size_t> read(char* to, std::size_t size);
  [[nodiscard]] const Path& path() const { return path_; }
  // Bytes of a regular file; 0 when not known (standard input).
  [[nodiscard]] std::uint64_t size() const { return size_; }

 private:
  InputFile() = default;
  Path path_;
  int fd_ = -1;
  std::uint64_t size_ = 0;
};

enum class Overwrite { no, yes };
// Whether the file is read again soon, such as by the next step of a dry run. A big one that is not
// goes past the page cache (core/direct_writer.h).
enum class ReadAgain { soon, later };

// Written under a temporary name in the target's folder; removed on destruction unless committed.
// Mode 0600.
class OutputFile {
 public:
  // Fails when the target exists already and may not be overwritten, or is a folder. Creates
  // missing parent folders (0700).
  [[nodiscard]] static Result<OutputFile> create(const Path& target,
                                                 Overwrite overwrite = Overwrite::no,
                                                 ReadAgain read_again = ReadAgain::soon);
  OutputFile(OutputFile&& other) noexcept;
  OutputFile& operator=(OutputFile&& other) noexcept;
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;
  ~OutputFile();

  [[nodiscard]] Status write(std::string_view bytes);
  // Lets go of the descriptor until the next write or commit, for callers with many files at a
  // time. What was written is on the disk before.
  [[nodiscard]] Status park();
  [[nodiscard]] bool is_parked() const { return parked_; }
  // write, fsync, rename, fsync of the folder: after it the target exists and is whole. Fails once
  // a write has failed, since bytes may be missing then.
  [[nodiscard]] Status commit();
  // Forgets what was written; nothing appears.
  void discard();
  [[nodiscard]] const Path& target() const { return target_; }
  [[nodiscard]] std::uint64_t written() const { return written_; }

 private:
  OutputFile() = default;
  [[nodiscard]] Status flush();
  [[nodiscard]] Status put(std::string_view bytes);
  // False: it has to be put the usual way.
  [[nodiscard]] Result<bool> put_directly(std::string_view bytes);
  [[nodiscard]] Status end_directly();
  void write_ahead(std::size_t size);
  [[nodiscard]] Status sync();
  [[nodiscard]] Status unpark();
  Path target_;
  Path temporary_;
  std::string pending_;  // small writes are gathered
  int fd_ = -1;
  std::uint64_t written_ = 0;
  std::uint64_t on_file_ = 0;         // handed to the kernel
  std::uint64_t reserved_ = 0;        // blocks are reserved up to here
  std::uint64_t started_ = 0;         // a sync of what stands before was begun
  std::unique_ptr<SyncAhead> ahead_;  // of big files
  std::unique_ptr<DirectWriter> direct_;
  bool may_go_directly_ = false;
  Overwrite overwrite_ = Overwrite::no;
  bool failed_ = false;
  bool parked_ = false;
};

// Whole small files: configuration, layouts, keys. More than `limit` bytes is an error.
[[nodiscard]] Result<std::string> read_text(const Path& path, std::size_t limit = 64 << 20);
// As OutputFile, in one call.
[[nodiscard]] Status write_whole(const Path& path, std::string_view bytes,
                                 Overwrite overwrite = Overwrite::no);

// Regular files of a folder that end in `extension` (with the dot; empty for all), by name in byte
// order. Hidden files and our temporary files are left out; what would have been taken but is no
// regular file (a link, a FIFO, a folder) goes to `skipped`. A missing folder is an error.
[[nodiscard]] Result<std::vector<Path>> list_files(const Path& folder, std::string_view extension,
                                                   std::vector<Path>* skipped = nullptr);

// The folder with those above it, as far as they are missing (0700).
[[nodiscard]] Status make_folder(const Path& folder);
// Removes the temporary files that killed runs left in a folder, and in those below it when `deep`.
// A missing folder has none.
enum class Depth { one, all };
[[nodiscard]] Status remove_temporary_files(const Path& folder, Depth depth);
// All of the bytes, or an error that names `path`.
[[nodiscard]] Status write_fully(int fd, std::string_view bytes, const Path& path);
// What was renamed into the folder is there after a power cut, too.
[[nodiscard]] Status sync_folder(const Path& folder);

}  // namespace s1flow
