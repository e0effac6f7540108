#pragma once
// Everything that is wrong with a command line, told at once: CLI11 itself stops at the first
// fault.

#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
class ParseError;
}  // namespace CLI

namespace s1flow::cli {

// After a failed parse: the faults of the commands that were named, one line each.
[[nodiscard]] std::vector<std::string> all_problems(CLI::App& app, const CLI::ParseError& first);

// The name among `known` that is nearest to `word`; empty when none is near.
[[nodiscard]] std::string nearest(std::string_view word, const std::vector<std::string>& known);

}  // namespace s1flow::cli
