#include "core/folder_lock.h"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/temporary_folder.h"

namespace s1flow {
namespace {

using testing::HasSubstr;

TEST(FolderLockTest, KeepsOthersOutAsLongAsItLives) {
  const TemporaryFolder folder;
  auto first = FolderLock::take(folder / "out", "marker", "text\n");
  ASSERT_TRUE(first) << first.error().message();
  const auto second = FolderLock::take(folder / "out", "marker", "text\n");
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind(), ErrorKind::io);
  EXPECT_THAT(second.error().message(), HasSubstr("another run is at work"));
  {
    const FolderLock moved = std::move(*first);
    EXPECT_FALSE(FolderLock::take(folder / "out", "marker", "text\n"));
  }
  EXPECT_TRUE(FolderLock::take(folder / "out", "marker", "text\n"));
}

TEST(FolderLockTest, GoesWithTheProcessThatHoldsIt) {
  const TemporaryFolder folder;
  const pid_t child = ::fork();
  if (child == 0) {
    const auto lock = FolderLock::take(folder.path(), "marker", "text\n");
    (void)::raise(lock ? SIGKILL : SIGTERM);
    ::_exit(0);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
  EXPECT_TRUE(FolderLock::take(folder.path(), "marker", "text\n"));
}

TEST(FolderLockTest, MarksTheFolderForItsOwnerOnly) {
  const TemporaryFolder folder;
  ASSERT_TRUE(FolderLock::take(folder / "a" / "b", "marker", "text\n"));
  struct stat st {};
  ASSERT_EQ(::stat((folder / "a" / "b" / "marker").c_str(), &st), 0);
  EXPECT_EQ(st.st_mode & 0777U, 0600U);
  ASSERT_EQ(::stat((folder / "a" / "b").c_str(), &st), 0);
  EXPECT_EQ(st.st_mode & 0777U, 0700U);
  std::ifstream marker(folder / "a" / "b" / "marker");
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(marker), {}), "text\n");
}

TEST(FolderLockTest, CompletesAMarkerThatIsHalfWritten) {
  const TemporaryFolder folder;
  const auto held_after = [&](std::string_view before) {
    std::ofstream(folder / "marker", std::ios::trunc) << before;
    EXPECT_TRUE(FolderLock::take(folder.path(), "marker", "text\n"));
    std::ifstream marker(folder / "marker");
    return std::string(std::istreambuf_iterator<char>(marker), {});
  };
  EXPECT_EQ(held_after(""), "text\n");
  EXPECT_EQ(held_after("te"), "text\n");
  EXPECT_EQ(held_after("text\n"), "text\n");
  // What somebody else wrote is not ours to mend.
  EXPECT_EQ(held_after("to"), "to");
  EXPECT_EQ(held_after("text of a later release\n"), "text of a later release\n");
}

TEST(FolderLockTest, TakesNothingOddForItsMarker) {
  const TemporaryFolder folder;
  ASSERT_EQ(::symlink("elsewhere", (folder / "link").c_str()), 0);
  EXPECT_FALSE(FolderLock::take(folder.path(), "link", "text\n"));
  EXPECT_FALSE(std::filesystem::exists(folder / "elsewhere"));
  ASSERT_EQ(::mkfifo((folder / "fifo").c_str(), 0600), 0);
  EXPECT_FALSE(FolderLock::take(folder.path(), "fifo", "text\n"));
}

}  // namespace
}  // namespace s1flow
