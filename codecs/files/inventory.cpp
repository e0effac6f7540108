#include "codecs/files/inventory.h"

#include "codecs/files/table.h"

namespace s1flow::codecs::inventory {
namespace {

constexpr std::string_view kReadiness[] = {"not-needed", "needed", "done"};
constexpr std::string_view kCredentialShares[] = {"plain", "s1sp", "dco"};

constexpr auto kRecord = field_table({
    {installation_id,
     {.name = "installation-id", .kind = ValueKind::installation_id, .need = Need::essential}},
    {smso, {.name = "smso", .kind = ValueKind::text, .need = Need::essential}},
    {group_id, {.name = "group-id", .kind = ValueKind::group_id, .need = Need::essential}},
    {csp, {.name = "csp", .kind = ValueKind::text}},
    {wan, {.name = "wan", .kind = ValueKind::flag}},
    {failed_attempts, {.name = "failed-attempts", .kind = ValueKind::count}},
    {firmware_readiness,
     {.name = "firmware-readiness", .kind = ValueKind::code, .codes = kReadiness}},
    {configuration_readiness,
     {.name = "configuration-readiness", .kind = ValueKind::code, .codes = kReadiness}},
    {iccid, {.name = "iccid", .kind = ValueKind::iccid}},
    {imsi, {.name = "imsi", .kind = ValueKind::imsi}},
    {msisdn, {.name = "msisdn", .kind = ValueKind::msisdn}},
    {apn, {.name = "apn", .kind = ValueKind::text}},
    {ip_address, {.name = "ip-address", .kind = ValueKind::text}},
});
static_assert(kRecord.size() == kFields);

constexpr auto kDevice = field_table({
    {type,
     {.name = "type", .kind = ValueKind::code, .need = Need::essential, .codes = kDeviceTypeCodes}},
    {id, {.name = "id", .kind = ValueKind::eui64, .need = Need::essential}},
    {manufacturer, {.name = "manufacturer", .kind = ValueKind::text}},
    {model, {.name = "model", .kind = ValueKind::text}},
    {firmware, {.name = "firmware", .kind = ValueKind::firmware}},
    {smets_version, {.name = "smets-version", .kind = ValueKind::text}},
    {esme_variant, {.name = "esme-variant", .kind = ValueKind::esme_variant}},
    {status, {.name = "status", .kind = ValueKind::code, .codes = kMeterStatusCodes}},
    {supplier, {.name = "supplier", .kind = ValueKind::eui64}},
    {install_code, {.name = "install-code", .kind = ValueKind::hex}},
    {join_time, {.name = "join-time", .kind = ValueKind::count}},
});
static_assert(kDevice.size() == kDeviceFields);

constexpr auto kMeterPoint = field_table({
    {role, {.name = "role", .kind = ValueKind::code, .codes = kMeterPointRoles}},
    {mpxn, {.name = "mpxn", .kind = ValueKind::mpxn, .need = Need::essential}},
});
constexpr auto kCredential = field_table({
    {share,
     {.name = "share",
      .kind = ValueKind::code,
      .need = Need::essential,
      .codes = kCredentialShares}},
    {kind, {.name = "kind", .kind = ValueKind::text, .need = Need::essential}},
    {credential_device, {.name = "device", .kind = ValueKind::eui64}},
    {value, {.name = "value", .kind = ValueKind::hex, .need = Need::essential, .secret = true}},
});
constexpr GroupDef kGroupTable[] = {
    {.name = "device", .fields = kDevice},
    {.name = "meter-point", .parent = device, .fields = kMeterPoint},
    {.name = "credential", .fields = kCredential},
};
static_assert(std::size(kGroupTable) == kGroups);

}  // namespace

constinit const FileType kType{
    .id = "inventory",
    .title = "SMSO inventory",
    .flow = "SMETS1 SMSO to its Requesting Party",
    .header = {},
    .record = {.fields = kRecord, .groups = kGroupTable},
    .trailer = {},
    .record_word = "installation",
};

}  // namespace s1flow::codecs::inventory
