#include "codecs/xml/framer.h"

#include <bit>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__SSE2__)
#include <emmintrin.h>
#endif

#include <fmt/format.h>

#include "codecs/xml/prolog.h"
#include "core/text.h"

namespace s1flow::codecs {
namespace {

constexpr std::string_view kBom = "\xEF\xBB\xBF";

Fault fault(const Rule& rule, std::size_t byte, std::string note, std::string_view seen = {}) {
  Fault f;
  f.rule = &rule;
  f.byte = byte;
  f.note = std::move(note);
  f.seen = shown(seen);
  return f;
}

// The value of version="…" or encoding="…" in an XML declaration; empty when it has none.
std::string_view declared(std::string_view declaration, std::string_view what) {
  std::size_t at = declaration.find(what);
  if (at == std::string_view::npos) return {};
  at = declaration.find_first_of("\"'", at);
  if (at == std::string_view::npos) return {};
  const std::size_t end = declaration.find(declaration[at], at + 1);
  if (end == std::string_view::npos) return {};
  return declaration.substr(at + 1, end - at - 1);
}

// Offset just after the '>' that closes the tag at `open`, skipping quoted attribute values; npos
// when it is not there yet.
std::size_t tag_end(std::string_view window, std::size_t open) {
  std::size_t at = open + 1;
  while (true) {
    const void* close = std::memchr(window.data() + at, '>', window.size() - at);
    if (close == nullptr) return std::string_view::npos;
    const auto end = static_cast<std::size_t>(static_cast<const char*>(close) - window.data());
    // Quotes before it? Most tags have none.
    std::size_t quote = at;
    while (quote < end && window[quote] != '"' && window[quote] != '\'') ++quote;
    if (quote == end) return end + 1;
    const std::size_t closing = window.find(window[quote], quote + 1);
    if (closing == std::string_view::npos) return std::string_view::npos;
    at = closing + 1;
  }
}

bool ends_name(char c) {
  return is_blank(c) || c == '/' || c == '>';
}

// The name with which a tag begins. Most often it is the one that is `likely`.
std::string_view qualified_name(std::string_view tag, std::string_view likely = {}) {
  if (!likely.empty() && tag.size() > likely.size() && ends_name(tag[likely.size()]) &&
      tag.starts_with(likely))
    return tag.substr(0, likely.size());
  std::size_t end = 0;
  while (end < tag.size() && !ends_name(tag[end])) ++end;
  return tag.substr(0, end);
}

std::string_view local_name(std::string_view tag, std::string_view likely) {
  tag = qualified_name(tag, likely);
  const std::size_t colon = tag.find(':');
  return colon == std::string_view::npos ? tag : tag.substr(colon + 1);
}

#if defined(__x86_64__)

struct Skipping {
  std::size_t at, depth;
};

// Goes on over whole blocks as long as nothing in them needs a closer look: no tag whose name may
// be the record's, no comment, CDATA section or instruction, and depth within its bounds whatever
// the order of the tags.
[[gnu::target("avx2,popcnt")]] inline unsigned places_of(const char* block, char c) {
  const __m256i bytes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(block));
  return static_cast<unsigned>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(c))));
}

// Bytes beyond ASCII count as below.
[[gnu::target("avx2,popcnt")]] inline unsigned below_letters(const char* block) {
  const __m256i bytes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(block));
  return static_cast<unsigned>(
      _mm256_movemask_epi8(_mm256_cmpgt_epi8(_mm256_set1_epi8('A'), bytes)));
}

[[gnu::target("avx2,popcnt")]] Skipping skip_blocks(std::string_view window, Skipping from,
                                                    std::string_view name, std::size_t least_depth,
                                                    std::size_t most_depth) {
  constexpr std::size_t kBlock = 32;
  // Two bytes tell most names apart; those of a prefix do not.
  const std::size_t local = std::min(name.find(':') + 1, name.size() - 1);
  const bool two = local + 1 < name.size();
  while (from.at + local + kBlock + 3 <= window.size()) {
    const char* const block = window.data() + from.at;
    const unsigned tags = places_of(block, '<');
    if (tags != 0) {
      // Names begin with a letter, so that what is below the letters after a '<' is a '/' or some
      // other markup than a tag.
      const unsigned closing = tags & places_of(block + 1, '/');
      const unsigned others = tags & below_letters(block + 1) & ~closing;
      const char* const inside = block + local;
      unsigned found = (tags & places_of(inside + 1, name[local])) |
                       (closing & places_of(inside + 2, name[local]));
      if (found != 0 && two)
        found &= (tags & places_of(inside + 2, name[local + 1])) |
                 (closing & places_of(inside + 3, name[local + 1]));
      if ((others | found) != 0) break;
      const auto down = static_cast<std::size_t>(__builtin_popcount(closing));
      const auto up = static_cast<std::size_t>(__builtin_popcount(tags)) - down;
      if (from.depth < least_depth + down || from.depth + up > most_depth) break;
      from.depth += up;
      from.depth -= down;
    }
    from.at += kBlock;
  }
  return from;
}

