#include "tests/codecs/duis_support.h"

#include <cstdlib>

#include <gtest/gtest.h>

namespace s1flow::codecs::duis::testing_support {

using namespace crypto::testing_support;  // NOLINT: only this file
using crypto::CertificateUse;
using crypto::PartyRole;

const ServiceReferenceVariant& srv(std::string_view variant) {
  return *find_srv(variant);
}

UtcTime time_of(std::string_view text) {
  return *UtcTime::parse(text);
}

RequestValues values_of(std::uint64_t counter) {
  RequestValues values;
  values.id = {kSupplier, kDevice, counter};
  values.device = kHub;
  values.execution = time_of("2019-07-02T01:30:00Z");
  values.from = time_of("2019-06-30T00:00:00Z");
  values.until = time_of("2019-07-01T00:00:00.99Z");
  return values;
}

RequestSigner signer_of(PartyRole role) {
  const auto& entry = entry_of(role, CertificateUse::xml_signing);
  auto signer = RequestSigner::make(entry.certificate, entry.key());
  EXPECT_TRUE(signer);
  return *std::move(signer);
}
RequestSigner supplier_signer() {
  return signer_of(PartyRole::supplier);
}

std::string request_of(std::string_view variant, std::uint64_t counter,
                       const RequestOptions& options) {
  auto form = RequestTemplate::shipped(srv(variant), options);
  EXPECT_TRUE(form) << form.error().message();
  RequestSigner signer = supplier_signer();
  PreparedRequest request(*form, signer);
  const auto made = request.make(values_of(counter));
  EXPECT_TRUE(made);
  return std::string(*made);
}

std::string unsigned_request_of(std::string_view variant, const RequestOptions& options) {
  auto form = RequestTemplate::shipped(srv(variant), options);
  EXPECT_TRUE(form) << form.error().message();
  PreparedRequest request(*form);
  return std::string(*request.make(values_of(1)));
}

std::string signed_by(PartyRole role, std::string document) {
  const auto& entry = entry_of(role, CertificateUse::xml_signing);
  auto maker = crypto::SignatureMaker::make(entry.certificate, entry.key());
  EXPECT_TRUE(maker);
  EXPECT_TRUE(maker->sign_message(document));
  return document;
}

ResponseWriter make_response_writer() {
  const auto maker_of = [](PartyRole role) {
    const auto& entry = entry_of(role, CertificateUse::xml_signing);
    return *crypto::SignatureMaker::make(entry.certificate, entry.key());
  };
  return {maker_of(PartyRole::dcc), maker_of(PartyRole::s1sp)};
}

std::optional<std::string> published_schema() {
  const char* const path = std::getenv("S1FLOW_DUIS_SCHEMA");
  if (path == nullptr) return std::nullopt;
  return path;
}

}  // namespace s1flow::codecs::duis::testing_support
