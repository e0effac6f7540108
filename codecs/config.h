#pragma once
// Configuration files: TOML read into a plain tree that knows its lines, and a reader over it that
// notices keys nobody asked for. Values of a wrong type, missing ones and unknown keys are usage
// errors that name file, line and key. Not for records: for batch.toml and its like.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/calendar.h"
#include "core/eui64.h"
#include "core/file.h"
#include "core/result.h"

namespace s1flow::codecs {

struct ConfigMember;

struct ConfigValue {
  enum class Kind : std::uint8_t { text, integer, real, boolean, date, time, list, table };
  Kind kind = Kind::table;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  std::string text;  // of text, date and time (ISO 8601)
  std::int64_t integer = 0;
  double real = 0;
  bool boolean = false;
  std::vector<ConfigValue> items;     // of list
  std::vector<ConfigMember> members;  // of table, in the file's order

  [[nodiscard]] const ConfigValue* find(std::string_view key) const;
};

struct ConfigMember {
  std::string key;
  ConfigValue value;
};

// `name` is used in messages.
[[nodiscard]] Result<ConfigValue> parse_config(std::string_view toml, const std::string& name);
[[nodiscard]] Result<ConfigValue> load_config(const Path& path);

// Reads one table. The first thing that is wrong is kept; the getters then give their defaults.
// finish() tells it.
class ConfigReader {
 public:
  // `where` is how the table is called in messages: "batch.toml" or "batch.toml: policy". Borrows
  // `table`, which may be null: everything is missing then.
  ConfigReader(const ConfigValue* table, std::string where);

  [[nodiscard]] bool has(std::string_view key) const;
  [[nodiscard]] std::string text(std::string_view key, std::string_view fallback);
  [[nodiscard]] std::string required_text(std::string_view key);
  [[nodiscard]] std::uint64_t count(std::string_view key, std::uint64_t fallback,
                                    std::uint64_t max = UINT64_MAX / 2);
  [[nodiscard]] double real(std::string_view key, double fallback, double min, double max);
  [[nodiscard]] bool boolean(std::string_view key, bool fallback);
  [[nodiscard]] Eui64 eui(std::string_view key);  // required
  [[nodiscard]] Date date(std::string_view key);  // required; a TOML date or a text as 2021-06-07
  [[nodiscard]] UtcTime time(std::string_view key);  // required; a TOML time in UTC
  [[nodiscard]] std::vector<std::string> texts(std::string_view key);
  // Index of the text in `choices`.
  [[nodiscard]] std::size_t choice(std::string_view key,
                                   std::initializer_list<std::string_view> choices,
                                   std::size_t fallback);
  // Members that the caller reads itself.
  [[nodiscard]] const ConfigValue* table(std::string_view key);
  [[nodiscard]] std::vector<const ConfigValue*> tables(
      std::string_view key);  // of a list of tables
  [[nodiscard]] std::vector<std::pair<std::string, const ConfigValue*>>
  rest();  // everything not asked for yet

  void fail(const ConfigValue* at, std::string_view what);
  [[nodiscard]] const std::string& where() const { return where_; }
  // The first fault, or the first key that was not asked for.
  [[nodiscard]] Status finish();

 private:
  const ConfigValue* take(std::string_view key);
  const ConfigValue* take(std::string_view key, ConfigValue::Kind kind, std::string_view what);
  const ConfigValue* table_;
  std::string where_;
  std::vector<std::string> asked_;
  std::optional<Error> error_;
};

}  // namespace s1flow::codecs