bool has_blocks() {
  static const bool has =
      __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("popcnt") != 0;
  return has;
}

#endif

}  // namespace

XmlFramer::XmlFramer(std::vector<std::string> record_path, const Limits& limits)
    : path_(std::move(record_path)), limits_(limits) {}

tl::expected<bool, Fault> XmlFramer::prolog(std::string_view window, bool at_end) {
  if (window.size() < 4 && !at_end) return false;
  const auto starts_with = [&](std::initializer_list<unsigned char> bytes) {
    if (window.size() < bytes.size()) return false;
    std::size_t i = 0;
    for (const unsigned char b : bytes)
      if (static_cast<unsigned char>(window[i++]) != b) return false;
    return true;
  };
  // Byte order marks of UTF-16 and UTF-32, and both without a mark.
  if (starts_with({0xFE, 0xFF}) || starts_with({0xFF, 0xFE}) || starts_with({0, 0, 0xFE, 0xFF}) ||
      starts_with({0, '<'}) || starts_with({'<', 0}))
    return tl::unexpected(fault(kXmlEncoding, 0, "UTF-16 or UTF-32; migration files are UTF-8"));
  const std::size_t start = window.starts_with(kBom) ? kBom.size() : 0;
  // Too little to tell whether a declaration stands there?
  constexpr std::string_view kDeclaration = "<?xml ";
  const std::string_view rest = window.substr(start);
  if (!at_end && rest.size() < kDeclaration.size() &&
      kDeclaration.substr(0, rest.size()).substr(0, 5) == rest.substr(0, 5))
    return false;
  if (window.substr(start).starts_with("<?xml") && window.size() > start + 5 &&
      std::strchr(" \t\r\n", window[start + 5]) != nullptr) {
    const std::size_t end = window.find("?>", start);
    if (end == std::string_view::npos) return at_end;
    const std::string_view declaration = window.substr(start, end - start);
    // Canonical XML, and so every signature, is defined for version 1.0.
    if (const std::string_view version = declared(declaration, "version");
        !version.empty() && version != "1.0")
      return tl::unexpected(fault(kXmlNotWellFormed, start,
                                  "the declaration names another version of XML than 1.0",
                                  version));
    if (const std::size_t touch = missing_blank(declaration); touch != std::string_view::npos)
      return tl::unexpected(fault(kXmlNotWellFormed, start + touch,
                                  "white space is missing between the parts of the declaration"));
    const std::string_view encoding = declared(declaration, "encoding");
    // Its name in the two spellings that are in use; a mixture would be a bit that has changed.
    if (!encoding.empty() && encoding != "UTF-8" && encoding != "utf-8")
      return tl::unexpected(fault(kXmlEncoding, start,
                                  "the declaration names another encoding than UTF-8", encoding));
    at_ = markup_end_ = end + 2;
  } else {
    at_ = start;
  }
  return true;
}

