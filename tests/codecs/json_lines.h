#pragma once
// Lines of JSON for a layout: as its own writer would have them, or odd in the ways that JSON and
// layouts allow and forbid.

#include <memory>
#include <string>

#include "codecs/layout/layout.h"
#include "core/random.h"

namespace s1flow::codecs {

class JsonLines {
 public:
  explicit JsonLines(std::shared_ptr<const Layout> layout) : layout_(std::move(layout)) {}

  // In the layout's order, without blanks and escapes; values of any form.
  [[nodiscard]] std::string plain(Random& random) const;
  // Keys in another order, missing, doubled, unknown or escaped; values of another shape; blanks.
  [[nodiscard]] std::string odd(Random& random) const;

 private:
  void object(std::uint32_t node, bool odd, Random& random, std::string& out) const;
  void member(std::uint32_t node, bool odd, Random& random, std::string& out) const;
  void value(std::uint32_t node, bool odd, Random& random, std::string& out) const;
  std::shared_ptr<const Layout> layout_;
};

// A copy with one to three changes of bytes. Line feeds are neither put in nor taken out.
[[nodiscard]] std::string spoiled_line(const std::string& line, Random& random);

}  // namespace s1flow::codecs
