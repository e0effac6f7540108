// The parts of the stub that need no network: delays, timeline, queues, settings.

#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "loadgen/stub/counts.h"
#include "loadgen/stub/directory.h"
#include "loadgen/stub/service_queue.h"
#include "loadgen/stub/settings.h"
#include "loadgen/stub/timer_queue.h"
#include "tests/case_name.h"

namespace s1flow::loadgen::stub {
namespace {

using namespace std::chrono_literals;

Nanoseconds median_of(const Delay& delay) {
  Random random(7);
  std::vector<Nanoseconds> drawn(9999);
  for (Nanoseconds& value : drawn) value = delay.draw(random);
  std::nth_element(drawn.begin(), drawn.begin() + 4999, drawn.end());
  return drawn[4999];
}

TEST(StubDelayTest, IsTheSameEachTimeWhenConstant) {
  const auto delay = Delay::parse("20ms", ".");
  ASSERT_TRUE(delay);
  EXPECT_EQ(median_of(*delay), 20ms);
}

TEST(StubDelayTest, StaysWithinTheBoundsOfUniform) {
  const auto delay = Delay::parse("uniform 10ms 50ms", ".");
  ASSERT_TRUE(delay);
  Random random(1);
  Nanoseconds low = 1h, high = 0ms;
  for (int i = 0; i < 10'000; ++i) {
    const Nanoseconds value = delay->draw(random);
    low = std::min(low, value);
    high = std::max(high, value);
  }
  EXPECT_GE(low, 10ms);
  EXPECT_LT(low, 10100us);
  EXPECT_LE(high, 50ms);
  EXPECT_GT(high, 49900us);
}

TEST(StubDelayTest, HasTheMedianOfLognormal) {
  const auto delay = Delay::parse("lognormal 20ms 0.5", ".");
  ASSERT_TRUE(delay);
  EXPECT_NEAR(static_cast<double>(median_of(*delay).count()), 20e6, 0.5e6);
}

TEST(StubDelayTest, DrawsTheValuesOfAFileByTheirWeights) {
  const auto delay = Delay::from_csv("# measured\n10ms,1\n30ms , 3\n", "delays.csv");
  ASSERT_TRUE(delay);
  Random random(3);
  int small = 0;
  for (int i = 0; i < 10'000; ++i) {
    const Nanoseconds value = delay->draw(random);
    ASSERT_TRUE(value == 10ms || value == 30ms);
    if (value == 10ms) ++small;
  }
  EXPECT_NEAR(small, 2500, 150);
}

struct TextCase {
  const char* name;
  const char* text;
};
class StubDelayRefusalTest : public testing::TestWithParam<TextCase> {};
TEST_P(StubDelayRefusalTest, RefusesWhatIsNoDelay) {
  const auto delay = Delay::parse(GetParam().text, ".");
  ASSERT_FALSE(delay);
  EXPECT_EQ(delay.error().kind(), ErrorKind::usage);
}
INSTANTIATE_TEST_SUITE_P(
    Texts, StubDelayRefusalTest,
    testing::Values(TextCase{"empty", ""}, TextCase{"no_unit", "20"}, TextCase{"negative", "-20ms"},
                    TextCase{"crossed", "uniform 50ms 10ms"}, TextCase{"one_bound", "uniform 10ms"},
                    TextCase{"no_sigma", "lognormal 10ms x"},
                    TextCase{"large_sigma", "lognormal 10ms 9"},
                    TextCase{"zero_median", "lognormal 0 1"}, TextCase{"unknown", "normal 10ms 5"}),
    case_name<TextCase>);

TEST(StubDelayTest, NamesTheLineOfAFileThatIsWrong) {
  const auto delay = Delay::from_csv("10ms\n10ms,0\n", "delays.csv");
  ASSERT_FALSE(delay);
  EXPECT_NE(delay.error().message().find("delays.csv: line 2"), std::string::npos);
}

Timeline stalls() {
  return Timeline(
      {{.kind = TimelineEvent::Kind::stall, .at = 2s, .lasts = 200ms, .every = 2s, .times = 3}});
}

TEST(StubTimelineTest, StallsFromItsBeginToBeforeItsEnd) {
  const Timeline timeline = stalls();
  EXPECT_FALSE(timeline.at(1999ms).stalled_until);
  EXPECT_EQ(timeline.at(2000ms).stalled_until, 2200ms);
  EXPECT_EQ(timeline.at(2199ms).stalled_until, 2200ms);
  EXPECT_FALSE(timeline.at(2200ms).stalled_until);
  EXPECT_EQ(timeline.at(6100ms).stalled_until, 6200ms);
  EXPECT_FALSE(timeline.at(8100ms).stalled_until) << "three times only";
}

TEST(StubTimelineTest, TellsWhenSomethingChangesNext) {
  const Timeline timeline = stalls();
  EXPECT_EQ(timeline.at(0s).next_change, 2s);
  EXPECT_EQ(timeline.at(2100ms).next_change, 2200ms);
  EXPECT_EQ(timeline.at(2200ms).next_change, 4s);
  EXPECT_EQ(timeline.at(7s).next_change, Nanoseconds::max());
}

TEST(StubTimelineTest, GivesEachResetOnce) {
  const Timeline timeline(
      {{.kind = TimelineEvent::Kind::reset, .at = 1s, .every = 1s, .value = 0.5}});
  EXPECT_EQ(timeline.resets(-1ns, 999ms).share, 0);
  EXPECT_EQ(timeline.resets(999ms, 1s).share, 0.5);
  EXPECT_EQ(timeline.resets(1s, 1999ms).share, 0);
  EXPECT_EQ(timeline.resets(1500ms, 5s).share, 0.5);
}

TEST(StubTimelineTest, TakesTheSmallestCapacityOfThoseThatOverlap) {
  const Timeline timeline(
      {{.kind = TimelineEvent::Kind::capacity, .at = 0s, .lasts = 10s, .value = 100},
       {.kind = TimelineEvent::Kind::capacity, .at = 5s, .lasts = 1s, .value = 10}});
  EXPECT_EQ(timeline.at(1s).capacity, 100);
  EXPECT_EQ(timeline.at(5s).capacity, 10);
  EXPECT_FALSE(timeline.at(10s).capacity);
}

TEST(StubServiceQueueTest, ServesExactlyItsRateWhenAskedForMore) {
  ServiceQueue queue;
  Nanoseconds last{0};
  for (int i = 0; i < 1000; ++i)
    last = *queue.join(Nanoseconds(i), 500, 10'000, ServiceQueue::Service::even, 0);
  EXPECT_EQ(last, 2s);
}

TEST(StubServiceQueueTest, AddsNoWaitingBelowItsRate) {
  ServiceQueue queue;
  for (int i = 0; i < 1000; ++i)
    EXPECT_EQ(*queue.join(i * 3ms, 500, 10, ServiceQueue::Service::even, 0), i * 3ms + 2ms);
}

TEST(StubServiceQueueTest, RefusesWhatIsBeyondTheQueue) {
  ServiceQueue queue;
  for (int i = 0; i < 10; ++i)
    ASSERT_TRUE(queue.join(0ns, 1000, 10, ServiceQueue::Service::even, 0));
  EXPECT_FALSE(queue.join(0ns, 1000, 10, ServiceQueue::Service::even, 0));
  EXPECT_TRUE(queue.join(1ms, 1000, 10, ServiceQueue::Service::even, 0));
}

TEST(StubTimerQueueTest, GivesWhatIsDueInOrderOfTimeAndThenOfComing) {
  TimerQueue<int> queue;
  EXPECT_EQ(queue.next(), Nanoseconds::max());
  queue.add(2ms, 3);
  queue.add(1ms, 1);
  queue.add(1ms, 2);
  EXPECT_EQ(queue.next(), 1ms);
  EXPECT_EQ(queue.take(), 1);
  EXPECT_EQ(queue.take(), 2);
  EXPECT_EQ(queue.take(), 3);
}

TEST(StubCountsTest, NamesEveryCountAndKeepsGroupsTogether) {
  std::set<std::string_view> names, ended;
  std::string_view group;
  for (std::size_t i = 0; i < kCounts; ++i) {
    const std::string_view name = name_of(static_cast<Count>(i));
    EXPECT_TRUE(names.insert(name).second) << name;
    const std::string_view of = name.substr(0, name.find('.'));
    if (of != group) {
      EXPECT_TRUE(ended.insert(of).second) << of;
      group = of;
    }
  }
}

struct TakesCase {
  const char* name;
  DeviceType type;
  const char* variant;
  bool takes;
};
class StubDeviceTest : public testing::TestWithParam<TakesCase> {};
TEST_P(StubDeviceTest, TakesOnlyVariantsOfItsType) {
  EXPECT_EQ(takes(GetParam().type, *find_srv(GetParam().variant)), GetParam().takes);
}
INSTANTIATE_TEST_SUITE_P(
    Types, StubDeviceTest,
    testing::Values(TakesCase{"esme_reads", DeviceType::esme, "4.8.1", true},
                    TakesCase{"gsme_reads", DeviceType::gsme, "4.8.1", true},
                    TakesCase{"gas_only_to_esme", DeviceType::esme, "6.6", false},
                    TakesCase{"gas_only_to_gsme", DeviceType::gsme, "6.6", true},
                    TakesCase{"voltage_to_gsme", DeviceType::gsme, "6.5", false},
                    TakesCase{"whitelist_to_hub", DeviceType::chf, "8.11", true},
                    TakesCase{"whitelist_to_esme", DeviceType::esme, "8.11", false},
                    TakesCase{"read_to_hub", DeviceType::chf, "4.8.1", false},
                    TakesCase{"device_log_to_hub", DeviceType::chf, "8.9", true}),
    case_name<TakesCase>);

Result<StubSettings> read(const std::string& toml) {
  S1FLOW_TRY(const codecs::ConfigValue table, codecs::parse_config(toml, "stub.toml"));
  S1FLOW_TRY(StubSettings settings, read_settings(table, "stub.toml", "."));
  S1FLOW_TRY_VOID(settings.check());
  return settings;
}

struct RefusedCase {
  const char* name;
  const char* toml;
  const char* why;
};
class StubSettingsTest : public testing::TestWithParam<RefusedCase> {};
TEST_P(StubSettingsTest, RefusesWhatIsWrongAndSaysWhy) {
  const auto settings = read(GetParam().toml);
  ASSERT_FALSE(settings);
  EXPECT_EQ(settings.error().kind(), ErrorKind::usage);
  EXPECT_NE(settings.error().message().find(GetParam().why), std::string::npos)
      << settings.error().message();
}
INSTANTIATE_TEST_SUITE_P(
    Files, StubSettingsTest,
    testing::Values(
        RefusedCase{"unknown_key", "lisen = \"127.0.0.1:0\"", "lisen"},
        RefusedCase{"bad_listen", "listen = \"localhost\"", "127.0.0.1:8079"},
        RefusedCase{"not_loopback", "listen = \"0.0.0.0:0\"", "--allow-address"},
        RefusedCase{"other_address", "listen = \"0.0.0.0:0\"\nallow_address = \"10.0.0.1\"",
                    "--allow-address"},
        RefusedCase{"callback_elsewhere", "[receive]\nurl = \"http://192.0.2.1:80/\"", "192.0.2.1"},
        RefusedCase{"too_many_faults", "[faults]\nreset = 0.6\nsilent = 0.6", "more than 1"},
        RefusedCase{"unknown_variant", "[[srv]]\nvariants = [\"9.9.9\"]", "9.9.9"},
        RefusedCase{"no_variant", "[[srv]]\nack_delay = \"1s\"", "variants"},
        RefusedCase{"bad_delay", "[answers]\nresponse_delay = \"soon\"", "soon"},
        RefusedCase{"success_as_error", "[answers]\nerrors = { I0 = 0.1 }", "I0"},
        RefusedCase{"errors_beyond_one", "[answers]\nerrors = { E20 = 0.7, E21 = 0.7 }",
                    "more than 1"},
        RefusedCase{"alert_code", "[[alert]]\nafter = [\"8.11\"]\ncode = \"N32\"", "N32"},
        RefusedCase{"storm_to_nobody",
                    "[[storm]]\ncode = \"8F1D\"\nfor = \"1s\"\ndevice = "
                    "\"00-1D-B2-00-0A-0B-0C-0D\"\nuser = \"90-B3-D5-1F-30-01-00-00\"",
                    "no receive address"},
        RefusedCase{"event_kind", "[[timeline]]\nkind = \"nap\"\nat = \"1s\"", "kind"},
        RefusedCase{"endless_stall",
                    "[[timeline]]\nkind = \"stall\"\nat = \"1s\"\nfor = \"2s\"\nevery = \"2s\"",
                    "every"},
        RefusedCase{"capacity_without_rate",
                    "[[timeline]]\nkind = \"capacity\"\nat = \"1s\"\nfor = \"2s\"", "rate"},
        RefusedCase{"same_paths", "[paths]\ntransform = \"/x\"\nnon_device = \"/x\"", "/x"},
        RefusedCase{"stats_path", "[paths]\ntransform = \"/stats\"", "/stats"},
        RefusedCase{"device_refusal",
                    "[[device]]\neui = \"00-1D-B2-00-0A-0B-0C-0D\"\nrefuse = \"E2\"", "E19"},
        RefusedCase{"sign_without_pki", "sign = \"all\"", "PKI"},
        RefusedCase{"no_deadline", "[limits]\nidle = \"0s\"", "longer than 0"}),
    case_name<RefusedCase>);

TEST(StubSettingsTest, ChangesOnlyTheVariantsThatAreNamed) {
  const auto s = read(
      "[answers]\nack_delay = \"1ms\"\nresponse_delay = \"5ms\"\n"
      "[[srv]]\nvariants = [\"4.8.1\"]\nresponse_delay = \"9ms\"\nerrors = { E20 = 0.25 }\n");
  ASSERT_TRUE(s) << s.error().message();
  Random random(1);
  const VariantSettings& changed = s->variants[index_of(*find_srv("4.8.1"))];
  const VariantSettings& usual = s->variants[index_of(*find_srv("8.11"))];
  EXPECT_EQ(changed.ack.draw(random), 1ms);
  EXPECT_EQ(changed.response.draw(random), 9ms);
  ASSERT_EQ(changed.errors.size(), 1U);
  EXPECT_EQ(usual.response.draw(random), 5ms);
  EXPECT_TRUE(usual.errors.empty());
}

}  // namespace
}  // namespace s1flow::loadgen::stub
