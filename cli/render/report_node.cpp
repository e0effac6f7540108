#include "cli/render/report_node.h"

#include <cmath>

#include <boost/json.hpp>
#include <fmt/format.h>

namespace s1flow::render {
namespace {

namespace json = boost::json;

constexpr std::uint64_t kMostNanoseconds = 9'000'000'000'000'000'000;

const json::object* object_of(const json::value* value) {
  return value == nullptr ? nullptr : value->if_object();
}

}  // namespace

Node Node::at(std::string_view key) const {
  Node child(*this, key);
  const json::object* object = object_of(value_);
  if (object == nullptr)
    refuse("not an object");
  else if ((child.value_ = object->if_contains(key)) == nullptr)
    child.refuse("missing");
  return child;
}

bool Node::has(std::string_view key) const {
  const json::object* object = object_of(value_);
  return object != nullptr && object->contains(key);
}

std::string Node::text() const {
  const json::string* s = value_ == nullptr ? nullptr : value_->if_string();
  if (s == nullptr) return refuse("not a text"), std::string();
  return {s->data(), s->size()};
}

std::uint64_t Node::count() const {
  json::error_code error;
  const bool whole = value_ != nullptr && (value_->is_uint64() || value_->is_int64());
  const auto n = whole ? value_->to_number<std::uint64_t>(error) : 0;
  if (!whole || error) refuse("not a count");
  return error ? 0 : n;
}

double Node::real() const {
  json::error_code error;
  const bool number = value_ != nullptr && value_->is_number();
  const double r = number ? value_->to_number<double>(error) : 0;
  if (!number || error || !std::isfinite(r)) return refuse("not a number"), 0.0;
  return r;
}

Nanoseconds Node::nanoseconds() const {
  const std::uint64_t n = count();
  if (n > kMostNanoseconds) return refuse("not a time in nanoseconds"), Nanoseconds();
  return Nanoseconds(static_cast<Nanoseconds::rep>(n));
}

Nanoseconds Node::seconds() const {
  json::error_code error;
  const bool number = value_ != nullptr && value_->is_number();
  const double s = number ? value_->to_number<double>(error) : 0;
  if (!number || error || !(s >= 0 && s < 9e9))
    return refuse("not a time in seconds"), Nanoseconds();
  return Nanoseconds(std::llround(s * 1e9));
}

bool Node::boolean() const {
  if (value_ == nullptr || !value_->is_bool()) return refuse("not true or false"), false;
  return value_->get_bool();
}

std::size_t Node::items() const {
  const json::array* items = value_ == nullptr ? nullptr : value_->if_array();
  if (items == nullptr) return refuse("not a list"), 0;
  return items->size();
}

Node Node::item(std::size_t index) const {
  Node child(*this, {});
  child.index_ = index;
  child.value_ = &value_->get_array()[index];
  return child;
}

void Node::refuse(std::string_view what) const {
  if (fault_->empty()) *fault_ = fmt::format("{}: {}", path(), what);
}

std::string Node::path() const {
  if (parent_ == nullptr) return "report";
  if (index_ != kNoIndex) return fmt::format("{}[{}]", parent_->path(), index_);
  return fmt::format("{}.{}", parent_->path(), key_);
}

}  // namespace s1flow::render
