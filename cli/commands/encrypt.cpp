#include <algorithm>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/commands/all.h"
#include "cli/many_inputs.h"
#include "cli/session.h"
#include "codecs/zip/protected_zip.h"
#include "core/trouble.h"
#include "pipeline/single/checked_encryption.h"
#include "pipeline/single/crypt.h"
#include "pipeline/single/maf_container.h"
#include "pipeline/single/many_files.h"

namespace s1flow::cli {
namespace {

namespace crypto = codecs::crypto;

class Encrypt final : public Command {
 public:
  void add_options(CLI::App& app) override {
    app.add_option("FILE", files_,
                   "File with readable shares, such as a MEF, or a MAF; - is standard input. "
                   "Several, or a folder of them, go into the folder that -o names")
        ->required();
    app.add_option("--to", to_,
                   "s1sp or dco, :EUI-64 or =CERTIFICATE.pem: encrypt its share for it; may be "
                   "repeated; default: every share for the file's recipient")
        ->allow_extra_args(false);
    app.add_option("-o,--output", out_,
                   "FILE to write, or FOLDER for several; - is standard output")
        ->default_val("-");
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
        "afterwards.\n\nExamples:\n  s1flow encrypt ME.xml --to s1sp=s1sp.pem | s1flow sign - "
        "--pki "
        "pki > ME_signed.xml\n  s1flow encrypt day1/ --check --pki pki -o day1_encrypted");
  }

  [[nodiscard]] Confinement confinement() const override { return Confinement::no_network_no_exec; }

  Result<ExitCode> run(const Console& console) override {
    const ManyInputs inputs = ManyInputs::find(files_);
    if (!inputs.several) S1FLOW_TRY_VOID(check_not_same(files_[0], out_));
    S1FLOW_TRY_VOID(session_.load(console));
    S1FLOW_TRY_VOID(read_addressees());
    if (inputs.several) return run_many(console, inputs);
    S1FLOW_TRY(const Input input, Input::open(files_[0], Secrecy::secret));
    S1FLOW_TRY(const auto layout, session_.layout_of(input));
    if (layout->type->id == "maf") return protect_maf(console, input);
    S1FLOW_TRY_VOID(prepare(input, *layout));
    S1FLOW_TRY(Output output, Output::create(out_, overwrite_ ? Overwrite::yes : Overwrite::no));
    S1FLOW_TRY(const Encrypted done,
               encrypt(console, input, layout, {.stop = console.stop}, output.sink(console)));
    console.clear_progress();
    if (!done.findings.empty()) console.talk_findings(input.name(), done.findings);
    if (!done.accepted) return ExitCode::no;
    S1FLOW_TRY_VOID(output.commit(console));
    console.talk(fmt::format("{}: {} encrypted for {}{}", output.name(),
                             counted(done.values, "share"), counted(done.recipients, "recipient"),
                             done.signature_dropped ? "; the signature is left out" : ""));
    if (done.values == 0)
      console.talk("s1flow: warning: there was no readable share; nothing has been encrypted");
    return ExitCode::fine;
  }

 private:
  struct Encrypted {
    bool accepted = false;
    std::vector<Finding> findings;
    std::uint64_t values = 0;
    std::size_t recipients = 0;
    bool signature_dropped = false;
  };

  // Whether such a file can be encrypted by what was given.
  Status prepare(const Input& input, const codecs::Layout& layout) const {
    if (to_.empty() || std::any_of(addressees_.begin(), addressees_.end(),
                                   [](const Addressee& a) { return !a.certificate; }))
      S1FLOW_TRY_VOID(session_.require_pki());
    if (layout.shares.empty())
      return tl::unexpected(usage_error(fmt::format(
          "{}: files of layout {} have nothing to encrypt", input.name(), layout.name())));
    return {};
  }

