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

// Date and time to the second once more, since the format that UtcTime is read by costs more than
// all the rest of a message; what is not plain goes there all the same.
std::optional<UtcTime> parse_duis_time(std::string_view text) {
  constexpr std::string_view kShape = "0000-00-00T00:00:00";
  if (text.size() <= kShape.size() || text.size() > kShape.size() + 5 || text.back() != 'Z')
    return UtcTime::parse(text);
  for (std::size_t i = 0; i < kShape.size(); ++i)
    if (kShape[i] == '0' ? !is_digit(text[i]) : text[i] != kShape[i]) return UtcTime::parse(text);
  const auto number = [&](std::size_t at, std::size_t digits) {
    int n = 0;
    for (std::size_t i = at; i < at + digits; ++i) n = n * 10 + (text[i] - '0');
    return n;
  };
  std::int64_t milliseconds = 0;
  if (text[kShape.size()] == '.') {
    std::int64_t place = 100;
    if (text.size() == kShape.size() + 2) return UtcTime::parse(text);
    for (std::size_t i = kShape.size() + 1; i + 1 < text.size(); ++i, place /= 10) {
      if (!is_digit(text[i])) return UtcTime::parse(text);
      milliseconds += (text[i] - '0') * place;
    }
  } else if (text.size() != kShape.size() + 1) {
    return UtcTime::parse(text);
  }
  const auto date = Date::from_civil(number(0, 4), static_cast<unsigned>(number(5, 2)),
                                     static_cast<unsigned>(number(8, 2)));
  const int hour = number(11, 2);
  const int minute = number(14, 2);
  const int second = number(17, 2);
  if (!date || hour > 23 || minute > 59 || second > 59) return UtcTime::parse(text);
  return UtcTime(UtcTime::Rep(date->day()) + std::chrono::hours(hour) +
                 std::chrono::minutes(minute) + std::chrono::seconds(second) +
                 std::chrono::milliseconds(milliseconds));
}

}  // namespace s1flow::codecs::duis
