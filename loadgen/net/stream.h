#pragma once
// A non-blocking connection, plain or TLS. Owns its socket. One thread.

#include <cerrno>
#include <memory>
#include <string_view>
#include <utility>

#include <sys/socket.h>
#include <unistd.h>

#include "loadgen/net/endpoint.h"
#include "loadgen/net/io_result.h"
#include "loadgen/net/tls.h"

namespace s1flow::loadgen {

class Socket {
 public:
  Socket() = default;
  explicit Socket(int fd) : fd_(fd) {}
  Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Socket& operator=(Socket&& other) noexcept {
    if (this != &other) {
      close();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket() { close(); }
  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] explicit operator bool() const { return fd_ >= 0; }
  void close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }

 private:
  int fd_ = -1;
};

// Starts to connect; errno in `error` when that fails at once, 0 while it goes on.
[[nodiscard]] Socket start_connect(const Endpoint& endpoint, int& error);
// The result of a connect that has become writable: 0 or errno.
[[nodiscard]] int connect_result(int socket);
// Listens on a permitted address; port 0 takes a free one, which `endpoint` then has.
[[nodiscard]] Result<Socket> listen_on(Endpoint& endpoint, int backlog);

class Stream {
 public:
  Stream() = default;
  explicit Stream(Socket socket) : socket_(std::move(socket)) {}
  void start_tls(const TlsContext& context) { tls_ = context.session(socket_.get()); }
  [[nodiscard]] int fd() const { return socket_.get(); }
  [[nodiscard]] TlsSession* tls() const { return tls_.get(); }
  void close() {
    tls_.reset();
    socket_.close();
  }

  [[nodiscard]] IoResult read(char* to, std::size_t size) {
    if (tls_) return tls_->read(to, size);
    const ssize_t n = ::recv(socket_.get(), to, size, 0);
    if (n > 0) return {IoState::done, static_cast<std::size_t>(n), 0};
    if (n == 0) return {IoState::closed, 0, 0};
    return broken(IoState::want_read);
  }
  [[nodiscard]] IoResult write(const char* from, std::size_t size) {
    if (tls_) return tls_->write(from, size);
    const ssize_t n = ::send(socket_.get(), from, size, MSG_NOSIGNAL);
    if (n >= 0) return {IoState::done, static_cast<std::size_t>(n), 0};
    return broken(IoState::want_write);
  }
  [[nodiscard]] bool pending() const { return tls_ && tls_->pending(); }

 private:
  static IoResult broken(IoState wait) {
    const int error = errno;
    if (error == EAGAIN || error == EINTR) return {wait, 0, error};
    return {IoState::reset, 0, error};
  }
  Socket socket_;
  std::unique_ptr<TlsSession> tls_;
};

}  // namespace s1flow::loadgen
