#include "codecs/duis/signed_message.h"

#include <algorithm>
#include <array>

#include "codecs/crypto/signature_form.h"
#include "codecs/duis/element_walk.h"
#include "codecs/duis/put.h"
#include "core/text.h"

namespace s1flow::codecs::duis {
namespace {

namespace form = crypto::signature_form;
using crypto::SignatureOutcome;

constexpr std::size_t kMostKnown = 4096;

// Takes `piece` off the front of `text`.
bool take(std::string_view& text, std::string_view piece) {
  if (!text.starts_with(piece)) return false;
  text.remove_prefix(piece.size());
  return true;
}
// Takes everything up to `end` and `end` itself; nothing when it holds markup or a reference.
std::optional<std::string_view> take_until(std::string_view& text, std::string_view end) {
  const std::size_t at = text.find('<');
  const std::string_view value = text.substr(0, at);
  if (at == std::string_view::npos || value.find('&') != std::string_view::npos)
    return std::nullopt;
  text.remove_prefix(at);
  if (!take(text, end)) return std::nullopt;
  return value;
}

const crypto::Sha256State& begun_signed_info() {
  static const crypto::Sha256State state = [] {
    crypto::Sha256State s;
    s.update(form::kSignedInfoAlone);
    s.update(form::kMethods);
    return s;
  }();
  return state;
}

// 88 characters to 64 bytes; nothing unless they are canonical base64 without white space.
std::optional<std::array<unsigned char, 64>> decode_value(std::string_view text) {
  constexpr std::array<std::int8_t, 256> kValues = [] {
    std::array<std::int8_t, 256> values{};
    for (auto& v : values) v = -1;
    constexpr std::string_view kAlphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (std::size_t i = 0; i < kAlphabet.size(); ++i)
      values[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::int8_t>(i);
    return values;
  }();
  if (text.size() != form::kValueChars || !text.ends_with("==")) return std::nullopt;
  std::array<unsigned char, 66> bytes{};
  for (std::size_t i = 0; i < text.size(); i += 4) {
    std::uint32_t four = 0;
    for (std::size_t k = i; k < i + 4; ++k) {
      const int value =
          k >= form::kValueChars - 2 ? 0 : kValues[static_cast<unsigned char>(text[k])];
      if (value < 0) return std::nullopt;
      four = four << 6 | static_cast<std::uint32_t>(value);
    }
    bytes[i / 4 * 3] = static_cast<unsigned char>(four >> 16);
    bytes[i / 4 * 3 + 1] = static_cast<unsigned char>(four >> 8);
    bytes[i / 4 * 3 + 2] = static_cast<unsigned char>(four);
  }
  if (bytes[64] != 0 || bytes[65] != 0) return std::nullopt;
  std::array<unsigned char, 64> value{};
  std::copy_n(bytes.begin(), value.size(), value.begin());
  return value;
}

}  // namespace

const crypto::PkiAnswer* SignatureInspector::find(std::string_view names, std::string_view issuer,
                                                  std::string_view serial, const crypto::Pki& pki,
                                                  UtcTime clock) {
  // Copies of a Pki share their entries.
  const void* const content = pki.entries().data();
  if (content != pki_ || clock != clock_) {
    known_.clear();
    pki_ = content;
    clock_ = clock;
  }
  const auto at = std::lower_bound(known_.begin(), known_.end(), names,
                                   [](const Known& k, std::string_view n) { return k.names < n; });
  if (at != known_.end() && at->names == names) return &at->answer;
  const auto name = crypto::DistinguishedName::parse(issuer);
  const auto number = CertificateSerial::parse_decimal(serial);
  if (!name || !number || known_.size() == kMostKnown) return nullptr;
  const crypto::PkiAnswer answer = pki.find(*name, *number, clock);
  // Names of strangers are not kept: there is no end of them.
  if (answer.entry == nullptr) return nullptr;
  return &known_.insert(at, Known{std::string(names), answer})->answer;
}

std::optional<crypto::SignatureVerdict> SignatureInspector::check_own_layout(
    std::string_view canonical, const SignaturePlace& place, const crypto::Sha256Digest& digest,
    const crypto::Pki& pki, UtcTime clock, const crypto::RequiredSigner& required) {
  std::string_view text = canonical.substr(place.begin, place.end - place.begin);
  if (!take(text, form::kOpen) || !take(text, form::kSignedInfoInPlace) ||
      !take(text, form::kMethods) || text.size() < form::kDigestChars)
    return std::nullopt;
  const std::string_view claimed = text.substr(0, form::kDigestChars);
  text.remove_prefix(form::kDigestChars);
  if (!take(text, form::kSignedInfoEnd) || !take(text, form::kValueOpen)) return std::nullopt;
  const std::string_view value = text.substr(0, std::min(text.size(), form::kValueChars));
  text.remove_prefix(value.size());
  const auto signature = decode_value(value);
  if (!signature || !take(text, form::kKeyInfoOpen)) return std::nullopt;
  const std::string_view names = text;
  const auto issuer = take_until(text, form::kSerialOpen);
  if (!issuer) return std::nullopt;
  const auto serial = take_until(text, form::kClose);
  if (!serial || !text.empty()) return std::nullopt;
  const crypto::PkiAnswer* const answer = find(names, *issuer, *serial, pki, clock);
  if (answer == nullptr) return std::nullopt;

  std::array<char, form::kDigestChars> expected;
  put_base64(expected.data(), digest);
  crypto::SignatureVerdict verdict;
  verdict.signer = answer->entry;
  const bool same = claimed == std::string_view(expected.data(), expected.size());
  // A digest that is not even base64 is a matter of shape.
  if (!same && !decode_base64(claimed)) return std::nullopt;
  verdict.outcome = crypto::judge_signer(*answer, required);
  if (verdict.outcome != SignatureOutcome::ok) return verdict;
  if (!same) {
    verdict.outcome = SignatureOutcome::digest_mismatch;
    return verdict;
  }
  crypto::Sha256State state = begun_signed_info();
  state.update(claimed);
  state.update(form::kSignedInfoEnd);
  if (!verifier_.verify_digest(answer->entry->certificate.public_key(), state.finish(), *signature))
    verdict.outcome = SignatureOutcome::value_invalid;
  return verdict;
}

crypto::SignatureVerdict SignatureInspector::check(std::string_view canonical,
                                                   const SignaturePlace& place,
                                                   const crypto::Pki& pki, UtcTime clock,
                                                   const crypto::RequiredSigner& required) {
  crypto::Sha256State document;
  document.update(canonical.substr(0, place.begin));
  document.update(canonical.substr(place.end));
  const crypto::Sha256Digest digest = document.finish();
  if (auto verdict = check_own_layout(canonical, place, digest, pki, clock, required))
    return *verdict;
  const auto reading =
      reader_.read(canonical.substr(place.begin, place.end - place.begin), place.context, parsed_);
  if (reading.outcome != SignatureOutcome::ok) return {reading.outcome, nullptr};
  return checker_.verify(parsed_, digest, pki, clock, required);
}

crypto::SignatureVerdict SignedMessageChecker::check(std::string_view bytes, const crypto::Pki& pki,
                                                     UtcTime clock) {
  const crypto::RequiredSigner required{
      crypto::CertificateUse::xml_signing, {crypto::PartyRole::dcc}, std::nullopt};
  if (xml_.normalise(bytes, MessageReader::kMostBytes) != ReadOutcome::ok)
    return {SignatureOutcome::wrong_shape, nullptr};
  ElementWalk walk(xml_.text(), TagSource::canonical);
  const TagScanner& scan = walk.scanner();
  SignaturePlace place;
  for (std::size_t i = 0; i < scan.binding_count(); ++i)
    place.context.emplace_back(scan.binding(i).prefix, scan.binding(i).uri);
  if (!walk.enter(Space::service_user, "Response", true) || !walk.pass() || !walk.pass())
    return {SignatureOutcome::wrong_shape, nullptr};
  if (walk.peek().empty())
    return {walk.leave() ? SignatureOutcome::missing : SignatureOutcome::wrong_shape, nullptr};
  place.begin = walk.here();
  if (!walk.next_is(Space::signature, "Signature") || !walk.pass())
    return {SignatureOutcome::wrong_shape, nullptr};
  place.end = walk.passed();
  if (!walk.leave() || !walk.finish()) return {SignatureOutcome::wrong_shape, nullptr};
  return inspector_.check(xml_.text(), place, pki, clock, required);
}

}  // namespace s1flow::codecs::duis
