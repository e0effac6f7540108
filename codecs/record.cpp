#include "codecs/record.h"

#include <algorithm>
#include <array>
#include <memory>

namespace s1flow::codecs {

std::string_view name_of(ValueKind kind) {
  switch (kind) {
    case ValueKind::text:
      return "text";
    case ValueKind::installation_id:
      return "installation-id";
    case ValueKind::mpan:
      return "mpan";
    case ValueKind::mprn:
      return "mprn";
    case ValueKind::mpxn:
      return "mpxn";
    case ValueKind::eui64:
      return "eui64";
    case ValueKind::serial:
      return "serial";
    case ValueKind::group_id:
      return "group-id";
    case ValueKind::date:
      return "date";
    case ValueKind::time:
      return "time";
    case ValueKind::count:
      return "count";
    case ValueKind::code:
      return "code";
    case ValueKind::flag:
      return "flag";
    case ValueKind::iccid:
      return "iccid";
    case ValueKind::imsi:
      return "imsi";
    case ValueKind::msisdn:
      return "msisdn";
    case ValueKind::firmware:
      return "firmware";
    case ValueKind::esme_variant:
      return "esme-variant";
    case ValueKind::hex:
      return "hex";
    case ValueKind::base64:
      return "base64";
  }
  return "unknown";
}

namespace {

// Copied in one piece each: a record has dozens of values, most of them absent.
std::span<Value> make_values(Arena& arena, std::size_t count) {
  static constexpr std::array<Value, 16> kAbsent{};
  Value* const first = static_cast<Value*>(arena.allocate(count * sizeof(Value), alignof(Value)));
  for (std::size_t i = 0; i < count; i += kAbsent.size())
    std::uninitialized_copy_n(kAbsent.begin(), std::min(kAbsent.size(), count - i), first + i);
  return {first, count};
}

}  // namespace

Record::Record(const RecordDef& def, Arena& arena)
    : def_(&def),
      arena_(&arena),
      values_(make_values(arena, def.fields.size())),
      lists_(arena.make_array<List>(def.groups.size())) {}

GroupInstance& Record::add(std::size_t group, const GroupInstance* parent) {
  const GroupDef& def = def_->groups[group];
  S1FLOW_CHECK((def.parent == GroupDef::npos) == (parent == nullptr));
  GroupInstance& instance = arena_->make_array<GroupInstance>(1)[0];
  instance.values = make_values(*arena_, def.fields.size());
  instance.parent = parent;
  List& list = lists_[group];
  if (list.last == nullptr)
    list.first = &instance;
  else
    list.last->next = &instance;
  list.last = &instance;
  ++list.count;
  return instance;
}

}  // namespace s1flow::codecs
