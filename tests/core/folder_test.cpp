#include "core/folder.h"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/temporary_folder.h"

namespace s1flow {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

void put(const Path& path) {
  std::ofstream(path, std::ios::binary) << "x";
}

TEST(FolderTest, SaysWhatStandsUnderAPath) {
  const TemporaryFolder folder;
  put(folder / "file");
  std::filesystem::create_symlink("file", folder / "link");
  std::filesystem::create_symlink("gone", folder / "dangling");
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  EXPECT_EQ(kind_at(folder / "file"), FileKind::file);
  EXPECT_EQ(kind_at(folder.path()), FileKind::folder);
  EXPECT_EQ(kind_at(folder / "link"), FileKind::other);
  EXPECT_EQ(kind_at(folder / "link", Links::follow), FileKind::file);
  EXPECT_EQ(kind_at(folder / "dangling", Links::follow), FileKind::none);
  EXPECT_EQ(kind_at(folder / "pipe"), FileKind::other);
  EXPECT_EQ(kind_at(folder / "gone"), FileKind::none);
  EXPECT_EQ(kind_at(folder / "file" / "below"), FileKind::none);
}

TEST(FolderTest, SaysWhatEachEntryIsAsLookingAtItWould) {
  const TemporaryFolder folder;
  put(folder / "file");
  std::filesystem::create_directory(folder / "below");
  std::filesystem::create_symlink("file", folder / "link");
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  const auto entries = entries_in(folder.path());
  ASSERT_TRUE(entries);
  std::vector<std::string> names;
  for (const FolderEntry& e : *entries) {
    names.push_back(e.name);
    EXPECT_EQ(kind_at(folder / e.name), e.kind) << e.name;
  }
  EXPECT_THAT(names, ElementsAre("below", "file", "link", "pipe"));
}

TEST(FolderTest, TakesNoPlaceThatCannotBeLookedAtForOneWhereNothingStands) {
  const TemporaryFolder folder;
  std::filesystem::create_symlink("round", folder / "round");
  for (const Path& path : {folder / "round" / "x", folder / std::string(300, 'x')}) {
    const auto kind = kind_at(path, Links::follow);
    ASSERT_FALSE(kind) << path;
    EXPECT_EQ(kind.error().kind(), ErrorKind::io);
    EXPECT_THAT(kind.error().message(), HasSubstr(path.string()));
  }
}

TEST(FolderTest, GivesNamesInByteOrderAndSaysWhichFolderIsMissing) {
  const TemporaryFolder folder;
  for (const char* name : {"b", "a", "B", ".hidden"}) put(folder / name);
  EXPECT_THAT(names_in(folder.path()).value(), ElementsAre(".hidden", "B", "a", "b"));
  EXPECT_THAT(names_in(folder / "gone", Missing::is_empty).value(), IsEmpty());
  for (const char* name : {"gone", "a"}) {
    const auto names = names_in(folder / name);
    ASSERT_FALSE(names);
    EXPECT_EQ(names.error().kind(), ErrorKind::io);
    EXPECT_THAT(names.error().message(), HasSubstr(std::string(name) + ": cannot list folder"));
  }
  EXPECT_FALSE(names_in(folder / "a", Missing::is_empty));
}

TEST(FolderTest, FindsFilesBelowWithoutFollowingLinksToFolders) {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder / "b" / "c");
  for (const char* name : {"b.x", "b/2", "b/c/1", "a"}) put(folder / name);
  std::filesystem::create_symlink("b", folder / "links");
  std::filesystem::create_symlink("a", folder / "link");
  EXPECT_THAT(files_below(folder.path()).value(),
              ElementsAre(folder / "a", folder / "b.x", folder / "b/2", folder / "b/c/1"));
  EXPECT_THAT(files_below(folder.path(), Links::follow).value(),
              testing::Contains(folder / "link"));
  EXPECT_FALSE(files_below(folder / "gone"));
}

TEST(FolderTest, RemovesATreeAndNotWhatItsLinksPointAt) {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder / "tree" / "a" / "b");
  std::filesystem::create_directory(folder / "other");
  put(folder / "other" / "kept");
  put(folder / "tree" / "a" / "file");
  std::filesystem::create_symlink("../other", folder / "tree" / "link");
  ASSERT_TRUE(remove_tree(folder / "tree"));
  EXPECT_EQ(kind_at(folder / "tree"), FileKind::none);
  EXPECT_EQ(kind_at(folder / "other" / "kept"), FileKind::file);
  EXPECT_TRUE(remove_tree(folder / "tree"));
}

}  // namespace
}  // namespace s1flow
