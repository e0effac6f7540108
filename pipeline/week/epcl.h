#pragma once
// EpclList: the Eligible Product Combinations, asked by the models of an installation. Immutable
// after load; thread-safe.

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "codecs/files/epcl.h"
#include "codecs/layout/layout.h"
#include "codecs/limits.h"
#include "codecs/rules.h"
#include "core/file.h"
#include "core/result.h"
#include "pipeline/week/week_table.h"

namespace s1flow::pipeline {

struct DeviceModel {
  std::string_view manufacturer, model, firmware;
};

// What an installation is made of, for the list. An absent meter has an empty model.
struct Combination {
  std::string_view smso, csp;
  DeviceModel chf, esme, gsme;
  bool any_active = false;
  bool any_dormant = false;
};

class EpclList {
 public:
  // Faulty entries are left out and told in `faults`.
  [[nodiscard]] static Result<EpclList> load(const Path& path,
                                             const std::shared_ptr<const codecs::Layout>& layout,
                                             const codecs::Limits& limits,
                                             std::vector<codecs::Fault>& faults);
  // `match` when an entry has these models, this provider, and covers Active, Dormant or both as
  // they occur (MTAD 4.4); `wrong_status` when only the last is amiss. An empty firmware in the
  // list stands for every version.
  [[nodiscard]] EpclMatch match(const Combination& c) const;
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  struct Entry {
    std::string csp;
    std::string chf_manufacturer, esme_manufacturer, gsme_manufacturer;
    std::string chf_firmware, esme_firmware, gsme_firmware;
    codecs::epcl::AppliesTo applies_to;
  };
  std::unordered_map<std::string, std::vector<Entry>> entries_;  // by SMSO and models
  std::size_t size_ = 0;
};

}  // namespace s1flow::pipeline
