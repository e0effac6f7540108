#include "loadgen/net/stream.h"

#include <cstring>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

namespace s1flow::loadgen {
namespace {

const sockaddr* address_of(const Endpoint& endpoint) {
  return reinterpret_cast<const sockaddr*>(endpoint.socket_address.data());
}

}  // namespace

Socket start_connect(const Endpoint& endpoint, int& error) {
  error = 0;
  Socket socket(
      ::socket(address_of(endpoint)->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket) {
    error = errno;
    return socket;
  }
  const int on = 1;
  ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (::connect(socket.get(), address_of(endpoint), endpoint.socket_address_size) != 0 &&
      errno != EINPROGRESS)
    error = errno;
  return socket;
}

int connect_result(int socket) {
  int error = 0;
  socklen_t size = sizeof error;
  if (::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size) != 0) return errno;
  return error;
}

Result<Socket> listen_on(Endpoint& endpoint, int backlog) {
  const std::string name = fmt::format("{}:{}", endpoint.address, endpoint.port);
  Socket socket(
      ::socket(address_of(endpoint)->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket) return tl::unexpected(io_error("socket", name));
  const int on = 1;
  ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (::bind(socket.get(), address_of(endpoint), endpoint.socket_address_size) != 0)
    return tl::unexpected(io_error("listen on", name));
  if (::listen(socket.get(), backlog) != 0) return tl::unexpected(io_error("listen on", name));
  socklen_t size = endpoint.socket_address_size;
  if (::getsockname(socket.get(), reinterpret_cast<sockaddr*>(endpoint.socket_address.data()),
                    &size) != 0)
    return tl::unexpected(io_error("listen on", name));
  // The port is at the same place in both families.
  sockaddr_in v4{};
  std::memcpy(&v4, endpoint.socket_address.data(), sizeof v4);
  endpoint.port = ntohs(v4.sin_port);
  return socket;
}

}  // namespace s1flow::loadgen
