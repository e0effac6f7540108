#pragma once
// Checks DUIS messages against the published schema, which the user gives by path: s1flow does not
// ship it. The outer ds:Signature is left out of the check, since libxml2 cannot validate an
// xs:integer of more than 24 digits, which certificate serials have; the signature's own shape is
// checked elsewhere.
//
// Immutable once loaded; any number of threads may check.

#include <memory>
#include <string>
#include <string_view>

#include "core/file.h"
#include "core/result.h"

namespace s1flow::codecs::duis {

class SchemaChecker {
 public:
  // The schema's imports must lie beside it. A usage error when libxml2 refuses it.
  [[nodiscard]] static Result<SchemaChecker> load(const Path& file);
  SchemaChecker(SchemaChecker&&) noexcept;
  SchemaChecker& operator=(SchemaChecker&&) noexcept;
  ~SchemaChecker();

  // Empty when valid, else the first fault in one line. DOCTYPE is refused.
  [[nodiscard]] std::string fault_of(std::string_view message) const;

 private:
  struct Content;
  explicit SchemaChecker(std::unique_ptr<Content> content);
  std::unique_ptr<Content> content_;
};

}  // namespace s1flow::codecs::duis