tl::expected<Cut, Fault> XmlFramer::scan(std::string_view window, bool at_end) {
  if (!prolog_done_) {
    auto ready = prolog(window, at_end);
    if (!ready) return tl::unexpected(std::move(ready).error());
    if (!*ready) return cut_;
    prolog_done_ = true;
  }
  while (at_ < window.size()) {
    if (skips_ && skip_record(window, at_end) == Step::need_more) break;
    skim(window);
    const void* open = std::memchr(window.data() + at_, '<', window.size() - at_);
    if (open == nullptr) {
      at_ = window.size();
      break;
    }
    at_ = static_cast<std::size_t>(static_cast<const char*>(open) - window.data());
    auto step = markup(window);
    if (!step) return tl::unexpected(std::move(step).error());
    if (*step == Step::need_more) break;
  }
  // Whether the head came in one window or in many must not show.
  if ((head_ ? head_->size() : at_) > limits_.head_bytes) {
    // Other files than XML have no first record at all.
    const std::size_t first = window.find_first_not_of(" \t\r\n");
    if (!head_ && markup_end_ == 0 && first != std::string_view::npos)
      return tl::unexpected(fault(kXmlNotWellFormed, first, "it does not begin with a tag",
                                  window.substr(first, 40)));
    return tl::unexpected(
        fault(kXmlLimit, 0,
              fmt::format("more than {} bytes before the first record", limits_.head_bytes)));
  }
  if (at_end && head_ && window.size() - cut_.end > limits_.tail_bytes)
    return tl::unexpected(
        fault(kXmlLimit, cut_.end,
              fmt::format("more than {} bytes after the last record", limits_.tail_bytes)));
  if (at_end && !head_) head_ = std::make_shared<const std::string>(window);
  return cut_;
}

// Looks for the end of the record in hand by its name, which is all that matters of most files. It
// gives up, and leaves the record to the careful way, where the name alone may not do: comments,
// CDATA sections and instructions, an element of the same name inside, a blank in the end tag,
// tags out of order, perhaps more depth than is allowed, or the end of the file.
XmlFramer::Step XmlFramer::skip_record(std::string_view window, bool at_end) {
  const auto give_up = [this] {
    skips_ = false;
    return Step::done;
  };
#if defined(__SSE2__)
  constexpr std::size_t kWide = 16;
  const std::size_t name_size = record_tag_.size();
  const char name_begin = record_tag_[0];
  const std::size_t least_depth = path_.size() + 1;
  std::size_t at = skipped_to_;
  std::size_t depth = skipped_depth_;
  const auto stop_at = [&](std::size_t byte) {
    skipped_to_ = byte;
    skipped_depth_ = depth;
    return at_end ? give_up() : Step::need_more;
  };
  while (at + kWide <= window.size()) {
#if defined(__x86_64__)
    if (has_blocks()) {
      const Skipping far =
          skip_blocks(window, {at, depth}, record_tag_, least_depth, limits_.depth);
      at = far.at;
      depth = far.depth;
      if (at + kWide > window.size()) break;
    }
#endif
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(window.data() + at));
    auto found =
        static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('<'))));
    for (; found != 0; found &= found - 1) {
      const std::size_t open = at + static_cast<unsigned>(std::countr_zero(found));
      const std::size_t name = open + (window.size() > open + 1 && window[open + 1] == '/' ? 2 : 1);
      if (name + name_size >= window.size()) return stop_at(open);
      const char first = window[name];
      const bool closes = name == open + 2;
      if (first == '!' || first == '?') return give_up();
      if (first == name_begin && window.compare(name, name_size, record_tag_) == 0) {
        const char after = window[name + name_size];
        if (closes && after == '>') {
          skips_ = false;
          depth_ = least_depth;
          at_ = markup_end_ = name + name_size + 1;
          close_tag(at_);
          return Step::done;
        }
        if (after == '>' || after == '/' || after == ' ' || after == '\t' || after == '\r' ||
            after == '\n')
          return give_up();
      }
      // Elements without content count as open for good here, so this is an upper bound.
      depth = closes ? depth - 1 : depth + 1;
      if (depth < least_depth || depth > limits_.depth) return give_up();
    }
    at += kWide;
  }
  return stop_at(at);
#else
  static_cast<void>(window);
  static_cast<void>(at_end);
  return give_up();
#endif
}

