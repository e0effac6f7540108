#include <chrono>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/commands/all.h"
#include "cli/commands/sr_explain.h"
#include "codecs/duis/message.h"
#include "codecs/duis/request.h"
#include "codecs/duis/request_judge.h"
#include "codecs/duis/schema_checker.h"
#include "codecs/duis/signed_message.h"
#include "core/text.h"

namespace s1flow::cli {
namespace {

namespace crypto = codecs::crypto;
namespace duis = codecs::duis;

constexpr std::size_t kMostMessage = 16UL << 20;

// Text that an option may leave out.
Result<Eui64> eui_of(const std::string& option, const std::string& text) {
  const auto eui = Eui64::parse(text);
  if (!eui)
    return tl::unexpected(usage_error(fmt::format(
        "{} {}: is no EUI-64; write it as 90-B3-D5-1F-30-01-00-00", option, shown(text))));
  return *eui;
}
Result<UtcTime> time_of(const std::string& option, const std::string& text, UtcTime otherwise) {
  if (text.empty()) return otherwise;
  const auto time = UtcTime::parse(text);
  if (!time)
    return tl::unexpected(usage_error(
        fmt::format("{} {}: is no time; write it as 2019-07-01T12:00:00Z", option, shown(text))));
  return *time;
}
UtcTime now() {
  return UtcTime(std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()));
}

class Sr final : public Command {
 public:
  void add_options(CLI::App& app) override {
    app.require_subcommand(1);
    app.footer(
        "Examples:\n  s1flow sr make 8.1.1 --pki pki --originator 90-B3-D5-1F-30-01-00-00 --target "
        "00-1D-B2-00-0A-0B-0C-0D -o request.xml\n  s1flow sr explain N42");
    add_make(*app.add_subcommand("make", "one Service Request, signed by its originator"));
    add_check(*app.add_subcommand("check",
                                  "what a request, response or alert says, and whether "
                                  "it would be accepted"));
    CLI::App* explain = app.add_subcommand(
        "explain", "a Service Reference Variant, a DCC Alert code or a response code");
    explain->add_option("WHAT", what_to_explain_, "Such as 8.1.1, 8.1, N42 or E1")->required();
    explain->footer("Examples:\n  s1flow sr explain 8.1.1\n  s1flow sr explain E12");
    explain->callback([this] { what_ = What::explain; });
  }

  Result<ExitCode> run(const Console& console) override {
    switch (what_) {
      case What::make:
        return make(console);
      case What::check:
        return check(console);
      case What::explain: {
        S1FLOW_TRY(const std::string text, explain_duis(what_to_explain_));
        console.out(text);
        return ExitCode::fine;
      }
    }
    return ExitCode::internal;
  }

 private:
  enum class What { make, check, explain };

  void add_make(CLI::App& app) {
    app.get_formatter()->column_width(34);
    app.add_option("VARIANT", variant_, "Service Reference Variant, such as 8.1.1")->required();
    app.add_option("--originator", originator_, "EUI-64 of the User that sends and signs")
        ->required();
    app.add_option("--target", target_, "EUI-64 of the Device, or of the DCC for Non-Device")
        ->required();
    app.add_option("--counter", counter_, "Originator counter; 0: milliseconds of the clock")
        ->default_val(0);
    app.add_option("--device", device_, "EUI-64 that the body names; the target when left out");
    app.add_option("--command-variant", options_.command_variant,
                   "1 to 8; 0: the one that a User sends first")
        ->default_val(0)
        ->check(CLI::Range(0, 8));
    app.add_option("--execution", execution_, "TIME of a future-dated request");
    app.add_option("--from", from_, "TIME: start of a log's period, or the time to set");
    app.add_option("--until", until_, "TIME: end of a log's period");
    app.add_option("--template", template_, "FILE instead of the shipped template");
    app.add_option("--pki", pki_, "FOLDER of the PKI with the originator's XML-signing key");
    app.add_flag("--unsigned", unsigned_, "No Signature");
    app.add_option("--clock", clock_, "TIME at which certificates are judged; now when left out");
    app.add_option("-o,--output", out_, "FILE; standard output when left out");
    app.add_flag("--overwrite", overwrite_, "Replace the FILE");
    app.footer(
        "Examples:\n  s1flow sr make 4.8.1 --pki pki --originator 90-B3-D5-1F-30-01-00-00 --target "
        "00-1D-B2-00-0A-0B-0C-0D --from 2019-06-30T00:00:00Z --until 2019-07-01T00:00:00Z\n  "
        "s1flow sr make 8.2 --unsigned --originator 90-B3-D5-1F-30-01-00-00 --target "
        "90-B3-D5-1F-30-00-00-02");
    app.callback([this] { what_ = What::make; });
  }

