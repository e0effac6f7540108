#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/commands/all.h"
#include "cli/commands/load_run.h"
#include "loadgen/duration.h"
#include "loadgen/profiles/registry.h"
#include "loadgen/shipped_scenarios.h"

namespace s1flow::cli {
namespace {

using namespace loadgen;

constexpr std::uint64_t kMaxConnections = 100'000;
constexpr std::uint64_t kMaxThreads = 64;

class Load final : public Command {
 public:
  void add_options(CLI::App& app) override {
    app.get_formatter()->column_width(32);
    app.add_option("SCENARIO", scenario_, "FILE, or a name of 's1flow list scenarios'");
    app.add_option("--format", format_, "human or json")
        ->default_val("human")
        ->check(CLI::IsMember({"human", "json"}));
    app.add_option("--hlog", hlog_, "FILE for an HdrHistogram log, a line a class and second");
    app.add_option("-o,--output", folder_, "FOLDER for the report: JSON, HTML, CSV, JUnit, .hlog");
    app.add_flag("--overwrite", overwrite_, "Replace that file and the report");
    app.add_option("--metrics", metrics_, "PORT of loopback for Prometheus during the run; 0: any")
        ->check(CLI::Range(0, 65535));
    const std::size_t common = app.get_options().size();
    app.add_option("--target", changes_.url, "URL in place of the scenario's");
    app.add_option("--batch", changes_.batch, "FOLDER of the batch in place of the scenario's");
    app.add_option("--from-cof", changes_.cof, "FOLDER of a dry run: its commissioning is the mix");
    app.add_option("--for", for_, "TIME that all phases are fitted to; of a trial");
    app.add_flag("--find-capacity", find_capacity_, "Search the highest rate that holds");
    app.add_option("--presign", presign_, "FILE for all requests, signed; nothing is sent");
    const std::size_t scenarios = app.get_options().size();
    app.add_option("--url", url_, "http:// or https:// address, in place of a scenario");
    app.add_option("--body", body_, "FILE with the body; {{number}} in it becomes 20 digits");
    auto* rate = app.add_option("--rate", rate_, "Requests per second, evenly spaced")
                     ->check(CLI::Range(0.001, kMaxRate));
    auto* closed = app.add_flag("--closed", closed_, "Send as fast as answers come, to compare");
    rate->excludes(closed);
    app.add_option("-c,--connections", connections_, "Connections, no more and no fewer")
        ->default_val(10)
        ->check(CLI::Range(std::uint64_t{1}, kMaxConnections));
    app.add_option("-d,--duration", duration_, "How long, such as 10s or 5m")->default_val("10s");
    app.add_option("--warm-up", warm_up_, "Time before that, reported apart")->default_val("0");
    app.add_option("--requests", requests_, "At most so many with --closed")->default_val(0);
    app.add_option("-t,--threads", threads_, "Threads, each with its share of connections")
        ->default_val(1)
        ->check(CLI::Range(std::uint64_t{1}, kMaxThreads));
    app.add_option("--timeout", timeout_, "For a whole answer")->default_val("10s");
    app.add_option("--drain", drain_, "Wait for the last answers")->default_val("10s");
    app.add_option("--method", template_.method, "HTTP method")->default_val("POST");
    app.add_option("--header", template_.headers, "'Name: value'; may be given again");
    app.add_option("--ca", tls_.ca, "PEM file of those who may certify the target");
    app.add_option("--cert", tls_.cert, "PEM file of our own certificate and its chain");
    app.add_option("--key", tls_.key, "PEM file of its private key");
    app.add_option("--tls", tls_version_, "any, 1.2 or 1.3")
        ->default_val("any")
        ->check(CLI::IsMember({"any", "1.2", "1.3"}));
    app.add_option("--threshold", thresholds_,
                   "Such as 'p99<250ms' or 'errors<1%'; may be given again");
    app.add_option("--allow-list", allow_list_, "FILE of 'host,address,port' beyond loopback");
    app.add_option("--max-lag", max_lag_, "p99 of our own lag above which a run is INVALID")
        ->default_val("1ms");
    const auto options = app.get_options();
    const auto at = [&](std::size_t i) { return options.begin() + static_cast<std::ptrdiff_t>(i); };
    scenario_options_.assign(at(common), at(scenarios));
    quick_options_.assign(at(scenarios), options.end());
    app.footer(
        "Ends with 0 when all thresholds held, 1 when not, 3 when the target was not reached, 5 "
        "when "
        "the generator was the limit.\n\nExamples:\n"
        "  s1flow load daily-reads --batch out/demo/batch --for 10s\n"
        "  s1flow load --url http://127.0.0.1:8080/ --body sr.xml --rate 1000 -c 50 -d 30s");
  }

