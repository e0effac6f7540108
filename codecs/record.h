#pragma once
// Record: one installation, row or header as named values. Filled by a decoder, or by code that is
// about to encode it.
//
// Memory: everything lives in the Arena given at construction, and texts point into it or into the
// chunk's Buffer: a Record never outlives its chunk. Access is by the index that the FileType's
// enum gives (codecs/files/*.h); nothing is looked up by name. Not thread-safe; a chunk belongs to
// one worker at a time.

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "codecs/field.h"
#include "core/arena.h"
#include "core/calendar.h"
#include "core/certificate_serial.h"
#include "core/check.h"
#include "core/device.h"
#include "core/eui64.h"
#include "core/mpxn.h"

namespace s1flow::codecs {

enum class ValueState : std::uint8_t {
  absent,
  good,
  bad,  // present, but not a value of its kind: `text` holds what was seen
};

// 40 bytes. `text` is the text as the file has it, unescaped; hi and lo are the value for the kinds
// that are numbers:
//   mpan/mprn/mpxn: lo = Mpxn::packed    eui64: lo    serial: hi, lo    group_id: lo =
//   GroupId::packed date: lo = days since epoch (two's complement)    time: lo = milliseconds since
//   epoch    count: lo code: lo = index into FieldDef::codes    flag: lo = 0 or 1    hex, base64:
//   text of the decoded octets is in `text`
struct Value {
  std::string_view text;
  std::uint64_t lo = 0, hi = 0;
  std::uint32_t line = 0;  // within the chunk, from 0; for findings
  ValueState state = ValueState::absent;

  [[nodiscard]] bool present() const { return state != ValueState::absent; }
  [[nodiscard]] bool good() const { return state == ValueState::good; }
};

class Record;

// One instance of a group; a view into its Record.
struct GroupInstance {
  std::span<Value> values;
  const GroupInstance* parent = nullptr;  // the instance it sits in
  GroupInstance* next = nullptr;          // next of the same group, in file order
  std::uint32_t line = 0;

  [[nodiscard]] const Value& operator[](std::size_t field) const { return values[field]; }
  [[nodiscard]] Value& operator[](std::size_t field) { return values[field]; }
};

// Range over the instances of one group.
class GroupRange {
 public:
  class Iterator {
   public:
    explicit Iterator(const GroupInstance* at) : at_(at) {}
    const GroupInstance& operator*() const { return *at_; }
    Iterator& operator++() {
      at_ = at_->next;
      return *this;
    }
    friend bool operator==(Iterator, Iterator) = default;

   private:
    const GroupInstance* at_;
  };
  explicit GroupRange(const GroupInstance* first) : first_(first) {}
  [[nodiscard]] Iterator begin() const { return Iterator(first_); }
  [[nodiscard]] Iterator end() const { return Iterator(nullptr); }
  [[nodiscard]] bool empty() const { return first_ == nullptr; }

 private:
  const GroupInstance* first_;
};

class Record {
 public:
  Record(const RecordDef& def, Arena& arena);

  [[nodiscard]] const RecordDef& def() const { return *def_; }
  [[nodiscard]] Arena& arena() const { return *arena_; }
  [[nodiscard]] const Value& operator[](std::size_t field) const { return values_[field]; }
  [[nodiscard]] Value& operator[](std::size_t field) { return values_[field]; }
  [[nodiscard]] GroupRange group(std::size_t group) const {
    return GroupRange(lists_[group].first);
  }
  [[nodiscard]] std::size_t group_size(std::size_t group) const { return lists_[group].count; }
  GroupInstance& add(std::size_t group, const GroupInstance* parent = nullptr);

  // Where the record stands; set by decoders.
  std::uint64_t ordinal = 0;     // in its file, from 1
  std::uint64_t byte = 0;        // offset of its first byte in the file
  std::uint64_t line = 0;        // in the file, from 1
  std::uint32_t chunk_line = 0;  // in the chunk, from 0
  std::string_view bytes;        // the record as it stands in the chunk

 private:
  struct List {
    GroupInstance* first = nullptr;
    GroupInstance* last = nullptr;
    std::size_t count = 0;
  };
  const RecordDef* def_;
  Arena* arena_;
  std::span<Value> values_;
  std::span<List> lists_;
};

// Typed reading. A value that is absent or bad reads as the type's empty value.
[[nodiscard]] inline Mpxn as_mpxn(const Value& v) {
  return v.good() ? Mpxn::unpack(v.lo) : Mpxn();
}
[[nodiscard]] inline Eui64 as_eui64(const Value& v) {
  return v.good() ? Eui64(v.lo) : Eui64();
}
[[nodiscard]] inline CertificateSerial as_serial(const Value& v) {
  return v.good() ? CertificateSerial(v.hi, v.lo) : CertificateSerial();
}
[[nodiscard]] inline GroupId as_group_id(const Value& v) {
  return v.good() ? GroupId::unpack(static_cast<std::uint16_t>(v.lo)) : GroupId();
}
[[nodiscard]] inline std::optional<Date> as_date(const Value& v) {
  return v.good() ? std::optional(Date::from_days(static_cast<std::int64_t>(v.lo))) : std::nullopt;
}
[[nodiscard]] inline std::optional<UtcTime> as_time(const Value& v) {
  return v.good() ? std::optional(UtcTime::from_milliseconds(static_cast<std::int64_t>(v.lo)))
                  : std::nullopt;
}
[[nodiscard]] inline std::uint64_t as_count(const Value& v) {
  return v.good() ? v.lo : 0;
}
[[nodiscard]] inline bool as_flag(const Value& v) {
  return v.good() && v.lo != 0;
}
// Index into the field's codes as the enum that mirrors it.
template <typename Enum>
[[nodiscard]] std::optional<Enum> as_code(const Value& v) {
  return v.good() ? std::optional(static_cast<Enum>(v.lo)) : std::nullopt;
}

// Typed writing, for records that are about to be encoded. Texts must outlive the record (literals,
// or copied into its arena).
inline void set_text(Value& v, std::string_view text) {
  v = {text, 0, 0, v.line, ValueState::good};
}
inline void set_number(Value& v, std::uint64_t lo, std::uint64_t hi = 0) {
  v = {{}, lo, hi, v.line, ValueState::good};
}
inline void set(Value& v, Mpxn x) {
  set_number(v, x.packed());
}
inline void set(Value& v, Eui64 x) {
  set_number(v, x.value());
}
inline void set(Value& v, const CertificateSerial& x) {
  set_number(v, x.low(), x.high());
}
inline void set(Value& v, GroupId x) {
  set_number(v, x.packed());
}
inline void set(Value& v, Date x) {
  set_number(v, static_cast<std::uint64_t>(x.days_since_epoch()));
}
inline void set(Value& v, UtcTime x) {
  set_number(v, static_cast<std::uint64_t>(x.milliseconds_since_epoch()));
}
template <typename Enum>
void set_code(Value& v, Enum code) {
  set_number(v, static_cast<std::uint64_t>(code));
}

}  // namespace s1flow::codecs
