#include "codecs/files/maf.h"

#include "codecs/files/table.h"

namespace s1flow::codecs::maf {
namespace {

constexpr auto kHeader = field_table({
    {smso, {.name = "smso", .kind = ValueKind::text}},
    {sender, {.name = "sender", .kind = ValueKind::eui64, .need = Need::essential}},
    {created, {.name = "created", .kind = ValueKind::time}},
});
constexpr auto kRecord = field_table({
    {mpxn, {.name = "mpxn", .kind = ValueKind::mpxn, .need = Need::essential}},
    {migration_week, {.name = "migration-week", .kind = ValueKind::date, .need = Need::essential}},
    {migrate_on, {.name = "migrate-on", .kind = ValueKind::date, .need = Need::essential}},
    {operator_certificate,
     {.name = "operator-certificate", .kind = ValueKind::serial, .need = Need::essential}},
    {supplier_commissions, {.name = "supplier-commissions", .kind = ValueKind::flag}},
});
static_assert(kRecord.size() == kFields);
constexpr auto kSupplierCertificate = field_table({
    {serial, {.name = "serial", .kind = ValueKind::serial, .need = Need::essential}},
});
constexpr GroupDef kGroupTable[] = {
    {.name = "supplier-certificate", .fields = kSupplierCertificate}};

}  // namespace

constinit const FileType kType{
    .id = "maf",
    .title = "Migration Authorisation File",
    .flow = "Responsible Supplier to DCC",
    .header = {.fields = kHeader},
    .record = {.fields = kRecord, .groups = kGroupTable},
    .trailer = {},
    .record_word = "row",
};

}  // namespace s1flow::codecs::maf
