#pragma once
// Figures as people read them: thousands grouped, no locale, and never rounded into a claim that is
// not true (99.96 % is not 100 %). Pure; thread-safe.

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace s1flow::render {

[[nodiscard]] std::string grouped(std::uint64_t value);  // 1,234,567
// "+12" or "-1,234" (with a real minus sign); "0" when equal.
[[nodiscard]] std::string change(std::uint64_t from, std::uint64_t to);
// "94.1 %"; "100 %" and "0 %" only when exactly so, else ">99.9 %" and "<0.1 %"; "n/a" of nothing.
[[nodiscard]] std::string percent(std::uint64_t part, std::uint64_t whole);
[[nodiscard]] std::string bytes_text(std::uint64_t bytes);               // "1.4 GiB"
[[nodiscard]] std::string duration_text(std::chrono::nanoseconds time);  // "2 min 5 s", "13.2 ms"
// Per second, three figures: "45,300", "3.21"; "n/a" when no time passed.
[[nodiscard]] std::string rate_text(std::uint64_t count, std::chrono::nanoseconds time);
// "Mon 8 Apr 2019" of an ISO date; other text as it is; "not known" for none.
[[nodiscard]] std::string day_text(std::string_view iso);
[[nodiscard]] std::string_view or_not_known(std::string_view text);
// "1 file", "2 files".
[[nodiscard]] std::string counted(std::uint64_t n, std::string_view one, std::string_view many);

}  // namespace s1flow::render
