#include <algorithm>
#include <chrono>
#include <filesystem>
#include <map>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/commands/all.h"
#include "cli/session.h"
#include "core/json_text.h"
#include "core/machine.h"
#include "core/scratch_folder.h"
#include "core/text.h"
#include "pipeline/batch.h"
#include "pipeline/generate/week.h"
#include "pipeline/single/check.h"
#include "pipeline/single/recognise.h"
#include "pipeline/week/dry_run.h"

namespace s1flow::cli {
namespace {

namespace fs = std::filesystem;
using pipeline::SingleVerdict;

double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

// One line of the answer.
struct Row {
  std::string name;  // of a file type, or "dry-run"
  std::uint64_t records = 0, bytes = 0;
  double seconds = 0, least = 0, most = 0;  // median, fastest, slowest
  std::uint64_t chunks = 0, fast_chunks = 0;
  std::string bound;  // the stage whose work took longest
};

std::string slowest(const std::map<std::string, double>& busy) {
  const auto most = std::max_element(
      busy.begin(), busy.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  return most == busy.end() ? std::string() : most->first;
}

class Bench final : public Command {
 public:
  void add_options(CLI::App& app) override {
    app.add_option("-n,--installations", installations_, "Size of the week that is played")
        ->default_val(20'000)
        ->check(CLI::Range(100, 10'000'000));
    app.add_option("--rounds", rounds_, "How often everything is timed; medians count")
        ->default_val(3)
        ->check(CLI::Range(1, 100));
    app.add_option("--workers", workers_, "Threads; 0: as many as the machine has")
        ->default_val(0)
        ->check(CLI::Range(0U, 1024U).description(""));
    app.add_option("--folder", folder_,
                   "FOLDER below which the week lies meanwhile; default: TMPDIR");
    app.add_option("--format", format_, "human or json")
        ->default_val("human")
        ->check(CLI::IsMember({"human", "json"}));
    app.footer(
        "Makes a week, plays it, and checks the largest file of each type. Every answer is looked "
        "at "
        "before its time counts. The figures are this machine's, for this disk: give --folder to "
        "try "
        "another.\n\nExamples:\n  s1flow bench\n  s1flow bench -n 100000 --workers 1 --format "
        "json");
  }

  Result<ExitCode> run(const Console& console) override {
    S1FLOW_TRY(const ScratchFolder scratch,
               folder_.empty() ? ScratchFolder::create() : ScratchFolder::create_below(folder_));
    const Path batch = scratch.path() / "batch", out = scratch.path() / "out";
    console.talk(fmt::format("bench: making {} installations in {}", installations_,
                             scratch.path().string()));
    pipeline::GenerateOptions week;
    week.out = batch;
    week.installations = installations_;
    week.faults = "none";
    week.monday = *Date::parse("2021-06-07");
    week.progress = console.progress();
    S1FLOW_TRY_VOID(pipeline::generate_week(week));
    std::vector<Row> rows;
    S1FLOW_TRY(Row whole, time_week(console, batch, out));
    rows.push_back(std::move(whole));
    S1FLOW_TRY_VOID(time_checks(console, batch, out, rows));
    console.clear_progress();
    console.out(format_ == "json" ? json_of(rows) : text_of(rows));
    return ExitCode::fine;
  }

 private:
  Result<Row> time_week(const Console& console, const Path& batch, const Path& out) {
    Row row{.name = "dry-run"};
    std::vector<double> times;
    std::map<std::string, double> busy;
    for (unsigned i = 0; i < rounds_; ++i) {
      pipeline::DryRunOptions options;
      options.batch = batch;
      options.out = out;
      options.overwrite = Overwrite::yes;
      options.runner.workers = workers_;
      options.runner.stop = console.stop;
      options.progress = console.progress();
      const auto begin = std::chrono::steady_clock::now();
      S1FLOW_TRY(const pipeline::DryRunResult result, pipeline::dry_run(options));
      times.push_back(seconds_since(begin));
      if (!result.conserved || !result.report.dry_run)
        return tl::unexpected(internal_error("the dry run lost or doubled records"));
      for (const report::Stage& s : result.report.dry_run->stages)
        busy[s.step + ", " + s.stage] += std::chrono::duration<double>(s.busy).count();
      std::uint64_t bytes = 0;
      for (const report::File& f : result.report.dry_run->files) bytes += f.bytes;
      row.bytes = bytes;
    }
    row.records = installations_;
    row.bound = slowest(busy);
    set_times(row, times);
    return row;
  }

  // The largest file of each type, of those that the batch holds and those that the run has made.
  Status time_checks(const Console& console, const Path& batch, const Path& out,
                     std::vector<Row>& rows) {
    S1FLOW_TRY(const pipeline::Batch read, pipeline::load_batch(batch));
    S1FLOW_TRY(const auto pki, codecs::crypto::Pki::load(batch / "pki", {.clock = read.clock}));
    std::map<std::string, std::pair<std::uint64_t, Path>> largest;
    for (const Path& folder : {batch, out / "files"})
      for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder)) {
        if (!entry.is_regular_file()) continue;
        auto known = pipeline::recognise(entry.path(), read.layouts);
        if (!known || !known->layout) continue;
        auto& best = largest[std::string(known->layout->type->id)];
        best = std::max(best, std::pair{std::uint64_t{entry.file_size()}, entry.path()});
      }
    for (const auto& [type, file] : largest) {
      S1FLOW_TRY(const pipeline::Recognised known, pipeline::recognise(file.second, read.layouts));
      pipeline::SingleFileContext context;
      context.pki = &pki;
      context.clock = read.clock;
      context.layouts = &read.layouts;
      context.runner.workers = workers_;
      context.runner.stop = console.stop;
      Row row{.name = type};
      std::vector<double> times;
      std::map<std::string, double> busy;
      for (unsigned i = 0; i < rounds_; ++i) {
        const auto begin = std::chrono::steady_clock::now();
        S1FLOW_TRY(const SingleVerdict verdict,
                   pipeline::check_file(file.second, known.layout, context));
        times.push_back(seconds_since(begin));
        if (!verdict.accepted)
          return tl::unexpected(internal_error(file.second.filename().string() +
                                               ": was refused, so its time means nothing"));
        row.records = verdict.records;
        row.bytes = verdict.bytes;
        row.chunks = verdict.chunks;
        row.fast_chunks = verdict.fast_chunks;
        for (const pipeline::StageStats& s : verdict.stages) busy[s.name] += s.busy_seconds;
      }
      row.bound = slowest(busy);
      set_times(row, times);
      rows.push_back(std::move(row));
    }
    return {};
  }

  static void set_times(Row& row, const std::vector<double>& times) {
    row.seconds = median(times);
    row.least = *std::min_element(times.begin(), times.end());
    row.most = *std::max_element(times.begin(), times.end());
  }

  [[nodiscard]] std::string text_of(const std::vector<Row>& rows) const {
    const report::Machine machine = this_machine();
    std::string text =
        fmt::format("{}, {}; medians of {}\n\n{:<12}{:>12}{:>10}{:>20}{:>12}{:>10}  {}\n",
                    machine.cpu.empty() ? "unknown processor" : machine.cpu,
                    counted(machine.cores, "core"), rounds_, "check of", "records", "MB",
                    "seconds (range)", "records/s", "fast path", "longest work");
    for (const Row& r : rows)
      text += fmt::format("{:<12}{:>12}{:>10.1f}{:>20}{:>12.0f}{:>10}  {}\n", r.name, r.records,
                          static_cast<double>(r.bytes) * 1e-6,
                          fmt::format("{:.3f} ({:.3f}-{:.3f})", r.seconds, r.least, r.most),
                          static_cast<double>(r.records) / r.seconds,
                          r.chunks == 0
                              ? std::string("-")
                              : fmt::format("{:.1f} %", 100.0 * static_cast<double>(r.fast_chunks) /
                                                            static_cast<double>(r.chunks)),
                          r.bound);
    text += fmt::format(
        "\n'dry-run' is the whole week, all files made, signed, encrypted, read and checked. Most "
        "memory: {} MiB\n",
        peak_rss_bytes() >> 20);
    return text;
  }

  [[nodiscard]] std::string json_of(const std::vector<Row>& rows) const {
    std::string list = "[";
    for (const Row& r : rows) {
      if (list.size() > 1) list += ',';
      JsonObject(list)
          .text("name", r.name)
          .number("records", r.records)
          .number("bytes", r.bytes)
          .real("seconds", r.seconds)
          .real("seconds_least", r.least)
          .real("seconds_most", r.most)
          .number("chunks", r.chunks)
          .number("fast_chunks", r.fast_chunks)
          .text("longest_work", r.bound)
          .finish();
    }
    std::string text;
    JsonObject(text)
        .text("cpu", this_machine().cpu)
        .number("rounds", rounds_)
        .number("peak_rss_bytes", peak_rss_bytes())
        .raw("rows", list + "]")
        .finish();
    text += '\n';
    return text;
  }

  std::uint64_t installations_ = 0;
  unsigned rounds_ = 0, workers_ = 0;
  std::string folder_, format_;
};

}  // namespace

std::unique_ptr<Command> make_bench() {
  return std::make_unique<Bench>();
}

}  // namespace s1flow::cli
