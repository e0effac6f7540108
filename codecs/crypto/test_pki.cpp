#include "codecs/crypto/test_pki.h"

#include <chrono>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "codecs/crypto/certificate_maker.h"
#include "codecs/crypto/revocation_list.h"
#include "core/random.h"

namespace s1flow::codecs::crypto {
namespace {

constexpr unsigned kRootCode = 0x00;
constexpr unsigned kIssuingCode = 0x07;
constexpr unsigned kOtherCode = 0x7F;
constexpr auto kDay = std::chrono::hours(24);

struct Authority {
  Certificate certificate;
  PrivateKey key;
};

// The same for the same seed and name, whatever else the spec asks for.
CertificateSerial make_serial(std::uint64_t seed, std::string_view name, bool is_short) {
  Random random(seed, hash64(name));
  // The top bit stays clear (DER integers are signed) and the next is set, so that the length is
  // always the same.
  const std::uint64_t high = (random.next() >> 2) | 1ULL << 62;
  return is_short ? CertificateSerial(0, high) : CertificateSerial(high, random.next());
}

bool is_rsa(CertificateUse use) {
  return use == CertificateUse::key_encipherment;
}

KeyUsage usage_for(CertificateUse use, bool swapped) {
  KeyUsage usage;
  if ((is_signing(use) || use == CertificateUse::tls) != swapped)
    usage.digital_signature = true;
  else if (is_rsa(use))
    usage.key_encipherment = true;
  else
    usage.key_agreement = true;
  return usage;
}

class TestPkiMaker {
 public:
  TestPkiMaker(const TestPkiSpec& spec, const Path& folder) : spec_(spec), folder_(folder) {}

  Status make() {
    S1FLOW_TRY(const Authority root, make_authority("ZA", kRootCode, nullptr, "root"));
    S1FLOW_TRY(const Authority issuing, make_authority("Z1", kIssuingCode, &root, "issuing"));
    S1FLOW_TRY_VOID(write(folder_ / "ca" / "root", root.certificate, root.key));
    S1FLOW_TRY_VOID(write(folder_ / "ca" / "issuing", issuing.certificate, issuing.key));
    std::set<std::tuple<PartyRole, Eui64, CertificateUse>> made;
    for (const TestCertificate& wanted : spec_.certificates) {
      const std::string name = name_for(wanted);
      if (find_certificate_kind(wanted.role, wanted.use) == nullptr)
        return tl::unexpected(usage_error(name + ": this role has no certificate for this use"));
      if (!made.emplace(wanted.role, wanted.eui, wanted.use).second)
        return tl::unexpected(usage_error(name + ": is asked for twice"));
      if (wanted.fault == CertificateFault::stale_list && !second_)
        S1FLOW_TRY_VOID(make_second_authority(root));
      S1FLOW_TRY_VOID(make_party(
          wanted, name, wanted.fault == CertificateFault::stale_list ? *second_ : issuing));
    }
    if (revoked_.empty()) return {};
    return write_list(folder_ / "ca" / "issuing", issuing, spec_.valid_until.plus(800 * kDay));
  }

 private:
  static std::string name_for(const TestCertificate& wanted) {
    return std::string(name_of(wanted.role)) + "/" + wanted.eui.text() + "." +
           std::string(name_of(wanted.use));
  }

  Result<Authority> make_authority(std::string common_name, unsigned code, const Authority* above,
                                   std::string_view serial_name) {
    S1FLOW_TRY(PrivateKey key, PrivateKey::generate(NewKey::p256));
    CertificateRequest request;
    request.common_name = std::move(common_name);
    request.role_code = code;
    request.serial = make_serial(spec_.seed, serial_name, false);
    // Wide enough for the certificates that are outside the period on purpose.
    request.valid_from = spec_.valid_from.plus(-800 * kDay);
    request.valid_until = spec_.valid_until.plus(800 * kDay);
    request.usage.certificate_signing = true;
    request.is_authority = true;
    request.path_length = above == nullptr ? 1 : 0;
    S1FLOW_TRY(Certificate certificate,
               make_certificate(request, key.public_key(),
                                above == nullptr ? Certificate() : above->certificate,
                                above == nullptr ? key : above->key));
    return Authority{std::move(certificate), std::move(key)};
  }

