#pragma once

#include "codecs/encoder.h"

namespace s1flow::codecs {

class CsvEncoder final : public Encoder {
 public:
  explicit CsvEncoder(std::shared_ptr<const Layout> layout) : layout_(std::move(layout)) {}
  void begin(const Record& header, std::string_view keys, std::string& out) const override;
  void encode(std::span<const Record* const> records, ShareSealer* sealer,
              std::string& out) const override;
  void end(const Record&, std::string&) const override {}
  void close(std::string&) const override {}

 private:
  void cell(const CsvColumn& column, const Record& record, std::string& text) const;
  std::shared_ptr<const Layout> layout_;
};

}  // namespace s1flow::codecs
