#include <string>

#include <gtest/gtest.h>

#include "codecs/crypto/xml_security_names.h"
#include "codecs/crypto/xmlenc.h"
#include "core/text.h"
#include "tests/codecs/xmldsig_support.h"

namespace s1flow::codecs::crypto {
namespace {

using namespace testing_support;  // NOLINT: only this file

constexpr std::string_view kElement =
    "<c:Credential xmlns:c=\"urn:c\">0011 &amp; 22</c:Credential>";

EncryptedKeySpec spec_for(PartyRole role, KeyTransport transport, std::string id = "key-1") {
  EncryptedKeySpec spec;
  spec.id = std::move(id);
  spec.transport = transport;
  spec.originator = kRequestingParty;
  spec.certificate =
      entry_of(role, transport == KeyTransport::ecdh_es ? CertificateUse::key_agreement
                                                        : CertificateUse::key_encipherment)
          .certificate;
  return spec;
}

KeyHolder holder_of(PartyRole role, CertificateUse use, std::string key_name = {}) {
  const PkiEntry& entry = entry_of(role, use);
  return {entry.certificate, entry.key(), std::move(key_name)};
}

std::vector<KeyHolder> holders_of(PartyRole role) {
  return {holder_of(role, CertificateUse::key_agreement),
          holder_of(role, CertificateUse::key_encipherment)};
}

std::string encrypted_key(const ContentKey& key, const EncryptedKeySpec& spec,
                          Declare declare = Declare::here) {
  std::string out;
  EXPECT_TRUE(append_encrypted_key(out, key, spec, declare));
  return out;
}

ParsedEncryptedKey parsed_key(const std::string& text) {
  EncryptionReader reader;
  ParsedEncryptedKey key;
  const EncryptionReading reading = reader.read_key(text, {}, key);
  EXPECT_EQ(reading.shape, EncryptionShape::ok) << reading.why << "\n" << text;
  return key;
}

std::string canonical(std::string_view element) {
  SmallXml xml;
  EXPECT_EQ(xml.read(element, {}), XmlFault::none);
  std::string out;
  xml.append_exclusive_c14n(xml.root(), out);
  return out;
}

class TransportTest : public testing::TestWithParam<KeyTransport> {};

TEST_P(TransportTest, TakesAValueToItsRecipientOnly) {
  const ContentKey key = *ContentKey::generate();
  const std::string key_text = encrypted_key(key, spec_for(PartyRole::s1sp, GetParam()));
  auto sealer = *ContentSealer::make(key);
  std::string data_text;
  ASSERT_TRUE(EncryptedDataForm(KeyLinkKind::retrieval_method, "key-1")
                  .append_sealed(data_text, sealer, {1, 0}, as_bytes(kElement)));
  EXPECT_EQ(canonical(key_text), key_text);
  EXPECT_EQ(canonical(data_text), data_text);

  const std::vector<ParsedEncryptedKey> keys{parsed_key(key_text)};
  EXPECT_EQ(keys[0].id, "key-1");
  EXPECT_EQ(keys[0].recipient, kS1sp.text());
  const auto received = ReceivedKeys::open(keys, holders_of(PartyRole::s1sp), kRequestingParty);
  ASSERT_EQ(received.outcome(), KeyOpening::ok);
  EncryptionReader reader;
  ParsedEncryptedData data;
  ASSERT_EQ(reader.read_data(data_text, {}, data).shape, EncryptionShape::ok);
  const ReceivedKey* content = received.find(data.link_kind, data.link);
  ASSERT_NE(content, nullptr);
  auto opener = *ContentOpener::make(*content);
  Secret plaintext;
  ASSERT_TRUE(opener.open(data.cipher_value, plaintext));
  EXPECT_EQ(plaintext.view(), kElement);

  EXPECT_EQ(ReceivedKeys::open(keys, holders_of(PartyRole::dco), kRequestingParty).outcome(),
            KeyOpening::not_for_us);
  EXPECT_EQ(ReceivedKeys::open(keys, {}, kRequestingParty).outcome(), KeyOpening::not_for_us);
}

TEST_P(TransportTest, CanDeclareTheNamespacesOutside) {
  const ContentKey key = *ContentKey::generate();
  const std::string text =
      encrypted_key(key, spec_for(PartyRole::dco, GetParam()), Declare::outside);
  EXPECT_EQ(text.find("xmlns:ds="), std::string::npos);
  EXPECT_EQ(text.find("xmlns:xenc="), std::string::npos);
  EncryptionReader reader;
  ParsedEncryptedKey parsed;
  EXPECT_EQ(reader.read_key(text, {}, parsed).shape, EncryptionShape::wrong_shape);
  const NamespaceContext context{{"xenc", std::string(uri::kXenc)}, {"ds", std::string(uri::kDs)}};
  EXPECT_EQ(reader.read_key(text, context, parsed).shape, EncryptionShape::ok);
}

TEST_P(TransportTest, CanNameTheKeyInstead) {
  const ContentKey key = *ContentKey::generate();
  EncryptedKeySpec spec = spec_for(PartyRole::s1sp, GetParam());
  spec.recipient_key_name = "S1SP & key <1>";
  spec.carried_key_name = "week 17";
  const std::vector<ParsedEncryptedKey> keys{parsed_key(encrypted_key(key, spec))};
  EXPECT_EQ(keys[0].key_name, spec.recipient_key_name);
  EXPECT_TRUE(keys[0].issuer.empty());
  const auto use = GetParam() == KeyTransport::ecdh_es ? CertificateUse::key_agreement
                                                       : CertificateUse::key_encipherment;
  const KeyHolder named = holder_of(PartyRole::s1sp, use, spec.recipient_key_name);
  const auto received = ReceivedKeys::open(keys, {&named, 1}, kRequestingParty);
  EXPECT_EQ(received.outcome(), KeyOpening::ok);
  EXPECT_NE(received.find(KeyLinkKind::key_name, "week 17"), nullptr);
  EXPECT_EQ(received.find(KeyLinkKind::key_name, "key-1"), nullptr);
  EXPECT_EQ(received.find(KeyLinkKind::retrieval_method, "week 17"), nullptr);
  const KeyHolder other = holder_of(PartyRole::s1sp, use, "S1SP");
  EXPECT_EQ(ReceivedKeys::open(keys, {&other, 1}, kRequestingParty).outcome(),
            KeyOpening::not_for_us);
}

TEST_P(TransportTest, GivesOneAnswerForEveryKindOfFailure) {
  const ContentKey key = *ContentKey::generate();
  const ParsedEncryptedKey good =
      parsed_key(encrypted_key(key, spec_for(PartyRole::s1sp, GetParam())));
  const auto outcome = [&](const ParsedEncryptedKey& k) {
    return ReceivedKeys::open({&k, 1}, holders_of(PartyRole::s1sp), kRequestingParty).outcome();
  };
  EXPECT_EQ(outcome(good), KeyOpening::ok);
  for (std::size_t i = 0; i < good.wrapped.size(); i += 7) {
    ParsedEncryptedKey damaged = good;
    damaged.wrapped[i] ^= 1;
    EXPECT_EQ(outcome(damaged), KeyOpening::failed);
  }
  ParsedEncryptedKey damaged = good;
  damaged.wrapped.pop_back();
  EXPECT_EQ(outcome(damaged), KeyOpening::failed);
  damaged = good;
  damaged.wrapped.clear();
  EXPECT_EQ(outcome(damaged), KeyOpening::failed);
  // Said to be of another kind: the named key cannot do that.
  damaged = good;
  damaged.transport =
      GetParam() == KeyTransport::ecdh_es ? KeyTransport::rsa_oaep_sha1 : KeyTransport::ecdh_es;
  EXPECT_EQ(outcome(damaged), KeyOpening::failed);
}
INSTANTIATE_TEST_SUITE_P(Kinds, TransportTest,
                         testing::Values(KeyTransport::ecdh_es, KeyTransport::rsa_oaep_sha1,
                                         KeyTransport::rsa_oaep_sha256),
                         [](const auto& test) { return transport_name(test.param); });

TEST(ReceivedKeysTest, RefusesParametersOfAnotherPartyOrKind) {
  const ContentKey key = *ContentKey::generate();
  const ParsedEncryptedKey good =
      parsed_key(encrypted_key(key, spec_for(PartyRole::s1sp, KeyTransport::ecdh_es)));
  const auto outcome = [&](const ParsedEncryptedKey& k, Eui64 originator = kRequestingParty) {
    return ReceivedKeys::open({&k, 1}, holders_of(PartyRole::s1sp), originator).outcome();
  };
  EXPECT_EQ(outcome(good, kDco),
            KeyOpening::failed);  // the file says that it is from another party
  for (std::string AgreementInfo::*field :
       {&AgreementInfo::algorithm_id, &AgreementInfo::party_u, &AgreementInfo::party_v}) {
    ParsedEncryptedKey changed = good;
    (changed.info.*field).back() ^= 1;
    EXPECT_EQ(outcome(changed), KeyOpening::failed);
    (changed.info.*field).clear();
    EXPECT_EQ(outcome(changed), KeyOpening::failed);
  }
  ParsedEncryptedKey point = good;
  point.ephemeral[10] ^= 1;
  EXPECT_EQ(outcome(point), KeyOpening::failed);
}

TEST(ReceivedKeysTest, OpensItsOwnAmongManyAndNoMoreThan16) {
  const ContentKey for_s1sp = *ContentKey::generate();
  const ContentKey for_dco = *ContentKey::generate();
  std::vector<ParsedEncryptedKey> keys{
      parsed_key(encrypted_key(for_s1sp, spec_for(PartyRole::s1sp, KeyTransport::ecdh_es, "a"))),
      parsed_key(encrypted_key(for_dco, spec_for(PartyRole::dco, KeyTransport::ecdh_es, "b")))};
  const auto received = ReceivedKeys::open(keys, holders_of(PartyRole::dco), kRequestingParty);
  EXPECT_EQ(received.outcome(), KeyOpening::ok);
  EXPECT_EQ(received.find(KeyLinkKind::retrieval_method, "a"), nullptr);
  const ReceivedKey* own = received.find(KeyLinkKind::retrieval_method, "b");
  ASSERT_NE(own, nullptr);
  EXPECT_TRUE(std::ranges::equal(own->bytes(), for_dco.bytes()));

  std::vector<ParsedEncryptedKey> twice = keys;
  twice[1].id = "a";
  EXPECT_EQ(ReceivedKeys::open(twice, holders_of(PartyRole::dco), kRequestingParty).outcome(),
            KeyOpening::wrong_shape);
  while (keys.size() < 16) {
    keys.push_back(keys[0]);
    keys.back().id += std::to_string(keys.size());
  }
  EXPECT_EQ(ReceivedKeys::open(keys, holders_of(PartyRole::dco), kRequestingParty).outcome(),
            KeyOpening::ok);
  keys.push_back(keys[0]);
  keys.back().id = "last";
  EXPECT_EQ(ReceivedKeys::open(keys, holders_of(PartyRole::dco), kRequestingParty).outcome(),
            KeyOpening::wrong_shape);
}

TEST(ReceivedKeysTest, FailsWhenTheKeysOfTwoRecipientsAreSwapped) {
  const ContentKey key = *ContentKey::generate();
  ParsedEncryptedKey a =
      parsed_key(encrypted_key(key, spec_for(PartyRole::s1sp, KeyTransport::ecdh_es, "a")));
  const ParsedEncryptedKey b =
      parsed_key(encrypted_key(key, spec_for(PartyRole::dco, KeyTransport::ecdh_es, "b")));
  a.wrapped = b.wrapped;
  EXPECT_EQ(ReceivedKeys::open({&a, 1}, holders_of(PartyRole::s1sp), kRequestingParty).outcome(),
            KeyOpening::failed);
}

TEST(EncryptedKeyWriterTest, RefusesWhatItCannotMake) {
  const ContentKey key = *ContentKey::generate();
  const auto fails = [&](EncryptedKeySpec spec) {
    std::string out = "before";
    const bool failed = !append_encrypted_key(out, key, spec).has_value();
    EXPECT_TRUE(!failed || out == "before");
    return failed;
  };
  EncryptedKeySpec spec = spec_for(PartyRole::s1sp, KeyTransport::ecdh_es);
  EXPECT_FALSE(fails(spec));
  for (const std::string& id : {std::string(), std::string("1a"), std::string("a b"),
                                std::string("a\"b"), std::string(65, 'a'), std::string("#a")}) {
    spec.id = id;
    EXPECT_TRUE(fails(spec)) << id;
  }
  spec = spec_for(PartyRole::s1sp, KeyTransport::ecdh_es);
  spec.transport = KeyTransport::rsa_oaep_sha1;
  EXPECT_TRUE(fails(spec));
  spec = spec_for(PartyRole::s1sp, KeyTransport::rsa_oaep_sha1);
  spec.transport = KeyTransport::ecdh_es;
  EXPECT_TRUE(fails(spec));
  spec = spec_for(PartyRole::s1sp, KeyTransport::ecdh_es);
  spec.certificate = entry_of(PartyRole::s1sp, CertificateUse::file_signing).certificate;
  EXPECT_TRUE(fails(spec));
  spec.certificate = Certificate();
  EXPECT_TRUE(fails(spec));
}

TEST(EncryptedDataTest, CarriesAGivenCipherValue) {
  std::string out;
  EncryptedDataForm(KeyLinkKind::key_name, "a<b&c").append(out, "QUJD");
  EncryptionReader reader;
  ParsedEncryptedData data;
  ASSERT_EQ(reader.read_data(out, {}, data).shape, EncryptionShape::ok);
  EXPECT_EQ(data.link_kind, KeyLinkKind::key_name);
  EXPECT_EQ(data.link, "a<b&c");
  EXPECT_EQ(data.cipher_value, "QUJD");
}

}  // namespace
}  // namespace s1flow::codecs::crypto
