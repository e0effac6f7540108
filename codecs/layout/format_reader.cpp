#include "codecs/layout/format_reader.h"

#include <algorithm>

#include <fmt/format.h>

#include "codecs/layout/layout_config.h"
#include "core/calendar.h"

namespace s1flow::codecs {
namespace {

using Kind = ConfigValue::Kind;

// A format has to say enough that a value can be read back.
Status check_time_format(const ConfigValue* at, const std::string& where, std::string_view format,
                         ValueKind kind) {
  if (!is_time_format(format))
    return tl::unexpected(layout_fault(
        at, fmt::format("{}: '{}' is not a date or time format; it is made of %Y %m %b %d %H %M %S "
                        "%f %% and other characters",
                        where, format)));
  const auto lacks = [&](std::string_view part) {
    return format.find(part) == std::string_view::npos;
  };
  std::string_view missing;
  if (kind == ValueKind::time && lacks("%M")) missing = "%M";
  if (kind == ValueKind::time && lacks("%H")) missing = "%H";
  if (lacks("%d")) missing = "%d";
  if (lacks("%m") && lacks("%b")) missing = "%m or %b";
  if (lacks("%Y")) missing = "%Y";
  if (missing.empty()) return {};
  return tl::unexpected(
      layout_fault(at, fmt::format("{}: '{}' lacks {}, without which a {} is not known", where,
                                   format, missing, kind == ValueKind::date ? "date" : "time")));
}

Status take_format(const FieldDef& field, const std::string& scope, const std::string& how,
                   const ConfigValue& at, ValueFormat& format) {
  const std::string where = scope + std::string(field.name);
  const auto one_of = [&](std::string_view first, std::string_view second,
                          bool& is_second) -> Status {
    is_second = how == second;
    if (how == first || how == second) return {};
    return tl::unexpected(layout_fault(
        &at, fmt::format("{}: format must be {} or {}, not '{}'", where, first, second, how)));
  };
  switch (field.kind) {
    case ValueKind::serial:
      return one_of("decimal", "hex", format.serial_hex);
    case ValueKind::eui64:
      return one_of("hyphens", "plain", format.eui_plain);
    case ValueKind::hex:
    case ValueKind::base64:
      return one_of("hex", "base64", format.base64);
    case ValueKind::date:
    case ValueKind::time:
      format.time_format = how;
      return check_time_format(&at, where, how, field.kind);
    default:
      return tl::unexpected(layout_fault(
          &at, fmt::format("{}: a {} has no format of its own", where, name_of(field.kind))));
  }
}

Status set_choice(const ConfigValue& formats, std::string_view key, std::string_view first,
                  std::string_view second, bool& is_second) {
  const ConfigValue* value = formats.find(key);
  if (value == nullptr) return {};
  is_second = value->text == second;
  if (value->kind == Kind::text && (is_second || value->text == first)) return {};
  return tl::unexpected(
      layout_fault(value, fmt::format("formats.{} must be {} or {}", key, first, second)));
}

}  // namespace

Status FormatReader::read(SpaceAround space) {
  static const ConfigValue kNone;
  S1FLOW_TRY(const ConfigValue* formats, member_in(root_, "formats", Kind::table));
  if (formats == nullptr) formats = &kNone;
  S1FLOW_TRY_VOID(only_keys(*formats, "formats.", {"date", "time", "serial", "eui64", "flag"}));
  date_ = text_in(*formats, "date").value_or("%Y-%m-%d");
  time_ = text_in(*formats, "time").value_or("%Y-%m-%dT%H:%M:%SZ");
  S1FLOW_TRY_VOID(check_time_format(formats->find("date"), "formats.date", date_, ValueKind::date));
  S1FLOW_TRY_VOID(check_time_format(formats->find("time"), "formats.time", time_, ValueKind::time));
  S1FLOW_TRY_VOID(set_choice(*formats, "serial", "decimal", "hex", defaults_.serial_hex));
  S1FLOW_TRY_VOID(set_choice(*formats, "eui64", "hyphens", "plain", defaults_.eui_plain));
  defaults_.trimmed = space == SpaceAround::is_trimmed;
  return read_flags(*formats);
}

Status FormatReader::read_flags(const ConfigValue& formats) {
  flags_ = {{"false", 0}, {"true", 1}};
  const ConfigValue* flag = formats.find("flag");
  if (flag == nullptr) return {};
  const std::vector<std::string> texts = texts_in(*flag);
  if (texts.size() != 2 || texts[0].empty() || texts[1].empty() || texts[0] == texts[1])
    return tl::unexpected(
        layout_fault(flag, "formats.flag must be two different texts: for false, then for true"));
  flags_ = {{texts[0], 0}, {texts[1], 1}};
  return {};
}

Result<ValueFormat> FormatReader::format_of(const FieldDef& field, const std::string& scope,
                                            const std::optional<std::string>& own,
                                            const ConfigValue& at) {
  ValueFormat format = defaults_;
  format.field = &field;
  format.time_format = field.kind == ValueKind::date ? date_ : time_;
  format.base64 = field.kind == ValueKind::base64;
  if (own) S1FLOW_TRY_VOID(take_format(field, scope, *own, at, format));
  if (field.kind == ValueKind::text) format.trimmed = false;
  if (field.kind == ValueKind::flag) format.codes = flags_;
  if (field.kind == ValueKind::code)
    S1FLOW_TRY_VOID(read_codes(field, scope + std::string(field.name), format));
  return format;
}

Status FormatReader::read_codes(const FieldDef& field, const std::string& key,
                                ValueFormat& format) {
  S1FLOW_TRY(const ConfigValue* lists, member_in(root_, "codes", Kind::table));
  const ConfigValue* own = lists == nullptr ? nullptr : lists->find(key);
  const auto fail = [&](const ConfigValue* at, const std::string& what) {
    return tl::unexpected(layout_fault(at, fmt::format("codes.\"{}\": {}", key, what)));
  };
  if (own != nullptr && own->kind != Kind::table)
    return fail(own, "must be a table of code = \"its text\"");
  const auto add = [&](const ConfigValue* at, const std::string& text,
                       std::size_t index) -> Status {
    if (text.empty()) return fail(at, "a code's text cannot be empty");
    for (const auto& [other, code] : format.codes)
      if (other == text)
        return fail(at, fmt::format("'{}' stands for both '{}' and '{}'", text, field.codes[code],
                                    field.codes[index]));
    format.codes.emplace_back(text, index);
    return {};
  };
  if (own != nullptr) {
    code_lists_used_.push_back(key);
    for (const auto& [name, value] : own->members) {
      const auto it = std::find(field.codes.begin(), field.codes.end(), name);
      if (it == field.codes.end())
        return fail(&value, fmt::format("there is no code '{}'; there are {}", name,
                                        fmt::join(field.codes, ", ")));
      const std::vector<std::string> texts = texts_in(value);
      if (texts.empty())
        return fail(&value, fmt::format("'{}' must be a text or a list of texts", name));
      for (const std::string& text : texts)
        S1FLOW_TRY_VOID(add(&value, text, static_cast<std::size_t>(it - field.codes.begin())));
    }
  }
  // Codes without a text of their own are spelled by their name.
  for (std::size_t i = 0; i < field.codes.size(); ++i)
    if (std::none_of(format.codes.begin(), format.codes.end(),
                     [&](const auto& c) { return c.second == i; }))
      S1FLOW_TRY_VOID(add(own, std::string(field.codes[i]), i));
  return {};
}

Status FormatReader::check_codes_used() const {
  S1FLOW_TRY(const ConfigValue* lists, member_in(root_, "codes", Kind::table));
  if (lists == nullptr) return {};
  for (const auto& [key, value] : lists->members)
    if (std::find(code_lists_used_.begin(), code_lists_used_.end(), key) == code_lists_used_.end())
      return tl::unexpected(layout_fault(
          &value, fmt::format("codes.\"{}\" belongs to no mapped field with codes", key)));
  return {};
}

}  // namespace s1flow::codecs
