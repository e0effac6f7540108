#pragma once
// Where layouts and schemas are read from: the set that ships inside the program, or a folder of
// the user's.

#include <memory>
#include <string>
#include <vector>

#include "core/embedded.h"
#include "core/file.h"
#include "core/result.h"

namespace s1flow::codecs {

// Paths are relative, with '/', below the source's root. Implementations are immutable and
// thread-safe.
class SchemaSource {
 public:
  SchemaSource() = default;
  SchemaSource(const SchemaSource&) = delete;
  SchemaSource& operator=(const SchemaSource&) = delete;
  virtual ~SchemaSource() = default;

  [[nodiscard]] virtual Result<std::string> read(const std::string& path) const = 0;
  // All paths that end in `suffix`, in byte order.
  [[nodiscard]] virtual Result<std::vector<std::string>> list(std::string_view suffix) const = 0;
  [[nodiscard]] virtual std::string name() const = 0;  // for messages
};

// What schemas/ held when the program was built.
[[nodiscard]] std::shared_ptr<const SchemaSource> shipped_schemas();
[[nodiscard]] std::shared_ptr<const SchemaSource> folder_schemas(const Path& root);

}  // namespace s1flow::codecs
