#include "loadgen/verdict.h"

#include <gtest/gtest.h>

#include "loadgen/duration.h"
#include "loadgen/profiles/registry.h"
#include "tests/case_name.h"

namespace s1flow::loadgen {
namespace {

struct TextCase {
  const char* name;
  const char* text;
  const char* shown;  // null: refused
};
class ThresholdTextTest : public testing::TestWithParam<TextCase> {};

TEST_P(ThresholdTextTest, IsUnderstoodOrRefused) {
  const auto t = parse_threshold(GetParam().text);
  ASSERT_EQ(t.has_value(), GetParam().shown != nullptr);
  if (t) {
    EXPECT_EQ(t->text(), GetParam().shown);
  }
}
constexpr TextCase kTexts[] = {
    {"percentile", "p99<250ms", "p99 < 250 ms"},
    {"decimal_percentile", " p99.9 < 1s ", "p99.9 < 1000 ms"},
    {"largest", "max<2s", "max < 2000 ms"},
    {"errors_percent", "errors<0.5%", "errors < 0.5 %"},
    {"errors_share", "errors<0.005", "errors < 0.5 %"},
    {"within", "within 500ms>99%", "within 500 ms > 99 %"},
    {"of_a_class", "class 4.1.1 service p50<1ms", "class 4.1.1 service p50 < 1 ms"},
    {"answer", "answer p99<30s", "answer p99 < 30000 ms"},
    {"no_unit", "p99<250", nullptr},
    {"beyond_all", "p101<1s", nullptr},
    {"wrong_direction", "p99>1s", nullptr},
    {"share_above_one", "errors<200%", nullptr},
    {"empty", "", nullptr},
};
INSTANTIATE_TEST_SUITE_P(Texts, ThresholdTextTest, testing::ValuesIn(kTexts), case_name<TextCase>);

struct HealthCase {
  const char* name;
  Health health;
  Nanoseconds own_lag;
  bool open_loop;
  Nanoseconds wall_step;
  Nanoseconds suspended;
  const char* reason;  // null: valid
};
class ValidityTest : public testing::TestWithParam<HealthCase> {};

TEST_P(ValidityTest, SaysWhyTheGeneratorWasTheLimit) {
  Histogram own_lag;
  for (int i = 0; i < 1000; ++i) own_lag.record(GetParam().own_lag);
  const auto why = invalid_reason(GetParam().health, own_lag, GetParam().open_loop,
                                  GetParam().wall_step, GetParam().suspended, ValidityLimits{});
  ASSERT_EQ(why.has_value(), GetParam().reason != nullptr) << why.value_or("");
  if (why) {
    EXPECT_NE(why->find(GetParam().reason), std::string::npos) << *why;
  }
}

constexpr Nanoseconds ms(int n) {
  return std::chrono::milliseconds(n);
}
constexpr Health healthy(Nanoseconds busy = ms(900), Nanoseconds delay = ms(10),
                         Nanoseconds late = ms(20), Nanoseconds stall = ms(20)) {
  Health h;
  h.watched = ms(10'000);
  h.busy = busy;
  h.run_delay = delay;
  h.late = late;
  h.worst_stall = stall;
  return h;
}
Health without_sockets() {
  Health h = healthy();
  h.socket_limits = 1;
  return h;
}

const HealthCase kHealth[] = {
    {"healthy", healthy(), Nanoseconds{80'000}, true, {}, {}, nullptr},
    {"lag", healthy(), Nanoseconds{1'100'000}, true, {}, {}, "sent late"},
    {"lag_of_a_closed_loop_is_none", healthy(), Nanoseconds{0}, false, {}, {}, nullptr},
    {"busy", healthy(ms(9'600)), {}, true, {}, {}, "busy"},
    {"busy_closed_loop_is_meant_to_be", healthy(ms(9'990)), {}, false, {}, {}, nullptr},
    {"no_processor", healthy(ms(900), ms(600)), {}, true, {}, {}, "waited for a processor"},
    {"no_processor_closed", healthy(ms(900), ms(600)), {}, false, {}, {}, "waited for a processor"},
    {"stood_still", healthy(ms(900), ms(1), ms(100), ms(100)), {}, true, {}, {}, "stood still"},
    {"woke_late", healthy(ms(900), ms(1), ms(101), ms(20)), {}, false, {}, {}, "woke up late"},
    {"sockets", without_sockets(), {}, false, {}, {}, "sockets"},
    {"clock_step", healthy(), {}, true, ms(150), {}, "wall clock"},
    {"slept", healthy(), {}, true, {}, ms(5'000), "slept"},
};
INSTANTIATE_TEST_SUITE_P(Runs, ValidityTest, testing::ValuesIn(kHealth), case_name<HealthCase>);

// A run of one measured phase after a warm-up that went badly.
class JudgeTest : public testing::Test {
 protected:
  JudgeTest() : result_{.recorder = Recorder(2, 2)} {
    const Nanoseconds second = std::chrono::seconds(1);
    plan_.add("warm-up", PhaseKind::warm_up, second, constant_schedule(10, second));
    plan_.add("measure", PhaseKind::measure, second, constant_schedule(100, second));
    ClassRecord& bad = result_.recorder.at(0, 0);
    bad.outcomes[index_of(Outcome::reset)] = 10;
    ClassRecord& good = result_.recorder.at(1, 0);
    good.outcomes[index_of(Outcome::ok)] = 99;
    good.outcomes[index_of(Outcome::http_5xx)] = 1;
    for (int i = 1; i <= 99; ++i) good.first.response.record(std::chrono::milliseconds(i));
    result_.health.watched = second;
  }
  Verdict verdict(std::initializer_list<const char*> texts) {
    std::vector<Threshold> thresholds;
    for (const char* text : texts) thresholds.push_back(*parse_threshold(text));
    return judge(plan_, classes_, result_, thresholds, ValidityLimits{});
  }
  Plan plan_;
  std::vector<RequestClass> classes_{{.name = "a"}, {.name = "b"}};
  RunResult result_;
};

TEST_F(JudgeTest, LeavesTheWarmUpOut) {
  EXPECT_EQ(verdict({"errors<1%"}).kind, VerdictKind::pass);
}
TEST_F(JudgeTest, NamesTheFirstThresholdThatWasMissed) {
  const Verdict v = verdict({"p50<60ms", "p99<50ms", "max<1ms"});
  EXPECT_EQ(v.kind, VerdictKind::missed);
  EXPECT_NE(v.reason.find("p99 < 50 ms"), std::string::npos) << v.reason;
  EXPECT_TRUE(v.thresholds[0].held);
  EXPECT_FALSE(v.thresholds[2].held);
}
TEST_F(JudgeTest, CountsFailuresAsNotWithinAnyTime) {
  EXPECT_EQ(verdict({"within 1s>99.5%"}).kind, VerdictKind::missed);
  EXPECT_EQ(verdict({"within 1s>99%"}).kind, VerdictKind::pass);
}
TEST_F(JudgeTest, MissesWhatWasNeverAnswered) {
  EXPECT_EQ(verdict({"class b p99<1h"}).kind, VerdictKind::missed);
  EXPECT_EQ(verdict({"answer p99<1h"}).kind, VerdictKind::missed);
}
TEST_F(JudgeTest, PrefersInvalidToMissed) {
  result_.health.worst_stall = std::chrono::seconds(1);
  EXPECT_EQ(verdict({"p99<1ms"}).kind, VerdictKind::invalid);
}
TEST_F(JudgeTest, SaysThatNothingWasReached) {
  result_.end = RunEnd::unreachable;
  result_.reason = "Connection refused";
  EXPECT_EQ(verdict({}).kind, VerdictKind::unreachable);
}
TEST_F(JudgeTest, DoesNotPassAnEmptyRun) {
  result_.recorder = Recorder(2, 2);
  EXPECT_EQ(verdict({}).kind, VerdictKind::invalid);
}

}  // namespace
}  // namespace s1flow::loadgen
