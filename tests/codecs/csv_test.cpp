// CSV exactly to RFC 4180: rows and fields, where rows end whatever the cut, and the limits.

#include <algorithm>

#include <gtest/gtest.h>

#include "codecs/csv/framer.h"
#include "codecs/csv/row_reader.h"
#include "core/random.h"
#include "tests/case_name.h"
#include "tests/codecs/reading.h"
#include "tests/temporary_folder.h"

namespace s1flow::codecs {
namespace {

using Rows = std::vector<std::vector<std::string>>;

// All rows up to the end or to the first fault.
Rows rows_of(std::string_view text, const Fault*& fault, char delimiter = ',',
             const Limits& limits = {}) {
  static Fault kept;
  fault = nullptr;
  Arena arena;
  const CsvRowReader reader(delimiter, limits);
  Rows rows;
  std::vector<std::string_view> fields;
  for (std::size_t at = 0; at < text.size();) {
    if (auto read = reader.read(text, at, arena, fields); !read) {
      kept = std::move(read).error();
      fault = &kept;
      break;
    }
    rows.emplace_back(fields.begin(), fields.end());
  }
  return rows;
}

// Rows of few kinds of bytes, in which everything happens.
TEST(CsvPlainRowTest, ReadsPlainRowsAsAllOthers) {
  Random random(31, 0);
  std::size_t plain = 0, other = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    const std::uint64_t size = random.below(120);
    const std::uint64_t kinds = 4 + random.below(20);
    for (std::uint64_t i = 0; i < size; ++i) {
      constexpr std::string_view kBytes = ",\n\r\"";
      const std::uint64_t kind = random.below(kinds);
      text += kind < kBytes.size() && (kind < 2 || random.chance(0.2)) ? kBytes[kind] : 'x';
    }
    const Limits limits{.field_bytes = 1 + random.below(60), .columns = 1 + random.below(20)};
    const CsvRowReader reader(',', limits);
    Arena arena;
    std::vector<std::string_view> fields, expected;
    for (std::size_t at = 0; at < text.size();) {
      std::size_t fast = at;
      const bool taken = reader.read_plain(text, fast, fields);
      const std::size_t start = at;
      const auto read = reader.read(text, at, arena, expected);
      ASSERT_FALSE(taken && !read) << text;
      ++(taken ? plain : other);
      if (!taken) {
        ASSERT_EQ(fast, start) << text;
        if (!read) break;
        continue;
      }
      ASSERT_EQ(fast, at) << text;
      ASSERT_EQ(fields, expected) << text;
      ASSERT_EQ(std::count(text.begin() + static_cast<std::ptrdiff_t>(start),
                           text.begin() + static_cast<std::ptrdiff_t>(at), '\n'),
                1)
          << text;
    }
  }
  EXPECT_GT(plain, 1000U);
  EXPECT_GT(other, 1000U);
}

struct RowCase {
  const char* name;
  std::string_view text;
  Rows rows;
  char delimiter = ',';
};
class CsvRowTest : public testing::TestWithParam<RowCase> {};

TEST_P(CsvRowTest, GivesItsFields) {
  const Fault* fault = nullptr;
  EXPECT_EQ(rows_of(GetParam().text, fault, GetParam().delimiter), GetParam().rows);
  EXPECT_EQ(fault, nullptr);
}
INSTANTIATE_TEST_SUITE_P(
    Rfc4180, CsvRowTest,
    testing::Values(
        RowCase{"CrLf", "a,b\r\nc,d\r\n", {{"a", "b"}, {"c", "d"}}},
        RowCase{"Lf", "a,b\nc,d\n", {{"a", "b"}, {"c", "d"}}},
        RowCase{"MixedLineEnds", "a\r\nb\nc\r\n", {{"a"}, {"b"}, {"c"}}},
        RowCase{"NoLastLineEnd", "a,b", {{"a", "b"}}},
        RowCase{"EmptyFields", ",,\n", {{"", "", ""}}},
        RowCase{"EmptyLine", "\na\n", {{""}, {"a"}}},
        RowCase{"BlanksCount", " a , b \n", {{" a ", " b "}}},
        RowCase{"Quoted", "\"a\",\"b\"\n", {{"a", "b"}}},
        RowCase{"QuotedEmpty", "\"\",x\n", {{"", "x"}}},
        RowCase{"QuotedDelimiter", "\"a,b\",c\n", {{"a,b", "c"}}},
        RowCase{"DoubledQuotes", "\"a\"\"b\",\"\"\"\",\"\"\"c\"\"\"\n", {{"a\"b", "\"", "\"c\""}}},
        RowCase{"LineEndsInside", "\"a\nb\",\"c\r\nd\",\"e\rf\"\n", {{"a\nb", "c\r\nd", "e\rf"}}},
        RowCase{"LastFieldQuotedAtTheEnd", "a,\"b\"", {{"a", "b"}}},
        RowCase{"LastFieldEmptyAtTheEnd", "a,\n", {{"a", ""}}},
        RowCase{"OtherDelimiter", "a;\"b;c\";d,e\n", {{"a", "b;c", "d,e"}}, ';'},
        RowCase{"TabDelimiter", "a\tb\n", {{"a", "b"}}, '\t'}),
    case_name<RowCase>);

TEST(CsvRowReaderTest, KeepsTheEmptyLastFieldAtTheEndOfTheFile) {
  const Fault* fault = nullptr;
  EXPECT_EQ(rows_of("a,", fault), (Rows{{"a", ""}}));
  EXPECT_EQ(fault, nullptr);
}

struct BadRowCase {
  const char* name;
  std::string_view text;
  const Rule* rule;
  std::size_t byte;
};
class CsvBadRowTest : public testing::TestWithParam<BadRowCase> {};

TEST_P(CsvBadRowTest, IsRefusedWithItsPlace) {
  const Fault* fault = nullptr;
  Limits limits;
  limits.field_bytes = 4;
  limits.columns = 3;
  (void)rows_of(GetParam().text, fault, ',', limits);
  ASSERT_NE(fault, nullptr);
  EXPECT_EQ(fault->rule->id, GetParam().rule->id) << fault->note;
  EXPECT_EQ(fault->byte, GetParam().byte) << fault->note;
}
INSTANTIATE_TEST_SUITE_P(
    Rfc4180, CsvBadRowTest,
    testing::Values(BadRowCase{"QuoteInside", "a\"b\n", &kCsvMalformed, 1},
                    BadRowCase{"QuoteAfterBlank", "a, \"b\"\n", &kCsvMalformed, 3},
                    BadRowCase{"TextAfterQuote", "\"a\"b\n", &kCsvMalformed, 3},
                    BadRowCase{"BlankAfterQuote", "\"a\" ,b\n", &kCsvMalformed, 3},
                    BadRowCase{"NeverClosed", "a,\"b\n", &kCsvMalformed, 2},
                    BadRowCase{"OnlyAQuote", "\"", &kCsvMalformed, 0},
                    BadRowCase{"ThreeQuotes", "\"\"\"", &kCsvMalformed, 0},
                    BadRowCase{"LoneCarriageReturn", "a\rb\n", &kCsvMalformed, 1},
                    BadRowCase{"CarriageReturnAtTheEnd", "a\r", &kCsvMalformed, 1},
                    BadRowCase{"SecondRow", "a,b\r\nc\"\r\n", &kCsvMalformed, 6},
                    BadRowCase{"FieldTooLong", "abcd,abcde\n", &kCsvLimit, 0},
                    BadRowCase{"QuotedFieldTooLong", "\"abcde\"\n", &kCsvLimit, 0},
                    BadRowCase{"TooManyColumns", "a,b,c\na,b,c,d\n", &kCsvLimit, 6}),
    case_name<BadRowCase>);

TEST(CsvRowReaderTest, TakesFieldsAndRowsAtTheLimit) {
  const Fault* fault = nullptr;
  Limits limits;
  limits.field_bytes = 4;
  limits.columns = 3;
  EXPECT_EQ(rows_of("abcd,\"a\"\"cd\",\n", fault, ',', limits), (Rows{{"abcd", "a\"cd", ""}}));
  EXPECT_EQ(fault, nullptr);
}

struct FieldCase {
  const char* name;
  std::string_view field;
  std::string_view written;
};
class CsvFieldTest : public testing::TestWithParam<FieldCase> {};

TEST_P(CsvFieldTest, IsQuotedOnlyWhereItHasToBe) {
  std::string out;
  append_csv_field(out, GetParam().field, ',');
  EXPECT_EQ(out, GetParam().written);
  const Fault* fault = nullptr;
  EXPECT_EQ(rows_of(out + "\n", fault), (Rows{{std::string(GetParam().field)}}));
}
INSTANTIATE_TEST_SUITE_P(Fields, CsvFieldTest,
                         testing::Values(FieldCase{"Plain", "a b;c", "a b;c"},
                                         FieldCase{"Empty", "", ""},
                                         FieldCase{"Delimiter", "a,b", "\"a,b\""},
                                         FieldCase{"Quote", "a\"b", "\"a\"\"b\""},
                                         FieldCase{"LineFeed", "a\nb", "\"a\nb\""},
                                         FieldCase{"CarriageReturn", "a\rb", "\"a\rb\""}),
                         case_name<FieldCase>);

// ---- framing

TEST(CsvFramerTest, FindsTheSameRowEndsForEveryPairOfSplits) {
  const std::string text = "h1,h2\r\n\"a\nb\",\"c\"\"\n\"\r\nd,e\nf,\"g\r\n\"";
  const auto ends_of = [&](std::size_t first, std::size_t second) {
    CsvFramer framer(CsvHeader::yes);
    std::vector<std::size_t> ends;
    std::size_t from = 0;
    std::uint64_t records = 0;
    for (const std::size_t to : {first, second, text.size()}) {
      const auto cut =
          framer.scan(std::string_view(text).substr(from, to - from), to == text.size());
      EXPECT_TRUE(cut.has_value());
      records += cut->records;
      if (cut->end == 0) continue;
      ends.push_back(from + cut->end);
      from += cut->end;
      framer.consumed(cut->end);
    }
    EXPECT_EQ(records, 3U);
    return ends;
  };
  const std::vector<std::size_t> whole = ends_of(text.size(), text.size());
  EXPECT_EQ(whole.back(), text.size());
  // Rows may only end here.
  const std::vector<std::size_t> allowed{7, 21, 25, text.size()};
  for (std::size_t i = 0; i <= text.size(); ++i)
    for (std::size_t j = i; j <= text.size(); ++j)
      for (const std::size_t end : ends_of(i, j))
        EXPECT_TRUE(std::find(allowed.begin(), allowed.end(), end) != allowed.end())
            << "split at " << i << " and " << j << " gives an end at " << end;
}

// ---- the whole way

constexpr const char* kLayout = R"(# ours
type = "registration"
version = "1"
container = "csv"
[csv]
column = [ { name = "M" }, { name = "S" }, { name = "N" } ]
[record]
mpxn = "M"
supplier = "S"
network-operator = "N"
)";
constexpr const char* kEui = "90-B3-D5-1F-30-01-00-00";

