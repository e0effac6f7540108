// What a run leaves for its report, against what the run itself counted.

#include "loadgen/load_report.h"

#include <map>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "core/histogram_log.h"
#include "loadgen/profiles/registry.h"
#include "tests/loadgen/test_peer.h"

namespace s1flow::loadgen {
namespace {

using std::chrono::milliseconds;

struct Played {
  report::Load load;
  std::string log;
};

// 1.2 seconds of two classes and two phases, whose border lies within a second.
Played play(const TestPeer& peer) {
  Scenario scenario;
  scenario.name = "two classes";
  scenario.engine.endpoint = peer.endpoint();
  scenario.engine.connections = 4;
  scenario.engine.threads = 2;
  scenario.plan.add("warm up", PhaseKind::warm_up, milliseconds(700),
                    constant_schedule(100, milliseconds(700)));
  scenario.plan.add("steady", PhaseKind::measure, milliseconds(500),
                    constant_schedule(200, milliseconds(500)));
  TemplateClass often, seldom;
  often.name = "often";
  often.weight = 3;
  often.body = "yes {{number}}";
  seldom.name = "seldom";
  seldom.body = "no";
  const auto source =
      make_template_source(fmt::format("127.0.0.1:{}", peer.endpoint().port), {often, seldom}, 1);
  EXPECT_TRUE(source);
  LoadReporter reporter(scenario, (*source)->classes());
  Played out;
  EngineObserver observer;
  observer.on_second = [&](const Second&, const Interval& interval) {
    reporter.see(interval);
    reporter.append_log_lines(out.log, interval);
  };
  const auto result = run_plan(scenario.engine, scenario.plan, **source, nullptr, observer);
  EXPECT_TRUE(result);
  const auto threshold = parse_threshold("p99<10s");
  const Verdict verdict =
      judge(scenario.plan, (*source)->classes(), *result, {*threshold}, scenario.validity);
  out.load = reporter.finish(*result, verdict);
  return out;
}

TEST(LoadReporterTest, EveryRequestIsInRecordsTimelinesAndLog) {
  const TestPeer peer([](int s, const std::string& body) {
    return send_text(s, reply(body == "no" ? 503 : 200, body));
  });
  const Played played = play(peer);
  const report::Load& l = played.load;

  ASSERT_EQ(l.phases.size(), 2U);
  EXPECT_EQ(l.phases[0].scheduled, 70U);
  EXPECT_EQ(l.phases[1].scheduled, 100U);
  EXPECT_FALSE(l.phases[0].measures);
  std::map<std::uint64_t, std::uint64_t> ended;
  std::uint64_t failed = 0;
  for (const report::LoadRecord& r : l.records) {
    ended[r.phase] += r.ended();
    failed += r.ended() - r.outcomes[0];
    EXPECT_EQ(r.failed.count(), r.ended() - r.outcomes[0]);
    EXPECT_EQ(r.lag.count(), r.sent);
  }
  EXPECT_EQ(ended[0], 70U);
  EXPECT_EQ(ended[1], 100U);
  EXPECT_EQ(failed, l.records[1].ended() + l.records[3].ended()) << "all of 'seldom'";

  ASSERT_GE(l.seconds.slots, 2U);
  const auto total = [](const std::vector<std::uint64_t>& column) {
    std::uint64_t all = 0;
    for (const std::uint64_t n : column) all += n;
    return all;
  };
  // 70 and 0.3 s of 200/s.
  EXPECT_EQ(l.seconds.all.planned[0], 130U);
  EXPECT_EQ(l.seconds.all.planned[1], 40U);
  EXPECT_EQ(total(l.seconds.all.sent), 170U);
  EXPECT_EQ(total(l.seconds.all.ok) + total(l.seconds.all.failed), 170U);
  for (std::size_t c = 0; c < 2; ++c)
    EXPECT_EQ(total(l.seconds.classes[c].planned), total(l.seconds.classes[c].sent)) << c;

  // The log's seconds add up to the records' histograms.
  std::map<std::string, Histogram> sums;
  for (std::size_t at = 0; at < played.log.size();) {
    const std::size_t end = played.log.find('\n', at);
    const auto line = read_log_line(std::string_view(played.log).substr(at, end - at));
    ASSERT_TRUE(line && *line);
    sums[(*line)->tag].add((*line)->histogram);
    at = end + 1;
  }
  std::size_t lines = 0;
  const auto expect_sum = [&](const report::LoadRecord& r, std::string_view figure,
                              const Histogram& whole) {
    if (whole.empty()) return;
    const report::LogTag tag{l.phases[r.phase].name, l.classes[r.klass].name, "",
                             std::string(figure)};
    ASSERT_EQ(sums.count(tag.text()), 1U) << tag.text();
    Histogram& sum = sums[tag.text()];
    ASSERT_TRUE(sum.restore(whole.min(), whole.max(), whole.saturated()));
    EXPECT_TRUE(sum == whole) << tag.text();
    ++lines;
  };
  for (const report::LoadRecord& r : l.records) {
    for (const report::LegTimes& leg : r.legs) {
      expect_sum(r, "first.response", leg.response);
      expect_sum(r, "first.service", leg.service);
    }
    expect_sum(r, "failed", r.failed);
    expect_sum(r, "lag", r.lag);
  }
  EXPECT_EQ(lines, sums.size());
}

TEST(LoadReporterTest, SaysWhatTheRunIsWorth) {
  const TestPeer peer([](int s, const std::string&) { return send_text(s, reply(200, "")); });
  const Played played = play(peer);
  ASSERT_EQ(played.load.thresholds.size(), 1U);
  EXPECT_TRUE(played.load.thresholds[0].held);
  EXPECT_EQ(played.load.thresholds[0].unit, "ms");
  EXPECT_EQ(played.load.thresholds[0].limit, 10'000);
  for (const report::HealthFigure& f : played.load.health)
    EXPECT_EQ(f.holds, !f.limit || f.seen <= *f.limit) << f.id;
  EXPECT_EQ(played.load.started.size(), std::string("2026-01-01T00:00:00Z").size());
  EXPECT_TRUE(played.load.messages.empty()) << "there was no receiver";
}

TEST(LoadClassTest, TellsWhereATargetTimeIsFrom) {
  RequestClass c{.name = "reads", .legs = Legs::two, .srv = find_srv("4.1.1"), .role = "IS"};
  c.target = std::chrono::seconds(16);
  report::LoadClass described = describe(c);
  ASSERT_EQ(described.targets.size(), 2U);
  EXPECT_EQ(described.targets[0].generation, "SMETS1");
  EXPECT_EQ(described.targets[0].limit, std::chrono::seconds(16));
  EXPECT_EQ(described.targets[1].limit, std::chrono::seconds(30));
  EXPECT_EQ(described.targets[1].source, kTargetTimeSource);

  c.target = std::chrono::seconds(5);
  described = describe(c);
  ASSERT_EQ(described.targets.size(), 1U);
  EXPECT_EQ(described.targets[0].source, "set by the scenario");

  c.target = {};
  c.future_dated = true;
  EXPECT_TRUE(describe(c).targets.empty()) << "its time counts from its execution";
  c.srv = find_srv("8.1.1");
  c.future_dated = false;
  EXPECT_TRUE(describe(c).targets.empty()) << "not known";
}

}  // namespace
}  // namespace s1flow::loadgen
