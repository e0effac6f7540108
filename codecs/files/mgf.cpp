#include "codecs/files/mgf.h"

#include "codecs/files/table.h"

namespace s1flow::codecs::mgf {
namespace {

constexpr auto kRecord = field_table({
    {installation_id,
     {.name = "installation-id", .kind = ValueKind::installation_id, .need = Need::essential}},
    {iccid, {.name = "iccid", .kind = ValueKind::iccid}},
    {imsi, {.name = "imsi", .kind = ValueKind::imsi}},
    {msisdn, {.name = "msisdn", .kind = ValueKind::msisdn}},
    {apn, {.name = "apn", .kind = ValueKind::text}},
    {ip_address, {.name = "ip-address", .kind = ValueKind::text}},
});
static_assert(kRecord.size() == kFields);
constexpr auto kCredential = field_table({
    {kind, {.name = "kind", .kind = ValueKind::text, .need = Need::essential}},
    {device, {.name = "device", .kind = ValueKind::eui64}},
    {value, {.name = "value", .kind = ValueKind::base64, .need = Need::essential}},
});
constexpr GroupDef kGroupTable[] = {{.name = "credential", .fields = kCredential}};

}  // namespace

constinit const FileType kType{
    .id = "mgf",
    .title = "Migration Group File",
    .flow = "Requesting Party to S1SP",
    .header = exchange::kHeader,
    .record = {.fields = kRecord, .groups = kGroupTable},
    .trailer = exchange::kTrailer,
    .record_word = "installation",
};

}  // namespace s1flow::codecs::mgf
