#include "loadgen/duis/duis_source.h"

#include <map>

#include <gtest/gtest.h>

#include "codecs/duis/request_judge.h"
#include "loadgen/plan.h"
#include "loadgen/profiles/registry.h"
#include "tests/case_name.h"
#include "tests/codecs/crypto_support.h"
#include "tests/loadgen/duis_batch.h"

namespace s1flow::loadgen {
namespace {

namespace duis = codecs::duis;
using testing_support::batch_of_tests;

constexpr std::uint64_t kRequests = 300;

DuisSettings settings_of(Signing signing) {
  DuisSettings settings;
  settings.batch = batch_of_tests();
  settings.signing = signing;
  settings.ahead = 64;
  settings.first_counter = 1000;
  for (const char* variant : {"4.8.1", "8.1.1", "8.11", "12.2"})
    settings.kinds.push_back({.srv = find_srv(variant), .name = variant});
  settings.kinds[0].weight = 5;
  return settings;
}

Plan plan_of_requests() {
  Plan plan;
  plan.add("one", PhaseKind::warm_up, std::chrono::seconds(1),
           constant_schedule(100, std::chrono::seconds(1)));
  plan.add("two", PhaseKind::measure, std::chrono::seconds(2),
           constant_schedule(100, std::chrono::seconds(2)));
  return plan;
}

std::unique_ptr<RequestSource> source_of(const DuisSettings& settings, const Plan& plan,
                                         std::uint64_t seed = 7) {
  auto requests = RequestPlan::make(settings, "127.0.0.1:8079", seed);
  EXPECT_TRUE(requests) << requests.error().message();
  return *make_duis_source(*requests, plan);
}

// Without what the signature makes of it.
std::string content_of(std::string_view bytes) {
  return std::string(bytes.substr(0, bytes.find("<ds:Signature")));
}

std::map<std::uint64_t, std::string> contents_of(RequestSource& source, const Plan& plan,
                                                 std::uint64_t threads) {
  std::map<std::uint64_t, std::string> out;
  for (std::uint64_t i = 0; i < threads; ++i) {
    const auto writer = source.writer({i, threads});
    for (PlanCursor cursor(plan, i, threads); !cursor.done(); cursor.advance())
      out[cursor.number()] = content_of(writer->write(cursor.number()).bytes);
  }
  return out;
}

struct SourceCase {
  const char* name;
  Signing signing;
  std::uint64_t threads;
};
class DuisSourceTest : public testing::TestWithParam<SourceCase> {};

TEST_P(DuisSourceTest, GivesTheSameBytesHoweverTheyAreSigned) {
  const Plan plan = plan_of_requests();
  const auto reference = source_of(settings_of(Signing::in_line), plan);
  const auto source = source_of(settings_of(GetParam().signing), plan);
  const auto expected = contents_of(*reference, plan, 1);
  EXPECT_EQ(expected.size(), kRequests);
  EXPECT_EQ(contents_of(*source, plan, GetParam().threads), expected);
}

TEST_P(DuisSourceTest, SignsWhatTheOtherSideAccepts) {
  const Plan plan = plan_of_requests();
  const auto source = source_of(settings_of(GetParam().signing), plan);
  duis::RequestJudge judge;
  duis::DuplicateGuard guard(duis::DuplicateGuard::Order::window);
  const duis::TrustView trust{.pki = &codecs::crypto::testing_support::shared_pki(),
                              .clock = codecs::crypto::testing_support::clock_of_tests()};
  std::uint64_t accepted = 0;
  for (std::uint64_t i = 0; i < GetParam().threads; ++i) {
    const auto writer = source->writer({i, GetParam().threads});
    for (PlanCursor cursor(plan, i, GetParam().threads); !cursor.done(); cursor.advance()) {
      const Request request = writer->write(cursor.number());
      const auto verdict =
          judge.judge(request.bytes.substr(request.bytes.find("\r\n\r\n") + 4), trust, &guard);
      EXPECT_TRUE(verdict.accepted()) << verdict.why;
      EXPECT_EQ(verdict.id.counter, 1000 + cursor.number());
      EXPECT_EQ(request.key.counter, verdict.id.counter);
      EXPECT_EQ(source->classes()[request.class_index].name, verdict.srv->variant);
      accepted += verdict.accepted() ? 1 : 0;
    }
  }
  EXPECT_EQ(accepted, kRequests);
}

const SourceCase kSources[] = {
    {"inline_one", Signing::in_line, 1}, {"inline_three", Signing::in_line, 3},
    {"ahead_one", Signing::ahead, 1},    {"ahead_three", Signing::ahead, 3},
    {"corpus_one", Signing::corpus, 1},  {"corpus_three", Signing::corpus, 3}};
INSTANTIATE_TEST_SUITE_P(Signings, DuisSourceTest, testing::ValuesIn(kSources),
                         case_name<SourceCase>);

TEST(DuisSourceSeedTest, OtherSeedsGiveOtherRequests) {
  const Plan plan = plan_of_requests();
  const DuisSettings settings = settings_of(Signing::in_line);
  EXPECT_NE(contents_of(*source_of(settings, plan, 1), plan, 1),
            contents_of(*source_of(settings, plan, 2), plan, 1));
}

TEST(DuisSourceAheadTest, GoesOnAfterRequestsThatWereNeverAskedFor) {
  const Plan plan = plan_of_requests();
  const auto source = source_of(settings_of(Signing::ahead), plan);
  const auto reference = source_of(settings_of(Signing::in_line), plan);
  const auto writer = source->writer({0, 1});
  const auto plain = reference->writer({0, 1});
  for (std::uint64_t number = 0; number < kRequests; number += 7)
    EXPECT_EQ(content_of(writer->write(number).bytes), content_of(plain->write(number).bytes));
}

TEST(DuisSourceAheadTest, CountsWhatWasDueBeforeItWasSigned) {
  const Plan plan = plan_of_requests();
  const auto source = source_of(settings_of(Signing::ahead), plan);
  const auto writer = source->writer({0, 1});
  // Far beyond what any pool has looked at.
  (void)writer->write(290);
  EXPECT_EQ(writer->unsigned_in_time(), 1U);
}

TEST(DuisSourceTargetTest, AddressesTheHubForItsLogAndTheDccForItsOwn) {
  const Plan plan = plan_of_requests();
  const auto source = source_of(settings_of(Signing::in_line), plan);
  const auto writer = source->writer({0, 1});
  std::map<std::string, std::uint64_t> targets;
  for (std::uint64_t n = 0; n < kRequests; ++n) {
    const Request request = writer->write(n);
    targets[source->classes()[request.class_index].name] = request.key.target;
  }
  EXPECT_EQ(targets.at("8.11"), testing_support::kHub);
  EXPECT_EQ(targets.at("12.2"), codecs::crypto::testing_support::kDcc.value());
  EXPECT_NE(targets.at("8.1.1"), testing_support::kHub);
}

TEST(DuisSourceRoleTest, ASupplierOfBothFuelsIsTheOneOfTheMeter) {
  DuisSettings settings = settings_of(Signing::in_line);
  settings.kinds = {{.srv = find_srv("4.1.1"), .name = "reads"}};
  const Plan plan = plan_of_requests();
  const auto source = source_of(settings, plan);
  ASSERT_EQ(source->classes().size(), 2U);
  std::map<std::uint64_t, std::string> roles;
  const auto writer = source->writer({0, 1});
  for (std::uint64_t n = 0; n < kRequests; ++n) {
    const Request request = writer->write(n);
    EXPECT_EQ(writer->class_of(n), request.class_index);
    const RequestClass& c = source->classes()[request.class_index];
    EXPECT_EQ(c.name, "reads");
    EXPECT_EQ(c.srv->variant, "4.1.1");
    const auto [at, made] = roles.emplace(request.key.target, c.role);
    EXPECT_EQ(at->second, c.role);
  }
  EXPECT_EQ(roles, (std::map<std::uint64_t, std::string>{{testing_support::kEsme, "IS"},
                                                         {testing_support::kGsme, "GS"}}));
}

struct RefusalCase {
  const char* name;
  void (*change)(DuisSettings&);
  std::string_view why;
};
class DuisSourceRefusalTest : public testing::TestWithParam<RefusalCase> {};
TEST_P(DuisSourceRefusalTest, IsToldBeforeTheRun) {
  DuisSettings settings = settings_of(Signing::corpus);
  GetParam().change(settings);
  const Plan plan = plan_of_requests();
  const auto requests = RequestPlan::make(settings, "h", 1);
  std::string why;
  if (!requests)
    why = requests.error().message();
  else if (const auto source = make_duis_source(*requests, plan); !source)
    why = source.error().message();
  EXPECT_NE(why.find(GetParam().why), std::string::npos) << why;
}
const RefusalCase kRefusals[] = {
    {"no_batch", [](DuisSettings& s) { s.batch = "no-such-folder"; }, "batch.toml"},
    {"user_without_key", [](DuisSettings& s) { s.users = {Eui64(1)}; }, "no User with a key"},
    {"no_device", [](DuisSettings& s) { s.kinds[0].devices = {DeviceType::ihd}; }, "no device"},
    {"corpus_too_large", [](DuisSettings& s) { s.corpus_bytes = 10'000; }, "corpus_bytes"},
    {"given_by_a_stranger",
     [](DuisSettings& s) {
       s.given = {{0, Eui64(5), Eui64(6), Eui64(7)}};
     },
     "XML-signing key of 00-00-00-00-00-00-00-05"},
};
INSTANTIATE_TEST_SUITE_P(Reasons, DuisSourceRefusalTest, testing::ValuesIn(kRefusals),
                         case_name<RefusalCase>);

}  // namespace
}  // namespace s1flow::loadgen
