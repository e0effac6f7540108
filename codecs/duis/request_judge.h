#pragma once
// Strict verification of Service Requests, as the DCC's side of a test does it: shape, header,
// signature, signer, role, Command Variant, service, device, duplicates; the verdict is a response
// code and the reason behind it (docs/formats/duis.md has the table).
//
// Requests in the canonical layout that s1flow writes are judged in one pass without a tree; all
// others by libxml2. Both ways give the same verdict; judge_with_tree takes the second one always.
//
// A RequestJudge is kept per worker and reused; not thread-safe. TrustView, Directory and
// DuplicateGuard may be shared.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "codecs/crypto/pki.h"
#include "codecs/crypto/xmldsig.h"
#include "codecs/duis/message_id.h"
#include "codecs/duis/response_code.h"
#include "core/calendar.h"
#include "core/device.h"
#include "core/result.h"
#include "core/srv_table.h"

namespace s1flow::codecs::duis {

// What is known of Users and Devices beside their certificates. The one here answers from a
// certificate's role and knows every device; give another for negative tests.
class Directory {
 public:
  Directory() = default;
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  virtual ~Directory() = default;

  // User Roles of a party; empty: E1. By default a supplier is IS, GS and ES, a network operator ED
  // and GT, a commissioning party IS and GS (s1flow's own choice), nobody else a User.
  [[nodiscard]] virtual UserRoles roles_of(crypto::PartyRole role, Eui64 user) const;
  // False: E3.
  [[nodiscard]] virtual bool may_send(Eui64 user) const;
  // False: E19.
  [[nodiscard]] virtual bool has_device(Eui64 device) const;
  // False: E4.
  [[nodiscard]] virtual bool has_authority(Eui64 user, Eui64 device) const;
  // False: E5.
  [[nodiscard]] virtual bool status_allows(Eui64 device, const ServiceReferenceVariant& srv) const;
  // False: E11.
  [[nodiscard]] virtual bool type_allows(Eui64 device, const ServiceReferenceVariant& srv) const;
  // False: E17.
  [[nodiscard]] virtual bool allows_local_command(Eui64 device) const;
};

class SchemaChecker;

// What a request is judged against. All of it is shared and only read.
struct TrustView {
  const crypto::Pki* pki = nullptr;
  UtcTime clock;
  const Directory* directory = nullptr;   // null: the one above
  std::optional<DccService> service;      // that the request came in by, when it is known
  const SchemaChecker* schema = nullptr;  // null: shape and body element are checked, no more
  bool verify_signatures = true;
  // By its TLS certificate; nothing: it is not looked at. One without an EUI-64 is nobody.
  std::optional<Eui64> peer;
};

// Counters of originators. Any thread may ask.
class DuplicateGuard {
 public:
  enum class Order : std::uint8_t {
    rising,  // a counter must be larger than any before it, as DUIS wants
    window   // must be new and within the last 65,536: for senders with several connections
  };
  explicit DuplicateGuard(Order order);
  DuplicateGuard(const DuplicateGuard&) = delete;
  DuplicateGuard& operator=(const DuplicateGuard&) = delete;
  ~DuplicateGuard();

  // Whether it is new; it is remembered then. A Signed Pre-Command has the RequestID of the request
  // before it, so those two are kept apart.
  [[nodiscard]] bool admit(const MessageId& id, bool signed_pre_command);

 private:
  struct Content;
  std::unique_ptr<Content> content_;
};

enum class RequestFault : std::uint8_t {
  none,
  too_large,
  not_xml,
  doctype,
  not_allowed,  // comment, processing instruction, CDATA section
  not_a_request,
  header,  // RequestID, Command Variant, reference or variant are not the schema's
  body,    // not exactly one element, or not that of the variant
  schema,
  signature,  // missing, doubled, of a wrong shape, or does not hold: RequestVerdict::signature
  signer,     // not known, trusted, valid, or not for this: RequestVerdict::signature
  signer_is_not_originator,
  peer_is_not_originator,  // the other end of the connection is somebody else
  unknown_user,
  user_status,
  role,
  command_variant,
  service,
  unknown_device,
  authority,
  device_status,
  device_type,
  local_command,
  duplicate
};
inline constexpr std::size_t kRequestFaults = 24;
[[nodiscard]] std::string_view name_of(RequestFault fault);
// The code that a fault is answered with.
[[nodiscard]] ResponseCode code_of(RequestFault fault);

struct RequestVerdict {
  RequestFault fault = RequestFault::none;
  ResponseCode
      code;  // what to answer: I0, or I99 where the service is Send Command, or the fault's
  crypto::SignatureOutcome signature = crypto::SignatureOutcome::missing;
  bool has_header = false;  // the three below are known
  MessageId id;
  const ServiceReferenceVariant* srv = nullptr;
  unsigned command_variant = 0;
  bool signed_pre_command = false;
  std::string_view gbcs_payload;             // base64, of a Signed Pre-Command
  std::optional<UtcTime> execution;          // ExecutionDateTime
  const crypto::PkiEntry* signer = nullptr;  // when known; lives as long as the Pki
  std::string_view why;                      // in a few words; until the next judgement

  [[nodiscard]] bool accepted() const { return fault == RequestFault::none; }
};

class RequestJudge {
 public:
  static constexpr std::size_t kMostBytes = 16UL << 20;  // firmware images travel in requests

  explicit RequestJudge(std::size_t most_bytes = kMostBytes);
  RequestJudge(const RequestJudge&) = delete;
  RequestJudge& operator=(const RequestJudge&) = delete;
  ~RequestJudge();

  // Views in the verdict point into `bytes` or into the judge and hold until the next judgement.
  // `guard` may be null: then duplicates are not looked for.
  [[nodiscard]] RequestVerdict judge(std::string_view bytes, const TrustView& trust,
                                     DuplicateGuard* guard);
  [[nodiscard]] RequestVerdict judge_with_tree(std::string_view bytes, const TrustView& trust,
                                               DuplicateGuard* guard);

  // How many were judged without a tree.
  [[nodiscard]] std::uint64_t fast() const;

 private:
  struct Content;
  std::unique_ptr<Content> content_;
};

}  // namespace s1flow::codecs::duis
