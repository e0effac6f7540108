#pragma once
// A server that does one thing to every request, each connection in a thread of its own.

#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include <poll.h>

#include "loadgen/net/stream.h"

namespace s1flow::loadgen {

// Does what is to be done with a request on a blocking socket; false ends the connection.
using PeerAction = std::function<bool(int socket, const std::string& body)>;

inline bool send_text(int socket, std::string_view text) {
  return ::send(socket, text.data(), text.size(), MSG_NOSIGNAL) ==
         static_cast<ssize_t>(text.size());
}

inline std::string reply(int status, std::string_view body) {
  return "HTTP/1.1 " + std::to_string(status) +
         " X\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

class TestPeer {
 public:
  explicit TestPeer(PeerAction action) : action_(std::move(action)) {
    endpoint_ = *numeric_endpoint("127.0.0.1", 1);
    // Any free port.
    endpoint_.socket_address[2] = endpoint_.socket_address[3] = 0;
    listener_ = *listen_on(endpoint_, 64);
    acceptor_ = std::thread([this] { accept_all(); });
  }
  ~TestPeer() {
    stop_ = true;
    acceptor_.join();
    for (std::thread& t : threads_) t.join();
  }
  TestPeer(const TestPeer&) = delete;
  TestPeer& operator=(const TestPeer&) = delete;

  [[nodiscard]] const Endpoint& endpoint() const { return endpoint_; }
  [[nodiscard]] int connections() const { return connections_; }
  [[nodiscard]] int requests() const { return requests_; }

 private:
  // False when it is time to stop.
  bool readable(int socket) const {
    pollfd p{socket, POLLIN, 0};
    while (!stop_)
      if (::poll(&p, 1, 20) > 0) return true;
    return false;
  }

  void accept_all() {
    while (readable(listener_.get())) {
      const int fd = ::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC);
      if (fd < 0) continue;
      ++connections_;
      threads_.emplace_back([this, fd] { serve(Socket(fd)); });
    }
  }

  void serve(Socket socket) {
    std::string held;
    char buffer[8192];
    while (readable(socket.get())) {
      const ssize_t n = ::recv(socket.get(), buffer, sizeof buffer, 0);
      if (n <= 0) return;
      held.append(buffer, static_cast<std::size_t>(n));
      const std::size_t end = held.find("\r\n\r\n");
      if (end == std::string::npos) continue;
      const std::size_t at = held.find("Content-Length: ");
      const std::size_t length = std::stoul(held.substr(at + 16));
      if (held.size() < end + 4 + length) continue;
      ++requests_;
      if (!action_(socket.get(), held.substr(end + 4, length))) return;
      held.erase(0, end + 4 + length);
    }
  }

  PeerAction action_;
  Endpoint endpoint_;
  Socket listener_;
  std::atomic<bool> stop_{false};
  std::atomic<int> connections_{0}, requests_{0};
  std::thread acceptor_;
  std::vector<std::thread> threads_;
};

}  // namespace s1flow::loadgen
