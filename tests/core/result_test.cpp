#include "core/result.h"

#include <cerrno>

#include <gtest/gtest.h>

#include "core/check.h"

namespace s1flow {
namespace {

Result<int> half(int n) {
  if (n % 2 != 0) return tl::unexpected(usage_error(std::to_string(n) + " is odd"));
  return n / 2;
}

Result<std::unique_ptr<int>> boxed(int n) {
  S1FLOW_TRY(const int value, half(n));
  return std::make_unique<int>(value);
}

Result<int> quarter(int n, int& steps) {
  S1FLOW_TRY(const int first, half(n));
  ++steps;
  int second = 0;
  S1FLOW_TRY(second, half(first));
  ++steps;
  return second;
}

Status check_even(int n, int& steps) {
  S1FLOW_TRY_VOID(half(n).map([](int) {}));
  ++steps;
  return {};
}

TEST(ResultTest, TryGivesTheValueOrReturnsTheError) {
  int steps = 0;
  EXPECT_EQ(quarter(12, steps), 3);
  EXPECT_EQ(steps, 2);
  steps = 0;
  const auto odd_later = quarter(6, steps);
  ASSERT_FALSE(odd_later);
  EXPECT_EQ(odd_later.error().message(), "3 is odd");
  EXPECT_EQ(odd_later.error().kind(), ErrorKind::usage);
  EXPECT_EQ(steps, 1);
}

TEST(ResultTest, TryMovesValuesThatCannotBeCopied) {
  auto unbox = [](int n) -> Result<int> {
    S1FLOW_TRY(const std::unique_ptr<int> box, boxed(n));
    return *box;
  };
  EXPECT_EQ(unbox(8), 4);
  EXPECT_EQ(unbox(7).error().message(), "7 is odd");
}

TEST(ResultTest, TryVoidGoesOnOrReturnsTheError) {
  int steps = 0;
  EXPECT_TRUE(check_even(4, steps));
  EXPECT_EQ(steps, 1);
  EXPECT_FALSE(check_even(5, steps));
  EXPECT_EQ(steps, 1);
}

TEST(ResultTest, TryTakesExpressionsWithCommas) {
  auto add = [](int a, int b) -> Result<int> {
    S1FLOW_TRY(const auto both, Result<std::pair<int, int>>(std::pair<int, int>{a, b}));
    return both.first + both.second;
  };
  EXPECT_EQ(add(1, 2), 3);
}

TEST(ErrorTest, NamesThePlacesItPassedOnItsWayUp) {
  Error error = usage_error("column 3 is missing");
  error = std::move(error).at("layout maf");
  error = std::move(error).at("batch.toml");
  EXPECT_EQ(error.message(), "batch.toml: layout maf: column 3 is missing");
  EXPECT_EQ(error.kind(), ErrorKind::usage);
  const Result<int> mapped = half(1).map_error([](Error e) { return std::move(e).at("halving"); });
  EXPECT_EQ(mapped.error().message(), "halving: 1 is odd");
}

TEST(ErrorTest, CopiesAreIndependent) {
  Error first = internal_error("refused");
  const Error second = first;
  first = std::move(first).at("here");
  EXPECT_EQ(first.message(), "here: refused");
  EXPECT_EQ(second.message(), "refused");
  first = second;
  EXPECT_EQ(first.message(), "refused");
  EXPECT_EQ(first.kind(), ErrorKind::internal);
  const Error& alias = first;
  first = alias;
  EXPECT_EQ(first.message(), "refused");
}

TEST(ErrorTest, IsOnePointerWide) {
  EXPECT_EQ(sizeof(Error), sizeof(void*));
}

TEST(ErrorTest, SaysWhatTheMachineSaid) {
  errno = ENOENT;
  const Error missing = io_error("open", "a.csv");
  EXPECT_EQ(missing.kind(), ErrorKind::io);
  EXPECT_EQ(missing.message(), "a.csv: cannot open: No such file or directory");
}

TEST(ErrorTest, AddsTheRemedyWhereOneIsKnown) {
  errno = ENOSPC;
  EXPECT_EQ(io_error("write", "a").message(),
            "a: cannot write: No space left on device; free some space and run again");
  errno = EMFILE;
  EXPECT_EQ(io_error("open", "a").message(),
            "a: cannot open: Too many open files; raise the limit of open files (ulimit -n)");
}

TEST(CheckTest, LetsTheProgramGoOnWhenTheConditionHolds) {
  S1FLOW_CHECK(1 + 1 == 2);
}

TEST(CheckDeathTest, StopsTheProgramAndNamesThePlace) {
  EXPECT_DEATH(S1FLOW_CHECK(1 + 1 == 3),
               "s1flow: internal error: 1 \\+ 1 == 3 does not hold .*result_test.cpp:");
}

}  // namespace
}  // namespace s1flow
