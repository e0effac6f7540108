#include "codecs/record_builder.h"

#include "core/text.h"

namespace s1flow::codecs {

std::string record_name(const FileType& type, const Record& record) {
  if (!type.record.fields.empty() && record[0].good()) {
    const ValueKind kind = type.record.fields[0].kind;
    if (kind == ValueKind::mpxn) return as_mpxn(record[0]).text();
    return shown(record[0].text, 40);
  }
  return std::string(type.record_word) + " " + std::to_string(record.ordinal);
}

RecordBuilder::RecordBuilder(const Layout& layout) : layout_(layout) {
  const auto essential_of = [](std::span<const FieldDef> fields) {
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < fields.size(); ++i)
      if (fields[i].need == Need::essential) found.push_back(i);
    return found;
  };
  essential_ = essential_of(layout.type->record.fields);
  for (const GroupDef& g : layout.type->record.groups)
    in_group_essential_.push_back(essential_of(g.fields));
}

void RecordBuilder::begin(Arena& arena, RecordBatch& batch, Record* header, Record* trailer) {
  arena_ = &arena;
  batch_ = &batch;
  header_ = header;
  trailer_ = trailer;
  in_record_ = false;
  open_.clear();
}

Record* RecordBuilder::target(Section section) {
  switch (section) {
    case Section::header:
      return in_record_ ? nullptr : header_;
    case Section::trailer:
      return in_record_ ? nullptr : trailer_;
    case Section::record:
      return in_record_ ? record_ : nullptr;
  }
  return nullptr;
}

void RecordBuilder::begin_record(std::uint64_t ordinal, std::uint64_t byte,
                                 std::uint32_t chunk_line) {
  Record& record = batch_->records.emplace_back(layout_.type->record, *arena_);
  record_ = &record;
  record.ordinal = ordinal;
  record.byte = byte;
  record.chunk_line = chunk_line;
  record.line = first_line_ + chunk_line;
  in_record_ = true;
  open_.clear();
}

void RecordBuilder::end_record() {
  // Faults that came before the record's id was known are named after it now.
  const Record& record = *record_;
  check_essentials(record);
  std::string name;
  for (auto f = batch_->faults.rbegin(); f != batch_->faults.rend() && f->ordinal == record.ordinal;
       ++f) {
    if (name.empty()) name = record_name(*layout_.type, record);
    f->record = name;
  }
  in_record_ = false;
  open_.clear();
}

GroupInstance* RecordBuilder::innermost(std::size_t group) {
  for (std::size_t i = open_.size(); i-- > 0;)
    if (open_[i].group == group) return open_[i].instance;
  return nullptr;
}

void RecordBuilder::begin_group(const GroupStart& start, std::uint32_t chunk_line) {
  Record* record = target(start.section);
  GroupInstance* instance = nullptr;
  if (record != nullptr) {
    const GroupDef& def = record->def().groups[start.group];
    const GroupInstance* parent = def.parent == GroupDef::npos ? nullptr : innermost(def.parent);
    if (def.parent == GroupDef::npos || parent != nullptr) {
      instance = &record->add(start.group, parent);
      instance->line = chunk_line;
      for (const auto& [field, code] : start.presets) set_code((*instance)[field], code);
    }
  }
  open_.push_back({start.group, instance});
}

void RecordBuilder::end_group() {
  open_.pop_back();
}

Value* RecordBuilder::place_elsewhere(const Leaf& leaf) {
  Record* record = target(leaf.section);
  if (record == nullptr) return nullptr;
  if (leaf.group == npos) return &(*record)[leaf.field];
  GroupInstance* instance = innermost(leaf.group);
  return instance == nullptr ? nullptr : &(*instance)[leaf.field];
}

void RecordBuilder::no_value(const Leaf& leaf, std::string_view text, std::uint32_t chunk_line) {
  Value* value = place_of(leaf);
  if (value == nullptr) return;
  value->state = ValueState::bad;
  value->text = text;
  value->line = chunk_line;
  invalid(leaf, text, chunk_line);
}

void RecordBuilder::invalid(const Leaf& leaf, std::string_view text, std::uint32_t chunk_line) {
  const std::string scope =
      leaf.group == npos ? ""
                         : std::string(target(leaf.section)->def().groups[leaf.group].name) + ".";
  const FieldDef& field = *leaf.format.field;
  fault(kValueInvalid, field, scope, chunk_line, field.secret ? std::string() : shown(text),
        "expected " + expected_form(leaf.format));
}

void RecordBuilder::fault(const Rule& rule, const FieldDef& field, const std::string& scope,
                          std::uint32_t chunk_line, std::string seen, std::string note) {
  Fault f;
  f.rule = &rule;
  f.line = first_line_ + chunk_line;
  if (in_record_) {
    f.ordinal = record_->ordinal;
    f.byte = record_->byte;
  }
  f.field = scope + std::string(field.name);
  f.seen = std::move(seen);
  f.note = std::move(note);
  batch_->faults.push_back(std::move(f));
}

void RecordBuilder::check_essentials(const Record& record) {
  const RecordDef& def = record.def();
  for (const std::size_t i : essential_)
    if (!record[i].present()) fault(kValueMissing, def.fields[i], "", record.chunk_line, {}, {});
  for (std::size_t g = 0; g < in_group_essential_.size(); ++g) {
    const std::span<const std::size_t> fields = in_group_essential_[g];
    if (fields.empty()) continue;
    for (const GroupInstance& instance : record.group(g)) {
      const Value* const values = instance.values.data();
      for (const std::size_t i : fields)
        if (!values[i].present())
          fault(kValueMissing, def.groups[g].fields[i], std::string(def.groups[g].name) + ".",
                instance.line, {}, {});
    }
  }
}

}  // namespace s1flow::codecs
