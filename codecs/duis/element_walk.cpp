#include "codecs/duis/element_walk.h"

#include "core/text.h"

namespace s1flow::codecs::duis {

ElementWalk::ElementWalk(std::string_view bytes, TagSource source) : scan_(bytes, source) {
  step();
}

void ElementWalk::step() {
  passed_ = scan_.token_end();
  while (true) {
    switch (scan_.next()) {
      case TagScanner::Token::start:
        at_start_ = true;
        count_signature();
        return;
      case TagScanner::Token::end:
        at_start_ = false;
        return;
      case TagScanner::Token::finish:
        at_start_ = false;
        finished_ = true;
        return;
      case TagScanner::Token::text:
        if (scan_.text_is_blank()) continue;
        [[fallthrough]];
      case TagScanner::Token::declined:
        at_start_ = false;
        ok_ = false;
        return;
    }
  }
}

bool ElementWalk::enter(Space space, std::string_view local, bool attributes) {
  if (!next_is(space, local) || (!attributes && scan_.attribute_count() != 0)) return fail();
  step();
  return ok_;
}

bool ElementWalk::leave() {
  if (!ok_ || at_start_ || finished_) return fail();
  step();
  return ok_;
}

bool ElementWalk::text(Space space, std::string_view local, std::string_view& out) {
  if (!next_is(space, local) || scan_.attribute_count() != 0) return fail();
  out = {};
  TagScanner::Token token = scan_.next();
  if (token == TagScanner::Token::text) {
    out = scan_.text();
    token = scan_.next();
  }
  if (token != TagScanner::Token::end) return fail();
  step();
  return ok_;
}

bool ElementWalk::optional_text(Space space, std::string_view local,
                                std::optional<std::string_view>& out) {
  out.reset();
  if (!next_is(space, local)) return ok_;
  std::string_view value;
  if (!text(space, local, value)) return false;
  out = value;
  return true;
}

bool ElementWalk::pass() {
  return visit([](std::string_view /*name*/, std::string_view /*text*/) {});
}

bool ElementWalk::leave_the_rest() {
  while (ok_ && at_start_) pass();
  return leave();
}

bool ElementWalk::finish() {
  return ok_ && (finished_ || fail());
}

std::optional<UtcTime> parse_duis_time(std::string_view text) {
  return UtcTime::parse(text);
}

}  // namespace s1flow::codecs::duis
