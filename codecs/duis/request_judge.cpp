#include "codecs/duis/request_judge.h"

#include <array>
#include <utility>

#include "codecs/duis/request_reading.h"
#include "codecs/duis/schema_checker.h"
#include "codecs/duis/xml_normaliser.h"

namespace s1flow::codecs::duis {
namespace {

using crypto::SignatureOutcome;

struct FaultRow {
  std::string_view name;
  ResponseCode code;
};
constexpr std::array<FaultRow, kRequestFaults> kFaults{
    {{"none", response_code::kI0},
     {"too large", response_code::kE100},
     {"not XML", response_code::kE100},
     {"DOCTYPE", response_code::kE100},
     {"markup that is not allowed", response_code::kE100},
     {"not a Service Request", response_code::kE100},
     {"header", response_code::kE100},
     {"body", response_code::kE100},
     {"schema", response_code::kE100},
     {"signature", response_code::kE100},
     {"signer", response_code::kE1},
     {"signer is not the originator", response_code::kE1},
     {"peer is not the originator", response_code::kE1},
     {"unknown User", response_code::kE1},
     {"User's status", response_code::kE3},
     {"User Role", response_code::kE2},
     {"Command Variant", response_code::kE12},
     {"service", response_code::kE13},
     {"unknown device", response_code::kE19},
     {"authority", response_code::kE4},
     {"device status", response_code::kE5},
     {"device type", response_code::kE11},
     {"local command", response_code::kE17},
     {"duplicate", response_code::kE100}}};

RequestFault fault_of(ReadOutcome outcome) {
  switch (outcome) {
    case ReadOutcome::ok:
      return RequestFault::none;
    case ReadOutcome::too_large:
      return RequestFault::too_large;
    case ReadOutcome::not_xml:
      return RequestFault::not_xml;
    case ReadOutcome::doctype:
      return RequestFault::doctype;
    case ReadOutcome::not_allowed:
      return RequestFault::not_allowed;
    case ReadOutcome::not_duis:
      return RequestFault::not_a_request;
  }
  return RequestFault::not_a_request;
}

RequestFault fault_of(SignatureOutcome outcome) {
  switch (outcome) {
    case SignatureOutcome::ok:
      return RequestFault::none;
    case SignatureOutcome::missing:
    case SignatureOutcome::wrong_shape:
    case SignatureOutcome::algorithm_not_allowed:
    case SignatureOutcome::digest_mismatch:
    case SignatureOutcome::value_invalid:
      return RequestFault::signature;
    case SignatureOutcome::signer_party:
      return RequestFault::signer_is_not_originator;
    default:
      return RequestFault::signer;
  }
}

const Directory& usual_directory() {
  static const Directory directory;
  return directory;
}

void refuse(RequestVerdict& verdict, RequestFault fault, std::string_view why) {
  verdict.fault = fault;
  verdict.code = code_of(fault);
  verdict.why = why;
}

}  // namespace

std::string_view name_of(RequestFault fault) {
  return kFaults[static_cast<std::size_t>(fault)].name;
}
ResponseCode code_of(RequestFault fault) {
  return kFaults[static_cast<std::size_t>(fault)].code;
}

UserRoles Directory::roles_of(crypto::PartyRole role, Eui64 /*user*/) const {
  switch (role) {
    case crypto::PartyRole::supplier:
      return UserRoles(UserRole::import_supplier) | UserRole::gas_supplier |
             UserRole::export_supplier;
    case crypto::PartyRole::network_operator:
      return UserRoles(UserRole::electricity_distributor) | UserRole::gas_transporter;
    case crypto::PartyRole::commissioning_party:
      return UserRoles(UserRole::import_supplier) | UserRole::gas_supplier;
    default:
      return {};
  }
}
bool Directory::may_send(Eui64 /*user*/) const {
  return true;
}
bool Directory::has_device(Eui64 /*device*/) const {
  return true;
}
bool Directory::has_authority(Eui64 /*user*/, Eui64 /*device*/) const {
  return true;
}
bool Directory::status_allows(Eui64 /*device*/, const ServiceReferenceVariant& /*srv*/) const {
  return true;
}
bool Directory::type_allows(Eui64 /*device*/, const ServiceReferenceVariant& /*srv*/) const {
  return true;
}
bool Directory::allows_local_command(Eui64 /*device*/) const {
  return true;
}

struct RequestJudge::Content {
  std::size_t most_bytes;
  std::uint64_t fast = 0;
  XmlNormaliser xml;
  SignatureInspector inspector;
  std::string why;
  std::string unsigned_text;
  crypto::RequiredSigner required{crypto::CertificateUse::xml_signing,
                                  {crypto::PartyRole::supplier, crypto::PartyRole::network_operator,
                                   crypto::PartyRole::commissioning_party},
                                  std::nullopt};

