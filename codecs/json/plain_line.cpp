#include "codecs/json/plain_line.h"

#include <algorithm>
#include <bit>
#include <limits>

#include "codecs/json/keys.h"
#include "core/buffer.h"
#include "core/text.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace s1flow::codecs {
namespace {

using byte_match::Literal;
using Kind = LineValues::Kind;

// A name is told by looking at so many bytes, which may lie behind the line.
constexpr std::size_t kLongestName = 48;
static_assert(Buffer::kPadding >= kLongestName + 1);
static_assert(Buffer::kPadding >= Literal::kOver + 16);

// So many children are told by their bytes before the key is looked for by its text.
constexpr std::size_t kLookedAhead = 3;

bool is_plain(char c) {
  return static_cast<unsigned char>(c) >= ' ' && c != '"' && c != '\\';
}

// The first byte that is not plain: a quote, a backslash or a control character.
const char* plain_end(const char* at) {
#if defined(__SSE2__)
  constexpr int kWide = 16;
  while (true) {
    const __m128i bytes = byte_match::load(at);
    const __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1F)), bytes);
    const unsigned found = static_cast<unsigned>(_mm_movemask_epi8(control)) |
                           byte_match::equal_bytes(bytes, '"') |
                           byte_match::equal_bytes(bytes, '\\');
    if (found != 0) return at + std::countr_zero(found);
    at += kWide;
  }
#else
  while (is_plain(*at)) ++at;
  return at;
#endif
}

inline const char* blanks_end(const char* at) {
  while (*at == ' ' || *at == '\t' || *at == '\r') ++at;
  return at;
}

// Behind a comma, or behind `close`, which `closed` tells; null when neither is there.
inline const char* comma_or(const char* at, char close, bool& closed) {
  at = blanks_end(at);
  closed = *at == close;
  return closed || *at == ',' ? at + 1 : nullptr;
}

// Behind the bracket at `at`, and behind the closing one when nothing is between them.
inline const char* opened(const char* at, char close, bool& closed) {
  at = blanks_end(at + 1);
  closed = *at == close;
  return closed ? at + 1 : at;
}

// A whole number, true or false; null is an empty text. What follows is the caller's to judge.
const char* bare(const char* at, std::string_view& found) {
  constexpr std::size_t kDigits = 18;
  const char* const begin = at;
  if (is_digit(*at)) {
    while (is_digit(*at)) ++at;
    found = {begin, static_cast<std::size_t>(at - begin)};
    return found.size() <= kDigits && (found.size() == 1 || *begin != '0') ? at : nullptr;
  }
  for (const std::string_view word : {"true", "false", "null"})
    if (*at == word.front() && std::memcmp(at, word.data(), word.size()) == 0) {
      found = word.front() == 'n' ? std::string_view() : std::string_view(begin, word.size());
      return at + word.size();
    }
  return nullptr;
}

}  // namespace

PlainLineReader::PlainLineReader(const Layout& layout, const Limits& limits) : limits_(limits) {
  // Literals point into the pool.
  std::size_t size = Literal::kOver;
  for (const PlanNode& n : layout.nodes) {
    size += n.name.size() + 1;
    if (n.name.size() > kLongestName || n.name.size() > limits.field_bytes) usable_ = false;
    for (const char c : n.name)
      if (!is_plain(c)) usable_ = false;
  }
  pool_.reserve(size);
  for (const PlanNode& n : layout.nodes) {
    nodes_.push_back({.first = static_cast<std::uint32_t>(children_.size()),
                      .count = static_cast<std::uint32_t>(n.children.size()),
                      .starts_group = n.group_start >= 0,
                      .only_text = n.leaf >= 0 && n.children.empty() && n.group_start < 0});
    for (const std::uint32_t child : n.children) {
      const std::size_t begin = pool_.size();
      pool_ += layout.nodes[child].name;
      pool_ += '"';
      const std::size_t length = pool_.size() - begin;
      children_.push_back({{pool_.data() + begin, length, Literal::mask_of(length)}, child});
    }
  }
  pool_.append(Literal::kOver, '\0');
}

bool PlainLineReader::read(std::string_view line, LineValues& values) {
  if (!usable_ || line.empty() || line.size() > std::numeric_limits<std::uint32_t>::max())
    return false;
  values.clear();
  others_.clear();
  values_ = &values;
  const char* at = blanks_end(line.data());
  if (*at != '{' || limits_.depth == 0) return false;
  const Node& root = nodes_[0];
  at = object(at, root, values.open(root.count), 1);
  // Blanks that follow may be the carriage return that ends the line.
  return at != nullptr && blanks_end(at) >= line.data() + line.size();
}

bool PlainLineReader::twice(std::size_t begin) {
  if (others_.size() == begin) return false;
  const bool found = find_twice(std::span(others_).subspan(begin)) != nullptr;
  others_.resize(begin);
  return found;
}

