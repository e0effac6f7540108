#include <algorithm>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/commands/all.h"
#include "cli/session.h"
#include "core/json_text.h"
#include "pipeline/exchange/reader.h"
#include "pipeline/single/sign.h"

namespace s1flow::cli {
namespace {

namespace crypto = codecs::crypto;

class Verify final : public Command {
 public:
  void add_options(CLI::App& app) override {
    app.add_option("FILE", files_, "XML documents; - is standard input")->required();
    app.add_option(
           "--as", as_,
           "ROLE or ROLE:EUI-64 that has to have signed; default: what the file's layout says")
        ->check(check_party);
    session_.add_options(app, wants_layouts | wants_pki | wants_batch);
    app.add_option("--format", format_, "Of the answer: human, json (JSON Lines)")
        ->default_val("human")
        ->check(CLI::IsMember({"human", "json"}));
    app.footer(
        "Exit code 0: every signature holds; 1: some does not, and the line says why.\n\n"
        "Examples:\n  s1flow verify MC_SMSOA_*.xml --pki pki\n  s1flow verify answer.xml --pki pki "
        "--as dcc --at 2021-06-07");
  }

  [[nodiscard]] Confinement confinement() const override { return Confinement::no_network_no_exec; }

  Result<ExitCode> run(const Console& console) override {
    S1FLOW_TRY_VOID(session_.load(console, Session::PkiNeed::required));
    ExitCode worst = ExitCode::fine;
    for (const std::string& file : files_) {
      const Result<bool> holds = verify(console, file);
      if (!holds) console.error(holds.error());
      worst = std::max(worst, !holds   ? exit_code_of(holds.error())
                              : *holds ? ExitCode::fine
                                       : ExitCode::no);
    }
    return worst;
  }

 private:
  Result<bool> verify(const Console& console, const std::string& given) {
    S1FLOW_TRY(const Input input, Input::open(given));
    if (const auto layout = signed_by_record(input)) return verify_records(console, input, layout);
    S1FLOW_TRY(
        const pipeline::DocumentScan scan,
        pipeline::scan_document(input.path(), byte_progress(console, "verifying " + given, input)));
    console.clear_progress();
    if (!scan.faults.empty()) {
      tell(console, input.name(), false, scan.faults.front().rule,
           fmt::format("line {}, byte {}: {}", scan.faults.front().line, scan.faults.front().byte,
                       scan.faults.front().note),
           nullptr);
      return false;
    }
    const pipeline::SignatureFacts facts = pipeline::read_signature(scan);
    S1FLOW_TRY(const crypto::RequiredSigner required, signer_of(input, scan, facts));
    const pipeline::SignatureRefusal refusal =
        pipeline::verify_scan(scan, facts, *session_.pki(), session_.clock(), required);
    tell(console, input.name(), refusal.rule == nullptr, refusal.rule, refusal.note,
         refusal.signer);
    return refusal.rule == nullptr;
  }

  // The file's layout, when that has each record signed on its own; null otherwise.
  std::shared_ptr<const codecs::Layout> signed_by_record(const Input& input) const {
    // Most often there is none.
    const auto& known_layouts = session_.layouts().all();
    if (std::none_of(known_layouts.begin(), known_layouts.end(),
                     [](const auto& l) { return codecs::has_signature_per_record(*l); }))
      return nullptr;
    std::shared_ptr<const codecs::Layout> layout;
    if (session_.type_given()) {
      if (const auto given = session_.layout_of(input)) layout = *given;
    } else if (const auto known = pipeline::recognise(input.path(), session_.layouts())) {
      layout = known->layout;
    }
    return layout && codecs::has_signature_per_record(*layout) ? layout : nullptr;
  }

  // Who verifies records has to know what a record is, so the schema is asked as well.
  Result<bool> verify_records(const Console& console, const Input& input,
                              const std::shared_ptr<const codecs::Layout>& layout) const {
    pipeline::ReadContext context;
    context.pki = session_.pki();
    context.clock = session_.clock();
    context.rules = &session_.rules();
    context.limits = session_.limits();
    context.limits.findings_per_file = kMostShown;
    context.runner.stop = console.stop;
    context.file_digest = false;
    context.signatures_only = true;
    if (!as_.empty()) {
      const PartyName party = *parse_party(as_);
      context.signer.roles = {party.role};
      context.signer.party = party.eui;
    }
    S1FLOW_TRY(const auto schema, session_.schema_of(*layout));
    S1FLOW_TRY(const pipeline::FileVerdict v,
               pipeline::ExchangeReader(layout, schema).read(input.path(), {}, {}, context, {}));
    return tell_records(console, input.name(), v);
  }

