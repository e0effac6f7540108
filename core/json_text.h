#pragma once
// Writing JSON text straight into a string: for files of one object a line, where building a tree
// for each line would cost more than the line itself. Pure; thread-safe.

#include <cstdint>
#include <string>
#include <string_view>

namespace s1flow {

// A quoted JSON string. Bytes that are not valid UTF-8 are written as U+FFFD, since JSON cannot
// hold them.
void append_json_string(std::string& out, std::string_view text);

// {"a":"b","n":1}: opens on construction, closes on finish(). Keys must be plain ASCII without
// quotes.
class JsonObject {
 public:
  explicit JsonObject(std::string& out) : out_(out) { out_.push_back('{'); }
  JsonObject& text(std::string_view name, std::string_view value);
  JsonObject& number(std::string_view name, std::uint64_t value);
  JsonObject& real(std::string_view name, double value);  // shortest form that reads back equal
  JsonObject& boolean(std::string_view name, bool value);
  // The value is JSON already.
  JsonObject& raw(std::string_view name, std::string_view json);
  void finish() { out_.push_back('}'); }

 private:
  void key(std::string_view name);
  std::string& out_;
  bool first_ = true;
};

// One object from a function that adds its members.
template <typename Fill>
[[nodiscard]] std::string json_object(Fill fill) {
  std::string out;
  JsonObject o(out);
  fill(o);
  o.finish();
  return out;
}

// An array with each item on a line of its own; `write(out, item)` appends one.
template <typename Items, typename Write>
[[nodiscard]] std::string json_rows(const Items& items, Write write) {
  std::string out = "[";
  for (const auto& item : items) {
    if (out.size() > 1) out += ",\n";
    write(out, item);
  }
  out.push_back(']');
  return out;
}

}  // namespace s1flow
