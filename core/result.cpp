#include "core/result.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "core/check.h"

namespace s1flow {

struct Error::Detail {
  ErrorKind kind;
  std::string message;
};

Error::Error(ErrorKind kind, std::string message)
    : detail_(std::make_unique<Detail>(Detail{kind, std::move(message)})) {}
Error::Error(const Error& other) : detail_(std::make_unique<Detail>(*other.detail_)) {}
Error& Error::operator=(const Error& other) {
  if (this != &other) detail_ = std::make_unique<Detail>(*other.detail_);
  return *this;
}
Error::Error(Error&&) noexcept = default;
Error& Error::operator=(Error&&) noexcept = default;
Error::~Error() = default;

Error Error::at(std::string_view place) && {
  detail_->message.insert(0, std::string(place) + ": ");
  return std::move(*this);
}

ErrorKind Error::kind() const {
  return detail_->kind;
}
const std::string& Error::message() const {
  return detail_->message;
}

Error io_error(std::string_view action, std::string_view path) {
  const int code = errno;
  std::string message(path);
  message += ": cannot ";
  message += action;
  message += ": ";
  message += std::strerror(code);
  if (code == ENOSPC) message += "; free some space and run again";
  if (code == EMFILE || code == ENFILE) message += "; raise the limit of open files (ulimit -n)";
  return {ErrorKind::io, std::move(message)};
}

Error usage_error(std::string message) {
  return {ErrorKind::usage, std::move(message)};
}
Error internal_error(std::string message) {
  return {ErrorKind::internal, std::move(message)};
}

namespace detail {
void check_failed(const char* condition, const char* file, int line) noexcept {
  std::fprintf(stderr, "s1flow: internal error: %s does not hold (%s:%d)\n", condition, file, line);
  std::abort();
}
}  // namespace detail

}  // namespace s1flow