  void add_check(CLI::App& app) {
    app.get_formatter()->column_width(34);
    app.add_option("FILE", file_, "One message; - is standard input")->required();
    app.add_option("--pki", pki_, "FOLDER of the PKI; without it signatures are not checked");
    app.add_option("--clock", clock_, "TIME at which certificates are judged; now when left out");
    app.add_option("--schema", schema_, "FILE: duis.xsd, with its imports beside it");
    app.add_option("--service", service_, "That a request came in by")
        ->check(CLI::IsMember({"transform", "send-command", "non-device"}));
    app.footer(
        "Exits with 1 when a request would be refused, or a message is not valid.\n\nExamples:\n  "
        "s1flow sr check request.xml --pki pki\n  s1flow sr check alert.xml --schema duis.xsd");
    app.callback([this] { what_ = What::check; });
  }

  Result<crypto::Pki> load_pki(UtcTime clock, bool keys) const {
    return crypto::Pki::load(pki_, {.clock = clock, .load_keys = keys});
  }

  Result<duis::RequestSigner> signer(const crypto::Pki& pki, Eui64 originator,
                                     UtcTime clock) const {
    for (const crypto::PkiEntry& entry : pki.entries()) {
      if (entry.eui != originator || entry.use != crypto::CertificateUse::xml_signing) continue;
      const auto answer = pki.find_with_key(entry.role, originator, entry.use, clock);
      if (answer.status != crypto::CertificateStatus::ok)
        return tl::unexpected(
            usage_error(fmt::format("{}/{}: {}; choose another --originator or "
                                    "--clock",
                                    pki_, entry.file, crypto::name_of(answer.status))));
      return duis::RequestSigner::make(entry.certificate, entry.key());
    }
    return tl::unexpected(usage_error(
        fmt::format("{}: has no XML-signing certificate of {}; give another --pki or --originator",
                    pki_, originator.text())));
  }

  Result<duis::RequestTemplate> form() {
    const ServiceReferenceVariant* const srv = find_srv(variant_);
    if (srv == nullptr)
      return tl::unexpected(usage_error(fmt::format(
          "{}: is no Service Reference Variant; write one such as 8.1.1", shown(variant_))));
    if (!execution_.empty()) options_.dating = duis::Dating::future_dated;
    if (template_.empty()) return duis::RequestTemplate::shipped(*srv, options_);
    S1FLOW_TRY(const std::string text, read_text(template_));
    return duis::RequestTemplate::compile(text, *srv, options_);
  }

  Result<ExitCode> make(const Console& console) {
    if (pki_.empty() != unsigned_)
      return tl::unexpected(usage_error("give either --pki to sign with or --unsigned"));
    S1FLOW_TRY(const UtcTime clock, time_of("--clock", clock_, now()));
    duis::RequestValues values;
    S1FLOW_TRY(values.id.originator, eui_of("--originator", originator_));
    S1FLOW_TRY(values.id.target, eui_of("--target", target_));
    if (!device_.empty()) {
      S1FLOW_TRY(values.device, eui_of("--device", device_));
    }
    values.id.counter =
        counter_ != 0 ? counter_ : static_cast<std::uint64_t>(clock.milliseconds_since_epoch());
    S1FLOW_TRY(values.execution, time_of("--execution", execution_, clock));
    S1FLOW_TRY(values.from, time_of("--from", from_, clock));
    S1FLOW_TRY(values.until, time_of("--until", until_, clock));
    S1FLOW_TRY(duis::RequestTemplate compiled, form());
    std::string text;
    if (unsigned_) {
      duis::PreparedRequest request(std::move(compiled));
      S1FLOW_TRY(text, request.make(values));
    } else {
      S1FLOW_TRY(const crypto::Pki pki, load_pki(clock, true));
      S1FLOW_TRY(duis::RequestSigner key, signer(pki, values.id.originator, clock));
      duis::PreparedRequest request(std::move(compiled), key);
      S1FLOW_TRY(text, request.make(values));
    }
    if (!out_.empty()) {
      S1FLOW_TRY_VOID(write_whole(out_, text, overwrite_ ? Overwrite::yes : Overwrite::no));
      console.talk(fmt::format("{}: SRV {}, {} bytes", out_, variant_, text.size()));
    } else {
      console.out(text);
      console.out("\n");
    }
    return ExitCode::fine;
  }

