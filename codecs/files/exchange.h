#pragma once
// What the signed XML files of the exchange have in common: who sends it to whom, the sender's
// strictly increasing counter that defeats replay, and the MCF that the file belongs to. The set of
// fields is s1flow's own: the real headers are not public (docs/formats/README.md).

#include "codecs/files/table.h"

namespace s1flow::codecs::exchange {

enum Header : std::size_t {
  sender,
  counter,
  created,
  smso,
  migration_week,
  migrate_on,
  group_id,
  mcf_sender,
  mcf_counter,
  record_count,
  file_id,
  kHeaderFields,
};
enum HeaderGroup : std::size_t { recipient, kHeaderGroups };
enum Recipient : std::size_t { recipient_id };

enum Trailer : std::size_t { trailer_record_count, kTrailerFields };

inline constexpr auto kHeaderTable = field_table({
    {sender, {.name = "sender", .kind = ValueKind::eui64}},
    {counter, {.name = "counter", .kind = ValueKind::count}},
    {created, {.name = "created", .kind = ValueKind::time}},
    {smso, {.name = "smso", .kind = ValueKind::text}},
    {migration_week, {.name = "migration-week", .kind = ValueKind::date}},
    {migrate_on, {.name = "migrate-on", .kind = ValueKind::date}},
    {group_id, {.name = "group-id", .kind = ValueKind::group_id}},
    {mcf_sender, {.name = "mcf-sender", .kind = ValueKind::eui64}},
    {mcf_counter, {.name = "mcf-counter", .kind = ValueKind::count}},
    {record_count, {.name = "record-count", .kind = ValueKind::count}},
    {file_id, {.name = "file-id", .kind = ValueKind::text}},
});
static_assert(kHeaderTable.size() == kHeaderFields);

inline constexpr auto kRecipientTable = field_table({
    {recipient_id, {.name = "id", .kind = ValueKind::eui64, .need = Need::essential}},
});
inline constexpr GroupDef kHeaderGroupTable[] = {{.name = "recipient", .fields = kRecipientTable}};

inline constexpr auto kTrailerTable = field_table({
    {trailer_record_count, {.name = "record-count", .kind = ValueKind::count}},
});

inline constexpr RecordDef kHeader{.fields = kHeaderTable, .groups = kHeaderGroupTable};
inline constexpr RecordDef kTrailer{.fields = kTrailerTable};

}  // namespace s1flow::codecs::exchange
