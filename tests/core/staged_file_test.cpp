#include "core/staged_file.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/folder.h"
#include "tests/temporary_folder.h"

namespace s1flow {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::string get(const Path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<StagedFile> staged(const Path& folder, std::initializer_list<const char*> names) {
  std::vector<StagedFile> files;
  for (const char* name : names) {
    auto file = StagedFile::write(folder / name, std::string("of ") + name);
    EXPECT_TRUE(file);
    if (file) files.push_back(*std::move(file));
  }
  return files;
}

bool knows_unnamed(const Path& folder) {
  const int fd = ::open(folder.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
  if (fd >= 0) ::close(fd);
  return fd >= 0;
}

TEST(StagedFileTest, AppearsWithAllOthers) {
  const TemporaryFolder folder;
  std::vector<StagedFile> files = staged(folder.path(), {"a", "b", "c"});
  const auto before = names_in(folder.path());
  ASSERT_TRUE(before);
  EXPECT_THAT(*before, testing::Each(EndsWith(".s1flow-part")));  // none at all on most disks
  ASSERT_TRUE(StagedFile::commit(folder.path(), files));
  EXPECT_THAT(files, IsEmpty());
  EXPECT_THAT(*names_in(folder.path()), ElementsAre("a", "b", "c"));
  EXPECT_EQ(get(folder / "b"), "of b");
  struct stat st {};
  ASSERT_EQ(::stat((folder / "b").c_str(), &st), 0);
  EXPECT_EQ(st.st_mode & 0777U, 0600U);
}

TEST(StagedFileTest, IsGoneWithoutCommit) {
  const TemporaryFolder folder;
  { const std::vector<StagedFile> files = staged(folder.path(), {"a", "b"}); }
  EXPECT_THAT(*names_in(folder.path()), IsEmpty());
}

TEST(StagedFileTest, MakesItsFolder) {
  const TemporaryFolder folder;
  std::vector<StagedFile> files = staged(folder / "x" / "y", {"a"});
  ASSERT_TRUE(StagedFile::commit(folder / "x" / "y", files));
  EXPECT_EQ(get(folder / "x" / "y" / "a"), "of a");
}

TEST(StagedFileTest, RefusesWhatExists) {
  const TemporaryFolder folder;
  std::ofstream(folder / "a") << "old";
  std::vector<StagedFile> files;
  const Status refused = [&]() -> Status {
    S1FLOW_TRY(StagedFile file, StagedFile::write(folder / "a", "new"));
    files.push_back(std::move(file));
    return StagedFile::commit(folder.path(), files);
  }();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind(), ErrorKind::usage);
  EXPECT_THAT(refused.error().message(), HasSubstr("exists already"));
  EXPECT_EQ(get(folder / "a"), "old");
  EXPECT_THAT(*names_in(folder.path()), ElementsAre("a"));
  files.clear();
  files.push_back(*StagedFile::write(folder / "a", "new", Overwrite::yes));
  ASSERT_TRUE(StagedFile::commit(folder.path(), files));
  EXPECT_EQ(get(folder / "a"), "new");
}

// A name that was taken while the others were written: what came before it stays, what was to come
// after it is not left lying about.
TEST(StagedFileTest, ReplacesNothingThatCameUpMeanwhile) {
  const TemporaryFolder folder;
  std::vector<StagedFile> files = staged(folder.path(), {"a", "b", "c"});
  std::ofstream(folder / "b") << "somebody else's";
  const Status status = StagedFile::commit(folder.path(), files);
  ASSERT_FALSE(status);
  EXPECT_THAT(status.error().message(), HasSubstr("/b"));
  EXPECT_THAT(*names_in(folder.path()), ElementsAre("a", "b"));
  EXPECT_EQ(get(folder / "b"), "somebody else's");
}

// Files without names hold descriptors; those for which there are none left have temporary names,
// and nobody can tell the difference afterwards.
TEST(StagedFileTest, ThereMayBeMoreThanDescriptors) {
  const TemporaryFolder folder;
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  const std::size_t count = std::min<rlim_t>(limit.rlim_cur, 2'000) + 100;
  std::vector<StagedFile> files;
  for (std::size_t i = 0; i < count; ++i) {
    auto file = StagedFile::write(folder / std::to_string(i), std::to_string(i * i));
    ASSERT_TRUE(file) << file.error().message();
    files.push_back(*std::move(file));
  }
  ASSERT_THAT(*names_in(folder.path()), Not(IsEmpty()));
  EXPECT_THAT(*names_in(folder.path()), testing::Each(EndsWith(".s1flow-part")));
  ASSERT_TRUE(StagedFile::commit(folder.path(), files));
  EXPECT_EQ(names_in(folder.path())->size(), count);
  for (std::size_t i = 0; i < count; ++i)
    EXPECT_EQ(get(folder / std::to_string(i)), std::to_string(i * i));
  // The descriptors have been given back: the next files do without temporary names again.
  const std::vector<StagedFile> next = staged(folder / "next", {"a", "b"});
  const std::vector<StagedFile> after = staged(folder / "next", {"c"});
  if (knows_unnamed(folder.path()))
    EXPECT_LE(names_in(folder / "next")->size(), 1U);  // the first found no folder to be in
}

// Overwriting needs a rename, and so a temporary name.
TEST(StagedFileTest, WhatReplacesIsNeverHalfThere) {
  const TemporaryFolder folder;
  std::ofstream(folder / "a") << "old";
  std::vector<StagedFile> files;
  files.push_back(*StagedFile::write(folder / "a", "new", Overwrite::yes));
  EXPECT_EQ(get(folder / "a"), "old");
  EXPECT_THAT(*names_in(folder.path()),
              testing::UnorderedElementsAre("a", EndsWith(".s1flow-part")));
  ASSERT_TRUE(StagedFile::commit(folder.path(), files));
  EXPECT_EQ(get(folder / "a"), "new");
  EXPECT_THAT(*names_in(folder.path()), ElementsAre("a"));
}

TEST(StagedFileTest, FailsWithoutItsFolder) {
  const TemporaryFolder folder;
  std::vector<StagedFile> files = staged(folder / "x", {"a"});
  std::filesystem::remove_all(folder / "x");
  const Status status = StagedFile::commit(folder / "x", files);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().kind(), ErrorKind::io);
}

TEST(StagedFileTest, HasNothingToDoWithoutFiles) {
  std::vector<StagedFile> none;
  EXPECT_TRUE(StagedFile::commit("/nowhere", none));
}

}  // namespace
}  // namespace s1flow
