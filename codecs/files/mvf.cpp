#include "codecs/files/mvf.h"

#include "codecs/files/table.h"

namespace s1flow::codecs::mvf {
namespace {

constexpr std::string_view kResults[] = {"accepted", "rejected"};

constexpr auto kRecord = field_table({
    {installation_id,
     {.name = "installation-id", .kind = ValueKind::installation_id, .need = Need::essential}},
    {result,
     {.name = "result", .kind = ValueKind::code, .need = Need::essential, .codes = kResults}},
});
constexpr auto kReason = field_table({
    {rule, {.name = "rule", .kind = ValueKind::text, .need = Need::essential}},
    {field, {.name = "field", .kind = ValueKind::text}},
});
constexpr GroupDef kGroupTable[] = {{.name = "reason", .fields = kReason}};

}  // namespace

constinit const FileType kType{
    .id = "mvf",
    .title = "Migration Common Validation File",
    .flow = "Commissioning Party to Requesting Party, S1SP and DCO",
    .header = exchange::kHeader,
    .record = {.fields = kRecord, .groups = kGroupTable},
    .trailer = exchange::kTrailer,
    .record_word = "installation",
};

}  // namespace s1flow::codecs::mvf
