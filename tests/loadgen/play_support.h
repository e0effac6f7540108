#pragma once
// Signed Service Requests from the tests' batch, played against a stub in the same program.

#include <string>
#include <string_view>

#include "loadgen/scenario.h"
#include "tests/loadgen/duis_batch.h"
#include "tests/loadgen/stub_support.h"

namespace s1flow::loadgen::testing_support {

// A port that was free a moment ago.
[[nodiscard]] std::uint16_t free_port();

struct Played {
  Scenario scenario;
  RunResult result;
  [[nodiscard]] ClassRecord total() const { return result.recorder.total(0); }
};

struct PlayOptions {
  std::string_view scheme = "http";
  std::string target;  // further keys of [target]
  std::uint64_t threads = 1;
  std::uint64_t connections = 4;
  std::string_view timeout = "10s";
  std::string_view sign = "ahead";
  std::string_view answer_timeout = "10s";
  std::string_view linger = "0";
  double rate = 200;               // for half a second
  std::optional<UtcTime> clock{};  // when the target's certificate has to be good
};

// `requests` are the tables [[request]]; answers come to `receiver`.
[[nodiscard]] Played play(const stub::testing_support::RunningStub& stub, std::uint16_t receiver,
                          std::string_view requests, const PlayOptions& options = {});
// Why such a run cannot begin.
[[nodiscard]] std::string refusal_of(const stub::testing_support::RunningStub& stub,
                                     std::uint16_t receiver, std::string_view requests,
                                     const PlayOptions& options = {});

// A stub's settings that send answers to `receiver`; `more` begins within [receive].
[[nodiscard]] std::string stub_toml(std::uint16_t receiver, std::string_view more = "");
// " ok 98 reset 2".
[[nodiscard]] std::string outcomes_of(const ClassRecord& record);

}  // namespace s1flow::loadgen::testing_support
