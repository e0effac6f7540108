#include "codecs/xml/schema.h"

#include <fmt/format.h>
#include <libxml/xmlschemas.h>

#include "codecs/xml/library.h"
#include "core/text.h"

namespace s1flow::codecs {
namespace {

// Keeps the first message.
void keep_error(void* context, xmlErrorPtr error) {
  auto& message = *static_cast<std::string*>(context);
  if (!message.empty() || error == nullptr || error->level < XML_ERR_ERROR) return;
  message = fmt::format("{}:{}: {}", error->file == nullptr ? "schema" : error->file, error->line,
                        trim(error->message == nullptr ? "not valid" : error->message));
}

}  // namespace

Result<std::shared_ptr<const XmlSchema>> XmlSchema::load(const std::string& path,
                                                         const SchemaReader& reader) {
  const AllowSchemaLoads allow(reader);
  std::string message;
  // Parse errors of schema documents go to the thread's handler, those of the schema itself to the
  // context's.
  xmlSetStructuredErrorFunc(&message, keep_error);
  xmlSchemaParserCtxtPtr context = xmlSchemaNewParserCtxt(path.c_str());
  xmlSchemaPtr schema = nullptr;
  if (context != nullptr) {
    xmlSchemaSetParserStructuredErrors(context, keep_error, &message);
    schema = xmlSchemaParse(context);
    xmlSchemaFreeParserCtxt(context);
  }
  xmlSetStructuredErrorFunc(nullptr, nullptr);
  if (schema == nullptr)
    return tl::unexpected(usage_error(path + ": is not a schema that libxml2 accepts: " +
                                      (message.empty() ? "unknown reason" : message)));
  return std::shared_ptr<const XmlSchema>(new XmlSchema(schema));
}

XmlSchema::~XmlSchema() {
  xmlSchemaFree(handle_);
}

}  // namespace s1flow::codecs