  // Whether all hold, whatever severities say.
  bool tell_records(const Console& console, const std::string& name,
                    const pipeline::FileVerdict& v) const {
    const pipeline::RecordSignatureCount count =
        v.record_signatures.value_or(pipeline::RecordSignatureCount());
    const bool holds = v.accepted && count.records != 0 && count.holding == count.records;
    const crypto::PkiEntry* signer = v.record_signer;
    if (parse_format(format_) == OutputFormat::json) {
      std::string line;
      JsonObject o(line);
      o.text("file", name)
          .boolean("holds", holds)
          .number("records", count.records)
          .number("holding", count.holding);
      if (!v.findings.empty()) {
        const Finding& f = v.findings.front();
        o.text("rule", f.rule->id).text("why", f.note).text("record", f.record);
        o.number("line", f.place.line);
      }
      if (signer != nullptr)
        o.text("signer", party_of(*signer))
            .text("issuer", signer->certificate.issuer().text())
            .text("serial", signer->certificate.serial().decimal());
      o.finish();
      console.out(line + '\n');
      return holds;
    }
    for (const Finding& f : v.findings) console.out(finding_line(name, f));
    console.out(holds ? fmt::format("{}: {} of {} signatures hold: {}\n", name, count.holding,
                                    count.records, signer == nullptr ? "" : party_of(*signer))
                      : fmt::format("{}: refused: {} of {} signatures hold\n", name, count.holding,
                                    count.records));
    return holds;
  }

  static std::string party_of(const crypto::PkiEntry& entry) {
    return fmt::format("{} {}", crypto::name_of(entry.role), entry.eui.text());
  }

  Result<crypto::RequiredSigner> signer_of(const Input& input, const pipeline::DocumentScan& scan,
                                           const pipeline::SignatureFacts& facts) const {
    crypto::RequiredSigner required;
    std::shared_ptr<const codecs::Layout> layout =
        session_.layouts().for_root(scan.root.local, scan.root.ns);
    if (session_.type_given()) {
      S1FLOW_TRY(layout, session_.layout_of(input));
    }
    if (layout && !layout->signer.empty()) {
      required.use = crypto::CertificateUse::file_signing;
      if (const auto role = crypto::parse_party_role(layout->signer)) required.roles = {*role};
      S1FLOW_TRY(const pipeline::ExchangeHeader header,
                 pipeline::peek_header(input.path(), layout, {}));
      required.party = header.sender;
    } else {
      required.use = pipeline::use_of_signer(facts, *session_.pki(), session_.clock());
    }
    if (!as_.empty()) {
      const PartyName party = *parse_party(as_);
      required.roles = {party.role};
      if (party.eui) required.party = party.eui;
    }
    return required;
  }

  void tell(const Console& console, const std::string& name, bool holds, const Rule* rule,
            std::string_view why, const crypto::PkiEntry* signer) const {
    const std::string who = signer == nullptr ? std::string() : party_of(*signer);
    std::string line;
    if (parse_format(format_) == OutputFormat::json) {
      JsonObject o(line);
      o.text("file", name).boolean("holds", holds);
      if (!holds) o.text("rule", rule->id).text("why", why);
      if (!who.empty())
        o.text("signer", who)
            .text("issuer", signer->certificate.issuer().text())
            .text("serial", signer->certificate.serial().decimal());
      o.finish();
      line += '\n';
    } else if (holds) {
      line = fmt::format("{}: the signature holds: {}\n", name, who);
    } else {
      line = fmt::format("{}: refused: {}: {}{}{}\n", name, rule->id, rule->title,
                         why.empty() ? "" : ": ", why);
    }
    console.out(line);
  }

  // Records of one file whose signatures do not hold.
  static constexpr std::size_t kMostShown = 20;

  Session session_;
  std::vector<std::string> files_;
  std::string as_, format_;
};

}  // namespace

std::unique_ptr<Command> make_verify() {
  return std::make_unique<Verify>();
}

}  // namespace s1flow::cli
