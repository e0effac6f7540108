#pragma once
// Rows of the week's table in lists, one for each day or each supplier: all of them in one block of
// a BlockStore, since there may be as many entries as installations.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/block_store.h"
#include "core/result.h"

namespace s1flow::pipeline {

// for_each(use) calls use(list, row) for each entry, in the order that the lists get, and is called
// twice; `list` is below `lists`. What is given back lives as long as the store.
template <typename ForEach>
[[nodiscard]] Result<std::vector<std::span<std::uint32_t>>> make_row_lists(BlockStore& store,
                                                                           std::size_t lists,
                                                                           ForEach for_each) {
  std::vector<std::size_t> counts(lists);
  std::size_t all = 0;
  for_each([&](std::size_t list, std::uint32_t) {
    ++counts[list];
    ++all;
  });
  std::vector<std::span<std::uint32_t>> made(lists);
  if (all == 0) return made;
  S1FLOW_TRY(std::byte* const block, store.take(all * sizeof(std::uint32_t)));
  auto* next = reinterpret_cast<std::uint32_t*>(block);
  for (std::size_t i = 0; i < lists; next += counts[i++]) made[i] = {next, counts[i]};
  std::vector<std::size_t> filled(lists);
  for_each([&](std::size_t list, std::uint32_t row) { made[list][filled[list]++] = row; });
  return made;
}

}  // namespace s1flow::pipeline
