#pragma once
// RecordBuilder: fills Records from the events of a decoder that walks a Layout's plan: a node is
// entered, has a text, is left. It is the one place where texts become values, and where values of
// the wrong form, or missing ones, become Faults. Shared by XML, CSV and JSON.
//
// Not thread-safe; one per worker, reused. Records live in the arena given to begin().

#include <cstdint>
#include <string_view>
#include <vector>

#include "codecs/layout/layout.h"
#include "codecs/record.h"
#include "codecs/rules.h"

namespace s1flow::codecs {

// What decoding a chunk gives.
struct RecordBatch {
  std::vector<Record> records;
  std::vector<Fault> faults;  // of values; the caller turns them into findings

  void clear() {
    records.clear();
    faults.clear();
  }
};

// How a record is called in findings: its first field when that is readable, otherwise "row 12".
[[nodiscard]] std::string record_name(const FileType& type, const Record& record);

class RecordBuilder {
 public:
  explicit RecordBuilder(const Layout& layout);

  // `header` and `trailer` receive the fields outside of records; null: those fields are passed
  // over.
  void begin(Arena& arena, RecordBatch& batch, Record* header, Record* trailer);
  // The first line number of the chunk, for faults.
  void set_first_line(std::uint64_t line) { first_line_ = line; }

  // A record starts; what follows up to end_record goes into it.
  void begin_record(std::uint64_t ordinal, std::uint64_t byte, std::uint32_t chunk_line);
  // Checks that essential and required values are there.
  void end_record();
  [[nodiscard]] bool in_record() const { return in_record_; }
  // The record between begin_record and end_record.
  [[nodiscard]] Record& current() { return *record_; }

  // A node of the plan that starts a group is entered or left, in nested order.
  void begin_group(const GroupStart& start, std::uint32_t chunk_line);
  void end_group();
  void value(const Leaf& leaf, std::string_view text, std::uint32_t chunk_line) {
    Value* const value = place_of(leaf);
    if (value == nullptr) return;
    leaf.format.parse(text, *value, *arena_);
    value->line = chunk_line;
    if (value->state == ValueState::bad) invalid(leaf, text, chunk_line);
  }
  // Something stands there that is no value at all, whatever the form asks for.
  void no_value(const Leaf& leaf, std::string_view text, std::uint32_t chunk_line);

 private:
  struct OpenGroup {
    std::size_t group;
    GroupInstance* instance;
  };
  [[nodiscard]] Record* target(Section section);
  // Null: the value is passed over.
  [[nodiscard]] Value* place_of(const Leaf& leaf) {
    // Most values by far are of the innermost group.
    if (leaf.section == Section::record && !open_.empty() && open_.back().group == leaf.group) {
      GroupInstance* const instance = open_.back().instance;
      return instance == nullptr ? nullptr : instance->values.data() + leaf.field;
    }
    return place_elsewhere(leaf);
  }
  [[nodiscard]] Value* place_elsewhere(const Leaf& leaf);
  void invalid(const Leaf& leaf, std::string_view text, std::uint32_t chunk_line);
  [[nodiscard]] GroupInstance* innermost(std::size_t group);
  void fault(const Rule& rule, const FieldDef& field, const std::string& scope,
             std::uint32_t chunk_line, std::string seen, std::string note);
  void check_essentials(const Record& record);

  const Layout& layout_;
  std::vector<std::size_t> essential_;                        // fields of a record
  std::vector<std::vector<std::size_t>> in_group_essential_;  // by group
  Arena* arena_ = nullptr;
  RecordBatch* batch_ = nullptr;
  Record* header_ = nullptr;
  Record* trailer_ = nullptr;
  Record* record_ = nullptr;  // in hand
  bool in_record_ = false;
  std::uint64_t first_line_ = 1;
  std::vector<OpenGroup> open_;
};

}  // namespace s1flow::codecs
