#include "codecs/csv/row_reader.h"

#include <bit>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include <fmt/format.h>

#include "core/text.h"

namespace s1flow::codecs {
namespace {

tl::unexpected<Fault> malformed(const Rule& rule, std::size_t at, std::string note) {
  Fault f;
  f.rule = &rule;
  f.byte = at;
  f.note = std::move(note);
  return tl::unexpected(std::move(f));
}

}  // namespace

tl::expected<void, Fault> CsvRowReader::read(std::string_view bytes, std::size_t& at, Arena& arena,
                                             std::vector<std::string_view>& fields) const {
  fields.clear();
  const std::size_t start = at;
  while (true) {
    auto field =
        at < bytes.size() && bytes[at] == '"' ? quoted(bytes, at, arena) : plain(bytes, at);
    if (!field) return tl::unexpected(std::move(field).error());
    if (field->size() > limits_.field_bytes)
      return malformed(kCsvLimit, start,
                       fmt::format("a field of more than {} bytes", limits_.field_bytes));
    if (fields.size() == limits_.columns)
      return malformed(kCsvLimit, start,
                       fmt::format("a row of more than {} fields", limits_.columns));
    fields.push_back(*field);
    if (at == bytes.size()) return {};
    const char c = bytes[at++];
    if (c == delimiter_) continue;
    if (c == '\n') return {};
    if (c == '\r' && at < bytes.size() && bytes[at] == '\n') {
      ++at;
      return {};
    }
    return malformed(
        kCsvMalformed, at - 1,
        c == '\r' ? "a carriage return without a line feed" : "text after a closing quote");
  }
}

bool CsvRowReader::read_plain(std::string_view bytes, std::size_t& at,
                              std::vector<std::string_view>& fields) const {
#if defined(__SSE2__)
  constexpr std::size_t kWide = 16;
  fields.clear();
  std::size_t field = at;
  for (std::size_t block = at; block + kWide < bytes.size(); block += kWide) {
    const __m128i some = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes.data() + block));
    const auto is = [&](char c) { return _mm_cmpeq_epi8(some, _mm_set1_epi8(c)); };
    auto ends = static_cast<unsigned>(_mm_movemask_epi8(
        _mm_or_si128(_mm_or_si128(is(delimiter_), is('\n')), _mm_or_si128(is('\r'), is('"')))));
    for (; ends != 0; ends &= ends - 1) {
      const std::size_t end = block + static_cast<unsigned>(std::countr_zero(ends));
      const char c = bytes[end];
      if (c == '"' || end - field > limits_.field_bytes || fields.size() == limits_.columns)
        return false;
      fields.push_back(bytes.substr(field, end - field));
      field = end + 1;
      if (c == delimiter_) continue;
      if (c == '\r' && bytes[field++] != '\n') return false;
      at = field;
      return true;
    }
  }
#else
  static_cast<void>(bytes);
  static_cast<void>(at);
  static_cast<void>(fields);
#endif
  return false;
}

tl::expected<std::string_view, Fault> CsvRowReader::quoted(std::string_view bytes, std::size_t& at,
                                                           Arena& arena) const {
  const std::size_t start = ++at;
  std::size_t doubled = 0;
  while (true) {
    const std::size_t quote = bytes.find('"', at);
    if (quote == std::string_view::npos)
      return malformed(kCsvMalformed, start - 1, "a quoted field that never ends");
    at = quote + 1;
    if (at >= bytes.size() || bytes[at] != '"') break;
    ++doubled;
    ++at;
  }
  const std::string_view raw = bytes.substr(start, at - 1 - start);
  if (doubled == 0) return raw;
  const std::span<char> copy = arena.make_array<char>(raw.size() - doubled);
  std::size_t to = 0;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    copy[to++] = raw[i];
    if (raw[i] == '"') ++i;
  }
  return std::string_view(copy.data(), copy.size());
}

tl::expected<std::string_view, Fault> CsvRowReader::plain(std::string_view bytes,
                                                          std::size_t& at) const {
  const std::size_t start = at;
#if defined(__SSE2__)
  while (at + 16 <= bytes.size()) {
    const __m128i some = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes.data() + at));
    const auto is = [&](char c) { return _mm_cmpeq_epi8(some, _mm_set1_epi8(c)); };
    const auto ends = static_cast<unsigned>(_mm_movemask_epi8(
        _mm_or_si128(_mm_or_si128(is(delimiter_), is('\n')), _mm_or_si128(is('\r'), is('"')))));
    if (ends != 0) {
      at += static_cast<unsigned>(std::countr_zero(ends));
      break;
    }
    at += 16;
  }
#endif
  for (; at < bytes.size(); ++at) {
    const char c = bytes[at];
    if (c == delimiter_ || c == '\n' || c == '\r') break;
    if (c == '"') return malformed(kCsvMalformed, at, "a quote inside a field that is not quoted");
  }
  return bytes.substr(start, at - start);
}

void append_csv_field(std::string& out, std::string_view field, char delimiter) {
  const bool quote = field.find_first_of("\"\r\n") != std::string_view::npos ||
                     field.find(delimiter) != std::string_view::npos;
  if (!quote) {
    out.append(field);
    return;
  }
  out.push_back('"');
  for (const char c : field) {
    if (c == '"') out.push_back('"');
    out.push_back(c);
  }
  out.push_back('"');
}

}  // namespace s1flow::codecs
