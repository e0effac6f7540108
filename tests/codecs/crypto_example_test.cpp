// The examples of docs/formats/signature-and-encryption.md, read out of the page and checked.

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "codecs/crypto/xmldsig.h"
#include "codecs/crypto/xmlenc.h"
#include "core/file.h"
#include "core/text.h"
#include "tests/codecs/xmldsig_support.h"

namespace s1flow::codecs::crypto {
namespace {

using testing_support::cut_signature;
using testing_support::replaced;

std::vector<std::string> xml_blocks() {
  const std::string page =
      *read_text(Path(S1FLOW_SOURCE_DIR) / "docs/formats/signature-and-encryption.md");
  std::vector<std::string> blocks;
  constexpr std::string_view kOpen = "```xml\n";
  for (std::size_t at = page.find(kOpen); at != std::string::npos; at = page.find(kOpen, at + 1)) {
    const std::size_t begin = at + kOpen.size();
    blocks.push_back(page.substr(begin, page.find("\n```", begin) - begin));
  }
  return blocks;
}

// The page's example keys: made for it and used nowhere else.
constexpr std::string_view kSignerPoint =
    "0427FFE6E1068491E4A1AF1FDD9784E96E47ADF990C1FC3A16BC1BC930E024C207"
    "DFFE6D0F52AE7A02773A48BC14A1873A78CF1D6EAFCF7AF830CFBCCF80D2D15F";
constexpr std::string_view kRecipientKey =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgPtwl+G6SFIw7afaD\n"
    "FKTlKJLWvn1uEbyhQSxTkMptinWhRANCAARG/vciP6obMoOd49h5rGEsarskUTNQ\n"
    "034HbnBkCjvE735Bh6798XbUfrrauijoIznxYFn4qyr+106pheVLCnCN\n"
    "-----END PRIVATE KEY-----\n";

TEST(ExampleTest, SignatureHolds) {
  const std::string document = xml_blocks().at(0);
  const std::string signature = cut_signature(document);
  SignatureReader reader;
  ParsedSignature parsed;
  ASSERT_EQ(reader.read(signature, {{"m", "urn:example:file"}}, parsed).outcome,
            SignatureOutcome::ok);
  EXPECT_EQ(check_shape(parsed), SignatureOutcome::ok);
  const Sha256Digest digest = sha256_of(as_bytes(replaced(document, signature, "")));
  EXPECT_EQ(decode_base64(parsed.digest_value), as_text(digest));
  const auto key = PublicKey::from_p256_point(as_bytes(*decode_hex(kSignerPoint)));
  ASSERT_TRUE(key);
  EXPECT_TRUE(Verifier().verify(*key, as_bytes(parsed.signed_info),
                                as_bytes(*decode_base64(parsed.signature_value))));
}

TEST(ExampleTest, EncryptionOpens) {
  const auto blocks = xml_blocks();
  EncryptionReader reader;
  ParsedEncryptedKey key;
  ASSERT_EQ(reader.read_key(blocks.at(1), {}, key).shape, EncryptionShape::ok);
  EXPECT_EQ(key.info, agreement_info(Eui64(0x90B3D51F30000101), Eui64(0x90B3D51F30000104)));
  const auto received = unwrap_by_agreement(as_bytes(key.ephemeral), as_bytes(key.wrapped),
                                            *PrivateKey::from_pem(kRecipientKey), key.info);
  ASSERT_TRUE(received);
  std::string hex;
  append_hex(hex, received->bytes());
  EXPECT_EQ(hex, "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F");
  ParsedEncryptedData data;
  ASSERT_EQ(reader.read_data(blocks.at(2), {}, data).shape, EncryptionShape::ok);
  EXPECT_EQ(data.link, key.id);
  Secret plaintext;
  ASSERT_TRUE(ContentOpener::make(*received)->open(data.cipher_value, plaintext));
  EXPECT_EQ(plaintext.view(), "<m:Key xmlns:m=\"urn:example:mef\">0102030405060708</m:Key>");
}

}  // namespace
}  // namespace s1flow::codecs::crypto
