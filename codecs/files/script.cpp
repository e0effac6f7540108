#include "codecs/files/script.h"

#include "codecs/files/table.h"

namespace s1flow::codecs::script {
namespace {

constexpr auto kRecord = field_table({
    {installation, {.name = "installation", .kind = ValueKind::installation_id}},
    {device, {.name = "device", .kind = ValueKind::code, .codes = kDeviceTypeCodes}},
    {step, {.name = "step", .kind = ValueKind::text}},
    {code, {.name = "code", .kind = ValueKind::text}},
    {attempts, {.name = "attempts", .kind = ValueKind::count}},
    {file, {.name = "file", .kind = ValueKind::text}},
    {smso, {.name = "smso", .kind = ValueKind::text}},
    {day, {.name = "day", .kind = ValueKind::date}},
    {group_id, {.name = "group-id", .kind = ValueKind::group_id}},
    {fault, {.name = "fault", .kind = ValueKind::text}},
});
static_assert(kRecord.size() == kFields);

}  // namespace

constinit const FileType kType{
    .id = "script",
    .title = "Script of outcomes",
    .flow = "whoever prepares a dry run",
    .header = {},
    .record = {.fields = kRecord},
    .trailer = {},
    .record_word = "event",
};

}  // namespace s1flow::codecs::script
