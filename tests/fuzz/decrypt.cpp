// An EncryptedKey and, from the first "<xenc:EncryptedData" on, an EncryptedData: nothing but what
// was encrypted ever comes out.

#include "codecs/crypto/xmlenc.h"
#include "core/check.h"
#include "tests/fuzz/example_keys.h"
#include "tests/fuzz/target.h"

using namespace s1flow;
using namespace s1flow::codecs::crypto;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::uint64_t kRecipient = 0x90B3D51F30000104;
  static const PrivateKey key = *PrivateKey::from_pem(kRecipientKey);
  static const KeyHolder holders[] = {
      {.certificate = example_certificate(example_authority(), key.public_key(), kRecipientSerial,
                                          0xC6, kRecipient, false),
       .key = key,
       .key_name = {}}};
  const std::string_view text = s1flow::as_text(data, size);
  const std::size_t split = std::min(text.find("<xenc:EncryptedData"), text.size());
  EncryptionReader reader;
  ParsedEncryptedKey parsed[1];
  if (reader.read_key(trim(text.substr(0, split)), {}, parsed[0]).shape != EncryptionShape::ok)
    return 0;
  const ReceivedKeys keys = ReceivedKeys::open(parsed, holders, Eui64(0x90B3D51F30000101));
  ParsedEncryptedData sealed;
  if (reader.read_data(trim(text.substr(split)), {}, sealed).shape != EncryptionShape::ok) return 0;
  const ReceivedKey* content = keys.find(sealed.link_kind, sealed.link);
  if (content == nullptr) return 0;
  Secret plaintext;
  const bool opened = ContentOpener::make(*content)->open(sealed.cipher_value, plaintext);
  S1FLOW_CHECK(plaintext.view() ==
               (opened ? "<m:Key xmlns:m=\"urn:example:mef\">0102030405060708</m:Key>" : ""));
  return 0;
}
