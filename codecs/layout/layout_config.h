#pragma once
// Small words for reading a layout's TOML tree, with errors that name the line. Used by the layout
// loader only.

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "codecs/config.h"
#include "core/result.h"

namespace s1flow::codecs {

// "line 12: what"; without the line when the place is not known.
[[nodiscard]] Error layout_fault(const ConfigValue* at, std::string_view what);

// The text of a value or of a table's member; nothing when it is missing or no text.
[[nodiscard]] std::optional<std::string> text_in(const ConfigValue& value);
[[nodiscard]] std::optional<std::string> text_in(const ConfigValue& table, std::string_view key);
// A text, or a list of texts; empty when it is neither, or any of them is no text.
[[nodiscard]] std::vector<std::string> texts_in(const ConfigValue& value);
// Null when the member is missing; of another kind: a fault.
[[nodiscard]] Result<const ConfigValue*> member_in(const ConfigValue& table, std::string_view key,
                                                   ConfigValue::Kind kind);
[[nodiscard]] Result<bool> flag_in(const ConfigValue& table, std::string_view key, bool fallback);

// A key that nobody reads is most likely misspelt.
[[nodiscard]] Status only_keys(const ConfigValue& table, std::string_view scope,
                               std::initializer_list<std::string_view> known);
// For algorithms of which s1flow has one: the member is missing or names it.
[[nodiscard]] Status only_algorithm(const ConfigValue& table, std::string_view scope,
                                    std::string_view key, std::string_view known);

}  // namespace s1flow::codecs
