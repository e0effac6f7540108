#include "codecs/xml/library.h"

#include <mutex>

#include <libxml/parser.h>
#include <libxml/parserInternals.h>

namespace s1flow::codecs {
namespace {

thread_local const SchemaReader* allowed_reader = nullptr;

xmlParserInputPtr load_entity(const char* url, const char*, xmlParserCtxtPtr context) {
  if (allowed_reader == nullptr || url == nullptr || context == nullptr) return nullptr;
  const Result<std::string> bytes = (*allowed_reader)(url);
  if (!bytes || bytes->find("<!DOCTYPE") != std::string::npos) return nullptr;
  xmlParserInputBufferPtr buffer = xmlParserInputBufferCreateMem(
      bytes->data(), static_cast<int>(bytes->size()), XML_CHAR_ENCODING_NONE);
  if (buffer == nullptr) return nullptr;
  xmlParserInputPtr input = xmlNewIOInputStream(context, buffer, XML_CHAR_ENCODING_NONE);
  // The path makes relative locations inside the schema resolve; libxml2 frees it with the input.
  if (input != nullptr)
    input->filename =
        reinterpret_cast<const char*>(xmlStrdup(reinterpret_cast<const xmlChar*>(url)));
  return input;
}

}  // namespace

void prepare_libxml2() {
  static std::once_flag once;
  std::call_once(once, [] {
    xmlInitParser();
    xmlSetExternalEntityLoader(load_entity);
  });
}

AllowSchemaLoads::AllowSchemaLoads(const SchemaReader& reader) {
  prepare_libxml2();
  allowed_reader = &reader;
}
AllowSchemaLoads::~AllowSchemaLoads() {
  allowed_reader = nullptr;
}

}  // namespace s1flow::codecs
