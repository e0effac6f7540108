#pragma once
// Files of made-up installations for benchmarks, written by the codecs' own encoders: the same for
// every run.

#include <memory>
#include <string>

#include "codecs/layout/layout.h"

namespace s1flow::bench {

[[nodiscard]] std::shared_ptr<const codecs::Layout> shipped_layout(const std::string& type);

// An MCF with hub, electricity meter, most often gas meter and proxy, sometimes a display.
[[nodiscard]] std::string make_mcf(std::size_t records);
// A MAF: CSV rows of MPxN, week, day and certificates.
[[nodiscard]] std::string make_maf(std::size_t records);
// An inventory: JSON Lines.
[[nodiscard]] std::string make_inventory(std::size_t records);

}  // namespace s1flow::bench