  Status make_second_authority(const Authority& root) {
    S1FLOW_TRY(second_, make_authority("Z2", kIssuingCode, &root, "second issuing"));
    const Path stem = folder_ / "ca" / "issuing-2";
    S1FLOW_TRY_VOID(write(stem, second_->certificate, second_->key));
    return write_list(stem, *second_, spec_.valid_from.plus(-kDay));
  }

  Status write_list(const Path& stem, const Authority& authority, UtcTime until) {
    S1FLOW_TRY(const std::string pem,
               make_revocation_list(authority.certificate, authority.key,
                                    spec_.valid_from.plus(-800 * kDay), until, revoked_));
    return write_whole(stem.string() + ".crl.pem", pem);
  }

  // An authority with the right names and a key of its own.
  Result<const Authority*> foreign_authority() {
    if (!foreign_) {
      S1FLOW_TRY(const Authority root, make_authority("ZA", kRootCode, nullptr, "foreign root"));
      S1FLOW_TRY(Authority issuing, make_authority("Z1", kIssuingCode, &root, "foreign issuing"));
      foreign_ = std::move(issuing);
    }
    return &*foreign_;
  }

  Status make_party(const TestCertificate& wanted, const std::string& name,
                    const Authority& issuing) {
    const auto kind = is_rsa(wanted.use) ? NewKey::rsa2048 : NewKey::p256;
    S1FLOW_TRY(PrivateKey key, PrivateKey::generate(kind));
    CertificateRequest request;
    request.role_code = find_certificate_kind(wanted.role, wanted.use)->role_code;
    request.eui = wanted.eui;
    request.serial =
        make_serial(spec_.seed, name,
                    wanted.role == PartyRole::s1sp && wanted.use == CertificateUse::xml_signing);
    request.valid_from = spec_.valid_from;
    request.valid_until = spec_.valid_until;
    request.on_loopback = wanted.use == CertificateUse::tls;
    request.usage = usage_for(wanted.use, wanted.fault == CertificateFault::wrong_usage);
    const Authority* authority = &issuing;
    switch (wanted.fault) {
      case CertificateFault::expired:
        request.valid_until = spec_.valid_from.plus(-kDay);
        request.valid_from = request.valid_until.plus(-365 * kDay);
        break;
      case CertificateFault::not_yet_valid:
        request.valid_from = spec_.valid_until.plus(kDay);
        request.valid_until = request.valid_from.plus(365 * kDay);
        break;
      case CertificateFault::revoked:
        revoked_.push_back({request.serial, spec_.valid_from});
        break;
      case CertificateFault::foreign_root: {
        S1FLOW_TRY(authority, foreign_authority());
        break;
      }
      case CertificateFault::wrong_role:
        request.role_code = kOtherCode;
        break;
      case CertificateFault::other_party:
        request.eui = Eui64(wanted.eui.value() ^ 0xFFFF);
        break;
      case CertificateFault::none:
      case CertificateFault::stale_list:
      case CertificateFault::wrong_usage:
      case CertificateFault::other_key:
      case CertificateFault::no_key:
        break;
    }
    S1FLOW_TRY(const Certificate certificate,
               make_certificate(request, key.public_key(), authority->certificate, authority->key));
    if (wanted.fault == CertificateFault::other_key) {
      S1FLOW_TRY(key, PrivateKey::generate(kind));
    }
    if (wanted.fault == CertificateFault::no_key) key = PrivateKey();
    return write(folder_ / name, certificate, key);
  }

  static Status write(const Path& stem, const Certificate& certificate, const PrivateKey& key) {
    S1FLOW_TRY_VOID(write_whole(stem.string() + ".pem", certificate.to_pem()));
    if (key.type() == KeyType::none) return {};
    S1FLOW_TRY(const Secret pem, key.to_pem());
    return write_whole(stem.string() + ".key.pem", pem.view());
  }

  const TestPkiSpec& spec_;
  const Path& folder_;
  std::optional<Authority> foreign_;
  std::optional<Authority> second_;
  std::vector<RevokedCertificate> revoked_;
};

}  // namespace

void add_party(TestPkiSpec& spec, PartyRole role, Eui64 eui, WithRsa with_rsa) {
  for (const CertificateKind& kind : kCertificateKinds)
    if (kind.role == role && (!is_rsa(kind.use) || with_rsa == WithRsa::yes))
      spec.certificates.push_back({role, kind.use, eui});
}

Status generate_test_pki(const TestPkiSpec& spec, const Path& folder) {
  return TestPkiMaker(spec, folder).make();
}

}  // namespace s1flow::codecs::crypto
