#include "codecs/layout/layout_config.h"

#include <algorithm>

#include <fmt/format.h>

namespace s1flow::codecs {

Error layout_fault(const ConfigValue* at, std::string_view what) {
  if (at == nullptr || at->line == 0) return usage_error(std::string(what));
  return usage_error(fmt::format("line {}: {}", at->line, what));
}

std::optional<std::string> text_in(const ConfigValue& value) {
  return value.kind == ConfigValue::Kind::text ? std::optional(value.text) : std::nullopt;
}

std::optional<std::string> text_in(const ConfigValue& table, std::string_view key) {
  const ConfigValue* value = table.find(key);
  return value == nullptr ? std::nullopt : text_in(*value);
}

std::vector<std::string> texts_in(const ConfigValue& value) {
  if (value.kind == ConfigValue::Kind::text) return {value.text};
  std::vector<std::string> texts;
  for (const ConfigValue& item : value.items) {
    if (item.kind != ConfigValue::Kind::text) return {};
    texts.push_back(item.text);
  }
  return texts;
}

Result<const ConfigValue*> member_in(const ConfigValue& table, std::string_view key,
                                     ConfigValue::Kind kind) {
  const ConfigValue* value = table.find(key);
  if (value == nullptr || value->kind == kind) return value;
  return tl::unexpected(layout_fault(
      value,
      fmt::format("'{}' must be a {}", key, kind == ConfigValue::Kind::list ? "list" : "table")));
}

Result<bool> flag_in(const ConfigValue& table, std::string_view key, bool fallback) {
  const ConfigValue* value = table.find(key);
  if (value == nullptr) return fallback;
  if (value->kind == ConfigValue::Kind::boolean) return value->boolean;
  return tl::unexpected(layout_fault(value, fmt::format("'{}' must be true or false", key)));
}

Status only_keys(const ConfigValue& table, std::string_view scope,
                 std::initializer_list<std::string_view> known) {
  for (const auto& [key, value] : table.members)
    if (std::find(known.begin(), known.end(), key) == known.end())
      return tl::unexpected(
          layout_fault(&value, fmt::format("unknown key '{}{}'; known are {}", scope, key,
                                           fmt::join(known.begin(), known.end(), ", "))));
  return {};
}

Status only_algorithm(const ConfigValue& table, std::string_view scope, std::string_view key,
                      std::string_view known) {
  const ConfigValue* value = table.find(key);
  if (value == nullptr || (value->kind == ConfigValue::Kind::text && value->text == known))
    return {};
  return tl::unexpected(layout_fault(
      value,
      fmt::format("{}.{}: unknown algorithm '{}'; s1flow has {}", scope, key, value->text, known)));
}

}  // namespace s1flow::codecs
