#include "loadgen/recorder.h"

#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include "core/random.h"

namespace s1flow::loadgen {
namespace {

constexpr std::size_t kPhases = 3;
constexpr std::size_t kClasses = 4;

// One request as it would end, from its number: whoever records it, it is the same.
void record(Recorder& recorder, std::uint64_t number) {
  Random random(17, number);
  ClassRecord& to = recorder.at(random.below(kPhases), random.below(kClasses));
  const auto outcome = random.chance(0.9) ? Outcome::ok : Outcome(random.below(kOutcomes));
  const auto time = [&](double scale) {
    return Nanoseconds{static_cast<std::int64_t>(scale / (1 - random.unit()))};
  };
  ++to.sent;
  ++to.outcomes[index_of(outcome)];
  to.lag.record(time(1000));
  to.own_lag.record(time(100));
  if (outcome != Outcome::ok) return to.failed.record(time(1e6));
  to.first.response.record(time(3e5));
  to.first.service.record(time(2e5));
  if (random.chance(0.3)) {
    if (!to.answer) to.answer = std::make_unique<LegTimes>();
    to.answer->response.record(time(5e6));
    to.answer->service.record(time(4e6));
  }
}

void expect_equal(const LegTimes* a, const LegTimes* b) {
  ASSERT_EQ(a == nullptr, b == nullptr);
  if (a == nullptr) return;
  EXPECT_TRUE(a->response == b->response);
  EXPECT_TRUE(a->service == b->service);
}

void expect_equal(const Recorder& a, const Recorder& b) {
  for (std::size_t p = 0; p < kPhases; ++p)
    for (std::size_t c = 0; c < kClasses; ++c) {
      SCOPED_TRACE(testing::Message() << "phase " << p << ", class " << c);
      const ClassRecord* x = a.find(p, c);
      const ClassRecord* y = b.find(p, c);
      ASSERT_EQ(x == nullptr, y == nullptr);
      if (x == nullptr) continue;
      EXPECT_EQ(x->sent, y->sent);
      EXPECT_EQ(x->outcomes, y->outcomes);
      EXPECT_TRUE(x->failed == y->failed);
      EXPECT_TRUE(x->lag == y->lag);
      EXPECT_TRUE(x->own_lag == y->own_lag);
      expect_equal(&x->first, &y->first);
      expect_equal(x->transform.get(), y->transform.get());
      expect_equal(x->answer.get(), y->answer.get());
    }
}

// Whatever request is recorded where, and in whatever order they are put together.
TEST(RecorderTest, SumsOfAnySplitEqualOneRecorderThatSawEverything) {
  for (std::uint64_t round = 0; round < 20; ++round) {
    SCOPED_TRACE(testing::Message() << "round " << round);
    Random random(round);
    const std::size_t parts = 1 + random.below(9);
    std::vector<Recorder> recorders;
    for (std::size_t i = 0; i < parts; ++i) recorders.emplace_back(kPhases, kClasses);
    Recorder one(kPhases, kClasses);
    const std::uint64_t requests = random.below(4000);
    for (std::uint64_t number = 0; number < requests; ++number) {
      record(one, number);
      record(recorders[random.below(parts)], number);
    }
    while (recorders.size() > 1) {
      const std::size_t from = 1 + random.below(recorders.size() - 1);
      const std::size_t to = random.below(from);
      recorders[to].add(recorders[from]);
      recorders.erase(recorders.begin() + static_cast<std::ptrdiff_t>(from));
    }
    expect_equal(recorders.front(), one);
  }
}

}  // namespace
}  // namespace s1flow::loadgen
