#include "codecs/crypto/pki.h"

#include <algorithm>
#include <chrono>
#include <mutex>
#include <optional>
#include <tuple>
#include <utility>

#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include "codecs/crypto/or_bad_alloc.h"
#include "codecs/crypto/x509_parts.h"
#include "core/check.h"

namespace s1flow::codecs::crypto {
namespace {

using Index = std::vector<std::uint32_t>;

// Certificates are valid through the whole of their last second.
bool has_ended(UtcTime valid_until, UtcTime at) {
  return at >= valid_until.plus(std::chrono::seconds(1));
}

// Periods are kept with the entry and compared at every query, so the store must not stop at them.
int pass_over_time(int ok, X509_STORE_CTX* context) {
  const int error = X509_STORE_CTX_get_error(context);
  if (ok == 0 && (error == X509_V_ERR_CERT_NOT_YET_VALID || error == X509_V_ERR_CERT_HAS_EXPIRED)) {
    X509_STORE_CTX_set_error(context, X509_V_OK);
    return 1;
  }
  return ok;
}

struct Period {
  UtcTime from;
  UtcTime until;
};
Period period_of(const Certificate& certificate) {
  return {certificate.valid_from(), certificate.valid_until()};
}

// What the authority's own list says of one of its certificates.
Revocation revocation_by(const std::optional<RevocationList>& list, RevocationPolicy policy,
                         const CertificateSerial& serial) {
  Revocation r;
  if (!list) {
    if (policy == RevocationPolicy::required) std::swap(r.known_from, r.known_until);
    return r;
  }
  r.revoked_since = list->revoked_since(serial);
  if (policy == RevocationPolicy::stale_too) return r;
  r.known_from = list->this_update();
  r.known_until = list->next_update();
  return r;
}

void narrow(Revocation& r, const Revocation& above) {
  if (above.revoked_since)
    r.revoked_since =
        std::min(r.revoked_since.value_or(*above.revoked_since), *above.revoked_since);
  r.known_from = std::max(r.known_from, above.known_from);
  r.known_until = std::min(r.known_until, above.known_until);
}

bool is_known(const Revocation& r, UtcTime at) {
  return at >= r.known_from && !has_ended(r.known_until, at);
}
bool is_revoked(const Revocation& r, UtcTime at) {
  return r.revoked_since && at >= *r.revoked_since;
}

// Checks chains up to the certificates that were given to trust(), which need not be self-signed.
class ChainChecker {
 public:
  struct Authority {
    Certificate certificate;
    Period period;                       // of its own chain
    Revocation revocation;               // of its own chain
    std::optional<RevocationList> list;  // its own
  };

  ChainChecker(UtcTime clock, RevocationPolicy policy)
      : policy_(policy),
        store_(or_bad_alloc(X509_STORE_new())),
        context_(or_bad_alloc(X509_STORE_CTX_new())),
        offered_(sk_X509_new_null()) {
    X509_VERIFY_PARAM* param = X509_STORE_get0_param(store_.get());
    X509_VERIFY_PARAM_set_time(param, static_cast<time_t>(clock.milliseconds_since_epoch() / 1000));
    X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN);
    // 112 bits: no SHA-1, no RSA below 2048.
    X509_VERIFY_PARAM_set_auth_level(param, 2);
    X509_STORE_set_verify_cb(store_.get(), &pass_over_time);
  }
  ~ChainChecker() { sk_X509_free(offered_); }
  ChainChecker(const ChainChecker&) = delete;
  ChainChecker& operator=(const ChainChecker&) = delete;

  void trust(Authority authority) {
    X509_STORE_add_cert(store_.get(), authority.certificate.handle());
    known_.push_back(std::move(authority));
  }
  // May stand between a certificate and a trusted one.
  void offer(const Certificate& certificate, std::optional<RevocationList> list) {
    sk_X509_push(offered_, certificate.handle());
    known_.push_back({certificate, period_of(certificate), {}, std::move(list)});
  }

