#include "loadgen/template_source.h"

#include <gtest/gtest.h>

#include "loadgen/recorder.h"
#include "tests/case_name.h"

namespace s1flow::loadgen {
namespace {

TEST(TemplateSourceTest, PatchesTheNumberInPlace) {
  TemplateClass c;
  c.path = "/p";
  c.headers = {"X-Test: 1"};
  c.body = "<a>{{number}}</a><b>{{number}}</b>";
  const auto source = make_template_source("h:1", {c}, 1);
  ASSERT_TRUE(source) << source.error().message();
  const auto writer = (*source)->writer({});
  (void)writer->write(18'446'744'073'709'551'615ULL);
  EXPECT_EQ(writer->write(1234567).bytes,
            "POST /p HTTP/1.1\r\nHost: h:1\r\nX-Test: 1\r\nContent-Type: application/xml\r\n"
            "Content-Length: 54\r\n\r\n"
            "<a>00000000000001234567</a><b>00000000000001234567</b>");
}

TEST(TemplateSourceTest, WritesEveryNumberInItsDigits) {
  TemplateClass c;
  c.body = "{{number}}";
  const auto writer = (*make_template_source("h", {c}, 1))->writer({});
  for (const std::uint64_t n : {0ULL, 9ULL, 10ULL, 99ULL, 100ULL, 12345ULL, 10'000'000'000ULL,
                                18'446'744'073'709'551'615ULL}) {
    const std::string digits = std::to_string(n);
    EXPECT_EQ(writer->write(n).bytes.substr(writer->write(n).bytes.size() - 20),
              std::string(20 - digits.size(), '0') + digits);
  }
}

TEST(TemplateSourceTest, MixesByWeightTheSameWayForTheSameSeed) {
  std::vector<TemplateClass> classes(3);
  classes[0] = {.name = "a", .weight = 1};
  classes[1] = {.name = "b", .weight = 2};
  classes[2] = {.name = "c", .weight = 7};
  const auto source = *make_template_source("h", classes, 5);
  const auto one = source->writer({});
  const auto two = source->writer({});
  int counts[3] = {0, 0, 0};
  for (std::uint64_t n = 0; n < 100'000; ++n) {
    const std::uint16_t c = one->class_of(n);
    ++counts[c];
    ASSERT_EQ(two->write(n).class_index, c);
  }
  EXPECT_NEAR(counts[0], 10'000, 500);
  EXPECT_NEAR(counts[1], 20'000, 700);
}

struct BadCase {
  const char* name;
  TemplateClass c;
  const char* why;
};
class BadTemplateTest : public testing::TestWithParam<BadCase> {};
TEST_P(BadTemplateTest, IsRefusedWithItsReason) {
  const auto source = make_template_source("h", {GetParam().c}, 1);
  ASSERT_FALSE(source);
  EXPECT_NE(source.error().message().find(GetParam().why), std::string::npos)
      << source.error().message();
}
const BadCase kBad[] = {
    {"header_with_line_end", {.headers = {"A: b\r\nC: d"}}, "header"},
    {"header_without_colon", {.headers = {"nonsense"}}, "'Name: value'"},
    {"own_length", {.headers = {"content-length: 1"}}, "by s1flow itself"},
    {"method_with_blank", {.method = "GET /"}, "method"},
    {"name_with_comma", {.name = "a,b"}, "class"},
    {"no_weight", {.weight = 0}, "weight"},
};
INSTANTIATE_TEST_SUITE_P(Templates, BadTemplateTest, testing::ValuesIn(kBad), case_name<BadCase>);

TEST(RecorderTest, AddsUpToWhatOneWouldHaveSeen) {
  Recorder one(2, 2), a(2, 2), b(2, 2);
  for (int i = 0; i < 1000; ++i) {
    Recorder& part = i % 3 == 0 ? a : b;
    for (Recorder* to : {&one, &part}) {
      ClassRecord& record = to->at(static_cast<std::size_t>(i) % 2, 1);
      ++record.outcomes[static_cast<std::size_t>(i) % kOutcomes];
      record.first.response.record(Nanoseconds{i * 977});
    }
  }
  Recorder sum(2, 2);
  sum.add(a);
  sum.add(b);
  EXPECT_EQ(sum.find(0, 0), nullptr);
  for (const std::size_t phase : {0, 1}) {
    EXPECT_TRUE(sum.total(phase).first.response == one.total(phase).first.response);
    EXPECT_EQ(sum.total(phase).outcomes, one.total(phase).outcomes);
  }
}

}  // namespace
}  // namespace s1flow::loadgen
