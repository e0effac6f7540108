#include "codecs/xml/prolog.h"

#include <algorithm>
#include <string>

#include "core/text.h"

namespace s1flow::codecs {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kBom = "\xEF\xBB\xBF";
constexpr std::size_t kLongestDeclaration = 4096;

XmlProlog::Verdict refuse(const Rule& rule, std::uint64_t byte, std::string note,
                          std::string_view seen = {}) {
  Fault f;
  f.rule = &rule;
  f.byte = byte;
  f.note = std::move(note);
  f.seen = shown(seen);
  return {.need_more = false, .fault = std::move(f)};
}

// The value of encoding="…" in an XML declaration. Whether the declaration has the right form is
// for the parser to say.
std::string_view declared_encoding(std::string_view declaration) {
  std::size_t at = declaration.find("encoding");
  if (at == std::string_view::npos) return {};
  at = declaration.find_first_of("\"'", at);
  if (at == std::string_view::npos) return {};
  const std::size_t end = declaration.find(declaration[at], at + 1);
  if (end == std::string_view::npos) return {};
  return declaration.substr(at + 1, end - at - 1);
}

}  // namespace

std::size_t missing_blank(std::string_view declaration) {
  std::size_t at = 0;
  while (true) {
    const std::size_t open = declaration.find_first_of("\"'", at);
    if (open == std::string_view::npos) return open;
    const std::size_t close = declaration.find(declaration[open], open + 1);
    if (close == std::string_view::npos) return close;
    at = close + 1;
    if (at < declaration.size() && " \t\r\n?"sv.find(declaration[at]) == std::string_view::npos)
      return at;
  }
}

XmlProlog::Verdict XmlProlog::declaration(std::string_view window, bool at_end) {
  if (window.size() < 4 && !at_end) return {.need_more = true, .fault = {}};
  constexpr std::string_view kOther[] = {"\xFE\xFF"sv, "\xFF\xFE"sv, "\0\0\xFE\xFF"sv,
                                         "\0<"sv,      "<\0"sv,      "\0\0\0<"sv};
  if (std::any_of(std::begin(kOther), std::end(kOther),
                  [&](std::string_view mark) { return window.starts_with(mark); }))
    return refuse(kXmlEncoding, 0, "UTF-16 or UTF-32; only UTF-8 is read");
  const std::size_t start = window.starts_with(kBom) ? kBom.size() : 0;
  at_ = start;
  declaration_done_ = true;
  if (window.size() < start + 6 && !at_end && "<?xml "sv.starts_with(window.substr(start))) {
    declaration_done_ = false;
    return {.need_more = true, .fault = {}};
  }
  const std::string_view rest = window.substr(start);
  if (!rest.starts_with("<?xml") || rest.size() < 6 ||
      " \t\r\n"sv.find(rest[5]) == std::string_view::npos)
    return {};
  const std::size_t end = rest.find("?>");
  if (end == std::string_view::npos) {
    declaration_done_ = at_end || rest.size() > kLongestDeclaration;
    done_ = declaration_done_;  // no declaration: the parser says what it is
    return {.need_more = !declaration_done_, .fault = {}};
  }
  const std::string_view encoding = declared_encoding(rest.substr(0, end));
  if (!encoding.empty() && !equals_ignoring_case(encoding, "UTF-8"))
    return refuse(kXmlEncoding, start + static_cast<std::size_t>(encoding.data() - rest.data()),
                  start == 0 ? "the declaration names another encoding than UTF-8"
                             : "the declaration contradicts the UTF-8 byte order mark",
                  encoding);
  if (const std::size_t touch = missing_blank(rest.substr(0, end)); touch != std::string_view::npos)
    return refuse(kXmlNotWellFormed, start + touch,
                  "white space is missing between the parts of the declaration");
  at_ = start + end + 2;
  return {};
}

XmlProlog::Verdict XmlProlog::scan(std::string_view window, std::uint64_t base, bool at_end) {
  if (!declaration_done_) {
    Verdict v = declaration(window, at_end);
    if (v.fault || v.need_more || done_) return v;
  }
  while (true) {
    const auto from = static_cast<std::size_t>(at_ - base);
    const std::size_t open = window.find_first_not_of(" \t\r\n", std::min(from, window.size()));
    if (open == std::string_view::npos) {
      at_ = base + window.size();
      return {};
    }
    const std::string_view rest = window.substr(open);
    at_ = base + open;
    constexpr std::string_view kDoctype = "<!DOCTYPE";
    constexpr std::string_view kComment = "<!--";
    if (rest.starts_with(kDoctype)) return refuse(kXmlDoctype, at_, {});
    std::string_view closing;
    if (rest.starts_with("<?"))
      closing = "?>";
    else if (rest.starts_with(kComment))
      closing = "-->";
    else if (rest.size() < kDoctype.size() && !at_end &&
             (kDoctype.starts_with(rest) || kComment.starts_with(rest)))
      return {.need_more = true, .fault = {}};
    if (closing.empty()) {
      done_ = true;
      return {};
    }
    const std::size_t end = rest.find(closing, closing.size() == 3 ? 4 : 2);
    if (end == std::string_view::npos) return {.need_more = !at_end, .fault = {}};
    at_ += end + closing.size();
  }
}

}  // namespace s1flow::codecs
