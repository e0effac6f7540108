#pragma once
// Records to XML, in the order of the schema. What comes out is canonical XML after the
// declaration: attributes sorted, no empty-element tags, canonical escapes; so signing needs no
// second pass over it.

#include <map>

#include "codecs/encoder.h"

namespace s1flow::codecs {

class XmlEncoder final : public Encoder {
 public:
  explicit XmlEncoder(std::shared_ptr<const Layout> layout);
  void begin(const Record& header, std::string_view keys, std::string& out) const override;
  void encode(std::span<const Record* const> records, ShareSealer* sealer,
              std::string& out) const override;
  void end(const Record& trailer, std::string& out) const override;
  void close(std::string& out) const override;

 private:
  struct Tags {
    std::string open;   // "<m:Device"
    std::string close;  // "</m:Device>"
  };
  struct Context {
    Section section;
    const Record* record;
    const GroupInstance* instance = nullptr;  // innermost
    ShareSealer* sealer = nullptr;
    std::string_view keys = {};
  };
  // True when something was written; an optional element without content is taken back.
  bool element(std::uint32_t index, const Context& context, std::string& out) const;
  bool one(std::uint32_t index, const Context& context, std::string& out) const;
  bool sealed(std::uint32_t index, const Context& context, std::string& out) const;
  bool attributes(const PlanNode& node, const Context& context, std::string& out) const;
  [[nodiscard]] const Value* value_of(const Leaf& leaf, const Context& context) const;
  void open_container(std::uint32_t index, const Context& context, std::string& out) const;
  [[nodiscard]] std::string qualified(const PlanNode& node) const;

  std::shared_ptr<const Layout> layout_;
  std::map<std::string, std::string> prefixes_;  // namespace to prefix
  std::string declarations_;                     // of the root
  std::vector<Tags> tags_;                       // by node
  std::vector<std::uint32_t> containers_;  // nodes from the root's child to the record's parent
};

}  // namespace s1flow::codecs
