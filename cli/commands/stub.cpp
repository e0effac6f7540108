#include "loadgen/stub/stub.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/commands/all.h"
#include "loadgen/duration.h"

namespace s1flow::cli {
namespace {

using namespace loadgen;  // NOLINT: the words of the stub

class StubCommand final : public Command {
 public:
  void add_options(CLI::App& app) override {
    app.get_formatter()->column_width(34);
    app.add_option("FILE", file_, "TOML with everything that a stub can do (docs/cli/stub.md)");
    app.add_option("--listen", listen_, "ADDRESS:PORT; port 0 takes a free one (127.0.0.1:0)");
    app.add_option("--allow-address", allow_address_,
                   "ADDRESS other than loopback that may be listened on");
    app.add_option("--cert", cert_, "FILE: PEM certificate; makes the stub speak HTTPS");
    app.add_option("--key", key_, "FILE: its PEM key, when it is not in --cert");
    app.add_option("--client-ca", client_ca_, "FILE: PEM; clients must have a certificate of it");
    app.add_flag("--mutual-tls", mutual_tls_,
                 "HTTPS with the PKI's certificates; Users show theirs and sign what they send");
    app.add_option("--pki", pki_, "FOLDER of the PKI: to sign, and to look at signatures");
    app.add_option("--clock", clock_, "TIME at which certificates are judged; now when left out");
    app.add_option("--schema", schema_, "FILE: duis.xsd, with its imports beside it");
    app.add_option("--verify", verify_, "Share of signatures looked at: all, none or 0 to 1 (all)");
    app.add_option("--sign", sign_, "What is signed: none, responses or all (responses)")
        ->check(CLI::IsMember({"none", "responses", "all"}));
    app.add_option("--callback", callback_, "URL that responses and alerts are sent to");
    app.add_option("--callback-ca", callback_ca_, "FILE: PEM, to verify an https callback");
    app.add_option("--allow-list", allow_list_, "FILE of 'host,address,port' beyond loopback");
    app.add_option("--delay", delay_,
                   "Of Service Responses and synchronous answers: 20ms, 'lognormal 20ms 0.5', …");
    app.add_option("--capacity", capacity_, "Requests served a second; the rest queue")
        ->check(CLI::Range(0.001, 1e7));
    app.add_option("--queue", queue_, "Requests that may queue; beyond it 503 (10000)");
    app.add_option("--repeat-share", repeat_, "Share of messages delivered twice on purpose")
        ->check(CLI::Range(0.0, 1.0));
    app.add_flag("--sink", sink_, "Answer 200 to any POST without looking into it");
    app.add_option("-t,--threads", threads_, "Event loops (1)")->check(CLI::Range(1, 64));
    app.add_option("--for", for_, "TIME after which the stub ends");
    app.add_option("--requests", requests_, "Ends after so many");
    app.add_option("--stamps", stamps_, "FILE of arrival times; CSV when it ends in .csv");
    app.add_option("--format", format_, "human or json, of the counts at the end")
        ->default_val("human")
        ->check(CLI::IsMember({"human", "json"}));
    app.footer(
        "The first line on standard output is the URL; GET /stats has the counts at any "
        "time.\n\nExamples:\n"
        "  s1flow stub --listen 127.0.0.1:8079 --pki pki --callback http://127.0.0.1:9000/duis "
        "--delay 20ms\n"
        "  s1flow stub alert-storm.toml --for 30s --format json");
  }

  Result<ExitCode> run(const Console& console) override {
    S1FLOW_TRY(stub::StubSettings settings, read_settings());
    S1FLOW_TRY(const auto stub, stub::Stub::make(std::move(settings)));
    console.out(stub->url() + "\n");
    std::fflush(stdout);
    console.talk(fmt::format("signatures verified: {}", stub->verification()));
    const Status status = stub->run(console.stop);
    std::string text;
    if (format_ == "json")
      append_counts_json(text, stub->counts(), stub->state());
    else
      append_counts_text(text, stub->counts(), stub->state());
    console.out(text);
    if (!status) return tl::unexpected(status.error());
    return ExitCode::fine;
  }

 private:
  static Result<Nanoseconds> time_of(std::string_view option, const std::string& text) {
    const auto time = parse_duration(text);
    if (!time || time->count() <= 0)
      return tl::unexpected(
          usage_error(fmt::format("{} {}: must be a duration such as 250ms or 30s", option, text)));
    return *time;
  }

