#pragma once

#include "codecs/encoder.h"

namespace s1flow::codecs {

class JsonEncoder final : public Encoder {
 public:
  explicit JsonEncoder(std::shared_ptr<const Layout> layout) : layout_(std::move(layout)) {}
  void begin(const Record&, std::string_view, std::string&) const override {}
  void encode(std::span<const Record* const> records, ShareSealer* sealer,
              std::string& out) const override;
  void end(const Record&, std::string&) const override {}
  void close(std::string&) const override {}

 private:
  // Appends the members of one object; true when there was any.
  bool members(const PlanNode& node, const Record& record, const GroupInstance* instance,
               std::string& out) const;
  bool member(const PlanNode& node, const Record& record, const GroupInstance* instance,
              std::string& out) const;
  void leaf(const Leaf& leaf, const Value& value, std::string& out) const;
  std::shared_ptr<const Layout> layout_;
};

}  // namespace s1flow::codecs
