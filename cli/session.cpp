#include "cli/session.h"

#include <algorithm>
#include <chrono>
#include <future>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "core/json_text.h"
#include "core/memory_pages.h"
#include "core/text.h"
#include "pipeline/exchange/layout_schema.h"

namespace s1flow::cli {

namespace crypto = codecs::crypto;

std::optional<UtcTime> parse_time(std::string_view text) {
  if (const auto time = UtcTime::parse(text)) return time;
  const auto date = Date::parse(text);
  return date ? std::optional(UtcTime(UtcTime::Rep(date->day()))) : std::nullopt;
}

std::string check_time(const std::string& text) {
  return parse_time(text) ? std::string()
                          : "'" + text + "' is no time; write 2021-06-04T12:00:00Z or 2021-06-04";
}

std::string check_severity(const std::string& text) {
  const std::size_t equals = text.find('=');
  const bool good = equals != std::string::npos && equals != 0 &&
                    parse_severity(std::string_view(text).substr(equals + 1)).has_value();
  if (!good) return "'" + text + "': write RULE=off, info, warning or error";
  const std::string_view id = std::string_view(text).substr(0, equals);
  if (pipeline::find_rule(id) != nullptr) return {};
  return fmt::format("there is no rule '{}'; did you mean '{}'?", id,
                     pipeline::nearest_rule_id(id));
}

std::optional<PartyName> parse_party(std::string_view text) {
  const std::size_t colon = text.find(':');
  const auto role = crypto::parse_party_role(text.substr(0, colon));
  if (!role) return std::nullopt;
  PartyName party{.role = *role, .eui = {}};
  if (colon == std::string_view::npos) return party;
  party.eui = Eui64::parse(text.substr(colon + 1));
  if (!party.eui) return std::nullopt;
  return party;
}

std::string check_party(const std::string& text) {
  if (parse_party(text)) return {};
  std::string roles;
  for (const std::string_view r : crypto::kPartyRoleNames) roles += fmt::format(" {}", r);
  return fmt::format("'{}' is no party; write ROLE or ROLE:EUI-64, where ROLE is one of{}", text,
                     roles);
}

void Session::add_options(CLI::App& app, unsigned wants) {
  if ((wants & wants_layouts) != 0) {
    app.add_option("--type", type_,
                   "Read it as this type, 'mcf' or 'mcf/1', whatever it looks like");
    app.add_option("--layouts", layouts_folder_,
                   "FOLDER of layouts and schemas that come before the shipped ones");
  }
  if ((wants & wants_pki) != 0) {
    app.add_option("--pki", pki_folder_, "FOLDER of certificates and keys");
    app.add_option("--at", at_, "TIME at which certificates have to be valid; default: now")
        ->check(check_time);
    app.add_option("--passphrase", passphrase_from_,
                   "FILE, or fd:N, that holds the passphrase of keys and PKCS#12 files, or a "
                   "device's PIN");
    app.add_option("--revocation", revocation_,
                   "Of revocation lists: listed, required, stale-too; default: listed")
        ->check(CLI::IsMember({"listed", "required", "stale-too"}));
  }
  if ((wants & wants_batch) != 0)
    app.add_option("--batch", batch_folder_,
                   "FOLDER of a batch whose certificates, layouts, clock and severities count");
  if ((wants & wants_severity) != 0)
    app.add_option("--severity", severities_,
                   "RULE=off|info|warning|error: set a rule's severity; may be repeated")
        ->allow_extra_args(false)
        ->check(check_severity);
}

Status Session::load(const Console& console, PkiNeed need) {
  clock_ = UtcTime(std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()));
  std::vector<std::pair<std::string, Severity>> severities;
  if (!batch_folder_.empty()) {
    S1FLOW_TRY(batch_, pipeline::load_batch(batch_folder_));
    clock_ = batch_->clock;
    layouts_ = batch_->layouts;
    severities = batch_->severities;
    if (pki_folder_.empty()) pki_folder_ = batch_->pki.string();
  }
  if (!at_.empty()) clock_ = *parse_time(at_);
  for (const std::string& s : severities_) {
    const std::size_t equals = s.find('=');
    severities.emplace_back(s.substr(0, equals), *parse_severity(s.substr(equals + 1)));
  }
  S1FLOW_TRY(rules_, pipeline::RuleSet::with(severities));
  // Layouts and certificates take some milliseconds each, and know nothing of each other.
  std::future<Result<codecs::LayoutSet>> layouts;
  if (!layouts_folder_.empty() || !layouts_)
    layouts = std::async([folder = layouts_folder_] {
      expect_allocations();
      return folder.empty() ? codecs::LayoutSet::shipped() : codecs::LayoutSet::with_folder(folder);
    });
  const Status certificates = load_pki(console, need);
  if (layouts.valid()) {
    S1FLOW_TRY(layouts_, layouts.get());
  }
  return certificates;
}

