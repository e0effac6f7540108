#include "codecs/layout/value_format.h"

#include "core/base64.h"
#include "core/fixed_text.h"
#include "core/text.h"

namespace s1flow::codecs {
namespace {

template <typename T, typename Pack>
void accept(Value& value, const std::optional<T>& parsed, Pack pack) {
  if (!parsed) return;
  value.state = ValueState::good;
  pack(*parsed);
}

void accept_if(Value& value, bool ok) {
  if (ok) value.state = ValueState::good;
}

void accept_octets(Value& value, const std::optional<std::string>& octets, Arena& arena) {
  if (!octets) return;
  value.text = arena.copy(*octets);
  value.lo = octets->size();
  value.state = ValueState::good;
}

void accept_base64(Value& value, std::string_view text, Arena& arena) {
  char* const to = static_cast<char*>(arena.allocate((text.size() + 3) / 4 * 3, 1));
  std::size_t size = 0;
  if (!decode_base64_into(text, to, size)) return;
  value.text = {to, size};
  value.lo = size;
  value.state = ValueState::good;
}

}  // namespace

void ValueFormat::parse(std::string_view text, Value& value, Arena& arena) const {
  if (trimmed && !text.empty() && (is_blank(text.front()) || is_blank(text.back())))
    text = trim(text);
  value.text = text;
  value.lo = value.hi = 0;
  value.state = ValueState::bad;
  if (text.empty()) {
    value.state = ValueState::absent;
    return;
  }
  switch (field->kind) {
    case ValueKind::text:
      value.state = ValueState::good;
      break;
    case ValueKind::installation_id:
      accept_if(value, parse_installation_id(text).has_value());
      break;
    case ValueKind::mpan:
      accept(value, Mpxn::parse_mpan(text), [&](Mpxn x) { value.lo = x.packed(); });
      break;
    case ValueKind::mprn:
      accept(value, Mpxn::parse_mprn(text), [&](Mpxn x) { value.lo = x.packed(); });
      break;
    case ValueKind::mpxn:
      accept(value, Mpxn::parse(text), [&](Mpxn x) { value.lo = x.packed(); });
      break;
    case ValueKind::eui64:
      accept(value, eui_plain ? Eui64::parse_plain(text) : Eui64::parse(text),
             [&](Eui64 x) { value.lo = x.value(); });
      break;
    case ValueKind::serial:
      accept(
          value,
          serial_hex ? CertificateSerial::parse_hex(text) : CertificateSerial::parse_decimal(text),
          [&](const CertificateSerial& x) {
            value.lo = x.low();
            value.hi = x.high();
          });
      break;
    case ValueKind::group_id:
      accept(value, GroupId::parse(text), [&](GroupId x) { value.lo = x.packed(); });
      break;
    case ValueKind::date:
      accept(value, Date::parse(text, time_format),
             [&](Date x) { value.lo = static_cast<std::uint64_t>(x.days_since_epoch()); });
      break;
    case ValueKind::time:
      accept(value, UtcTime::parse(text, time_format), [&](UtcTime x) {
        value.lo = static_cast<std::uint64_t>(x.milliseconds_since_epoch());
      });
      break;
    case ValueKind::count:
      accept(value, parse_decimal(text), [&](std::uint64_t x) { value.lo = x; });
      break;
    case ValueKind::code:
    case ValueKind::flag:
      for (const auto& [name, index] : codes)
        if (name == text) {
          value.lo = index;
          value.state = ValueState::good;
          break;
        }
      break;
    case ValueKind::iccid:
      accept_if(value, Iccid::parse(text).has_value());
      break;
    case ValueKind::imsi:
      accept_if(value, is_imsi(text));
      break;
    case ValueKind::msisdn:
      accept_if(value, is_msisdn(text));
      break;
    case ValueKind::firmware:
      accept_if(value, is_firmware_version(text));
      break;
    case ValueKind::esme_variant:
      accept_if(value, EsmeVariant::parse(text).has_value());
      break;
    case ValueKind::hex:
    case ValueKind::base64:
      if (base64)
        accept_base64(value, text, arena);
      else
        accept_octets(value, decode_hex(text), arena);
      break;
  }
}

void ValueFormat::format(const Value& value, std::string& out) const {
  switch (field->kind) {
    case ValueKind::mpan:
    case ValueKind::mprn:
    case ValueKind::mpxn:
      Mpxn::unpack(value.lo).append_to(out);
      break;
    case ValueKind::eui64:
      if (eui_plain)
        Eui64(value.lo).append_plain_to(out);
      else
        Eui64(value.lo).append_to(out);
      break;
    case ValueKind::serial:
      if (serial_hex)
        CertificateSerial(value.hi, value.lo).append_hex_to(out);
      else
        CertificateSerial(value.hi, value.lo).append_decimal_to(out);
      break;
    case ValueKind::group_id:
      out += GroupId::unpack(static_cast<std::uint16_t>(value.lo)).view();
      break;
    case ValueKind::date:
      Date::from_days(static_cast<std::int64_t>(value.lo)).append_to(out, time_format);
      break;
    case ValueKind::time:
      UtcTime::from_milliseconds(static_cast<std::int64_t>(value.lo)).append_to(out, time_format);
      break;
    case ValueKind::count:
      append_decimal(out, value.lo);
      break;
    case ValueKind::code:
    case ValueKind::flag:
      for (const auto& [name, index] : codes)
        if (index == value.lo) {
          out += name;
          break;
        }
      break;
    case ValueKind::hex:
    case ValueKind::base64:
      if (base64)
        append_base64(out, as_bytes(value.text));
      else
        append_hex(out, as_bytes(value.text));
      break;
    default:
      out += value.text;
  }
}

std::string expected_form(const ValueFormat& format) {
  switch (format.field->kind) {
    case ValueKind::text:
      return "text";
    case ValueKind::installation_id:
      return "1 to 32 printable characters without blanks and commas";
    case ValueKind::mpan:
      return "13 digits";
    case ValueKind::mprn:
      return "6 to 10 digits";
    case ValueKind::mpxn:
      return "an MPAN of 13 digits or an MPRN of 6 to 10";
    case ValueKind::eui64:
      return format.eui_plain ? "16 hex digits" : "eight hex octets joined by hyphens";
    case ValueKind::serial:
      return format.serial_hex ? "up to 32 hex digits, not zero"
                               : "a positive decimal number below 2^128";
    case ValueKind::group_id:
      return "two capital letters";
    case ValueKind::date:
      return "a date as " + format.time_format;
    case ValueKind::time:
      return "a time as " + format.time_format;
    case ValueKind::count:
      return "a decimal number";
    case ValueKind::code:
    case ValueKind::flag: {
      std::string out = "one of";
      for (const auto& [name, index] : format.codes) out += " " + name;
      return out;
    }
    case ValueKind::iccid:
      return "19 or 20 digits that start with 89";
    case ValueKind::imsi:
      return "15 digits";
    case ValueKind::msisdn:
      return "7 to 15 digits";
    case ValueKind::firmware:
      return "1 to 8 characters";
    case ValueKind::esme_variant:
      return "an ESME variant such as A or ADE";
    case ValueKind::hex:
    case ValueKind::base64:
      return format.base64 ? "octets in base64" : "octets in hex";
  }
  return {};
}

}  // namespace s1flow::codecs
