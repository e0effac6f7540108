#pragma once
// EndOfThreads, for main(): in a build with the leak checker, the threads that share the work end
// when it goes, and what libraries keep for each thread with them (OpenSSL: its random generators).
// Elsewhere it does nothing: oneTBB would wait for ever for a thread that the system refused to
// make. Not thread-safe.

#include <memory>

namespace s1flow::pipeline {

class EndOfThreads {
 public:
  EndOfThreads();
  EndOfThreads(const EndOfThreads&) = delete;
  EndOfThreads& operator=(const EndOfThreads&) = delete;
  ~EndOfThreads();

 private:
  struct Pool;
  std::unique_ptr<Pool> pool_;
};

}  // namespace s1flow::pipeline
