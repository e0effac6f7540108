#include "pipeline/single/crypt.h"

#include <algorithm>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "codecs/xml/chunk_parser.h"
#include "pipeline/exchange/decryption.h"
#include "pipeline/rules/list.h"
#include "pipeline/single/document_scan.h"

namespace s1flow::pipeline {
namespace {

namespace crypto = codecs::crypto;

// Leaves out the root's signature, and where records have their own, those; what else happens is
// for the derived classes.
class ShareRewriter : public XmlRewriter {
 public:
  CryptResult result;

 protected:
  explicit ShareRewriter(const codecs::Layout& layout)
      : of_record_(codecs::has_signature_per_record(layout) ? layout.record_path.size() + 1 : 1) {}
  // True while inside the signature.
  bool drop_signature(const codecs::XmlStart& e) {
    if (depth_of_signature_ == 0 && (e.depth == 1 || e.depth == of_record_) &&
        e.ns == codecs::kDsNamespace && e.local == "Signature") {
      result.signature_dropped = true;
      depth_of_signature_ = e.depth;
      hold(e.byte);
    }
    return depth_of_signature_ != 0;
  }
  bool signature_ends(const codecs::XmlEnd& e) {
    if (depth_of_signature_ == 0) return false;
    if (e.depth == depth_of_signature_) {
      skip_to(e.end);
      depth_of_signature_ = 0;
    }
    return true;
  }

 private:
  std::size_t of_record_;  // depth at which it stands
  std::size_t depth_of_signature_ = 0;
};

class Encryptor final : public ShareRewriter {
 public:
  Encryptor(const codecs::Layout& layout, const ShareSeals& seals, ShareSealer& sealer)
      : ShareRewriter(layout),
        layout_(layout),
        seals_(seals),
        sealer_(sealer),
        keys_written_(codecs::has_key_per_record(layout)) {}
  // Or that there is no place for them.
  [[nodiscard]] bool keys_written() const { return keys_written_; }

 private:
  void on_start(const codecs::XmlStart& e) override {
    std::uint32_t node = codecs::kNoNode;
    if (e.depth == 0) {
      if (e.local == layout_.root.local && e.ns == layout_.root.ns) node = 0;
    } else if (path_.back() != codecs::kNoNode) {
      for (const std::uint32_t c : layout_.nodes[path_.back()].children) {
        const codecs::PlanNode& n = layout_.nodes[c];
        if (!n.attribute && n.name == e.local && n.ns == e.ns) node = c;
      }
    }
    path_.push_back(node);
    if (drop_signature(e) || share_ != kNone) return;
    if (e.ns == codecs::kXencNamespace && e.local == "EncryptedKey")
      for (const codecs::XmlAttribute& a : e.attributes)
        for (const ShareSeals::Seal& seal : seals_.all())
          if (a.local == "Id" && a.value == seal.id)
            fail(usage_error(fmt::format(
                "line {}: the file holds a key '{}' already; decrypt it first", e.line, a.value)));
    if (node == codecs::kNoNode || layout_.nodes[node].share < 0) return;
    const std::size_t seal = seals_.find(static_cast<std::size_t>(layout_.nodes[node].share));
    if (seal == ShareSeals::npos) return;
    if (!keys_written_)
      return fail(usage_error("a share stands before the element that holds the keys"));
    share_ = seal;
    share_depth_ = e.depth;
    declarations(e);
    hold(e.byte);
  }

  void on_end(const codecs::XmlEnd& e) override {
    const std::uint32_t node = path_.back();
    path_.pop_back();
    if (signature_ends(e)) return;
    if (share_ != kNone) {
      if (e.depth == share_depth_) seal(e);
      return;
    }
    if (node != codecs::kNoNode && node == layout_.keys_node && !keys_written_) {
      insert_before_end(e, seals_.keys());
      keys_written_ = true;
    }
  }

  // The name spaces that the share inherits: on its own it has to name them itself.
  void declarations(const codecs::XmlStart& e) {
    codecs::NamespaceScope scope = reader().scope();
    std::erase_if(scope, [&](const auto& d) {
      return std::any_of(e.declared.begin(), e.declared.end(),
                         [&](const codecs::XmlNamespace& own) { return own.prefix == d.first; });
    });
    declarations_ = declarations_of(scope);
  }

