#include "codecs/files/registration.h"

#include "codecs/files/table.h"

namespace s1flow::codecs::registration {
namespace {

constexpr auto kRecord = field_table({
    {mpxn, {.name = "mpxn", .kind = ValueKind::mpxn, .need = Need::essential}},
    {supplier, {.name = "supplier", .kind = ValueKind::eui64, .need = Need::essential}},
    {network_operator,
     {.name = "network-operator", .kind = ValueKind::eui64, .need = Need::essential}},
});
static_assert(kRecord.size() == kFields);

}  // namespace

constinit const FileType kType{
    .id = "registration",
    .title = "Registration data",
    .flow = "registration systems to DCC",
    .header = {},
    .record = {.fields = kRecord},
    .trailer = {},
    .record_word = "row",
};

}  // namespace s1flow::codecs::registration
