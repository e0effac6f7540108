#pragma once
// Ends of lines: one JSON value a line, so a line feed always ends a record (JSON strings cannot
// hold a raw one).

#include "codecs/framer.h"

namespace s1flow::codecs {

class LineFramer final : public Framer {
 public:
  [[nodiscard]] tl::expected<Cut, Fault> scan(std::string_view window, bool at_end) override;
  void consumed(std::size_t bytes) override;
  [[nodiscard]] const Rule& limit_rule() const override { return kJsonLimit; }

 private:
  std::size_t at_ = 0;
  Cut cut_;
};

}  // namespace s1flow::codecs
