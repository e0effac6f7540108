#include "codecs/decoder.h"

#include "codecs/csv/decoder.h"
#include "codecs/csv/framer.h"
#include "codecs/json/decoder.h"
#include "codecs/json/framer.h"
#include "codecs/xml/framer.h"

namespace s1flow::codecs {

std::unique_ptr<Decoder> make_decoder(std::shared_ptr<const Layout> layout, const Limits& limits) {
  S1FLOW_CHECK(layout->container != Container::xml);
  if (layout->container == Container::csv)
    return std::make_unique<CsvDecoder>(std::move(layout), limits);
  return std::make_unique<JsonDecoder>(std::move(layout), limits);
}

std::unique_ptr<Framer> make_framer(const Layout& layout, const Limits& limits) {
  switch (layout.container) {
    case Container::xml:
      return std::make_unique<XmlFramer>(layout.record_path, limits);
    case Container::csv:
      return std::make_unique<CsvFramer>(layout.csv.header ? CsvHeader::yes : CsvHeader::no);
    case Container::jsonl:
      return std::make_unique<LineFramer>();
  }
  return nullptr;
}

}  // namespace s1flow::codecs
