#include "codecs/files/mef.h"

#include "codecs/files/table.h"

namespace s1flow::codecs::mef {
namespace {

constexpr auto kRecord = field_table({
    {installation_id,
     {.name = "installation-id", .kind = ValueKind::installation_id, .need = Need::essential}},
});
constexpr auto kCredential = field_table({
    {share, {.name = "share", .kind = ValueKind::code, .need = Need::essential, .codes = kShares}},
    {kind, {.name = "kind", .kind = ValueKind::text, .need = Need::essential}},
    {device, {.name = "device", .kind = ValueKind::eui64}},
    {value, {.name = "value", .kind = ValueKind::base64, .need = Need::essential, .secret = true}},
});
constexpr GroupDef kGroupTable[] = {{.name = "credential", .fields = kCredential}};

}  // namespace

constinit const FileType kType{
    .id = "mef",
    .title = "Migration Group Encrypted File",
    .flow = "Requesting Party to S1SP and DCO",
    .header = exchange::kHeader,
    .record = {.fields = kRecord, .groups = kGroupTable},
    .trailer = exchange::kTrailer,
    .record_word = "installation",
};

}  // namespace s1flow::codecs::mef
