#pragma once
// Generates the batch of a Migration Week: any number of installations, from a seed, with a chosen
// mix of faults, and beside it what a dry run of it has to find (expected-findings.jsonl) and how
// each installation has to end (expected-outcomes.jsonl). The same options give the same batch,
// apart from the private keys in its pki folder.
//
// Memory does not grow with the number of installations, apart from the list of those that get a
// fault.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "codecs/layout/layout.h"
#include "core/calendar.h"
#include "core/file.h"
#include "core/result.h"
#include "pipeline/week/run_context.h"

namespace s1flow::pipeline {

struct GenerateOptions {
  Path out;
  Overwrite overwrite = Overwrite::no;
  std::uint64_t installations = 1000;
  std::uint64_t seed = 1;
  Date monday;  // of the Migration Week; the run's clock is the Friday before
  // "none", "default", or rule ids separated by commas.
  std::string faults = "default";
  // Share of the installations that get a fault of their own under "default".
  double fault_share = 0.03;
  bool rsa = false;  // RSA-OAEP instead of ECDH-ES for the MEF's keys
  Path layouts;      // folder whose schemas the batch gets as its own; empty: the shipped ones
  std::function<void(const Progress&)> progress;
};

struct GenerateResult {
  std::uint64_t installations = 0;
  std::uint64_t faulty = 0;
  std::uint64_t findings = 0;
  std::vector<std::string> file_faults;  // "file.counter in mcf SMSOA 2021-06-08"
};

[[nodiscard]] Result<GenerateResult> generate_week(const GenerateOptions& options);

// MTAD 17.23: one small batch per rule, in a folder of the rule's id, with what it leads to.
[[nodiscard]] Result<std::vector<std::string>> generate_exceptions(const GenerateOptions& options);

// Rule ids that --faults takes.
[[nodiscard]] std::vector<std::string> known_faults();

}  // namespace s1flow::pipeline
