#pragma once
// AlertFiles: one file of DUIS messages per supplier, one message a line. Files appear when the run
// commits them. What an interrupted run had finished is not written again.

#include <map>
#include <optional>

#include "core/eui64.h"
#include "core/file.h"
#include "core/result.h"
#include "pipeline/week/run_ledger.h"

namespace s1flow::pipeline {

class AlertFiles {
 public:
  AlertFiles(Path folder, RunLedger& ledger) : folder_(std::move(folder)), ledger_(ledger) {}
  // In order only.
  [[nodiscard]] Status append(Eui64 supplier, std::string_view lines);
  [[nodiscard]] Status commit();

 private:
  // One in the making; no file when it is finished already.
  struct Making {
    std::optional<OutputFile> file;
    codecs::crypto::Sha256 digest;
    std::uint64_t messages = 0;
    std::uint64_t used = 0;  // when, in appends
  };
  [[nodiscard]] Status make_room();
  [[nodiscard]] Path path_of(Eui64 supplier) const;

  Path folder_;  // that holds a folder per supplier
  RunLedger& ledger_;
  std::map<Eui64, Making> files_;
  std::uint64_t appends_ = 0;
};

}  // namespace s1flow::pipeline
