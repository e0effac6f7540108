#pragma once
// Reads JSON Lines plainly and by the parser alone, and compares everything that comes out: records
// to the last value, and faults.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "codecs/json/decoder.h"
#include "codecs/layout/layout.h"
#include "codecs/limits.h"

namespace s1flow::codecs {

class TwoJsonWays {
 public:
  explicit TwoJsonWays(const std::shared_ptr<const Layout>& layout, const Limits& limits = {});

  struct Counts {
    std::uint64_t lines = 0, plain = 0, records = 0, faults = 0;
  };
  // An empty text, or what the two made of it.
  [[nodiscard]] std::string compare(std::string_view lines);
  [[nodiscard]] const Counts& counts() const { return counts_; }

 private:
  JsonDecoder plain_, parser_;
  Counts counts_;
};

}  // namespace s1flow::codecs