std::string row(std::string_view mpxn) {
  return std::string(mpxn) + "," + kEui + "," + kEui + "\r\n";
}

class CsvFileTest : public testing::Test {
 protected:
  Reading read(std::string_view text, const ReadingOptions& options = {}) {
    const Path path = folder_ / "file.csv";
    put_file(path, text);
    return read_whole_file(path, layout_, options);
  }
  TemporaryFolder folder_;
  std::shared_ptr<const Layout> layout_ = *layout_from(kLayout);
};

TEST_F(CsvFileTest, TakesARecordAtTheLimitAndRefusesOneAboveForEveryChunkSize) {
  const std::string good = row("1200023305967");
  const std::string long_row = "\"1200023305967\"," + std::string(kEui) + "," + kEui + "\r\n";
  ReadingOptions options;
  options.limits.record_bytes = good.size();
  for (const std::size_t chunk : {std::size_t{1}, std::size_t{64}, std::size_t{1} << 20}) {
    options.chunk_bytes = chunk;
    EXPECT_EQ(read("M,S,N\n" + good + good, options).records.size(), 2U);
    const Reading refused = read("M,S,N\n" + good + long_row, options);
    ASSERT_EQ(refused.found.size(), 1U) << chunk;
    EXPECT_EQ(refused.found[0].rule->id, "csv.limit") << chunk;
  }
}