  Result<stub::StubSettings> read_settings() const {
    stub::StubSettings s;
    if (!file_.empty()) {
      S1FLOW_TRY(s, stub::load_settings(file_));
    }
    if (!listen_.empty()) S1FLOW_TRY_VOID(set_listen(s, listen_));
    if (!allow_address_.empty()) s.allow_address = allow_address_;
    if (threads_ != 0) s.threads = threads_;
    if (capacity_ != 0) s.capacity = capacity_;
    if (queue_) s.queue = *queue_;
    if (requests_ != 0) s.most_requests = requests_;
    if (!stamps_.empty()) s.stamps = stamps_;
    s.sink = s.sink || sink_;
    if (!for_.empty()) {
      S1FLOW_TRY(s.run_for, time_of("--for", for_));
    }
    S1FLOW_TRY_VOID(read_checks(s));
    S1FLOW_TRY_VOID(read_callback(s));
    if (!delay_.empty()) {
      S1FLOW_TRY(const stub::Delay delay, stub::Delay::parse(delay_, {}));
      for (stub::VariantSettings& v : s.variants) v.response = v.synchronous = delay;
    }
    if (cert_.empty() && (!key_.empty() || !client_ca_.empty()))
      return tl::unexpected(usage_error("--key and --client-ca need --cert"));
    if (mutual_tls_ && !cert_.empty())
      return tl::unexpected(usage_error("--mutual-tls takes certificates of --pki, and no --cert"));
    if (mutual_tls_) s.pki_tls = s.peer_signs = true;
    if (!cert_.empty()) s.tls = TlsOptions{.ca = client_ca_, .cert = cert_, .key = key_};
    return s;
  }

  Status read_checks(stub::StubSettings& s) const {
    if (!pki_.empty()) s.checks.pki = pki_;
    if (!schema_.empty()) s.checks.schema = schema_;
    if (!clock_.empty()) {
      s.checks.clock = UtcTime::parse(clock_);
      if (!s.checks.clock)
        return tl::unexpected(usage_error(
            fmt::format("--clock {}: is no time; write it as 2019-07-01T12:00:00Z", clock_)));
    }
    if (sign_ == "none") s.signing = stub::Signing::none;
    if (sign_ == "responses") s.signing = stub::Signing::responses;
    if (sign_ == "all") s.signing = stub::Signing::all;
    if (verify_.empty()) return {};
    double share = verify_ == "all" ? 1 : 0;
    if (verify_ != "all" && verify_ != "none" &&
        (!CLI::detail::lexical_cast(verify_, share) || !(share >= 0 && share <= 1)))
      return tl::unexpected(
          usage_error(fmt::format("--verify {}: must be all, none or a share of 0 to 1", verify_)));
    if (share > 0 && s.checks.pki.empty())
      return tl::unexpected(usage_error("--verify needs --pki"));
    s.checks.verify_share = share;
    return {};
  }

  Status read_callback(stub::StubSettings& s) const {
    if (!callback_.empty()) {
      stub::CallbackOptions o;
      S1FLOW_TRY(o.url, parse_url(callback_));
      if (!allow_list_.empty()) {
        S1FLOW_TRY(o.allowed, AllowList::load(allow_list_));
      }
      S1FLOW_TRY(o.endpoint, resolve(o.url, o.allowed));
      if (o.url.tls) o.tls = TlsOptions{.ca = callback_ca_};
      s.receive = std::move(o);
    } else if (!allow_list_.empty() || !callback_ca_.empty()) {
      return tl::unexpected(usage_error("--allow-list and --callback-ca need --callback"));
    }
    if (!repeat_) return {};
    if (!s.receive) return tl::unexpected(usage_error("--repeat-share needs --callback"));
    s.receive->repeat_share = *repeat_;
    return {};
  }

  Path file_, cert_, key_, client_ca_, pki_, schema_, callback_ca_, allow_list_, stamps_;
  std::string listen_, allow_address_, clock_, verify_, sign_, callback_, delay_, for_, format_;
  double capacity_ = 0;
  std::optional<std::uint64_t> queue_;
  std::optional<double> repeat_;
  std::uint64_t requests_ = 0;
  unsigned threads_ = 0;
  bool sink_ = false;
  bool mutual_tls_ = false;
};

}  // namespace

std::unique_ptr<Command> make_stub() {
  return std::make_unique<StubCommand>();
}

}  // namespace s1flow::cli
