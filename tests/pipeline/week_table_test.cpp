// What a run remembers and plans: the table of installations, the plan of files, eligible
// combinations, and the counts that have to add up.

#include <algorithm>
#include <fstream>

#include <gtest/gtest.h>
#include <unistd.h>

#include "core/random.h"
#include "pipeline/each_record.h"
#include "pipeline/rules/list.h"
#include "pipeline/week/results.h"
#include "tests/case_name.h"
#include "tests/pipeline/support.h"

namespace s1flow::pipeline {
namespace {

InstallationRow row_of(const std::string& id, std::uint64_t mpan) {
  InstallationRow row;
  row.id = *parse_installation_id(id);
  row.meters[0].mpxn = Mpxn::make_mpan(mpan).packed();
  return row;
}

TEST(WeekTableTest, FindsRowsByIdMeterAndDeviceAmongThousands) {
  WeekTable table;
  for (std::uint64_t i = 0; i < 5000; ++i) {
    const std::uint32_t row = table.add(row_of("A-" + std::to_string(i), 120000000000 + i));
    ASSERT_EQ(row, i);
    ASSERT_TRUE(table.add_mpxn(row, 0));
    const DeviceRow devices[] = {{Eui64(i * 2 + 1), DeviceType::chf},
                                 {Eui64(i * 2 + 2), DeviceType::esme}};
    table.set_devices(row, devices);
  }
  for (std::uint64_t i = 0; i < 5000; ++i) {
    ASSERT_EQ(table.find("A-" + std::to_string(i)), i);
    const WeekTable::MeterPlace place = table.find_mpxn(Mpxn::make_mpan(120000000000 + i));
    ASSERT_EQ(place.row, i);
    ASSERT_EQ(place.meter, 0U);
    ASSERT_EQ(table.find_device(Eui64(i * 2 + 2)), i);
    ASSERT_EQ(table.devices(static_cast<std::uint32_t>(i)).size(), 2U);
    ASSERT_EQ(table.devices(static_cast<std::uint32_t>(i))[1].type, DeviceType::esme);
  }
  EXPECT_EQ(table.find("A-5000"), kNoRow);
  EXPECT_EQ(table.find_mpxn(Mpxn::make_mpan(110000000000)).row, kNoRow);
  EXPECT_EQ(table.find_device(Eui64(0xFFFF)), kNoRow);
  EXPECT_GT(table.bytes(), 5000 * sizeof(InstallationRow));
}

// Pages of files in this process.
long resident_file_bytes() {
  std::ifstream file("/proc/self/statm");
  long all = 0, resident = 0, shared = -1;
  file >> all >> resident >> shared;
  return shared * ::sysconf(_SC_PAGESIZE);
}

TEST(RowIndexTest, GrowsWithoutMoreThanItsBudget) {
  constexpr std::size_t kMiB = std::size_t{1} << 20;
  const TemporaryFolder folder;
  // What a program may take beside its budget is used up.
  const std::vector<char> rest(64 * kMiB, 'x');
  BlockStore store({.bytes = 4 * kMiB, .folder = folder.path()});
  RowIndex index(store);
  constexpr std::uint32_t kRows = 800'000;
  std::uint32_t row = 0;
  const auto add = [&](std::uint32_t until) {
    for (; row < until; ++row) {
      index.add(mix64(row), row);
      if (row % 20'000 == 0) store.relax();
    }
  };
  add(500'000);
  store.relax();
  const long before = resident_file_bytes();
  // From 8 to 16 MiB, all of it in files, and a filter beside it.
  ASSERT_TRUE(index.make_room(kRows));
  EXPECT_TRUE(index.in_file());
  EXPECT_GT(index.bytes(), 16 * kMiB);
  EXPECT_LT(index.bytes(), 18 * kMiB);
  EXPECT_LE(resident_file_bytes(), std::max<long>(before, 2 * kMiB) + 2 * kMiB);
  add(kRows);
  EXPECT_EQ(index.size(), kRows);
  for (std::uint32_t r = 0; r < kRows; ++r) {
    const std::uint32_t found =
        index.find(mix64(r), [&](std::uint32_t candidate) { return candidate == r; });
    ASSERT_EQ(found, r);
  }
  EXPECT_EQ(index.find(mix64(kRows), [](std::uint32_t r) { return r == kRows; }), kNoRow);
}

// Memory for all of it, for a filter only, and not even for that.
class RowIndexBudgetTest : public testing::TestWithParam<std::uint64_t> {};
INSTANTIATE_TEST_SUITE_P(Budgets, RowIndexBudgetTest,
                         testing::Values(std::uint64_t{1} << 30, std::uint64_t{1} << 20,
                                         std::uint64_t{20'000}));

TEST_P(RowIndexBudgetTest, KnowsWhatWasAddedAtEachMoment) {
  const TemporaryFolder folder;
  BlockStore store({.bytes = GetParam(), .folder = folder.path()});
  RowIndex index(store);
  constexpr std::uint32_t kRows = 150'000;
  const auto find = [&](std::uint32_t r) {
    return index.find(mix64(r), [&](std::uint32_t candidate) { return candidate == r; });
  };
  Random random(7);
  for (std::uint32_t row = 0; row < kRows; ++row) {
    ASSERT_EQ(find(row), kNoRow) << row;
    index.add(mix64(row), row);
    ASSERT_EQ(find(row), row);
    const auto earlier = static_cast<std::uint32_t>(random.below(row + 1));
    ASSERT_EQ(find(earlier), earlier) << row;
  }
  for (std::uint32_t row = 0; row < kRows; ++row) ASSERT_EQ(find(row), row);
  for (std::uint32_t row = kRows; row < 2 * kRows; ++row) ASSERT_EQ(find(row), kNoRow);
  EXPECT_EQ(index.in_file(), GetParam() < (std::uint64_t{1} << 30));
}

// Rows whose hashes share the half that is kept are told apart by asking.
TEST(RowIndexTest, TellsRowsOfOneHashApart) {
  BlockStore store;
  RowIndex index(store);
  for (std::uint32_t r = 0; r < 3000; ++r) index.add((std::uint64_t{r} << 32) | 0xFFFFFFF0U, r);
  for (std::uint32_t r = 0; r < 3000; ++r)
    ASSERT_EQ(index.find(0xFFFFFFF0U, [&](std::uint32_t candidate) { return candidate == r; }), r);
  EXPECT_EQ(index.find(0xFFFFFFF0U, [](std::uint32_t) { return false; }), kNoRow);
}

TEST(WeekTableTest, KeepsTheFirstOwnerOfAMeter) {
  WeekTable table;
  const std::uint32_t first = table.add(row_of("A", 120000000000));
  const std::uint32_t second = table.add(row_of("B", 120000000000));
  EXPECT_TRUE(table.add_mpxn(first, 0));
  EXPECT_FALSE(table.add_mpxn(second, 0));
  EXPECT_EQ(table.find_mpxn(Mpxn::make_mpan(120000000000)).row, first);
}

// With rows and indexes in files a reader's last row is asked before the index: whatever the order
// that readers come in, and whatever is there twice, the answer is the index's.
TEST(WeekTableTest, FindsTheSameFromWhereverAReaderStands) {
  const TemporaryFolder folder;
  WeekTable table({.bytes = 200'000, .folder = folder.path()});
  constexpr std::uint32_t kRows = 30'000;
  const auto id_of = [](std::uint32_t r) { return "A-" + std::to_string(r); };
  const auto mpan_of = [](std::uint32_t r) { return Mpxn::make_mpan(120000000000 + r); };
  for (std::uint32_t r = 0; r < kRows; ++r) {
    // Each tenth has its neighbour's MPxN, each hundredth its own on both sides.
    InstallationRow row = row_of(id_of(r), 120000000000 + (r % 10 == 9 ? r - 1 : r));
    if (r % 100 == 0) row.meters[1].mpxn = row.meters[0].mpxn;
    ASSERT_TRUE(table.make_room(1, 0));
    ASSERT_EQ(table.add(row), r);
    ASSERT_EQ(table.add_mpxn(r, 0), r % 10 != 9);
    if (r % 100 == 0) {
      ASSERT_FALSE(table.add_mpxn(r, 1));
    }
  }
  for (std::uint32_t r = 20'000; r < 20'100; ++r) table[r] = InstallationRow{};  // a refused file
  ASSERT_GT(table.store().bytes_in_files(), std::uint64_t{1} << 20);
  Random random(3);
  const auto next_of = [&](int way, std::uint32_t i) -> std::uint32_t {
    switch (way) {
      case 0:
        return i;
      case 1:
        return kRows - 1 - i;
      case 2:
        return i * 21 % kRows;
      case 3:
        return i / 500 % 2 == 0 ? i : static_cast<std::uint32_t>(random.below(kRows));
      default:
        return static_cast<std::uint32_t>(random.below(kRows + 100));
    }
  };
  for (int way = 0; way < 5; ++way) {
    WeekTable::Near by_id, by_mpxn;
    for (std::uint32_t i = 0; i < kRows; ++i) {
      const std::uint32_t r = next_of(way, i);
      ASSERT_EQ(table.find(id_of(r), by_id), table.find(id_of(r))) << way << ' ' << r;
      const auto near = table.find_mpxn(mpan_of(r), by_mpxn), plain = table.find_mpxn(mpan_of(r));
      ASSERT_EQ(near.row, plain.row) << way << ' ' << r;
      ASSERT_EQ(near.meter, plain.meter) << way << ' ' << r;
    }
    EXPECT_EQ(table.find("", by_id), kNoRow);
  }
  WeekTable::Near near;
  ASSERT_EQ(table.find(id_of(700), near), 700U);
  for (std::uint32_t r = 701; r < 1000; ++r) ASSERT_EQ(table.find(id_of(r), near), r);
  EXPECT_EQ(near.in_vain, 0U) << "the next row was not looked for";
}

TEST(PartyListTest, GivesEachPartyOneNumber) {
  PartyList list;
  EXPECT_EQ(list.find(Eui64(1)), kNone16);
  const PartyIndex a = list.add(Eui64(1)), b = list.add(Eui64(2));
  EXPECT_NE(a, b);
  EXPECT_EQ(list.add(Eui64(1)), a);
  EXPECT_EQ(list.find(Eui64(2)), b);
  EXPECT_EQ(list[a], Eui64(1));
  EXPECT_TRUE(list[kNone16].empty());
  for (std::uint64_t i = 0; i < 0x10010; ++i) (void)list.add(Eui64(100 + i));
  EXPECT_EQ(list.add(Eui64(0xFFFFFFFF)), 0xFFFD);
}

// ---- the plan of files

TEST(FilePlanTest, GivesEachSenderRisingCountersAndEachFileItsOwnName) {
  const TemporaryFolder folder;
  make_week(folder / "b", {.installations = 3});
  const auto batch = load_batch(folder / "b");
  ASSERT_TRUE(batch);
  auto plan = FilePlan::make(*batch);
  ASSERT_TRUE(plan);
  std::set<std::string> names;
  std::map<Eui64, std::uint64_t> counters = batch->last_counters;
  for (const PlannedFile& f : plan->all()) {
    EXPECT_TRUE(names.insert(f.type + "/" + f.name).second) << f.name;
    EXPECT_EQ(*f.header.counter, counters[*f.header.sender] + 1) << f.name;
    counters[*f.header.sender] = *f.header.counter;
  }
  const PlannedFile* mcf = plan->find("mcf", 2, 3);
  ASSERT_NE(mcf, nullptr);
  for (const char* type : {"mvf", "cof"})
    EXPECT_EQ(plan->find(type, 2, 3)->header.mcf_counter, mcf->header.counter);
  for (const char* type : {"mgf", "mef", "scf"}) {
    const PlannedFile* second = plan->find(type, 2, 3, 1);
    ASSERT_NE(second, nullptr) << type;
    EXPECT_EQ(second->header.group, batch->smsos[2].groups[1]);
    EXPECT_EQ(second->header.mcf_counter, mcf->header.counter);
  }
  EXPECT_EQ(plan->find("mgf", 2, 3, 2), nullptr);
  EXPECT_EQ(plan->find("mcf", 2, 8), nullptr);
  EXPECT_EQ(plan->find("maf", 0, 0), nullptr);
  const PlannedFile* copy = plan->copy("cof", 1, batch->suppliers[0].eui);
  ASSERT_NE(copy, nullptr);
  EXPECT_EQ(copy->header.recipients, std::vector<Eui64>{batch->suppliers[0].eui});
  EXPECT_EQ(plan->copy("mvf", 1, batch->suppliers[0].eui), nullptr);
}

// ---- eligible combinations

constexpr std::string_view kEpcl =
    "Entry,SMSO,CommunicationsProvider,AppliesTo,CHFManufacturer,CHFModel,CHFFirmware,"
    "ESMEManufacturer,ESMEModel,ESMEFirmware,GSMEManufacturer,GSMEModel,GSMEFirmware,DateAdded\n"
    "E1,SMSOA,,Active,H,hub,1,E,meter,,,,,\n"
    "E2,SMSOA,North,Dormant,,hub,,,meter,,,,,\n"
    "E3,SMSOA,,Either,,hub,,,meter,,,gas,2,\n"
    "E4,SMSOA,,Sometimes,,other,,,,,,,,\n";

struct MatchCase {
  const char* name;
  Combination combination;
  EpclMatch match;
};
class EpclTest : public testing::TestWithParam<MatchCase> {};

TEST_P(EpclTest, AsksModelsProviderFirmwareAndStatus) {
  const TemporaryFolder folder;
  put_text(folder / "epcl.csv", kEpcl);
  const auto layouts = codecs::LayoutSet::shipped();
  ASSERT_TRUE(layouts);
  std::vector<codecs::Fault> faults;
  const auto list = EpclList::load(folder / "epcl.csv", layouts->preferred("epcl"), {}, faults);
  ASSERT_TRUE(list);
  EXPECT_EQ(list->size(), 3U);
  EXPECT_EQ(faults.size(), 1U);
  EXPECT_EQ(list->match(GetParam().combination), GetParam().match);
}
constexpr DeviceModel kHub{"H", "hub", "1"}, kMeter{"E", "meter", "9"}, kGas{"G", "gas", "2"};
INSTANTIATE_TEST_SUITE_P(
    Combinations, EpclTest,
    testing::Values(
        MatchCase{"Active", {"smsoa", "South", kHub, kMeter, {}, true, false}, EpclMatch::match},
        MatchCase{"DormantElsewhere",
                  {"SMSOA", "South", kHub, kMeter, {}, false, true},
                  EpclMatch::wrong_status},
        MatchCase{"DormantInTheNorth",
                  {"SMSOA", "North", kHub, kMeter, {}, false, true},
                  EpclMatch::match},
        MatchCase{"OtherHubFirmware",
                  {"SMSOA", "South", {"H", "hub", "2"}, kMeter, {}, true, false},
                  EpclMatch::none},
        MatchCase{"OtherManufacturer",
                  {"SMSOA", "South", kHub, {"X", "meter", "9"}, {}, true, false},
                  EpclMatch::none},
        MatchCase{
            "BothFuels", {"SMSOA", "South", kHub, kMeter, kGas, true, true}, EpclMatch::match},
        MatchCase{"OtherGasFirmware",
                  {"SMSOA", "South", kHub, kMeter, {"G", "gas", "3"}, true, true},
                  EpclMatch::none},
        MatchCase{"OtherSmso", {"SMSOB", "South", kHub, kMeter, {}, true, false}, EpclMatch::none},
        MatchCase{
            "FaultyEntry", {"SMSOA", "", {"", "other", ""}, {}, {}, true, false}, EpclMatch::none}),
    case_name<MatchCase>);

TEST(EachRecordTest, NamesThePlaceOfTheFirstFault) {
  const TemporaryFolder folder;
  const auto layouts = codecs::LayoutSet::shipped();
  ASSERT_TRUE(layouts);
  put_text(folder / "s.jsonl", "{\"installation\":\"A\"}\n{\"attempts\":\"x\"}\n{\n");
  std::size_t used = 0;
  const Status status = each_record(folder / "s.jsonl", layouts->preferred("script"), {},
                                    [&](const codecs::Record&) -> Status {
                                      ++used;
                                      return {};
                                    });
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().kind(), ErrorKind::usage);
  EXPECT_NE(std::string(status.error().message()).find("s.jsonl:"), std::string::npos);
  EXPECT_EQ(used, 0U) << "a faulty file is not half used";
}

// ---- conservation: broken on purpose, and seen

struct BreakCase {
  const char* name;
  void (*break_it)(RunContext&);
  std::string_view id;
};
class ConservationTest : public testing::TestWithParam<BreakCase> {};

const Conservation& check_of(const RunContext& run, std::string_view id) {
  const auto it = std::find_if(run.conservation.begin(), run.conservation.end(),
                               [&](const Conservation& c) { return c.id == id; });
  EXPECT_NE(it, run.conservation.end()) << id;
  return *it;
}

// One installation that went all the way.
void add_migrated(RunContext& run) {
  InstallationRow row = row_of("A-1", 120000000000);
  row.planned = row.authorised = row.mcf_accepted = row.scf_seen = row.cof_seen = true;
  row.meters[0].maf = 0;
  row.mcf = 0;
  row.outcome = Outcome::migrated;
  run.table.add(row);
  run.maf_rows = 1;
}

TEST_P(ConservationTest, SeesWhatIsLostOrDoubled) {
  const Batch batch;
  RunContext good(batch);
  add_migrated(good);
  check_conservation(good);
  for (const Conservation& c : good.conservation) EXPECT_EQ(c.in, c.out) << c.id;
  RunContext broken(batch);
  add_migrated(broken);
  GetParam().break_it(broken);
  check_conservation(broken);
  const Conservation& c = check_of(broken, GetParam().id);
  EXPECT_NE(c.in, c.out);
}
INSTANTIATE_TEST_SUITE_P(
    Breaks, ConservationTest,
    testing::Values(
        BreakCase{"RowOfAMafLost", [](RunContext& r) { ++r.maf_rows; }, "maf-rows"},
        BreakCase{"RowOfAMafDoubled", [](RunContext& r) { r.unmatched.emplace_back(); },
                  "maf-rows"},
        BreakCase{"NoOutcome", [](RunContext& r) { r.table[0].outcome = Outcome::none; },
                  "outcomes"},
        BreakCase{"ValidationLost",
                  [](RunContext& r) {
                    r.table[0].mcf_accepted = false;
                    r.table[0].outcome = Outcome::none;
                  },
                  "mvf"},
        BreakCase{"NoCof",
                  [](RunContext& r) {
                    r.table[0].cof_seen = false;
                    r.table[0].outcome = Outcome::none;
                  },
                  "cof"},
        BreakCase{"CofWithoutScf", [](RunContext& r) { r.table[0].scf_seen = false; }, "cof"},
        BreakCase{"RecordsOfAFile",
                  [](RunContext& r) {
                    r.files.push_back(
                        {.type = "mcf", .name = "f.xml", .records = 2, .accepted = 1});
                  },
                  "file:f.xml"}),
    case_name<BreakCase>);

// ---- how a fault ends an installation's week

TEST(SettleTest, KeepsTheFirstOutcome) {
  const Batch batch;
  RunContext run(batch);
  run.table.add(row_of("A-1", 120000000000));
  run.settle(0, WeekStage::mcf, rules::file_signature_invalid.rule);
  const Outcome first = run.table[0].outcome;
  EXPECT_EQ(first, Outcome::retry);
  run.settle(0, WeekStage::cof, rules::mcf_combination.rule);
  EXPECT_EQ(run.table[0].outcome, first);
  EXPECT_EQ(run.table[0].stage, WeekStage::mcf);
}

}  // namespace
}  // namespace s1flow::pipeline
