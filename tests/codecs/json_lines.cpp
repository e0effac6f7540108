#include "tests/codecs/json_lines.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace s1flow::codecs {
namespace {

std::string_view one_of(std::span<const std::string_view> list, Random& random) {
  return list[random.below(list.size())];
}

constexpr std::array<std::string_view, 14> kTexts{"\"\"",
                                                  "\"A\"",
                                                  "\"AA\"",
                                                  "\"CHF\"",
                                                  "\"00-DB-12-00-00-00-00-01\"",
                                                  "\"ESME\"",
                                                  "\"2463306005601\"",
                                                  "\"2024-06-20\"",
                                                  "\"2024-06-20T00:00:00Z\"",
                                                  "0",
                                                  "7",
                                                  "true",
                                                  "false",
                                                  "\"a text of more than thirty-two bytes\""};
constexpr std::array<std::string_view, 24> kOddValues{"null",
                                                      "-1",
                                                      "-0",
                                                      "00",
                                                      "1.5",
                                                      "1e3",
                                                      "1E999",
                                                      "18446744073709551615",
                                                      "18446744073709551616",
                                                      "-9223372036854775809",
                                                      "123456789012345678",
                                                      "1234567890123456789",
                                                      "[]",
                                                      "{}",
                                                      "[null]",
                                                      "[[]]",
                                                      "[1,{\"a\":1}]",
                                                      "{\"a\":[],\"b\":{}}",
                                                      "nul",
                                                      "True",
                                                      R"("\u0041")",
                                                      R"("\"")",
                                                      "\"\xC3\xA9\"",
                                                      "\"\x7F\""};
constexpr std::array<std::string_view, 8> kOddKeys{
    R"("x")", R"("y":1,"y")", R"("x":1,"z")", R"("\u0078")", R"("")", R"("id ")", "x", "1"};
constexpr std::array<std::string_view, 34> kSnippets{"\"",
                                                     "\\",
                                                     "{",
                                                     "}",
                                                     "[",
                                                     "]",
                                                     ",",
                                                     ":",
                                                     " ",
                                                     "\t",
                                                     "\r",
                                                     "-",
                                                     ".",
                                                     "e",
                                                     "0",
                                                     "1",
                                                     "null",
                                                     "true",
                                                     "\\u0041",
                                                     "\\n",
                                                     "\x01",
                                                     "\x1F",
                                                     "\x7F",
                                                     "\xC2\x80",
                                                     "\xFF",
                                                     "\xED\xA0\x80",
                                                     "\"x\":1,",
                                                     ",\"x\":[]",
                                                     "{}",
                                                     "[]",
                                                     "\xE2\x80\xA8",
                                                     "\"\"",
                                                     "\\\"",
                                                     "//"};

void blanks(bool odd, Random& random, std::string& out) {
  if (odd && random.chance(0.03))
    out += one_of(std::array<std::string_view, 4>{" ", "\t", "  ", "\r"}, random);
}

}  // namespace

std::string JsonLines::plain(Random& random) const {
  std::string out;
  object(0, false, random, out);
  return out;
}

std::string JsonLines::odd(Random& random) const {
  std::string out;
  blanks(true, random, out);
  object(0, true, random, out);
  blanks(true, random, out);
  return out;
}

void JsonLines::object(std::uint32_t node, bool odd, Random& random, std::string& out) const {
  std::vector<std::uint32_t> children = layout_->nodes[node].children;
  if (odd && random.chance(0.1))
    for (std::size_t i = children.size(); i > 1; --i)
      std::swap(children[i - 1], children[random.below(i)]);
  if (odd && !children.empty() && random.chance(0.02)) children.push_back(children[0]);
  out += '{';
  bool first = true;
  const auto comma = [&] {
    blanks(odd, random, out);
    if (!std::exchange(first, false)) out += ',';
    blanks(odd, random, out);
  };
  for (const std::uint32_t child : children) {
    if (random.chance(0.1)) continue;
    if (odd && random.chance(0.03)) {
      comma();
      out += fmt::format("{}:{}", one_of(kOddKeys, random), one_of(kOddValues, random));
    }
    comma();
    member(child, odd, random, out);
  }
  if (odd && random.chance(0.01)) out += ',';
  out += '}';
}

void JsonLines::member(std::uint32_t node, bool odd, Random& random, std::string& out) const {
  std::string name = layout_->nodes[node].name;
  if (odd && random.chance(0.01)) name = fmt::format("\\u{:04x}{}", name[0], name.substr(1));
  out += fmt::format("\"{}\"", name);
  blanks(odd, random, out);
  out += ':';
  blanks(odd, random, out);
  const bool group = layout_->nodes[node].group_start >= 0;
  if (!group || random.chance(0.2)) return value(node, odd, random, out);
  out += '[';
  for (std::uint64_t i = 0, count = random.below(4); i < count; ++i) {
    if (i != 0) out += ',';
    blanks(odd, random, out);
    value(node, odd, random, out);
  }
  out += ']';
}

void JsonLines::value(std::uint32_t node, bool odd, Random& random, std::string& out) const {
  if (odd && random.chance(0.05))
    out += one_of(kOddValues, random);
  else if (!layout_->nodes[node].children.empty())
    object(node, odd, random, out);
  else
    out += one_of(kTexts, random);
}

std::string spoiled_line(const std::string& line, Random& random) {
  std::string out = line;
  for (std::uint64_t n = 1 + random.below(3); n > 0; --n) {
    const std::size_t at = random.below(out.size() + 1);
    const std::size_t length = std::min<std::size_t>(random.below(12), out.size() - at);
    switch (random.below(4)) {
      case 0:
        out.insert(at, one_of(kSnippets, random));
        break;
      case 1:
        out.erase(at, length);
        break;
      case 2:
        out.insert(at, out.substr(at, length));
        break;
      default:
        out.replace(at, std::min<std::size_t>(1, out.size() - at), one_of(kSnippets, random));
    }
  }
  return out;
}

}  // namespace s1flow::codecs
