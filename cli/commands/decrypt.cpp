#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/commands/all.h"
#include "cli/session.h"
#include "pipeline/single/crypt.h"
#include "pipeline/single/maf_container.h"

namespace s1flow::cli {
namespace {

namespace crypto = codecs::crypto;

class Decrypt final : public Command {
 public:
  void add_options(CLI::App& app) override {
    app.add_option("FILE", file_, "File with encrypted shares, such as a MEF; - is standard input")
        ->required();
    app.add_option("-o,--output", out_, "FILE to write; - is standard output")->default_val("-");
    app.add_flag("--overwrite", overwrite_, "Replace the output when it exists");
    auto* as = app.add_option("--as", as_,
                              "s1sp or dco, or s1sp:EUI-64: open what is for it, with its key of "
                              "--pki; default: with every key there");
    as->check(check_party);
    auto* key = app.add_option(
        "--key", key_, "FILE of the recipient's private key, PEM or PKCS#12, or a pkcs11: URI");
    auto* certificate = app.add_option("--cert", certificate_, "FILE of its certificate, PEM");
    key->excludes(as);
    certificate->needs(key);
    session_.add_options(app, wants_layouts | wants_pki | wants_batch);
    app.footer(
        "Shares of others stay encrypted. The output holds secrets in readable form; the signature "
        "is left out,\nsince it would no longer hold: verify first.\n\nExamples:\n  s1flow decrypt "
        "ME.xml --pki pki --as s1sp -o ME_s1sp.xml\n  s1flow decrypt ME.xml --key dco.key.pem "
        "--cert dco.pem > ME_dco.xml");
  }

  // A device may be reached through a socket.
  [[nodiscard]] Confinement confinement() const override {
    return crypto::is_pkcs11_uri(key_) ? Confinement::none : Confinement::no_network_no_exec;
  }

  Result<ExitCode> run(const Console& console) override {
    S1FLOW_TRY_VOID(check_not_same(file_, out_));
    S1FLOW_TRY(const Input input, Input::open(file_));
    S1FLOW_TRY(const bool zip, pipeline::is_zip(input.path()));
    if (zip) return open_maf(console, input);
    S1FLOW_TRY_VOID(session_.load(
        console, key_.empty() ? Session::PkiNeed::required : Session::PkiNeed::optional));
    S1FLOW_TRY(const auto layout, session_.layout_of(input));
    if (layout->shares.empty())
      return tl::unexpected(usage_error(fmt::format(
          "{}: files of layout {} have nothing to decrypt", input.name(), layout->name())));
    S1FLOW_TRY(const std::vector<crypto::KeyHolder> holders, holders_for(console, input));
    S1FLOW_TRY(const pipeline::ExchangeHeader header,
               pipeline::peek_header(input.path(), layout, {}));
    // Every value is opened before the first byte of one is written anywhere.
    const auto decrypt = [&](const ByteSink& sink, const std::string& step) {
      return pipeline::decrypt_document(input.path(), *layout, holders,
                                        header.sender.value_or(Eui64()), sink,
                                        byte_progress(console, step, input));
    };
    S1FLOW_TRY(pipeline::CryptResult done,
               decrypt([](std::string_view) { return Status(); }, "opening"));
    if (done.faults.empty()) {
      S1FLOW_TRY(Output output, Output::create(out_, overwrite_ ? Overwrite::yes : Overwrite::no,
                                               Secrecy::secret));
      S1FLOW_TRY(done, decrypt(output.sink(console), "writing"));
      if (done.faults.empty()) S1FLOW_TRY_VOID(output.commit(console));
    }
    console.clear_progress();
    if (!done.faults.empty()) {
      console.talk_findings(input.name(),
                            findings_of(done.faults, input.path().filename().string()));
      return ExitCode::no;
    }
    console.talk(fmt::format("{}: {} opened{}", out_ == "-" ? "standard output" : out_,
                             counted(done.values, "share"),
                             done.signature_dropped ? "; the signature is left out" : ""));
    return ExitCode::fine;
  }

 private:
  // A MAF in a protected ZIP, opened with its password.
  Result<ExitCode> open_maf(const Console& console, const Input& input) {
    S1FLOW_TRY_VOID(session_.load(console));
    S1FLOW_TRY(const pipeline::OpenedMaf maf,
               pipeline::OpenedMaf::open(input.path(), session_.passphrase(), session_.limits()));
    if (maf.fault()) {
      console.talk_findings(input.name(),
                            findings_of({*maf.fault()}, input.path().filename().string()));
      return ExitCode::no;
    }
    S1FLOW_TRY(InputFile in, InputFile::open(maf.path()));
    S1FLOW_TRY(Output output,
               Output::create(out_, overwrite_ ? Overwrite::yes : Overwrite::no, Secrecy::secret));
    const ByteSink sink = output.sink(console);
    std::string buffer(std::size_t{256} * 1024, '\0');
    while (true) {
      S1FLOW_TRY(const std::size_t size, in.read(buffer.data(), buffer.size()));
      if (size == 0) break;
      S1FLOW_TRY_VOID(sink(std::string_view(buffer).substr(0, size)));
    }
    S1FLOW_TRY_VOID(output.commit(console));
    console.talk(fmt::format("{}: was in {}", maf.path().filename().string(), input.name()));
    return ExitCode::fine;
  }

  Result<std::vector<crypto::KeyHolder>> holders_for(const Console& console, const Input& input) {
    std::vector<crypto::KeyHolder> holders;
    if (!key_.empty()) {
      S1FLOW_TRY(crypto::KeyAndCertificate own,
                 read_own_key(key_, certificate_, session_.passphrase()));
      holders.push_back(
          {.certificate = std::move(own.certificate), .key = std::move(own.key), .key_name = {}});
      return holders;
    }
    const auto all = session_.context(console, input, Session::Keys::all).holders;
    if (as_.empty()) return all;
    const PartyName party = *parse_party(as_);
    // Of one role there may be several keys: the file says which one it is for.
    for (const crypto::PkiEntry& e : session_.pki()->entries())
      for (const crypto::KeyHolder& h : all)
        if (e.role == party.role && (!party.eui || e.eui == *party.eui) &&
            e.certificate.sha1() == h.certificate.sha1())
          holders.push_back(h);
    if (holders.empty())
      return tl::unexpected(usage_error(
          fmt::format("{}: no usable key of {} to open shares with", session_.pki_name(), as_)));
    return holders;
  }

  Session session_;
  std::string file_, out_, as_, key_, certificate_;
  bool overwrite_ = false;
};

}  // namespace

std::unique_ptr<Command> make_decrypt() {
  return std::make_unique<Decrypt>();
}

}  // namespace s1flow::cli
