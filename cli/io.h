#pragma once
// What commands on single files read and write: a file or standard input, a file or standard
// output. One thread.

#include <memory>
#include <optional>
#include <string>

#include "cli/command.h"
#include "core/byte_sink.h"
#include "core/file.h"
#include "core/result.h"

namespace s1flow::cli {

// A file in a folder of its own among the machine's temporary files, readable by nobody else and
// gone with the object.
// `secret`: in memory where the machine has such a folder, since what is kept there must not lie on
// a disk.
enum class Secrecy { plain, secret };
class Spool {
 public:
  [[nodiscard]] static Result<Spool> create(std::string_view name,
                                            Secrecy secrecy = Secrecy::plain);
  Spool(Spool&& other) noexcept;
  Spool& operator=(Spool&& other) noexcept;
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;
  ~Spool();
  [[nodiscard]] const Path& path() const { return path_; }

 private:
  Spool();
  struct Folder;
  std::unique_ptr<Folder> folder_;
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
                                                               std::uint64_t total);

}  // namespace s1flow::cli
