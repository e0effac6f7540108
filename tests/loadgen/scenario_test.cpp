#include "loadgen/scenario.h"

#include <gtest/gtest.h>

#include "loadgen/duration.h"
#include "tests/case_name.h"

namespace s1flow::loadgen {
namespace {

constexpr std::string_view kWhole = R"(
name = "reads"
seed = 7
drain = "3s"
[target]
url = "http://127.0.0.1:8080/base"
connections = 8
threads = 2
[caps]
rate = 2000
requests = 100000
[[phase]]
name = "warm"
kind = "warm-up"
duration = "2s"
profile = "ramp"
from = 0
to = 1000
[[phase]]
name = "steady"
duration = "10s"
profile = "poisson"
rate = 1000
[[mix]]
name = "4.1.1"
weight = 9
[[mix]]
name = "8.11"
path = "/other"
headers = ["X-Role: IS"]
[[threshold]]
limit = "p99<250ms"
class = "8.11"
[[threshold]]
limit = "errors<0.1%"
phase = "steady"
[[abort]]
limit = "errors<50%"
seconds = 2
)";

TEST(ScenarioTest, ReadsEverythingItDeclares) {
  const auto s = parse_scenario(kWhole, "reads.toml", "");
  ASSERT_TRUE(s) << s.error().message();
  EXPECT_EQ(s->seed, 7U);
  EXPECT_EQ(s->engine.connections, 8U);
  EXPECT_EQ(s->engine.drain, std::chrono::seconds(3));
  ASSERT_EQ(s->plan.phases().size(), 2U);
  EXPECT_EQ(s->plan.phases()[0].kind, PhaseKind::warm_up);
  EXPECT_EQ(s->plan.phases()[1].start, std::chrono::seconds(2));
  EXPECT_EQ(s->plan.phases()[1].first_number, 1000U);
  ASSERT_EQ(s->mix.size(), 2U);
  EXPECT_EQ(s->mix[0].path, "/base");
  EXPECT_EQ(s->mix[1].path, "/other");
  EXPECT_EQ(s->thresholds[0].class_name, "8.11");
  EXPECT_EQ(s->thresholds[1].phase, "steady");
  EXPECT_EQ(s->aborts[0].seconds, 2U);
}

TEST(ScenarioTest, GivesTheSamePlanForTheSameSeedOnly) {
  std::string other(kWhole);
  other.replace(other.find("seed = 7"), 8, "seed = 8");
  const auto a = parse_scenario(kWhole, "a", "");
  const auto b = parse_scenario(kWhole, "b", "");
  const auto c = parse_scenario(other, "c", "");
  for (const std::uint64_t k : {1, 100, 5000}) {
    EXPECT_EQ(a->plan.phases()[1].schedule->due(k), b->plan.phases()[1].schedule->due(k));
    EXPECT_NE(a->plan.phases()[1].schedule->due(k), c->plan.phases()[1].schedule->due(k));
  }
}

struct ChangeCase {
  const char* name;
  const char* from;
  const char* to;
  const char* why;
};
class BadScenarioTest : public testing::TestWithParam<ChangeCase> {};

TEST_P(BadScenarioTest, IsRefusedWithItsReason) {
  std::string text(kWhole);
  const std::size_t at = text.find(GetParam().from);
  ASSERT_NE(at, std::string::npos);
  text.replace(at, std::string_view(GetParam().from).size(), GetParam().to);
  const auto s = parse_scenario(text, "reads.toml", "");
  ASSERT_FALSE(s);
  EXPECT_EQ(s.error().kind(), ErrorKind::usage);
  EXPECT_NE(s.error().message().find(GetParam().why), std::string::npos) << s.error().message();
}

constexpr ChangeCase kChanges[] = {
    {"unknown_key", "seed = 7", "sede = 7", "sede"},
    {"unknown_profile", "\"ramp\"", "\"rampe\"", "there are constant ramp"},
    {"unknown_parameter", "from = 0", "start = 0", "start"},
    {"target_far_away", "127.0.0.1", "192.0.2.1", "allow-list"},
    {"more_threads_than_connections", "threads = 2", "threads = 9", "'threads' not above"},
    {"above_the_cap_of_rate", "rate = 2000", "rate = 500", "above the cap of 500"},
    {"above_the_cap_of_requests", "requests = 100000", "requests = 5000", "above the cap of 5000"},
    {"same_phase_twice", "\"steady\"\nduration", "\"warm\"\nduration", "same name"},
    {"threshold_of_no_class", "class = \"8.11\"", "class = \"8.12\"", "no class '8.12'"},
    {"threshold_of_no_phase", "phase = \"steady\"", "phase = \"s\"", "no phase 's'"},
    {"threshold_of_no_form", "p99<250ms", "p99<250", "must be like"},
    {"abort_that_is_not_kept", "errors<50%", "p75<1s", "an abort rule limits"},
    {"no_phase", "[[phase]]\nname = \"warm\"", "[[phrase]]\nname = \"warm\"", "phrase"},
    {"duration_without_unit", "\"10s\"", "\"10\"", "must be a duration"},
};
INSTANTIATE_TEST_SUITE_P(Changes, BadScenarioTest, testing::ValuesIn(kChanges),
                         case_name<ChangeCase>);

TEST(AbortWatchTest, ActsOnlyAfterSoManySecondsInARow) {
  const std::vector<AbortRule> rules{{*parse_threshold("errors<50%"), 2},
                                     {*parse_threshold("p99<100ms"), 3}};
  AbortWatch watch(rules);
  Second good{.ok = 10, .failed = 1, .p99 = std::chrono::milliseconds(50)};
  Second bad{.ok = 1, .failed = 10, .p99 = std::chrono::milliseconds(50)};
  Second slow{.ok = 10, .failed = 0, .p99 = std::chrono::milliseconds(150)};
  EXPECT_FALSE(watch.see(bad));
  EXPECT_FALSE(watch.see(good));
  EXPECT_FALSE(watch.see(bad));
  EXPECT_TRUE(watch.see(bad));
  AbortWatch other(rules);
  EXPECT_FALSE(other.see(slow));
  EXPECT_FALSE(other.see(slow));
  const auto why = other.see(slow);
  ASSERT_TRUE(why);
  EXPECT_NE(why->find("p99"), std::string::npos) << *why;
}

}  // namespace
}  // namespace s1flow::loadgen
