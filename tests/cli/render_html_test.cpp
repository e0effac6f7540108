// Reading report.json back and the page made from it. How the page behaves in a browser is
// report_chromium_test.py's business.

#include <algorithm>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "cli/render/html.h"
#include "cli/render/report_reader.h"
#include "tests/cli/sample_load.h"
#include "tests/cli/sample_report.h"

namespace s1flow::render {
namespace {

std::string json_of(const RunReport& r) {
  std::string out;
  append_json(out, r);
  return out;
}

std::size_t occurrences(std::string_view text, std::string_view part) {
  std::size_t n = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos;
       at = text.find(part, at + part.size()))
    ++n;
  return n;
}

class ReaderTest : public testing::TestWithParam<std::string_view> {};
TEST_P(ReaderTest, LosesNothing) {
  const std::string json = json_of(test::sample_report(GetParam()));
  const auto read = read_run_report(json);
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(json_of(*read), json);
}
INSTANTIATE_TEST_SUITE_P(Shapes, ReaderTest,
                         testing::ValuesIn(test::sample_shapes().begin(),
                                           test::sample_shapes().end()),
                         [](const auto& c) { return std::string(c.param); });

class LoadReaderTest : public testing::TestWithParam<std::string_view> {};
TEST_P(LoadReaderTest, LosesNothing) {
  const RunReport report = test::load_report(GetParam());
  const std::string json = json_of(report);
  const auto read = read_run_report(json);
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_TRUE(json_of(*read) == json);
  ASSERT_EQ(read->load->records.size(), report.load->records.size());
  for (std::size_t i = 0; i < report.load->records.size(); ++i) {
    const report::LoadRecord& was = report.load->records[i];
    const report::LoadRecord& is = read->load->records[i];
    ASSERT_EQ(is.legs.size(), was.legs.size());
    EXPECT_TRUE(is.lag == was.lag && is.failed == was.failed && is.own_lag == was.own_lag);
    for (std::size_t l = 0; l < was.legs.size(); ++l)
      EXPECT_TRUE(is.legs[l].response == was.legs[l].response &&
                  is.legs[l].service == was.legs[l].service);
  }
}
INSTANTIATE_TEST_SUITE_P(Shapes, LoadReaderTest,
                         testing::ValuesIn(test::load_shapes().begin(), test::load_shapes().end()),
                         [](const auto& c) {
                           std::string name(c.param);
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

// A change to the JSON of an ordinary report, and the message that it must lead to.
struct RefusedCase {
  const char* name;
  std::string_view pointer, value, message;
};
class RefusedTest : public testing::TestWithParam<RefusedCase> {};
TEST_P(RefusedTest, NamesTheFault) {
  const RefusedCase& c = GetParam();
  boost::json::value report = boost::json::parse(json_of(test::sample_report("week")));
  boost::json::error_code error;
  boost::json::value* at = report.find_pointer(c.pointer, error);
  ASSERT_NE(at, nullptr);
  *at = boost::json::parse(c.value);
  const auto read = read_run_report(boost::json::serialize(report));
  ASSERT_FALSE(read);
  EXPECT_NE(read.error().message().find(c.message), std::string::npos) << read.error().message();
}
INSTANTIATE_TEST_SUITE_P(
    Changes, RefusedTest,
    testing::Values(
        RefusedCase{"version", "/schema/version", "2", "its schema is s1flow-report 2"},
        RefusedCase{"schema", "/schema/name", "\"x\\u001b\"", "its schema is x\\x1B 1"},
        RefusedCase{"kind", "/kind", "\"trip\"", "report.kind: not one of"},
        RefusedCase{"missing", "/run", "{}", "report.run.batch: missing"},
        RefusedCase{"no_object", "/machine", "[]", "report.machine: not an object"},
        RefusedCase{"no_list", "/warnings", "{}", "report.warnings: not a list"},
        RefusedCase{"no_text", "/run/batch", "1", "report.run.batch: not a text"},
        RefusedCase{"negative", "/dry_run/files/2/bytes", "-1",
                    "report.dry_run.files[2].bytes: not a count"},
        RefusedCase{"fraction", "/dry_run/funnel/0/count", "1.5",
                    "report.dry_run.funnel[0].count: not a count"},
        RefusedCase{"time", "/run/wall_seconds", "-1", "report.run.wall_seconds: not a time"},
        RefusedCase{"endless", "/run/wall_seconds", "1e300", "report.run.wall_seconds: not a time"},
        RefusedCase{"status", "/dry_run/files/0/status", "\"lost\"",
                    "report.dry_run.files[0].status: not one of"},
        RefusedCase{"boolean", "/dry_run/conservation/0/holds", "1",
                    "report.dry_run.conservation[0].holds: not true or false"}),
    [](const auto& c) { return std::string(c.param.name); });

class LoadRefusedTest : public testing::TestWithParam<RefusedCase> {};
TEST_P(LoadRefusedTest, NamesTheFault) {
  const RefusedCase& c = GetParam();
  boost::json::value report = boost::json::parse(json_of(test::load_report("load-stopped")));
  boost::json::error_code error;
  boost::json::value* at = report.find_pointer(c.pointer, error);
  ASSERT_NE(at, nullptr);
  *at = boost::json::parse(c.value);
  const auto read = read_run_report(boost::json::serialize(report));
  ASSERT_FALSE(read);
  EXPECT_NE(read.error().message().find(c.message), std::string::npos) << read.error().message();
}
INSTANTIATE_TEST_SUITE_P(
    Changes, LoadRefusedTest,
    testing::Values(
        RefusedCase{"judgement", "/load/judgement", "\"good\"",
                    "report.load.judgement: not one of"},
        RefusedCase{"place", "/load/records/0/phase", "7", "a phase or class that there is not"},
        RefusedCase{"outcomes", "/load/records/0/outcomes", "[1]", "more or fewer outcomes"},
        RefusedCase{"base64", "/load/records/0/lag/hdr", "\"?\"", "records[0].lag.hdr: not base64"},
        RefusedCase{"encoding", "/load/records/0/lag/hdr", "\"AAAA\"",
                    "records[0].lag.hdr: histogram"},
        RefusedCase{"count", "/load/records/0/lag/count", "3", "records[0].lag: its count"},
        RefusedCase{"largest", "/load/records/0/lag/max_ns", "5", "records[0].lag: its count"},
        RefusedCase{"columns", "/load/seconds/all/sent", "[1]", "seconds.all: its columns"},
        RefusedCase{"heat", "/load/overview/all/heat", "[1,2]", "overview.all.heat: not groups"},
        RefusedCase{"cell", "/load/overview/all/heat", "[1,200,1]", "overview.all: its columns"},
        RefusedCase{"classes", "/load/seconds/classes", "[]", "seconds.classes: not as many"}),
    [](const auto& c) { return std::string(c.param.name); });

TEST(ReaderTest, RefusesWhatIsNotJson) {
  const std::string json = json_of(test::sample_report("empty"));
  for (std::size_t size = 0; size + 1 < json.size(); ++size)
    EXPECT_FALSE(read_run_report(std::string_view(json).substr(0, size))) << size;
  EXPECT_FALSE(read_run_report(std::string(100000, '[')));
}

TEST(ReaderTest, PassesOverMembersThatItDoesNotKnow) {
  std::string json = json_of(test::sample_report("week"));
  json.insert(1, R"("later":{"a":[1,2]},)");
  EXPECT_TRUE(read_run_report(json));
}

class PageTest : public testing::TestWithParam<std::string_view> {};
TEST_P(PageTest, IsOnePageThatAsksForNothing) {
  const std::string page = render_html(test::sample_report(GetParam()));
  EXPECT_EQ(page.substr(0, 15), "<!doctype html>");
  EXPECT_EQ(page.substr(page.size() - 8), "</html>\n");
  EXPECT_EQ(occurrences(page, "<script"), 3U);
  EXPECT_EQ(occurrences(page, "</script"), 3U);
  EXPECT_LT(page.size(), 500'000U);
  // The two addresses are in the licence comments of Chart.js.
  EXPECT_EQ(occurrences(page, "https://") + occurrences(page, "http://"), 2U);
  if (GetParam() == "hostile") return;  // its texts hold such words
  EXPECT_EQ(occurrences(page, "{{"), 0U);
  const std::string_view markup = std::string_view(page).substr(0, page.find("<script"));
  for (const std::string_view asks : {"src=", "@import", "url(", "rel=\"stylesheet\"", "<iframe"})
    EXPECT_EQ(occurrences(markup, asks), 0U) << asks;
  EXPECT_EQ(occurrences(markup, "nan"), 0U);
  EXPECT_EQ(occurrences(markup, ">inf<"), 0U);
}
TEST_P(PageTest, IsTheSameFromAStoredReport) {
  const RunReport report = test::sample_report(GetParam());
  const auto page = render_html(json_of(report));
  ASSERT_TRUE(page) << page.error().message();
  EXPECT_EQ(*page, render_html(report));
}
INSTANTIATE_TEST_SUITE_P(Shapes, PageTest,
                         testing::ValuesIn(test::sample_shapes().begin(),
                                           test::sample_shapes().end()),
                         [](const auto& c) { return std::string(c.param); });

TEST(PageTest, KeepsHostileTextInItsPlace) {
  const std::string page = render_html(test::sample_report("hostile"));
  for (const std::string_view live :
       {"<script>document", "<svg onload", "<img", "<i onclick", "<b></", "<AA>", "\" onmouseover"})
    EXPECT_EQ(page.find(live), std::string::npos) << live;
  EXPECT_NE(page.find("<h1>&lt;/script&gt;&lt;script&gt;"), std::string::npos);
  EXPECT_EQ(page.find("\u202E"), page.find("\u202E", page.find("<script")));  // not in the tables
}

TEST(PageTest, StatesTheFactsWithoutScript) {
  const std::string page = render_html(test::sample_report("week"));
  const std::string_view text = std::string_view(page).substr(0, page.find("<script"));
  for (const std::string_view fact :
       {"<b>9,399</b> of 10,000 installations <span class=\"nb\">(94.0 %)</span> are predicted to "
        "be commissioned.",
        "Migration Week of Mon 8 Apr 2019 · GroupIDs AA, BA, CA", "<b>17,000</b> rows",
        "−200</td><td class=\"n\">98.0 %</td><td class=\"n\">98.0 %</td>", "MTAD 17.20(a)",
        "Brightwater Power and Gas Supply", "8 checks hold", "20190408", "Example CPU 9000"})
    EXPECT_NE(text.find(fact), std::string_view::npos) << fact;
}

TEST(PageTest, ListsRefusedFilesFirstAndSaysHowManyAreLeftOut) {
  const RunReport report = test::sample_report("huge");
  ASSERT_GT(report.dry_run->files.size(), kMaxFileRows);
  const std::string page = render_html(report);
  EXPECT_NE(page.find("400 are listed here; 510 more are in report.json."), std::string::npos);
  EXPECT_EQ(occurrences(page, "<td class=\"name\">"), kMaxFileRows);
  EXPECT_LT(page.rfind("<small>by XML-012"), page.find("<span class=\"st written\">"));
}

TEST(PageTest, SaysThatNothingWasFound) {
  const std::string page = render_html(test::sample_report("clean"));
  EXPECT_NE(page.find("No rule found anything."), std::string::npos);
  EXPECT_NE(page.find("Every installation was commissioned."), std::string::npos);
  EXPECT_NE(page.find("<b>10,000</b> of 10,000 installations <span class=\"nb\">(100 %)</span>"),
            std::string::npos);
}

TEST(PageTest, PutsABrokenCountAndTheWarningsIntoTheHeadline) {
  const std::string page = render_html(test::sample_report("broken"));
  const std::string_view head = std::string_view(page).substr(0, page.find("<nav"));
  EXPECT_NE(head.find("Completed, but the counts do not add up"), std::string_view::npos);
  EXPECT_NE(head.find("1 of 8 fail"), std::string_view::npos);
  EXPECT_NE(head.find("2 warnings</a> about this run"), std::string_view::npos);
}

TEST(PageTest, ComparesOnlyWhatIsCountedAlike) {
  RunReport report;
  report.dry_run.emplace();
  report.dry_run->funnel = {{"a", "Rows", "rows", 30},
                            {"b", "Named", "installations", 10},
                            {"c", "Found again", "installations", 12},
                            {"d", "Done", "installations", 3}};
  const std::string page = render_html(report);
  const std::string cell = "</td><td class=\"n\">";
  EXPECT_NE(page.find("<b>30</b> rows" + cell + "–" + cell + "–" + cell + "–"), std::string::npos);
  EXPECT_NE(page.find("<b>10</b>" + cell + "–" + cell + "–" + cell + "100 %"), std::string::npos);
  EXPECT_NE(page.find("<b>12</b>" + cell + "+2" + cell + "120.0 %" + cell + "120.0 %"),
            std::string::npos);
  EXPECT_NE(page.find("<b>3</b>" + cell + "−9" + cell + "25.0 %" + cell + "30.0 %"),
            std::string::npos);
}

}  // namespace
}  // namespace s1flow::render
