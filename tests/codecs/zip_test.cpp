// A ZIP with one protected file: what is taken, what is refused, and the limits at their value and
// one above it.

#include <string>

#include <gtest/gtest.h>

#include "codecs/zip/protected_zip.h"
#include "tests/temporary_folder.h"

namespace s1flow::codecs {
namespace {

class ZipTest : public testing::Test {
 protected:
  Path make(const std::string& content, const std::string& name = "MA_1.csv",
            std::string_view password = "secret") {
    const Path plain = folder_ / "plain";
    EXPECT_TRUE(write_whole(plain, content, Overwrite::yes));
    const Path zip = folder_ / "a.zip";
    EXPECT_TRUE(zip_protected(plain, name, password, zip, Overwrite::yes));
    return zip;
  }
  UnzippedFile open(const Path& zip, std::string_view password = "secret",
                    const Limits& limits = {}) {
    got_.clear();
    return *unzip_protected(
        zip, password,
        [this](std::string_view bytes) {
          got_ += bytes;
          return Status();
        },
        limits);
  }
  TemporaryFolder folder_;
  std::string got_;
};

TEST_F(ZipTest, GivesBackWhatWasPutIn) {
  for (const std::string& content :
       {std::string(), std::string("a,b\r\n1,2\r\n"), std::string(700'000, 'x')}) {
    Limits limits;
    limits.expansion = 2000;
    const UnzippedFile file = open(make(content), "secret", limits);
    EXPECT_FALSE(file.fault) << file.fault->note;
    EXPECT_EQ(file.name, "MA_1.csv");
    EXPECT_EQ(got_, content);
    EXPECT_EQ(file.bytes, content.size());
  }
}

TEST_F(ZipTest, HoldsItsLimitOfSize) {
  const Path zip = make("0123456789");
  Limits limits;
  limits.unpacked_bytes = 10;
  EXPECT_FALSE(open(zip, "secret", limits).fault);
  limits.unpacked_bytes = 9;
  ASSERT_TRUE(open(zip, "secret", limits).fault);
  EXPECT_EQ(got_, "");
}

TEST_F(ZipTest, HoldsItsLimitOfExpansion) {
  const Path zip = make(std::string(1'000'000, '7'));
  Limits limits;
  EXPECT_TRUE(open(zip, "secret", limits).fault);
  EXPECT_EQ(got_, "");
  limits.expansion = 2000;
  EXPECT_FALSE(open(zip, "secret", limits).fault);
}

TEST_F(ZipTest, OpensWithItsPasswordOnly) {
  const Path zip = make("0123456789");
  for (const std::string_view wrong : {"", "Secret", "secret ", "secre"}) {
    const UnzippedFile file = open(zip, wrong);
    ASSERT_TRUE(file.fault) << wrong;
    EXPECT_EQ(file.fault->rule->id, "zip.refused");
  }
}

TEST_F(ZipTest, RefusesEveryTruncation) {
  const std::string whole = *read_text(make("0123456789"));
  for (std::size_t i = 0; i < whole.size(); ++i) {
    ASSERT_TRUE(write_whole(folder_ / "cut.zip", whole.substr(0, i), Overwrite::yes));
    EXPECT_TRUE(open(folder_ / "cut.zip").fault) << i;
  }
}

TEST_F(ZipTest, NeverGivesOtherBytesAsWhole) {
  const std::string whole = *read_text(make("0123456789"));
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::string changed = whole;
    changed[i] = static_cast<char>(changed[i] ^ 0x21);
    ASSERT_TRUE(write_whole(folder_ / "changed.zip", changed, Overwrite::yes));
    if (!open(folder_ / "changed.zip").fault) {
      EXPECT_EQ(got_, "0123456789") << i;
    }
  }
}

TEST_F(ZipTest, MakesNoNamesThatArePaths) {
  const Path plain = folder_ / "plain";
  ASSERT_TRUE(write_whole(plain, "x"));
  for (const std::string name : {"", "../a", "/a", "a/b", ".a", "a\\b", "a\nb", "a b"})
    EXPECT_FALSE(zip_protected(plain, name, "p", folder_ / "b.zip")) << name;
}

TEST(ZipHeadTest, IsTold) {
  EXPECT_TRUE(looks_like_zip("PK\x03\x04..."));
  EXPECT_FALSE(looks_like_zip("PK"));
  EXPECT_FALSE(looks_like_zip("MPxN,"));
}

}  // namespace
}  // namespace s1flow::codecs
