// What a run has found, kept in blocks: given back as it was put there, whatever its size.

#include "pipeline/week/finding_log.h"

#include <map>

#include <gtest/gtest.h>

#include "core/random.h"
#include "pipeline/rules/rule_set.h"
#include "tests/temporary_folder.h"

namespace s1flow::pipeline {
namespace {

std::string line_of(const Finding& f) {
  std::string line;
  append_json(line, f);
  return line + " " + std::to_string(f.place.ordinal);
}

TEST(FindingLogTest, GivesBackWhatWasAdded) {
  const TemporaryFolder folder;
  // Nearly all of it lies in files.
  BlockStore store({.bytes = std::uint64_t{1} << 20, .folder = folder.path()});
  FindingLog log(store);
  std::map<std::string, std::vector<std::string>> expected;
  std::array<std::uint64_t, kSeverityNames.size()> counts{};
  Random random(5, 0);
  const auto rules = all_rules();
  for (int i = 0; i < 400; ++i) {
    std::vector<Finding> some(random.below(60));
    for (Finding& f : some) {
      f.rule = rules[random.below(rules.size())];
      f.severity = static_cast<Severity>(1 + random.below(3));
      f.file = "f" + std::to_string(random.below(9)) + ".xml";
      f.record.assign(random.below(40), 'r');
      f.field.assign(random.below(3), 'f');
      f.seen.assign(random.below(100), 's');
      // Some do not fit into what is left of a block, and one in hundreds into none.
      f.note.assign(random.below(300) == 0 ? 300'000 : random.below(200), 'n');
      f.place = {.line = random.below(1000), .byte = random.next(), .ordinal = random.below(1000)};
      expected[f.file].push_back(line_of(f));
      ++counts[static_cast<std::size_t>(f.severity)];
    }
    ASSERT_TRUE(log.add(some));
    if (i % 10 == 0) store.relax();
  }
  EXPECT_GT(store.bytes_in_files(), std::uint64_t{2} << 20);
  const std::vector<std::string_view> files = log.files();
  ASSERT_EQ(files.size(), expected.size());
  EXPECT_TRUE(std::is_sorted(files.begin(), files.end()));
  for (const std::string_view file : files) {
    std::vector<std::string> found;
    for (const Finding& f : log.of(file)) {
      EXPECT_EQ(f.file, file);
      found.push_back(line_of(f));
    }
    EXPECT_EQ(found, expected[std::string(file)]) << file;
  }
  for (std::size_t s = 0; s < counts.size(); ++s)
    EXPECT_EQ(log.count(static_cast<Severity>(s)), counts[s]);
  EXPECT_TRUE(log.of("nothing.xml").empty());
}

TEST(FindingLogTest, SaysWhenThereIsNoRoom) {
  BlockStore store({.bytes = 0, .folder = "/nonexistent/folder"});
  FindingLog log(store);
  Finding f;
  f.rule = all_rules()[0];
  f.file = "a";
  const Status status = log.add({f});
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().kind(), ErrorKind::io);
}

}  // namespace
}  // namespace s1flow::pipeline
