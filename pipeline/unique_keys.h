#pragma once
// UniqueKeys: which keys of a file come again, however many there are, in bounded memory. As long
// as the keys fit into the budget, each answer is given at once. Beyond it, occurrences are sorted
// and put away on the disk in runs, and the answers come at the end, when the runs are merged.
//
// Keys are told apart by 128 bits of their hash, under a salt of the process: among ten million
// keys, the odds that two of them look alike are one in 10^24.
//
// One thread at a time.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/block_store.h"
#include "core/finding.h"
#include "core/result.h"
#include "core/scratch_file.h"
#include "core/zeroed_array.h"

namespace s1flow::pipeline {

// A number that nobody outside of the process knows, for hashes of what senders choose.
[[nodiscard]] std::uint64_t process_salt();

class UniqueKeys {
 public:
  struct Occurrence {
    std::string text;
    Place place;
  };
  enum class Answer { first, again, later };

  explicit UniqueKeys(MemoryBudget budget);
  // Occurrences come in the order of their places. `text` is what finish() gives of one told
  // `later`.
  [[nodiscard]] Result<Answer> add(std::string_view key, const Place& place, std::string_view text);
  [[nodiscard]] Result<Answer> add(std::string_view key, const Place& place) {
    return add(key, place, key);
  }
  // So many keys are likely to come: a table that need not grow saves half of its work.
  void make_room(std::uint64_t keys);
  // Says that it will be added soon: the table is larger than any cache.
  void expect(std::string_view key) const;
  // Of those that were told `later`, the ones that had come before; by place, the first `most` of
  // them. `more` counts the rest.
  [[nodiscard]] Result<std::vector<Occurrence>> finish(std::size_t most, std::uint64_t& more);
  [[nodiscard]] std::uint64_t bytes() const;  // in memory

 private:
  struct Hash {
    std::uint64_t high = 0, low = 0;  // both 0: none
    auto operator<=>(const Hash&) const = default;
  };
  // A key in the buffer; the text follows in texts_.
  struct Entry {
    Hash hash;
    std::uint64_t ordinal = 0, line = 0, byte = 0;  // ordinal 0: seen before anything was put away
    std::uint32_t text = 0;
    std::uint16_t size = 0;
  };
  struct Run {
    std::uint64_t offset = 0, size = 0;
  };
  class RunReader;

  [[nodiscard]] Hash hash_of(std::string_view key) const;
  [[nodiscard]] std::size_t place_of(const Hash& hash) const;
  bool grow(std::size_t size);
  Status start_spilling();
  Status buffer(const Hash& hash, std::string_view text, const Place& place);
  Status put_away();

  MemoryBudget budget_;
  std::uint64_t salt_;
  ZeroedArray<Hash> slots_{0};
  std::size_t used_ = 0;
  bool spilling_ = false;
  std::vector<Entry> entries_;
  std::string texts_;
  std::optional<ScratchFile> file_;
  std::vector<Run> runs_;
};

}  // namespace s1flow::pipeline
