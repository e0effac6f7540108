#include "pipeline/single/share_seals.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "codecs/xml/c14n.h"
#include "core/text.h"

namespace s1flow::pipeline {

namespace crypto = codecs::crypto;

Result<ShareSeals> ShareSeals::make(const codecs::Layout& layout, const EncryptRequest& request) {
  ShareSeals seals;
  for (const ShareRecipient& r : request.recipients) {
    const auto share = std::find_if(layout.shares.begin(), layout.shares.end(),
                                    [&](const auto& s) { return s.name == r.share; });
    if (share == layout.shares.end())
      return tl::unexpected(
          usage_error(fmt::format("layout {} has no share '{}'", layout.name(), r.share)));
    const auto index = static_cast<std::size_t>(share - layout.shares.begin());
    if (seals.find(index) != npos)
      return tl::unexpected(usage_error(fmt::format("share '{}' is given twice", r.share)));
    crypto::EncryptedKeySpec spec;
    spec.id = "key-" + r.share;
    spec.transport = request.transport;
    spec.originator = request.originator;
    spec.certificate = r.certificate;
    ShareSeals::Seal seal{.share = index,
                          .id = spec.id,
                          .key = {},
                          .form = {crypto::KeyLinkKind::retrieval_method, spec.id},
                          .wrapper = {}};
    if (codecs::has_key_per_record(layout)) {
      S1FLOW_TRY(seal.wrapper, crypto::KeyWrapper::make(std::move(spec)));
    } else {
      S1FLOW_TRY(seal.key, crypto::ContentKey::generate());
      S1FLOW_TRY_VOID(crypto::append_encrypted_key(seals.keys_, *seal.key, spec));
    }
    seals.seals_.push_back(std::move(seal));
  }
  return seals;
}

std::size_t ShareSeals::find(std::size_t share) const {
  for (std::size_t i = 0; i < seals_.size(); ++i)
    if (seals_[i].share == share) return i;
  return npos;
}

Result<ShareSealer> ShareSealer::make(const ShareSeals& seals) {
  ShareSealer sealer(seals);
  for (const ShareSeals::Seal& s : seals.all()) {
    sealer.sealers_.emplace_back();
    if (!s.key) continue;
    S1FLOW_TRY(sealer.sealers_.back(), crypto::ContentSealer::make(*s.key));
  }
  return sealer;
}

Status ShareSealer::seal(std::size_t seal, crypto::RecordShare place, std::string_view element,
                         std::string_view declarations, std::string& out) {
  const std::size_t name_end = element.find_first_of(" \t\r\n/>");
  plain_.assign(element.substr(0, name_end));
  plain_ += declarations;
  plain_ += element.substr(name_end);
  const ShareSeals::Seal& by = seals_->all()[seal];
  Status status = by.wrapper
                      ? crypto::append_under_own_key(
                            out, *by.wrapper,
                            fmt::format("{}-{}-{}", by.id, place.ordinal, unsigned{place.index}),
                            as_bytes(plain_))
                      : by.form.append_sealed(out, *sealers_[seal], place, as_bytes(plain_));
  crypto::cleanse({reinterpret_cast<unsigned char*>(plain_.data()), plain_.size()});
  return status;
}

std::string declarations_of(const codecs::NamespaceScope& scope) {
  std::map<std::string_view, std::string_view> in_force;
  for (const auto& [prefix, uri] : scope) in_force[prefix] = uri;
  std::string out;
  for (const auto& [prefix, uri] : in_force) {
    if (uri.empty()) continue;
    if (prefix.empty())
      out += " xmlns=\"";
    else
      out.append(" xmlns:").append(prefix).append("=\"");
    codecs::append_c14n_attribute(out, uri);
    out += '"';
  }
  return out;
}

}  // namespace s1flow::pipeline
