#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/commands/all.h"
#include "cli/session.h"
#include "codecs/crypto/xmlenc.h"
#include "core/json_text.h"
#include "core/text.h"
#include "pipeline/single/record_text.h"
#include "pipeline/single/sign.h"

namespace s1flow::cli {
namespace {

namespace crypto = codecs::crypto;

// What there is to show: words and texts in order, for both forms of output.
using Facts = std::vector<std::pair<std::string, std::string>>;

std::string joined(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& t : texts) out += (out.empty() ? "" : ", ") + t;
  return out;
}

std::string_view name_of(crypto::KeyTransport t) {
  switch (t) {
    case crypto::KeyTransport::ecdh_es:
      return "ECDH-ES P-256";
    case crypto::KeyTransport::rsa_oaep_sha1:
      return "RSA-OAEP (SHA-1)";
    case crypto::KeyTransport::rsa_oaep_sha256:
      return "RSA-OAEP (SHA-256)";
  }
  return {};
}

class Inspect final : public Command {
 public:
  void add_options(CLI::App& app) override {
    app.add_option("FILE", file_, "File to look at; - is standard input")->required();
    app.add_option("--records", records_, "Show the first N records; 0: none")
        ->default_val(0)
        ->check(CLI::Range(0, 1'000'000'000));
    app.add_option("--record", key_, "Show the record with this KEY: installation id, MPxN or row")
        ->excludes("--records");
    session_.add_options(app, wants_layouts | wants_pki | wants_batch);
    app.add_option("--format", format_, "Of what is shown: human, json")
        ->default_val("human")
        ->check(CLI::IsMember({"human", "json"}));
    app.footer(
        "Secrets are masked always. With keys in --pki the shares of a MEF are "
        "opened.\n\nExamples:\n  s1flow inspect MC_SMSOA.xml --pki pki\n  s1flow inspect "
        "MA_SMSOA.csv --records 3");
  }

  [[nodiscard]] Confinement confinement() const override { return Confinement::no_network_no_exec; }

  Result<ExitCode> run(const Console& console) override {
    S1FLOW_TRY_VOID(session_.load(console));
    S1FLOW_TRY(const Input input, Input::open(file_));
    S1FLOW_TRY(const auto layout, layout_of(input));
    json_ = parse_format(format_) == OutputFormat::json;
    Facts facts{{"file", input.name()}};
    if (!layout) return bare_document(console, input, std::move(facts));
    facts.emplace_back("type", fmt::format("{}: {}", layout->type->id, layout->type->title));
    facts.emplace_back("layout", fmt::format("{} ({})", layout->name(), layout->origin));
    facts.emplace_back("container", std::string(codecs::name_of(layout->container)));
    pipeline::SingleFileContext context =
        session_.context(console, input, Session::keys_for(*layout));
    // What is asked here is what the file holds; whether it holds it rightly is for `check`.
    context.pki = nullptr;
    S1FLOW_TRY(context.rules, context.rules.changed("file.name", Severity::off));
    std::uint64_t errors = 0;
    S1FLOW_TRY(const pipeline::SingleVerdict v,
               pipeline::check_file(input.path(), layout, context,
                                    [&](const codecs::Record& r) { return see(*layout, r); }));
    console.clear_progress();
    for (const Finding& f : v.findings) errors += f.severity == Severity::error ? 1 : 0;
    facts.emplace_back("bytes", fmt::format("{}", input.size()));
    add_header(facts, *layout, v.header);
    facts.emplace_back(
        "records",
        fmt::format("{}{}", v.records, v.refused_by != nullptr ? " (as far as it was read)" : ""));
    if (layout->container == codecs::Container::xml) {
      S1FLOW_TRY(const pipeline::DocumentScan scan, pipeline::scan_document(input.path()));
      S1FLOW_TRY_VOID(add_security(facts, input, scan, layout.get()));
    }
    facts.emplace_back("errors",
                       errors == 0 ? "0" : fmt::format("{} ('s1flow check' tells them)", errors));
    show(console, facts);
    if (!key_.empty() && shown_ == 0)
      return tl::unexpected(usage_error(
          fmt::format("{}: has no {} '{}'", input.name(), layout->type->record_word, key_)));
    return ExitCode::fine;
  }

 private:
  // Null for XML that no layout knows: there is still something to tell of it.
  Result<std::shared_ptr<const codecs::Layout>> layout_of(const Input& input) const {
    if (!session_.type_given()) {
      S1FLOW_TRY(const pipeline::Recognised r,
                 pipeline::recognise(input.path(), session_.layouts()));
      if (!r.layout && r.container == codecs::BareContainer::xml)
        return std::shared_ptr<const codecs::Layout>();
    }
    return session_.layout_of(input);
  }

  Result<ExitCode> bare_document(const Console& console, const Input& input, Facts facts) {
    S1FLOW_TRY(const pipeline::DocumentScan scan, pipeline::scan_document(input.path()));
    if (!scan.faults.empty()) {
      console.talk_findings(input.name(),
                            findings_of(scan.faults, input.path().filename().string()));
      return ExitCode::no;
    }
    facts.emplace_back("type", "XML that no layout knows");
    facts.emplace_back("root", scan.root.local);
    if (!scan.root.ns.empty()) facts.emplace_back("name-space", scan.root.ns);
    facts.emplace_back("bytes", fmt::format("{}", scan.bytes));
    facts.emplace_back("elements", fmt::format("{}", scan.elements));
    S1FLOW_TRY_VOID(add_security(facts, input, scan, nullptr));
    show(console, facts);
    return ExitCode::fine;
  }

  static void add_header(Facts& facts, const codecs::Layout& layout,
                         const pipeline::ExchangeHeader& h) {
    if (h.sender) facts.emplace_back("sender", h.sender->text());
    std::vector<std::string> recipients;
    for (const Eui64 e : h.recipients) recipients.push_back(e.text());
    if (!recipients.empty()) facts.emplace_back("recipients", joined(recipients));
    if (h.counter) facts.emplace_back("counter", fmt::format("{}", *h.counter));
    if (h.created) facts.emplace_back("created", h.created->text());
    if (!h.smso.empty()) facts.emplace_back("smso", shown(h.smso));
    if (h.week) facts.emplace_back("migration-week", h.week->text());
    if (h.day) facts.emplace_back("migrate-on", h.day->text());
    if (!h.group.empty()) facts.emplace_back("group", std::string(h.group.view()));
    if (h.mcf_sender && h.mcf_counter)
      facts.emplace_back("refers-to",
                         fmt::format("MCF {} of {}", *h.mcf_counter, h.mcf_sender->text()));
    if (h.record_count)
      facts.emplace_back(fmt::format("stated-{}s", layout.type->record_word),
                         fmt::format("{}", *h.record_count));
  }

  Status add_security(Facts& facts, const Input& input, const pipeline::DocumentScan& scan,
                      const codecs::Layout* layout) const {
    if (scan.signatures == 0) {
      facts.emplace_back("signature", "none");
    } else {
      const pipeline::SignatureFacts s = pipeline::read_signature(scan);
      facts.emplace_back("signature", scan.signatures == 1
                                          ? s.parsed.signature_method
                                          : fmt::format("{} of them", scan.signatures));
      facts.emplace_back("signer-issuer", shown(s.parsed.issuer, 200));
      facts.emplace_back("signer-serial", shown(s.parsed.serial));
      S1FLOW_TRY_VOID(add_verdict(facts, input, scan, s, layout));
    }
    crypto::EncryptionReader reader;
    for (const pipeline::KeptElement& k : scan.keys) {
      crypto::ParsedEncryptedKey key;
      if (reader.read_key(k.bytes, k.scope, key).shape == crypto::EncryptionShape::ok)
        facts.emplace_back(
            "encrypted-for",
            fmt::format("{}: {} {} by {}", key.id,
                        key.serial.empty() ? key.key_name : "certificate " + key.serial,
                        key.recipient.empty() ? "" : "(" + key.recipient + ")",
                        name_of(key.transport)));
      else
        facts.emplace_back("encrypted-for", fmt::format("line {}: a key of another shape", k.line));
    }
    if (scan.encrypted_values != 0)
      facts.emplace_back("encrypted-values", fmt::format("{}", scan.encrypted_values));
    return {};
  }

  Status add_verdict(Facts& facts, const Input& input, const pipeline::DocumentScan& scan,
                     const pipeline::SignatureFacts& s, const codecs::Layout* layout) const {
    if (layout != nullptr && codecs::has_signature_per_record(*layout)) {
      facts.emplace_back("signature-holds", "not checked: each record has its own; see verify");
      return {};
    }
    if (session_.pki() == nullptr) {
      facts.emplace_back("signature-holds", "not checked; give --pki");
      return {};
    }
    crypto::RequiredSigner required;
    required.use = pipeline::use_of_signer(s, *session_.pki(), session_.clock());
    if (layout != nullptr && !layout->signer.empty()) {
      required.use = crypto::CertificateUse::file_signing;
      if (const auto role = crypto::parse_party_role(layout->signer)) required.roles = {*role};
      S1FLOW_TRY(const auto known, session_.layout_of(input));
      S1FLOW_TRY(const pipeline::ExchangeHeader header,
                 pipeline::peek_header(input.path(), known, {}));
      required.party = header.sender;
    }
    const pipeline::SignatureRefusal refusal =
        pipeline::verify_scan(scan, s, *session_.pki(), session_.clock(), required);
    facts.emplace_back("signature-holds",
                       refusal.rule == nullptr
                           ? fmt::format("yes: {} {}", crypto::name_of(refusal.signer->role),
                                         refusal.signer->eui.text())
                           : fmt::format("no: {}: {}", refusal.rule->id, refusal.rule->title));
    return {};
  }

  Status see(const codecs::Layout& layout, const codecs::Record& r) {
    const std::string key = pipeline::record_key(*layout.type, r);
    const bool wanted = key_.empty() ? shown_ < records_ : key == key_;
    if (!wanted) return {};
    ++shown_;
    const std::vector<pipeline::FieldText> fields =
        pipeline::field_texts(layout.type->record, r, pipeline::Secrets::masked);
    if (json_) {
      JsonObject o(record_text_);
      o.text("record", key).number("line", r.line);
      std::string inner;
      JsonObject f(inner);
      for (const pipeline::FieldText& field : fields) f.text(field.path, field.text);
      f.finish();
      o.raw("fields", inner);
      o.finish();
      record_text_ += '\n';
      return {};
    }
    record_text_ +=
        fmt::format("\n{} {} (line {})\n", layout.type->record_word, shown(key), r.line);
    for (const pipeline::FieldText& field : fields)
      record_text_ += fmt::format("  {:<32}{}\n", field.path, shown(field.text, 200));
    return {};
  }

  void show(const Console& console, const Facts& facts) const {
    std::string text;
    if (json_) {
      JsonObject o(text);
      for (std::size_t i = 0; i < facts.size(); ++i) {
        // A word that comes more than once is a list.
        std::string list;
        if (i != 0 && facts[i].first == facts[i - 1].first) continue;
        std::size_t end = i;
        while (end < facts.size() && facts[end].first == facts[i].first) ++end;
        if (facts[i].first != "encrypted-for") {
          o.text(facts[i].first, facts[i].second);
          continue;
        }
        for (std::size_t j = i; j < end; ++j) {
          list += j == i ? "[" : ",";
          append_json_string(list, facts[j].second);
        }
        o.raw(facts[i].first, list + "]");
      }
      o.finish();
      text += '\n';
    } else {
      for (const auto& [word, fact] : facts) text += fmt::format("{:<22}{}\n", word, fact);
    }
    console.out(text + record_text_);
  }

  Session session_;
  std::string file_, key_, format_, record_text_;
  std::uint64_t records_ = 0, shown_ = 0;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_inspect() {
  return std::make_unique<Inspect>();
}

}  // namespace s1flow::cli
