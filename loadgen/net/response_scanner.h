#pragma once
// The heads of HTTP/1.1 responses, read as far as a load generator has to know them: status, how
// the body ends, and whether the connection lives on. Made for heads that are complete in one piece
// and plainly written; what is allowed but rare (folded lines, bare line feeds, other transfer
// codings) is `unusual` and goes to a full parser. Pure; thread-safe.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace s1flow::loadgen {

enum class BodyEnd : std::uint8_t { by_length, by_chunks, by_close };

struct ResponseHead {
  int status = 0;
  std::size_t head_bytes = 0;
  BodyEnd body_end = BodyEnd::by_close;
  std::uint64_t length = 0;  // by_length
  bool keep_alive = true;
};

enum class HeadState : std::uint8_t { complete, more, bad, unusual };

inline constexpr std::size_t kMaxHead = 32 << 10;

[[nodiscard]] HeadState scan_head(std::string_view bytes, ResponseHead& head);

// The chunked coding, fed piece by piece; extensions and trailers are passed over.
class ChunkScanner {
 public:
  enum class State : std::uint8_t { more, complete, bad };
  // Takes what belongs to the body from `bytes`; `used` says how much. Appends the content to
  // `body` unless it is null.
  State feed(std::string_view bytes, std::size_t& used, std::string* body);
  void reset() { *this = ChunkScanner(); }

 private:
  enum class At : std::uint8_t {
    size,
    extension,
    size_end,
    data,
    data_cr,
    data_lf,
    trailer,
    trailer_line,
    trailer_lf,
    last_lf
  };
  At at_ = At::size;
  int digits_ = 0;
  std::uint64_t left_ = 0;
  std::size_t line_bytes_ = 0;
};

}  // namespace s1flow::loadgen
