#include "pipeline/exchange/decryption.h"

#include <algorithm>

#include "core/text.h"

namespace s1flow::pipeline {

namespace crypto = codecs::crypto;
using codecs::CapturedElement;

std::unique_ptr<FileKeys> FileKeys::open(std::span<const CapturedElement> captured,
                                         std::span<const crypto::KeyHolder> holders,
                                         Eui64 originator,
                                         std::span<const crypto::KeyTransport> allowed) {
  auto keys = std::make_unique<FileKeys>();
  crypto::EncryptionReader reader;
  std::vector<crypto::ParsedEncryptedKey> parsed;
  for (const CapturedElement& c : captured) {
    if (c.kind != CapturedElement::Kind::encrypted_key) continue;
    // A key of another shape spoils the file, as everything else of another shape does.
    crypto::ParsedEncryptedKey key;
    if (reader.read_key(c.bytes, *c.scope, key).shape != crypto::EncryptionShape::ok) return keys;
    if (std::find(allowed.begin(), allowed.end(), key.transport) != allowed.end())
      parsed.push_back(std::move(key));
  }
  keys->keys_ = crypto::ReceivedKeys::open(parsed, holders, originator);
  return keys;
}

OwnKeyOpener::Answer OwnKeyOpener::open(std::string_view element,
                                        const crypto::NamespaceContext& context,
                                        crypto::Secret& plain) {
  if (reader_.read(element, context, data_).shape != crypto::EncryptionShape::ok ||
      std::find(terms_.allowed.begin(), terms_.allowed.end(), data_.key.transport) ==
          terms_.allowed.end())
    return Answer::failed;
  const crypto::ReceivedKeys keys =
      crypto::ReceivedKeys::open({&data_.key, 1}, terms_.holders, terms_.originator);
  if (keys.outcome() == crypto::KeyOpening::not_for_us) return Answer::not_for_us;
  const crypto::ReceivedKey* key = keys.find(crypto::KeyLinkKind::retrieval_method, data_.key.id);
  if (keys.outcome() != crypto::KeyOpening::ok || key == nullptr) return Answer::failed;
  auto opener = crypto::ContentOpener::make(*key);
  return opener && opener->open(data_.cipher_value, plain) ? Answer::opened : Answer::failed;
}

std::unique_ptr<FileKeys> FileKeys::of_values(const OpeningTerms& terms) {
  auto keys = std::make_unique<FileKeys>();
  keys->terms_ = terms;
  return keys;
}

crypto::KeyOpening FileKeys::outcome() const {
  if (!terms_) return keys_.outcome();
  return value_opened_ || !value_seen_ ? crypto::KeyOpening::ok : crypto::KeyOpening::not_for_us;
}

Result<std::unique_ptr<ShareOpener>> ShareOpener::make(const FileKeys& keys) {
  return std::unique_ptr<ShareOpener>(new ShareOpener(keys));
}

crypto::ContentOpener* ShareOpener::opener_for(const crypto::ReceivedKey& key) {
  for (auto& [known, opener] : openers_)
    if (known == &key) return &opener;
  auto made = crypto::ContentOpener::make(key);
  if (!made) return nullptr;
  openers_.emplace_back(&key, std::move(*made));
  return &openers_.back().second;
}

ShareOpener::Answer ShareOpener::open_value(const CapturedElement& value) {
  if (own_) {
    const Answer answer = own_->open(value.bytes, *value.scope, plain_);
    keys_.value_seen_ = true;
    if (answer == Answer::opened) keys_.value_opened_ = true;
    return answer;
  }
  crypto::ParsedEncryptedData data;
  if (reader_.read_data(value.bytes, *value.scope, data).shape != crypto::EncryptionShape::ok)
    return Answer::failed;
  const crypto::ReceivedKey* key = keys_.keys().find(data.link_kind, data.link);
  if (key == nullptr) return Answer::not_for_us;
  crypto::ContentOpener* opener = opener_for(*key);
  return opener != nullptr && opener->open(data.cipher_value, plain_) ? Answer::opened
                                                                      : Answer::failed;
}

std::shared_ptr<Buffer> ShareOpener::open(const codecs::Chunk& chunk,
                                          std::span<const CapturedElement> captured,
                                          std::vector<std::uint64_t>& unopened) {
  if (!buffer_) buffer_ = std::make_shared<Buffer>();
  if (buffer_->size() != 0)
    crypto::cleanse({reinterpret_cast<unsigned char*>(buffer_->data()), buffer_->size()});
  buffer_->clear();
  buffer_->reserve(chunk.bytes.size());
  std::size_t from = 0;
  for (const CapturedElement& c : captured) {
    if (c.kind != CapturedElement::Kind::encrypted_data) continue;
    const auto at = static_cast<std::size_t>(c.bytes.data() - chunk.bytes.data());
    const Answer answer = open_value(c);
    if (answer == Answer::failed) unopened.push_back(c.record);
    if (answer != Answer::opened) continue;
    buffer_->append(chunk.bytes.substr(from, at - from));
    buffer_->append(plain_.view());
    plain_.clear();
    from = at + c.bytes.size();
  }
  buffer_->append(chunk.bytes.substr(from));
  return buffer_;
}

}  // namespace s1flow::pipeline
