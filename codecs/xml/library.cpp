#include "codecs/xml/library.h"

#include <mutex>
#include <new>

#include <libxml/globals.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/threads.h>

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

// libxml2 keeps a state for each thread, made at its first use; when there is no memory for it, the
// function that would tell needs that state, and so calls itself without end.
void prepare_libxml2_thread() {
  thread_local bool ready = false;
  if (ready) return;
  if (xmlIsMainThread() == 0) {
    void* const room = xmlMalloc(sizeof(xmlGlobalState));
    if (room == nullptr) throw std::bad_alloc();
    xmlFree(room);
    if (xmlGetGlobalState() == nullptr) throw std::bad_alloc();
  }
  ready = true;
}

void prepare_libxml2() {
  static std::once_flag once;
  std::call_once(once, [] {
    xmlInitParser();
    xmlSetExternalEntityLoader(load_entity);
  });
  prepare_libxml2_thread();
}

AllowSchemaLoads::AllowSchemaLoads(const SchemaReader& reader) {
  prepare_libxml2();
  allowed_reader = &reader;
}
AllowSchemaLoads::~AllowSchemaLoads() {
  allowed_reader = nullptr;
}

}  // namespace s1flow::codecs
