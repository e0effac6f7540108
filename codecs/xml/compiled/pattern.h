#pragma once
// Pattern: the pattern facets of one derivation step as a small automaton over bytes. Only texts of
// ASCII are judged. What is not understood (character class subtraction, \p, \w, \i, \c and
// their like) does not compile, and then somebody else has to judge.
//
// A pattern that accepts a text accepts it by the rules of XML Schema 1.0, appendix F. Most
// patterns of identifiers are a run: a fixed sequence of character classes, then one class
// repeated; those are judged many bytes at a time. Immutable; thread-safe.

#include <array>
#include <bitset>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/random.h"

namespace s1flow::codecs {

using ByteSet = std::bitset<128>;

class Pattern {
 public:
  // `alternatives`: the values of the pattern facets of one step; any of them may match.
  [[nodiscard]] static std::optional<Pattern> compile(std::span<const std::string> alternatives);

  // `text` is ASCII. Up to kOverRead bytes after it are read, whatever they are.
  [[nodiscard]] bool matches(std::string_view text) const;
  static constexpr std::size_t kOverRead = 16;

  // Whether an accepted text can hold this byte.
  [[nodiscard]] bool may_hold(char c) const { return bytes_[static_cast<unsigned char>(c) & 127U]; }
  [[nodiscard]] bool is_run() const { return run_; }
  // A text that it accepts, by a random walk; nothing when the walk led nowhere.
  [[nodiscard]] std::optional<std::string> sample(Random& random) const;
  // Whether libxml2's own reading of the alternatives accepts samples of this one: a guard against
  // an interpretation that is only ours.
  [[nodiscard]] bool libxml2_agrees(std::span<const std::string> alternatives) const;

 private:
  static constexpr std::size_t kRunBytes = 64;
  static constexpr std::size_t kRunRanges = 3;

  [[nodiscard]] bool matches_run(std::string_view text) const;
  [[nodiscard]] bool matches_automaton(std::string_view text) const;
  void find_run();

  // State 0 refuses for good, state 1 is the start.
  std::array<std::uint8_t, 128> classes_{};
  std::size_t class_count_ = 0;
  std::vector<std::uint16_t> next_;  // by state * class_count_ + class
  std::vector<bool> accepting_;
  ByteSet bytes_;

  // A run: lowest and highest byte of each range that each place takes.
  bool run_ = false;
  std::size_t run_least_ = 0, run_most_ = 0, run_ranges_ = 0;
  std::array<std::array<unsigned char, kRunBytes>, kRunRanges> low_{}, high_{};
};

}  // namespace s1flow::codecs
