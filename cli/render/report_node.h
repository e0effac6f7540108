#pragma once
// How readers of report.json look into it; only report_reader.cpp and load_reader.cpp use it.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "core/clock.h"

namespace s1flow::render {

namespace json = boost::json;

// A value with its way from the root, which costs nothing until a fault has to be named. Lives on
// the stack below its parent. Only the first fault is kept; what is read after it is thrown away.
class Node {
 public:
  Node(const json::value& value, std::string& fault) : value_(&value), fault_(&fault) {}

  [[nodiscard]] Node at(std::string_view key) const {
    Node child(*this, key);
    const json::object* object = value_ == nullptr ? nullptr : value_->if_object();
    if (object == nullptr)
      refuse("not an object");
    else if ((child.value_ = object->if_contains(key)) == nullptr)
      child.refuse("missing");
    return child;
  }

  [[nodiscard]] bool has(std::string_view key) const {
    const json::object* object = value_ == nullptr ? nullptr : value_->if_object();
    return object != nullptr && object->contains(key);
  }

  [[nodiscard]] std::string text() const {
    const json::string* s = value_ == nullptr ? nullptr : value_->if_string();
    if (s == nullptr) return refuse("not a text"), std::string();
    return {s->data(), s->size()};
  }

  [[nodiscard]] std::uint64_t count() const {
    json::error_code error;
    const bool whole = value_ != nullptr && (value_->is_uint64() || value_->is_int64());
    const auto n = whole ? value_->to_number<std::uint64_t>(error) : 0;
    if (!whole || error) refuse("not a count");
    return error ? 0 : n;
  }

  [[nodiscard]] double real() const {
    json::error_code error;
    const bool number = value_ != nullptr && value_->is_number();
    const double r = number ? value_->to_number<double>(error) : 0;
    if (!number || error || !std::isfinite(r)) return refuse("not a number"), 0.0;
    return r;
  }

  [[nodiscard]] Nanoseconds nanoseconds() const {
    const std::uint64_t n = count();
    if (n > kMostNs) return refuse("not a time in nanoseconds"), Nanoseconds();
    return Nanoseconds(static_cast<Nanoseconds::rep>(n));
  }

  [[nodiscard]] Nanoseconds seconds() const {
    json::error_code error;
    const bool number = value_ != nullptr && value_->is_number();
    const double s = number ? value_->to_number<double>(error) : 0;
    if (!number || error || !(s >= 0 && s < 9e9))
      return refuse("not a time in seconds"), Nanoseconds();
    return Nanoseconds(std::llround(s * 1e9));
  }

  [[nodiscard]] bool boolean() const {
    if (value_ == nullptr || !value_->is_bool()) return refuse("not true or false"), false;
    return value_->get_bool();
  }

  template <typename Enum>
  [[nodiscard]] Enum one_of(std::span<const std::string_view> names) const {
    const std::string name = text();
    const auto it = std::find(names.begin(), names.end(), name);
    if (it == names.end()) return refuse("not one of the allowed words"), Enum();
    return static_cast<Enum>(it - names.begin());
  }

  // Every item of an array through `read`.
  template <typename Read>
  [[nodiscard]] auto list(Read read) const {
    std::vector<decltype(read(std::declval<const Node&>()))> out;
    const json::array* items = value_ == nullptr ? nullptr : value_->if_array();
    if (items == nullptr) return refuse("not a list"), out;
    out.reserve(items->size());
    for (std::size_t i = 0; i < items->size() && fault_->empty(); ++i) {
      Node child(*this, {});
      child.index_ = i;
      child.value_ = &(*items)[i];
      out.push_back(read(child));
    }
    return out;
  }

  void refuse(std::string_view what) const {
    if (fault_->empty()) *fault_ = fmt::format("{}: {}", path(), what);
  }

 private:
  static constexpr std::uint64_t kMostNs = 9'000'000'000'000'000'000;
  static constexpr std::size_t kNoIndex = std::numeric_limits<std::size_t>::max();

  Node(const Node& parent, std::string_view key)
      : fault_(parent.fault_), parent_(&parent), key_(key) {}

  [[nodiscard]] std::string path() const {
    if (parent_ == nullptr) return "report";
    if (index_ != kNoIndex) return fmt::format("{}[{}]", parent_->path(), index_);
    return fmt::format("{}.{}", parent_->path(), key_);
  }

  const json::value* value_ = nullptr;
  std::string* fault_;
  const Node* parent_ = nullptr;
  std::string_view key_;
  std::size_t index_ = kNoIndex;
};

}  // namespace s1flow::render