  Result<Encrypted> encrypt(const Console& console, const Input& input,
                            const std::shared_ptr<const codecs::Layout>& layout,
                            const pipeline::RunnerOptions& runner, const ByteSink& sink) const {
    if (!check_) {
      S1FLOW_TRY(const pipeline::ExchangeHeader header,
                 pipeline::peek_header(input.path(), layout, {}));
      S1FLOW_TRY(const pipeline::EncryptRequest request, request_for(input, *layout, header));
      S1FLOW_TRY(pipeline::CryptResult done,
                 pipeline::encrypt_document(input.path(), *layout, request, sink,
                                            byte_progress(console, "encrypting", input)));
      const bool good = done.faults.empty();
      return Encrypted{
          .accepted = good,
          .findings = findings_of(std::move(done.faults), input.path().filename().string()),
          .values = done.values,
          .recipients = request.recipients.size(),
          .signature_dropped = done.signature_dropped};
    }
    // The shares are readable, and have to be.
    pipeline::SingleFileContext context = session_.context(console, input, Session::Keys::none);
    context.runner = runner;
    S1FLOW_TRY(context.schema, session_.schema_of(*layout));
    if (input.is_stdin()) {
      S1FLOW_TRY(context.rules, context.rules.changed("file.name", Severity::off));
    }
    std::size_t recipients = 0;
    const pipeline::RequestFor request = [&](const pipeline::ExchangeHeader& header) {
      auto made = request_for(input, *layout, header);
      if (made) recipients = made->recipients.size();
      return made;
    };
    S1FLOW_TRY(pipeline::CheckedEncryption done,
               pipeline::encrypt_checked(input.path(), layout, request, context, sink));
    return Encrypted{.accepted = done.verdict.accepted,
                     .findings = std::move(done.verdict.findings),
                     .values = done.values,
                     .recipients = recipients,
                     .signature_dropped = done.signature_dropped};
  }

  // ---- several files

  // One of them, from its reading until it is told and written.
  struct Item {
    Result<Encrypted> done;
    std::optional<StagedFile> staged;  // of small files
  };

  Result<ExitCode> run_many(const Console& console, const ManyInputs& inputs) {
    S1FLOW_TRY(OutputFolder outputs,
               OutputFolder::open(out_, inputs, overwrite_ ? Overwrite::yes : Overwrite::no));
    std::vector<std::unique_ptr<Item>> items(inputs.names.size());
    ExitCode worst = ExitCode::fine;
    for (const Error& problem : inputs.problems) {
      console.error(problem);
      worst = std::max(worst, exit_code_of(problem));
    }
    std::uint64_t written = 0, refused = 0, values = 0;
    const auto show = console.progress();
    const Status status = pipeline::for_each_file(
        {.count = inputs.names.size(),
         .size_of = [&](std::size_t i) { return inputs.size_of(i); },
         .work = [&](std::size_t i, const pipeline::RunnerOptions& runner) -> Status {
           items[i] = std::make_unique<Item>(encrypt_one(console, inputs, i, runner, outputs));
           const Result<Encrypted>& done = items[i]->done;
           if (!done && done.error().kind() == ErrorKind::cancelled)
             return tl::unexpected(done.error());
           return {};
         },
         .finish = [&](std::size_t i) -> Status {
           const std::unique_ptr<Item> item = std::move(items[i]);
           if (show && i % 64 == 0)
             show({.step = "encrypting, files:", .done = i, .total = items.size()});
           if (!item->done) {
             // After trouble of the machine nothing is finished any more: one line for all.
             S1FLOW_TRY_VOID(check_machine());
             // One file that cannot be read does not keep the others from their way.
             console.clear_progress();
             const Error& error = item->done.error();
             const bool named = error.message().find(inputs.names[i]) != std::string::npos;
             console.error(named ? error : Error(error).at(inputs.names[i]));
             worst = std::max(worst, exit_code_of(error));
             return {};
           }
           if (!item->done->findings.empty()) {
             console.clear_progress();
             console.talk_findings(inputs.names[i], item->done->findings);
           }
           ++(item->done->accepted ? written : refused);
           if (!item->done->accepted) return {};
           values += item->done->values;
           return item->staged ? outputs.add(*std::move(item->staged)) : Status();
         }},
        {.stop = console.stop});
    console.clear_progress();
    // What is whole may stay, also when the work stops.
    S1FLOW_TRY_VOID(outputs.finish());
    S1FLOW_TRY_VOID(Status(status));
    console.talk(fmt::format("{}: {} written, {} encrypted; {} refused", out_,
                             counted(written, "file"), counted(values, "share"), refused));
    return worst != ExitCode::fine ? worst : refused != 0 ? ExitCode::no : ExitCode::fine;
  }

