#include "core/histogram_log.h"

#include <vector>

#include <gtest/gtest.h>
#include <zlib.h>

#include "core/random.h"
#include "core/text.h"
#include "tests/case_name.h"
#include "tests/temporary_folder.h"

namespace s1flow {
namespace {

Histogram sample(int values, std::uint64_t bound) {
  Histogram histogram;
  Random random(3);
  for (int i = 0; i < values; ++i)
    histogram.record(Nanoseconds{static_cast<std::int64_t>(random.below(bound))});
  return histogram;
}

std::string unpacked(std::string_view compressed) {
  std::string out(1 << 20, '\0');
  uLongf size = out.size();
  EXPECT_EQ(
      ::uncompress(reinterpret_cast<Bytef*>(out.data()), &size,
                   reinterpret_cast<const Bytef*>(compressed.data()) + 8, compressed.size() - 8),
      Z_OK);
  out.resize(size);
  return out;
}

std::string hex(std::string_view bytes) {
  std::string out;
  append_hex(out, as_bytes(bytes));
  return out;
}

// The bytes follow from the published format: head of 40 bytes, then for the values 0 (once), 3
// (300 times) and 6 (once): 1, two zeros, 300, two zeros, 1.
TEST(HistogramLogTest, WritesTheBytesOfThePublishedEncoding) {
  Histogram histogram;
  histogram.record(0, 1);
  histogram.record(3, 300);
  histogram.record(6, 1);
  const std::string compressed = encode_compressed(histogram);
  EXPECT_EQ(hex(compressed.substr(0, 4)), "1C849314");
  EXPECT_EQ(hex(unpacked(compressed)),
            "1C849313"
            "00000006"
            "00000000"
            "00000003"
            "0000000000000001"
            "0000034630B8A000"
            "3FF0000000000000"
            "02"    // 1
            "03"    // two zeros
            "D804"  // 300
            "03"
            "02");
}

TEST(HistogramLogTest, WritesASingleZeroAsItself) {
  Histogram histogram;
  histogram.record(0, 1);
  histogram.record(2, 1);
  EXPECT_EQ(hex(unpacked(encode_compressed(histogram)).substr(40)), "020002");
}

struct SizeCase {
  const char* name;
  int values;
  std::uint64_t bound;
};
class HistogramRoundTripTest : public testing::TestWithParam<SizeCase> {};

TEST_P(HistogramRoundTripTest, ReadsBackEveryCount) {
  const Histogram histogram = sample(GetParam().values, GetParam().bound);
  const auto back = decode_compressed(encode_compressed(histogram));
  ASSERT_TRUE(back) << back.error().message();
  EXPECT_EQ(back->count(), histogram.count());
  const auto a = back->counts();
  const auto b = histogram.counts();
  EXPECT_TRUE(std::equal(a.begin(), a.end(), b.begin(), b.end()));
}

constexpr SizeCase kSizes[] = {{"nothing", 0, 1},
                               {"one", 1, 1'000'000},
                               {"small_values", 1000, 100},
                               {"seconds", 10'000, 5'000'000'000},
                               {"whole_hour", 10'000, 3'600'000'000'000}};
INSTANTIATE_TEST_SUITE_P(Sizes, HistogramRoundTripTest, testing::ValuesIn(kSizes),
                         case_name<SizeCase>);

TEST(HistogramLogTest, RefusesEveryTruncation) {
  const std::string whole = encode_compressed(sample(500, 1'000'000));
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_FALSE(decode_compressed(std::string_view(whole).substr(0, size))) << size;
  EXPECT_FALSE(decode_compressed(whole + "x"));
}

// The example line in HdrHistogram's own description of the log: two digits, so it is understood
// and refused for its shape, not for its form.
TEST(HistogramLogTest, KnowsTheFormOfThePublishedExampleAndRefusesItsShape) {
  const auto bytes = decode_base64(
      "HISTFAAAAEV42pNpmSzMwMCgyAABTBDKT4GBgdnNYMcCBvsPEBEJISEuATEZMQ4uASkhIR4nrxg9v2lMaxhvMekI"
      "LGZkKmcCAEf2CsI=");
  ASSERT_TRUE(bytes);
  const auto read = decode_compressed(*bytes);
  ASSERT_FALSE(read);
  EXPECT_NE(read.error().message().find("digits"), std::string::npos) << read.error().message();
}

TEST(HistogramLogTest, WritesALogThatStartsWithItsHeadAndHoldsOneIntervalALine) {
  std::string log;
  append_log_head(log, "written by a test", 1'600'000'000.25);
  Histogram histogram;
  histogram.record(1'500'000, 1);
  append_log_line(log, "reads.ack", Nanoseconds{2'000'000'000}, Nanoseconds{1'000'000'000},
                  histogram);
  append_log_line(log, "", Nanoseconds{0}, Nanoseconds{1'000'000'000}, histogram);
  EXPECT_EQ(log.find("#[written by a test]\n#[Histogram log format version 1.3]\n#[StartTime: "
                     "1600000000.250 (seconds since epoch), 2020-09-13T12:26:40Z]\n"),
            0U);
  const std::size_t tagged = log.find("Tag=reads.ack,2.000,1.000,1.500000,HISTFAAA");
  ASSERT_NE(tagged, std::string::npos) << log;
  const std::size_t begin = log.find("HISTFAAA", tagged);
  const auto packed =
      decode_base64(std::string_view(log).substr(begin, log.find('\n', begin) - begin));
  ASSERT_TRUE(packed);
  EXPECT_EQ(decode_compressed(*packed)->count(), 1U);
  EXPECT_NE(log.find("\n0.000,1.000,1.500000,HISTFAAA"), std::string::npos);
}

TEST(HistogramLogTest, ReadsItsOwnLines) {
  const Histogram histogram = sample(1000, 5'000'000'000);
  std::string text;
  append_log_head(text, "test", 1.5);
  append_log_line(text, "a;b;;c", std::chrono::seconds(7), std::chrono::seconds(1), histogram);
  append_log_line(text, "", std::chrono::seconds(8), std::chrono::milliseconds(500), histogram);
  std::vector<LogLine> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    auto line = read_log_line(std::string_view(text).substr(at, end - at));
    ASSERT_TRUE(line) << line.error().message();
    if (*line) lines.push_back(**std::move(line));
    at = end + 1;
  }
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0].tag, "a;b;;c");
  EXPECT_EQ(lines[0].start, std::chrono::seconds(7));
  EXPECT_EQ(lines[1].tag, "");
  EXPECT_EQ(lines[1].length, std::chrono::milliseconds(500));
  ASSERT_TRUE(lines[0].histogram.restore(histogram.min(), histogram.max(), 0));
  EXPECT_EQ(lines[0].histogram, histogram);
}

// Of min() only its step; of everything else all.
TEST(HistogramLogTest, KeepsTheLargestValueOfALineToTheNanosecond) {
  for (const std::int64_t largest : {0LL, 1LL, 2049LL, 1'234'567'891LL, 3'600'000'000'000LL}) {
    Histogram histogram;
    histogram.record(largest, 3);
    std::string text;
    append_log_line(text, "t", std::chrono::seconds(1), std::chrono::seconds(1), histogram);
    text.pop_back();
    const auto line = read_log_line(text);
    ASSERT_TRUE(line && *line) << largest;
    EXPECT_EQ((*line)->histogram.max().count(), largest);
    EXPECT_EQ((*line)->histogram.count(), 3U);
  }
}

std::string whole_log(std::size_t lines) {
  std::string text;
  append_log_head(text, "test", 1.5);
  for (std::size_t i = 0; i < lines; ++i)
    append_log_line(text, i % 2 == 0 ? "even" : "odd", std::chrono::seconds(i),
                    std::chrono::seconds(1), sample(static_cast<int>(i) * 10, 1'000'000'000));
  return text;
}

Path write_log(const TemporaryFolder& folder, std::string_view text) {
  const Path path = folder.path() / "a.hlog";
  EXPECT_TRUE(write_whole(path, text, Overwrite::yes));
  return path;
}

TEST(HistogramLogReaderTest, GivesEveryLineOfAFileAndThenNothing) {
  const TemporaryFolder folder;
  constexpr std::size_t kLines = 300;
  auto reader = HistogramLogReader::open(write_log(folder, whole_log(kLines)));
  ASSERT_TRUE(reader) << reader.error().message();
  for (std::size_t i = 0; i < kLines; ++i) {
    const auto line = reader->next();
    ASSERT_TRUE(line) << line.error().message();
    ASSERT_TRUE(*line) << i;
    EXPECT_EQ((*line)->tag, i % 2 == 0 ? "even" : "odd");
    EXPECT_EQ((*line)->start, std::chrono::seconds(i));
    EXPECT_EQ((*line)->histogram.count(), i * 10);
  }
  const auto end = reader->next();
  EXPECT_TRUE(end && !*end);
}

struct DamageCase {
  const char* name;
  void (*damage)(std::string&);
  const char* line;  // that is named
};
class HistogramLogDamageTest : public testing::TestWithParam<DamageCase> {};

TEST_P(HistogramLogDamageTest, IsRefusedWithItsLine) {
  const TemporaryFolder folder;
  std::string text = whole_log(5);  // after a head of four lines
  GetParam().damage(text);
  auto reader = HistogramLogReader::open(write_log(folder, text));
  ASSERT_TRUE(reader) << reader.error().message();
  for (int i = 0; i < 6; ++i) {
    const auto line = reader->next();
    if (line) continue;
    EXPECT_NE(line.error().message().find(GetParam().line), std::string::npos)
        << line.error().message();
    EXPECT_NE(line.error().message().find("copy it again"), std::string::npos);
    return;
  }
  FAIL() << "read without an error";
}

constexpr DamageCase kDamages[] = {
    {"cut_in_the_last_line", [](std::string& t) { t.resize(t.size() - 10); }, "a.hlog:9: "},
    {"no_last_line_end", [](std::string& t) { t.pop_back(); }, "a.hlog:9: "},
    {"a_letter_changed", [](std::string& t) { t[t.find("HISTF") + 20] ^= 1; }, "a.hlog:5: "},
    {"a_line_of_something_else", [](std::string& t) { t += "hello\n"; }, "a.hlog:10: "},
};
INSTANTIATE_TEST_SUITE_P(Damages, HistogramLogDamageTest, testing::ValuesIn(kDamages),
                         case_name<DamageCase>);

TEST(HistogramLogTest, RefusesDamagedLines) {
  std::string good;
  append_log_line(good, "t", std::chrono::seconds(7), std::chrono::seconds(1), sample(10, 1000));
  good.pop_back();
  for (const std::string& bad :
       {std::string("Tag=t"), std::string("Tag=t,1.0,2.0"), std::string("x,1,2,3"),
        std::string("-1,1,2,HISTFAAA"), good.substr(0, good.size() - 4), good + "*"})
    EXPECT_FALSE(read_log_line(bad)) << bad;
}

}  // namespace
}  // namespace s1flow
