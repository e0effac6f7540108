#pragma once
// Signed Service Requests at full rate. A template (schemas/srv/<variant>.xml, or one of the
// user's own) is compiled once; a PreparedRequest holds its bytes with the signer's ds:Signature
// and overwrites only what varies, in place:
//
//   RequestTemplate  immutable text and slots; copies share it; any number of threads may use it
//   RequestSigner    one XML-signing key; one per worker, not thread-safe
//   PreparedRequest  one template for one signer; one per worker, not thread-safe
//
// The bytes are canonical XML without an XML declaration, so what is digested is what is sent
// (docs/formats/duis.md). In the steady state nothing is allocated beside what OpenSSL does inside
// a signature. Signatures are randomised: the same values give other bytes each time.
//
// A mark in a template is a name in braces, in text: {request-id}, {command-variant}, {device},
// {execution}, {from}, {until}. The element ExecutionDateTime of an on-demand request is left out
// unless the template says that it is mandatory ({execution!}).

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "codecs/crypto/certificate.h"
#include "codecs/crypto/digest.h"
#include "codecs/crypto/key.h"
#include "codecs/duis/message_id.h"
#include "core/calendar.h"
#include "core/result.h"
#include "core/srv_table.h"

namespace s1flow::codecs::duis {

enum class Dating : bool { on_demand, future_dated };

struct RequestOptions {
  unsigned command_variant = 0;  // 0: the one that a User sends first
  Dating dating = Dating::on_demand;
};

// What varies from one request to the next. Times are written in hundredths of a second.
struct RequestValues {
  MessageId id;       // User, then Device (or the DCC for Non-Device), counter
  Eui64 device;       // that the body names, where it names one; the target when empty
  UtcTime execution;  // of a future-dated request
  UtcTime from;       // period of a log, first day of a schedule, time to set
  UtcTime until;
};

class RequestTemplate {
 public:
  // The shipped template. A usage error when the variant does not allow the options.
  [[nodiscard]] static Result<RequestTemplate> shipped(const ServiceReferenceVariant& srv,
                                                       const RequestOptions& options = {});
  // Another template for the same variant; an error unless it is one canonical sr:Request of that
  // variant with the mark {request-id}, and has no unknown mark.
  [[nodiscard]] static Result<RequestTemplate> compile(std::string_view xml,
                                                       const ServiceReferenceVariant& srv,
                                                       const RequestOptions& options = {});
  [[nodiscard]] const ServiceReferenceVariant& srv() const;
  [[nodiscard]] unsigned command_variant() const;
  [[nodiscard]] DccService service() const;
  // Whether a value is used at all.
  [[nodiscard]] bool names_device() const;
  [[nodiscard]] bool names_execution() const;
  [[nodiscard]] bool names_period() const;

  struct Content;
  [[nodiscard]] const Content& content() const { return *content_; }  // for PreparedRequest

 private:
  explicit RequestTemplate(std::shared_ptr<const Content> content);
  std::shared_ptr<const Content> content_;
};

class RequestSigner {
 public:
  // An error unless the key is EC P-256, belongs to the certificate, and the certificate allows
  // digital signatures.
  [[nodiscard]] static Result<RequestSigner> make(const crypto::Certificate& certificate,
                                                  const crypto::PrivateKey& key);
  // From the end of SignatureValue to the end of the Signature.
  [[nodiscard]] std::string_view key_info() const { return key_info_; }
  // Puts DigestValue (44 characters) and SignatureValue (88) to these places, for the document
  // whose digest is given.
  [[nodiscard]] Status sign(const crypto::Sha256Digest& document, char* digest_value,
                            char* signature_value);

 private:
  RequestSigner(crypto::Signer signer, std::string key_info);
  crypto::Signer signer_;
  std::string key_info_;
  crypto::Sha256State signed_info_;  // up to DigestValue
};

class PreparedRequest {
 public:
  // Unsigned: for schema checks and for refusals on purpose.
  explicit PreparedRequest(RequestTemplate form);
  // `signer` must outlive this; several requests of a worker may share it.
  PreparedRequest(RequestTemplate form, RequestSigner& signer);

  // Overwrites the values and signs. The view holds until the next call. Allocates only when the
  // counter has another number of digits than before.
  [[nodiscard]] Result<std::string_view> make(const RequestValues& values);
  // As make, without signing anew: what stands in the signature is of the request before. For
  // measuring, and for requests that must be refused.
  [[nodiscard]] std::string_view patch(const RequestValues& values);
  // As make, into the caller's memory; gives the size. A usage error when there is no room.
  [[nodiscard]] Result<std::size_t> write(const RequestValues& values, std::span<char> to);

  // Enough room for any values.
  [[nodiscard]] std::size_t most_bytes() const;
  [[nodiscard]] const RequestTemplate& form() const { return form_; }

 private:
  // Where a value stands in the image.
  struct Place {
    std::uint8_t slot = 0;
    std::size_t offset = 0;
  };
  void lay_out(std::size_t digits);

  RequestTemplate form_;
  RequestSigner* signer_ = nullptr;
  std::string image_;
  std::vector<Place> places_;
  std::size_t digits_ = 0;     // of the counter that the image is laid out for
  std::size_t body_end_ = 0;   // bytes before the Signature
  std::size_t digest_at_ = 0;  // DigestValue and SignatureValue in the image
  std::size_t value_at_ = 0;
  std::size_t first_place_ = 0;  // bytes that never change, already in prefix_
  crypto::Sha256State prefix_;
};

// A Signed Pre-Command of a critical variant (Command Variant 5, 6 or 7) with the GBCS bytes that
// answer the Pre-Command, appended to `out` and signed. `values` as above; the request's ID must be
// that of the request that was transformed. On an error `out` is as before.
[[nodiscard]] Status append_signed_pre_command(
    std::string& out, RequestSigner& signer, const ServiceReferenceVariant& srv,
    const RequestValues& values, std::span<const unsigned char> gbcs_payload,
    const RequestOptions& options = {.command_variant = 5});

}  // namespace s1flow::codecs::duis
