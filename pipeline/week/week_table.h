#pragma once
// WeekTable: what a run remembers of each installation between the files: ids, where it stands, and
// why. One row of fixed size per installation of the inventory, plus indexes by installation id,
// MPxN and Device id. Records are never kept; this table is what grows with the week, and what does
// not fit into the run's budget of memory lies in a file without a name.
//
// Thread safety: rows and indexes are added by in-order stages only. Parallel stages may read what
// an earlier pass wrote. The members of a row are grouped by the pass that writes them, so that one
// pass never reads what it writes.

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/block_store.h"
#include "core/check.h"
#include "core/device.h"
#include "core/eui64.h"
#include "core/fixed_text.h"
#include "core/mpxn.h"
#include "core/segmented_vector.h"
#include "pipeline/week/row_index.h"

namespace s1flow::pipeline {

inline constexpr std::uint16_t kNone16 = 0xFFFF;
inline constexpr std::uint8_t kNoDay = 0xFF;

// How an installation's week ends. In the order of the report.
enum class Outcome : std::uint8_t {
  none,               // not planned for this week
  migrated,           // all Devices commissioned
  electricity_only,   // the electricity side commissioned, the gas side left behind (GT01)
  awaiting_supplier,  // the DCC's part is done, the supplier sends the rest (MTAD 5.2(b))
  not_authorised,
  rejected,
  retry,
  parked,
  excluded,
};
inline constexpr std::array<std::string_view, 9> kOutcomeNames{
    "none",     "migrated", "electricity-only", "awaiting-supplier", "not-authorised",
    "rejected", "retry",    "parked",           "excluded"};
[[nodiscard]] inline std::string_view name_of(Outcome o) {
  return kOutcomeNames[static_cast<std::size_t>(o)];
}

// The last step of the week that an installation reached.
enum class WeekStage : std::uint8_t { inventory, maf, mcf, mvf, mgf, mef, scf, cof };
inline constexpr std::array<std::string_view, 8> kWeekStageNames{"inventory", "maf", "mcf", "mvf",
                                                                 "mgf",       "mef", "scf", "cof"};
[[nodiscard]] inline std::string_view name_of(WeekStage s) {
  return kWeekStageNames[static_cast<std::size_t>(s)];
}

enum class EpclMatch : std::uint8_t { none, wrong_status, match };

// One meter point of an installation: [0] electricity, [1] gas.
struct MeterRow {
  // inventory pass
  std::uint64_t mpxn = 0;  // Mpxn::packed; 0: the installation has no such meter
  std::uint16_t inventory_supplier = kNone16;
  bool active = false;
  bool owner = false;  // of the MPxN; false when another row had it before
  // registration pass
  std::uint16_t supplier = kNone16;
  std::uint16_t network_operator = kNone16;
  // MAF pass
  bool authorised = false;
  bool supplier_commissions = false;
  std::uint8_t day = kNoDay;  // days after the week's Monday
  std::uint16_t maf = kNone16;
  std::uint16_t operator_certificate = kNone16;  // index of the Pki's entries
  std::array<std::uint16_t, 3> supplier_certificates{kNone16, kNone16, kNone16};
  std::uint16_t maf_rule = kNone16;  // the rule that rejected its row
  std::uint32_t maf_row = 0;

  [[nodiscard]] bool present() const { return mpxn != 0; }
};

struct InstallationRow {
  // inventory pass
  InstallationId id;
  std::uint8_t smso = 0;
  std::uint16_t group = 0;  // GroupId::packed
  std::uint8_t failed_attempts = 0;
  EpclMatch epcl = EpclMatch::none;
  std::uint16_t inventory_file = 0;
  std::uint16_t inventory_rule = kNone16;  // the rule that spoils it
  std::uint32_t inventory_line = 0;        // ordinal of its record in that file
  std::array<MeterRow, 2> meters;
  // after the MAFs
  bool planned = false;     // some MAF names it
  bool authorised = false;  // all of its meters, for one day
  bool by_supplier = false;
  std::uint8_t day = kNoDay;
  bool alive =
      false;  // takes part in the file that is being read; set before a pass, not during it
  // MCF pass
  std::uint16_t mcf = kNone16;  // index of the MCF that holds it
  bool mcf_accepted = false;
  std::uint8_t device_count = 0;
  std::uint32_t first_device = 0;
  // MVF, MGF and MEF passes
  bool mvf_seen = false, mvf_accepted = false;
  bool mgf_seen = false, mgf_good = false;
  bool mef_seen = false, mef_good = false;
  // SCF and COF passes
  bool scf_seen = false, cof_seen = false;
  std::uint8_t scf_result = 0;  // scf::Result
  std::uint8_t attempts = 0;
  // outcome
  Outcome outcome = Outcome::none;
  WeekStage stage = WeekStage::inventory;
  std::uint16_t reason = kNone16;   // rule
  std::uint16_t failure = kNone16;  // of Procedures

