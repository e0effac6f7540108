// The page, tables and JUnit XML of load tests. How the page behaves in a browser is
// report_chromium_test.py's business.

#include <algorithm>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "cli/render/html.h"
#include "cli/render/load_tables.h"
#include "cli/render/text.h"
#include "tests/cli/sample_load.h"

namespace s1flow::render {
namespace {

std::size_t occurrences(std::string_view text, std::string_view part) {
  std::size_t n = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos;
       at = text.find(part, at + part.size()))
    ++n;
  return n;
}

std::string shape_name(const testing::TestParamInfo<std::string_view>& info) {
  std::string name(info.param);
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

class LoadPageTest : public testing::TestWithParam<std::string_view> {};
TEST_P(LoadPageTest, IsOnePageOfAtMostHalfAMegabyte) {
  const RunReport report = test::load_report(GetParam());
  const std::string page = render_html(report);
  EXPECT_EQ(page.substr(0, 15), "<!doctype html>");
  EXPECT_EQ(page.substr(page.size() - 8), "</html>\n");
  EXPECT_LT(page.size(), 500'000U);
  EXPECT_EQ(occurrences(page, "<script"), 3U);
  EXPECT_EQ(occurrences(page, "</script"), 3U);
  const std::string_view markup = std::string_view(page).substr(0, page.find("<script"));
  EXPECT_EQ(occurrences(markup, ">nan<") + occurrences(markup, ">inf<"), 0U);
  if (GetParam() != "load-hostile") {
    for (const std::string_view asks : {"src=", "@import", "url(", "rel=\"stylesheet\"", "{{"})
      EXPECT_EQ(occurrences(markup, asks), 0U) << asks;
  }
  std::string json;
  append_json(json, report);
  const auto again = render_html(json);
  ASSERT_TRUE(again) << again.error().message();
  EXPECT_TRUE(*again == page);
}
INSTANTIATE_TEST_SUITE_P(Shapes, LoadPageTest,
                         testing::ValuesIn(test::load_shapes().begin(), test::load_shapes().end()),
                         shape_name);

TEST(LoadPageTest, SaysTheVerdictItsReasonAndWhatItRestsOn) {
  const std::string page = render_html(test::load_report("load"));
  for (const std::string_view part :
       {"✕</span> Missed</p>", "p99 &lt; 25 ms: was 31.26 ms", "Requests scheduled",
        "class 4.8.1 answer p99 &lt; 30 s", "Source of the target response times of 4.1.1, 4.8.1",
        "SEC Appendix E v10.0 (second hand)", ">unknown<", "uncorrected view", "adds up",
        "Alerts of devices", "Waited for a processor", "4.1.1 · GS"})
    EXPECT_NE(page.find(part), std::string::npos) << part;
  EXPECT_EQ(page.find("does not add up"), std::string::npos);
}

TEST(LoadPageTest, DoesNotHideThatCountsDoNotAddUp) {
  RunReport report = test::load_report("load-invalid");
  ++report.load->phases[1].scheduled;
  const std::string page = render_html(report);
  EXPECT_NE(page.find("does not add up"), std::string::npos);
  EXPECT_NE(page.find("the figures below say nothing of the target"), std::string::npos);
  EXPECT_NE(page.find("beyond"), std::string::npos);
}

TEST(LoadPageTest, WhatFailedWasNotWithinItsTarget) {
  RunReport report = test::load_report("load-invalid");
  report::Load& l = *report.load;
  ASSERT_FALSE(l.classes[0].targets.empty());
  report::LoadRecord& record = l.records[1];
  record.outcomes.assign(record.outcomes.size(), 0);
  record.legs.resize(1);
  record.legs[0] = {report::Leg::answer, {}, {}};
  record.legs[0].response.record(std::chrono::seconds(1));
  record.legs[0].response.record(std::chrono::hours(1));
  record.outcomes[0] = 2;
  record.outcomes[2] = 2;
  EXPECT_NE(render_html(report).find("<td class=\"n\">16.00 s</td><td class=\"n\">25.0 %</td>"),
            std::string::npos);
}

TEST(LoadPageTest, KeepsHostileTextInItsPlace) {
  const std::string page = render_html(test::load_report("load-hostile"));
  for (const std::string_view live : {"<script>document", "<svg onload", "<img", "<b onclick"})
    EXPECT_EQ(page.find(live), std::string::npos) << live;
}

TEST(LoadTablesTest, PercentilesAreThoseOfTheHistograms) {
  const RunReport report = test::load_report("load");
  const report::Load& l = *report.load;
  const std::string csv = percentiles_csv(l);
  EXPECT_TRUE(csv.starts_with("phase,class,role,srv,figure,count,min_ms,"));
  const report::LoadRecord& record = l.records[l.classes.size()];
  const Histogram& h = record.find(report::Leg::answer)->response;
  EXPECT_NE(csv.find(fmt::format("\r\nsteady,4.1.1,IS,4.1.1,answer.response,{},", h.count())),
            std::string::npos);
  EXPECT_NE(csv.find(fmt::format(",{:.6f}\r\n", static_cast<double>(h.max().count()) / 1e6)),
            std::string::npos);
  EXPECT_NE(csv.find("\r\nsteady,*,,,answer.response,"), std::string::npos);
}

TEST(LoadTablesTest, SecondsHaveARowForAllAndForEachClassThatDidSomething) {
  const RunReport report = test::load_report("load");
  const std::string csv = seconds_csv(*report.load);
  EXPECT_EQ(occurrences(csv, ",*,,"), 120U);
  EXPECT_EQ(occurrences(csv, ",8.1.1,IS,"), 120U);
  EXPECT_EQ(occurrences(csv, "\r\n"), 1 + 120U * 6);
}

TEST(LoadTablesTest, GuardsSpreadsheetsAgainstFormulas) {
  RunReport report = test::load_report("load-invalid");
  report.load->classes[0].name = "=cmd()";
  EXPECT_NE(percentiles_csv(*report.load).find(",'=cmd(),"), std::string::npos);
}

struct JunitCase {
  const char* name;
  std::string_view shape;
  std::string_view part;
};
class JunitTest : public testing::TestWithParam<JunitCase> {};
TEST_P(JunitTest, HasATestCaseForEachThing) {
  const std::string xml = junit_xml(test::load_report(GetParam().shape));
  EXPECT_NE(xml.find(GetParam().part), std::string::npos) << xml;
  EXPECT_EQ(xml.find("<script>"), std::string::npos);
}
INSTANTIATE_TEST_SUITE_P(
    Shapes, JunitTest,
    testing::Values(
        JunitCase{"missed", "load",
                  "name=\"p99 &lt; 25 ms\">\n      <failure message=\"was 31.26 ms\"/>"},
        JunitCase{"counted", "load", "tests=\"5\" failures=\"1\" errors=\"0\" time=\"120.412\""},
        JunitCase{"held", "load", "name=\"errors &lt; 1 %\"/>"},
        JunitCase{"stamp", "load", "timestamp=\"2026-11-02T09:30:00\""},
        JunitCase{
            "invalid", "load-invalid",
            "name=\"the generator was not the limit\">\n      <failure message=\"the generator "
            "sent late"},
        JunitCase{"stopped", "load-stopped", "<failure message=\"it was stopped before\"/>"},
        JunitCase{"unreachable", "load-unreachable",
                  "<error message=\"the target could not be reached"},
        JunitCase{"hostile", "load-hostile", "&lt;/script&gt;"}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(LoadSummaryTest, SaysWhatMattersInFewLines) {
  const std::string text = render_summary(test::load_report("load"));
  for (const std::string_view part :
       {"Load test daily-reads against https://127.0.0.1:8079\n",
        "missed (exit code 1): p99 < 25 ms", "Answer", "missed: p99 < 25 ms",
        "held:   errors < 1 %", "Report: reads-1/report.html"})
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
  EXPECT_LE(std::count(text.begin(), text.end(), '\n'), 25);
  EXPECT_EQ(render_summary(test::load_report("load-hostile")).find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace s1flow::render
