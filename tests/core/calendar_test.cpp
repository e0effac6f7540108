#include "core/calendar.h"

#include <gtest/gtest.h>

#include "tests/case_name.h"

namespace s1flow {
namespace {

struct DateCase {
  const char* name;
  std::string_view text;
  std::string_view format;
  std::string_view iso;  // empty: refused
};
class DateTest : public testing::TestWithParam<DateCase> {};

TEST_P(DateTest, ReadsOnlyDaysThatExistInTheGivenForm) {
  const auto date = Date::parse(GetParam().text, GetParam().format);
  ASSERT_EQ(date.has_value(), !GetParam().iso.empty());
  if (date) {
    EXPECT_EQ(date->text(), GetParam().iso);
  }
}
INSTANTIATE_TEST_SUITE_P(
    Formats, DateTest,
    testing::Values(DateCase{"iso", "2019-04-08", "%Y-%m-%d", "2019-04-08"},
                    DateCase{"compact", "20190408", "%Y%m%d", "2019-04-08"},
                    DateCase{"british", "08/04/2019", "%d/%m/%Y", "2019-04-08"},
                    DateCase{"month_name", "08-Apr-2019", "%d-%b-%Y", "2019-04-08"},
                    DateCase{"month_name_in_capitals", "08 APR 2019", "%d %b %Y", "2019-04-08"},
                    DateCase{"first_month_name", "01Jan2019", "%d%b%Y", "2019-01-01"},
                    DateCase{"last_month_name", "31Dec2019", "%d%b%Y", "2019-12-31"},
                    DateCase{"unknown_month_name", "08-Apx-2019", "%d-%b-%Y", ""},
                    DateCase{"month_name_cut", "08-Ap", "%d-%b", ""},
                    DateCase{"percent_sign", "100%2019-04-08", "100%%%Y-%m-%d", "2019-04-08"},
                    DateCase{"percent_sign_missing", "1002019-04-08", "100%%%Y-%m-%d", ""},
                    DateCase{"text_around", "week of 2019-04-08!", "week of %Y-%m-%d!",
                             "2019-04-08"},
                    DateCase{"other_text_around", "Week of 2019-04-08!", "week of %Y-%m-%d!", ""},
                    DateCase{"unknown_placeholder", "2019-04-08", "%Y-%m-%e", ""},
                    DateCase{"percent_at_the_end", "2019-04-08%", "%Y-%m-%d%", ""}),
    case_name<DateCase>);
INSTANTIATE_TEST_SUITE_P(
    Days, DateTest,
    testing::Values(DateCase{"leap_day", "2020-02-29", "%Y-%m-%d", "2020-02-29"},
                    DateCase{"no_leap_day", "2019-02-29", "%Y-%m-%d", ""},
                    DateCase{"leap_day_of_2000", "2000-02-29", "%Y-%m-%d", "2000-02-29"},
                    DateCase{"no_leap_day_in_1900", "1900-02-29", "%Y-%m-%d", ""},
                    DateCase{"no_leap_day_in_2100", "2100-02-29", "%Y-%m-%d", ""},
                    DateCase{"thirty_first_of_april", "2019-04-31", "%Y-%m-%d", ""},
                    DateCase{"thirty_first_of_may", "2019-05-31", "%Y-%m-%d", "2019-05-31"},
                    DateCase{"day_zero", "2019-04-00", "%Y-%m-%d", ""},
                    DateCase{"day_32", "2019-01-32", "%Y-%m-%d", ""},
                    DateCase{"month_zero", "2019-00-08", "%Y-%m-%d", ""},
                    DateCase{"month_13", "2019-13-08", "%Y-%m-%d", ""},
                    DateCase{"first_year", "1900-01-01", "%Y-%m-%d", "1900-01-01"},
                    DateCase{"before_the_first_year", "1899-12-31", "%Y-%m-%d", ""},
                    DateCase{"last_year", "2200-12-31", "%Y-%m-%d", "2200-12-31"},
                    DateCase{"after_the_last_year", "2201-01-01", "%Y-%m-%d", ""},
                    DateCase{"day_of_one_digit", "2019-04-8", "%Y-%m-%d", ""},
                    DateCase{"year_of_two_digits", "19-04-08", "%Y-%m-%d", ""},
                    DateCase{"sign", "+019-04-08", "%Y-%m-%d", ""},
                    DateCase{"blank_before", " 2019-04-08", "%Y-%m-%d", ""},
                    DateCase{"blank_after", "2019-04-08 ", "%Y-%m-%d", ""},
                    DateCase{"time_zone", "2019-04-08Z", "%Y-%m-%d", ""},
                    DateCase{"cut", "2019-04", "%Y-%m-%d", ""},
                    DateCase{"empty", "", "%Y-%m-%d", ""},
                    DateCase{"letters", "2019-O4-08", "%Y-%m-%d", ""}),
    case_name<DateCase>);

TEST(DateTest, WritesEveryPlaceholder) {
  const Date date = *Date::from_civil(2019, 4, 8);
  EXPECT_EQ(date.text("%Y%m%d"), "20190408");
  EXPECT_EQ(date.text("%d %b %Y"), "08 Apr 2019");
  EXPECT_EQ(date.text("%d/%m/%Y %H:%M:%S%f"), "08/04/2019 00:00:00.000");
  EXPECT_EQ(date.text("100%% on %d"), "100% on 08");
}

TEST(DateTest, ReadsBackWhatItWroteForEveryDayOfFourYears) {
  for (int n = 0; n < 4 * 366; ++n) {
    const Date date = Date::from_civil(2019, 1, 1)->plus_days(n);
    for (const char* format : {"%Y-%m-%d", "%d-%b-%Y", "%Y%m%d"})
      ASSERT_EQ(Date::parse(date.text(format), format), date) << date.text();
    ASSERT_EQ(Date::from_days(date.days_since_epoch()), date);
  }
}

TEST(DateTest, CountsDaysFromTheEpoch) {
  EXPECT_EQ(Date().text(), "1970-01-01");
  EXPECT_EQ(Date::parse("1970-01-02")->days_since_epoch(), 1);
  EXPECT_EQ(Date::parse("1969-12-31")->days_since_epoch(), -1);
  EXPECT_EQ(Date::from_days(17994).text(), "2019-04-08");
}

TEST(DateTest, OrdersByDay) {
  const Date a = *Date::parse("2019-04-08");
  EXPECT_LT(a, a.plus_days(1));
  EXPECT_GT(a, a.plus_days(-1));
  EXPECT_EQ(a.plus_days(30).text(), "2019-05-08");
  EXPECT_EQ(a.plus_days(-8).text(), "2019-03-31");
}

struct TimeCase {
  const char* name;
  std::string_view text;
  std::string_view format;
  std::int64_t milliseconds;  // -1: refused
};
class UtcTimeTest : public testing::TestWithParam<TimeCase> {};

TEST_P(UtcTimeTest, ReadsToTheMillisecond) {
  const auto time = UtcTime::parse(GetParam().text, GetParam().format);
  ASSERT_EQ(time.has_value(), GetParam().milliseconds >= 0);
  if (time) {
    EXPECT_EQ(time->milliseconds_since_epoch(), GetParam().milliseconds);
  }
}
constexpr std::string_view kIso = "%Y-%m-%dT%H:%M:%S%fZ";
INSTANTIATE_TEST_SUITE_P(
    Times, UtcTimeTest,
    testing::Values(TimeCase{"epoch", "1970-01-01T00:00:00Z", kIso, 0},
                    TimeCase{"no_fraction", "2015-12-25T09:30:10Z", kIso, 1451035810000},
                    TimeCase{"tenths", "2015-12-25T09:30:10.1Z", kIso, 1451035810100},
                    TimeCase{"hundredths", "2015-12-25T09:30:10.01Z", kIso, 1451035810010},
                    TimeCase{"thousandths", "2015-12-25T09:30:10.001Z", kIso, 1451035810001},
                    TimeCase{"nanoseconds_are_cut", "2015-12-25T09:30:10.123999999Z", kIso,
                             1451035810123},
                    TimeCase{"ten_digits", "2015-12-25T09:30:10.1234567890Z", kIso, -1},
                    TimeCase{"point_without_digits", "2015-12-25T09:30:10.Z", kIso, -1},
                    TimeCase{"comma", "2015-12-25T09:30:10,1Z", kIso, -1},
                    TimeCase{"last_second", "2015-12-25T23:59:59.999Z", kIso, 1451087999999},
                    TimeCase{"hour_24", "2015-12-25T24:00:00Z", kIso, -1},
                    TimeCase{"minute_60", "2015-12-25T09:60:10Z", kIso, -1},
                    TimeCase{"leap_second", "2016-12-31T23:59:60Z", kIso, -1},
                    TimeCase{"offset", "2015-12-25T09:30:10+01:00", kIso, -1},
                    TimeCase{"no_zone", "2015-12-25T09:30:10", kIso, -1},
                    TimeCase{"no_such_day", "2015-02-30T09:30:10Z", kIso, -1},
                    TimeCase{"file_name_form", "20190407_182503", "%Y%m%d_%H%M%S", 1554661503000},
                    TimeCase{"date_only", "2015-12-25", "%Y-%m-%d", 1451001600000},
                    TimeCase{"cut", "2015-12-25T09:3", kIso, -1}),
    case_name<TimeCase>);

TEST(UtcTimeTest, ReadsItsUsualFormAsItDoesAnyOther) {
  // The form without a fraction has a way of its own.
  constexpr std::string_view kUsual = "%Y-%m-%dT%H:%M:%SZ";
  const std::string good = "2024-02-19T20:39:15Z";
  ASSERT_EQ(UtcTime::parse(good, kUsual), UtcTime::parse(good, kIso));
  for (std::size_t at = 0; at < good.size(); ++at)
    for (int byte = 0; byte < 256; ++byte) {
      std::string text = good;
      text[at] = static_cast<char>(byte);
      ASSERT_EQ(UtcTime::parse(text, kUsual), UtcTime::parse(text, kIso)) << text;
    }
  EXPECT_FALSE(UtcTime::parse(good + "Z", kUsual));
  EXPECT_FALSE(UtcTime::parse(good.substr(0, 19), kUsual));
}

TEST(UtcTimeTest, WritesTheFractionOnlyWhenAsked) {
  const UtcTime time = *UtcTime::parse("2015-12-25T09:30:10.05Z");
  EXPECT_EQ(time.text(), "2015-12-25T09:30:10Z");
  EXPECT_EQ(time.text("%Y-%m-%dT%H:%M:%S%fZ"), "2015-12-25T09:30:10.050Z");
}

TEST(UtcTimeTest, KeepsDayAndTimeApartBeforeTheEpoch) {
  const UtcTime time = UtcTime::from_milliseconds(-1);
  EXPECT_EQ(time.text("%Y-%m-%dT%H:%M:%S%fZ"), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(time.date().text(), "1969-12-31");
}

TEST(UtcTimeTest, AddsAndOrders) {
  const UtcTime time = *UtcTime::parse("2019-04-07T23:59:59Z");
  EXPECT_EQ(time.plus(std::chrono::seconds(1)).date().text(), "2019-04-08");
  EXPECT_LT(time, time.plus(std::chrono::milliseconds(1)));
}

struct WeekCase {
  const char* name;
  std::string_view day;
  bool monday;
};
class MigrationWeekTest : public testing::TestWithParam<WeekCase> {};

TEST_P(MigrationWeekTest, AcceptsOnlyMondays) {
  const Date day = *Date::parse(GetParam().day);
  EXPECT_EQ(day.is_monday(), GetParam().monday);
  EXPECT_EQ(MigrationWeek::from_monday(day).has_value(), GetParam().monday);
}
INSTANTIATE_TEST_SUITE_P(Dates, MigrationWeekTest,
                         testing::Values(WeekCase{"monday", "2019-04-08", true},
                                         WeekCase{"tuesday", "2019-04-09", false},
                                         WeekCase{"saturday", "2019-04-13", false},
                                         WeekCase{"sunday", "2019-04-14", false},
                                         WeekCase{"monday_over_new_year", "2018-12-31", true},
                                         WeekCase{"monday_after_a_leap_day", "2020-03-02", true},
                                         WeekCase{"leap_day", "2020-02-29", false},
                                         WeekCase{"monday_before_the_epoch", "1969-12-29", true}),
                         case_name<WeekCase>);

TEST(MigrationWeekTest, HoldsTheSevenDaysFromItsMonday) {
  const MigrationWeek week = *MigrationWeek::from_monday(*Date::parse("2018-12-31"));
  EXPECT_EQ(week.monday().text(), "2018-12-31");
  EXPECT_FALSE(week.contains(*Date::parse("2018-12-30")));
  EXPECT_TRUE(week.contains(*Date::parse("2018-12-31")));
  EXPECT_TRUE(week.contains(*Date::parse("2019-01-06")));
  EXPECT_FALSE(week.contains(*Date::parse("2019-01-07")));
}

struct FormatCase {
  const char* name;
  std::string_view format;
  bool known;
};
class TimeFormatTest : public testing::TestWithParam<FormatCase> {};

TEST_P(TimeFormatTest, KnowsItsOwnPlaceholdersOnly) {
  EXPECT_EQ(is_time_format(GetParam().format), GetParam().known);
}
INSTANTIATE_TEST_SUITE_P(Formats, TimeFormatTest,
                         testing::Values(FormatCase{"all", "%Y%m%d%b%H%M%S%f%%", true},
                                         FormatCase{"no_placeholder", "today", true},
                                         FormatCase{"empty", "", false},
                                         FormatCase{"unknown", "%Y-%j", false},
                                         FormatCase{"capital_b", "%B", false},
                                         FormatCase{"percent_at_the_end", "%Y%", false}),
                         case_name<FormatCase>);

}  // namespace
}  // namespace s1flow
