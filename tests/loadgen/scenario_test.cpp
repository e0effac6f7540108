#include "loadgen/scenario.h"

#include <gtest/gtest.h>

#include "loadgen/duration.h"
#include "loadgen/shipped_scenarios.h"
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
    {"above_the_cap_of_connections", "requests = 100000", "connections = 7",
     "connections 8 is above the cap of 7"},
    {"above_the_cap_of_duration", "requests = 100000", "duration = \"11s\"",
     "duration in seconds 12 is above the cap of 11"},
    {"above_the_cap_of_requests", "requests = 100000", "requests = 5000", "above the cap of 5000"},
    {"same_phase_twice", "\"steady\"\nduration", "\"warm\"\nduration", "same name"},
    {"threshold_of_no_class", "class = \"8.11\"", "class = \"8.12\"", "no class '8.12'"},
    {"threshold_of_no_phase", "phase = \"steady\"", "phase = \"s\"", "no phase 's'"},
    {"threshold_of_no_form", "p99<250ms", "p99<250", "must be like"},
    {"threshold_of_no_target_time", "p99<250ms", "within trt>99%", "give a 'target'"},
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

constexpr std::string_view kSigned = R"(
[target]
url = "http://127.0.0.1:8079"
[receive]
listen = "127.0.0.1:8078"
answer_timeout = "20s"
[duis]
batch = "week"
sign = "corpus"
first_counter = 500
users = ["90-B3-D5-1F-30-01-00-00"]
[[phase]]
duration = "4s"
profile = "constant"
rate = 10
[[phase]]
duration = "6s"
profile = "constant"
rate = 20
[[request]]
srv = "4.8.1"
weight = 3
devices = ["ESME"]
[[request]]
srv = "4.8.1"
name = "later"
mode = "future-dated"
[[threshold]]
limit = "answer p99<30s"
class = "later"
)";

TEST(SignedScenarioTest, ReadsEverythingItDeclares) {
  const auto s = parse_scenario(kSigned, "s.toml", "folder");
  ASSERT_TRUE(s) << s.error().message();
  ASSERT_TRUE(s->duis);
  EXPECT_EQ(s->duis->batch, Path("folder/week"));
  EXPECT_EQ(s->duis->signing, Signing::corpus);
  EXPECT_EQ(s->duis->first_counter, 500U);
  ASSERT_EQ(s->duis->kinds.size(), 2U);
  EXPECT_EQ(s->duis->kinds[0].weight, 3);
  EXPECT_EQ(s->duis->kinds[0].devices, std::vector{DeviceType::esme});
  EXPECT_TRUE(s->duis->kinds[1].future_dated);
  ASSERT_TRUE(s->engine.join);
  EXPECT_EQ(s->engine.join->listen.port, 8078);
  EXPECT_EQ(s->engine.join->answer_timeout, std::chrono::seconds(20));
}

TEST(SignedScenarioTest, TakesWhatTheCommandLineGivesInstead) {
  const auto s = parse_scenario(kSigned, "s.toml", "folder",
                                {.url = "http://127.0.0.1:9999",
                                 .batch = "other",
                                 .cof = {},
                                 .last = std::chrono::seconds(1)});
  ASSERT_TRUE(s) << s.error().message();
  EXPECT_EQ(s->duis->batch, Path("other"));
  EXPECT_EQ(s->engine.endpoint.port, 9999);
  EXPECT_EQ(s->plan.phases()[0].duration, std::chrono::milliseconds(400));
  EXPECT_EQ(s->plan.end(), std::chrono::seconds(1));
  EXPECT_EQ(s->plan.phases()[1].schedule->count(), 12U);
}

struct SignedFault {
  const char* name;
  std::string_view from;
  std::string_view to;
  std::string_view why;
};
class SignedScenarioFaultTest : public testing::TestWithParam<SignedFault> {};
TEST_P(SignedScenarioFaultTest, IsTold) {
  std::string text(kSigned);
  const std::size_t at = text.find(GetParam().from);
  ASSERT_NE(at, std::string::npos);
  text.replace(at, GetParam().from.size(), GetParam().to);
  const auto s = parse_scenario(text, "s.toml", "");
  ASSERT_FALSE(s);
  EXPECT_NE(s.error().message().find(GetParam().why), std::string::npos) << s.error().message();
}
const SignedFault kSignedFaults[] = {
    {"no_batch", "batch = \"week\"\n", "", "--batch"},
    {"unknown_variant", "srv = \"4.8.1\"", "srv = \"99.1\"", "no Service Reference Variant"},
    {"unknown_signing", "corpus", "later", "sign"},
    {"unknown_user", "90-B3", "90B3", "no EUI-64"},
    {"unknown_device", "ESME", "METER", "no type of device"},
    {"same_name", "name = \"later\"\n", "", "another request is called"},
    {"listens_to_all", "127.0.0.1:8078", "0.0.0.0:8078", "loopback"},
    {"listens_nowhere", "127.0.0.1:8078", "127.0.0.1", "ADDRESS:PORT"},
    {"unknown_class", "class = \"later\"", "class = \"never\"", "no class"},
    {"unknown_key", "answer_timeout", "patience", "patience"},
    {"bodies_beside", "[[threshold]]", "[[mix]]\nname = \"a\"\n[[threshold]]",
     "cannot stand beside"},
};
INSTANTIATE_TEST_SUITE_P(Faults, SignedScenarioFaultTest, testing::ValuesIn(kSignedFaults),
                         case_name<SignedFault>);

