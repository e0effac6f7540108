#include "tests/cli/sample_load.h"

#include <cmath>
#include <memory>

#include <fmt/format.h>

#include "core/check.h"
#include "core/load_timeline.h"
#include "core/random.h"
#include "core/srv_table.h"

namespace s1flow::test {
namespace {

using namespace report;
using std::chrono::seconds;

constexpr std::array<std::string_view, 6> kShapes{
    "load", "load-hour", "load-invalid", "load-stopped", "load-hostile", "load-unreachable"};
constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kEnds{
    {{"ok", "Ended well"},
     {"rejected", "Answered no"},
     {"timeout", "No whole answer in time"},
     {"unanswered", "Acknowledged, never answered"},
     {"dropped", "Could not be sent in time"}}};

struct Size {
  std::uint64_t warm_up = 10;
  std::uint64_t measured = 110;
  std::size_t classes = 5;
  std::uint64_t per_second = 40;  // of each class
  bool stall = true;
};

LoadClass class_of(const ServiceReferenceVariant& srv, std::string_view role) {
  LoadClass c{.name = std::string(srv.variant),
              .srv = std::string(srv.variant),
              .title = std::string(srv.name),
              .role = std::string(role),
              .shape = srv.critical       ? Shape::critical
                       : srv.non_device() ? Shape::judged
                                          : Shape::two,
              .targets = {}};
  const auto add = [&](std::string_view generation, seconds limit) {
    if (limit.count() != 0)
      c.targets.push_back({std::string(generation), limit, std::string(kTargetTimeSource)});
  };
  add("SMETS1", srv.target_smets1);
  add("SMETS2+", srv.target_smets2);
  return c;
}

std::vector<LoadClass> classes_of(const Size& size) {
  constexpr std::string_view kVariants[] = {
      "4.1.1", "4.1.1", "4.8.1", "8.1.1", "8.14.1", "4.4.3", "4.6.1", "1.1.1", "2.2",   "3.1",
      "4.1.2", "4.2",   "4.3",   "4.4.2", "6.4.1",  "6.11",  "7.4",   "8.11",  "1.2.1", "8.2"};
  constexpr std::string_view kRoles[] = {"IS", "GS"};
  std::vector<LoadClass> out;
  for (std::size_t c = 0; c < size.classes; ++c)
    out.push_back(class_of(*find_srv(kVariants[c]), kRoles[c == 1 ? 1 : 0]));
  return out;
}

// A skewed time in nanoseconds around `middle`.
std::int64_t draw(Random& random, double middle) {
  const double u = random.unit() + random.unit() + random.unit() - 1.5;
  const double tail = random.below(500) == 0 ? 6 : 1;
  return static_cast<std::int64_t>(middle * 1e6 * std::exp(0.7 * u) * tail);
}

// The times of one second of one class, and where they go.
class Second {
 public:
  void play(Random& random, const LoadClass& c, std::uint64_t n, double slow, LoadRecord& record) {
    seen_ = {};
    for (auto& h : histograms_) h.clear();
    record.outcomes.resize(kEnds.size());
    for (std::uint64_t i = 0; i < n; ++i) request(random, c, slow, record);
    for (std::size_t leg = 0; leg < kLegs; ++leg) {
      seen_.legs[leg] = {&histograms_[leg * 2], &histograms_[leg * 2 + 1]};
      if (histograms_[leg * 2].empty()) continue;
      LoadRecord one;
      one.legs.push_back({static_cast<Leg>(leg), histograms_[leg * 2], histograms_[leg * 2 + 1]});
      record.add(one);
    }
    seen_.lag = &histograms_[6];
    record.lag.add(histograms_[6]);
    record.own_lag.add(histograms_[6]);
    record.failed.add(histograms_[7]);
  }
  [[nodiscard]] const SecondOfClass& seen() const { return seen_; }

