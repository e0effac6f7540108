#pragma once
// Putting text that others wrote into HTML. Everything that is not ours goes through here.

#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace s1flow::render {

// For element content and quoted attributes. Control characters, broken UTF-8 and the characters
// that turn the direction of writing become U+FFFD: a report must not read otherwise than it is.
void append_html(std::string& out, std::string_view text);
[[nodiscard]] std::string html(std::string_view text);

// Appends texts one after the other, as they are.
template <typename... Texts>
void put(std::string& out, const Texts&... texts) {
  (out.append(std::string_view(texts)), ...);
}

// JSON for <script type="application/json">: '<' is written as an escape, so that no text in it can
// end the element.
void append_script_json(std::string& out, std::string_view json);

// Replaces each {{name}} of the template, in one pass: what is put in is not searched again.
// The names of the template and of the parts must be the same set.
[[nodiscard]] std::string fill_template(
    std::string_view text, std::span<const std::pair<std::string_view, std::string_view>> parts);

}  // namespace s1flow::render
