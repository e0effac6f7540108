#include "core/direct_writer.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <fcntl.h>
#include <gtest/gtest.h>

#include "core/random.h"
#include "tests/core/file_size_limit.h"
#include "tests/temporary_folder.h"

namespace s1flow {
namespace {

constexpr std::size_t kPiece = std::size_t{4} << 20;

std::string some_bytes(std::size_t size) {
  Random random(size);
  std::string bytes(size, '\0');
  for (std::size_t at = 0; at < size; at += 8) {
    const std::uint64_t next = random.next();
    std::memcpy(bytes.data() + at, &next, std::min<std::size_t>(8, size - at));
  }
  return bytes;
}

std::string get(const Path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

bool is_empty(const TemporaryFolder& folder) {
  return std::filesystem::is_empty(folder.path());
}

// A file of one unit, and what writes on behind it.
struct Begun {
  Begun() {
    std::ofstream(path, std::ios::binary) << std::string(DirectWriter::kUnit, 'h');
    writer = DirectWriter::open(path, DirectWriter::kUnit);
  }
  TemporaryFolder folder;
  Path path = folder / "out";
  std::unique_ptr<DirectWriter> writer;
};

#define S1FLOW_NEEDS_DIRECT_WRITING(begun) \
  if ((begun).writer == nullptr)           \
  GTEST_SKIP() << "the folder for temporary files lies on a file system without direct writing"

TEST(DirectWriterTest, WritesWholeUnitsAndLeavesTheRest) {
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{1}, std::size_t{4095}, std::size_t{4096}, kPiece - 1, kPiece,
        kPiece + 1, kPiece * 2, kPiece * 7 + 5000}) {
    Begun begun;
    S1FLOW_NEEDS_DIRECT_WRITING(begun);
    const std::string bytes = some_bytes(size);
    std::string_view left = bytes;
    // Of odd sizes, some of them larger than a piece.
    for (std::size_t step = 1; !left.empty(); step = step * 13 % 9'000'011) {
      const std::string_view now = left.substr(0, step);
      ASSERT_EQ(begun.writer->write(now), 0);
      left.remove_prefix(now.size());
    }
    ASSERT_EQ(begun.writer->finish(), 0);
    EXPECT_EQ(begun.writer->rest(), std::string_view(bytes).substr(size / 4096 * 4096)) << size;
    begun.writer.reset();
    EXPECT_TRUE(get(begun.path) == std::string(4096, 'h') + bytes.substr(0, size / 4096 * 4096))
        << size;
  }
}

TEST(DirectWriterTest, KeepsTheFirstError) {
  Begun begun;
  S1FLOW_NEEDS_DIRECT_WRITING(begun);
  const std::string bytes(kPiece, 'x');
  int error = 0;
  {
    const FileSizeLimit full(kPiece + kPiece / 2);
    for (int i = 0; i < 12; ++i) error = begun.writer->write(bytes);
  }
  EXPECT_EQ(error, EFBIG);
  EXPECT_EQ(begun.writer->write("more"), EFBIG) << "there is room again, but a hole in the middle";
  EXPECT_EQ(begun.writer->finish(), EFBIG);
}

TEST(DirectWriterTest, MayEndBeforeItIsFinished) {
  Begun begun;
  S1FLOW_NEEDS_DIRECT_WRITING(begun);
  ASSERT_EQ(begun.writer->write(some_bytes(3 * kPiece + 1)), 0);
  begun.writer.reset();
  EXPECT_LE(std::filesystem::file_size(begun.path), DirectWriter::kUnit + 3 * kPiece);
}

TEST(DirectWriterTest, HasNothingToDoWithWhatIsNoFile) {
  const TemporaryFolder folder;
  EXPECT_EQ(DirectWriter::open(folder / "absent", 0), nullptr);
  std::filesystem::create_symlink("absent", folder / "link");
  EXPECT_EQ(DirectWriter::open(folder / "link", 0), nullptr);
}

// As the program uses it.

TEST(OutputFileReadLaterTest, HasTheBytesOfAnyOther) {
  constexpr std::size_t kFrom = std::size_t{8} << 20;  // smaller ones go the usual way
  for (const std::size_t size : {std::size_t{0}, std::size_t{100}, kFrom - 1, kFrom, kFrom + 1,
                                 kFrom + kPiece, 3 * kFrom + 77}) {
    const TemporaryFolder folder;
    const std::string bytes = some_bytes(size);
    for (const std::size_t step : {std::size_t{1000}, std::size_t{70'001}, std::size_t{30} << 20}) {
      auto file = OutputFile::create(folder / "out", Overwrite::yes, ReadAgain::later);
      ASSERT_TRUE(file);
      for (std::size_t at = 0; at < size; at += step)
        ASSERT_TRUE(file->write(std::string_view(bytes).substr(at, step)));
      EXPECT_EQ(file->written(), size);
      OutputFile moved = std::move(*file);
      ASSERT_TRUE(moved.commit());
      EXPECT_TRUE(get(folder / "out") == bytes) << size << " in steps of " << step;
    }
  }
}

TEST(OutputFileReadLaterTest, GoesOnWhereItWasWhenItLetGoOfItsDescriptor) {
  const TemporaryFolder folder;
  const std::string bytes = some_bytes(std::size_t{20} << 20);
  auto file = OutputFile::create(folder / "out", Overwrite::no, ReadAgain::later);
  ASSERT_TRUE(file);
  ASSERT_TRUE(file->write(bytes));
  ASSERT_TRUE(file->write("odd"));
  ASSERT_TRUE(file->park());
  ASSERT_TRUE(file->write(bytes));
  ASSERT_TRUE(file->commit());
  EXPECT_TRUE(get(folder / "out") == bytes + "odd" + bytes);
}

TEST(OutputFileReadLaterTest, LeavesNothingWhenDiscardedOrFailed) {
  const TemporaryFolder folder;
  const std::string bytes = some_bytes(std::size_t{20} << 20);
  {
    auto file = OutputFile::create(folder / "out", Overwrite::no, ReadAgain::later);
    ASSERT_TRUE(file);
    ASSERT_TRUE(file->write(bytes));
  }
  EXPECT_TRUE(is_empty(folder));
  for (const std::size_t room :
       {std::size_t{5} << 20, std::size_t{13} << 20, std::size_t{20} << 20}) {
    auto file = OutputFile::create(folder / "out", Overwrite::no, ReadAgain::later);
    ASSERT_TRUE(file);
    Status status;
    {
      const FileSizeLimit full(room);
      // What a thread of its own writes fails later than it was given, but before the end.
      status = file->write(bytes);
      if (status) status = file->write("more");
      if (status) status = file->commit();
    }
    ASSERT_FALSE(status) << room;
    EXPECT_NE(status.error().message().find("out: cannot write"), std::string::npos)
        << status.error().message();
    EXPECT_FALSE(file->write("more"));
    EXPECT_FALSE(file->commit());
    file->discard();
    EXPECT_TRUE(is_empty(folder)) << room;
  }
}

}  // namespace
}  // namespace s1flow
