#include "loadgen/net/socket_bio.h"

#include <cerrno>
#include <cstdint>
#include <memory>
#include <new>

#include <openssl/bio.h>
#include <sys/socket.h>

namespace s1flow::loadgen {
namespace {

struct FreeMethod {
  void operator()(BIO_METHOD* p) const { BIO_meth_free(p); }
};

int socket_of(BIO* bio) {
  return static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio)));
}

bool comes_later() {
  return errno == EAGAIN || errno == EINTR;  // EWOULDBLOCK is the same here
}

int read_socket(BIO* bio, char* to, std::size_t size, std::size_t* got) {
  BIO_clear_retry_flags(bio);
  errno = 0;
  const ssize_t n = ::recv(socket_of(bio), to, size, 0);
  *got = n > 0 ? static_cast<std::size_t>(n) : 0;
  if (n > 0) return 1;
  if (n == 0)
    BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
  else if (comes_later())
    BIO_set_retry_read(bio);
  return static_cast<int>(n);
}

int write_socket(BIO* bio, const char* from, std::size_t size, std::size_t* put) {
  BIO_clear_retry_flags(bio);
  errno = 0;
  const ssize_t n = ::send(socket_of(bio), from, size, MSG_NOSIGNAL);
  *put = n > 0 ? static_cast<std::size_t>(n) : 0;
  if (n > 0) return 1;
  if (n < 0 && comes_later()) BIO_set_retry_write(bio);
  return static_cast<int>(n);
}

long control(BIO* bio, int command, long /*number*/, void* /*pointer*/) {
  switch (command) {
    case BIO_CTRL_EOF:
      return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0;
    case BIO_CTRL_FLUSH:
    case BIO_CTRL_DUP:
      return 1;
    default:
      return 0;
  }
}

const BIO_METHOD* socket_method() {
  static const std::unique_ptr<BIO_METHOD, FreeMethod> method = [] {
    std::unique_ptr<BIO_METHOD, FreeMethod> made(
        BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket by recv and send"));
    if (!made) throw std::bad_alloc();
    BIO_meth_set_read_ex(made.get(), read_socket);
    BIO_meth_set_write_ex(made.get(), write_socket);
    BIO_meth_set_ctrl(made.get(), control);
    return made;
  }();
  return method.get();
}

}  // namespace

bio_st* make_socket_bio(int socket) {
  BIO* const bio = BIO_new(socket_method());
  if (bio == nullptr) throw std::bad_alloc();
  BIO_set_data(bio, reinterpret_cast<void*>(std::intptr_t{socket}));
  BIO_set_init(bio, 1);
  return bio;
}

}  // namespace s1flow::loadgen
