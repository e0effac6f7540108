// What the fast path of XML remembers of the tags between values: by itself, and by documents whose
// later records differ from the ones it has learnt from.

#include "codecs/xml/tag_memo.h"

#include <gtest/gtest.h>

#include "core/random.h"
#include "tests/case_name.h"
#include "tests/codecs/reading.h"
#include "tests/codecs/schema_sampler.h"
#include "tests/codecs/two_paths.h"

namespace s1flow::codecs {
namespace {

// Bytes are compared beyond their end.
std::string padded(std::string text) {
  return text + std::string(64, '\0');
}

TEST(TagMemoTest, FindsWhatItHasLearntWhereItHasLearntIt) {
  TagMemo memo;
  TagMemo::Place* const start = memo.place_for(3, TagMemo::kRecordStart, {});
  TagMemo::Place* const value = memo.place_for(4, TagMemo::kNone, {});
  ASSERT_NE(start, nullptr);
  ASSERT_NE(value, nullptr);
  EXPECT_EQ(TagMemo::edge_at(padded("<I>\n  <A>").data(), *start), nullptr);
  const TagMemo::Event event{.kind = TagMemo::Event::Kind::group_begin, .offset = 6, .lines = 1};
  memo.learn(*start, "<I>\n  <A>", std::span(&event, 1), value);
  memo.learn(*value, "</A>\n</I>", {}, nullptr);
  const TagMemo::Edge* const first = TagMemo::edge_at(padded("<I>\n  <A>1").data(), *start);
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(first->size, 9U);
  EXPECT_EQ(first->lines, 1U);
  EXPECT_EQ(first->to, value);
  ASSERT_EQ(first->events.size(), 1U);
  EXPECT_EQ(first->events[0].offset, 6U);
  EXPECT_EQ(TagMemo::edge_at(padded("</A>\n</I>").data(), *start), nullptr);
  const TagMemo::Edge* const last = TagMemo::edge_at(padded("</A>\n</I>\n<I>").data(), *value);
  ASSERT_NE(last, nullptr);
  EXPECT_EQ(last->to, nullptr);
  memo.clear();
  EXPECT_EQ(
      TagMemo::edge_at(padded("<I>\n  <A>").data(), *memo.place_for(3, TagMemo::kRecordStart, {})),
      nullptr);
}

TEST(TagMemoTest, TellsPlacesApartByWhatIsOpenAroundThem) {
  TagMemo memo;
  const TagMemo::Frame one{1, 2}, other{1, 3};
  TagMemo::Place* const a = memo.place_for(4, TagMemo::kNone, std::span(&one, 1));
  EXPECT_NE(a, memo.place_for(4, TagMemo::kNone, std::span(&other, 1)));
  EXPECT_NE(a, memo.place_for(4, 0, std::span(&one, 1)));
  EXPECT_NE(a, memo.place_for(5, TagMemo::kNone, std::span(&one, 1)));
  EXPECT_NE(a, memo.place_for(4, TagMemo::kNone, {}));
  EXPECT_EQ(a, memo.place_for(4, TagMemo::kNone, std::span(&one, 1)));
}

TEST(TagMemoTest, StopsLearningSomewhere) {
  TagMemo memo;
  std::size_t places = 0, edges = 0;
  while (places < 1'000'000 &&
         memo.place_for(static_cast<std::uint32_t>(places), TagMemo::kNone, {}) != nullptr)
    ++places;
  EXPECT_LT(places, 1'000'000U);
  TagMemo::Place& one = *memo.place_for(0, TagMemo::kNone, {});
  for (; edges < 1'000 && memo.learns_at(one); ++edges)
    memo.learn(one, "<" + std::to_string(edges) + ">", {}, nullptr);
  EXPECT_LT(edges, 1'000U);
  for (std::size_t i = 0; i < edges; ++i)  // and goes on finding
    EXPECT_NE(TagMemo::edge_at(padded("<" + std::to_string(i) + ">").data(), one), nullptr);
  TagMemo::Place* last = &one;
  for (std::size_t p = 1; p < places; ++p) {
    last = memo.place_for(static_cast<std::uint32_t>(p), TagMemo::kNone, {});
    for (std::size_t i = 0; i < 20; ++i)
      memo.learn(*last, "<" + std::to_string(i) + ">", {}, nullptr);
  }
  EXPECT_EQ(last->edges, nullptr);  // there are enough of all places
}

TEST(TagMemoTest, HoldsABoundedNumberOfBytes) {
  TagMemo memo;
  TagMemo::Place* place = nullptr;
  std::size_t learnt = 0;
  for (std::uint32_t p = 0; p < 1000; ++p) {
    place = memo.place_for(p, TagMemo::kNone, {});
    memo.learn(*place, std::string(5'000, ' '), {}, nullptr);  // longer than tags ever are
    ASSERT_EQ(place->edges, nullptr);
    for (char c = 'a'; c < 'k'; ++c) memo.learn(*place, std::string(4'000, c), {}, nullptr);
    learnt += place->edge_count;
  }
  EXPECT_EQ(place->edges, nullptr);
  EXPECT_GT(learnt * 4'000, 900'000U);
  EXPECT_LT(learnt * 4'000, 1'100'000U);
}

// ---- documents

// Where it stands last.
std::string with_change(std::string document, std::string_view what, std::string_view with) {
  const std::size_t at = document.rfind(what);
  if (at == std::string::npos) return {};
  return document.replace(at, what.size(), with);
}

struct LateCase {
  const char* name;
  const char* what;
  const char* with;
  bool fast;  // whether the chunk is still the fast path's
};
class LateChangeTest : public testing::TestWithParam<LateCase> {};

// In the last of twelve records, when the tags of the others are known.
TEST_P(LateChangeTest, IsReadAsLibxml2ReadsIt) {
  const auto layout = shipped_layout("mcf");
  Random random(21, 0);
  const std::string document = with_change(sample_document(*layout, {.records = 12}, random),
                                           GetParam().what, GetParam().with);
  ASSERT_NE(document, "");
  TwoPaths paths(layout, schema_of(*layout));
  EXPECT_EQ(paths.compare(document, 1 << 20), "");
  EXPECT_EQ(paths.counts().fast, GetParam().fast ? 1U : 0U);
}

INSTANTIATE_TEST_SUITE_P(
    Changes, LateChangeTest,
    testing::Values(LateCase{"reference", "<Model>", "<Model>&amp;", true},
                    LateCase{"other_blanks", "<Model>", " \n\t<Model>", true},
                    LateCase{"blanks_in_value", "<Model>", "<Model>a\nb ", false},
                    LateCase{"blank_between_records", "</Installation>", "</Installation>\n\n",
                             true},
                    LateCase{"no_content", "<Model>", "<Model/><Model>", false},
                    LateCase{"character_reference", "<Model>", "<Model>&#65;", false},
                    LateCase{"cdata", "<Model>", "<Model><![CDATA[A]]>", false},
                    LateCase{"comment", "</Model>", "</Model><!-- -->", false},
                    LateCase{"text_between", "</Model>", "</Model>x", false},
                    LateCase{"twice", "<Model>", "<Model>A</Model><Model>", false},
                    LateCase{"blank_in_end_tag", "</Model>", "</Model >", false},
                    LateCase{"not_ascii", "<Model>", "<Model>\xC3\xA9", false},
                    LateCase{"record_that_does_not_end", "</Installation>", "", false}),
    s1flow::case_name<LateCase>);

// Every record stands otherwise, so that there is more to learn than will be.
TEST(TagMemoTest, ReadsDocumentsThatNeverRepeatTheirBlanks) {
  for (const char* type : {"mcf", "mvf"}) {
    const auto layout = shipped_layout(type);
    Random random(22, 0);
    const std::string document =
        sample_document(*layout, {.records = 300, .indented = true}, random);
    std::string wild;
    for (const char c : document) {
      wild += c;
      for (std::uint64_t n = c == '\n' ? random.below(24) : 0; n > 0; --n)
        wild += " \n\t"[random.below(3)];
    }
    TwoPaths paths(layout, schema_of(*layout));
    EXPECT_EQ(paths.compare(wild, 20'000), "");
    EXPECT_EQ(paths.counts().fast, paths.counts().chunks);
    EXPECT_EQ(paths.compare(document, 20'000), "");
  }
}

}  // namespace
}  // namespace s1flow::codecs