  Result<ExitCode> run(const Console& console) override {
    if (scenario_.empty() == url_.empty())
      return tl::unexpected(usage_error("give a scenario file, or --url and its options"));
    const auto refuse = [](const std::vector<CLI::Option*>& options,
                           std::string_view why) -> Status {
      for (const CLI::Option* option : options)
        if (option->count() > 0)
          return tl::unexpected(usage_error(fmt::format("{} {}", option->get_name(), why)));
      return {};
    };
    LoadOutputs outputs{.folder = folder_,
                        .hlog = hlog_,
                        .overwrite = overwrite_ ? Overwrite::yes : Overwrite::no,
                        .json = format_ == "json",
                        .metrics = {}};
    if (metrics_) outputs.metrics = static_cast<std::uint16_t>(*metrics_);
    if (!url_.empty()) {
      S1FLOW_TRY_VOID(refuse(scenario_options_, "goes with a scenario, and not with --url"));
      S1FLOW_TRY(const Scenario scenario, quick_form());
      return play_scenario(console, scenario, outputs);
    }
    S1FLOW_TRY_VOID(refuse(quick_options_, "goes with --url; a scenario says it itself"));
    if (!for_.empty()) {
      S1FLOW_TRY_VOID(read_duration_option(for_, "--for", changes_.last));
      if (changes_.last < std::chrono::milliseconds(10))
        return tl::unexpected(usage_error("--for must be 10ms or more"));
    }
    S1FLOW_TRY(const Scenario scenario, open_scenario(scenario_, changes_));
    if (!presign_.empty()) {
      if (find_capacity_ || !hlog_.empty() || !folder_.empty() || metrics_)
        return tl::unexpected(usage_error("--presign sends nothing; leave out the other options"));
      return presign_scenario(console, scenario, presign_, outputs.overwrite);
    }
    if (!find_capacity_) return play_scenario(console, scenario, outputs);
    if (!hlog_.empty() || !folder_.empty() || metrics_)
      return tl::unexpected(
          usage_error("--output, --hlog and --metrics are of one run, and not of --find-capacity"));
    return search_capacity(console, scenario, changes_.last, outputs);
  }

 private:
  struct Times {
    Nanoseconds duration{0}, warm_up{0}, timeout{0}, drain{0};
  };

  static Status read_duration_option(const std::string& text, std::string_view option,
                                     Nanoseconds& to) {
    const auto parsed = parse_duration(text);
    if (!parsed)
      return tl::unexpected(usage_error(
          fmt::format("{} {}: must be a duration such as 250ms, 10s or 5m", option, text)));
    to = *parsed;
    return {};
  }

