#include "codecs/encoder.h"

#include <fmt/format.h>

#include "codecs/csv/encoder.h"
#include "codecs/json/encoder.h"
#include "codecs/xml/encoder.h"

namespace s1flow::codecs {

Result<std::unique_ptr<Encoder>> make_encoder(std::shared_ptr<const Layout> layout) {
  if (!layout->unwritable.empty())
    return tl::unexpected(usage_error(
        fmt::format("layout {} cannot be written: {}", layout->name(), layout->unwritable)));
  switch (layout->container) {
    case Container::xml:
      return std::unique_ptr<Encoder>(std::make_unique<XmlEncoder>(std::move(layout)));
    case Container::csv:
      return std::unique_ptr<Encoder>(std::make_unique<CsvEncoder>(std::move(layout)));
    case Container::jsonl:
      return std::unique_ptr<Encoder>(std::make_unique<JsonEncoder>(std::move(layout)));
  }
  return nullptr;
}

}  // namespace s1flow::codecs
