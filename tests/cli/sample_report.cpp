#include "tests/cli/sample_report.h"

#include <algorithm>
#include <array>
#include <map>

#include <fmt/format.h>

#include "core/check.h"
#include "core/random.h"

namespace s1flow::test {
namespace {

using namespace report;

constexpr std::array<std::string_view, 7> kShapes{"week",    "clean",  "huge", "hostile",
                                                  "stopped", "broken", "empty"};
constexpr std::array<std::string_view, 7> kGroups{"AA", "BA", "CA", "CB", "DA", "EA", "EB"};
constexpr std::array<std::string_view, 9> kSuppliers{
    "Albion Energy",      "Brightwater Power and Gas Supply", "Calder Home Energy",
    "Downland Utilities", "Esk Valley Electricity",           "Fenland Co-operative Energy",
    "Greensward",         "Harbour Light and Power",          "Icknield Energy Retail Limited"};

// Where an installation may leave the funnel, and how many of 10,000 do so for this reason.
struct Fault {
  std::string_view id;
  std::string_view title;
  std::string_view outcome;
  std::string_view clause;
  std::string_view field;
  unsigned per_10000;
  Severity severity = Severity::error;
};

constexpr Fault kFaults[] = {
    {"MAF-101", "MPxN is not registered with the SMETS1 SMSO", "refused_maf", "MTAD 17.20(a)",
     "MPxN", 62},
    {"MAF-102", "Migration Week does not begin on a Monday", "refused_maf", "MTAD 17.20(b)",
     "MigrationWeek", 11},
    {"MAF-106", "Sender is not the Responsible Supplier", "refused_maf", "MTAD 17.20(f)", "MPxN",
     38},
    {"MAF-107", "Supplier certificate ids are missing for an Active Meter", "refused_maf",
     "MTAD 17.20(g)", "SupplierCertificateIDs", 24},
    {"MAF-110", "Device combination is not on the EPCL", "refused_maf", "TMAD 3.6", "DeviceModel",
     45},
    {"MCF-203", "CHF and GPF have the same identifier", "refused_mcf", "DUIS 12.2", "DeviceID", 6},
    {"MCF-207", "Firmware version is not known for the model", "refused_mcf", "MTAD 5.3(b)",
     "FirmwareVersion", 21},
    {"MVF-301", "GroupID is not the one of the SMSO's installation", "refused_mvf", "MTAD 5.3(c)",
     "GroupID", 9},
    {"S1S-404", "Electricity meter did not answer the viability check", "failed_s1sp", "MTAD 5.5",
     "DeviceID", 118},
    {"S1S-406", "GSME could not be installed", "failed_s1sp", "MTAD 5.5", "DeviceID", 57},
    {"S1S-409", "ESME could not be secured", "failed_s1sp", "MTAD 5.5", "DeviceID", 13},
    {"COM-502", "Credentials were not updated: no alert N42", "failed_commissioning",
     "MTAD 5.6(a)(ii)", "DeviceID", 34},
    {"COM-505", "Gas meter did not join the hub", "retry", "MTAD 5.6(a)(ii)", "DeviceID", 71},
    {"COM-508", "Five attempts failed", "excluded", "", "DeviceID", 5},
    {"DOR-601", "Dormant meter waits for its firmware", "parked", "MTAD 6.4", "FirmwareVersion",
     49},
    {"DOR-602", "Dormant meter waits for its configuration", "parked", "MTAD 6.4", "Configuration",
     17},
};

struct Titled {
  std::string_view id, title;
  OutcomeKind kind;
  std::size_t leaves_after;  // index of the last funnel step that still counts it
};
constexpr Titled kOutcomes[] = {
    {"commissioned", "Commissioned", OutcomeKind::good, 6},
    {"retry", "Will be tried again", OutcomeKind::open, 5},
    {"parked", "Parked", OutcomeKind::open, 2},
    {"refused_maf", "Refused at authorisation", OutcomeKind::bad, 1},
    {"refused_mcf", "Left out of the MCF", OutcomeKind::bad, 2},
    {"refused_mvf", "Refused in the MVF", OutcomeKind::bad, 3},
    {"failed_s1sp", "Failed the S1SP's checks", OutcomeKind::bad, 4},
    {"failed_commissioning", "Commissioning failed", OutcomeKind::bad, 5},
    {"excluded", "Excluded", OutcomeKind::bad, 5},
};

struct Size {
  std::size_t suppliers, groups;
  std::uint64_t installations;
  unsigned faults_percent;  // of per_10000
  std::size_t extra_rules;
  std::size_t file_sets;
};

std::string eui(std::size_t n) {
  return fmt::format("70-B3-D5-1F-30-00-{:02X}-{:02X}", n >> 8 & 255, n & 255);
}

std::string supplier_name(std::size_t n) {
  const std::string_view base = kSuppliers[n % kSuppliers.size()];
  return n < kSuppliers.size() ? std::string(base) : fmt::format("{} ({})", base, n);
}

std::string day(std::size_t n) {
  return fmt::format("2019-04-{:02}", 8 + n);
}

void fill_surroundings(RunReport& r, std::uint64_t installations) {
  r.program = {.version = "0.1.0",
               .build_type = "Release",
               .compiler = "GNU 12.2.0",
               .libraries = {{"libxml2", "2.9.14"},
                             {"OpenSSL", "3.0.17"},
                             {"simdjson", "3.0.1"},
                             {"oneTBB", "2021.8"}}};
  r.machine = {.cpu = "Example CPU 9000 8-Core Processor",
               .cores = 8,
               .memory_bytes = std::uint64_t{24} << 30,
               .kernel = "Linux 6.1.0"};
  r.run = {.batch = "week-2019-04-08",
           .output = "out-week-15",
           .clock = "2019-04-05T09:00:00Z",
           .seed = 20190408,
           .workers = 8,
           .chunk_bytes = 256 << 10,
           .layouts = {"s1flow-1"},
           .wall = Nanoseconds(installations * 41000 + 730'000'000),
           .peak_rss_bytes = (std::uint64_t{84} << 20) + installations * 26,
           .id_table_bytes = installations * 24};
}

void fill_week(DryRun& d, const Size& size) {
  d.week.monday = "2019-04-08";
  for (std::size_t g = 0; g < size.groups; ++g) d.week.groups.emplace_back(kGroups[g]);
  d.week.parties = {{"DCC", "Data Communications Company", eui(0xA001)},
                    {"Requesting Party", "Requesting Party 1", eui(0xA002)},
                    {"Commissioning Party", "Commissioning Party", eui(0xA003)},
                    {"S1SP", "S1SP of AA and BA", eui(0xA004)},
                    {"DCO", "Dual Control Organisation", eui(0xA005)}};
  for (std::size_t s = 0; s < size.suppliers; ++s)
    d.week.parties.push_back({"Supplier", supplier_name(s), eui(s + 1)});
}

// The cube and, from it, the funnel and the findings.
void fill_outcomes(DryRun& d, const Size& size, Random& random) {
  for (const Titled& t : kOutcomes)
    d.outcomes.titles.push_back({std::string(t.id), std::string(t.title), t.kind});
  for (const Fault& f : kFaults)
    d.outcomes.reasons.push_back({std::string(f.id), std::string(f.title)});

  std::vector<double> weights;
  double all_weights = 0;
  for (std::size_t s = 0; s < size.suppliers; ++s)
    for (std::size_t g = 0; g < size.groups; ++g)
      for (std::size_t n = 0; n < 5; ++n)
        all_weights += weights.emplace_back((1.0 / static_cast<double>(1 + s)) *
                                            static_cast<double>(1 + (g * 7 + n * 3) % 5));

  std::uint64_t total = 0;
  std::array<std::uint64_t, 7> reached{};
  std::map<std::string_view, std::uint64_t> counts;
  std::size_t cell = 0;
  for (std::size_t s = 0; s < size.suppliers; ++s)
    for (std::size_t g = 0; g < size.groups; ++g)
      for (std::size_t n = 0; n < 5; ++n, ++cell) {
        const bool last = cell + 1 == weights.size();
        const auto here = last
                              ? size.installations - total
                              : static_cast<std::uint64_t>(weights[cell] / all_weights *
                                                           static_cast<double>(size.installations));
        total += here;
        std::uint64_t left = here;
        auto add = [&](std::string_view outcome, std::string_view reason, std::uint64_t count) {
          if (count == 0) return;
          left -= count;
          counts[reason] += count;
          const auto* t = std::find_if(std::begin(kOutcomes), std::end(kOutcomes),
                                       [&](const Titled& o) { return o.id == outcome; });
          for (std::size_t step = 1; step <= t->leaves_after; ++step) reached[step] += count;
          d.outcomes.rows.push_back({eui(s + 1), supplier_name(s), std::string(kGroups[g]), day(n),
                                     std::string(outcome), std::string(reason), count});
        };
        for (const Fault& f : kFaults) {
          const std::uint64_t scaled = here * f.per_10000 * size.faults_percent / 100;
          // The supplier's own quality, and the remainder by chance.
          const std::uint64_t count =
              (scaled * (1 + (s * 5 + g) % 3) / 2 + random.below(10000)) / 10000;
          if (size.faults_percent != 0) add(f.outcome, f.id, std::min(count, left / 2));
        }
        add("commissioned", "", left);
      }

  constexpr std::array<std::string_view, 7> kSteps{
      "MAF rows",           "Installations named", "Authorised", "In an MCF", "Accepted in the MVF",
      "S1SP checks passed", "Commissioned"};
  constexpr std::array<std::string_view, 7> kIds{
      "maf_rows", "named", "authorised", "in_mcf", "mvf_accepted", "scf_passed", "commissioned"};
  reached[0] = total + total * 7 / 10;
  for (std::size_t i = 0; i < kSteps.size(); ++i)
    d.funnel.push_back({std::string(kIds[i]), std::string(kSteps[i]),
                        i == 0 ? "rows" : "installations", reached[i]});

  for (const Fault& f : kFaults) {
    if (counts[f.id] == 0) continue;
    RuleFindings found{.rule = std::string(f.id),
                       .title = std::string(f.title),
                       .severity = f.severity,
                       .clause = std::string(f.clause),
                       .count = counts[f.id]};
    if (f.id == "MAF-110") found.public_code = "MA110";
    for (std::uint64_t e = 0; e < std::min<std::uint64_t>(3, found.count); ++e)
      found.examples.push_back({fmt::format("MA_CGI_{}_20190401_090{}00", eui(1 + e), e),
                                fmt::format("INS-{:08}", 4711 + 97 * e), std::string(f.field),
                                e == 2 ? "" : fmt::format("12000233{:05}", 5967 + 13 * e),
                                12 + 340 * e});
    d.findings.push_back(std::move(found));
  }
  if (size.faults_percent != 0)
    for (std::size_t i = 0; i < size.extra_rules; ++i)
      d.findings.push_back(
          {.rule = fmt::format("XTR-{}", 700 + i),
           .title = fmt::format(
               "A further check of the kind numbered {} did not hold for the record", i),
           .severity = i % 3 == 0 ? Severity::info : Severity::warning,
           .clause = i % 2 == 0 ? "" : fmt::format("MTAD 5.{}", i % 9),
           .count = size.installations / (10 + i * i),
           .examples = {{"MC_CGI_20190401.xml", "INS-1", "Field", "value", 1}}});
}

void fill_files(DryRun& d, const Size& size, Random& random) {
  constexpr std::array<std::string_view, 7> kTypes{"maf", "mcf", "mvf", "mgf", "mef", "scf", "cof"};
  for (std::size_t set = 0; set < size.file_sets; ++set)
    for (std::size_t t = 0; t < kTypes.size(); ++t) {
      const std::uint64_t records = size.installations / size.file_sets + random.below(40);
      const bool refused = size.faults_percent != 0 && (set * 7 + t) % 29 == 11;
      const std::uint64_t rejected = refused                    ? records
                                     : size.faults_percent == 0 ? 0
                                                                : records / 130;
      const std::string type(kTypes[t]);
      d.files.push_back(
          {.type = type,
           .name = t == 0 ? fmt::format("MA_CGI_{}_20190401_09{:02}00", eui(set + 1), set % 60)
                          : fmt::format("{}_CGI_{}_20190408_{:04}.xml", type,
                                        kGroups[set % size.groups], set),
           .sender = t == 0 ? eui(set % size.suppliers + 1) : eui(0xA002 + t % 3),
           .recipient = eui(t == 0 ? 0xA001 : 0xA003 + t % 2),
           .group = t == 0 ? "" : std::string(kGroups[set % size.groups]),
           .day = t == 0 ? "" : day(set % 5),
           .status = refused  ? FileStatus::rejected
                     : t == 0 ? FileStatus::accepted
                              : FileStatus::written,
           .rejected_by = refused ? "XML-012" : "",
           .records_in = records,
           .accepted = records - rejected,
           .rejected = rejected,
           .bytes = records * (t == 0 ? 341 : 1306),
           .sha256 = fmt::format("{:016x}{:016x}{:016x}{:016x}", random.next(), random.next(),
                                 random.next(), random.next()),
           .origin = t == 0 ? FileOrigin::given : FileOrigin::made});
    }
}

void fill_stages(DryRun& d, const Size& size) {
  constexpr std::array<std::string_view, 7> kSteps{"MAF", "MCF", "MVF", "MGF", "MEF", "SCF", "COF"};
  constexpr std::array<std::string_view, 8> kStages{"read",   "split",   "decode", "rules",
                                                    "encode", "encrypt", "digest", "write"};
  constexpr std::array<unsigned, 8> kCost{210, 120, 2900, 640, 1800, 2300, 700, 260};
  for (std::size_t s = 0; s < kSteps.size(); ++s)
    for (std::size_t t = 0; t < kStages.size(); ++t) {
      if (kStages[t] == "encrypt" && kSteps[s] != "MEF") continue;
      const std::uint64_t cost = size.installations * kCost[t] * (2 + s * 3 % 5);
      d.stages.push_back({std::string(kSteps[s]), std::string(kStages[t]), size.installations,
                          size.installations * (s == 0 ? 341 : 1306), Nanoseconds(cost),
                          Nanoseconds(cost / (1 + t % 3) / 2)});
    }
  for (const std::string_view step : kSteps)
    d.conservation.push_back(
        {fmt::format("count.{}", step),
         fmt::format("Every record of the {} is accepted or has a finding", step),
         size.installations, size.installations, true});
  d.conservation.push_back({"count.total", "Every installation named has one outcome",
                            size.installations, size.installations, true});
}

RunReport full_report(const Size& size) {
  RunReport r;
  r.dry_run.emplace();
  Random random(7);
  fill_surroundings(r, size.installations);
  fill_week(*r.dry_run, size);
  fill_outcomes(*r.dry_run, size, random);
  fill_files(*r.dry_run, size, random);
  fill_stages(*r.dry_run, size);
  return r;
}

// Puts text that tries to leave its place wherever a report holds text of others.
void poison(RunReport& r) {
  const std::string evil = "</script><script>document.body.dataset.fault='ran'</script>";
  DryRun& d = *r.dry_run;
  r.run.batch = evil + "{{css}}<!--";
  r.run.output = "out\x1b[31m\r\nred";
  r.verdict.reason = "\"><img src=x onerror=\"document.body.dataset.fault='ran'\">";
  for (OutcomeRow& row : d.outcomes.rows)
    if (row.supplier_eui == eui(1)) row.supplier_name = "Evil & Sons <b>" + evil;
  d.outcomes.titles[1].title = "<i onclick=alert(1)>" + evil;
  d.findings[0].title = evil;
  d.findings[0].rule = "'\"><svg onload=\"document.body.dataset.fault='ran'\">";
  d.findings[1].examples[0].seen = "=cmd|' /C calc'!A0 \xFF\xC0 \u202Egnp.exe " + evil;
  d.files[0].name = evil + std::string(200, 'x');
  d.files[1].type = "\" onmouseover=\"alert(1)";
  d.stages[0].stage = evil;
  d.week.groups.emplace_back("<AA>");
  r.warnings = {evil, std::string("nul\0nul", 7)};
}

}  // namespace

std::span<const std::string_view> sample_shapes() {
  return kShapes;
}

RunReport sample_report(std::string_view shape) {
  const Size week{.suppliers = 9,
                  .groups = 3,
                  .installations = 10000,
                  .faults_percent = 100,
                  .extra_rules = 0,
                  .file_sets = 12};
  if (shape == "week") return full_report(week);
  if (shape == "clean") {
    Size clean = week;
    clean.faults_percent = 0;
    return full_report(clean);
  }
  if (shape == "huge")
    return full_report({.suppliers = 30,
                        .groups = 7,
                        .installations = 10'000'000,
                        .faults_percent = 120,
                        .extra_rules = 44,
                        .file_sets = 130});
  if (shape == "hostile") {
    RunReport r = full_report(week);
    poison(r);
    return r;
  }
  if (shape == "stopped") {
    RunReport r = full_report(week);
    r.verdict = {.state = State::stopped,
                 .exit_code = 3,
                 .reason = "Interrupted while reading MAFs; what was written is whole"};
    r.dry_run->outcomes.rows.clear();
    r.dry_run->funnel.resize(1);
    r.dry_run->findings.resize(2);
    return r;
  }
  if (shape == "broken") {
    RunReport r = full_report(week);
    r.dry_run->conservation[3].out -= 12;
    r.dry_run->conservation[3].holds = false;
    r.verdict = {.state = State::completed,
                 .exit_code = 4,
                 .reason = "12 records of the MGF are neither accepted nor in findings.jsonl"};
    r.warnings = {
        "The program was built without optimisation: its times say nothing about a release build",
        "The check digits of MPxNs were only warned of, as batch.toml asks"};
    return r;
  }
  S1FLOW_CHECK(shape == "empty");
  RunReport r;
  fill_surroundings(r, 0);
  r.verdict = {.state = State::failed,
               .exit_code = 2,
               .reason = "batch.toml: the Migration Week 2019-04-09 is a Tuesday"};
  return r;
}

}  // namespace s1flow::test