  // X509_V_OK or what is wrong; period and revocation are then the narrowest of the chain.
  int check(const Certificate& certificate, Period& period, Revocation& revocation) {
    period = period_of(certificate);
    revocation = {};
    if (X509_STORE_CTX_init(context_.get(), store_.get(), certificate.handle(), offered_) != 1)
      return X509_V_ERR_UNSPECIFIED;
    const bool good = X509_verify_cert(context_.get()) == 1;
    const int error = X509_STORE_CTX_get_error(context_.get());
    if (good) narrow_to_chain(period, revocation);
    X509_STORE_CTX_cleanup(context_.get());
    if (good) return X509_V_OK;
    return error == X509_V_OK ? X509_V_ERR_UNSPECIFIED : error;
  }

 private:
  void narrow_to_chain(Period& period, Revocation& revocation) const {
    const STACK_OF(X509)* chain = X509_STORE_CTX_get0_chain(context_.get());
    for (int i = 1; i < sk_X509_num(chain); ++i)
      for (const Authority& authority : known_)
        if (X509_cmp(sk_X509_value(chain, i), authority.certificate.handle()) == 0) {
          period.from = std::max(period.from, authority.period.from);
          period.until = std::min(period.until, authority.period.until);
          narrow(revocation, authority.revocation);
          narrow(revocation, revocation_by(authority.list, policy_, serial_of_link(chain, i - 1)));
          break;
        }
  }
  static CertificateSerial serial_of_link(const STACK_OF(X509) * chain, int i) {
    // Every link is a certificate that was read before, so its number fits.
    return serial_of(X509_get0_serialNumber(sk_X509_value(chain, i))).value_or(CertificateSerial());
  }

  RevocationPolicy policy_;
  Owned<x509_store_st> store_;
  Owned<x509_store_ctx_st> context_;
  STACK_OF(X509) * offered_;
  std::vector<Authority> known_;  // trusted and offered
};

auto issuance_of(const PkiEntry& entry) {
  return std::tie(entry.certificate.issuer(), entry.certificate.serial());
}
auto party_of(const PkiEntry& entry) {
  return std::tie(entry.role, entry.eui, entry.use);
}

// The authorities of one Pki, asked by one thread at a time.
class ChainJudge {
 public:
  // Before the first question: the authorities are still to be added.
  ChainChecker& start(UtcTime clock, RevocationPolicy policy) {
    return checker_.emplace(clock, policy);
  }

  CertificateChain judge(const Certificate& certificate) {
    const std::scoped_lock one_at_a_time(mutex_);
    const QuietErrors quiet;
    CertificateChain chain;
    Period period;
    const int error = checker_->check(certificate, period, chain.revocation);
    chain.trusted = error == X509_V_OK;
    chain.valid_from = period.from;
    chain.valid_until = period.until;
    if (!chain.trusted) chain.reason = X509_verify_cert_error_string(error);
    return chain;
  }

 private:
  std::mutex mutex_;
  std::optional<ChainChecker> checker_;
};

}  // namespace

struct PkiEntry::Later {
  mutable std::once_flag key_read, chain_judged;
  mutable PrivateKey key;
  mutable std::optional<PkiProblem> key_problem;
  mutable CertificateChain chain;
  KeySource source;
  std::shared_ptr<ChainJudge> judge;
};

struct Pki::Content {
  std::vector<PkiEntry> entries;
  Index by_issuance;  // entries by issuer and serial, unique
  Index by_party;     // entries by role, EUI-64 and use, unique
  UtcTime clock;
  std::vector<PkiProblem> filing;
  mutable std::once_flag all_found;
  mutable std::vector<PkiProblem> all;

  void find_all() const;
};

struct PkiBuilder::State {
  struct List {
    RevocationList list;
    std::string file;
    bool claimed = false;  // some authority has signed it
  };
  std::vector<Certificate> roots;
  std::vector<Certificate> issuing;
  std::vector<List> lists;

