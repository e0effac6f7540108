#pragma once
// Serves one text at GET /metrics on a loopback port, in a thread of its own: one connection after
// the other, one request each, all of it within a deadline. Heads are read strictly.

#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

#include "loadgen/net/stream.h"

namespace s1flow::loadgen {

class MetricsServer {
 public:
  // Port 0: any.
  [[nodiscard]] static Result<std::unique_ptr<MetricsServer>> start(std::uint16_t port);
  MetricsServer(const MetricsServer&) = delete;
  MetricsServer& operator=(const MetricsServer&) = delete;
  ~MetricsServer();

  [[nodiscard]] std::uint16_t port() const { return port_; }
  // Thread-safe.
  void publish(std::string text);

 private:
  MetricsServer(Socket listening, Socket wake, std::uint16_t port);
  void serve();
  void answer(int peer) const;
  [[nodiscard]] bool stopping() const;

  Socket listening_;
  Socket wake_;  // becomes readable when the thread shall end
  std::uint16_t port_;
  mutable std::mutex mutex_;
  std::string text_;
  std::jthread thread_;
};

}  // namespace s1flow::loadgen
