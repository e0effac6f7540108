#pragma once
// Judges the bare container of any file, whatever it holds: XML, CSV, JSON or JSON Lines. One
// reading, constant memory, nothing about layouts. See codecs/xml/document_reader.h,
// codecs/csv/syntax.h and codecs/json/syntax.h for what each accepts.

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "codecs/rules.h"
#include "core/file.h"
#include "core/result.h"

namespace s1flow::codecs {

enum class BareContainer : std::uint8_t { xml, csv, json, jsonl };
[[nodiscard]] std::optional<BareContainer> parse_bare_container(std::string_view name);

// The faults in the order of their places; none: the file is what it is said to be. JSON Lines:
// each line is one JSON text, and each line that is not has a fault of its own (the first 1,000 of
// them); a last line without a line feed counts, a blank line is a fault. `progress` is told the
// bytes read.
[[nodiscard]] Result<std::vector<Fault>> check_container(
    InputFile& file, BareContainer container,
    const std::function<void(std::uint64_t)>& progress = {});

}  // namespace s1flow::codecs
