#include "codecs/files/cof.h"

#include "codecs/files/table.h"

namespace s1flow::codecs::cof {
namespace {

constexpr std::string_view kResults[] = {"commissioned", "partial", "failed", "awaiting-supplier"};
constexpr std::string_view kStepResults[] = {"done", "failed", "not-run", "by-supplier"};

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
    {srv, {.name = "srv", .kind = ValueKind::text, .need = Need::essential}},
    {request_id, {.name = "request-id", .kind = ValueKind::text}},
    {response_code, {.name = "response-code", .kind = ValueKind::text}},
    {step_result,
     {.name = "result", .kind = ValueKind::code, .need = Need::essential, .codes = kStepResults}},
    {attempts, {.name = "attempts", .kind = ValueKind::count}},
});
static_assert(kStep.size() == kStepFields);
constexpr auto kAlert = field_table({
    {alert_code, {.name = "code", .kind = ValueKind::text, .need = Need::essential}},
    {alert_time, {.name = "time", .kind = ValueKind::time}},
});
constexpr GroupDef kGroupTable[] = {
    {.name = "device", .fields = kDevice},
    {.name = "step", .parent = device, .fields = kStep},
    {.name = "alert", .parent = device, .fields = kAlert},
};

}  // namespace

constinit const FileType kType{
    .id = "cof",
    .title = "Commissioning Outcome File",
    .flow = "Commissioning Party to DCC and the supplier that does not commission",
    .header = exchange::kHeader,
    .record = {.fields = kRecord, .groups = kGroupTable},
    .trailer = exchange::kTrailer,
    .record_word = "installation",
};

}  // namespace s1flow::codecs::cof
