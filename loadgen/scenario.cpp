#include "loadgen/scenario.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "core/random.h"
#include "loadgen/duis/cof_order.h"
#include "loadgen/duis/duis_scanner.h"
#include "loadgen/duis/duis_source.h"
#include "loadgen/duis/signed_corpus.h"
#include "loadgen/duration.h"
#include "loadgen/profiles/registry.h"
#include "loadgen/scenario_duis.h"

namespace s1flow::loadgen {
namespace {

using codecs::ConfigReader;
using codecs::ConfigValue;

Status read_target(ConfigReader& reader, const Path& folder, const ScenarioChanges& changes,
                   Scenario& s) {
  EngineOptions& e = s.engine;
  s.url = reader.required_text("url");
  if (!changes.url.empty()) s.url = changes.url;
  e.connections = reader.count("connections", 10);
  e.threads = reader.count("threads", 1, 64);
  e.timeout = read_duration(reader, "timeout", e.timeout);
  e.connect_timeout = read_duration(reader, "connect_timeout", e.connect_timeout);
  const std::string allow_list = reader.text("allow_list", "");
  TlsOptions tls;
  const auto file = [&](std::string_view key) {
    const std::string name = reader.text(key, "");
    return name.empty() ? Path() : folder / name;
  };
  tls.ca = file("ca");
  tls.cert = file("cert");
  tls.key = file("key");
  tls.resume = reader.boolean("resume", true);
  tls.version = static_cast<TlsVersion>(reader.choice("tls", {"any", "1.2", "1.3"}, 0));
  if (e.connections == 0 || e.threads == 0 || e.threads > e.connections)
    reader.fail(nullptr, "'connections' must be 1 or more, and 'threads' not above them");
  if (e.timeout.count() <= 0 || e.connect_timeout.count() <= 0)
    reader.fail(nullptr, "'timeout' and 'connect_timeout' must be longer than 0");
  S1FLOW_TRY_VOID(reader.finish());
  if (!allow_list.empty()) {
    S1FLOW_TRY(e.allowed, AllowList::load(folder / allow_list));
  }
  S1FLOW_TRY(const Url url, parse_url(s.url));
  S1FLOW_TRY(e.endpoint, resolve(url, e.allowed));
  tls.save_memory = e.connections > 1000;
  if (url.tls) e.tls = tls;
  return {};
}

// By how much all phases are shortened or stretched.
double stretch_of(const std::vector<const ConfigValue*>& phases, const std::string& name,
                  Nanoseconds last) {
  if (last.count() <= 0) return 1;
  Nanoseconds sum{0};
  for (const ConfigValue* phase : phases) {
    ConfigReader reader(phase, name);
    sum += read_required_duration(reader, "duration");
  }
  return sum.count() <= 0 ? 1 : seconds_of(last) / seconds_of(sum);
}

Status read_phase(const ConfigValue* table, const std::string& where, const Path& folder,
                  double stretch, Scenario& s, std::set<std::string>& names) {
  ConfigReader reader(table, where);
  const std::size_t place = s.plan.phases().size();
  const std::string name = reader.text("name", fmt::format("phase-{}", place + 1));
  const auto kind = static_cast<PhaseKind>(reader.choice("kind", {"warm-up", "measure"}, 1));
  const Nanoseconds duration =
      from_seconds(seconds_of(read_required_duration(reader, "duration")) * stretch);
  const std::string profile_name = reader.required_text("profile");
  if (duration < std::chrono::milliseconds(1))
    reader.fail(nullptr, "'duration' must be 1ms or more");
  if (!names.insert(name).second) reader.fail(nullptr, "another phase has the same name");
  const Profile* profile = find_profile(profile_name);
  if (profile == nullptr) {
    std::string known;
    for (const Profile* p : profiles()) known += fmt::format(" {}", p->name);
    reader.fail(nullptr,
                fmt::format("profile '{}' is not known; there are{}", profile_name, known));
    return reader.finish();
  }
  const ProfileContext context{duration, mix64(s.seed + place), folder};
  S1FLOW_TRY(SchedulePointer schedule, profile->make(reader, context));
  S1FLOW_TRY_VOID(reader.finish());
  s.plan.add(name, kind, duration, std::move(schedule));
  return {};
}

Status read_class(const ConfigValue* table, const std::string& where, const Path& folder,
                  const std::string& path, Scenario& s) {
  ConfigReader reader(table, where);
  TemplateClass c;
  c.name = reader.required_text("name");
  c.weight = reader.real("weight", 1, 1e-9, 1e9);
  c.method = reader.text("method", "POST");
  c.path = reader.text("path", path);
  c.headers = reader.texts("headers");
  const std::string body = reader.text("body", "");
  if (!c.path.starts_with('/')) reader.fail(nullptr, "'path' must start with '/'");
  S1FLOW_TRY_VOID(reader.finish());
  if (!body.empty()) {
    S1FLOW_TRY(c.body, read_text(folder / body));
  }
  s.mix.push_back(std::move(c));
  return {};
}

void read_validity(ConfigReader& reader, ValidityLimits& limits) {
  limits.own_lag_p99 = read_duration(reader, "own_lag_p99", limits.own_lag_p99);
  limits.stall = read_duration(reader, "stall", limits.stall);
  limits.clock_step = read_duration(reader, "clock_step", limits.clock_step);
  limits.run_delay_share = reader.real("run_delay_share", limits.run_delay_share, 0, 1);
  limits.late_share = reader.real("late_share", limits.late_share, 0, 1);
  limits.unsigned_share = reader.real("unsigned_share", limits.unsigned_share, 0, 1);
  limits.busy_share = reader.real("busy_share", limits.busy_share, 0, 1);
}

void read_caps(ConfigReader& reader, Caps& caps) {
  caps.rate = reader.real("rate", caps.rate, 0.001, caps.rate);
  caps.requests = reader.count("requests", caps.requests, caps.requests);
  caps.connections = reader.count("connections", caps.connections, caps.connections);
  const Nanoseconds longest = caps.duration;
  caps.duration = read_duration(reader, "duration", longest);
  if (caps.duration > longest) reader.fail(nullptr, "'duration' may be 31 days at most");
}

// Thresholds and abort rules may only name what there is.
Status check_names(const Scenario& s, const Threshold& t, const std::string& where) {
  const auto is_phase = [&](const Phase& p) { return p.name == t.phase; };
  const auto is_class = [&](const auto& c) { return c.name == t.class_name; };
  const bool has_class =
      std::any_of(s.mix.begin(), s.mix.end(), is_class) ||
      (s.duis && std::any_of(s.duis->kinds.begin(), s.duis->kinds.end(), is_class));
  if (!t.phase.empty() && std::none_of(s.plan.phases().begin(), s.plan.phases().end(), is_phase))
    return tl::unexpected(usage_error(fmt::format("{}: there is no phase '{}'", where, t.phase)));
  if (!t.class_name.empty() && !has_class)
    return tl::unexpected(
        usage_error(fmt::format("{}: there is no class '{}'", where, t.class_name)));
  return {};
}

Status read_abort(const ConfigValue* table, const std::string& where, Scenario& s) {
  ConfigReader reader(table, where);
  AbortRule rule;
  rule.limit = read_threshold(reader);
  rule.seconds = reader.count("seconds", rule.seconds, 3600);
  const Threshold& t = rule.limit;
  constexpr double kKept[] = {50, 90, 99, 99.9, 100};
  const bool kept = t.form == Threshold::Form::errors ||
                    (t.form == Threshold::Form::percentile &&
                     std::find(std::begin(kKept), std::end(kKept), t.percent) != std::end(kKept));
  if (!kept || t.metric != Metric::response || !t.class_name.empty() || !t.phase.empty())
    reader.fail(nullptr,
                "an abort rule limits 'errors', or 'p50', 'p90', 'p99', 'p99.9' or 'max' of all "
                "response times");
  if (rule.seconds == 0) reader.fail(nullptr, "'seconds' must be 1 or more");
  S1FLOW_TRY_VOID(reader.finish());
  s.aborts.push_back(std::move(rule));
  return {};
}

// What is sent: bodies as given, or Service Requests.
Status read_requests(ConfigReader& reader, const std::string& name, const Path& folder,
                     const ScenarioChanges& changes, Scenario& s) {
  const auto mix = reader.tables("mix");
  const auto requests = reader.tables("request");
  const ConfigValue* duis = reader.table("duis");
  const ConfigValue* receive = reader.table("receive");
  const bool given = !changes.cof.empty();
  if (requests.empty() && duis == nullptr && !given) {
    if (mix.empty()) reader.fail(nullptr, "needs at least one '[[request]]' or '[[mix]]'");
    if (receive != nullptr) reader.fail(receive, "'[receive]' goes with '[[request]]'");
    S1FLOW_TRY_VOID(reader.finish());
    S1FLOW_TRY(const Url url, parse_url(s.url));
    for (std::size_t i = 0; i < mix.size(); ++i)
      S1FLOW_TRY_VOID(
          read_class(mix[i], fmt::format("{}: mix {}", name, i + 1), folder, url.path, s));
    return {};
  }
  if (!mix.empty())
    reader.fail(nullptr,
                "'[[mix]]' is of bodies as they are given, and cannot stand beside "
                "'[duis]', '[[request]]' or --from-cof");
  if (requests.empty() && !given) reader.fail(duis, "'[duis]' needs at least one '[[request]]'");
  S1FLOW_TRY_VOID(reader.finish());
  s.duis.emplace();
  ConfigReader duis_reader(duis, name + ": duis");
  S1FLOW_TRY_VOID(read_duis(duis_reader, folder, changes, *s.duis));
  for (std::size_t i = 0; i < requests.size(); ++i) {
    ConfigReader one(requests[i], fmt::format("{}: request {}", name, i + 1));
    S1FLOW_TRY_VOID(read_request(one, folder, *s.duis));
  }
  if (given) S1FLOW_TRY_VOID(read_cof_order(changes.cof, *s.duis));
  s.engine.scanner = make_duis_scanner();
  if (receive == nullptr) return {};
  ConfigReader receive_reader(receive, name + ": receive");
  return read_receive(receive_reader, folder, s.engine);
}

}  // namespace

Result<Scenario> load_scenario(const Path& path, const ScenarioChanges& changes) {
  S1FLOW_TRY(const std::string text, read_text(path, 16 << 20));
  return parse_scenario(text, path.string(), path.parent_path(), changes);
}

Result<std::unique_ptr<RequestSource>> SourceMaker::make(const Plan& plan) {
  S1FLOW_TRY(const Url url, parse_url(scenario_.url));
  if (!scenario_.duis) return make_template_source(url.authority(), scenario_.mix, scenario_.seed);
  S1FLOW_TRY_VOID(read_batch(url.authority()));
  return make_duis_source(requests_, plan);
}

Status SourceMaker::read_batch(const std::string& authority) {
  if (!requests_) {
    S1FLOW_TRY(requests_, RequestPlan::make(*scenario_.duis, authority, scenario_.seed));
  }
  return {};
}

Result<std::uint64_t> SourceMaker::presign(const Plan& plan, const Path& file,
                                           Overwrite overwrite) {
  if (!scenario_.duis)
    return tl::unexpected(
        usage_error(fmt::format("{}: has no [[request]]; only these are signed", scenario_.name)));
  S1FLOW_TRY(const Url url, parse_url(scenario_.url));
  S1FLOW_TRY_VOID(read_batch(url.authority()));
  S1FLOW_TRY(const SignedCorpus corpus, SignedCorpus::make(requests_, plan));
  S1FLOW_TRY_VOID(corpus.save(file, overwrite, requests_));
  return corpus.count();
}

Result<Scenario> parse_scenario(std::string_view toml, const std::string& name, const Path& folder,
                                const ScenarioChanges& changes) {
  S1FLOW_TRY(const ConfigValue root, codecs::parse_config(toml, name));
  Scenario s;
  ConfigReader reader(&root, name);
  s.name = reader.text("name", Path(name).stem().string());
  s.seed = reader.count("seed", 1);
  s.engine.drain = read_duration(reader, "drain", s.engine.drain);
  const ConfigValue* target = reader.table("target");
  const auto phases = reader.tables("phase");
  const auto thresholds = reader.tables("threshold");
  const auto aborts = reader.tables("abort");
  ConfigReader caps(reader.table("caps"), name + ": caps");
  read_caps(caps, s.caps);
  ConfigReader validity(reader.table("validity"), name + ": validity");
  read_validity(validity, s.validity);
  if (target == nullptr) reader.fail(nullptr, "'[target]' is missing");
  if (phases.empty()) reader.fail(nullptr, "needs at least one '[[phase]]'");
  if (target == nullptr || phases.empty()) return tl::unexpected(reader.finish().error());
  S1FLOW_TRY_VOID(caps.finish());
  S1FLOW_TRY_VOID(validity.finish());
  ConfigReader target_reader(target, name + ": target");
  S1FLOW_TRY_VOID(read_target(target_reader, folder, changes, s));
  S1FLOW_TRY_VOID(read_requests(reader, name, folder, changes, s));
  const double stretch = stretch_of(phases, name, changes.last);
  std::set<std::string> names;
  for (std::size_t i = 0; i < phases.size(); ++i)
    S1FLOW_TRY_VOID(
        read_phase(phases[i], fmt::format("{}: phase {}", name, i + 1), folder, stretch, s, names));
  for (std::size_t i = 0; i < thresholds.size(); ++i) {
    const std::string where = fmt::format("{}: threshold {}", name, i + 1);
    ConfigReader one(thresholds[i], where);
    s.thresholds.push_back(read_threshold(one));
    S1FLOW_TRY_VOID(one.finish());
    S1FLOW_TRY_VOID(check_names(s, s.thresholds.back(), where));
  }
  for (std::size_t i = 0; i < aborts.size(); ++i)
    S1FLOW_TRY_VOID(read_abort(aborts[i], fmt::format("{}: abort {}", name, i + 1), s));
  if (auto status = check_caps(s.caps, s.plan, s.engine.connections); !status)
    return tl::unexpected(std::move(status).error().at(name));
  return s;
}

Status check_caps(const Caps& caps, const Plan& plan, std::uint64_t connections) {
  const auto refuse = [](std::string_view what, auto seen, auto cap) {
    return tl::unexpected(
        usage_error(fmt::format("{} {} is above the cap of {}", what, seen, cap)));
  };
  if (connections > caps.connections) return refuse("connections", connections, caps.connections);
  if (plan.end() > caps.duration)
    return refuse("duration in seconds", seconds_of(plan.end()), seconds_of(caps.duration));
  std::uint64_t requests = 0;
  for (const Phase& phase : plan.phases()) {
    if (phase.schedule->closed()) continue;
    requests += phase.schedule->count();
    std::uint64_t before = 0;
    for (Nanoseconds at{0}; at < phase.duration;) {
      at += std::chrono::seconds(1);
      const std::uint64_t until = phase.schedule->count_before(at);
      if (static_cast<double>(until - before) > caps.rate)
        return refuse(fmt::format("phase {}: requests within a second", phase.name), until - before,
                      caps.rate);
      before = until;
    }
  }
  if (requests > caps.requests) return refuse("requests", requests, caps.requests);
  return {};
}

std::optional<std::string> AbortWatch::see(const Second& second) {
  for (std::size_t i = 0; i < rules_.size(); ++i) {
    const Threshold& t = rules_[i].limit;
    const std::uint64_t ended = second.ok + second.failed;
    bool broken = false;
    if (t.form == Threshold::Form::errors) {
      broken =
          ended > 0 && static_cast<double>(second.failed) > t.share * static_cast<double>(ended);
    } else {
      const Nanoseconds seen = t.percent <= 50   ? second.p50
                               : t.percent <= 90 ? second.p90
                               : t.percent <= 99 ? second.p99
                               : t.percent < 100 ? second.p999
                                                 : second.max;
      broken = second.ok > 0 && seen > t.limit;
    }
    broken_[i] = broken ? broken_[i] + 1 : 0;
    if (broken_[i] >= rules_[i].seconds)
      return fmt::format("{} was broken for {} s", t.text(), rules_[i].seconds);
  }
  return std::nullopt;
}

}  // namespace s1flow::loadgen
