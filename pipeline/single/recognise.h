#pragma once
// What is this file? Told by its content first (root element, header line, keys of the first line)
// and by its name where the content says nothing.

#include <memory>
#include <optional>
#include <string>

#include "codecs/container_check.h"
#include "codecs/layout/layout.h"
#include "codecs/limits.h"
#include "core/file.h"
#include "core/result.h"
#include "pipeline/exchange/header.h"

namespace s1flow::pipeline {

struct Recognised {
  std::shared_ptr<const codecs::Layout> layout;                  // null: no layout fits
  codecs::BareContainer container = codecs::BareContainer::csv;  // what the first bytes look like
  bool empty = false;
  std::string seen;  // what was found instead of something known, for messages
};
[[nodiscard]] Result<Recognised> recognise(const Path& path, const codecs::LayoutSet& layouts);

// By a name such as "mcf" or "mcf/1". A layout that does not exist is a usage error that names
// those that do.
[[nodiscard]] Result<std::shared_ptr<const codecs::Layout>> find_layout(
    const codecs::LayoutSet& layouts, std::string_view name);

// The header of an XML file, as far as it can be read; nothing of it is judged.
[[nodiscard]] Result<ExchangeHeader> peek_header(
    const Path& path, const std::shared_ptr<const codecs::Layout>& layout,
    const codecs::Limits& limits);

}  // namespace s1flow::pipeline
