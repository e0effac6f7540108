#pragma once
// S1FLOW_CHECK: the program itself is wrong (never the data, never the machine). Active in every
// build; prints the condition with its place on stderr and aborts.

namespace s1flow::detail {
[[noreturn]] void check_failed(const char* condition, const char* file, int line) noexcept;
}  // namespace s1flow::detail

#define S1FLOW_CHECK(condition)           \
  (static_cast<bool>(condition) ? void(0) \
                                : ::s1flow::detail::check_failed(#condition, __FILE__, __LINE__))
