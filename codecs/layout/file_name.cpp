#include "codecs/layout/file_name.h"

#include <fmt/format.h>

#include "core/text.h"

namespace s1flow::codecs {
namespace {

std::size_t time_size(std::string_view format) {
  std::size_t size = 0;
  for (std::size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%' || i + 1 >= format.size()) {
      ++size;
      continue;
    }
    const char c = format[++i];
    if (c == 'f') return 0;
    size += c == 'Y' ? 4U : c == 'b' ? 3U : c == '%' ? 1U : 2U;
  }
  return size;
}

bool allowed_in_name(char c) {
  return is_digit(c) || is_upper(c) || (c >= 'a' && c <= 'z') || c == '.' || c == '_' || c == '-';
}

}  // namespace

Result<FileNamePattern> FileNamePattern::parse(std::string_view pattern, const RecordDef& header,
                                               const ValueFormat& defaults) {
  FileNamePattern result;
  result.text_ = pattern;
  while (!pattern.empty()) {
    const std::size_t open = pattern.find('{');
    if (open != 0) {
      Part part;
      part.literal = pattern.substr(0, open);
      for (const char c : part.literal)
        if (!allowed_in_name(c))
          return tl::unexpected(
              usage_error(fmt::format("file-name: '{}' cannot stand in a file name", c)));
      result.parts_.push_back(std::move(part));
      pattern = open == std::string_view::npos ? std::string_view() : pattern.substr(open);
      continue;
    }
    const std::size_t close = pattern.find('}');
    if (close == std::string_view::npos)
      return tl::unexpected(usage_error("file-name: '{' without '}'"));
    std::string_view inside = pattern.substr(1, close - 1);
    pattern.remove_prefix(close + 1);
    const std::size_t colon = inside.find(':');
    const std::string_view name = inside.substr(0, colon);
    const std::string_view how =
        colon == std::string_view::npos ? std::string_view() : inside.substr(colon + 1);
    Part part;
    part.field = find_field(header.fields, name);
    if (part.field == npos)
      return tl::unexpected(
          usage_error(fmt::format("file-name: there is no header field '{}'", name)));
    part.format = defaults;
    part.format.field = &header.fields[part.field];
    switch (part.format.field->kind) {
      case ValueKind::date:
      case ValueKind::time:
        part.format.time_format = how.empty() ? "%Y%m%d" : std::string(how);
        if (!is_time_format(part.format.time_format))
          return tl::unexpected(
              usage_error(fmt::format("file-name: '{}' is not a date format", how)));
        part.fixed_size = time_size(part.format.time_format);
        break;
      case ValueKind::eui64:
        part.fixed_size = part.format.eui_plain ? 16 : 23;
        break;
      case ValueKind::count:
        part.width = static_cast<unsigned>(parse_decimal(how).value_or(0));
        if (part.width > 20)
          return tl::unexpected(usage_error(fmt::format("file-name: width '{}' is above 20", how)));
        break;
      default:
        break;
    }
    if (part.fixed_size == 0 && !result.parts_.empty() && result.parts_.back().field != npos &&
        result.parts_.back().fixed_size == 0)
      return tl::unexpected(
          usage_error(fmt::format("file-name: '{}' needs a literal before it", name)));
    result.parts_.push_back(std::move(part));
  }
  if (result.parts_.empty()) return tl::unexpected(usage_error("file-name: is empty"));
  return result;
}

std::string FileNamePattern::make(const Record& header) const {
  std::string name;
  std::string value;
  for (const Part& part : parts_) {
    if (part.field == npos) {
      name += part.literal;
      continue;
    }
    value.clear();
    const Value& v = header[part.field];
    if (!v.good())
      value = "-";
    else if (part.format.field->kind == ValueKind::count)
      append_padded(value, v.lo, part.width);
    else
      part.format.format(v, value);
    for (char& c : value)
      if (!allowed_in_name(c)) c = '_';
    name += value;
  }
  return name;
}

bool FileNamePattern::read(std::string_view name, Record& header) const {
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    const Part& part = parts_[i];
    if (part.field == npos) {
      if (!name.starts_with(part.literal)) return false;
      name.remove_prefix(part.literal.size());
      continue;
    }
    std::size_t size = part.fixed_size;
    if (size == 0)
      size = i + 1 < parts_.size() && parts_[i + 1].field == npos ? name.find(parts_[i + 1].literal)
                                                                  : name.size();
    if (size == std::string_view::npos || size == 0 || size > name.size()) return false;
    Value& value = header[part.field];
    const std::string_view text = name.substr(0, size);
    name.remove_prefix(size);
    if (text == "-") continue;
    part.format.parse(header.arena().copy(text), value, header.arena());
    if (!value.good()) return false;
  }
  return name.empty();
}

std::string_view FileNamePattern::prefix() const {
  return !parts_.empty() && parts_.front().field == npos ? std::string_view(parts_.front().literal)
                                                         : std::string_view();
}

bool FileNamePattern::has(std::size_t field) const {
  for (const Part& part : parts_)
    if (part.field == field) return true;
  return false;
}

}  // namespace s1flow::codecs
