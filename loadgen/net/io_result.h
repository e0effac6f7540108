#pragma once
// How a read or write on a non-blocking stream went.

#include <cstddef>
#include <cstdint>

namespace s1flow::loadgen {

enum class IoState : std::uint8_t {
  done,        // `bytes` were moved, at least one
  want_read,   // nothing now: wait until the socket is readable
  want_write,  // … or writable
  closed,      // the peer ended its side in order
  reset,       // the connection is broken; `error` is errno
  tls_error,   // alert, bad certificate, or bytes that are no TLS
};

struct IoResult {
  IoState state = IoState::done;
  std::size_t bytes = 0;
  int error = 0;
};

}  // namespace s1flow::loadgen
