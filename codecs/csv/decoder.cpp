#include "codecs/csv/decoder.h"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "codecs/utf8.h"
#include "core/text.h"

namespace s1flow::codecs {
namespace {

std::uint32_t lines_between(std::string_view bytes, std::size_t from, std::size_t to) {
  return static_cast<std::uint32_t>(std::count(bytes.begin() + static_cast<std::ptrdiff_t>(from),
                                               bytes.begin() + static_cast<std::ptrdiff_t>(to),
                                               '\n'));
}

}  // namespace

CsvDecoder::CsvDecoder(std::shared_ptr<const Layout> layout, const Limits& limits)
    : layout_(std::move(layout)),
      reader_(layout_->csv.delimiter, limits),
      record_bytes_(limits.record_bytes),
      builder_(*layout_) {
  for (std::size_t i = 0; i < layout_->columns.size(); ++i)
    if (layout_->columns[i].required) required_.push_back(i);
}

void CsvDecoder::decode(const Chunk& chunk, Arena& arena, RecordBatch& batch,
                        std::vector<Fault>& faults) {
  const std::string_view bytes = chunk.bytes;
  if (const std::size_t nul = bytes.find('\0');
      nul != std::string_view::npos || !is_valid_utf8(bytes)) {
    const std::size_t invalid = find_invalid_utf8(bytes);
    const std::size_t at = std::min(invalid, nul);
    faults.push_back({.rule = &kTextEncoding,
                      .byte = chunk.offset + at,
                      .line = chunk.first_line + lines_between(bytes, 0, at),
                      .note = at == invalid ? "not UTF-8" : "a NUL byte"});
    return;
  }
  builder_.begin(arena, batch, nullptr, nullptr);
  builder_.set_first_line(chunk.first_line);
  std::size_t at = 0;
  constexpr std::string_view kBom = "\xEF\xBB\xBF";
  if (chunk.ordinal == 0 && bytes.starts_with(kBom)) at = kBom.size();
  std::uint64_t ordinal = chunk.first_record;
  bool header = chunk.ordinal == 0 && layout_->csv.header;
  std::uint32_t line = 0;
  if (header && at == bytes.size()) {
    faults.push_back({.rule = &kCsvHeader, .line = 1, .note = "the file is empty"});
    return;
  }
  while (at < bytes.size()) {
    const std::size_t start = at;
    const bool plain = reader_.read_plain(bytes, at, fields_);
    if (!plain) {
      auto read = reader_.read(bytes, at, arena, fields_);
      if (!read) {
        Fault fault = std::move(read).error();
        fault.line =
            chunk.first_line + lines_between(bytes, 0, static_cast<std::size_t>(fault.byte));
        fault.byte += chunk.offset;
        if (!header) fault.ordinal = ordinal;
        faults.push_back(std::move(fault));
        return;
      }
    }
    if (at - start > record_bytes_) {
      faults.push_back({.rule = &kCsvLimit,
                        .byte = chunk.offset + start,
                        .line = chunk.first_line + line,
                        .ordinal = header ? 0 : ordinal,
                        .note = fmt::format("a row of more than {} bytes", record_bytes_)});
      return;
    }
    if (header) {
      header = false;
      if (!header_fits(faults)) return;
    } else {
      row(chunk, ordinal++, start, line, faults);
    }
    line += plain ? 1 : lines_between(bytes, start, at);
  }
}

bool CsvDecoder::header_fits(std::vector<Fault>& faults) {
  const auto names = [this] {
    std::string all;
    for (const CsvColumn& c : layout_->columns)
      all += (all.empty() ? "" : std::string(1, layout_->csv.delimiter)) + c.name;
    return all;
  };
  const bool fits = std::equal(
      fields_.begin(), fields_.end(), layout_->columns.begin(), layout_->columns.end(),
      [](std::string_view field, const CsvColumn& column) { return field == column.name; });
  if (fits) return true;
  std::string seen;
  for (const std::string_view f : fields_)
    seen += (seen.empty() ? "" : std::string(1, layout_->csv.delimiter)) + std::string(f);
  faults.push_back(
      {.rule = &kCsvHeader, .line = 1, .seen = shown(seen, 120), .note = "expected " + names()});
  return false;
}

void CsvDecoder::row(const Chunk& chunk, std::uint64_t ordinal, std::size_t start,
                     std::uint32_t line, std::vector<Fault>& faults) {
  if (fields_.size() != layout_->columns.size()) {
    faults.push_back({.rule = &kCsvRaggedRow,
                      .byte = chunk.offset + start,
                      .line = chunk.first_line + line,
                      .ordinal = ordinal,
                      .record = fmt::format("{} {}", layout_->type->record_word, ordinal),
                      .seen = fmt::format("{} fields", fields_.size()),
                      .note = fmt::format("expected {}", layout_->columns.size())});
    return;
  }
  builder_.begin_record(ordinal, chunk.offset + start, line);
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    const CsvColumn& column = layout_->columns[i];
    if (column.leaf < 0) continue;
    const Leaf& leaf = layout_->leaves[static_cast<std::size_t>(column.leaf)];
    if (column.group_start < 0) {
      builder_.value(leaf, fields_[i], line);
      continue;
    }
    // Zero or more instances in one cell.
    for (std::string_view rest = fields_[i]; !rest.empty();) {
      const std::size_t end = leaf.list.empty() ? std::string_view::npos : rest.find(leaf.list);
      builder_.begin_group(layout_->group_starts[static_cast<std::size_t>(column.group_start)],
                           line);
      builder_.value(leaf, rest.substr(0, end), line);
      builder_.end_group();
      rest =
          end == std::string_view::npos ? std::string_view() : rest.substr(end + leaf.list.size());
    }
  }
  missing_cells(chunk, start, line, faults);
  builder_.end_record();
}

// Empty cells of columns that the layout demands. Essential fields are the builder's to miss.
void CsvDecoder::missing_cells(const Chunk& chunk, std::size_t start, std::uint32_t line,
                               std::vector<Fault>& faults) {
  for (const std::size_t i : required_) {
    if (!fields_[i].empty()) continue;
    const CsvColumn& column = layout_->columns[i];
    std::string field = column.name;
    if (column.leaf >= 0) {
      const Leaf& leaf = layout_->leaves[static_cast<std::size_t>(column.leaf)];
      if (leaf.group == npos && leaf.format.field->need == Need::essential) continue;
      field = leaf.group == npos ? std::string()
                                 : std::string(layout_->type->record.groups[leaf.group].name) + ".";
      field += leaf.format.field->name;
    }
    faults.push_back({.rule = &kValueMissing,
                      .byte = chunk.offset + start,
                      .line = chunk.first_line + line,
                      .ordinal = builder_.current().ordinal,
                      .record = record_name(*layout_->type, builder_.current()),
                      .field = std::move(field),
                      .seen = {},
                      .note = {}});
  }
}

}  // namespace s1flow::codecs
