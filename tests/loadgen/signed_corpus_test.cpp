#include "loadgen/duis/signed_corpus.h"

#include <gtest/gtest.h>

#include "loadgen/plan.h"
#include "loadgen/profiles/registry.h"
#include "tests/case_name.h"
#include "tests/loadgen/duis_batch.h"
#include "tests/temporary_folder.h"

namespace s1flow::loadgen {
namespace {

constexpr std::uint64_t kRequests = 1500;  // more than one block

DuisSettings settings_of_tests() {
  DuisSettings settings;
  settings.batch = testing_support::batch_of_tests();
  settings.signing = Signing::corpus;
  for (const char* variant : {"4.8.1", "8.1.1"})
    settings.kinds.push_back({.srv = find_srv(variant), .name = variant});
  return settings;
}

Plan plan_of(std::uint64_t requests) {
  Plan plan;
  plan.add("one", PhaseKind::measure, std::chrono::seconds(1),
           constant_schedule(static_cast<double>(requests), std::chrono::seconds(1)));
  return plan;
}

std::shared_ptr<const RequestPlan> requests_of(const DuisSettings& settings, std::uint64_t seed,
                                               const std::string& authority = "127.0.0.1:8079") {
  auto requests = RequestPlan::make(settings, authority, seed);
  EXPECT_TRUE(requests) << requests.error().message();
  return *requests;
}

class SignedCorpusTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto made = SignedCorpus::make(requests_, plan_);
    ASSERT_TRUE(made) << made.error().message();
    for (std::uint64_t n = 0; n < kRequests; ++n) expected_.emplace_back(made->bytes(n));
    ASSERT_TRUE(made->save(file_, Overwrite::no, requests_));
  }

  TemporaryFolder folder_;
  Path file_ = folder_ / "corpus";
  Plan plan_ = plan_of(kRequests);
  std::shared_ptr<const RequestPlan> requests_ = requests_of(settings_of_tests(), 7);
  std::vector<std::string> expected_;
};

TEST_F(SignedCorpusTest, GivesBackEveryRequestOfTheFile) {
  const auto corpus = SignedCorpus::open(file_, requests_, plan_);
  ASSERT_TRUE(corpus) << corpus.error().message();
  ASSERT_EQ(corpus->count(), kRequests);
  for (std::uint64_t n = 0; n < kRequests; ++n) ASSERT_EQ(corpus->bytes(n), expected_[n]) << n;
}

TEST_F(SignedCorpusTest, ReplacesNothingUnlessAsked) {
  const auto made = SignedCorpus::make(requests_, plan_);
  EXPECT_FALSE(made->save(file_, Overwrite::no, requests_));
  EXPECT_TRUE(made->save(file_, Overwrite::yes, requests_));
}

struct OtherCase {
  const char* name;
  std::uint64_t seed;
  const char* authority;
  std::uint64_t requests;
  const char* variant;  // in place of 4.8.1
};
class OtherCorpusTest : public SignedCorpusTest, public testing::WithParamInterface<OtherCase> {};

TEST_P(OtherCorpusTest, IsRefusedForAnotherPlan) {
  DuisSettings settings = settings_of_tests();
  settings.kinds[0] = {.srv = find_srv(GetParam().variant), .name = GetParam().variant};
  const auto requests = requests_of(settings, GetParam().seed, GetParam().authority);
  const auto corpus = SignedCorpus::open(file_, requests, plan_of(GetParam().requests));
  ASSERT_FALSE(corpus);
  EXPECT_NE(corpus.error().message().find("was made for another"), std::string::npos)
      << corpus.error().message();
}

const OtherCase kOthers[] = {
    {"seed", 8, "127.0.0.1:8079", kRequests, "4.8.1"},
    {"target", 7, "127.0.0.1:8080", kRequests, "4.8.1"},
    {"shorter", 7, "127.0.0.1:8079", kRequests - 1, "4.8.1"},
    {"longer", 7, "127.0.0.1:8079", kRequests + 1, "4.8.1"},
    {"mix", 7, "127.0.0.1:8079", kRequests, "4.6.1"},
};
INSTANTIATE_TEST_SUITE_P(Plans, OtherCorpusTest, testing::ValuesIn(kOthers), case_name<OtherCase>);

TEST_F(SignedCorpusTest, RefusesEveryCut) {
  const std::string whole = *read_text(file_);
  for (std::size_t size = 0; size < whole.size(); size += size < 2000 ? 7 : 9973) {
    ASSERT_TRUE(write_whole(file_, std::string_view(whole).substr(0, size), Overwrite::yes));
    const auto corpus = SignedCorpus::open(file_, requests_, plan_);
    ASSERT_FALSE(corpus) << size;
    EXPECT_NE(corpus.error().message().find("--presign"), std::string::npos);
  }
}

TEST_F(SignedCorpusTest, RefusesAnotherKindOfFile) {
  ASSERT_TRUE(write_whole(file_, std::string(500, 'x'), Overwrite::yes));
  const auto corpus = SignedCorpus::open(file_, requests_, plan_);
  ASSERT_FALSE(corpus);
  EXPECT_NE(corpus.error().message().find("is no corpus"), std::string::npos);
}

}  // namespace
}  // namespace s1flow::loadgen
