#pragma once
// Writers of elements with the prefix sr, as DUIS messages in canonical form have them. They append
// to a string of the caller. Pure; thread-safe.

#include <cstdint>
#include <string>
#include <string_view>

#include "codecs/crypto/small_xml.h"
#include "core/calendar.h"
#include "core/text.h"

namespace s1flow::codecs::duis {

inline constexpr std::string_view kTimeFormat = "%Y-%m-%dT%H:%M:%S%fZ";

inline void open(std::string& out, std::string_view name) {
  out += "<sr:";
  out += name;
  out += '>';
}
inline void close(std::string& out, std::string_view name) {
  out += "</sr:";
  out += name;
  out += '>';
}

// <sr:name>…</sr:name> around what `content` appends.
template <typename Content>
void element(std::string& out, std::string_view name, Content content) {
  open(out, name);
  content();
  close(out, name);
}
inline void text_element(std::string& out, std::string_view name, std::string_view text) {
  element(out, name, [&] { crypto::append_canonical_text(out, text); });
}
inline void number_element(std::string& out, std::string_view name, std::uint64_t number) {
  element(out, name, [&] { append_decimal(out, number); });
}
inline void base64_element(std::string& out, std::string_view name,
                           std::span<const unsigned char> bytes) {
  element(out, name, [&] { append_base64(out, bytes); });
}
template <typename Value>
void value_element(std::string& out, std::string_view name, const Value& value) {
  element(out, name, [&] { value.append_to(out); });
}
inline void time_element(std::string& out, std::string_view name, UtcTime at) {
  element(out, name, [&] { at.append_to(out, kTimeFormat); });
}

}  // namespace s1flow::codecs::duis