  Status read_options() {
    if (rate_ <= 0 && !closed_) return tl::unexpected(usage_error("give --rate R or --closed"));
    if (requests_ != 0 && !closed_)
      return tl::unexpected(
          usage_error("--requests goes with --closed; --rate and --duration say how many"));
    S1FLOW_TRY_VOID(read_duration_option(duration_, "--duration", times_.duration));
    S1FLOW_TRY_VOID(read_duration_option(warm_up_, "--warm-up", times_.warm_up));
    S1FLOW_TRY_VOID(read_duration_option(timeout_, "--timeout", times_.timeout));
    S1FLOW_TRY_VOID(read_duration_option(drain_, "--drain", times_.drain));
    S1FLOW_TRY_VOID(read_duration_option(max_lag_, "--max-lag", validity_.own_lag_p99));
    if (times_.duration < std::chrono::milliseconds(1) || times_.timeout.count() <= 0)
      return tl::unexpected(usage_error("--duration and --timeout must be longer than 0"));
    if (threads_ > connections_)
      return tl::unexpected(
          usage_error(fmt::format("--threads {}: needs at least as many connections", threads_)));
    bool errors = false;
    for (const std::string& text : thresholds_) {
      S1FLOW_TRY(Threshold threshold, parse_threshold(text));
      errors = errors || threshold.form == Threshold::Form::errors;
      limits_.push_back(std::move(threshold));
    }
    // A run in which everything fails must not pass for want of a threshold.
    if (!errors) {
      S1FLOW_TRY(Threshold threshold, parse_threshold("errors<1%"));
      limits_.push_back(std::move(threshold));
    }
    return {};
  }

  Result<Scenario> quick_form() {
    S1FLOW_TRY_VOID(read_options());
    Scenario scenario;
    S1FLOW_TRY(const Url url, parse_url(url_));
    S1FLOW_TRY(scenario.engine, engine_options(url));
    if (!body_.empty()) {
      S1FLOW_TRY(template_.body, read_text(body_));
    }
    template_.path = url.path;
    scenario.name = scenario.url = url_;
    scenario.mix = {template_};
    scenario.thresholds = limits_;
    scenario.validity = validity_;
    if (times_.warm_up.count() > 0)
      scenario.plan.add("warm-up", PhaseKind::warm_up, times_.warm_up, schedule(times_.warm_up));
    scenario.plan.add("measure", PhaseKind::measure, times_.duration, schedule(times_.duration));
    S1FLOW_TRY_VOID(check_caps(scenario.caps, scenario.plan, connections_));
    return scenario;
  }

  Result<EngineOptions> engine_options(const Url& url) {
    EngineOptions options;
    if (!allow_list_.empty()) {
      S1FLOW_TRY(options.allowed, AllowList::load(allow_list_));
    }
    S1FLOW_TRY(options.endpoint, resolve(url, options.allowed));
    options.connections = connections_;
    options.threads = threads_;
    options.timeout = times_.timeout;
    options.drain = times_.drain;
    if (url.tls) {
      tls_.version = tls_version_ == "1.2"   ? TlsVersion::tls12
                     : tls_version_ == "1.3" ? TlsVersion::tls13
                                             : TlsVersion::any;
      tls_.save_memory = connections_ > 1000;
      options.tls = tls_;
    } else if (!tls_.ca.empty() || !tls_.cert.empty() || !tls_.key.empty()) {
      return tl::unexpected(
          usage_error("--ca, --cert and --key need a URL that starts with https://"));
    }
    return options;
  }

  SchedulePointer schedule(Nanoseconds duration) const {
    return closed_ ? closed_schedule(requests_) : constant_schedule(rate_, duration);
  }

  ScenarioChanges changes_;
  bool find_capacity_ = false;
  std::string for_;
  std::vector<CLI::Option*> scenario_options_;
  std::string scenario_, url_, duration_, warm_up_, timeout_, drain_, tls_version_, max_lag_,
      format_;
  Path body_, allow_list_, hlog_, folder_, presign_;
  std::optional<unsigned> metrics_;
  bool overwrite_ = false;
  double rate_ = 0;
  bool closed_ = false;
  std::uint64_t connections_ = 0, threads_ = 0, requests_ = 0;
  std::vector<CLI::Option*> quick_options_;
  TemplateClass template_;
  TlsOptions tls_;
  std::vector<std::string> thresholds_;
  std::vector<Threshold> limits_;
  ValidityLimits validity_;
  Times times_;
};

}  // namespace

std::unique_ptr<Command> make_load() {
  return std::make_unique<Load>();
}

}  // namespace s1flow::cli
