#include <algorithm>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/commands/all.h"
#include "cli/session.h"
#include "codecs/zip/protected_zip.h"
#include "pipeline/single/checked_encryption.h"
#include "pipeline/single/crypt.h"
#include "pipeline/single/maf_container.h"

namespace s1flow::cli {
namespace {

namespace crypto = codecs::crypto;

class Encrypt final : public Command {
 public:
  void add_options(CLI::App& app) override {
    app.add_option("FILE", file_,
                   "File with readable shares, such as a MEF, or a MAF; - is standard input")
        ->required();
    app.add_option("--to", to_,
                   "s1sp or dco, :EUI-64 or =CERTIFICATE.pem: encrypt its share for it; may be "
                   "repeated; default: every share for the file's recipient");
    app.add_option("-o,--output", out_, "FILE to write; - is standard output")->default_val("-");
    app.add_flag("--overwrite", overwrite_, "Replace the output when it exists");
    app.add_option("--key-transport", transport_, "How content keys travel: ecdh-es, rsa-oaep")
        ->default_val("ecdh-es")
        ->check(CLI::IsMember({"ecdh-es", "rsa-oaep"}));
    app.add_flag(
        "--check", check_,
        "Judge the file as 's1flow check' does, in the same pass over all cores, and write "
        "nothing when it is refused");
    session_.add_options(app, wants_layouts | wants_pki | wants_batch | wants_severity);
    app.footer(
        "AES-256-GCM; a signature is left out, since it would no longer hold: sign "
        "afterwards.\n\nExamples:\n  s1flow encrypt ME.xml --pki pki -o ME_encrypted.xml\n  s1flow "
        "encrypt ME.xml --to s1sp=s1sp.pem | s1flow sign - --pki pki > ME_signed.xml");
  }

  [[nodiscard]] Confinement confinement() const override { return Confinement::no_network_no_exec; }

  Result<ExitCode> run(const Console& console) override {
    S1FLOW_TRY_VOID(check_not_same(file_, out_));
    const bool needs_pki =
        to_.empty() || std::any_of(to_.begin(), to_.end(), [](const std::string& t) {
          return t.find('=') == std::string::npos;
        });
    S1FLOW_TRY_VOID(session_.load(console));
    S1FLOW_TRY(const Input input, Input::open(file_, Secrecy::secret));
    S1FLOW_TRY(const auto layout, session_.layout_of(input));
    if (layout->type->id == "maf") return protect_maf(console, input);
    if (needs_pki) S1FLOW_TRY_VOID(session_.require_pki());
    if (layout->shares.empty())
      return tl::unexpected(usage_error(fmt::format(
          "{}: files of layout {} have nothing to encrypt", input.name(), layout->name())));
    S1FLOW_TRY(const pipeline::ExchangeHeader header,
               pipeline::peek_header(input.path(), layout, {}));
    S1FLOW_TRY(const pipeline::EncryptRequest request, request_for(input, *layout, header));
    S1FLOW_TRY(Output output, Output::create(out_, overwrite_ ? Overwrite::yes : Overwrite::no));
    if (check_) return run_checked(console, input, layout, request, output);
    S1FLOW_TRY(const pipeline::CryptResult done,
               pipeline::encrypt_document(input.path(), *layout, request, output.sink(console),
                                          byte_progress(console, "encrypting", input.size())));
    console.clear_progress();
    if (!done.faults.empty()) {
      console.talk_findings(input.name(),
                            findings_of(done.faults, input.path().filename().string()));
      return ExitCode::no;
    }
    return commit(console, output, request, done.values, done.signature_dropped);
  }

 private:
  Result<ExitCode> run_checked(const Console& console, const Input& input,
                               const std::shared_ptr<const codecs::Layout>& layout,
                               const pipeline::EncryptRequest& request, Output& output) {
    // The shares are readable, and have to be.
    pipeline::SingleFileContext context = session_.context(console, input, Session::Keys::none);
    if (input.is_stdin()) {
      S1FLOW_TRY(context.rules, context.rules.changed("file.name", Severity::off));
    }
    S1FLOW_TRY(
        const pipeline::CheckedEncryption done,
        pipeline::encrypt_checked(input.path(), layout, request, context, output.sink(console)));
    console.clear_progress();
    if (!done.verdict.findings.empty()) console.talk_findings(input.name(), done.verdict.findings);
    if (!done.verdict.accepted) return ExitCode::no;
    return commit(console, output, request, done.values, done.signature_dropped);
  }

