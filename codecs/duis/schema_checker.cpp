#include "codecs/duis/schema_checker.h"

#include <utility>

#include <libxml/parser.h>
#include <libxml/xmlschemas.h>

#include "codecs/xml/library.h"
#include "core/text.h"

namespace s1flow::codecs::duis {
namespace {

void keep_first(void* context, xmlErrorPtr error) {
  auto& message = *static_cast<std::string*>(context);
  if (!message.empty() || error == nullptr || error->level < XML_ERR_ERROR) return;
  message = shown(trim(error->message == nullptr ? "not valid" : error->message), 300);
}

struct FreeXml {
  void operator()(xmlSchemaParserCtxtPtr p) const { xmlSchemaFreeParserCtxt(p); }
  void operator()(xmlSchemaValidCtxtPtr p) const { xmlSchemaFreeValidCtxt(p); }
  void operator()(xmlDocPtr p) const { xmlFreeDoc(p); }
};

bool is_signature(const xmlNode* node) {
  constexpr std::string_view kDs = "http://www.w3.org/2000/09/xmldsig#";
  return node->type == XML_ELEMENT_NODE && node->ns != nullptr &&
         reinterpret_cast<const char*>(node->ns->href) == kDs &&
         reinterpret_cast<const char*>(node->name) == std::string_view("Signature");
}

}  // namespace

struct SchemaChecker::Content {
  xmlSchemaPtr schema = nullptr;
  ~Content() { xmlSchemaFree(schema); }
};

SchemaChecker::SchemaChecker(std::unique_ptr<Content> content) : content_(std::move(content)) {}
SchemaChecker::SchemaChecker(SchemaChecker&&) noexcept = default;
SchemaChecker& SchemaChecker::operator=(SchemaChecker&&) noexcept = default;
SchemaChecker::~SchemaChecker() = default;

Result<SchemaChecker> SchemaChecker::load(const Path& file) {
  xmlInitParser();
  prepare_libxml2_thread();
  // Says by name that it is missing, which libxml2 does not.
  S1FLOW_TRY(const std::string text, read_text(file));
  static_cast<void>(text);
  std::string message;
  xmlSetStructuredErrorFunc(&message, keep_first);
  auto content = std::make_unique<Content>();
  {
    const std::unique_ptr<xmlSchemaParserCtxt, FreeXml> context(
        xmlSchemaNewParserCtxt(file.c_str()));
    if (context) {
      xmlSchemaSetParserStructuredErrors(context.get(), keep_first, &message);
      content->schema = xmlSchemaParse(context.get());
    }
  }
  xmlSetStructuredErrorFunc(nullptr, nullptr);
  if (content->schema == nullptr)
    return tl::unexpected(usage_error(file.string() + ": is not a schema that libxml2 accepts: " +
                                      (message.empty() ? "unknown reason" : message)));
  return SchemaChecker(std::move(content));
}

std::string SchemaChecker::fault_of(std::string_view message) const {
  if (message.find("<!DOCTYPE") != std::string_view::npos) return "there is a DOCTYPE";
  prepare_libxml2_thread();
  std::string fault;
  xmlSetStructuredErrorFunc(&fault, keep_first);
  const std::unique_ptr<xmlDoc, FreeXml> document(xmlReadMemory(
      message.data(), static_cast<int>(message.size()), nullptr, nullptr, XML_PARSE_NONET));
  if (document) {
    xmlNodePtr root = xmlDocGetRootElement(document.get());
    if (root != nullptr && root->last != nullptr && is_signature(root->last)) {
      xmlNodePtr signature = root->last;
      xmlUnlinkNode(signature);
      xmlFreeNode(signature);
    }
    const std::unique_ptr<xmlSchemaValidCtxt, FreeXml> context(
        xmlSchemaNewValidCtxt(content_->schema));
    if (context) {
      xmlSchemaSetValidStructuredErrors(context.get(), keep_first, &fault);
      if (xmlSchemaValidateDoc(context.get(), document.get()) != 0 && fault.empty())
        fault = "it is not valid";
    }
  } else if (fault.empty()) {
    fault = "it is not well-formed";
  }
  xmlSetStructuredErrorFunc(nullptr, nullptr);
  return fault;
}

}  // namespace s1flow::codecs::duis
