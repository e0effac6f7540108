#include "codecs/record.h"

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

Record::Record(const RecordDef& def, Arena& arena)
    : def_(&def),
      arena_(&arena),
      values_(arena.make_array<Value>(def.fields.size())),
      lists_(arena.make_array<List>(def.groups.size())) {}

GroupInstance& Record::add(std::size_t group, const GroupInstance* parent) {
  const GroupDef& def = def_->groups[group];
  S1FLOW_CHECK((def.parent == GroupDef::npos) == (parent == nullptr));
  GroupInstance& instance = arena_->make_array<GroupInstance>(1)[0];
  instance.values = arena_->make_array<Value>(def.fields.size());
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
