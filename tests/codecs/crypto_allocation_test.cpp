// What is done for every record or message allocates nothing once its scratch has grown.

#include <string>

#include <gtest/gtest.h>

#include "codecs/crypto/xmlenc.h"
#include "core/text.h"
#include "tests/codecs/allocation_counter.h"
#include "tests/codecs/xmldsig_support.h"

namespace s1flow::codecs::crypto {
namespace {

using namespace testing_support;  // NOLINT: only this file
using s1flow::testing_support::allocations;

// Allocations of five more runs after a first one.
template <typename Work>
std::size_t allocations_of(Work work) {
  EXPECT_TRUE(work(0));
  const std::size_t before = allocations();
  bool good = true;
  for (std::uint64_t i = 1; i <= 5; ++i) good = good && work(i);
  const std::size_t used = allocations() - before;
  EXPECT_TRUE(good);
  return used;
}

std::string roomy() {
  std::string out;
  out.reserve(64 * 1024);
  return out;
}

TEST(AllocationTest, SealingAValue) {
  const ContentKey key = *ContentKey::generate();
  auto sealer = *ContentSealer::make(key);
  const EncryptedDataForm form(KeyLinkKind::retrieval_method, "k1");
  std::string out = roomy();
  EXPECT_EQ(allocations_of([&](std::uint64_t i) {
              return form.append_sealed(out, sealer, {i, 0}, as_bytes(kDocument)).has_value();
            }),
            0U);
}

TEST(AllocationTest, ReadingAnEncryptedData) {
  std::string element;
  EncryptedDataForm(KeyLinkKind::retrieval_method, "k1").append(element, std::string(400, 'A'));
  EncryptionReader reader;
  ParsedEncryptedData data;
  EXPECT_EQ(allocations_of([&](std::uint64_t) {
              return reader.read_data(element, {}, data).shape == EncryptionShape::ok;
            }),
            0U);
}

TEST(AllocationTest, OpeningAValueTakesOnlyTheDecodedBytes) {
  const ContentKey key = *ContentKey::generate();
  std::string sealed;
  ASSERT_TRUE(ContentSealer::make(key)->seal({1, 0}, as_bytes(kDocument), sealed));
  auto opener = *ContentOpener::make(*ReceivedKey::make(Secret(key.bytes())));
  Secret plaintext;
  EXPECT_LE(allocations_of([&](std::uint64_t) { return opener.open(sealed, plaintext); }), 5U);
}

TEST(AllocationTest, SigningADigestOrAMessage) {
  const PkiEntry& entry = entry_of(PartyRole::dcc, CertificateUse::xml_signing);
  auto maker = *SignatureMaker::make(entry.certificate, entry.key());
  std::string out = roomy();
  EXPECT_EQ(allocations_of([&](std::uint64_t) {
              return maker.append_signature(out, document_digest()).has_value();
            }),
            0U);
  EXPECT_EQ(allocations_of([&](std::uint64_t) {
              out.assign(kDocument);
              return maker.sign_message(out).has_value();
            }),
            0U);
}

}  // namespace
}  // namespace s1flow::codecs::crypto
