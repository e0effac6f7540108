#pragma once
// How readers of report.json look into it; only report_reader.cpp and load_reader.cpp use it.

#include <algorithm>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/clock.h"

namespace boost::json {
class value;
}

namespace s1flow::render {

// A value with its way from the root, which costs nothing until a fault has to be named. Lives on
// the stack below its parent. Only the first fault is kept; what is read after it is thrown away.
class Node {
 public:
  Node(const boost::json::value& value, std::string& fault) : value_(&value), fault_(&fault) {}

  [[nodiscard]] Node at(std::string_view key) const;
  [[nodiscard]] bool has(std::string_view key) const;
  [[nodiscard]] std::string text() const;
  [[nodiscard]] std::uint64_t count() const;
  [[nodiscard]] double real() const;
  [[nodiscard]] Nanoseconds nanoseconds() const;
  [[nodiscard]] Nanoseconds seconds() const;
  [[nodiscard]] bool boolean() const;

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
    const std::size_t size = items();
    out.reserve(size);
    for (std::size_t i = 0; i < size && fault_->empty(); ++i) out.push_back(read(item(i)));
    return out;
  }

  void refuse(std::string_view what) const;

 private:
  static constexpr std::size_t kNoIndex = std::numeric_limits<std::size_t>::max();

  Node(const Node& parent, std::string_view key)
      : fault_(parent.fault_), parent_(&parent), key_(key) {}
  // Of an array; a fault and 0 when it is none.
  [[nodiscard]] std::size_t items() const;
  [[nodiscard]] Node item(std::size_t index) const;
  [[nodiscard]] std::string path() const;

  const boost::json::value* value_ = nullptr;
  std::string* fault_;
  const Node* parent_ = nullptr;
  std::string_view key_;
  std::size_t index_ = kNoIndex;
};

}  // namespace s1flow::render
