// Every element and attribute of a good EncryptedKey and EncryptedData spoilt in turn: renamed,
// taken away, doubled, given an attribute or a text that it must not have. None of that may be
// read.

#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "codecs/crypto/enclosed_key.h"
#include "codecs/crypto/xmldsig.h"
#include "codecs/crypto/xmlenc.h"
#include "core/text.h"
#include "tests/codecs/xmldsig_support.h"

namespace s1flow::codecs::crypto {
namespace {

using namespace testing_support;  // NOLINT: only this file

struct Spoilt {
  std::string what;
  std::string text;
};

// What our writers make: no comments, no empty-element tags, no '>' in attributes.
class Spoiler {
 public:
  explicit Spoiler(const std::string& good) : good_(good) {
    for (std::size_t at = good.find('<'); at != std::string::npos; at = good.find('<', at + 1))
      if (good[at + 1] != '/') spoil(at);
  }
  [[nodiscard]] const std::vector<Spoilt>& all() const { return all_; }

 private:
  void spoil(std::size_t begin) {
    const std::size_t tag_end = good_.find('>', begin);
    const std::size_t name_end = good_.find_first_of(" >", begin);
    const std::string name = good_.substr(begin + 1, name_end - begin - 1);
    const std::size_t end = end_of(begin, name);
    const std::string close = "</" + name + ">";
    const std::string element = good_.substr(begin, end - begin);
    const std::string before = good_.substr(0, begin), after = good_.substr(end);
    if (begin != 0) {  // the root alone is what it is
      add(name + " twice", before + element + element + after);
      add(name + " gone", before + after);
    }
    add(name + " renamed",
        before + "<" + name + "x" +
            element.substr(name.size() + 1, element.size() - name.size() - 1 - close.size()) +
            "</" + name + "x>" + after);
    add(name + " with an attribute",
        good_.substr(0, name_end) + " bad=\"1\"" + good_.substr(name_end));
    add(name + " with text", good_.substr(0, tag_end + 1) + "!" + good_.substr(tag_end + 1));
    add(name + " with an element", good_.substr(0, end - close.size()) + "<b xmlns=\"urn:b\"></b>" +
                                       good_.substr(end - close.size()));
    for (std::size_t a = good_.find(' ', begin); a < tag_end; a = good_.find(' ', a + 1)) {
      const std::size_t quote = good_.find('"', a), last = good_.find('"', quote + 1);
      const std::string attribute = good_.substr(a + 1, quote - a - 2);
      add(name + " without " + attribute, good_.substr(0, a) + good_.substr(last + 1));
      add(name + " of another " + attribute, good_.substr(0, last) + "x" + good_.substr(last));
    }
  }
  [[nodiscard]] std::size_t end_of(std::size_t begin, const std::string& name) const {
    std::size_t depth = 0;
    for (std::size_t at = begin;; at = good_.find('<', at + 1)) {
      if (good_.compare(at, name.size() + 1, "<" + name) == 0 &&
          (good_[at + name.size() + 1] == ' ' || good_[at + name.size() + 1] == '>'))
        ++depth;
      else if (good_.compare(at, name.size() + 3, "</" + name + ">") == 0 && --depth == 0)
        return at + name.size() + 3;
    }
  }
  void add(std::string what, std::string text) {
    all_.push_back({std::move(what), std::move(text)});
  }

