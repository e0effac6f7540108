#include "pipeline/exchange/layout_schema.h"

namespace s1flow::pipeline {

Result<std::shared_ptr<const codecs::XmlSchema>> schema_of(const codecs::Layout& layout) {
  if (layout.schema_path.empty()) return nullptr;
  return codecs::XmlSchema::load(layout.schema_path,
                                 [&](const std::string& p) { return layout.source->read(p); });
}

}  // namespace s1flow::pipeline
