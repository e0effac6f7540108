#pragma once
// FaultPlan: which installation of a generated week gets which fault, decided before the first line
// is written, so that the week can be written in one pass.

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/result.h"
#include "pipeline/generate/fault_list.h"
#include "pipeline/generate/world.h"
#include "pipeline/week/file_plan.h"

namespace s1flow::pipeline {

// A fault of a whole exchange file, and the installations that it takes along.
struct ExchangeFault {
  const Rule* rule = nullptr;
  std::string type;
  std::size_t smso = 0;
  unsigned day = 0;
  std::size_t group = 0;
  [[nodiscard]] bool takes(const InstallationDraft& d, const World& world) const;
};

// A MAF or inventory file that is refused, with the installations that are moved into it.
struct PlainFault {
  const Rule* rule = nullptr;
  std::string type;  // "maf", "inventory"
  std::vector<std::uint64_t> installations;
};

class FaultPlan {
 public:
  [[nodiscard]] static Result<FaultPlan> make(World& world, std::uint64_t installations,
                                              const std::string& faults, double share);

  // Puts the faults of this installation into its draft.
  void apply(World& world, std::uint64_t index, InstallationDraft& d) const;

  [[nodiscard]] const std::vector<ExchangeFault>& exchange() const { return exchange_; }
  [[nodiscard]] const std::vector<PlainFault>& plain() const { return plain_; }
  // The refused file that this installation was moved into.
  [[nodiscard]] std::optional<std::size_t> moved(std::uint64_t index, std::string_view type) const;
  [[nodiscard]] std::size_t size() const { return assigned_.size(); }

 private:
  struct Assignment {
    const FaultEntry* own = nullptr;    // of the installation
    const FileFault* record = nullptr;  // of its record in an exchange file
    std::size_t plain =
        static_cast<std::size_t>(-1);  // of the MAF or inventory that it is moved into
  };
  class Maker;
  static bool try_own(World& world, std::uint64_t index, const FaultEntry& entry,
                      InstallationDraft& d);
  std::unordered_map<std::uint64_t, Assignment> assigned_;
  std::vector<ExchangeFault> exchange_;
  std::vector<PlainFault> plain_;
};

// What has to be found when the record of this installation in a file of the type gets the fault.
// False when it is not of a kind that can.
bool expect_record_fault(InstallationDraft& d, const Rule& rule, std::string_view type);

}  // namespace s1flow::pipeline