  // The newest list of an authority.
  std::optional<RevocationList> list_of(const Certificate& authority) {
    std::optional<RevocationList> newest;
    for (List& l : lists) {
      if (!l.list.signed_by(authority)) continue;
      l.claimed = true;
      if (!newest || newest->this_update() < l.list.this_update()) newest = l.list;
    }
    return newest;
  }
  std::shared_ptr<Pki::Content> content = std::make_shared<Pki::Content>();
  std::shared_ptr<ChainJudge> judge = std::make_shared<ChainJudge>();
};

const PrivateKey& PkiEntry::key() const {
  std::call_once(later_->key_read, [this] {
    if (!later_->source) return;
    KeyRead read = later_->source();
    later_->key_problem = std::move(read.problem);
    if (read.key.type() == KeyType::none) return;
    if (read.key.public_key() == certificate.public_key())
      later_->key = std::move(read.key);
    else
      later_->key_problem = {PkiProblemKind::key_mismatch, file,
                             "the private key beside it belongs to another certificate"};
  });
  return later_->key;
}

const PkiProblem* PkiEntry::key_problem() const {
  (void)key();
  return later_->key_problem ? &*later_->key_problem : nullptr;
}

const CertificateChain& PkiEntry::chain() const {
  std::call_once(later_->chain_judged,
                 [this] { later_->chain = later_->judge->judge(certificate); });
  return later_->chain;
}

CertificateStatus PkiEntry::status_at(UtcTime at) const {
  const CertificateChain& c = chain();
  if (!c.trusted) return CertificateStatus::not_trusted;
  if (at < c.valid_from) return CertificateStatus::not_yet_valid;
  if (has_ended(c.valid_until, at)) return CertificateStatus::expired;
  if (is_revoked(c.revocation, at)) return CertificateStatus::revoked;
  if (!is_known(c.revocation, at)) return CertificateStatus::revocation_unknown;
  if (!allows(certificate.key_usage(), use)) return CertificateStatus::wrong_usage;
  const CertificateKind* kind = find_certificate_kind(role, use);
  if (kind == nullptr || certificate.role_code() != kind->role_code)
    return CertificateStatus::wrong_role;
  return CertificateStatus::ok;
}

std::optional<RevocationPolicy> parse_revocation_policy(std::string_view name) {
  for (std::size_t i = 0; i < kRevocationPolicyNames.size(); ++i)
    if (kRevocationPolicyNames[i] == name) return static_cast<RevocationPolicy>(i);
  return std::nullopt;
}

Pki::Pki() : content_(std::make_shared<Content>()) {}

std::span<const PkiEntry> Pki::entries() const {
  return content_->entries;
}
std::span<const PkiProblem> Pki::problems() const {
  std::call_once(content_->all_found, [this] { content_->find_all(); });
  return content_->all;
}
std::span<const PkiProblem> Pki::problems_of_filing() const {
  return content_->filing;
}

void Pki::Content::find_all() const {
  all = filing;
  for (const PkiEntry& entry : entries) {
    const auto report = [&](PkiProblemKind kind, std::string text) {
      all.push_back({kind, entry.file, std::move(text)});
    };
    if (const PkiProblem* problem = entry.key_problem()) all.push_back(*problem);
    const CertificateChain& chain = entry.chain();
    if (!chain.trusted)
      report(PkiProblemKind::not_trusted, "no valid chain to the root: " + chain.reason);
    else if (clock < chain.valid_from || has_ended(chain.valid_until, clock))
      report(PkiProblemKind::not_valid_now, "valid from " + chain.valid_from.text() + " until " +
                                                chain.valid_until.text() +
                                                ", not at the run's clock " + clock.text());
    else if (is_revoked(chain.revocation, clock))
      report(PkiProblemKind::revoked, "is revoked since " + chain.revocation.revoked_since->text());
    else if (!is_known(chain.revocation, clock))
      report(PkiProblemKind::stale_list,
             "whether it is revoked is not known: its issuer's list is missing or not current");
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const PkiProblem& a, const PkiProblem& b) { return a.file < b.file; });
}

