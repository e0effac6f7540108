#include "codecs/files/scf.h"

#include "codecs/files/table.h"

namespace s1flow::codecs::scf {
namespace {

constexpr std::string_view kResults[] = {"passed", "failed", "partial"};
constexpr std::string_view kStepResults[] = {"passed", "failed", "not-run"};

constexpr auto kRecord = field_table({
    {installation_id,
     {.name = "installation-id", .kind = ValueKind::installation_id, .need = Need::essential}},
    {result,
     {.name = "result", .kind = ValueKind::code, .need = Need::essential, .codes = kResults}},
});
constexpr auto kDevice = field_table({
    {device_id, {.name = "id", .kind = ValueKind::eui64, .need = Need::essential}},
    {device_type, {.name = "type", .kind = ValueKind::code, .codes = kDeviceTypeCodes}},
    {device_result,
     {.name = "result", .kind = ValueKind::code, .need = Need::essential, .codes = kResults}},
});
constexpr auto kStep = field_table({
    {procedure, {.name = "procedure", .kind = ValueKind::text}},
    {name, {.name = "name", .kind = ValueKind::text, .need = Need::essential}},
    {step_result,
     {.name = "result", .kind = ValueKind::code, .need = Need::essential, .codes = kStepResults}},
    {code, {.name = "code", .kind = ValueKind::text}},
    {attempts, {.name = "attempts", .kind = ValueKind::count}},
});
static_assert(kStep.size() == kStepFields);
constexpr GroupDef kGroupTable[] = {
    {.name = "device", .fields = kDevice},
    {.name = "step", .parent = device, .fields = kStep},
};

}  // namespace

constinit const FileType kType{
    .id = "scf",
    .title = "S1SP Commissioning File",
    .flow = "S1SP to Commissioning Party and a supplier that commissions",
    .header = exchange::kHeader,
    .record = {.fields = kRecord, .groups = kGroupTable},
    .trailer = exchange::kTrailer,
    .record_word = "installation",
};

}  // namespace s1flow::codecs::scf
