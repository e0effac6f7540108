#pragma once
// PlainLineReader: reads a line of JSON Lines straight into the slots of a layout, without a tree.
// It reads plain lines only: one object, texts without escapes, whole numbers of at most 18 digits
// without a sign, true, false and null, each key once, within the limits. Whatever else stands
// there, good or bad, leaves it in doubt, and the whole line belongs to simdjson, whose verdict and
// whose words count. What is read plainly it would read the same; the fuzz target `plain_line`
// compares the two.
//
// Not thread-safe; one per worker, reused; the steady state allocates nothing.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "codecs/byte_match.h"
#include "codecs/json/line_values.h"
#include "codecs/layout/layout.h"
#include "codecs/limits.h"

namespace s1flow::codecs {

class PlainLineReader {
 public:
  // The limits have to outlive it.
  PlainLineReader(const Layout& layout, const Limits& limits);

  // False: in doubt. `line` is valid UTF-8, ends before a control character and is followed by
  // Buffer::kPadding bytes that may be read. Slot 0 is the first of the line's own object.
  [[nodiscard]] bool read(std::string_view line, LineValues& values);

 private:
  // What it takes of a node of the plan, and of a child of one.
  struct Node {
    std::uint32_t first = 0, count = 0;  // of its children, in children_
    bool starts_group = false;
    bool only_text = false;  // nothing but a text may stand here
  };
  struct Child {
    byte_match::Literal name;  // with the closing quote
    std::uint32_t node = 0;
  };

  // Each reads what begins at `at` and gives where it ends, or null when in doubt. `depth` is how
  // many objects and lists are around.
  const char* object(const char* at, const Node& node, std::uint32_t first, std::size_t depth);
  const char* other_member(const char* at, const Node& node, std::uint32_t first, std::size_t& next,
                           std::size_t depth);
  const char* value(const char* at, const Node& node, std::uint32_t slot, std::size_t depth);
  const char* list(const char* at, const Node& node, std::uint32_t slot, std::size_t depth);
  const char* pass_over(const char* at, std::size_t depth);
  const char* pass_over_object(const char* at, std::size_t depth);
  const char* text(const char* at, std::string_view& found) const;
  // Whether one of the keys from `begin` on stands twice; takes them away.
  bool twice(std::size_t begin);

  const Limits& limits_;
  bool usable_ = true;  // every name can be told by its bytes
  std::string pool_;    // of the literals
  std::vector<Node> nodes_;
  std::vector<Child> children_;
  std::vector<std::string_view>
      others_;  // keys that the layout does not know, of the objects around
  LineValues* values_ = nullptr;
};

}  // namespace s1flow::codecs