  Result<ExitCode> check(const Console& console) {
    S1FLOW_TRY(const std::string text, read_text(file_, kMostMessage));
    S1FLOW_TRY(const UtcTime clock, time_of("--clock", clock_, now()));
    crypto::Pki pki;
    if (!pki_.empty()) {
      S1FLOW_TRY(pki, load_pki(clock, false));
    }
    std::optional<duis::SchemaChecker> schema;
    if (!schema_.empty()) {
      S1FLOW_TRY(schema, duis::SchemaChecker::load(schema_));
    }
    duis::MessageReader reader;
    duis::Message message;
    if (reader.read(text, message) == duis::ReadOutcome::ok)
      return check_message(console, text, message, pki, clock, schema);
    return check_request(console, text, pki, clock, schema);
  }

  Result<ExitCode> check_request(const Console& console, const std::string& text,
                                 const crypto::Pki& pki, UtcTime clock,
                                 const std::optional<duis::SchemaChecker>& schema) const {
    duis::TrustView trust;
    trust.pki = &pki;
    trust.clock = clock;
    trust.verify_signatures = !pki_.empty();
    trust.schema = schema ? &*schema : nullptr;
    if (service_ == "transform") trust.service = DccService::transform;
    if (service_ == "send-command") trust.service = DccService::send_command;
    if (service_ == "non-device") trust.service = DccService::non_device;
    duis::RequestJudge judge;
    const duis::RequestVerdict v = judge.judge(text, trust, nullptr);
    std::string out;
    if (v.has_header)
      out += fmt::format("Service Request {} ({})\n  RequestID        {}\n  Command Variant  {}\n",
                         v.srv->variant, v.srv->name, v.id.text(), v.command_variant);
    if (v.execution) out += fmt::format("  execution        {}\n", v.execution->text());
    if (v.signer != nullptr)
      out += fmt::format("  signer           {} {}\n", crypto::name_of(v.signer->role),
                         v.signer->eui.text());
    out += fmt::format("  signature        {}\n",
                       pki_.empty() ? "not checked: no --pki" : crypto::name_of(v.signature));
    out += v.accepted()
               ? fmt::format("accepted: {}\n", v.code.text())
               : fmt::format("refused: {}, {}: {}\n", v.code.text(), duis::name_of(v.fault), v.why);
    console.out(out);
    return v.accepted() ? ExitCode::fine : ExitCode::no;
  }

  Result<ExitCode> check_message(const Console& console, const std::string& text,
                                 const duis::Message& m, const crypto::Pki& pki, UtcTime clock,
                                 const std::optional<duis::SchemaChecker>& schema) const {
    std::string out = fmt::format("{}\n", duis::name_of(m.kind));
    if (m.request) out += fmt::format("  RequestID        {}\n", m.request->text());
    if (m.response) out += fmt::format("  ResponseID       {}\n", m.response->text());
    out += fmt::format("  response code    {} {}\n", m.code.text(), m.code.meaning());
    if (m.srv != nullptr)
      out += fmt::format("  SRV              {} {}\n", m.srv->variant, m.srv->name);
    if (m.kind == duis::MessageKind::dcc_alert)
      out += fmt::format("  alert            {} {}\n", m.dcc_alert.text(),
                         duis::element_of(m.dcc_body));
    if (!m.device_alert_code.empty())
      out += fmt::format("  alert            {}\n", m.device_alert_code);
    if (m.throttling) out += fmt::format("  stands for       {} alerts\n", m.stands_for());
    if (m.subject) out += fmt::format("  about request    {}\n", m.subject->text());
    if (!m.device.empty()) out += fmt::format("  about device     {}\n", m.device.text());
    bool good = true;
    if (pki_.empty()) {
      out += "  signature        not checked: no --pki\n";
    } else {
      duis::SignedMessageChecker checker;
      const auto verdict = checker.check(text, pki, clock);
      out += fmt::format("  signature        {}\n", crypto::name_of(verdict.outcome));
      // An acknowledgement need not be signed.
      good = verdict.outcome == crypto::SignatureOutcome::ok ||
             (verdict.outcome == crypto::SignatureOutcome::missing &&
              m.kind == duis::MessageKind::acknowledgement);
    }
    if (schema) {
      const std::string fault = schema->fault_of(text);
      out += fmt::format("  schema           {}\n", fault.empty() ? "valid" : fault);
      good = good && fault.empty();
    }
    console.out(out);
    return good ? ExitCode::fine : ExitCode::no;
  }

  What what_ = What::explain;
  duis::RequestOptions options_;
  std::uint64_t counter_ = 0;
  std::string variant_, originator_, target_, device_, execution_, from_, until_, template_, pki_,
      clock_, out_, file_, schema_, service_, what_to_explain_;
  bool unsigned_ = false;
  bool overwrite_ = false;
};

}  // namespace

std::unique_ptr<Command> make_sr() {
  return std::make_unique<Sr>();
}

}  // namespace s1flow::cli
