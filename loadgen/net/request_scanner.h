#pragma once
// The heads of HTTP/1.1 requests that come to our own listener, read strictly: whatever two readers
// could understand in two ways is refused. Pure; thread-safe.

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace s1flow::loadgen {

struct RequestHead {
  std::string_view method;
  std::string_view target;
  std::size_t head_bytes = 0;
  std::uint64_t length = 0;
  bool chunked = false;
  bool keep_alive = true;
  bool expects_continue = false;
};

enum class RequestState : std::uint8_t { complete, more, bad };

inline constexpr std::size_t kMaxRequestHead = 16 << 10;

// The views of `head` point into `bytes`. Refused: bare line feeds, folded lines, blanks before the
// colon, names that are no tokens, two lengths, a length beside chunks, other transfer codings,
// HTTP/1.1 without exactly one Host, control characters, heads beyond kMaxRequestHead.
[[nodiscard]] RequestState scan_request_head(std::string_view bytes, RequestHead& head);

}  // namespace s1flow::loadgen
