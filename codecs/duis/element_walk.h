#pragma once
// ElementWalk: a TagScanner read as nested elements, for layouts that are known: "here must stand
// an element of this name", "here may stand one". White space between elements is passed over.
//
// Once something does not fit, ok() is false for good and every further step fails.

#include <cstdint>
#include <optional>
#include <string_view>

#include "codecs/duis/message_id.h"
#include "codecs/duis/tag_scanner.h"
#include "core/calendar.h"

namespace s1flow::codecs::duis {

class ElementWalk {
 public:
  ElementWalk(std::string_view bytes, TagSource source);

  [[nodiscard]] bool ok() const { return ok_; }
  // The next child of the element that is open: its name, until it is entered or passed. Empty at
  // the end of the element.
  [[nodiscard]] std::string_view peek() const {
    return at_start_ ? scan_.local() : std::string_view();
  }
  [[nodiscard]] bool next_is(Space space, std::string_view local) const {
    return ok_ && at_start_ && scan_.is(space, local);
  }
  [[nodiscard]] const TagScanner& scanner() const { return scan_; }

  // Enters the next child, which must have that name. Attributes are refused unless allowed.
  bool enter(Space space, std::string_view local, bool attributes = false);
  // Leaves the element that is open, which must have no more children.
  bool leave();
  // The text of the next child, which must have that name, no attribute and no child; empty when it
  // is another and `optional`.
  bool text(Space space, std::string_view local, std::string_view& out);
  bool optional_text(Space space, std::string_view local, std::optional<std::string_view>& out);
  // Passes over the next child, whatever it holds.
  bool pass();
  // The same, and `leaf(local name, text)` for each element in it that holds text; what is inside
  // signatures is left out.
  template <typename Leaf>
  bool visit(Leaf leaf) {
    if (!ok_ || !at_start_) return fail();
    const std::size_t outside = scan_.depth() - 1;
    std::size_t in_signature = 0;  // depth of it
    std::string_view name = scan_.local();
    while (scan_.depth() != outside) {
      const TagScanner::Token token = scan_.next();
      if (token == TagScanner::Token::declined || token == TagScanner::Token::finish) return fail();
      if (token == TagScanner::Token::start) {
        name = scan_.local();
        count_signature();
        if (in_signature == 0 && scan_.space() == Space::signature) in_signature = scan_.depth();
      } else if (token == TagScanner::Token::end) {
        if (scan_.depth() < in_signature) in_signature = 0;
      } else if (in_signature == 0 && !scan_.text_is_blank()) {
        leaf(name, scan_.text());
      }
    }
    step();
    return ok_;
  }
  // All that is left of the element that is open, and its end.
  bool leave_the_rest();
  // After the root's end: nothing more follows.
  bool finish();
  bool fail() {
    ok_ = false;
    return false;
  }
  // Where the next child begins, or the end tag when there is none.
  [[nodiscard]] std::size_t here() const { return scan_.token_begin(); }
  // Where the token before here() ended, white space between left out.
  [[nodiscard]] std::size_t passed() const { return passed_; }
  // ds:Signature elements met so far.
  [[nodiscard]] std::size_t signatures() const { return signatures_; }

 private:
  void count_signature() {
    if (scan_.is(Space::signature, "Signature")) ++signatures_;
  }
  // To the next start or end tag.
  void step();
  TagScanner scan_;
  bool ok_ = true;
  bool at_start_ = false;
  bool finished_ = false;
  std::size_t passed_ = 0;
  std::size_t signatures_ = 0;
};

// Values as the schema has them; nothing when they are not.
[[nodiscard]] std::optional<UtcTime> parse_duis_time(std::string_view text);

}  // namespace s1flow::codecs::duis