TEST(ShippedScenarioTest, EachIsReadAndSaysWhatItIs) {
  EXPECT_EQ(shipped_scenario_files().size(), 7U);
  for (const EmbeddedFile& file : shipped_scenario_files()) {
    const std::string name(file.path.substr(0, file.path.rfind('.')));
    const auto s = open_scenario(name, {.batch = "week", .last = std::chrono::seconds(10)});
    ASSERT_TRUE(s) << s.error().message();
    EXPECT_EQ(s->name, name);
    EXPECT_GT(summary_of(file).size(), 20U) << name;
    if (s->files) {
      EXPECT_EQ(s->files->last, std::chrono::seconds(10));
      continue;
    }
    EXPECT_NEAR(seconds_of(s->plan.end()), 10, 1e-6);
  }
}

TEST(SignedScenarioTest, KnowsTheTargetResponseTimesOfItsRequests) {
  std::string text(kSigned);
  text += "[[request]]\nsrv = \"2.2\"\ntarget = \"45s\"\n";
  auto s = parse_scenario(text, "s.toml", "");
  ASSERT_TRUE(s) << s.error().message();
  const auto target = [&](std::size_t kind) {
    return target_of(s->duis->kinds[kind], s->duis->generation);
  };
  EXPECT_EQ(target(0), std::chrono::seconds(16)) << "4.8.1 of SMETS1";
  EXPECT_EQ(target(1), Nanoseconds{0}) << "counts from its execution";
  EXPECT_EQ(target(2), std::chrono::seconds(45));
  text.replace(text.find("sign = \"corpus\""), 15, "generation = \"smets2\"");
  s = parse_scenario(text, "s.toml", "");
  ASSERT_TRUE(s) << s.error().message();
  EXPECT_EQ(target(0), std::chrono::seconds(5600));
}

TEST(SignedScenarioTest, ShowsTheCertificatesOfUsersToAnHttpsTargetThatNamesNone) {
  std::string text(kSigned);
  text.replace(text.find("http://"), 7, "https://");
  auto s = parse_scenario(text, "s.toml", "");
  ASSERT_TRUE(s) << s.error().message();
  EXPECT_TRUE(s->duis->mutual_tls);
  text.replace(text.find("[receive]"), 0, "ca = \"ca.pem\"\n");
  s = parse_scenario(text, "s.toml", "");
  ASSERT_TRUE(s) << s.error().message();
  EXPECT_FALSE(s->duis->mutual_tls);
}

constexpr std::string_view kFiles = R"(
[files]
kind = "registration"
batch = "week"
[[file]]
name = "full"
[[file]]
name = "daily"
count = 20
share = 0.1
[[threshold]]
limit = "max<1m"
class = "full"
)";

TEST(FileScenarioTest, HasKindsOfFilesAndNoTarget) {
  const auto s = parse_scenario(kFiles, "f.toml", "folder");
  ASSERT_TRUE(s) << s.error().message();
  ASSERT_TRUE(s->files);
  EXPECT_EQ(s->files->batch, Path("folder/week"));
  ASSERT_EQ(s->files->kinds.size(), 2U);
  EXPECT_EQ(s->files->kinds[0].share, 1);
  EXPECT_EQ(s->files->kinds[1].count, 20U);
  EXPECT_FALSE(parse_scenario(kFiles, "f.toml", "", {.url = "http://127.0.0.1:1"}));
}

class FileScenarioFaultTest : public testing::TestWithParam<SignedFault> {};
TEST_P(FileScenarioFaultTest, IsTold) {
  std::string text(kFiles);
  text.replace(text.find(GetParam().from), GetParam().from.size(), GetParam().to);
  const auto s = parse_scenario(text, "f.toml", "");
  ASSERT_FALSE(s);
  EXPECT_NE(s.error().message().find(GetParam().why), std::string::npos) << s.error().message();
}
const SignedFault kFileFaults[] = {
    {"no_batch", "batch = \"week\"\n", "", "--batch"},
    {"unknown_kind", "registration", "inventory", "kind"},
    {"same_name", "\"daily\"", "\"full\"", "same name"},
    {"no_file", "count = 20", "count = 0", "1 or more"},
    {"more_than_all", "share = 0.1", "share = 1.1", "share"},
    {"unknown_class", "class = \"full\"", "class = \"week\"", "no class"},
    {"a_target_beside", "[files]", "[target]\nurl = \"http://127.0.0.1:1\"\n[files]", "target"},
};
INSTANTIATE_TEST_SUITE_P(Faults, FileScenarioFaultTest, testing::ValuesIn(kFileFaults),
                         case_name<SignedFault>);

TEST(ShippedScenarioTest, AnUnknownNameListsThem) {
  const auto s = open_scenario("nightly", {});
  ASSERT_FALSE(s);
  EXPECT_NE(s.error().message().find("daily-reads"), std::string::npos);
}

}  // namespace
}  // namespace s1flow::loadgen
