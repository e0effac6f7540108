#include "codecs/duis/xml_normaliser.h"

#include <array>
#include <memory>

#include <libxml/c14n.h>
#include <libxml/parser.h>

#include "codecs/xml/library.h"
#include "core/text.h"

namespace s1flow::codecs::duis {
namespace {

struct FreeXml {
  void operator()(xmlParserCtxtPtr p) const { xmlFreeParserCtxt(p); }
  void operator()(xmlDocPtr p) const { xmlFreeDoc(p); }
  void operator()(xmlOutputBufferPtr p) const { xmlOutputBufferClose(p); }
};

// Nothing is printed; the first message of the context is asked for afterwards.
void ignore_error(void* /*context*/, xmlErrorPtr /*error*/) {}
struct Silence {
  Silence() { xmlSetStructuredErrorFunc(nullptr, ignore_error); }
  Silence(const Silence&) = delete;
  Silence& operator=(const Silence&) = delete;
  ~Silence() { xmlSetStructuredErrorFunc(nullptr, nullptr); }
};

int append_bytes(void* out, const char* bytes, int count) {
  static_cast<std::string*>(out)->append(bytes, static_cast<std::size_t>(count));
  return count;
}
int close_nothing(void* /*out*/) {
  return 0;
}

// "<!" and "<?" begin markup wherever they stand in well-formed XML, so a search of the bytes finds
// all that is refused.
ReadOutcome refuse_markup(std::string_view bytes, std::string& why) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (bytes.starts_with(kByteOrderMark)) bytes.remove_prefix(kByteOrderMark.size());
  if (bytes.find("<!DOCTYPE") != std::string_view::npos) {
    why = "there is a DOCTYPE";
    return ReadOutcome::doctype;
  }
  if (bytes.find("<!") != std::string_view::npos) {
    why = "there is a comment or a CDATA section";
    return ReadOutcome::not_allowed;
  }
  const bool declared = bytes.starts_with("<?xml ") || bytes.starts_with("<?xml\t") ||
                        bytes.starts_with("<?xml\n") || bytes.starts_with("<?xml\r");
  if (bytes.find("<?", declared ? 2 : 0) != std::string_view::npos) {
    why = "there is a processing instruction";
    return ReadOutcome::not_allowed;
  }
  if (bytes.find('\0') != std::string_view::npos ||
      find_invalid_utf8(bytes) != std::string_view::npos) {
    why = "it is not UTF-8";
    return ReadOutcome::not_xml;
  }
  if (declared) {
    const std::string_view declaration = bytes.substr(0, bytes.find("?>"));
    const std::size_t at = declaration.find("encoding");
    if (at != std::string_view::npos) {
      const std::size_t quote = declaration.find_first_of("\"'", at);
      const std::size_t end =
          quote == std::string_view::npos ? quote : declaration.find(declaration[quote], quote + 1);
      const std::string_view name = end == std::string_view::npos
                                        ? std::string_view()
                                        : declaration.substr(quote + 1, end - quote - 1);
      if (!equals_ignoring_case(name, "UTF-8") && !equals_ignoring_case(name, "US-ASCII")) {
        why = "its encoding is not UTF-8";
        return ReadOutcome::not_xml;
      }
    }
  }
  return ReadOutcome::ok;
}

}  // namespace

std::string_view name_of(ReadOutcome outcome) {
  constexpr std::array<std::string_view, 6> kNames{
      "ok", "too large", "not XML", "DOCTYPE", "markup that is not allowed", "not a DUIS message"};
  return kNames[static_cast<std::size_t>(outcome)];
}

ReadOutcome XmlNormaliser::parse(std::string_view bytes) {
  prepare_libxml2_thread();
  const std::unique_ptr<xmlParserCtxt, FreeXml> context(xmlNewParserCtxt());
  if (!context) {
    why_ = "no memory";
    return ReadOutcome::not_xml;
  }
  // Depth is libxml2's own limit of 256; XML_PARSE_HUGE, which lifts it, is not given.
  const Silence silence;
  const std::unique_ptr<xmlDoc, FreeXml> document(
      xmlCtxtReadMemory(context.get(), bytes.data(), static_cast<int>(bytes.size()), nullptr,
                        nullptr, XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING));
  if (!document || context->wellFormed == 0 || context->nsWellFormed == 0 ||
      document->intSubset != nullptr) {
    const char* const message = context->lastError.message;
    why_ = message == nullptr ? "it is not well-formed" : shown(trim(message), 120);
    return ReadOutcome::not_xml;
  }
  text_.clear();
  const std::unique_ptr<xmlOutputBuffer, FreeXml> out(
      xmlOutputBufferCreateIO(append_bytes, close_nothing, &text_, nullptr));
  if (!out || xmlC14NDocSaveTo(document.get(), nullptr, XML_C14N_1_0, nullptr, 0, out.get()) < 0 ||
      xmlOutputBufferFlush(out.get()) < 0) {
    why_ = "it has no canonical form";
    return ReadOutcome::not_xml;
  }
  return ReadOutcome::ok;
}

ReadOutcome XmlNormaliser::normalise(std::string_view bytes, std::size_t most_bytes) {
  static const bool prepared = [] {
    xmlInitParser();
    return true;
  }();
  static_cast<void>(prepared);
  why_.clear();
  if (bytes.size() > most_bytes || bytes.size() > (1U << 30)) {
    why_ = "it is too large";
    return ReadOutcome::too_large;
  }
  if (const ReadOutcome outcome = refuse_markup(bytes, why_); outcome != ReadOutcome::ok)
    return outcome;
  return parse(bytes);
}

}  // namespace s1flow::codecs::duis
