// Figures, CSV, text in HTML, sums, and the summary for the terminal.

#include <algorithm>
#include <array>
#include <numeric>

#include <gtest/gtest.h>

#include "cli/render/csv.h"
#include "cli/render/format.h"
#include "cli/render/html_text.h"
#include "cli/render/tally.h"
#include "cli/render/text.h"
#include "tests/cli/sample_report.h"

namespace s1flow::render {
namespace {

using namespace std::chrono_literals;

TEST(FormatTest, GroupsThousands) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1000), "1,000");
  EXPECT_EQ(grouped(18446744073709551615ULL), "18,446,744,073,709,551,615");
}

TEST(FormatTest, ShowsChangesWithTheirSign) {
  EXPECT_EQ(change(10, 10), "0");
  EXPECT_EQ(change(10000, 9800), "−200");
  EXPECT_EQ(change(5, 1234567), "+1,234,562");
}

struct PercentCase {
  const char* name;
  std::uint64_t part, whole;
  std::string_view text;
};
class PercentTest : public testing::TestWithParam<PercentCase> {};
TEST_P(PercentTest, NeverRoundsIntoAClaim) {
  EXPECT_EQ(percent(GetParam().part, GetParam().whole), GetParam().text);
}
INSTANTIATE_TEST_SUITE_P(Shares, PercentTest,
                         testing::Values(PercentCase{"of_nothing", 0, 0, "n/a"},
                                         PercentCase{"none", 0, 7, "0 %"},
                                         PercentCase{"all", 7, 7, "100 %"},
                                         PercentCase{"nearly_none", 1, 1000000, "<0.1 %"},
                                         PercentCase{"one_in_a_thousand", 1, 1000, "0.1 %"},
                                         PercentCase{"nearly_all", 9999, 10000, ">99.9 %"},
                                         PercentCase{"rounded", 9412, 10000, "94.1 %"},
                                         PercentCase{"more_than_all", 3, 2, "150.0 %"}),
                         [](const auto& c) { return std::string(c.param.name); });