  void judge_rest(std::string_view canonical, const RequestReading& reading, const TrustView& trust,
                  DuplicateGuard* guard, RequestVerdict& verdict);
  bool check_schema(std::string_view canonical, const RequestReading& reading,
                    const SchemaChecker& schema, RequestVerdict& verdict);
  bool check_signature(std::string_view canonical, const RequestReading& reading,
                       const TrustView& trust, RequestVerdict& verdict);
};

bool RequestJudge::Content::check_schema(std::string_view canonical, const RequestReading& reading,
                                         const SchemaChecker& schema, RequestVerdict& verdict) {
  unsigned_text = canonical;
  if (reading.has_signature)
    unsigned_text.erase(reading.place.begin, reading.place.end - reading.place.begin);
  why = schema.fault_of(unsigned_text);
  if (why.empty()) return true;
  refuse(verdict, RequestFault::schema, why);
  return false;
}

bool RequestJudge::Content::check_signature(std::string_view canonical,
                                            const RequestReading& reading, const TrustView& trust,
                                            RequestVerdict& verdict) {
  if (!reading.has_signature) {
    refuse(verdict, RequestFault::signature, "there is no Signature");
    return false;
  }
  required.party = verdict.id.originator;
  const auto answer = inspector.check(canonical, reading.place, *trust.pki, trust.clock, required);
  verdict.signature = answer.outcome;
  verdict.signer = answer.signer;
  const RequestFault fault = fault_of(answer.outcome);
  if (fault == RequestFault::none) return true;
  refuse(verdict, fault, crypto::name_of(answer.outcome));
  return false;
}

namespace {

// Users, roles and devices, in the order of the codes' meaning: first who asks, then what, then for
// which device.
RequestFault judge_access(const RequestVerdict& v, const TrustView& trust) {
  const Directory& directory = trust.directory == nullptr ? usual_directory() : *trust.directory;
  const ServiceReferenceVariant& srv = *v.srv;
  if (trust.peer && *trust.peer != v.id.originator) return RequestFault::peer_is_not_originator;
  if (v.signer != nullptr) {
    const UserRoles roles = directory.roles_of(v.signer->role, v.id.originator);
    if (roles.empty()) return RequestFault::unknown_user;
    if (!directory.may_send(v.id.originator)) return RequestFault::user_status;
    if (!srv.roles.empty() && !roles.has_any(srv.roles)) return RequestFault::role;
  }
  const bool answers_pre_command = v.command_variant >= 5 && v.command_variant <= 7;
  if (!srv.command_variants.has(v.command_variant) || v.signed_pre_command != answers_pre_command)
    return RequestFault::command_variant;
  if (trust.service && service_of(v.command_variant) != trust.service) return RequestFault::service;
  if (srv.non_device()) return RequestFault::none;
  if (!directory.has_device(v.id.target)) return RequestFault::unknown_device;
  if (!directory.has_authority(v.id.originator, v.id.target)) return RequestFault::authority;
  if (!directory.status_allows(v.id.target, srv)) return RequestFault::device_status;
  if (!directory.type_allows(v.id.target, srv)) return RequestFault::device_type;
  const bool local = v.command_variant == 2 || v.command_variant == 3 || v.command_variant == 6 ||
                     v.command_variant == 7;
  if (local && !directory.allows_local_command(v.id.target)) return RequestFault::local_command;
  return RequestFault::none;
}

}  // namespace

void RequestJudge::Content::judge_rest(std::string_view canonical, const RequestReading& reading,
                                       const TrustView& trust, DuplicateGuard* guard,
                                       RequestVerdict& verdict) {
  if (trust.schema != nullptr && !check_schema(canonical, reading, *trust.schema, verdict)) return;
  if (trust.verify_signatures && trust.pki != nullptr &&
      !check_signature(canonical, reading, trust, verdict))
    return;
  if (const RequestFault fault = judge_access(verdict, trust); fault != RequestFault::none)
    return refuse(verdict, fault, name_of(fault));
  if (guard != nullptr && !guard->admit(verdict.id, verdict.signed_pre_command))
    return refuse(verdict, RequestFault::duplicate, "the counter was used before or is too old");
  verdict.code = service_of(verdict.command_variant) == DccService::send_command
                     ? response_code::kI99
                     : response_code::kI0;
}

RequestJudge::RequestJudge(std::size_t most_bytes) : content_(std::make_unique<Content>()) {
  content_->most_bytes = most_bytes;
}
RequestJudge::~RequestJudge() = default;

std::uint64_t RequestJudge::fast() const {
  return content_->fast;
}

RequestVerdict RequestJudge::judge(std::string_view bytes, const TrustView& trust,
                                   DuplicateGuard* guard) {
  if (bytes.size() <= content_->most_bytes) {
    RequestVerdict verdict;
    const RequestReading reading = read_request(bytes, TagSource::any, verdict);
    if (reading.fault == RequestFault::none && reading.canonical) {
      ++content_->fast;
      content_->judge_rest(bytes, reading, trust, guard, verdict);
      return verdict;
    }
  }
  return judge_with_tree(bytes, trust, guard);
}

RequestVerdict RequestJudge::judge_with_tree(std::string_view bytes, const TrustView& trust,
                                             DuplicateGuard* guard) {
  RequestVerdict verdict;
  const ReadOutcome outcome = content_->xml.normalise(bytes, content_->most_bytes);
  if (outcome != ReadOutcome::ok) {
    refuse(verdict, fault_of(outcome), content_->xml.why());
    return verdict;
  }
  const std::string& canonical = content_->xml.text();
  const RequestReading reading = read_request(canonical, TagSource::canonical, verdict);
  if (reading.fault != RequestFault::none)
    refuse(verdict, reading.fault, reading.why);
  else
    content_->judge_rest(canonical, reading, trust, guard, verdict);
  return verdict;
}

}  // namespace s1flow::codecs::duis