  [[nodiscard]] bool settled() const { return outcome != Outcome::none; }
};

struct DeviceRow {
  Eui64 id;
  DeviceType type = DeviceType::chf;
};

class WeekTable {
 public:
  explicit WeekTable(MemoryBudget budget = {}) : store_(std::move(budget)) {}
  WeekTable(const WeekTable&) = delete;
  WeekTable& operator=(const WeekTable&) = delete;

  // So that the next rows and Devices can be added without fail. To be asked for each chunk: it
  // also keeps what is resident within the budget.
  [[nodiscard]] Status make_room(std::size_t rows, std::size_t devices);
  // The same for passes that only change rows.
  void relax() { store_.relax(); }
  // And for those that go through rows in their order, all of them or some: to be told of each.
  // Not for parallel stages.
  void pace(std::uint32_t row) const {
    if (row - paced_ < kPace) return;  // one that lies before the last is far away too
    paced_ = row;
    store_.relax();
  }

  [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(rows_.size()); }
  [[nodiscard]] InstallationRow& operator[](std::uint32_t row) { return rows_[row]; }
  [[nodiscard]] const InstallationRow& operator[](std::uint32_t row) const { return rows_[row]; }

  // Adds the row and its id; its meter points are added with add_mpxn.
  std::uint32_t add(const InstallationRow& row);
  [[nodiscard]] std::uint32_t find(std::string_view installation) const;
  // Where a reader found its last row. The next one is mostly not far behind, and when the index
  // lies in a file it is looked for there first.
  struct Near {
    std::uint32_t row = kNoRow;
    std::uint32_t in_vain = 0;  // times since it was right
  };
  [[nodiscard]] std::uint32_t find(std::string_view installation, Near& near) const;

  struct MeterPlace {
    std::uint32_t row = kNoRow;
    unsigned meter = 0;
  };
  // Makes the row findable by one of its meters' MPxN. False when another row has it already.
  bool add_mpxn(std::uint32_t row, unsigned meter);
  [[nodiscard]] MeterPlace find_mpxn(Mpxn mpxn) const;
  [[nodiscard]] MeterPlace find_mpxn(Mpxn mpxn, Near& near) const;

  // The Devices of a row, set once, when its MCF is read.
  void set_devices(std::uint32_t row, std::span<const DeviceRow> devices);
  [[nodiscard]] std::vector<DeviceRow> devices(std::uint32_t row) const;
  // A row whose MCF record has the Device, or kNoRow. Sees what set_devices was told.
  [[nodiscard]] std::uint32_t find_device(Eui64 device) const;

  [[nodiscard]] std::size_t bytes() const;  // of rows and indexes
  // For what else grows with the week.
  [[nodiscard]] BlockStore& store() { return store_; }

 private:
  template <typename Match, typename Otherwise>
  std::uint32_t find_near(Near& near, const RowIndex& index, Match match,
                          Otherwise otherwise) const;
  // A reader is about to look into the index.
  void looks_into(const RowIndex& index) const {
    if (index.in_file() && looks_.fetch_add(1, std::memory_order_relaxed) % kLooks == 0)
      store_.relax();
  }

  static constexpr std::uint32_t kPace = 16384;
  // Each look may bring sixteen pages of the index and sixteen of each array of rows or Devices
  // that it leads to: 8 MiB for these, by all readers together.
  static constexpr std::uint32_t kLooks = 32;
  mutable BlockStore store_;  // relax() changes nothing that is seen
  mutable std::uint32_t paced_ = 0;
  mutable std::atomic<std::uint32_t> looks_{0};
  SegmentedVector<InstallationRow> rows_{store_};
  SegmentedVector<Eui64> device_ids_{store_};
  SegmentedVector<DeviceType> device_types_{store_};
  SegmentedVector<std::uint32_t> device_rows_{store_};
  RowIndex by_id_{store_}, by_device_{store_};
  RowIndex by_mpxn_{store_};  // row * 2 + meter
};

}  // namespace s1flow::pipeline
