#include "codecs/config.h"

#include <algorithm>

#include <fmt/format.h>

// Its other mode ends the program when memory runs out.
#define TOML_EXCEPTIONS 1
#include <toml++/toml.h>

namespace s1flow::codecs {
namespace {

using Kind = ConfigValue::Kind;

std::string iso(const toml::date& d) {
  return fmt::format("{:04}-{:02}-{:02}", d.year, unsigned{d.month}, unsigned{d.day});
}
std::string iso(const toml::time& t) {
  return fmt::format("{:02}:{:02}:{:02}.{:03}", unsigned{t.hour}, unsigned{t.minute},
                     unsigned{t.second}, t.nanosecond / 1'000'000);
}

ConfigValue convert(const toml::node& node) {
  ConfigValue v;
  v.line = node.source().begin.line;
  v.column = node.source().begin.column;
  node.visit([&](const auto& n) {
    using T = std::decay_t<decltype(n)>;
    if constexpr (std::is_same_v<T, toml::table>) {
      v.kind = Kind::table;
      for (const auto& [key, value] : n)
        v.members.push_back({std::string(key.str()), convert(value)});
      std::stable_sort(v.members.begin(), v.members.end(), [](const auto& a, const auto& b) {
        return std::pair(a.value.line, a.value.column) < std::pair(b.value.line, b.value.column);
      });
    } else if constexpr (std::is_same_v<T, toml::array>) {
      v.kind = Kind::list;
      for (const toml::node& item : n) v.items.push_back(convert(item));
    } else if constexpr (std::is_same_v<T, toml::value<std::string>>) {
      v.kind = Kind::text;
      v.text = *n;
    } else if constexpr (std::is_same_v<T, toml::value<std::int64_t>>) {
      v.kind = Kind::integer;
      v.integer = *n;
    } else if constexpr (std::is_same_v<T, toml::value<double>>) {
      v.kind = Kind::real;
      v.real = *n;
    } else if constexpr (std::is_same_v<T, toml::value<bool>>) {
      v.kind = Kind::boolean;
      v.boolean = *n;
    } else if constexpr (std::is_same_v<T, toml::value<toml::date>>) {
      v.kind = Kind::date;
      v.text = iso(*n);
    } else if constexpr (std::is_same_v<T, toml::value<toml::date_time>>) {
      v.kind = Kind::time;
      v.text = iso(n->date) + "T" + iso(n->time);
      // Local times have no place in a batch: only a UTC offset of zero reads as a time below.
      v.text += n->offset.has_value() && n->offset->minutes == 0 ? "Z" : "?";
    } else {
      v.kind = Kind::text;
    }
  });
  return v;
}

}  // namespace

const ConfigValue* ConfigValue::find(std::string_view key) const {
  for (const auto& [name, value] : members)
    if (name == key) return &value;
  return nullptr;
}

Result<ConfigValue> parse_config(std::string_view toml_text, const std::string& name) {
  try {
    return convert(toml::parse(toml_text, name));
  } catch (const toml::parse_error& e) {
    return tl::unexpected(
        usage_error(fmt::format("{}:{}: {}", name, e.source().begin.line, e.description())));
  }
}

Result<ConfigValue> load_config(const Path& path) {
  S1FLOW_TRY(const std::string text, read_text(path));
  return parse_config(text, path.string());
}

ConfigReader::ConfigReader(const ConfigValue* table, std::string where)
    : table_(table), where_(std::move(where)) {
  if (table_ != nullptr && table_->kind != Kind::table) {
    fail(table_, "must be a table");
    table_ = nullptr;
  }
}

void ConfigReader::fail(const ConfigValue* at, std::string_view what) {
  if (error_) return;
  const std::uint32_t line = at != nullptr ? at->line : table_ != nullptr ? table_->line : 0;
  error_ = usage_error(line == 0 ? fmt::format("{}: {}", where_, what)
                                 : fmt::format("{}: line {}: {}", where_, line, what));
}

bool ConfigReader::has(std::string_view key) const {
  return table_ != nullptr && table_->find(key) != nullptr;
}

const ConfigValue* ConfigReader::take(std::string_view key) {
  asked_.emplace_back(key);
  return table_ == nullptr ? nullptr : table_->find(key);
}

const ConfigValue* ConfigReader::take(std::string_view key, Kind kind, std::string_view what) {
  const ConfigValue* v = take(key);
  if (v == nullptr || v->kind == kind) return v;
  fail(v, fmt::format("'{}' must be {}", key, what));
  return nullptr;
}

std::string ConfigReader::text(std::string_view key, std::string_view fallback) {
  const ConfigValue* v = take(key, Kind::text, "a text");
  return v == nullptr ? std::string(fallback) : v->text;
}

std::string ConfigReader::required_text(std::string_view key) {
  if (!has(key)) fail(nullptr, fmt::format("'{}' is missing", key));
  return text(key, "");
}

std::uint64_t ConfigReader::count(std::string_view key, std::uint64_t fallback, std::uint64_t max) {
  const ConfigValue* v = take(key, Kind::integer, "a whole number");
  if (v == nullptr) return fallback;
  if (v->integer < 0 || static_cast<std::uint64_t>(v->integer) > max) {
    fail(v, fmt::format("'{}' must lie between 0 and {}", key, max));
    return fallback;
  }
  return static_cast<std::uint64_t>(v->integer);
}

double ConfigReader::real(std::string_view key, double fallback, double min, double max) {
  const ConfigValue* v = take(key);
  if (v == nullptr) return fallback;
  const double value = v->kind == Kind::integer ? static_cast<double>(v->integer) : v->real;
  if ((v->kind != Kind::real && v->kind != Kind::integer) || !(value >= min && value <= max)) {
    fail(v, fmt::format("'{}' must be a number between {} and {}", key, min, max));
    return fallback;
  }
  return value;
}

bool ConfigReader::boolean(std::string_view key, bool fallback) {
  const ConfigValue* v = take(key, Kind::boolean, "true or false");
  return v == nullptr ? fallback : v->boolean;
}

Eui64 ConfigReader::eui(std::string_view key) {
  const std::string t = required_text(key);
  const auto parsed = Eui64::parse(t);
  if (!parsed)
    fail(table_ == nullptr ? nullptr : table_->find(key),
         fmt::format("'{}' must be an EUI-64 such as 90-B3-D5-1F-30-01-00-00", key));
  return parsed.value_or(Eui64());
}

Date ConfigReader::date(std::string_view key) {
  const ConfigValue* v = take(key);
  const auto parsed = v == nullptr || (v->kind != Kind::date && v->kind != Kind::text)
                          ? std::nullopt
                          : Date::parse(v->text);
  if (!parsed)
    fail(v, v == nullptr ? fmt::format("'{}' is missing", key)
                         : fmt::format("'{}' must be a date such as 2021-06-07", key));
  return parsed.value_or(Date());
}

UtcTime ConfigReader::time(std::string_view key) {
  const ConfigValue* v = take(key);
  const auto parsed = v == nullptr || (v->kind != Kind::time && v->kind != Kind::text)
                          ? std::nullopt
                          : UtcTime::parse(v->text);
  if (!parsed)
    fail(v, v == nullptr
                ? fmt::format("'{}' is missing", key)
                : fmt::format("'{}' must be a time in UTC such as 2021-06-04T09:00:00Z", key));
  return parsed.value_or(UtcTime());
}

std::vector<std::string> ConfigReader::texts(std::string_view key) {
  std::vector<std::string> out;
  const ConfigValue* v = take(key, Kind::list, "a list of texts");
  if (v == nullptr) return out;
  for (const ConfigValue& item : v->items) {
    if (item.kind != Kind::text) fail(&item, fmt::format("'{}' must be a list of texts", key));
    out.push_back(item.text);
  }
  return out;
}

std::size_t ConfigReader::choice(std::string_view key,
                                 std::initializer_list<std::string_view> choices,
                                 std::size_t fallback) {
  const ConfigValue* v = take(key, Kind::text, "a text");
  if (v == nullptr) return fallback;
  const auto it = std::find(choices.begin(), choices.end(), v->text);
  if (it == choices.end()) {
    fail(v, fmt::format("'{}' must be one of: {}", key, fmt::join(choices, ", ")));
    return fallback;
  }
  return static_cast<std::size_t>(it - choices.begin());
}

const ConfigValue* ConfigReader::table(std::string_view key) {
  return take(key, Kind::table, "a table");
}

std::vector<const ConfigValue*> ConfigReader::tables(std::string_view key) {
  std::vector<const ConfigValue*> out;
  const ConfigValue* v = take(key, Kind::list, "a list of tables");
  if (v == nullptr) return out;
  for (const ConfigValue& item : v->items) {
    if (item.kind != Kind::table) fail(&item, fmt::format("'{}' must be a list of tables", key));
    out.push_back(&item);
  }
  return out;
}

std::vector<std::pair<std::string, const ConfigValue*>> ConfigReader::rest() {
  std::vector<std::pair<std::string, const ConfigValue*>> out;
  if (table_ == nullptr) return out;
  for (const auto& [key, value] : table_->members)
    if (std::find(asked_.begin(), asked_.end(), key) == asked_.end()) out.emplace_back(key, &value);
  for (const auto& [key, value] : out) asked_.push_back(key);
  return out;
}

Status ConfigReader::finish() {
  if (table_ != nullptr && !error_)
    for (const auto& [key, value] : table_->members)
      if (std::find(asked_.begin(), asked_.end(), key) == asked_.end()) {
        fail(&value, fmt::format("unknown key '{}'", key));
        break;
      }
  if (error_) return tl::unexpected(std::move(*error_));
  return {};
}

}  // namespace s1flow::codecs
