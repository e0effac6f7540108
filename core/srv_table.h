#pragma once
// The 129 Service Reference Variants of DUIS 5.4, in the schema's order: what each is called, who
// may ask for it, how, and how large and how fast it is known to be.
//
// Where each column comes from:
//   variant, reference, body   the published DUIS 5.4 XML schema
//   name, critical, modes, roles
//                              the request matrix of a public parser of DUIS messages
//                              (SmartDCCInnovation/duis-parser); abbreviations written out. 4.2 is
//                              DCC-scheduled too since 5.4, by the schema. An empty set of roles
//                              means that the matrix lists none: not known
//   command_variants           comments in the schema. For 7.12 to 7.15 they contradict the
//                              matrix's critical column; there the set follows from that column
//   request_bytes              measured: signed requests made from public templates
//   response_bytes             estimated: 1,640 bytes of envelope and a public sample's payload
//   target response times      SEC Appendix E v10.0, second hand, for four SRVs; the rest are not
//                              known here and belong into a configuration
//
// Constant data; thread-safe.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace s1flow {

// A set of small enumerators in one word.
template <typename Enum>
class EnumSet {
 public:
  constexpr EnumSet() = default;
  constexpr EnumSet(Enum e) : bits_(bit(e)) {}  // NOLINT: a set of one
  [[nodiscard]] constexpr bool has(Enum e) const { return (bits_ & bit(e)) != 0; }
  [[nodiscard]] constexpr bool has_any(EnumSet other) const { return (bits_ & other.bits_) != 0; }
  [[nodiscard]] constexpr bool empty() const { return bits_ == 0; }
  friend constexpr EnumSet operator|(EnumSet a, EnumSet b) {
    EnumSet s;
    s.bits_ = static_cast<std::uint16_t>(a.bits_ | b.bits_);
    return s;
  }
  friend constexpr bool operator==(EnumSet, EnumSet) = default;

 private:
  static constexpr std::uint16_t bit(Enum e) {
    return static_cast<std::uint16_t>(1U << static_cast<unsigned>(e));
  }
  std::uint16_t bits_ = 0;
};

enum class UserRole : std::uint8_t {
  import_supplier,
  gas_supplier,
  export_supplier,
  registered_supplier_agent,
  electricity_distributor,
  gas_transporter,
  other_user
};
inline constexpr std::size_t kUserRoles = 7;
using UserRoles = EnumSet<UserRole>;
[[nodiscard]] std::string_view short_name_of(UserRole role);  // IS, GS, ES, RSA, ED, GT, OU
[[nodiscard]] std::string_view name_of(UserRole role);
[[nodiscard]] std::optional<UserRole> parse_user_role(std::string_view short_name);

enum class Mode : std::uint8_t {
  on_demand,
  future_dated_dsp,     // kept at the DCC until its time
  future_dated_device,  // kept at the Device until its time
  dcc_scheduled,        // may be the subject of a schedule (SRV 5.1)
  non_device            // answered by the DCC itself
};
inline constexpr std::size_t kModes = 5;
using Modes = EnumSet<Mode>;
[[nodiscard]] std::string_view name_of(Mode mode);

// Command Variants 1 to 8, as DUIS numbers them (9 is internal to the DCC).
class CommandVariants {
 public:
  constexpr CommandVariants() = default;
  constexpr CommandVariants(unsigned first, unsigned last) : first_(first), last_(last) {}
  [[nodiscard]] constexpr bool has(unsigned variant) const {
    return variant >= first_ && variant <= last_;
  }
  [[nodiscard]] constexpr unsigned first() const { return first_; }
  [[nodiscard]] constexpr unsigned last() const { return last_; }

 private:
  unsigned first_ = 1;
  unsigned last_ = 0;
};

// The web service of the DCC that a Command Variant goes to.
enum class DccService : std::uint8_t { transform, send_command, non_device };
[[nodiscard]] std::string_view name_of(DccService service);
// Nothing for a number that Users have no use for. 6 is sent to Non-Device by the schema's own
// table ("DCC Only").
[[nodiscard]] std::optional<DccService> service_of(unsigned command_variant);

struct ByteRange {
  std::uint32_t least = 0;  // both zero: not known
  std::uint32_t most = 0;
};

enum class MeterGeneration : std::uint8_t { smets1, smets2 };

struct ServiceReferenceVariant {
  std::string_view variant;    // "8.1.1"
  std::string_view reference;  // "8.1"
  std::string_view name;
  std::string_view body;  // element under Body of the request
  bool critical = false;  // two round trips: Transform, then Send Command
  Modes modes;
  UserRoles roles;
  CommandVariants command_variants;
  ByteRange request_bytes;
  ByteRange response_bytes;
  std::chrono::seconds target_smets1{};  // zero: not known
  std::chrono::seconds target_smets2{};

  [[nodiscard]] constexpr bool non_device() const { return modes.has(Mode::non_device); }
  [[nodiscard]] constexpr bool future_datable() const {
    return modes.has_any(Modes(Mode::future_dated_dsp) | Mode::future_dated_device);
  }
  // What a User sends first: 4 (transform) when critical, 8 for Non-Device, otherwise 1.
  [[nodiscard]] constexpr unsigned first_command_variant() const {
    return command_variants.first();
  }
  [[nodiscard]] constexpr std::chrono::seconds target(MeterGeneration g) const {
    return g == MeterGeneration::smets1 ? target_smets1 : target_smets2;
  }
};

inline constexpr std::size_t kServiceReferenceVariants = 129;
[[nodiscard]] std::span<const ServiceReferenceVariant, kServiceReferenceVariants> srv_table();
// Null when there is no such variant. Constant time, no allocation.
[[nodiscard]] const ServiceReferenceVariant* find_srv(std::string_view variant);
// Place in the table; for tables beside this one.
[[nodiscard]] std::size_t index_of(const ServiceReferenceVariant& srv);

// The source of the known target response times, to be printed beside them.
inline constexpr std::string_view kTargetTimeSource = "SEC Appendix E v10.0 (second hand)";

}  // namespace s1flow
