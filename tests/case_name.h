#pragma once
// Names the instances of a table-driven test after the `name` of their row.

#include <string>

#include <gtest/gtest.h>

namespace s1flow {

template <typename Case>
std::string case_name(const testing::TestParamInfo<Case>& row) {
  return row.param.name;
}

}  // namespace s1flow