  Result<ExitCode> commit(const Console& console, Output& output,
                          const pipeline::EncryptRequest& request, std::uint64_t values,
                          bool signature_dropped) const {
    S1FLOW_TRY_VOID(output.commit(console));
    console.talk(fmt::format("{}: {} encrypted for {}{}", output.name(), counted(values, "share"),
                             counted(request.recipients.size(), "recipient"),
                             signature_dropped ? "; the signature is left out" : ""));
    if (values == 0)
      console.talk("s1flow: warning: there was no readable share; nothing has been encrypted");
    return ExitCode::fine;
  }

  // A MAF goes into a ZIP; its password into the file beside it, unless --passphrase gave one.
  Result<ExitCode> protect_maf(const Console& console, const Input& input) {
    if (out_ == "-" || input.is_stdin() || !out_.ends_with(".zip"))
      return tl::unexpected(usage_error(
          "a MAF goes into a ZIP of its own name: give the file by its name, and -o MA_….zip"));
    const Overwrite overwrite = overwrite_ ? Overwrite::yes : Overwrite::no;
    const Path zip(out_);
    const std::string inside = zip.stem().string() + ".csv";
    std::string with = "the password given";
    if (const auto given = session_.passphrase()) {
      S1FLOW_TRY_VOID(codecs::zip_protected(input.path(), inside, *given, zip, overwrite));
    } else {
      S1FLOW_TRY(const crypto::Secret made, pipeline::make_password());
      const Path companion = pipeline::password_file_of(zip);
      S1FLOW_TRY_VOID(codecs::zip_protected(input.path(), inside, made.view(), zip, overwrite));
      S1FLOW_TRY_VOID(write_whole(companion, made.view(), overwrite));
      with = "the password in " + companion.string();
    }
    console.talk(fmt::format("{}: AES-256, opens with {}", out_, with));
    return ExitCode::fine;
  }

  Result<pipeline::EncryptRequest> request_for(const Input& input, const codecs::Layout& layout,
                                               const pipeline::ExchangeHeader& header) const {
    if (!header.sender)
      return tl::unexpected(usage_error(
          input.name() + ": the header names no sender, in whose name keys are agreed"));
    pipeline::EncryptRequest request;
    request.originator = *header.sender;
    request.transport = transport_ == "rsa-oaep" ? crypto::KeyTransport::rsa_oaep_sha1
                                                 : crypto::KeyTransport::ecdh_es;
    std::vector<std::string> to = to_;
    if (to.empty())
      for (const codecs::EncryptedShare& s : layout.shares) to.push_back(s.name);
    for (const std::string& t : to) {
      const std::string share = t.substr(0, t.find_first_of(":="));
      const std::size_t equals = t.find('=');
      if (equals != std::string::npos) {
        const std::string file = t.substr(equals + 1);
        S1FLOW_TRY(const std::string pem, read_text(file, 1 << 20));
        auto certificate = crypto::Certificate::from_pem(pem);
        if (!certificate) return tl::unexpected(std::move(certificate).error().at(file));
        request.recipients.push_back({share, *std::move(certificate)});
        continue;
      }
      const auto party = parse_party(t);
      if (!party)
        return tl::unexpected(usage_error(fmt::format(
            "--to {}: write SHARE, SHARE:EUI-64 or SHARE=CERTIFICATE.pem, such as s1sp", t)));
      S1FLOW_TRY(const crypto::PkiEntry* entry, recipient(*party, header));
      request.recipients.push_back({share, entry->certificate});
    }
    return request;
  }

  // The party named, or the one of its role among the file's recipients, or the only one there is.
  Result<const crypto::PkiEntry*> recipient(const PartyName& party,
                                            const pipeline::ExchangeHeader& header) const {
    const auto use = transport_ == "rsa-oaep" ? crypto::CertificateUse::key_encipherment
                                              : crypto::CertificateUse::key_agreement;
    std::optional<Eui64> fallback;
    for (const Eui64 e : header.recipients)
      if (session_.pki()->find(party.role, e, use, session_.clock()).entry != nullptr) fallback = e;
    return find_entry(*session_.pki(), session_.pki_name(), party, {use}, fallback,
                      session_.clock(), false);
  }

  Session session_;
  std::string file_, out_, transport_;
  std::vector<std::string> to_;
  bool overwrite_ = false, check_ = false;
};

}  // namespace

std::unique_ptr<Command> make_encrypt() {
  return std::make_unique<Encrypt>();
}

}  // namespace s1flow::cli
