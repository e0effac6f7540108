#pragma once
// The words in which a FileType describes its records: named fields with a kind of value, some of
// them in repeating groups. Code lists are named by the domain; how a file spells them is a
// layout's business.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace s1flow::codecs {

enum class ValueKind : std::uint8_t {
  text,
  installation_id,
  mpan,
  mprn,
  mpxn,
  eui64,
  serial,  // certificate serial, 128 bits
  group_id,
  date,
  time,
  count,  // unsigned, 64 bits
  code,   // one of FieldDef::codes
  flag,   // true or false, spelled by the layout
  iccid,
  imsi,
  msisdn,
  firmware,
  esme_variant,
  hex,     // octets
  base64,  // octets
};
[[nodiscard]] std::string_view name_of(ValueKind kind);

// Whether a layout may leave the field out.
enum class Need : std::uint8_t { optional, essential };

struct FieldDef {
  std::string_view name;
  ValueKind kind = ValueKind::text;
  Need need = Need::optional;
  std::span<const std::string_view> codes = {};  // domain names, for ValueKind::code
  bool secret = false;                           // never shown in findings, reports or inspect
};

// A repeating part of a record, such as a Device. `parent` names the group that it sits in, or is
// npos for the record itself.
struct GroupDef {
  static constexpr std::size_t npos = static_cast<std::size_t>(-1);
  std::string_view name;
  std::size_t parent = npos;
  std::span<const FieldDef> fields;
};

// The three places of a file that hold fields.
enum class Section : std::uint8_t { header, record, trailer };

struct RecordDef {
  std::span<const FieldDef> fields;
  std::span<const GroupDef> groups = {};
};

}  // namespace s1flow::codecs
