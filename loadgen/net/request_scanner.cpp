#include "loadgen/net/request_scanner.h"

#include <algorithm>

#include "core/text.h"

namespace s1flow::loadgen {
namespace {

bool is_token(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return is_digit(c) || is_upper(c) || (c >= 'a' && c <= 'z') ||
           kMarks.find(c) != std::string_view::npos;
  });
}

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) < ' ' && c != '\t') || c == 0x7f;
  });
}

bool read_request_line(std::string_view line, RequestHead& head, bool& version_1_0) {
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || last == first) return false;
  head.method = line.substr(0, first);
  head.target = line.substr(first + 1, last - first - 1);
  const std::string_view version = line.substr(last + 1);
  version_1_0 = version == "HTTP/1.0";
  return is_token(head.method) && !head.target.empty() && !has_control(line) &&
         head.target.find(' ') == std::string_view::npos && (version_1_0 || version == "HTTP/1.1");
}

struct Fields {
  int hosts = 0;
  bool length = false;
};

bool read_field(std::string_view line, RequestHead& head, Fields& fields) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon)) || has_control(line))
    return false;
  const std::string_view name = line.substr(0, colon);
  const std::string_view value = trim(line.substr(colon + 1));
  if (equals_ignoring_case(name, "content-length")) {
    const auto length = parse_decimal(value);
    if (!length || fields.length) return false;
    fields.length = true;
    head.length = *length;
  } else if (equals_ignoring_case(name, "transfer-encoding")) {
    if (head.chunked || !equals_ignoring_case(value, "chunked")) return false;
    head.chunked = true;
  } else if (equals_ignoring_case(name, "connection")) {
    if (equals_ignoring_case(value, "close")) head.keep_alive = false;
    if (equals_ignoring_case(value, "keep-alive")) head.keep_alive = true;
  } else if (equals_ignoring_case(name, "host")) {
    ++fields.hosts;
  } else if (equals_ignoring_case(name, "expect")) {
    if (!equals_ignoring_case(value, "100-continue")) return false;
    head.expects_continue = true;
  }
  return true;
}

}  // namespace

RequestState scan_request_head(std::string_view bytes, RequestHead& head) {
  head = {};
  Fields fields;
  bool version_1_0 = false;
  for (std::size_t at = 0;;) {
    const std::size_t end = bytes.find('\n', at);
    if (end == std::string_view::npos)
      return bytes.size() > kMaxRequestHead ? RequestState::bad : RequestState::more;
    if (end >= kMaxRequestHead || end == at || bytes[end - 1] != '\r') return RequestState::bad;
    const std::string_view line = bytes.substr(at, end - 1 - at);
    if (at == 0) {
      if (!read_request_line(line, head, version_1_0)) return RequestState::bad;
      head.keep_alive = !version_1_0;
    } else if (line.empty()) {
      head.head_bytes = end + 1;
      break;
    } else if (!read_field(line, head, fields)) {
      return RequestState::bad;
    }
    at = end + 1;
  }
  if (fields.hosts > 1 || (fields.hosts == 0 && !version_1_0)) return RequestState::bad;
  if (head.chunked && (fields.length || version_1_0)) return RequestState::bad;
  return RequestState::complete;
}

}  // namespace s1flow::loadgen
