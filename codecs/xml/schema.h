#pragma once
// XmlSchema: a schema compiled by libxml2, the referee of what is valid. Immutable after load and
// shared by all workers.

#include <memory>
#include <string>

#include "codecs/xml/schema_model.h"
#include "core/result.h"

struct _xmlSchema;

namespace s1flow::codecs {

class XmlSchema {
 public:
  // `path` and what it includes come from `reader`, never from elsewhere. A faulty schema is a
  // usage error with libxml2's first message.
  [[nodiscard]] static Result<std::shared_ptr<const XmlSchema>> load(const std::string& path,
                                                                     const SchemaReader& reader);
  XmlSchema(const XmlSchema&) = delete;
  XmlSchema& operator=(const XmlSchema&) = delete;
  ~XmlSchema();

  [[nodiscard]] _xmlSchema* handle() const { return handle_; }

 private:
  explicit XmlSchema(_xmlSchema* handle) : handle_(handle) {}
  _xmlSchema* handle_;
};

}  // namespace s1flow::codecs
