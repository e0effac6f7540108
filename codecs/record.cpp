#include "codecs/record.h"

#include <cstring>
#include <new>
#include <type_traits>

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

// A record has dozens of values, most of them absent, so they are made in one piece: an absent one
// is all zeros.
static_assert(static_cast<int>(ValueState::absent) == 0 && std::is_trivially_copyable_v<Value>);
std::span<Value> make_values(void* memory, std::size_t count) {
  std::memset(memory, 0, count * sizeof(Value));
  return {static_cast<Value*>(memory), count};
}

}  // namespace

Record::Record(const RecordDef& def, Arena& arena)
    : def_(&def),
      arena_(&arena),
      values_(make_values(arena.allocate(def.fields.size() * sizeof(Value), alignof(Value)),
                          def.fields.size())),
      lists_(arena.make_array<List>(def.groups.size())) {}

GroupInstance& Record::add(std::size_t group, const GroupInstance* parent) {
  const GroupDef& def = def_->groups[group];
  S1FLOW_CHECK((def.parent == GroupDef::npos) == (parent == nullptr));
  static_assert(alignof(GroupInstance) >= alignof(Value));
  const std::size_t count = def.fields.size();
  void* const memory =
      arena_->allocate(sizeof(GroupInstance) + count * sizeof(Value), alignof(GroupInstance));
  GroupInstance& instance = *new (memory) GroupInstance;
  instance.values = make_values(&instance + 1, count);
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
