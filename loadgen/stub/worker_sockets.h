#pragma once
// How connections come to the threads of a stub; for worker*.cpp only.

#include "loadgen/stub/worker.h"

namespace s1flow::loadgen::stub {

// Connections that another thread has accepted for this one.
class Worker::Inbox final : public EventHandler {
 public:
  Inbox(Worker& owner, Socket event) : owner_(owner), event_(std::move(event)) {}
  [[nodiscard]] int fd() const { return event_.get(); }
  void put(Socket socket);
  void on_event(std::uint32_t events) override;

 private:
  Worker& owner_;
  Socket event_;
  std::mutex mutex_;
  std::vector<Socket> sockets_;
};

// Takes connections and hands them round.
class Worker::Acceptor final : public EventHandler {
 public:
  Acceptor(Worker& owner, Socket socket, std::vector<Worker*> all)
      : owner_(owner), socket_(std::move(socket)), all_(std::move(all)) {}
  [[nodiscard]] int fd() const { return socket_.get(); }
  void on_event(std::uint32_t events) override;
  // Looks again after the system had no more sockets to give.
  void resume();

 private:
  Worker& owner_;
  Socket socket_;
  std::vector<Worker*> all_;
  std::size_t next_ = 0;
  bool paused_ = false;
};

}  // namespace s1flow::loadgen::stub
