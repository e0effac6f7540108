#include "pipeline/single/sign.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/commands/all.h"
#include "cli/session.h"
#include "pipeline/single/sign_records.h"

namespace s1flow::cli {
namespace {

namespace crypto = codecs::crypto;

class Sign final : public Command {
 public:
  void add_options(CLI::App& app) override {
    app.add_option("FILE", file_, "XML document; - is standard input")->required();
    app.add_option("-o,--output", out_, "FILE to write; - is standard output")->default_val("-");
    app.add_flag("--overwrite", overwrite_, "Replace the output when it exists");
    auto* key =
        app.add_option("--key", key_, "FILE of the private key, PEM or PKCS#12, or a pkcs11: URI");
    auto* certificate =
        app.add_option("--cert", certificate_, "FILE of the signer's certificate, PEM");
    certificate->needs(key);
    app.add_option(
           "--as", as_,
           "ROLE or ROLE:EUI-64 that signs, from --pki; default: who the file says it is from")
        ->check(check_party)
        ->excludes(key);
    app.add_flag("--replace", replace_, "Put a new signature in the place of the old one");
    session_.add_options(app, wants_layouts | wants_pki | wants_batch);
    app.footer(
        "Enveloped XML Signature, ECDSA P-256 with SHA-256, one for the file or, where its layout "
        "says so, one for each record; every other byte stays as it "
        "is.\n\nExamples:\n  s1flow sign MC.xml --pki pki -o MC_signed.xml\n  s1flow sign any.xml "
        "--key key.pem --cert cert.pem > signed.xml");
  }

  // A device may be reached through a socket.
  [[nodiscard]] Confinement confinement() const override {
    return crypto::is_pkcs11_uri(key_) ? Confinement::none : Confinement::no_network_no_exec;
  }

  Result<ExitCode> run(const Console& console) override {
    S1FLOW_TRY_VOID(check_not_same(file_, out_));
    S1FLOW_TRY_VOID(session_.load(
        console, key_.empty() ? Session::PkiNeed::required : Session::PkiNeed::optional));
    S1FLOW_TRY(const Input input, Input::open(file_));
    S1FLOW_TRY(const Chosen chosen, choose(input));
    S1FLOW_TRY(Output output, Output::create(out_, overwrite_ ? Overwrite::yes : Overwrite::no));
    if (chosen.layout && codecs::has_signature_per_record(*chosen.layout))
      return sign_records(console, input, chosen, output);
    S1FLOW_TRY(crypto::SignatureMaker maker,
               crypto::SignatureMaker::make(chosen.certificate, chosen.key));
    S1FLOW_TRY(const pipeline::SignedDocument done,
               pipeline::sign_document(input.path(), maker, replace(), output.sink(console),
                                       byte_progress(console, "signing", input)));
    console.clear_progress();
    return finish(console, input, output, done.faults, done.signed_before, "signed by " + signer_);
  }

 private:
  // Who signs, and by which layout; none when the file has none.
  struct Chosen {
    crypto::Certificate certificate;
    crypto::PrivateKey key;
    std::shared_ptr<const codecs::Layout> layout;
  };

  [[nodiscard]] pipeline::Replace replace() const {
    return replace_ ? pipeline::Replace::yes : pipeline::Replace::no;
  }

  Result<ExitCode> sign_records(const Console& console, const Input& input, const Chosen& chosen,
                                Output& output) const {
    const pipeline::RecordSigning how{.certificate = chosen.certificate,
                                      .key = chosen.key,
                                      .replace = replace(),
                                      .limits = session_.limits(),
                                      .runner = {.stop = console.stop},
                                      .memory = {}};
    S1FLOW_TRY(const pipeline::SignedRecords done,
               pipeline::sign_records(input.path(), chosen.layout, how, output.sink(console),
                                      byte_progress(console, "signing", input)));
    console.clear_progress();
    return finish(console, input, output, done.faults, done.signed_before,
                  fmt::format("{} signed one by one by {}",
                              counted(done.records, chosen.layout->type->record_word), signer_));
  }

  Result<ExitCode> finish(const Console& console, const Input& input, Output& output,
                          const std::vector<codecs::Fault>& faults, bool signed_before,
                          const std::string& what) const {
    if (!faults.empty()) {
      console.talk_findings(input.name(), findings_of(faults, input.path().filename().string()));
      return ExitCode::no;
    }
    if (signed_before && !replace_)
      return tl::unexpected(usage_error(
          input.name() + ": is signed already; --replace puts a new signature in its place"));
    S1FLOW_TRY_VOID(output.commit(console));
    console.talk(fmt::format("{}: {}", output.name(), what));
    return ExitCode::fine;
  }

  Result<Chosen> choose(const Input& input) {
    if (!key_.empty()) {
      S1FLOW_TRY(const crypto::KeyAndCertificate own,
                 read_own_key(key_, certificate_, session_.passphrase()));
      signer_ = own.certificate.subject().text();
      Chosen chosen{.certificate = own.certificate, .key = own.key, .layout = {}};
      if (session_.type_given()) {
        S1FLOW_TRY(chosen.layout, session_.layout_of(input));
      } else if (const auto known = pipeline::recognise(input.path(), session_.layouts())) {
        chosen.layout = known->layout;
      }
      return chosen;
    }
    PartyName party;
    std::optional<Eui64> sender;
    std::vector<crypto::CertificateUse> uses{crypto::CertificateUse::file_signing,
                                             crypto::CertificateUse::xml_signing};
    S1FLOW_TRY(const pipeline::Recognised known,
               pipeline::recognise(input.path(), session_.layouts()));
    auto layout = known.layout;
    if (session_.type_given()) {
      S1FLOW_TRY(layout, session_.layout_of(input));
    }
    if (layout && layout->container == codecs::Container::xml) {
      S1FLOW_TRY(const pipeline::ExchangeHeader header,
                 pipeline::peek_header(input.path(), layout, {}));
      sender = header.sender;
    }
    if (!as_.empty()) {
      party = *parse_party(as_);
      if (party.eui) sender.reset();
    } else {
      const auto role = layout ? crypto::parse_party_role(layout->signer) : std::nullopt;
      if (!role)
        return tl::unexpected(usage_error(
            input.name() + ": does not say who signs it; give --as ROLE, or --key and --cert"));
      party.role = *role;
    }
    S1FLOW_TRY(const crypto::PkiEntry* entry,
               find_entry(*session_.pki(), session_.pki_name(), party, uses, sender,
                          session_.clock(), true));
    signer_ = fmt::format("{} {}", crypto::name_of(entry->role), entry->eui.text());
    return Chosen{.certificate = entry->certificate, .key = entry->key(), .layout = layout};
  }

  Session session_;
  std::string file_, out_, key_, certificate_, as_, signer_;
  bool overwrite_ = false, replace_ = false;
};

}  // namespace

std::unique_ptr<Command> make_sign() {
  return std::make_unique<Sign>();
}

}  // namespace s1flow::cli