PkiAnswer Pki::find(const DistinguishedName& issuer, const CertificateSerial& serial,
                    UtcTime at) const {
  const auto& entries = content_->entries;
  const auto wanted = std::tie(issuer, serial);
  const auto it = std::lower_bound(
      content_->by_issuance.begin(), content_->by_issuance.end(), wanted,
      [&](std::uint32_t i, const auto& key) { return issuance_of(entries[i]) < key; });
  if (it == content_->by_issuance.end() || issuance_of(entries[*it]) != wanted) return {};
  return {entries[*it].status_at(at), &entries[*it]};
}

PkiAnswer Pki::find(PartyRole role, Eui64 eui, CertificateUse use, UtcTime at) const {
  const auto& entries = content_->entries;
  const auto wanted = std::tie(role, eui, use);
  const auto it = std::lower_bound(
      content_->by_party.begin(), content_->by_party.end(), wanted,
      [&](std::uint32_t i, const auto& key) { return party_of(entries[i]) < key; });
  if (it == content_->by_party.end() || party_of(entries[*it]) != wanted) return {};
  return {entries[*it].status_at(at), &entries[*it]};
}

PkiAnswer Pki::find_with_key(PartyRole role, Eui64 eui, CertificateUse use, UtcTime at) const {
  PkiAnswer answer = find(role, eui, use, at);
  if (answer.status == CertificateStatus::ok && answer.entry->key().type() == KeyType::none)
    answer.status = CertificateStatus::no_key;
  return answer;
}

PkiBuilder::PkiBuilder() : state_(std::make_unique<State>()) {}
PkiBuilder::~PkiBuilder() = default;

void PkiBuilder::add_root(Certificate certificate) {
  state_->roots.push_back(std::move(certificate));
}
void PkiBuilder::add_issuing(Certificate certificate) {
  state_->issuing.push_back(std::move(certificate));
}
void PkiBuilder::add_list(RevocationList list, std::string file) {
  state_->lists.push_back({std::move(list), std::move(file), false});
}
void PkiBuilder::add_problem(PkiProblemKind kind, std::string file, std::string text) {
  state_->content->filing.push_back({kind, std::move(file), std::move(text)});
}

void PkiBuilder::check_labels(const PkiEntry& entry, Eui64 claimed) {
  if (!allows(entry.certificate.key_usage(), entry.use))
    add_problem(PkiProblemKind::wrong_usage, entry.file,
                "the certificate's key usage does not allow " + std::string(name_of(entry.use)));
  const CertificateKind* kind = find_certificate_kind(entry.role, entry.use);
  if (kind == nullptr)
    add_problem(PkiProblemKind::wrong_role, entry.file,
                "the role " + std::string(name_of(entry.role)) + " has no certificate for " +
                    std::string(name_of(entry.use)));
  else if (entry.certificate.role_code() != kind->role_code)
    add_problem(PkiProblemKind::wrong_role, entry.file,
                "the OU of the certificate is not the code of " + std::string(name_of(entry.role)) +
                    " " + std::string(name_of(entry.use)));
  if (entry.eui.empty())
    add_problem(PkiProblemKind::wrong_party, entry.file,
                "the certificate has no x500UniqueIdentifier of 64 bits");
  else if (entry.eui != claimed)
    add_problem(PkiProblemKind::wrong_party, entry.file,
                "the certificate belongs to " + entry.eui.text());
}

void PkiBuilder::add(PkiEntry entry, Eui64 claimed, KeySource key) {
  S1FLOW_CHECK(!entry.certificate.empty());
  entry.eui = entry.certificate.eui().value_or(Eui64());
  check_labels(entry, claimed);
  auto later = std::make_shared<PkiEntry::Later>();
  later->source = std::move(key);
  later->judge = state_->judge;
  entry.later_ = std::move(later);
  state_->content->entries.push_back(std::move(entry));
}