// Passes over tags without attributes inside of records, where names do not matter: most of a file.
// Whatever is anything else, or may be cut off, is left to markup().
void XmlFramer::skim(std::string_view window) {
#if defined(__SSE2__)
  constexpr std::size_t kWide = 16;
  const auto bytes_at = [&](std::size_t at) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(window.data() + at));
  };
  const auto mask_of = [](__m128i bytes, char c) {
    return static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(c))));
  };
  std::size_t at = at_;
  while (depth_ > path_.size() && depth_ < limits_.depth) {
    // The next '<'.
    unsigned found = 0;
    while (at + kWide <= window.size() && (found = mask_of(bytes_at(at), '<')) == 0) at += kWide;
    if (found == 0) return;
    const std::size_t open = at + static_cast<unsigned>(std::countr_zero(found));
    // Its '>', before any quote.
    std::size_t end = open + 1;
    while (true) {
      if (end + kWide > window.size()) return;
      const __m128i bytes = bytes_at(end);
      const unsigned close = mask_of(bytes, '>');
      const unsigned quotes = mask_of(bytes, '"') | mask_of(bytes, '\'');
      if ((close | quotes) != 0) {
        const unsigned first = (close | quotes) & (0U - (close | quotes));
        if ((first & quotes) != 0) return;
        end += static_cast<unsigned>(std::countr_zero(close)) + 1;
        break;
      }
      end += kWide;
    }
    const char kind = window[open + 1];
    if (kind == '!' || kind == '?') return;
    if (kind == '/')
      close_tag(end);
    else if (window[end - 2] != '/')
      ++depth_;
    at_ = at = markup_end_ = end;
  }
#else
  static_cast<void>(window);
#endif
}

tl::expected<XmlFramer::Step, Fault> XmlFramer::markup(std::string_view window) {
  const std::string_view rest = window.substr(at_);
  const auto skip_to = [&](std::string_view closing, std::size_t from) {
    const std::size_t end = rest.find(closing, from);
    if (end == std::string_view::npos) return Step::need_more;
    at_ += end + closing.size();
    markup_end_ = at_;
    return Step::done;
  };
  if (rest.size() < 2) return Step::need_more;
  if (rest[1] == '?') return skip_to("?>", 2);
  if (rest[1] == '!') {
    constexpr std::string_view kDoctype = "<!DOCTYPE";
    constexpr std::string_view kCdata = "<![CDATA[";
    constexpr std::string_view kComment = "<!--";
    if (rest.starts_with(kComment)) return skip_to("-->", 4);
    if (rest.starts_with(kCdata)) return skip_to("]]>", 9);
    if (rest.starts_with(kDoctype)) return tl::unexpected(fault(kXmlDoctype, at_, {}));
    if (kDoctype.starts_with(rest) || kCdata.starts_with(rest) || kComment.starts_with(rest))
      return Step::need_more;
    return tl::unexpected(fault(kXmlNotWellFormed, at_, "unknown markup", rest.substr(0, 16)));
  }
  const std::size_t end = tag_end(window, at_);
  if (end == std::string_view::npos) return Step::need_more;
  if (rest[1] == '/')
    close_tag(end);
  else
    open_tag(window, local_name(window.substr(at_ + 1, end - at_ - 1), record_tag_), end);
  if (depth_ > limits_.depth)
    return tl::unexpected(
        fault(kXmlLimit, at_, fmt::format("elements nested deeper than {}", limits_.depth)));
  at_ = markup_end_ = end;
  return Step::done;
}

void XmlFramer::open_tag(std::string_view window, std::string_view name, std::size_t end) {
  // The root matches whatever it is called: libxml2 and the layout judge its name.
  const bool matches =
      on_path_ == depth_ &&
      (depth_ == 0 ? !root_seen_ : depth_ <= path_.size() && path_[depth_ - 1] == name);
  const bool is_record = matches && depth_ == path_.size();
  const bool empty = window[end - 2] == '/';
  if (depth_ == 0) root_seen_ = true;
  if (is_record && !head_)
    head_ = std::make_shared<const std::string>(window.substr(0, markup_end_));
  if (empty && is_record) {
    cut_.end = end;
    ++cut_.records;
  } else if (!empty) {
    ++depth_;
    if (matches) ++on_path_;
    if (is_record) {
      const std::string_view tag =
          qualified_name(window.substr(at_ + 1, end - at_ - 1), record_tag_);
      if (record_tag_ != tag) record_tag_ = tag;
      skipped_to_ = end;
      skipped_depth_ = depth_;
      skips_ = depth_ <= limits_.depth && !record_tag_.empty();
    }
  }
}

void XmlFramer::close_tag(std::size_t end) {
  if (depth_ != 0) --depth_;
  if (on_path_ <= depth_) return;
  on_path_ = depth_;
  if (depth_ == path_.size()) {
    cut_.end = end;
    ++cut_.records;
  }
}

void XmlFramer::consumed(std::size_t bytes) {
  at_ = at_ > bytes ? at_ - bytes : 0;
  skipped_to_ = skipped_to_ > bytes ? skipped_to_ - bytes : 0;
  cut_ = {};
}

}  // namespace s1flow::codecs
