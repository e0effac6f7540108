#include "core/scratch_folder.h"

#include <filesystem>
#include <fstream>
#include <optional>
#include <utility>

#include <gtest/gtest.h>

#include "tests/temporary_folder.h"

namespace s1flow {
namespace {

namespace fs = std::filesystem;

TEST(ScratchFolderTest, IsItsOwnersAloneAndGoesWithAllThatIsInIt) {
  std::optional<ScratchFolder> folder;
  for (const Secrecy secrecy : {Secrecy::plain, Secrecy::secret}) {
    auto made = ScratchFolder::create(secrecy);
    ASSERT_TRUE(made) << made.error().message();
    folder.emplace(*std::move(made));
    const Path path = folder->path();
    EXPECT_EQ(fs::status(path).permissions(), fs::perms::owner_all);
    fs::create_directory(path / "below");
    std::ofstream(path / "below" / "file") << "x";
    folder.reset();
    EXPECT_FALSE(fs::exists(path));
  }
}

TEST(ScratchFolderTest, BelongsToOneObjectAtATime) {
  const TemporaryFolder parent;
  auto first = ScratchFolder::create_below(parent.path());
  ASSERT_TRUE(first);
  const Path path = first->path();
  EXPECT_EQ(path.parent_path(), parent.path());
  {
    const ScratchFolder second = *std::move(first);
    EXPECT_EQ(second.path(), path);
    EXPECT_TRUE(fs::exists(path));
  }
  EXPECT_FALSE(fs::exists(path));
}

TEST(ScratchFolderTest, TellsWhereItCannotBeMade) {
  const auto made = ScratchFolder::create_below("/nowhere/at/all");
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().kind(), ErrorKind::io);
  EXPECT_NE(made.error().message().find("/nowhere/at/all"), std::string::npos);
}

}  // namespace
}  // namespace s1flow