Status Session::load_pki(const Console& console, PkiNeed need) {
  if (!passphrase_from_.empty()) {
    S1FLOW_TRY(passphrase_, crypto::read_password(passphrase_from_));
  }
  if (pki_folder_.empty()) {
    return need == PkiNeed::required ? require_pki() : Status();
  }
  crypto::PkiOptions options;
  options.clock = clock_;
  options.key_passphrase = passphrase();
  if (batch_) options.revocation = batch_->revocation;
  if (!revocation_.empty()) options.revocation = *crypto::parse_revocation_policy(revocation_);
  S1FLOW_TRY(pki_, crypto::Pki::load(pki_folder_, options));
  // A certificate that is not valid is of no interest unless a file names it, and then it is told;
  // so is a key that cannot be used when it is needed.
  for (const crypto::PkiProblem& p : pki_->problems_of_filing())
    if (p.kind != crypto::PkiProblemKind::not_trusted &&
        p.kind != crypto::PkiProblemKind::stale_list)
      console.talk(fmt::format("s1flow: warning: {}/{}: {}", pki_folder_, p.file, p.text));
  return {};
}

Status Session::require_pki() const {
  if (pki_) return {};
  return tl::unexpected(
      usage_error("certificates are needed: give --pki FOLDER ('s1flow generate pki' makes one)"));
}

std::optional<std::string_view> Session::passphrase() const {
  return passphrase_ ? std::optional(passphrase_->view()) : std::nullopt;
}

Result<crypto::KeyAndCertificate> read_own_key(const std::string& key,
                                               const std::string& certificate,
                                               std::optional<std::string_view> passphrase) {
  crypto::KeyAndCertificate own;
  const auto at = [](auto result, const std::string& where) {
    return std::move(result).map_error([&](Error e) { return std::move(e).at(where); });
  };
  if (crypto::is_pkcs11_uri(key)) {
    S1FLOW_TRY(own.key, at(crypto::key_from_pkcs11(key, passphrase), "--key"));
  } else {
    S1FLOW_TRY(const crypto::Secret bytes, crypto::read_secret(key));
    // A PKCS#12 file is DER, and so begins with a SEQUENCE.
    if (bytes.view().starts_with('\x30')) {
      S1FLOW_TRY(own, at(crypto::read_pkcs12(bytes.view(), passphrase.value_or("")), key));
      if (own.key.type() == crypto::KeyType::none)
        return tl::unexpected(usage_error(key + ": holds no private key"));
      if (certificate.empty()) return own;
    } else {
      S1FLOW_TRY(own.key, at(crypto::PrivateKey::from_pem(bytes.view(), passphrase), key));
    }
  }
  if (certificate.empty())
    return tl::unexpected(usage_error("--key needs --cert, unless it is a PKCS#12 file"));
  S1FLOW_TRY(const std::string pem, read_text(certificate, 1 << 20));
  S1FLOW_TRY(own.certificate, at(crypto::Certificate::from_pem(pem), certificate));
  return own;
}

Result<std::shared_ptr<const codecs::Layout>> Session::layout_of(const Input& input) const {
  if (!type_.empty()) return pipeline::find_layout(*layouts_, type_);
  S1FLOW_TRY(const pipeline::Recognised r, pipeline::recognise(input.path(), *layouts_));
  if (r.layout) return r.layout;
  if (r.empty) return tl::unexpected(usage_error(input.name() + ": is empty"));
  return tl::unexpected(usage_error(fmt::format(
      "{}: no layout knows this file{}{}; name one with --type ('s1flow list layouts'), or give "
      "--layouts",
      input.name(), r.seen.empty() ? "" : ": ", r.seen)));
}

pipeline::SingleFileContext Session::context(const Console& console, const Input& input,
                                             Keys keys) const {
  pipeline::SingleFileContext c;
  c.batch = batch_ ? &*batch_ : nullptr;
  c.pki = pki();
  c.clock = clock_;
  c.rules = rules_;
  c.layouts = &*layouts_;
  if (batch_) c.limits = batch_->limits;
  c.runner.stop = console.stop;
  c.progress = byte_progress(console, "reading " + input.name(), input);
  if (keys == Keys::all && pki_)
    for (const crypto::PkiEntry& e : pki_->entries()) {
      if ((e.role != crypto::PartyRole::s1sp && e.role != crypto::PartyRole::dco) ||
          (e.use != crypto::CertificateUse::key_agreement &&
           e.use != crypto::CertificateUse::key_encipherment))
        continue;
      if (const crypto::PkiProblem* problem = e.key_problem())
        console.talk(
            fmt::format("s1flow: warning: {}/{}: {}", pki_folder_, problem->file, problem->text));
      if (e.key().type() != crypto::KeyType::none &&
          e.status_at(clock_) == crypto::CertificateStatus::ok)
        c.holders.push_back({.certificate = e.certificate, .key = e.key(), .key_name = {}});
    }
  return c;
}

