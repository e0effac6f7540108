#include "tests/pipeline/support.h"

#include <algorithm>
#include <filesystem>

#include <gtest/gtest.h>

namespace s1flow::pipeline {

GenerateResult make_week(const Path& folder, const WeekSpec& spec) {
  GenerateOptions options;
  options.out = folder;
  options.installations = spec.installations;
  options.seed = spec.seed;
  options.monday = *Date::parse("2021-06-07");
  options.faults = spec.faults;
  options.fault_share = spec.share;
  options.rsa = spec.rsa;
  auto made = generate_week(options);
  EXPECT_TRUE(made) << made.error().message();
  return made.value_or(GenerateResult{});
}

namespace {

Result<DryRunResult> run(const Path& batch, const Path& out,
                         const std::function<void(DryRunOptions&)>& change) {
  DryRunOptions options;
  options.batch = batch;
  options.out = out;
  options.runner.workers = 2;
  if (change) change(options);
  return dry_run(options);
}

}  // namespace

DryRunResult play(const Path& batch, const Path& out,
                  const std::function<void(DryRunOptions&)>& change) {
  auto result = run(batch, out, change);
  EXPECT_TRUE(result) << result.error().message();
  return result ? std::move(*result) : DryRunResult{};
}

std::string error_of_play(const Path& batch, const Path& out,
                          const std::function<void(DryRunOptions&)>& change) {
  const auto result = run(batch, out, change);
  return result ? std::string() : std::string(result.error().message());
}

Lines lines_of(const Path& path) {
  Lines lines;
  const auto text = read_text(path);
  if (!text) return lines;
  for (std::string_view rest = *text; !rest.empty();) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    lines.emplace(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return lines;
}

Lines findings_of(const Path& out) {
  Lines lines;
  for (std::string line : lines_of(out / "findings.jsonl")) {
    const std::size_t detail = line.find(",\"detail\":");
    if (detail != std::string::npos) line = line.substr(0, detail) + "}";
    lines.insert(std::move(line));
  }
  return lines;
}

std::string difference(const Lines& a, const Lines& b) {
  std::vector<std::string> only_a, only_b;
  std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(only_a));
  std::set_difference(b.begin(), b.end(), a.begin(), a.end(), std::back_inserter(only_b));
  std::string out;
  for (const std::string& line : only_a) out += "- " + line + "\n";
  for (const std::string& line : only_b) out += "+ " + line + "\n";
  return out;
}

void expect_as_promised(const Path& batch, const Path& out, const DryRunResult& result) {
  EXPECT_EQ(difference(lines_of(batch / "expected-findings.jsonl"), findings_of(out)), "");
  EXPECT_EQ(
      difference(lines_of(batch / "expected-outcomes.jsonl"), lines_of(out / "outcomes.jsonl")),
      "");
  EXPECT_TRUE(result.conserved);
}

std::vector<std::string> files_below(const Path& folder) {
  std::vector<std::string> out;
  std::error_code code;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder, code))
    if (entry.is_regular_file())
      out.push_back(entry.path().lexically_relative(folder).generic_string());
  std::sort(out.begin(), out.end());
  return out;
}

std::string text_of(const Path& path) {
  auto text = read_text(path);
  EXPECT_TRUE(text) << text.error().message();
  return text.value_or("");
}

void put_text(const Path& path, std::string_view text) {
  EXPECT_TRUE(write_whole(path, text, Overwrite::yes));
}

void replace_in(const Path& path, std::string_view from, std::string_view to) {
  std::string text = text_of(path);
  const std::size_t at = text.find(from);
  ASSERT_NE(at, std::string::npos) << from;
  put_text(path, text.replace(at, from.size(), to));
}

std::size_t count_in(const Lines& lines, std::string_view part) {
  return static_cast<std::size_t>(
      std::count_if(lines.begin(), lines.end(),
                    [&](const std::string& line) { return line.find(part) != std::string::npos; }));
}

}  // namespace s1flow::pipeline