 private:
  void put(Leg leg, std::int64_t response, std::int64_t lag) {
    const auto at = static_cast<std::size_t>(leg) * 2;
    histograms_[at].record(response, 1);
    histograms_[at + 1].record(response - lag, 1);
  }
  void request(Random& random, const LoadClass& c, double slow, LoadRecord& record) {
    const std::int64_t lag = draw(random, 0.02 * slow * slow);
    histograms_[6].record(lag, 1);
    ++seen_.sent;
    ++record.sent;
    const std::int64_t ack = lag + draw(random, 3 * slow);
    const bool fails = random.below(700) == 0;
    const std::size_t outcome = fails ? 1 + random.below(3) : 0;
    ++record.outcomes[outcome];
    if (fails) {
      ++seen_.failed;
      histograms_[7].record(ack * 3, 1);
      return;
    }
    ++seen_.ok;
    const bool critical = c.shape == Shape::critical;
    if (critical) put(Leg::transform, ack, lag);
    put(Leg::first, critical ? ack * 2 : ack, lag);
    if (c.shape >= Shape::two) put(Leg::answer, ack * 2 + draw(random, 400 * slow), lag);
  }
  SecondOfClass seen_;
  std::array<Histogram, 8> histograms_;
};

void fill_common(RunReport& r) {
  r.kind = Kind::load;
  r.program = {.version = "0.1.0",
               .build_type = "Release",
               .compiler = "GNU 12.2.0",
               .libraries = {{"OpenSSL", "3.0.17"}, {"Boost", "1.74"}}};
  r.machine = {.cpu = "Example CPU 9000 8-Core Processor",
               .cores = 8,
               .memory_bytes = std::uint64_t{24} << 30,
               .kernel = "Linux 6.1.0"};
  r.run = {.batch = "week-2019-04-08",
           .output = "reads-1",
           .clock = "2019-04-05T09:00:00Z",
           .seed = 7,
           .workers = 1,
           .wall = seconds(121),
           .peak_rss_bytes = std::uint64_t{60} << 20};
  Load& l = r.load.emplace();
  l.scenario = "daily-reads";
  l.target = "https://127.0.0.1:8079";
  l.started = "2026-11-02T09:30:00Z";
  l.start_seconds = 1793611800;
  l.connections = 64;
  l.tls = "1.3";
  l.signing = "ahead";
  l.timeout = seconds(10);
  for (const auto& [id, title] : kEnds) l.outcomes.push_back({std::string(id), std::string(title)});
}

void fill_play(RunReport& r, const Size& size) {
  Load& l = *r.load;
  l.classes = classes_of(size);
  l.phases = {{.name = "warm-up",
               .measures = false,
               .start = seconds(0),
               .planned = seconds(size.warm_up),
               .lasted = seconds(size.warm_up)},
              {.name = "steady",
               .start = seconds(size.warm_up),
               .planned = seconds(size.measured),
               .lasted = seconds(size.measured)}};
  const std::uint64_t all = size.warm_up + size.measured;
  r.run.wall = l.lasted = seconds(all) + std::chrono::milliseconds(412);
  l.cpu_user = l.lasted / 9;
  l.cpu_system = l.lasted / 14;
  TimelineMaker timeline(l.classes, seconds(all));
  std::vector<LoadRecord> records(l.classes.size() * 2);
  Random random(11);
  Second second;
  for (std::uint64_t s = 0; s < all; ++s) {
    const std::size_t phase = s < size.warm_up ? 0 : 1;
    // A slow wave, and one stall.
    double slow = 1 + 0.3 * std::sin(static_cast<double>(s) / static_cast<double>(all) * 12);
    if (size.stall && s >= all / 2 && s < all / 2 + all / 40 + 1) slow *= 6;
    for (std::size_t c = 0; c < l.classes.size(); ++c) {
      LoadRecord& record = records[phase * l.classes.size() + c];
      record.phase = phase;
      record.klass = c;
      const std::uint64_t n = size.per_second * (phase == 0 ? s + 1 : size.warm_up) / size.warm_up;
      second.play(random, l.classes[c], n, slow, record);
      timeline.add(s, c, second.seen());
      timeline.add_planned(s, c, n);
      l.phases[phase].scheduled += n;
    }
  }
  timeline.finish(l.seconds, l.overview);
  l.records = std::move(records);
}

void fill_health(RunReport& r) {
  Load& l = *r.load;
  l.connections_seen = {{"opened", "Connections opened", 66},
                        {"failed", "Connections that could not be made", 0},
                        {"lost", "Lost while idle", 2},
                        {"tls_resumed", "TLS sessions resumed", 2}};
  const std::uint64_t answers =
      l.measured().legs.size() > 1 ? l.measured().last()->response.count() : 0;
  l.messages = {{"answers", "Answers to our requests", answers},
                {"duplicates", "Duplicates", 17},
                {"late", "Late: the request was given up", 3},
                {"unknown", "To no request of ours", 0},
                {"unsolicited", "Unsolicited", 5},
                {"device_alerts", "Alerts of devices", 240},
                {"dcc_alerts", "Alerts of the DCC", 12},
                {"alerts_stand_for", "Alerts, throttled ones as what they stand for", 310},
                {"unreadable", "Unreadable", 0}};
  l.receiver = {{"accepted", "Connections accepted", 8},
                {"refused", "Connections refused", 0},
                {"requests", "Requests", answers + 277},
                {"bad_requests", "Bad requests", 0}};
  l.health = {{"own_lag_p99", "p99 of our own lag", "ms", 0.081, 1.0, true},
              {"busy", "Busy, of the busiest thread's time", "share", 0.312, 0.95, true},
              {"run_delay", "Waited for a processor", "share", 0.004, 0.05, true},
              {"late", "Woke up late", "share", 0.0, 0.01, true},
              {"stall", "Longest standstill", "ms", 3.2, 100.0, true},
              {"socket_limits", "Sockets that the system refused", "count", 0, 0.0, true},
              {"clock_step", "Step of the wall clock", "ms", 0.02, 100.0, true},
              {"unsigned", "Due before they were signed", "share", 0.0, 0.01, true},
              {"watched", "Watched", "s", 110, std::nullopt, true}};
  l.thresholds = {{"errors < 1 %", "share", 0.01, 0.0014, true},
                  {"class 4.8.1 answer p99 < 30 s", "ms", 30000, 1204.2, true},
                  {"p99 < 25 ms", "ms", 25, 31.26, false}};
  l.judgement = Judgement::missed;
  r.verdict = {.state = State::completed, .exit_code = 1, .reason = "p99 < 25 ms: was 31.26 ms"};
}

RunReport played(const Size& size) {
  RunReport r;
  fill_common(r);
  fill_play(r, size);
  fill_health(r);
  return r;
}

void poison(RunReport& r) {
  const std::string evil = "</script><script>document.body.dataset.fault='ran'</script>";
  Load& l = *r.load;
  l.scenario = evil + "{{css}}<!--";
  l.target = "\"><img src=x onerror=\"document.body.dataset.fault='ran'\">";
  l.classes[0].name = evil;
  l.classes[1].role = "<b onclick=alert(1)>";
  l.classes[2].targets = {
      {evil, seconds(16), "'\"><svg onload=\"document.body.dataset.fault='ran'\">"}};
  l.phases[1].name = evil;
  l.health[0].title = evil;
  l.thresholds[0].text = "=cmd|' /C calc'!A0 \xFF\xC0 \u202Egnp.exe " + evil;
  l.outcomes[2].title = evil;
  l.messages[0].title = evil;
  r.verdict.reason = evil + "\x1b[31m";
  r.warnings = {evil};
}

}  // namespace

std::span<const std::string_view> load_shapes() {
  return kShapes;
}

RunReport load_report(std::string_view shape) {
  if (shape == "load") return played({});
  if (shape == "load-hour") {
    RunReport r =
        played({.warm_up = 60, .measured = 3540, .classes = 20, .per_second = 12, .stall = true});
    r.verdict = {.state = State::completed, .exit_code = 0, .reason = "all thresholds held"};
    r.load->judgement = Judgement::pass;
    r.load->thresholds.pop_back();
    return r;
  }
  if (shape == "load-invalid") {
    RunReport r = played({.measured = 20, .classes = 1});
    r.load->judgement = Judgement::invalid;
    r.load->health[0] = {"own_lag_p99", "p99 of our own lag", "ms", 14.2, 1.0, false};
    r.verdict = {.state = State::completed,
                 .exit_code = 5,
                 .reason = "the generator sent late: p99 of its own lag is 14.2 ms"};
    return r;
  }
  if (shape == "load-stopped") {
    RunReport r = played({.measured = 1, .classes = 2, .stall = false});
    r.load->phases[0].lasted = seconds(10);
    r.load->phases[1].lasted = {};
    r.verdict = {.state = State::stopped,
                 .exit_code = 5,
                 .reason = "the run ended before anything was measured"};
    r.load->judgement = Judgement::invalid;
    std::erase_if(r.load->records, [](const LoadRecord& record) { return record.phase == 1; });
    r.load->phases[1].scheduled = 0;
    return r;
  }
  if (shape == "load-hostile") {
    RunReport r = played({.measured = 10});
    poison(r);
    return r;
  }
  S1FLOW_CHECK(shape == "load-unreachable");
  RunReport r;
  fill_common(r);
  r.load->judgement = Judgement::unreachable;
  r.verdict = {.state = State::failed,
               .exit_code = 3,
               .reason = "the target could not be reached: Connection refused"};
  return r;
}

}  // namespace s1flow::test
