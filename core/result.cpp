#include "core/result.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <unistd.h>

#include "core/check.h"
#include "core/trouble.h"

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

namespace {

// What a person can do about it.
const char* remedy_of(int code) {
  switch (code) {
    case ENOSPC:
    case EDQUOT:
      return "; free some space and run again";
    case EMFILE:
    case ENFILE:
      return "; raise the limit of open files (ulimit -n)";
    case EFBIG:
      return "; raise the limit of file sizes (ulimit -f) or use another file system";
    case EACCES:
    case EPERM:
    case EROFS:
      return "; change its permissions or name another place";
    case ENOMEM:
      return "; give it more memory and run again";
    case EIO:
      return "; the disk fails: look at the machine's log before running again";
    case ENAMETOOLONG:
      return "; use a shorter name";
    default:
      return "";
  }
}

}  // namespace

Error io_error(std::string_view action, std::string_view path) {
  const int code = errno;
  std::string message(path);
  message += ": cannot ";
  message += action;
  message += ": ";
  message += std::strerror(code);
  message += remedy_of(code);
  // Whoever gets this may go on without what failed; the run must not.
  if (code == EIO || code == ENOSPC || code == EDQUOT || code == EMFILE || code == ENFILE ||
      code == ENOMEM)
    note_machine_fault(message);
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
  // What did not hold may well be a library's answer to that.
  if (out_of_memory_seen()) {
    std::fprintf(stderr, "s1flow: out of memory; give it more and run the same command again\n");
    ::_exit(3);
  }
  std::fprintf(stderr, "s1flow: internal error: %s does not hold (%s:%d)\n", condition, file, line);
  std::abort();
}
}  // namespace detail

}  // namespace s1flow
