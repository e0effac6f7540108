// A layout file, beside a schema that it may name; what loads has to be usable.

#include "codecs/encoder.h"
#include "core/check.h"
#include "tests/codecs/reading.h"
#include "tests/fuzz/target.h"

using namespace s1flow;
using namespace s1flow::codecs;

namespace {

constexpr const char* kXsd =
    "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema' xmlns='urn:t' targetNamespace='urn:t' "
    "elementFormDefault='qualified'><xs:element name='File'><xs:complexType><xs:sequence>"
    "<xs:element name='Row' maxOccurs='unbounded'><xs:complexType><xs:sequence>"
    "<xs:element name='a' type='xs:string'/><xs:element name='b' minOccurs='0' maxOccurs='9'/>"
    "</xs:sequence><xs:attribute name='id'/></xs:complexType></xs:element></xs:sequence>"
    "</xs:complexType></xs:element></xs:schema>";

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input = as_text(data, size);
  // toml++ warns of nesting that exhausts the stack; a layout has none to speak of.
  if (size > 20'000) return 0;
  const auto layout = layout_from(std::string(input), {{"t.xsd", kXsd}});
  if (!layout) {
    S1FLOW_CHECK(!std::string_view(layout.error().message()).empty());
    return 0;
  }
  const auto encoder = make_encoder(*layout);
  if (!encoder) return 0;
  Arena arena;
  std::string out;
  const Record header((*layout)->type->header, arena), record((*layout)->type->record, arena),
      trailer((*layout)->type->trailer, arena);
  const Record* one = &record;
  (*encoder)->begin(header, {}, out);
  (*encoder)->encode({&one, 1}, nullptr, out);
  (*encoder)->end(trailer, out);
  (*encoder)->close(out);
  return 0;
}