void PkiBuilder::add(PkiEntry entry, Eui64 claimed, PrivateKey key) {
  add(std::move(entry), claimed,
      [held = std::move(key)] { return KeyRead{.key = held, .problem = {}}; });
}

void PkiBuilder::check_lists(UtcTime clock) {
  for (const State::List& l : state_->lists)
    if (!l.claimed)
      add_problem(PkiProblemKind::not_trusted, l.file,
                  "no authority here has signed this revocation list; it is left out");
    else if (clock < l.list.this_update() || has_ended(l.list.next_update(), clock))
      add_problem(PkiProblemKind::stale_list, l.file,
                  "is the list from " + l.list.this_update().text() + " until " +
                      l.list.next_update().text() + ", not of the run's clock " + clock.text());
}

void PkiBuilder::judge_chains(UtcTime clock, RevocationPolicy policy) {
  const QuietErrors quiet;
  // Authorities first, so that each certificate below them costs one signature check and not two.
  ChainChecker to_root(clock, policy);
  ChainChecker& checker = state_->judge->start(clock, policy);
  for (const Certificate& root : state_->roots) {
    const std::optional<RevocationList> list = state_->list_of(root);
    to_root.trust({root, period_of(root), {}, list});
    checker.trust({root, period_of(root), {}, list});
  }
  std::vector<std::optional<RevocationList>> lists;
  for (const Certificate& issuing : state_->issuing) {
    lists.push_back(state_->list_of(issuing));
    to_root.offer(issuing, lists.back());
  }
  for (std::size_t i = 0; i < lists.size(); ++i) {
    Period period;
    Revocation revocation;
    if (to_root.check(state_->issuing[i], period, revocation) == X509_V_OK)
      checker.trust({state_->issuing[i], period, revocation, lists[i]});
  }
}

Pki PkiBuilder::build(UtcTime clock, RevocationPolicy policy) {
  judge_chains(clock, policy);
  check_lists(clock);
  const std::shared_ptr<Pki::Content> content = std::exchange(state_->content, nullptr);
  auto& entries = content->entries;
  const auto report = [&](PkiProblemKind kind, const PkiEntry& entry, std::string text) {
    content->filing.push_back({kind, entry.file, std::move(text)});
  };
  std::stable_sort(entries.begin(), entries.end(),
                   [](const PkiEntry& a, const PkiEntry& b) { return party_of(a) < party_of(b); });
  for (std::uint32_t i = 0; i < entries.size(); ++i) {
    const PkiEntry& entry = entries[i];
    content->by_issuance.push_back(i);
    if (content->by_party.empty() || party_of(entries[content->by_party.back()]) != party_of(entry))
      content->by_party.push_back(i);
    else
      report(PkiProblemKind::duplicate, entry,
             "same role, EUI-64 and use as " + entries[content->by_party.back()].file +
                 "; that one is taken");
  }
  auto& index = content->by_issuance;
  std::stable_sort(index.begin(), index.end(), [&](std::uint32_t a, std::uint32_t b) {
    return issuance_of(entries[a]) < issuance_of(entries[b]);
  });
  Index unique;
  for (const std::uint32_t i : index) {
    if (!unique.empty() && issuance_of(entries[unique.back()]) == issuance_of(entries[i]))
      report(PkiProblemKind::duplicate, entries[i],
             "same issuer and serial as " + entries[unique.back()].file + "; that one is taken");
    else
      unique.push_back(i);
  }
  index = std::move(unique);
  content->clock = clock;
  std::stable_sort(content->filing.begin(), content->filing.end(),
                   [](const PkiProblem& a, const PkiProblem& b) { return a.file < b.file; });
  Pki pki;
  pki.content_ = content;
  state_ = std::make_unique<State>();
  return pki;
}

}  // namespace s1flow::codecs::crypto
