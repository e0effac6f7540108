#pragma once
// Field tables whose order is checked against the enum that indexes them, at compile time.

#include <array>
#include <cstddef>

#include "codecs/field.h"

namespace s1flow::codecs {

struct FieldRow {
  std::size_t index;
  FieldDef field;
};

// A wrong order does not compile: throw is not a constant expression.
template <std::size_t N>
consteval std::array<FieldDef, N> field_table(const FieldRow (&rows)[N]) {
  std::array<FieldDef, N> fields{};
  for (std::size_t i = 0; i < N; ++i) {
    if (rows[i].index != i) throw "field table out of the enum's order";
    fields[i] = rows[i].field;
  }
  return fields;
}

inline constexpr std::string_view kDeviceTypeCodes[] = {"chf",    "gpf",   "esme", "gsme",
                                                        "hcalcs", "ppmid", "ihd",  "cad"};
inline constexpr std::string_view kMeterStatusCodes[] = {"active", "dormant"};
inline constexpr std::string_view kMeterPointRoles[] = {"import", "secondary-import", "export"};
inline constexpr std::string_view kCertificateUses[] = {"digital-signing", "key-agreement",
                                                        "key-agreement-top-up"};
inline constexpr std::string_view kCommissionedBy[] = {"dcc", "supplier"};

// In the order of kMeterPointRoles and kCertificateUses.
enum class MeterPointRole : std::uint8_t { import_, secondary_import, export_ };
enum class CertificateUse : std::uint8_t { digital_signing, key_agreement, key_agreement_top_up };
enum class CommissionedBy : std::uint8_t { dcc, supplier };

}  // namespace s1flow::codecs
