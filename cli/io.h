#pragma once
// What commands on single files read and write: a file or standard input, a file or standard
// output. One thread.

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "cli/command.h"
#include "core/byte_sink.h"
#include "core/file.h"
#include "core/result.h"
#include "core/scratch_folder.h"

namespace s1flow::cli {

// A file in a folder of its own among the machine's temporary files, readable by nobody else and
// gone with the object.
class Spool {
 public:
  [[nodiscard]] static Result<Spool> create(std::string_view name,
                                            Secrecy secrecy = Secrecy::plain);
  [[nodiscard]] const Path& path() const { return path_; }

 private:
  Spool(ScratchFolder folder, std::string_view name)
      : folder_(std::move(folder)), path_(folder_.path() / name) {}
  ScratchFolder folder_;
  Path path_;
};

// An input as given: a path, or "-" for standard input, which is copied to a Spool first, since
// most work needs to look twice.
class Input {
 public:
  [[nodiscard]] static Result<Input> open(const std::string& given,
                                          Secrecy secrecy = Secrecy::plain);
  // A file that lies somewhere else than people know it.
  [[nodiscard]] static Input known_as(std::string name, Path path);
  [[nodiscard]] const Path& path() const { return path_; }
  [[nodiscard]] bool is_stdin() const { return spool_.has_value(); }
  // As people know it: the path given, or "standard input".
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] std::uint64_t size() const;

 private:
  Path path_;
  std::string name_;
  std::optional<Spool> spool_;
};

// An output as given: a path, or "-" for standard output. Nothing appears before commit(), and
// nothing at all without it.
class Output {
 public:
  // `secret`: for what has been judged already; standard output gets it without a copy on a disk.
  [[nodiscard]] static Result<Output> create(const std::string& given, Overwrite overwrite,
                                             Secrecy secrecy = Secrecy::plain);
  [[nodiscard]] ByteSink sink(const Console& console);
  [[nodiscard]] Status commit(const Console& console);
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  std::string name_;
  std::optional<Spool> spool_;
  std::optional<OutputFile> file_;
};

// Refuses to write over the input.
[[nodiscard]] Status check_not_same(const std::string& input, const std::string& output);

// Progress of one file, in MB, or nothing when nobody looks.
[[nodiscard]] std::function<void(std::uint64_t)> byte_progress(const Console& console,
                                                               const std::string& step,
                                                               const Input& input);

}  // namespace s1flow::cli
