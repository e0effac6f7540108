#include "core/staged_file.h"

#include <fstream>
#include <iterator>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "core/folder.h"
#include "tests/temporary_folder.h"

namespace s1flow {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;

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

TEST(StagedFileTest, AppearsWithAllOthers) {
  const TemporaryFolder folder;
  std::vector<StagedFile> files = staged(folder.path(), {"a", "b", "c"});
  const auto before = names_in(folder.path());
  ASSERT_TRUE(before);
  EXPECT_THAT(*before, testing::Each(EndsWith(".s1flow-part")));
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
  const auto refused = StagedFile::write(folder / "a", "new");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind(), ErrorKind::usage);
  EXPECT_THAT(refused.error().message(), HasSubstr("exists already"));
  std::vector<StagedFile> files;
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
