#pragma once
// SharedLedger: what several runs have accepted, in a file of the user's (`--ledger FILE`): MAFs,
// and the counters of each sender. A run adds what it accepted when all of its outputs stand, never
// before; so a run that fails, or is killed, has accepted nothing, and its files may come again.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/eui64.h"
#include "core/file.h"
#include "core/result.h"
#include "pipeline/ledger.h"

namespace s1flow::pipeline {

// As a run sees it from its beginning to its end, whatever other runs do meanwhile.
struct SharedState {
  std::map<Eui64, std::uint64_t> counters;  // highest accepted, by sender
  // MAFs of this batch that were accepted before, by name: how the first one is known.
  std::map<std::string, std::string, std::less<>> repeated_mafs;

  [[nodiscard]] std::string json() const;
  [[nodiscard]] static SharedState parse(std::string_view json);
};

struct AcceptedMaf {
  std::string name, sha256;
};
struct AcceptedFile {
  Eui64 sender;
  std::uint64_t counter = 0;
  std::string name, sha256;
};

class SharedLedger {
 public:
  [[nodiscard]] static Result<SharedLedger> open(const Path& path);
  // `mafs`: digest by name.
  [[nodiscard]] SharedState state_for(
      const std::map<std::string, std::string, std::less<>>& mafs) const;
  // Adds what a run accepted, once per run. An error when another run was faster with a MAF or a
  // counter: then nothing is added.
  [[nodiscard]] Status accept(const std::string& run_id, const std::string& batch,
                              const std::vector<AcceptedMaf>& mafs,
                              const std::vector<AcceptedFile>& files);

 private:
  struct Maf {
    std::string name, sha256, run;
  };
  explicit SharedLedger(Ledger ledger) : ledger_(std::move(ledger)) {}
  void read_records();

  Ledger ledger_;
  std::size_t read_ = 0;
  std::map<std::string, std::string, std::less<>> runs_;  // batch by run
  std::vector<Maf> mafs_;
  std::map<Eui64, std::pair<std::uint64_t, std::string>> counters_;  // and the run
};

}  // namespace s1flow::pipeline
