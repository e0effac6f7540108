#include "codecs/files/mcf.h"

#include "codecs/files/table.h"

namespace s1flow::codecs::mcf {
namespace {

constexpr std::string_view kPaymentModes[] = {"credit", "prepayment"};

constexpr auto kRecord = field_table({
    {installation_id,
     {.name = "installation-id", .kind = ValueKind::installation_id, .need = Need::essential}},
    {group_id, {.name = "group-id", .kind = ValueKind::group_id}},
    {migrate_on, {.name = "migrate-on", .kind = ValueKind::date}},
    {commissioned_by,
     {.name = "commissioned-by", .kind = ValueKind::code, .codes = kCommissionedBy}},
    {csp, {.name = "csp", .kind = ValueKind::text}},
    {not_before, {.name = "not-before", .kind = ValueKind::time}},
    {not_after, {.name = "not-after", .kind = ValueKind::time}},
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
    {network_operator, {.name = "network-operator", .kind = ValueKind::eui64}},
    {install_code, {.name = "install-code", .kind = ValueKind::hex}},
    {join_time, {.name = "join-time", .kind = ValueKind::count}},
    {iccid, {.name = "iccid", .kind = ValueKind::iccid}},
    {payment_mode, {.name = "payment-mode", .kind = ValueKind::code, .codes = kPaymentModes}},
});
static_assert(kDevice.size() == kDeviceFields);

constexpr auto kMeterPoint = field_table({
    {role, {.name = "role", .kind = ValueKind::code, .codes = kMeterPointRoles}},
    {mpxn, {.name = "mpxn", .kind = ValueKind::mpxn, .need = Need::essential}},
});
constexpr auto kCertificate = field_table({
    {use, {.name = "use", .kind = ValueKind::code, .codes = kCertificateUses}},
    {serial, {.name = "serial", .kind = ValueKind::serial, .need = Need::essential}},
});
constexpr auto kCredential = field_table({
    {credential_device_type,
     {.name = "device-type", .kind = ValueKind::code, .codes = kDeviceTypeCodes}},
    {value, {.name = "value", .kind = ValueKind::base64, .need = Need::essential, .secret = true}},
});

constexpr GroupDef kGroupTable[] = {
    {.name = "device", .fields = kDevice},
    {.name = "meter-point", .parent = device, .fields = kMeterPoint},
    {.name = "supplier-certificate", .parent = device, .fields = kCertificate},
    {.name = "operator-certificate", .parent = device, .fields = kCertificate},
    {.name = "credential", .fields = kCredential},
};
static_assert(std::size(kGroupTable) == kGroups);

}  // namespace

constinit const FileType kType{
    .id = "mcf",
    .title = "Migration Common File",
    .flow = "Requesting Party to Commissioning Party, S1SP, DCO and a supplier that commissions",
    .header = exchange::kHeader,
    .record = {.fields = kRecord, .groups = kGroupTable},
    .trailer = exchange::kTrailer,
    .record_word = "installation",
};

}  // namespace s1flow::codecs::mcf
