#include "codecs/files/epcl.h"

#include "codecs/files/table.h"

namespace s1flow::codecs::epcl {
namespace {

constexpr std::string_view kAppliesTo[] = {"active", "dormant", "either"};

constexpr auto kRecord = field_table({
    {entry, {.name = "entry", .kind = ValueKind::text, .need = Need::essential}},
    {smso, {.name = "smso", .kind = ValueKind::text, .need = Need::essential}},
    {csp, {.name = "csp", .kind = ValueKind::text}},
    {applies_to,
     {.name = "applies-to", .kind = ValueKind::code, .need = Need::essential, .codes = kAppliesTo}},
    {chf_manufacturer, {.name = "chf-manufacturer", .kind = ValueKind::text}},
    {chf_model, {.name = "chf-model", .kind = ValueKind::text, .need = Need::essential}},
    {chf_firmware, {.name = "chf-firmware", .kind = ValueKind::firmware}},
    {esme_manufacturer, {.name = "esme-manufacturer", .kind = ValueKind::text}},
    {esme_model, {.name = "esme-model", .kind = ValueKind::text}},
    {esme_firmware, {.name = "esme-firmware", .kind = ValueKind::firmware}},
    {gsme_manufacturer, {.name = "gsme-manufacturer", .kind = ValueKind::text}},
    {gsme_model, {.name = "gsme-model", .kind = ValueKind::text}},
    {gsme_firmware, {.name = "gsme-firmware", .kind = ValueKind::firmware}},
    {added, {.name = "added", .kind = ValueKind::date}},
});
static_assert(kRecord.size() == kFields);

}  // namespace

constinit const FileType kType{
    .id = "epcl",
    .title = "SMETS1 Eligible Product Combinations List",
    .flow = "published by the DCC",
    .header = {},
    .record = {.fields = kRecord},
    .trailer = {},
    .record_word = "entry",
};

}  // namespace s1flow::codecs::epcl
