#include "pipeline/week/ledger_json.h"

#include <boost/json.hpp>

namespace s1flow::pipeline {

namespace json = boost::json;

json::object object_in(std::string_view text) {
  json::error_code code;
  json::value value = json::parse({text.data(), text.size()}, code);
  return !code && value.is_object() ? std::move(value.as_object()) : json::object();
}

std::string text_in(const json::object& o, std::string_view key) {
  const json::value* v = o.if_contains({key.data(), key.size()});
  return v != nullptr && v->is_string() ? std::string(v->as_string()) : std::string();
}

std::uint64_t number_in(const json::object& o, std::string_view key) {
  const json::value* v = o.if_contains({key.data(), key.size()});
  if (v == nullptr) return 0;
  json::error_code code;
  const auto number = v->to_number<std::uint64_t>(code);
  return code ? 0 : number;
}

}  // namespace s1flow::pipeline
