#include "pipeline/week/week_layouts.h"

#include <fmt/format.h>

namespace s1flow::pipeline {
namespace {

Status check_layout(const codecs::Layout& layout) {
  if (codecs::has_key_per_record(layout))
    return tl::unexpected(usage_error(fmt::format(
        "layout {}: a dry run writes files with one content key for each share; take key-per = "
        "\"record\" out, or use encrypt, decrypt and check",
        layout.name())));
  if (codecs::has_signature_per_record(layout))
    return tl::unexpected(usage_error(fmt::format(
        "layout {}: a dry run writes files with one signature each; take per = \"record\" out, or "
        "use sign, verify and check",
        layout.name())));
  return {};
}

}  // namespace

Status check_week_layouts(const codecs::LayoutSet& layouts) {
  for (const codecs::FileType* type : codecs::file_types()) {
    const auto layout = layouts.preferred(type->id);
    if (!layout)
      return tl::unexpected(usage_error(fmt::format("there is no layout for {}", type->id)));
    if (layout->container == codecs::Container::xml) S1FLOW_TRY_VOID(check_layout(*layout));
  }
  for (const std::string_view type : {"mcf", "mvf", "mgf", "mef", "scf", "cof"})
    if (const auto layout = layouts.preferred(type); layout->container != codecs::Container::xml)
      return tl::unexpected(usage_error(
          fmt::format("layout {}: files of the exchange have to be XML", layout->name())));
  for (const std::string_view type : {"maf", "inventory", "registration", "epcl", "script"})
    if (const auto layout = layouts.preferred(type); layout->container == codecs::Container::xml)
      return tl::unexpected(usage_error(
          fmt::format("layout {}: a {} has to be CSV or JSON Lines", layout->name(), type)));
  return {};
}

}  // namespace s1flow::pipeline
