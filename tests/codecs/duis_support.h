#pragma once
// What the DUIS tests share: signers out of the tests' PKI, and messages to begin with.

#include <optional>
#include <string>
#include <string_view>

#include "codecs/duis/request.h"
#include "codecs/duis/response.h"
#include "tests/codecs/crypto_support.h"

namespace s1flow::codecs::duis::testing_support {

inline constexpr Eui64 kDevice{0x001DB2000A0B0C0D};
inline constexpr Eui64 kHub{0x001DB2000A0B0C01};

[[nodiscard]] const ServiceReferenceVariant& srv(std::string_view variant);
[[nodiscard]] UtcTime time_of(std::string_view text);
[[nodiscard]] RequestValues values_of(std::uint64_t counter);

// By the supplier's XML-signing key.
[[nodiscard]] RequestSigner supplier_signer();
[[nodiscard]] RequestSigner signer_of(crypto::PartyRole role);
[[nodiscard]] std::string request_of(std::string_view variant, std::uint64_t counter = 1,
                                     const RequestOptions& options = {});
[[nodiscard]] std::string unsigned_request_of(std::string_view variant,
                                              const RequestOptions& options = {});
// Signs a canonical document of the tests' own.
[[nodiscard]] std::string signed_by(crypto::PartyRole role, std::string document);

// With keys of the DCC and the S1SP.
[[nodiscard]] ResponseWriter make_response_writer();

// The path in S1FLOW_DUIS_SCHEMA, when it is set.
[[nodiscard]] std::optional<std::string> published_schema();

}  // namespace s1flow::codecs::duis::testing_support