TEST_F(CsvFileTest, StopsAQuoteThatSwallowsTheFileWithinBoundedMemory) {
  ReadingOptions options;
  options.chunk_bytes = 1000;
  options.limits.record_bytes = 5000;
  options.limits.head_bytes = 1000;
  std::string text = "M,S,N\n\"";
  while (text.size() < 100'000) text += row("1200023305967");
  const Reading refused = read(text, options);
  ASSERT_EQ(refused.found.size(), 1U);
  EXPECT_EQ(refused.found[0].rule->id, "csv.limit");
}

TEST_F(CsvFileTest, SkipsAByteOrderMarkAtTheStartOnly) {
  const std::string bom = "\xEF\xBB\xBF";
  EXPECT_EQ(read(bom + "M,S,N\n" + row("1200023305967")).records.size(), 1U);
  const Reading inside = read("M,S,N\n" + bom + row("1200023305967"));
  ASSERT_EQ(inside.found.size(), 1U);
  EXPECT_EQ(inside.found[0].rule->id, "value.invalid");
  EXPECT_EQ(inside.found[0].line, 2U);
}

TEST_F(CsvFileTest, NamesFieldLineAndRowOfABadValue) {
  const Reading reading = read("M,S,N\n" + row("1200023305967") + row("12"));
  ASSERT_EQ(reading.found.size(), 1U);
  const Fault& f = reading.found[0];
  EXPECT_EQ(f.field, "mpxn");
  EXPECT_EQ(f.line, 3U);
  EXPECT_EQ(f.ordinal, 2U);
  EXPECT_EQ(f.record, "row 2");
  EXPECT_EQ(f.seen, "12");
  EXPECT_EQ(f.note, "expected an MPAN of 13 digits or an MPRN of 6 to 10");
}

TEST_F(CsvFileTest, CountsLinesInsideQuotesButNotAsRows) {
  const Reading reading = read("M,S,N\n\"1\n2\"," + std::string(kEui) + "," + kEui + "\n" + "x\n");
  ASSERT_EQ(reading.found.size(), 2U);
  EXPECT_EQ(reading.found[0].rule->id, "value.invalid");
  EXPECT_EQ(reading.found[0].line, 2U);
  EXPECT_EQ(reading.found[1].rule->id, "csv.ragged-row");
  EXPECT_EQ(reading.found[1].line, 4U);
  EXPECT_EQ(reading.found[1].ordinal, 2U);
}

TEST_F(CsvFileTest, ReadsWithoutAHeaderLineWhenTheLayoutHasNone) {
  std::string toml = kLayout;
  toml.replace(toml.find("[csv]\n"), 6, "[csv]\nheader = false\nline-end = \"\\n\"\n");
  layout_ = *layout_from(toml);
  const Path path = folder_ / "no-header.csv";
  ASSERT_TRUE(write_whole(path, row("1200023305967") + row("9876543210")));
  EXPECT_EQ(read_whole_file(path, layout_).records.size(), 2U);
  const std::string again = encode_again(path, layout_, 1);
  EXPECT_TRUE(again.starts_with("1200023305967,")) << again;
  EXPECT_EQ(again.find('\r'), std::string::npos);
}

}  // namespace
}  // namespace s1flow::codecs