TEST(FormatTest, ShowsSizesAndTimes) {
  EXPECT_EQ(bytes_text(1023), "1023 B");
  EXPECT_EQ(bytes_text(1024), "1.0 KiB");
  EXPECT_EQ(bytes_text((1 << 20) - 1), "1.0 MiB");
  EXPECT_EQ(bytes_text(3ULL << 29), "1.5 GiB");
  EXPECT_EQ(duration_text(0ns), "0 s");
  EXPECT_EQ(duration_text(1500ns), "1.5 µs");
  EXPECT_EQ(duration_text(13'200us), "13.2 ms");
  EXPECT_EQ(duration_text(2500ms), "2.50 s");
  EXPECT_EQ(duration_text(125s), "2 min 5 s");
  EXPECT_EQ(duration_text(3h + 7min), "3 h 7 min");
  EXPECT_EQ(rate_text(10, 0ns), "n/a");
  EXPECT_EQ(rate_text(45'345, 1s), "45,300");
  EXPECT_EQ(rate_text(453, 1s), "453");
  EXPECT_EQ(rate_text(5, 2s), "2.5");
}

TEST(FormatTest, NamesTheDayAndKeepsWhatIsNone) {
  EXPECT_EQ(day_text("2019-04-08"), "Mon 8 Apr 2019");
  EXPECT_EQ(day_text("2020-02-29"), "Sat 29 Feb 2020");
  EXPECT_EQ(day_text(""), "not known");
  EXPECT_EQ(day_text("next week"), "next week");
}

struct CellCase {
  const char* name;
  std::string_view cell, plain, guarded;
};
class CsvCellTest : public testing::TestWithParam<CellCase> {};
TEST_P(CsvCellTest, QuotesAndGuards) {
  std::string plain, guarded;
  append_csv_cell(plain, GetParam().cell, FormulaGuard::no);
  append_csv_cell(guarded, GetParam().cell, FormulaGuard::yes);
  EXPECT_EQ(plain, GetParam().plain);
  EXPECT_EQ(guarded, GetParam().guarded);
}
INSTANTIATE_TEST_SUITE_P(
    Cells, CsvCellTest,
    testing::Values(CellCase{"empty", "", "", ""}, CellCase{"plain", "a b", "a b", "a b"},
                    CellCase{"comma", "a,b", "\"a,b\"", "\"a,b\""},
                    CellCase{"quote", "a\"b", "\"a\"\"b\"", "\"a\"\"b\""},
                    CellCase{"line_break", "a\r\nb", "\"a\r\nb\"", "\"a\r\nb\""},
                    CellCase{"equals", "=1+1", "=1+1", "'=1+1"},
                    CellCase{"at", "@SUM(A1)", "@SUM(A1)", "'@SUM(A1)"},
                    CellCase{"plus", "+44", "+44", "'+44"}, CellCase{"minus", "-1", "-1", "'-1"},
                    CellCase{"tab", "\t=1", "\t=1", "'\t=1"},
                    CellCase{"return_first", "\r=1", "\"\r=1\"", "\"'\r=1\""},
                    CellCase{"quoted_formula", "=A,\"", "\"=A,\"\"\"", "\"'=A,\"\"\""},
                    CellCase{"equals_inside", "a=1", "a=1", "a=1"}),
    [](const auto& c) { return std::string(c.param.name); });

TEST(CsvTest, EndsRowsWithCrLf) {
  std::string out;
  append_csv_row(out, std::array<std::string_view, 3>{"a", "", "b,c"}, FormulaGuard::yes);
  EXPECT_EQ(out, "a,,\"b,c\"\r\n");
}

TEST(HtmlTextTest, EscapesWhatHasMeaning) {
  EXPECT_EQ(html("<a href=\"x\">&'</a>"), "&lt;a href=&quot;x&quot;&gt;&amp;&#39;&lt;/a&gt;");
  EXPECT_EQ(html("Köln µ …"), "Köln µ …");
}

TEST(HtmlTextTest, ReplacesWhatCannotBeSeen) {
  EXPECT_EQ(html(std::string_view("a\0b\x1B", 4)),
            "a\xEF\xBF\xBD"
            "b\xEF\xBF\xBD");
  EXPECT_EQ(html("\xFF<\xC3("), "\xEF\xBF\xBD&lt;\xEF\xBF\xBD(");
  EXPECT_EQ(html("line\nbreak\t"), "line break ");
  for (const std::string_view mark : {"\u202E", "\u200F", "\u2066", "\u2069", "\u061C"})
    EXPECT_EQ(html(mark), "\xEF\xBF\xBD");
  EXPECT_EQ(html("\u2026\u2065"), "\u2026\u2065");
}

TEST(HtmlTextTest, LetsNothingEndAScript) {
  std::string out;
  append_script_json(out, R"({"a":"</script><!--"})");
  EXPECT_EQ(out, R"({"a":"\u003c/script>\u003c!--"})");
}

TEST(HtmlTextTest, DoesNotSearchWhatItPutsIn) {
  const std::array<std::pair<std::string_view, std::string_view>, 2> parts{
      {{"a", "{{b}}"}, {"b", "2"}}};
  EXPECT_EQ(fill_template("{{a}} {{b}} {{a}}.", parts), "{{b}} 2 {{b}}.");
}

std::uint64_t sum_of(const std::vector<Slice>& slices) {
  return std::accumulate(slices.begin(), slices.end(), std::uint64_t{0},
                         [](std::uint64_t n, const Slice& s) { return n + s.total; });
}

TEST(TallyTest, AddsUpTheSameAlongEverySide) {
  const RunReport r = test::sample_report("huge");
  const Tally t = tally(*r.dry_run);
  EXPECT_EQ(t.total, 10'000'000U);
  EXPECT_EQ(sum_of(t.suppliers), t.total);
  EXPECT_EQ(sum_of(t.groups), t.total);
  EXPECT_EQ(sum_of(t.days), t.total);
  EXPECT_EQ(t.good, r.dry_run->funnel.back().count);
  std::uint64_t lost = 0;
  for (const Loss& l : t.losses) lost += l.count;
  EXPECT_EQ(lost, t.total - t.good);
}

TEST(TallyTest, OrdersAsPeopleRead) {
  report::DryRun d;
  d.outcomes.titles = {{"bad", "Bad", report::OutcomeKind::bad},
                       {"good", "Good", report::OutcomeKind::good}};
  d.outcomes.rows = {{"E1", "Small", "", "", "bad", "", 1},
                     {"E2", "Large", "BA", "2019-04-09", "good", "", 5},
                     {"E2", "Large", "AA", "2019-04-08", "unheard_of", "R-1", 2}};
  d.findings = {{.rule = "R-1", .title = "Title of the rule"}};
  const Tally t = tally(d);
  ASSERT_EQ(t.outcomes.size(), 3U);
  EXPECT_EQ(t.outcomes[0].id, "good");
  EXPECT_EQ(t.outcomes[2].title, "unheard_of");  // counted, though it has no title
  EXPECT_EQ(t.outcomes[2].shade, 1U);
  EXPECT_EQ(t.suppliers[0].label, "Large");
  EXPECT_EQ(t.groups[0].key, "AA");
  EXPECT_EQ(t.groups[2].label, "not known");
  EXPECT_EQ(t.days[2].label, "not known");
  ASSERT_EQ(t.losses.size(), 2U);
  EXPECT_EQ(t.losses[0].title, "Title of the rule");
  EXPECT_EQ(t.losses[1].title, "no reason given");
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    out.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

class SummaryTest : public testing::TestWithParam<std::string_view> {};
TEST_P(SummaryTest, FitsATerminalAndHoldsNoControlBytes) {
  const std::vector<std::string> lines = lines_of(render_summary(test::sample_report(GetParam())));
  EXPECT_LE(lines.size(), 30U);
  for (const std::string& line : lines) {
    const auto columns = std::count_if(line.begin(), line.end(), [](char c) {
      return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    });
    EXPECT_LE(columns, 100) << line;
    EXPECT_TRUE(std::none_of(line.begin(), line.end(), [](char c) {
      return static_cast<unsigned char>(c) < 0x20;
    })) << line;
  }
}
INSTANTIATE_TEST_SUITE_P(Shapes, SummaryTest,
                         testing::ValuesIn(test::sample_shapes().begin(),
                                           test::sample_shapes().end()),
                         [](const auto& c) { return std::string(c.param); });

TEST(SummaryTest, SaysWhatMatters) {
  const std::string text = render_summary(test::sample_report("week"));
  for (const std::string_view fact :
       {"Migration Week of Mon 8 Apr 2019", "completed (exit code 0)", "of 10,000 installations",
        "Installations named", "findings of 16 rules", "8 of 8 checks hold",
        "Report: out-week-15/report.html"})
    EXPECT_NE(text.find(fact), std::string::npos) << fact << "\n" << text;
}

TEST(SummaryTest, NamesTheCountThatDoesNotAddUp) {
  const std::string text = render_summary(test::sample_report("broken"));
  EXPECT_NE(text.find("7 of 8 checks hold (count.MGF: 10,000 in, 9,988 out)"), std::string::npos);
  EXPECT_NE(text.find("Warning: "), std::string::npos);
}

TEST(SummaryTest, ColoursOnlyWhenAsked) {
  const RunReport r = test::sample_report("week");
  EXPECT_EQ(render_summary(r).find('\x1b'), std::string::npos);
  EXPECT_NE(render_summary(r, Colour::yes).find("\x1b[1;32mcompleted"), std::string::npos);
}

}  // namespace
}  // namespace s1flow::render
