#include "loadgen/net/response_scanner.h"

#include <algorithm>
#include <cstring>

#include "core/text.h"

namespace s1flow::loadgen {
namespace {

constexpr char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

// `name` is lower case and as long as `text`.
bool is_name(const char* text, std::string_view name) {
  for (std::size_t i = 0; i < name.size(); ++i)
    if (lower(text[i]) != name[i]) return false;
  return true;
}

bool has_token(std::string_view list, std::string_view token) {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    if (equals_ignoring_case(trim(list.substr(0, comma)), token)) return true;
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return false;
}

struct Fields {
  bool length = false;
  bool chunked = false;
};

HeadState read_field(std::string_view line, ResponseHead& head, Fields& fields) {
  const char first = lower(line.front());
  if (first == ' ' || first == '\t') return HeadState::unusual;
  if (first != 'c' && first != 't')
    return line.find(':') == std::string_view::npos ? HeadState::bad : HeadState::complete;
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return HeadState::bad;
  if (colon == 14 && is_name(line.data(), "content-length")) {
    const auto value = parse_decimal(trim(line.substr(colon + 1)));
    if (!value || (fields.length && *value != head.length)) return HeadState::bad;
    fields.length = true;
    head.length = *value;
  } else if (colon == 17 && is_name(line.data(), "transfer-encoding")) {
    if (fields.chunked || !equals_ignoring_case(trim(line.substr(colon + 1)), "chunked"))
      return HeadState::unusual;
    fields.chunked = true;
  } else if (colon == 10 && is_name(line.data(), "connection")) {
    const std::string_view value = line.substr(colon + 1);
    if (has_token(value, "close"))
      head.keep_alive = false;
    else if (has_token(value, "keep-alive"))
      head.keep_alive = true;
  }
  return HeadState::complete;
}

}  // namespace

HeadState scan_head(std::string_view bytes, ResponseHead& head) {
  constexpr std::string_view kVersion = "HTTP/1.";
  // "HTTP/1.1 200", then a blank with the reason, or the end of the line.
  const std::size_t known = std::min(bytes.size(), kVersion.size());
  if (bytes.substr(0, known) != kVersion.substr(0, known)) return HeadState::bad;
  if (bytes.size() < 13) return HeadState::more;
  const char minor = bytes[7];
  if ((minor != '0' && minor != '1') || bytes[8] != ' ') return HeadState::bad;
  if (bytes[9] < '1' || bytes[9] > '9' || !is_digit(bytes[10]) || !is_digit(bytes[11]) ||
      (bytes[12] != ' ' && bytes[12] != '\r' && bytes[12] != '\n'))
    return HeadState::bad;
  head.status = (bytes[9] - '0') * 100 + (bytes[10] - '0') * 10 + (bytes[11] - '0');
  head.keep_alive = minor == '1';
  head.length = 0;
  Fields fields;
  std::size_t at = 12;
  bool status_line = true;
  for (;;) {
    const auto* end =
        static_cast<const char*>(std::memchr(bytes.data() + at, '\n', bytes.size() - at));
    if (end == nullptr) return bytes.size() > kMaxHead ? HeadState::bad : HeadState::more;
    const auto stop = static_cast<std::size_t>(end - bytes.data());
    if (stop > kMaxHead) return HeadState::bad;
    if (stop == 0 || bytes[stop - 1] != '\r') return HeadState::unusual;
    const std::string_view line = bytes.substr(at, stop - 1 - at);
    at = stop + 1;
    if (status_line) {
      status_line = false;
      continue;
    }
    if (line.empty()) break;
    const HeadState state = read_field(line, head, fields);
    if (state != HeadState::complete) return state;
  }
  head.head_bytes = at;
  // A length beside chunks is how responses are smuggled.
  if (fields.length && fields.chunked) return HeadState::bad;
  head.body_end = fields.chunked  ? BodyEnd::by_chunks
                  : fields.length ? BodyEnd::by_length
                                  : BodyEnd::by_close;
  if (head.status < 200 || head.status == 204 || head.status == 304) {
    head.body_end = BodyEnd::by_length;
    head.length = 0;
  }
  if (head.body_end == BodyEnd::by_close) head.keep_alive = false;
  return HeadState::complete;
}

ChunkScanner::State ChunkScanner::feed(std::string_view bytes, std::size_t& used,
                                       std::string* body) {
  constexpr std::size_t kMaxLine = 4096;
  std::size_t i = 0;
  while (i < bytes.size()) {
    if (at_ == At::data) {
      const std::size_t take =
          static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size() - i));
      if (body != nullptr) body->append(bytes.substr(i, take));
      i += take;
      left_ -= take;
      if (left_ == 0) at_ = At::data_cr;
      continue;
    }
    const char c = bytes[i++];
    if (++line_bytes_ > kMaxLine) return State::bad;
    switch (at_) {
      case At::size: {
        const int digit = hex_value(static_cast<char>(c >= 'a' && c <= 'f' ? c - 32 : c));
        if (digit >= 0) {
          if (++digits_ > 15) return State::bad;
          left_ = left_ << 4 | static_cast<unsigned>(digit);
        } else if (digits_ == 0) {
          return State::bad;
        } else if (c == ';' || c == ' ' || c == '\t') {
          at_ = At::extension;
        } else if (c == '\r') {
          at_ = At::size_end;
        } else {
          return State::bad;
        }
        break;
      }
      case At::extension:
        if (c == '\n') return State::bad;
        if (c == '\r') at_ = At::size_end;
        break;
      case At::size_end:
        if (c != '\n') return State::bad;
        at_ = left_ == 0 ? At::trailer : At::data;
        line_bytes_ = 0;
        digits_ = 0;
        break;
      case At::data_cr:
        if (c != '\r') return State::bad;
        at_ = At::data_lf;
        break;
      case At::data_lf:
        if (c != '\n') return State::bad;
        at_ = At::size;
        line_bytes_ = 0;
        break;
      case At::trailer:
        if (c == '\n') return State::bad;
        at_ = c == '\r' ? At::last_lf : At::trailer_line;
        break;
      case At::trailer_line:
        if (c == '\n') return State::bad;
        if (c == '\r') at_ = At::trailer_lf;
        break;
      case At::trailer_lf:
        if (c != '\n') return State::bad;
        at_ = At::trailer;
        break;
      case At::last_lf:
        used = i;
        return c == '\n' ? State::complete : State::bad;
      case At::data:
        break;
    }
  }
  used = i;
  return State::more;
}

}  // namespace s1flow::loadgen