const char* PlainLineReader::object(const char* at, const Node& node, std::uint32_t first,
                                    std::size_t depth) {
  const Child* const children = children_.data() + node.first;
  const std::size_t others = others_.size();
  bool closed = false;
  at = opened(at, '}', closed);
  std::size_t next = 0;
  while (!closed) {
    at = blanks_end(at);
    if (*at != '"') return nullptr;
    ++at;
    // Some children are missing most often.
    const std::size_t ahead = std::min<std::size_t>(next + kLookedAhead, node.count);
    std::size_t child = next;
    while (child < ahead && !byte_match::stands_at(at, children[child].name)) ++child;
    if (child < ahead) {
      at += children[child].name.size;
      const auto slot = static_cast<std::uint32_t>(first + child);
      if (*at == ':' && at[1] == '"') {
        // A text, as most are.
        std::string_view found;
        at = text(at + 1, found);
        LineValues::Slot& place = values_->slots.data()[slot];
        if (at == nullptr || place.kind != Kind::none) return nullptr;
        place.set(Kind::text, found);
      } else {
        at = blanks_end(at);
        if (*at != ':' || values_->slots[slot].kind != Kind::none) return nullptr;
        at = value(blanks_end(at + 1), nodes_[children[child].node], slot, depth);
      }
      next = child + 1;
    } else {
      at = other_member(at, node, first, next, depth);
    }
    if (at == nullptr) return nullptr;
    at = comma_or(at, '}', closed);
    if (at == nullptr) return nullptr;
  }
  return twice(others) ? nullptr : at;
}

// One whose key is none of the next children's: that of another child, or of none.
const char* PlainLineReader::other_member(const char* at, const Node& node, std::uint32_t first,
                                          std::size_t& next, std::size_t depth) {
  std::string_view key;
  at = text(at - 1, key);
  if (at == nullptr) return nullptr;
  at = blanks_end(at);
  if (*at != ':') return nullptr;
  at = blanks_end(at + 1);
  const Child* const children = children_.data() + node.first;
  const std::size_t child = find_key(next, node.count, [&](std::size_t i) {
    return same_key(key, {children[i].name.bytes, children[i].name.size - 1});
  });
  if (child == node.count) {
    others_.push_back(key);
    return pass_over(at, depth);
  }
  next = child + 1;
  const auto slot = static_cast<std::uint32_t>(first + child);
  if (values_->slots[slot].kind != Kind::none) return nullptr;  // the key stands twice
  return value(at, nodes_[children[child].node], slot, depth);
}

const char* PlainLineReader::text(const char* at, std::string_view& found) const {
  const char* const begin = at + 1;  // behind the quote
  const char* const end = plain_end(begin);
  found = {begin, static_cast<std::size_t>(end - begin)};
  return *end == '"' && found.size() <= limits_.field_bytes ? end + 1 : nullptr;
}

const char* PlainLineReader::value(const char* at, const Node& node, std::uint32_t slot,
                                   std::size_t depth) {
  std::string_view found;
  switch (*at) {
    case '"':
      at = text(at, found);
      values_->slots[slot].set(Kind::text, found);
      return at;
    case '{': {
      if (depth >= limits_.depth || node.only_text) return nullptr;
      const std::uint32_t first = values_->open(node.count);
      values_->slots[slot].kind = Kind::object;
      values_->slots[slot].first = first;
      return object(at, node, first, depth + 1);
    }
    case '[':
      return node.starts_group ? list(at, node, slot, depth) : nullptr;
    default:
      at = bare(at, found);
      values_->slots[slot].set(found.empty() ? Kind::null : Kind::text, found);
      return at;
  }
}

const char* PlainLineReader::list(const char* at, const Node& node, std::uint32_t slot,
                                  std::size_t depth) {
  if (depth >= limits_.depth) return nullptr;
  values_->slots[slot].kind = Kind::list;
  bool closed = false;
  at = opened(at, ']', closed);
  std::uint32_t item = LineValues::kEnd;
  while (!closed) {
    at = blanks_end(at);
    if (*at == '[') return nullptr;  // a list of lists
    item = values_->open_item(slot, item);
    at = value(at, node, item, depth + 1);
    if (at == nullptr) return nullptr;
    at = comma_or(at, ']', closed);
    if (at == nullptr) return nullptr;
  }
  return at;
}

const char* PlainLineReader::pass_over(const char* at, std::size_t depth) {
  std::string_view found;
  if (*at == '"') return text(at, found);
  if (*at != '{' && *at != '[') return bare(at, found);
  if (depth >= limits_.depth) return nullptr;
  if (*at == '{') return pass_over_object(at, depth + 1);
  bool closed = false;
  at = opened(at, ']', closed);
  while (!closed) {
    at = pass_over(blanks_end(at), depth + 1);
    if (at == nullptr) return nullptr;
    at = comma_or(at, ']', closed);
    if (at == nullptr) return nullptr;
  }
  return at;
}

const char* PlainLineReader::pass_over_object(const char* at, std::size_t depth) {
  const std::size_t others = others_.size();
  bool closed = false;
  at = opened(at, '}', closed);
  while (!closed) {
    at = blanks_end(at);
    std::string_view key;
    if (*at != '"' || (at = text(at, key)) == nullptr) return nullptr;
    others_.push_back(key);
    at = blanks_end(at);
    if (*at != ':') return nullptr;
    at = pass_over(blanks_end(at + 1), depth);
    if (at == nullptr) return nullptr;
    at = comma_or(at, '}', closed);
    if (at == nullptr) return nullptr;
  }
  return twice(others) ? nullptr : at;
}

}  // namespace s1flow::codecs
