// Outputs of thousands of inputs: committed in groups beside the work, none lost and none torn.

#include "cli/many_inputs.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "core/folder.h"
#include "tests/temporary_folder.h"

namespace s1flow::cli {
namespace {

constexpr std::size_t kFiles = 4500;

class OutputFolderTest : public testing::Test {
 protected:
  OutputFolderTest() {
    inputs_.several = true;
    for (std::size_t i = 0; i < kFiles; ++i) {
      inputs_.names.push_back((folder_ / "in" / (std::to_string(i) + ".xml")).string());
    }
  }
  OutputFolder open() {
    auto opened = OutputFolder::open(out_.string(), inputs_, Overwrite::no);
    EXPECT_TRUE(opened) << opened.error().message();
    return *std::move(opened);
  }
  // Of the first that fails; what was added before may be another.
  Status add_all(OutputFolder& outputs) {
    for (const std::string& name : inputs_.names) {
      auto staged = outputs.write(name, "of " + name);
      if (!staged) return tl::unexpected(std::move(staged).error());
      S1FLOW_TRY_VOID(outputs.add(*std::move(staged)));
    }
    return outputs.finish();
  }
  std::vector<std::string> made() const { return *names_in(out_); }

  TemporaryFolder folder_;
  Path out_ = folder_ / "out";
  ManyInputs inputs_;
};

TEST_F(OutputFolderTest, HoldsEachOfThousandsWhole) {
  OutputFolder outputs = open();
  const Status status = add_all(outputs);
  ASSERT_TRUE(status) << status.error().message();
  ASSERT_EQ(made().size(), kFiles);
  for (const std::string& name : inputs_.names) {
    const auto text = read_text(outputs.path_for(name), 1000);
    ASSERT_TRUE(text);
    ASSERT_EQ(*text, "of " + name);
  }
}

TEST_F(OutputFolderTest, NamesTheOneThatCouldNotTakeItsPlaceAndLeavesNoPart) {
  for (const std::size_t which : {std::size_t{0}, kFiles / 2, kFiles - 1}) {
    {
      OutputFolder outputs = open();
      // Comes up while the work goes on.
      const Path taken = outputs.path_for(inputs_.names[which]);
      auto early = outputs.write(inputs_.names[which], "of " + inputs_.names[which]);
      ASSERT_TRUE(early);
      std::ofstream(taken) << "somebody else's";
      Status status;
      for (std::size_t i = 0; i < kFiles && status; ++i) {
        auto staged = i == which ? std::move(early) : outputs.write(inputs_.names[i], "x");
        ASSERT_TRUE(staged);
        status = outputs.add(*std::move(staged));
      }
      if (status) status = outputs.finish();
      ASSERT_FALSE(status);
      EXPECT_NE(status.error().message().find(taken.string()), std::string::npos)
          << status.error().message();
      EXPECT_EQ(*read_text(taken, 100), "somebody else's");
    }
    for (const std::string& name : made()) ASSERT_TRUE(name.ends_with(".xml")) << name;
    std::filesystem::remove_all(out_);
  }
}

}  // namespace
}  // namespace s1flow::cli
