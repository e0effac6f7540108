#pragma once
// Turns the paths of a layout into plan nodes, checks them against the schema, and puts them into
// the schema's order. Used by the layout loader only.

#include <string>
#include <string_view>

#include "codecs/layout/layout.h"

namespace s1flow::codecs {

class PlanBuilder {
 public:
  explicit PlanBuilder(Layout& layout) : layout_(layout) {}

  // Makes node 0 from the schema's global element (XML) or as a nameless root (CSV, JSON).
  Status start(std::string_view root);
  // The node at `path` below `base`, made if need be. "." is the base itself, "@name" an attribute;
  // steps are separated by '/'.
  [[nodiscard]] Result<std::uint32_t> node_at(std::uint32_t base, std::string_view path);
  // Adds what the schema demands and the layout does not map, as constants, and sorts by the
  // schema's order. Notes in layout.unwritable what a writer could not fill.
  Status finish();

 private:
  [[nodiscard]] Result<std::uint32_t> child(std::uint32_t parent, std::string_view step);
  void complete(std::uint32_t node, int depth);
  Layout& layout_;
};

}  // namespace s1flow::codecs