Result<std::shared_ptr<const codecs::XmlSchema>> Session::schema_of(
    const codecs::Layout& layout) const {
  const std::lock_guard lock(schemas_mutex_);
  if (const auto found = schemas_.find(layout.name()); found != schemas_.end())
    return found->second;
  S1FLOW_TRY(std::shared_ptr<const codecs::XmlSchema> schema, pipeline::schema_of(layout));
  return schemas_[layout.name()] = std::move(schema);
}

Result<const crypto::PkiEntry*> find_entry(const crypto::Pki& pki, const std::string& pki_name,
                                           const PartyName& party,
                                           const std::vector<crypto::CertificateUse>& uses,
                                           std::optional<Eui64> fallback, UtcTime clock,
                                           bool with_key) {
  const std::optional<Eui64> wanted = party.eui ? party.eui : fallback;
  std::vector<const crypto::PkiEntry*> found;
  std::string wrong;
  for (const crypto::CertificateUse use : uses) {
    for (const crypto::PkiEntry& e : pki.entries()) {
      if (e.role != party.role || e.use != use || (wanted && e.eui != *wanted)) continue;
      const crypto::PkiAnswer answer = with_key ? pki.find_with_key(e.role, e.eui, use, clock)
                                                : pki.find(e.role, e.eui, use, clock);
      if (answer.status == crypto::CertificateStatus::ok && answer.entry == &e)
        found.push_back(&e);
      else if (answer.status == crypto::CertificateStatus::no_key && e.key_problem() != nullptr)
        wrong = fmt::format("{}: {}", e.key_problem()->file, e.key_problem()->text);
      else if (answer.status == crypto::CertificateStatus::no_key)
        wrong = fmt::format("{} has no private key beside it", e.file);
      else
        wrong = fmt::format("{} is {}", e.file, crypto::name_of(answer.status));
    }
    if (!found.empty()) break;
  }
  if (found.size() == 1) return found.front();
  if (found.empty())
    return tl::unexpected(usage_error(
        fmt::format("{}: no usable {} {} of {}{}{}", pki_name, crypto::name_of(uses.front()),
                    with_key ? "key" : "certificate", crypto::name_of(party.role),
                    wanted ? " " + wanted->text() : std::string(),
                    wrong.empty() ? wrong : " (" + wrong + ")")));
  std::string names;
  for (const crypto::PkiEntry* e : found) names += " " + e->eui.text();
  return tl::unexpected(
      usage_error(fmt::format("{}: several parties are {}; write {}:EUI-64 with one of{}", pki_name,
                              crypto::name_of(party.role), crypto::name_of(party.role), names)));
}

std::string finding_line(const std::string& file, const Finding& f) {
  std::string line = file;
  if (f.place.line != 0) line += fmt::format(":{}", f.place.line);
  line += fmt::format(": {}: {}: {}", name_of(f.severity), f.rule->id, f.rule->title);
  if (!f.record.empty()) line += fmt::format(" ({})", shown(f.record));
  if (!f.field.empty()) line += fmt::format(", {}", f.field);
  if (!f.seen.empty()) line += fmt::format(" '{}'", f.seen);
  if (!f.note.empty()) line += ": " + f.note;
  if (f.place.line != 0) line += fmt::format(" [byte {}]", f.place.byte);
  line += '\n';
  return line;
}

void show_findings(const Console& console, OutputFormat format, const std::string& file,
                   const std::vector<Finding>& findings) {
  std::string text;
  for (const Finding& f : findings) {
    if (format == OutputFormat::json) {
      append_json(text, f);
      text += '\n';
    } else {
      text += finding_line(file, f);
    }
    if (text.size() < 64UL * 1024) continue;
    console.out(text);
    text.clear();
  }
  console.out(text);
}

std::vector<Finding> findings_of(std::vector<codecs::Fault> faults, const std::string& file) {
  std::vector<Finding> findings;
  for (codecs::Fault& f : faults)
    findings.push_back(codecs::to_finding(std::move(f), file, Severity::error));
  return findings;
}

OutputFormat parse_format(std::string_view name) {
  return name == "json" ? OutputFormat::json : OutputFormat::human;
}

std::string counted(std::uint64_t count, std::string_view word) {
  return fmt::format("{} {}{}", count, word, count == 1 ? "" : "s");
}

}  // namespace s1flow::cli
