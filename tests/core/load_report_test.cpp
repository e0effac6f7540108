#include "core/load_report.h"

#include <gtest/gtest.h>

#include "core/load_timeline.h"

namespace s1flow::report {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

Histogram of(std::initializer_list<Nanoseconds> values) {
  Histogram h;
  for (const Nanoseconds v : values) h.record(v);
  return h;
}

std::vector<LoadClass> one_of_each() {
  return {{.name = "now", .shape = Shape::one}, {.name = "later", .shape = Shape::two}};
}

TEST(LoadReportTest, BandsAreEightToADecadeFromAMicrosecond) {
  EXPECT_EQ(band_of(Nanoseconds{0}), 0U);
  EXPECT_EQ(band_of(microseconds(1)), 0U);
  EXPECT_EQ(band_of(microseconds(10)), 8U);
  EXPECT_EQ(band_of(microseconds(10) - Nanoseconds{1}), 7U);
  EXPECT_EQ(band_of(milliseconds(1)), 24U);
  EXPECT_EQ(band_of(hours(1)), kBands - 1);
  for (std::uint64_t b = 0; b < kBands; ++b) EXPECT_EQ(band_of(band_start(b)), b);
}

TEST(LoadReportTest, TagsComeBackWhateverTheirNames) {
  const LogTag tag{"warm up", "a;b,c%d", "", "first.response"};
  EXPECT_EQ(tag.text(), "warm%20up;a%3Bb%2Cc%25d;;first.response");
  EXPECT_EQ(LogTag::parse(tag.text()), tag);
  for (const char* bad : {"", "a;b;c", "a;b;c;d;e", "a%2;b;c;d", "a%zz;b;c;d"})
    EXPECT_FALSE(LogTag::parse(bad)) << bad;
}

TEST(LoadReportTest, RecordsAddUpLegByLeg) {
  LoadRecord sum;
  LoadRecord first{.sent = 2, .outcomes = {1, 1}};
  first.legs.push_back({Leg::answer, of({seconds(2)}), of({seconds(1)})});
  LoadRecord second{.sent = 1, .outcomes = {1, 0}};
  second.legs.push_back({Leg::first, of({seconds(1)}), of({seconds(1)})});
  second.legs.push_back({Leg::answer, of({seconds(3)}), of({seconds(2)})});
  sum.add(first);
  sum.add(second);
  EXPECT_EQ(sum.sent, 3U);
  EXPECT_EQ(sum.ended(), 3U);
  ASSERT_EQ(sum.legs.size(), 2U);
  EXPECT_EQ(sum.legs[0].leg, Leg::first);
  EXPECT_EQ(sum.last()->response, of({seconds(2), seconds(3)}));
}

TEST(LoadTimelineTest, ASlotHasThePercentilesOfAllItsRequests) {
  TimelineMaker maker(one_of_each(), seconds(600));  // two seconds a slot of the overview
  const Histogram fast = of({milliseconds(1), milliseconds(2)});
  const Histogram slow = of({milliseconds(40)});
  const Histogram ack = of({microseconds(500)});
  maker.add(0, 0, {.sent = 2, .ok = 2, .legs = {{{&fast, &fast}}}, .lag = &ack});
  SecondOfClass later{.sent = 1, .failed = 1};
  later.legs[0] = {&ack, &ack};
  later.legs[2] = {&slow, &fast};
  maker.add(1, 1, later);
  maker.add_planned(0, 0, 2);
  maker.add_planned(3, 1, 1);
  Timeline fine, overview;
  maker.finish(fine, overview);

  EXPECT_EQ(fine.step, seconds(1));
  EXPECT_EQ(fine.slots, 4U);
  EXPECT_EQ(fine.all.planned, (std::vector<std::uint64_t>{2, 0, 0, 1}));
  EXPECT_EQ(fine.all.sent, (std::vector<std::uint64_t>{2, 1, 0, 0}));
  EXPECT_EQ(fine.classes[1].failed, (std::vector<std::uint64_t>{0, 1, 0, 0}));
  EXPECT_EQ(fine.classes[0].lag_max, (std::vector<Nanoseconds>{ack.max(), {}, {}, {}}));
  EXPECT_TRUE(fine.all.heat.empty());

  EXPECT_EQ(overview.step, seconds(2));
  EXPECT_EQ(overview.slots, 2U);
  Histogram whole = fast;
  whole.add(slow);
  ASSERT_NE(overview.all.whole(), nullptr);
  EXPECT_EQ(overview.all.legs[0].leg, "whole");
  EXPECT_EQ(overview.all.whole()->count, (std::vector<std::uint64_t>{3, 0}));
  EXPECT_EQ(overview.all.whole()->p99[0], whole.percentile(99));
  EXPECT_EQ(overview.all.whole()->p50[0], whole.percentile(50));
  // Acknowledgements are a leg of their own and no part of the whole.
  ASSERT_EQ(overview.all.legs.size(), 3U);
  EXPECT_EQ(overview.all.legs[1].leg, "first");
  EXPECT_EQ(overview.all.legs[1].count[0], 3U);
  EXPECT_EQ(overview.classes[1].whole()->leg, "answer");
  EXPECT_EQ(overview.classes[1].whole()->service_p99[0], fast.percentile(99));
  std::uint64_t heat = 0;
  for (const HeatCell& cell : overview.all.heat) heat += cell.count;
  EXPECT_EQ(heat, 3U);
  EXPECT_EQ(overview.all.heat.back().band, band_of(slow.max()));
}

TEST(LoadTimelineTest, HasASecondASlotUpToTwoHoursAndFewForAPage) {
  struct Case {
    Nanoseconds planned, fine, overview;
  };
  for (const Case& c :
       {Case{milliseconds(1), seconds(1), seconds(1)}, Case{seconds(300), seconds(1), seconds(1)},
        Case{seconds(301), seconds(1), seconds(2)}, Case{hours(1), seconds(1), seconds(12)},
        Case{hours(2), seconds(1), seconds(24)}, Case{hours(3), seconds(2), seconds(36)}}) {
    TimelineMaker maker({}, c.planned);
    Timeline fine, overview;
    maker.finish(fine, overview);
    EXPECT_EQ(fine.step, c.fine) << c.planned.count();
    EXPECT_EQ(overview.step, c.overview) << c.planned.count();
  }
}

}  // namespace
}  // namespace s1flow::report