  void seal(const codecs::XmlEnd& e) {
    std::string sealed;
    // The values of a file are numbered, so no IV repeats.
    const crypto::RecordShare place{.ordinal = ++result.values, .index = 0};
    if (Status s = sealer_.seal(share_, place, held(e.end), declarations_, sealed); !s)
      return fail(std::move(s).error());
    skip_to(e.end);
    insert(sealed);
    share_ = kNone;
  }

  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  const codecs::Layout& layout_;
  const ShareSeals& seals_;
  ShareSealer& sealer_;
  bool keys_written_;
  std::vector<std::uint32_t> path_;
  std::size_t share_ = kNone;  // index of its seal
  std::size_t share_depth_ = 0;
  std::string declarations_;
};

// The one answer to everything that does not open: whoever made the file must not learn from it
// what was wrong, nor where.
codecs::Fault not_for_this_key() {
  codecs::Fault f;
  f.rule = &rules::file_not_for_this_key.rule;
  return f;
}

class Decryptor final : public ShareRewriter {
 public:
  Decryptor(const codecs::Layout& layout, const crypto::ReceivedKeys& keys,
            const std::set<std::uint64_t>& spent, std::span<const crypto::ParsedEncryptedKey> all)
      : ShareRewriter(layout), keys_(keys), spent_(spent), all_(all) {}

 private:
  void on_start(const codecs::XmlStart& e) override {
    if (drop_signature(e) || inside_ != Inside::nothing) return;
    if (e.ns != codecs::kXencNamespace) return;
    if (e.local == "EncryptedKey" && spent_.contains(e.byte))
      inside_ = Inside::key;
    else if (e.local == "EncryptedData")
      inside_ = Inside::data;
    else
      return;
    depth_ = e.depth;
    scope_ = reader().scope();
    hold(e.byte);
  }

  void on_end(const codecs::XmlEnd& e) override {
    if (signature_ends(e) || inside_ == Inside::nothing || e.depth != depth_) return;
    if (inside_ == Inside::key) {
      ++result.keys;
      skip_to(e.end);
    } else {
      open(e);
    }
    inside_ = Inside::nothing;
  }

  void open(const codecs::XmlEnd& e) {
    crypto::ParsedEncryptedData data;
    const crypto::EncryptionReading reading = xml_.read_data(held(e.end), scope_, data);
    if (reading.shape != crypto::EncryptionShape::ok) return refuse(not_for_this_key());
    const crypto::ReceivedKey* key = keys_.find(data.link_kind, data.link);
    if (key == nullptr) {
      if (!is_of_some_key(data)) return refuse(not_for_this_key());
      return copy_to(e.end);  // somebody else's share
    }
    if (key != key_) {
      auto made = crypto::ContentOpener::make(*key);
      if (!made) return fail(std::move(made).error());
      opener_.emplace(std::move(*made));
      key_ = key;
    }
    if (!opener_->open(data.cipher_value, plain_)) return refuse(not_for_this_key());
    skip_to(e.end);
    insert(plain_.view());
    plain_.clear();
    ++result.values;
  }

  [[nodiscard]] bool is_of_some_key(const crypto::ParsedEncryptedData& data) const {
    return std::any_of(all_.begin(), all_.end(), [&](const crypto::ParsedEncryptedKey& k) {
      return (data.link_kind == crypto::KeyLinkKind::retrieval_method
                  ? k.id
                  : k.carried_key_name) == data.link;
    });
  }

  enum class Inside { nothing, key, data };
  const crypto::ReceivedKeys& keys_;
  const std::set<std::uint64_t>& spent_;  // places of the EncryptedKeys that are ours
  std::span<const crypto::ParsedEncryptedKey> all_;
  Inside inside_ = Inside::nothing;
  std::size_t depth_ = 0;
  crypto::NamespaceContext scope_;
  crypto::EncryptionReader xml_;
  const crypto::ReceivedKey* key_ = nullptr;
  std::optional<crypto::ContentOpener> opener_;
  crypto::Secret plain_;
};

// Opens values that bring their own keys.
class OwnKeyDecryptor final : public ShareRewriter {
 public:
  OwnKeyDecryptor(const codecs::Layout& layout, const OpeningTerms& terms)
      : ShareRewriter(layout), opener_(terms) {}
  [[nodiscard]] bool value_seen() const { return value_seen_; }

