#include "cli/render/html_text.h"

#include <algorithm>
#include <vector>

#include "core/check.h"
#include "core/text.h"

namespace s1flow::render {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

// U+061C, U+200E, U+200F, U+202A … U+202E, U+2066 … U+2069. Returns the bytes taken, or 0.
std::size_t direction_mark(std::string_view text) {
  if (text.size() >= 2 && text.substr(0, 2) == "\xD8\x9C") return 2;
  if (text.size() < 3 || text[0] != '\xE2') return 0;
  const auto a = static_cast<unsigned char>(text[1]);
  const auto b = static_cast<unsigned char>(text[2]);
  const bool mark = (a == 0x80 && (b == 0x8E || b == 0x8F || (b >= 0xAA && b <= 0xAE))) ||
                    (a == 0x81 && b >= 0xA6 && b <= 0xA9);
  return mark ? 3 : 0;
}

void append_valid(std::string& out, std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    if (const std::size_t taken = direction_mark(text.substr(i)); taken != 0) {
      out += kReplacement;
      i += taken;
      continue;
    }
    const char c = text[i++];
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      case '\t':
      case '\n':
        out.push_back(' ');
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F)
          out += kReplacement;
        else
          out.push_back(c);
    }
  }
}

}  // namespace

void append_html(std::string& out, std::string_view text) {
  while (!text.empty()) {
    const std::size_t bad = find_invalid_utf8(text);
    append_valid(out, text.substr(0, bad));
    if (bad == std::string_view::npos) return;
    out += kReplacement;
    text.remove_prefix(bad + 1);
  }
}

std::string html(std::string_view text) {
  std::string out;
  append_html(out, text);
  return out;
}

void append_script_json(std::string& out, std::string_view json) {
  for (const char c : json) {
    if (c == '<')
      out += "\\u003c";
    else
      out.push_back(c);
  }
}

std::string fill_template(std::string_view text,
                          std::span<const std::pair<std::string_view, std::string_view>> parts) {
  std::string out;
  std::vector<bool> used(parts.size());
  while (true) {
    const std::size_t open = text.find("{{");
    out += text.substr(0, open);
    if (open == std::string_view::npos) break;
    const std::size_t close = text.find("}}", open);
    S1FLOW_CHECK(close != std::string_view::npos);
    const std::string_view name = text.substr(open + 2, close - open - 2);
    const auto part =
        std::find_if(parts.begin(), parts.end(), [name](const auto& p) { return p.first == name; });
    S1FLOW_CHECK(part != parts.end());
    out += part->second;
    used[static_cast<std::size_t>(part - parts.begin())] = true;
    text.remove_prefix(close + 2);
  }
  S1FLOW_CHECK(std::find(used.begin(), used.end(), false) == used.end());
  return out;
}

}  // namespace s1flow::render