  Item encrypt_one(const Console& console, const ManyInputs& inputs, std::size_t i,
                   const pipeline::RunnerOptions& runner, const OutputFolder& outputs) const {
    Item item{.done = Encrypted(), .staged = {}};
    item.done = [&]() -> Result<Encrypted> {
      const std::string& name = inputs.names[i];
      S1FLOW_TRY(const Input input, Input::open(name));
      S1FLOW_TRY(const auto layout, session_.layout_of(input));
      if (layout->type->id == "maf")
        return tl::unexpected(
            usage_error(name + ": a MAF goes into a ZIP of its own; name it alone"));
      S1FLOW_TRY_VOID(prepare(input, *layout));
      if (runner.workers != 1) return encrypt_large(console, input, layout, runner, outputs);
      std::string bytes;
      S1FLOW_TRY(Encrypted done,
                 encrypt(console, input, layout, runner, [&](std::string_view more) -> Status {
                   bytes += more;
                   return {};
                 }));
      if (done.accepted) {
        S1FLOW_TRY(item.staged, outputs.write(name, bytes));
      }
      return done;
    }();
    return item;
  }

  Result<Encrypted> encrypt_large(const Console& console, const Input& input,
                                  const std::shared_ptr<const codecs::Layout>& layout,
                                  const pipeline::RunnerOptions& runner,
                                  const OutputFolder& outputs) const {
    S1FLOW_TRY(Output output, Output::create(outputs.path_for(input.name()).string(),
                                             overwrite_ ? Overwrite::yes : Overwrite::no));
    S1FLOW_TRY(Encrypted done, encrypt(console, input, layout, runner, output.sink(console)));
    if (done.accepted) S1FLOW_TRY_VOID(output.commit(console));
    return done;
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
    if (to_.empty())
      for (const codecs::EncryptedShare& share : layout.shares) {
        const auto party = parse_party(share.name);
        if (!party)
          return tl::unexpected(
              usage_error(fmt::format("share '{}' is not named after a role; say whom it is for "
                                      "with --to {}=CERTIFICATE.pem",
                                      share.name, share.name)));
        S1FLOW_TRY(const crypto::PkiEntry* entry, recipient(*party, header));
        request.recipients.push_back({share.name, entry->certificate});
      }
    for (const Addressee& a : addressees_) {
      if (a.certificate) {
        request.recipients.push_back({a.share, *a.certificate});
      } else {
        S1FLOW_TRY(const crypto::PkiEntry* entry, recipient(*a.party, header));
        request.recipients.push_back({a.share, entry->certificate});
      }
    }
    return request;
  }

  // What --to says, once for all files.
  Status read_addressees() {
    for (const std::string& t : to_) {
      Addressee a{.share = t.substr(0, t.find_first_of(":=")), .party = {}, .certificate = {}};
      if (const std::size_t equals = t.find('='); equals != std::string::npos) {
        const std::string file = t.substr(equals + 1);
        S1FLOW_TRY(const std::string pem, read_text(file, 1 << 20));
        auto certificate = crypto::Certificate::from_pem(pem);
        if (!certificate) return tl::unexpected(std::move(certificate).error().at(file));
        a.certificate = *std::move(certificate);
      } else if (a.party = parse_party(t); !a.party) {
        return tl::unexpected(usage_error(fmt::format(
            "--to {}: write SHARE, SHARE:EUI-64 or SHARE=CERTIFICATE.pem, such as s1sp", t)));
      }
      addressees_.push_back(std::move(a));
    }
    return {};
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

  // Whom a share is for: one certificate, or a party of the PKI.
  struct Addressee {
    std::string share;
    std::optional<PartyName> party;
    std::optional<crypto::Certificate> certificate;
  };

  Session session_;
  std::vector<std::string> files_, to_;
  std::vector<Addressee> addressees_;
  std::string out_, transport_;
  bool overwrite_ = false, check_ = false;
};

}  // namespace

std::unique_ptr<Command> make_encrypt() {
  return std::make_unique<Encrypt>();
}

}  // namespace s1flow::cli
