#pragma once
// Stub: stands for the DCC and the meters. Takes Service Requests by the Transform, Send Command
// and Non-Device services, judges them, answers, and sends Service Responses and alerts to the
// Users' receive addresses; what goes wrong on purpose is in its settings, and what it did is in
// its counts.
//
// Made and run by one thread; stop(), counts() and url() may be called by any.

#include <atomic>
#include <memory>
#include <string>

#include "core/clock.h"
#include "loadgen/stub/counts.h"
#include "loadgen/stub/settings.h"

namespace s1flow::loadgen::stub {

class Stub {
 public:
  // Listens at once. Errors: settings that do not go together (usage), what cannot be opened (io).
  [[nodiscard]] static Result<std::unique_ptr<Stub>> make(StubSettings settings);
  explicit Stub(StubSettings settings);
  ~Stub();
  Stub(const Stub&) = delete;
  Stub& operator=(const Stub&) = delete;

  // "http://127.0.0.1:8079"
  [[nodiscard]] std::string url() const;
  // How many of the signatures are looked at, in words.
  [[nodiscard]] std::string verification() const;
  // Until `stop` (looked at every few milliseconds; may be null), stop(), or the caps of the
  // settings; after a cap, what is under way still goes out for as long as `drain` says. An error
  // when a message could not be made or the stamps could not be written.
  [[nodiscard]] Status run(const std::atomic<bool>* stop);
  void stop();
  [[nodiscard]] StubCounts counts() const;
  [[nodiscard]] StubState state() const;

 private:
  struct Content;
  std::unique_ptr<Content> content_;
};

}  // namespace s1flow::loadgen::stub