 private:
  void on_start(const codecs::XmlStart& e) override {
    if (drop_signature(e) || inside_ || e.ns != codecs::kXencNamespace ||
        e.local != "EncryptedData")
      return;
    inside_ = true;
    depth_ = e.depth;
    scope_ = reader().scope();
    hold(e.byte);
  }

  void on_end(const codecs::XmlEnd& e) override {
    if (signature_ends(e) || !inside_ || e.depth != depth_) return;
    inside_ = false;
    value_seen_ = true;
    switch (opener_.open(held(e.end), scope_, plain_)) {
      case OwnKeyOpener::Answer::failed:
        return refuse(not_for_this_key());
      case OwnKeyOpener::Answer::not_for_us:
        return copy_to(e.end);
      case OwnKeyOpener::Answer::opened:
        break;
    }
    skip_to(e.end);
    insert(plain_.view());
    plain_.clear();
    ++result.values;
    ++result.keys;
  }

  OwnKeyOpener opener_;
  bool inside_ = false, value_seen_ = false;
  std::size_t depth_ = 0;
  crypto::NamespaceContext scope_;
  crypto::Secret plain_;
};

}  // namespace

Result<CryptResult> encrypt_document(const Path& path, const codecs::Layout& layout,
                                     const EncryptRequest& request, const ByteSink& sink,
                                     const std::function<void(std::uint64_t)>& progress) {
  if (layout.shares.empty())
    return tl::unexpected(usage_error(fmt::format("{}: files of layout {} have nothing to encrypt",
                                                  path.string(), layout.name())));
  S1FLOW_TRY(const ShareSeals seals, ShareSeals::make(layout, request));
  S1FLOW_TRY(ShareSealer sealer, ShareSealer::make(seals));
  Encryptor encryptor(layout, seals, sealer);
  S1FLOW_TRY(encryptor.result.faults, encryptor.run(path, sink, progress));
  if (encryptor.result.faults.empty() && !encryptor.keys_written())
    return tl::unexpected(usage_error(path.string() + ": lacks the element that holds the keys"));
  encryptor.result.keys =
      codecs::has_key_per_record(layout) ? encryptor.result.values : seals.all().size();
  return std::move(encryptor.result);
}

Result<CryptResult> decrypt_document(const Path& path, const codecs::Layout& layout,
                                     std::span<const crypto::KeyHolder> holders, Eui64 originator,
                                     const ByteSink& sink,
                                     const std::function<void(std::uint64_t)>& progress) {
  S1FLOW_TRY(const DocumentScan scan, scan_document(path));
  if (!scan.faults.empty()) {
    CryptResult refused;
    refused.faults = scan.faults;
    return refused;
  }
  CryptResult refused;
  refused.faults.push_back(not_for_this_key());
  if (codecs::has_key_per_record(layout)) {
    OwnKeyDecryptor decryptor(layout, {holders, originator, layout.key_transports});
    S1FLOW_TRY(decryptor.result.faults, decryptor.run(path, sink, progress));
    if (decryptor.value_seen() && decryptor.result.values == 0) return refused;
    return std::move(decryptor.result);
  }
  crypto::EncryptionReader reader;
  std::vector<crypto::ParsedEncryptedKey> parsed(scan.keys.size());
  for (std::size_t i = 0; i < parsed.size(); ++i)
    if (reader.read_key(scan.keys[i].bytes, scan.keys[i].scope, parsed[i]).shape !=
        crypto::EncryptionShape::ok)
      return refused;
  const crypto::ReceivedKeys keys = crypto::ReceivedKeys::open(parsed, holders, originator);
  if (keys.outcome() != crypto::KeyOpening::ok) return refused;
  std::set<std::uint64_t> spent;
  for (std::size_t i = 0; i < parsed.size(); ++i)
    if (keys.opened(parsed[i].id)) spent.insert(scan.keys[i].byte);
  Decryptor decryptor(layout, keys, spent, parsed);
  S1FLOW_TRY(decryptor.result.faults, decryptor.run(path, sink, progress));
  return std::move(decryptor.result);
}

}  // namespace s1flow::pipeline