  std::string good_;
  std::vector<Spoilt> all_;
};

// What may be otherwise: names and hints, which decide nothing or are looked up later.
bool is_free(const std::string& what, KeyTransport transport) {
  for (const char* free :
       {"xenc:EncryptedKey without Recipient", "xenc:EncryptedKey of another Recipient",
        "xenc:EncryptedKey of another Id", "ds:X509IssuerName with text",
        "ds:X509SerialNumber with text", "ds:KeyName with text", "xenc:CarriedKeyName with text",
        "xenc:CarriedKeyName gone", "ds:RetrievalMethod of another URI"})
    if (what == free) return true;
  // SHA-1 is what the identifier means when it names no digest.
  return transport == KeyTransport::rsa_oaep_sha1 && what == "ds:DigestMethod gone";
}

EncryptedKeySpec spec_of(KeyTransport transport, bool named) {
  EncryptedKeySpec spec;
  spec.id = "k1";
  spec.transport = transport;
  spec.originator = kRequestingParty;
  spec.certificate = entry_of(PartyRole::dco, transport == KeyTransport::ecdh_es
                                                  ? CertificateUse::key_agreement
                                                  : CertificateUse::key_encipherment)
                         .certificate;
  if (named) {
    spec.recipient_key_name = "mine";
    spec.carried_key_name = "carried";
  }
  return spec;
}

constexpr KeyTransport kTransports[] = {KeyTransport::ecdh_es, KeyTransport::rsa_oaep_sha1,
                                        KeyTransport::rsa_oaep_sha256};

void expect_refused(const std::string& good, KeyTransport transport,
                    const std::function<EncryptionReading(const std::string&)>& read) {
  const EncryptionReading reading = read(good);
  ASSERT_EQ(static_cast<int>(reading.shape), static_cast<int>(EncryptionShape::ok)) << reading.why;
  std::size_t refused = 0;
  const Spoiler spoiler(good);
  for (const Spoilt& spoilt : spoiler.all()) {
    const EncryptionReading answer = read(spoilt.text);
    if (is_free(spoilt.what, transport)) continue;
    ++refused;
    EXPECT_NE(static_cast<int>(answer.shape), static_cast<int>(EncryptionShape::ok))
        << spoilt.what << "\n"
        << spoilt.text;
    EXPECT_FALSE(answer.why.empty()) << spoilt.what;
  }
  EXPECT_GT(refused, 40U);
}

TEST(SpoiltEncryptionTest, KeysAreRefused) {
  for (const KeyTransport transport : kTransports)
    for (const bool named : {false, true}) {
      std::string good;
      ASSERT_TRUE(append_encrypted_key(good, *ContentKey::generate(), spec_of(transport, named)));
      EncryptionReader reader;
      ParsedEncryptedKey key;
      expect_refused(good, transport,
                     [&](const std::string& text) { return reader.read_key(text, {}, key); });
    }
}

TEST(SpoiltEncryptionTest, ValuesAreRefused) {
  for (const KeyLinkKind kind : {KeyLinkKind::retrieval_method, KeyLinkKind::key_name}) {
    std::string good;
    EncryptedDataForm(kind, "k1").append(good, "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQQ==");
    EncryptionReader reader;
    ParsedEncryptedData data;
    expect_refused(good, KeyTransport::ecdh_es, [&](const std::string& text) {
      EncryptionReading reading = reader.read_data(text, {}, data);
      // Whether the value is base64 is asked when it is opened.
      if (reading.shape == EncryptionShape::ok && data.cipher_value.find('!') != std::string::npos)
        return EncryptionReading{EncryptionShape::wrong_shape, "not base64", 0};
      return reading;
    });
  }
}

TEST(SpoiltEncryptionTest, ValuesWithTheirKeysAreRefused) {
  for (const KeyTransport transport : kTransports) {
    const KeyWrapper wrapper = *KeyWrapper::make(spec_of(transport, false));
    std::string good;
    ASSERT_TRUE(append_under_own_key(good, wrapper, "k1", as_bytes("<a></a>")));
    EnclosedKeyReader reader;
    ParsedEnclosedData data;
    expect_refused(good, transport, [&](const std::string& text) {
      EncryptionReading reading = reader.read(text, {}, data);
      if (reading.shape == EncryptionShape::ok && data.cipher_value.find('!') != std::string::npos)
        return EncryptionReading{EncryptionShape::wrong_shape, "not base64", 0};
      return reading;
    });
  }
}

TEST(SpoiltSignatureTest, IsRefused) {
  const std::string good = make_signature();
  EXPECT_EQ(judge(good).outcome, SignatureOutcome::ok);
  const Spoiler spoiler(good);
  for (const Spoilt& spoilt : spoiler.all())
    EXPECT_NE(judge(spoilt.text).outcome, SignatureOutcome::ok) << spoilt.what << "\n"
                                                                << spoilt.text;
  EXPECT_GT(spoiler.all().size(), 80U);
}

// Keys that name no holder, or name one badly, are nobody's.
TEST(ReceivedKeysTest, AreNobodysWhenTheyNameNobody) {
  const PkiEntry& entry = entry_of(PartyRole::dco, CertificateUse::key_agreement);
  std::string text;
  ASSERT_TRUE(
      append_encrypted_key(text, *ContentKey::generate(), spec_of(KeyTransport::ecdh_es, false)));
  EncryptionReader reader;
  ParsedEncryptedKey good;
  ASSERT_EQ(reader.read_key(text, {}, good).shape, EncryptionShape::ok);
  const KeyHolder holder{.certificate = entry.certificate, .key = entry.key(), .key_name = {}};
  const auto outcome = [](const ParsedEncryptedKey& key, const KeyHolder& by) {
    return ReceivedKeys::open({&key, 1}, {&by, 1}, kRequestingParty).outcome();
  };
  EXPECT_EQ(outcome(good, holder), KeyOpening::ok);
  ParsedEncryptedKey key = good;
  key.issuer = "no name";
  EXPECT_EQ(outcome(key, holder), KeyOpening::not_for_us);
  key = good;
  key.serial = "12x";
  EXPECT_EQ(outcome(key, holder), KeyOpening::not_for_us);
  key = good;
  key.serial = "1" + key.serial.substr(1, 3);
  EXPECT_EQ(outcome(key, holder), KeyOpening::not_for_us);
  key = good;
  key.issuer = "CN=other";
  EXPECT_EQ(outcome(key, holder), KeyOpening::not_for_us);
  // A holder by name alone has no EUI-64 to agree on.
  key = good;
  key.key_name = "mine";
  const KeyHolder named{.certificate = {}, .key = entry.key(), .key_name = "mine"};
  EXPECT_EQ(outcome(key, named), KeyOpening::failed);
  EXPECT_EQ(outcome(good, named), KeyOpening::not_for_us);
  // Two keys of one name, and a link to nothing.
  const ParsedEncryptedKey one = good;
  ParsedEncryptedKey two[] = {one, one};
  two[0].carried_key_name = two[1].carried_key_name = "n";
  two[1].id = "k2";
  EXPECT_EQ(ReceivedKeys::open(two, {&holder, 1}, kRequestingParty).outcome(),
            KeyOpening::wrong_shape);
  const ReceivedKeys keys = ReceivedKeys::open({&good, 1}, {&holder, 1}, kRequestingParty);
  EXPECT_EQ(keys.find(KeyLinkKind::retrieval_method, ""), nullptr);
  EXPECT_EQ(keys.find(KeyLinkKind::key_name, ""), nullptr);
  EXPECT_NE(keys.find(KeyLinkKind::retrieval_method, good.id), nullptr);
}

}  // namespace
}  // namespace s1flow::codecs::crypto
