#pragma once
// A MAF that came as a protected ZIP: MA_<tail>.zip, and beside it MAPASSWORD_<tail> (or
// MAPASSWORD_<tail>.txt) with the password. The folder form is s1flow's own; the two names are
// those of published samples.

#include <optional>
#include <string>
#include <string_view>

#include "codecs/crypto/secret.h"
#include "codecs/limits.h"
#include "codecs/rules.h"
#include "core/file.h"
#include "core/result.h"
#include "core/scratch_folder.h"

namespace s1flow::pipeline {

// By its name or its first bytes.
[[nodiscard]] Result<bool> is_zip(const Path& path);
// A companion, which is no MAF itself.
[[nodiscard]] bool is_password_file(std::string_view name);
// Where the password of a ZIP is looked for first.
[[nodiscard]] Path password_file_of(const Path& zip);

class OpenedMaf {
 public:
  // Opens the ZIP with `password`, or with its companion's. The file inside has to have the ZIP's
  // name, apart from the ending. What was opened lies in memory where the machine has such a folder
  // (/dev/shm), otherwise among its temporary files, readable by nobody else, and is gone with the
  // object.
  [[nodiscard]] static Result<OpenedMaf> open(const Path& zip,
                                              std::optional<std::string_view> password,
                                              const codecs::Limits& limits);
  [[nodiscard]] const std::optional<codecs::Fault>& fault() const { return fault_; }
  // Without a fault: the file that was inside, under its own name.
  [[nodiscard]] const Path& path() const { return path_; }

 private:
  OpenedMaf() = default;
  std::optional<ScratchFolder> folder_;
  Path path_;
  std::optional<codecs::Fault> fault_;
};

// A password of 32 random letters and digits.
[[nodiscard]] Result<codecs::crypto::Secret> make_password();

}  // namespace s1flow::pipeline
