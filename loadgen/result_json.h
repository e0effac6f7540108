#pragma once
// A run's result as one JSON object and as a few lines for people. Times are in milliseconds. Pure;
// thread-safe.

#include <string>

#include "loadgen/verdict.h"

namespace s1flow::loadgen {

struct RunFacts {
  std::string target;  // URL or name of the scenario
  std::uint64_t connections = 0;
  std::uint64_t threads = 0;
  std::uint64_t seed = 0;
  int exit_code = 0;
  std::string signing;  // when requests are signed: ahead, inline, corpus; empty: not at all
};

// One object and a newline.
void append_result_json(std::string& out, const RunFacts& facts, const Plan& plan,
                        std::span<const RequestClass> classes, const RunResult& result,
                        const Verdict& verdict);
void append_result_text(std::string& out, const RunFacts& facts, const Plan& plan,
                        const RunResult& result, const Verdict& verdict);
// The live line.
[[nodiscard]] std::string second_text(const Second& second, Nanoseconds whole);

}  // namespace s1flow::loadgen
