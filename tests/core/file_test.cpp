#include "core/file.h"

#include <cstring>
#include <fstream>
#include <iterator>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/core/file_size_limit.h"
#include "tests/temporary_folder.h"

namespace s1flow {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

void put(const Path& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

std::string get(const Path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<std::string> names_in(const Path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

unsigned mode_of(const Path& path) {
  struct stat st {};
  return ::stat(path.c_str(), &st) == 0 ? st.st_mode & 07777U : 0U;
}

// What `open` refused with; empty when it did not.
std::string refusal(const Path& path) {
  const auto file = InputFile::open(path);
  if (file) return {};
  EXPECT_EQ(file.error().kind(), ErrorKind::io);
  return file.error().message();
}

TEST(InputFileTest, ReadsFromStartToEnd) {
  const TemporaryFolder folder;
  put(folder / "a", "0123456789");
  auto file = InputFile::open(folder / "a");
  ASSERT_TRUE(file);
  EXPECT_EQ(file->size(), 10U);
  EXPECT_EQ(file->path(), folder / "a");
  char bytes[8];
  EXPECT_EQ(file->read(bytes, 8), 8U);
  EXPECT_EQ(std::string_view(bytes, 8), "01234567");
  EXPECT_EQ(file->read(bytes, 8), 2U);
  EXPECT_EQ(std::string_view(bytes, 2), "89");
  EXPECT_EQ(file->read(bytes, 8), 0U);
}

TEST(InputFileTest, KeepsItsPlaceWhenMoved) {
  const TemporaryFolder folder;
  put(folder / "a", "abcdef");
  put(folder / "b", "xyz");
  auto first = InputFile::open(folder / "a");
  auto second = InputFile::open(folder / "b");
  ASSERT_TRUE(first && second);
  char bytes[2];
  ASSERT_EQ(first->read(bytes, 2), 2U);
  InputFile moved = std::move(*first);
  ASSERT_EQ(moved.read(bytes, 2), 2U);
  EXPECT_EQ(std::string_view(bytes, 2), "cd");
  moved = std::move(*second);
  EXPECT_EQ(moved.size(), 3U);
  ASSERT_EQ(moved.read(bytes, 2), 2U);
  EXPECT_EQ(std::string_view(bytes, 2), "xy");
}

TEST(InputFileTest, RefusesAMissingFile) {
  const TemporaryFolder folder;
  EXPECT_THAT(refusal(folder / "gone"), HasSubstr("gone: cannot open: No such file"));
}

TEST(InputFileTest, RefusesAFolder) {
  const TemporaryFolder folder;
  EXPECT_THAT(refusal(folder.path()), HasSubstr("is not a regular file"));
}

TEST(InputFileTest, RefusesASymbolicLinkButNotALinkedFolderAboveTheFile) {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder / "real");
  put(folder / "real/a", "1");
  std::filesystem::create_symlink(folder / "real/a", folder / "link");
  std::filesystem::create_directory_symlink(folder / "real", folder / "linked");
  EXPECT_THAT(refusal(folder / "link"), HasSubstr("is a symbolic link"));
  EXPECT_EQ(refusal(folder / "linked/a"), "");
}

TEST(InputFileTest, RefusesAFifoWithoutWaitingForAWriter) {
  const TemporaryFolder folder;
  ASSERT_EQ(::mkfifo((folder / "fifo").c_str(), 0600), 0);
  EXPECT_THAT(refusal(folder / "fifo"), HasSubstr("is not a regular file"));
}

TEST(InputFileTest, RefusesDevicesAndSockets) {
  EXPECT_THAT(refusal("/dev/null"), HasSubstr("is not a regular file"));
  const TemporaryFolder folder;
  const std::string path = (folder / "socket").string();
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  ASSERT_LT(path.size(), sizeof address.sun_path);
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
  ASSERT_EQ(::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  EXPECT_NE(refusal(path), "");
  ::close(fd);
}

TEST(InputFileTest, TakesStandardInputForADash) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  ASSERT_EQ(::write(ends[1], "piped", 5), 5);
  ::close(ends[1]);
  const int saved = ::dup(0);
  ::dup2(ends[0], 0);
  ::close(ends[0]);
  auto file = InputFile::open("-");
  ::dup2(saved, 0);
  ::close(saved);
  ASSERT_TRUE(file);
  EXPECT_EQ(file->size(), 0U);
  char bytes[16];
  ASSERT_EQ(file->read(bytes, sizeof bytes), 5U);
  EXPECT_EQ(std::string_view(bytes, 5), "piped");
}

TEST(OutputFileTest, AppearsUnderItsNameOnlyWhenCommitted) {
  const TemporaryFolder folder;
  auto file = OutputFile::create(folder / "out");
  ASSERT_TRUE(file);
  ASSERT_TRUE(file->write("hello "));
  ASSERT_TRUE(file->write("world"));
  EXPECT_EQ(file->written(), 11U);
  EXPECT_FALSE(std::filesystem::exists(folder / "out"));
  EXPECT_EQ(names_in(folder.path()).size(), 1U);
  ASSERT_TRUE(file->commit());
  EXPECT_THAT(names_in(folder.path()), ElementsAre("out"));
  EXPECT_EQ(get(folder / "out"), "hello world");
}

TEST(OutputFileTest, KeepsTheOrderOfSmallAndLargeWrites) {
  const TemporaryFolder folder;
  auto file = OutputFile::create(folder / "out");
  ASSERT_TRUE(file);
  std::string expected;
  for (std::size_t size :
       {1U, 100U, 200'000U, 100'000U, 300'000U, 7U, 262'144U, 262'143U, 1U, 0U}) {
    const std::string part(size, static_cast<char>('a' + expected.size() % 26));
    ASSERT_TRUE(file->write(part));
    expected += part;
  }
  ASSERT_TRUE(file->commit());
  EXPECT_EQ(file->written(), expected.size());
  EXPECT_EQ(get(folder / "out"), expected);
}

TEST(OutputFileTest, LeavesNothingWhenDiscardedOrDestroyed) {
  const TemporaryFolder folder;
  {
    auto file = OutputFile::create(folder / "destroyed");
    ASSERT_TRUE(file);
    ASSERT_TRUE(file->write("x"));
  }
  auto file = OutputFile::create(folder / "discarded");
  ASSERT_TRUE(file);
  ASSERT_TRUE(file->write("x"));
  file->discard();
  file->discard();
  EXPECT_THAT(names_in(folder.path()), IsEmpty());
  EXPECT_FALSE(file->commit());
}

TEST(OutputFileTest, LeavesNothingWhenAnotherIsMovedOverIt) {
  const TemporaryFolder folder;
  auto first = OutputFile::create(folder / "first");
  auto second = OutputFile::create(folder / "second");
  ASSERT_TRUE(first && second);
  ASSERT_TRUE(second->write("2"));
  *first = std::move(*second);
  EXPECT_EQ(first->target(), folder / "second");
  OutputFile moved = std::move(*first);
  ASSERT_TRUE(moved.commit());
  EXPECT_THAT(names_in(folder.path()), ElementsAre("second"));
  EXPECT_EQ(get(folder / "second"), "2");
}

TEST(OutputFileTest, RefusesAnExistingNameUnlessToldToOverwrite) {
  const TemporaryFolder folder;
  put(folder / "out", "old");
  const auto refused = OutputFile::create(folder / "out");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind(), ErrorKind::usage);
  EXPECT_THAT(refused.error().message(), HasSubstr("--overwrite"));
  auto file = OutputFile::create(folder / "out", Overwrite::yes);
  ASSERT_TRUE(file);
  ASSERT_TRUE(file->write("new"));
  EXPECT_EQ(get(folder / "out"), "old");
  ASSERT_TRUE(file->commit());
  EXPECT_EQ(get(folder / "out"), "new");
}

TEST(OutputFileTest, DoesNotReplaceAFileThatCameUpMeanwhile) {
  const TemporaryFolder folder;
  auto file = OutputFile::create(folder / "out");
  ASSERT_TRUE(file);
  ASSERT_TRUE(file->write("ours"));
  put(folder / "out", "theirs");
  EXPECT_FALSE(file->commit());
  EXPECT_EQ(get(folder / "out"), "theirs");
  EXPECT_THAT(names_in(folder.path()), ElementsAre("out"));
}

TEST(OutputFileTest, RefusesADanglingLinkUnlessToldToOverwriteAndThenReplacesTheLink) {
  const TemporaryFolder folder;
  std::filesystem::create_symlink(folder / "elsewhere", folder / "out");
  EXPECT_FALSE(OutputFile::create(folder / "out"));
  ASSERT_TRUE(write_whole(folder / "out", "x", Overwrite::yes));
  EXPECT_THAT(names_in(folder.path()), ElementsAre("out"));
  EXPECT_FALSE(std::filesystem::is_symlink(folder / "out"));
}

TEST(OutputFileTest, RefusesAFolderAndAnEmptyNameBeforeAnythingIsWritten) {
  const TemporaryFolder folder;
  for (const Path& target : {folder.path(), Path(folder.path().string() + "/"), Path()}) {
    const auto file = OutputFile::create(target, Overwrite::yes);
    ASSERT_FALSE(file) << target;
    EXPECT_EQ(file.error().kind(), ErrorKind::usage);
  }
  EXPECT_THAT(names_in(folder.path()), IsEmpty());
}

TEST(OutputFileTest, IsPrivateWhateverTheUmask) {
  const TemporaryFolder folder;
  const mode_t saved = ::umask(0);
  const Status written = write_whole(folder / "a/b/out", "secret");
  ::umask(saved);
  ASSERT_TRUE(written);
  EXPECT_EQ(mode_of(folder / "a/b/out"), 0600U);
  EXPECT_EQ(mode_of(folder / "a/b"), 0700U);
  EXPECT_EQ(mode_of(folder / "a"), 0700U);
}

TEST(OutputFileTest, SaysThatAFileStandsWhereAFolderIsNeeded) {
  const TemporaryFolder folder;
  put(folder / "a", "");
  const auto file = OutputFile::create(folder / "a/out");
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().kind(), ErrorKind::io);
  EXPECT_THAT(file.error().message(), HasSubstr("is not a folder"));
}

TEST(OutputFileTest, KeepsTwoWritersOfOneNameApart) {
  const TemporaryFolder folder;
  auto first = OutputFile::create(folder / "out");
  auto second = OutputFile::create(folder / "out");
  ASSERT_TRUE(first && second);
  ASSERT_TRUE(first->write("1") && second->write("2"));
  EXPECT_TRUE(first->commit());
  EXPECT_FALSE(second->commit());
  EXPECT_EQ(get(folder / "out"), "1");
  EXPECT_THAT(names_in(folder.path()), ElementsAre("out"));
}

TEST(OutputFileTest, CannotBeUsedAfterItsCommit) {
  const TemporaryFolder folder;
  auto file = OutputFile::create(folder / "out");
  ASSERT_TRUE(file);
  ASSERT_TRUE(file->write("1"));
  ASSERT_TRUE(file->commit());
  EXPECT_FALSE(file->commit());
  EXPECT_EQ(get(folder / "out"), "1");
}

TEST(OutputFileTest, CannotBeCommittedOnceAWriteHasFailed) {
  const TemporaryFolder folder;
  auto file = OutputFile::create(folder / "out");
  ASSERT_TRUE(file);
  {
    const FileSizeLimit full(100'000);
    const Status status = file->write(std::string(400'000, 'x'));
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().kind(), ErrorKind::io);
    EXPECT_THAT(status.error().message(), HasSubstr("out: cannot write"));
  }
  // There is room again, but a hole in the middle: nothing may appear under the final name.
  EXPECT_FALSE(file->write("more"));
  EXPECT_FALSE(file->commit());
  file->discard();
  EXPECT_THAT(names_in(folder.path()), IsEmpty());
}

TEST(OutputFileTest, LeavesNothingWhenTheDiskIsFullAtTheEnd) {
  const TemporaryFolder folder;
  const FileSizeLimit full(1000);
  const Status status = write_whole(folder / "out", std::string(2000, 'x'));
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().kind(), ErrorKind::io);
  EXPECT_THAT(names_in(folder.path()), IsEmpty());
}

TEST(OutputFileTest, GoesOnWhereItWasWhenItLetGoOfItsDescriptor) {
  const TemporaryFolder folder;
  auto file = OutputFile::create(folder / "out");
  ASSERT_TRUE(file);
  ASSERT_TRUE(file->write("one "));
  ASSERT_TRUE(file->park());
  EXPECT_TRUE(file->is_parked());
  EXPECT_FALSE(std::filesystem::exists(folder / "out"));
  ASSERT_TRUE(file->write("two "));
  ASSERT_TRUE(file->park());
  OutputFile moved = std::move(*file);
  ASSERT_TRUE(moved.write(std::string(100'000, 'x')));
  EXPECT_FALSE(moved.is_parked());
  ASSERT_TRUE(moved.park());
  ASSERT_TRUE(moved.commit());
  EXPECT_EQ(get(folder / "out"), "one two " + std::string(100'000, 'x'));
  EXPECT_EQ(names_in(folder.path()).size(), 1U);
}

TEST(OutputFileTest, SaysWhenItWasChangedMeanwhile) {
  const TemporaryFolder folder;
  {
    auto file = OutputFile::create(folder / "out");
    ASSERT_TRUE(file);
    ASSERT_TRUE(file->write("text"));
    ASSERT_TRUE(file->park());
    put(folder / names_in(folder.path()).front(), "longer than before");
    EXPECT_FALSE(file->commit());
  }
  EXPECT_THAT(names_in(folder.path()), IsEmpty());
}

TEST(OutputFileTest, TakesNoMoreThanItsBytesOnceItIsWhole) {
  const TemporaryFolder folder;
  auto file = OutputFile::create(folder / "out");
  ASSERT_TRUE(file);
  const std::string block(1'000'000, 'x');
  for (int i = 0; i < 40; ++i) ASSERT_TRUE(file->write(block));
  ASSERT_TRUE(file->commit());
  struct stat st {};
  ASSERT_EQ(::stat((folder / "out").c_str(), &st), 0);
  EXPECT_EQ(st.st_size, 40'000'000);
  EXPECT_LT(st.st_blocks * 512, 41'000'000);
}

TEST(OutputFileTest, TakesNamesAsLongAsThereCanBe) {
  const TemporaryFolder folder;
  const std::string name(255, 'n');
  ASSERT_TRUE(write_whole(folder / name, "text"));
  EXPECT_EQ(get(folder / name), "text");
  EXPECT_FALSE(write_whole(folder / (name + "n"), "text"));
  EXPECT_EQ(names_in(folder.path()).size(), 1U);
}

TEST(TemporaryFilesTest, AreRemovedAndNothingElse) {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder / "in");
  for (const char* name : {"a.1-0.s1flow-part", "a", "in/b.2-1.s1flow-part", "in/b"})
    put(folder / name, "");
  std::filesystem::create_symlink(folder / "a", folder / "link.s1flow-part");
  ASSERT_TRUE(remove_temporary_files(folder.path(), Depth::one));
  EXPECT_THAT(names_in(folder.path()), ElementsAre("a", "in", "link.s1flow-part"));
  EXPECT_EQ(names_in(folder / "in").size(), 2U);
  ASSERT_TRUE(remove_temporary_files(folder.path(), Depth::all));
  EXPECT_THAT(names_in(folder / "in"), ElementsAre("b"));
  EXPECT_TRUE(remove_temporary_files(folder / "gone", Depth::all));
}

TEST(ReadTextTest, ReadsUpToItsLimit) {
  const TemporaryFolder folder;
  const std::string text(200'000, 'x');
  put(folder / "a", text);
  put(folder / "empty", "");
  EXPECT_EQ(read_text(folder / "a"), text);
  EXPECT_EQ(read_text(folder / "a", text.size()), text);
  EXPECT_EQ(read_text(folder / "empty", 0), "");
  const auto refused = read_text(folder / "a", text.size() - 1);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind(), ErrorKind::usage);
  EXPECT_THAT(refused.error().message(), HasSubstr("larger than 199999 bytes"));
  EXPECT_FALSE(read_text(folder / "gone"));
}

TEST(ListFilesTest, GivesRegularFilesOfOneKindByName) {
  const TemporaryFolder folder;
  for (const char* name : {"b.csv", "a.csv", "B.csv", "ä.csv", "c.CSV", "d.csv.bak", ".hidden.csv",
                           "e.csv.12-0.s1flow-part", "csv"})
    put(folder / name, "");
  std::filesystem::create_directory(folder / "folder.csv");
  std::filesystem::create_symlink(folder / "a.csv", folder / "link.csv");
  const auto files = list_files(folder.path(), ".csv");
  ASSERT_TRUE(files);
  EXPECT_THAT(*files,
              ElementsAre(folder / "B.csv", folder / "a.csv", folder / "b.csv", folder / "ä.csv"));
  const auto all = list_files(folder.path(), "");
  ASSERT_TRUE(all);
  EXPECT_EQ(all->size(), 7U);
  std::vector<Path> skipped;
  ASSERT_TRUE(list_files(folder.path(), ".csv", &skipped));
  std::sort(skipped.begin(), skipped.end());
  EXPECT_THAT(skipped, ElementsAre(folder / "folder.csv", folder / "link.csv"));
}

TEST(ListFilesTest, SaysWhichFolderIsMissing) {
  const TemporaryFolder folder;
  const auto files = list_files(folder / "gone", ".csv");
  ASSERT_FALSE(files);
  EXPECT_EQ(files.error().kind(), ErrorKind::io);
  EXPECT_THAT(files.error().message(), HasSubstr("gone: cannot list folder"));
}

}  // namespace
}  // namespace s1flow
