#pragma once
// Result<T>: the work could or could not be done (STYLE: three kinds of trouble). Wrong *data* is
// never an Error; it is a Finding. An Error is one pointer wide and carries a kind, a message that
// names the thing, the fault and the next step, and the places it passed through on its way up.
//
// Thread safety: values; no sharing. Nothing here throws.

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <tl/expected.hpp>

namespace s1flow {

// What the caller can do about it; the program's exit code follows from it (cli/exit_code.h).
enum class ErrorKind {
  usage,      // wrong option, configuration, layout or batch: the user changes the input (exit 2)
  io,         // file, disk, socket, memory: the machine has to change (exit 3)
  internal,   // a library refused what should have worked (exit 4)
  cancelled,  // stopped on request
};

class Error {
 public:
  Error(ErrorKind kind, std::string message);
  Error(Error&&) noexcept;
  Error& operator=(Error&&) noexcept;
  Error(const Error& other);
  Error& operator=(const Error& other);
  ~Error();

  // Puts "place: " before the message and returns the error, for use on the way up.
  [[nodiscard]] Error at(std::string_view place) &&;

  [[nodiscard]] ErrorKind kind() const;
  // One line, no trailing full stop or newline.
  [[nodiscard]] const std::string& message() const;

 private:
  struct Detail;
  std::unique_ptr<Detail> detail_;
};

// "message: strerror(errno)" as an io error; call it before anything else can change errno.
[[nodiscard]] Error io_error(std::string_view action, std::string_view path);
[[nodiscard]] Error usage_error(std::string message);
[[nodiscard]] Error internal_error(std::string message);

template <typename T>
using Result = tl::expected<T, Error>;
using Status = Result<void>;

}  // namespace s1flow

#define S1FLOW_CONCAT_(a, b) a##b
#define S1FLOW_CONCAT(a, b) S1FLOW_CONCAT_(a, b)

// S1FLOW_TRY(auto x, expression): declares x from the value, or returns the Error.
#define S1FLOW_TRY(declaration, ...)                                                  \
  auto S1FLOW_CONCAT(s1flow_try_, __LINE__) = (__VA_ARGS__);                          \
  if (!S1FLOW_CONCAT(s1flow_try_, __LINE__))                                          \
    return ::tl::unexpected(std::move(S1FLOW_CONCAT(s1flow_try_, __LINE__)).error()); \
  declaration = *std::move(S1FLOW_CONCAT(s1flow_try_, __LINE__))

// S1FLOW_TRY_VOID(expression): goes on, or returns the Error.
#define S1FLOW_TRY_VOID(...)                                                               \
  do {                                                                                     \
    auto s1flow_try_status = (__VA_ARGS__);                                                \
    if (!s1flow_try_status) return ::tl::unexpected(std::move(s1flow_try_status).error()); \
  } while (false)
