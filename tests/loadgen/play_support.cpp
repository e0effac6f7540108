#include "tests/loadgen/play_support.h"

#include <fmt/format.h>

namespace s1flow::loadgen::testing_support {
namespace {

Result<Played> try_to_play(const stub::testing_support::RunningStub& stub, std::uint16_t receiver,
                           std::string_view requests, const PlayOptions& o) {
  const std::string toml = fmt::format(
      "drain = \"15s\"\n[target]\nurl = \"{}://127.0.0.1:{}\"\nconnections = {}\nthreads = {}\n"
      "timeout = \"{}\"\n{}[receive]\nlisten = \"127.0.0.1:{}\"\nanswer_timeout = \"{}\"\n"
      "linger = \"{}\"\n[duis]\nsign = \"{}\"\nsign_threads = 1\n"
      "[[phase]]\nduration = \"500ms\"\nprofile = \"constant\"\nrate = {}\n{}",
      o.scheme, stub.endpoint().port, o.connections, o.threads, o.timeout, o.target, receiver,
      o.answer_timeout, o.linger, o.sign, o.rate, requests);
  S1FLOW_TRY(Scenario scenario, parse_scenario(toml, "s.toml", "", {.batch = batch_of_tests()}));
  if (o.clock) scenario.engine.tls->clock = o.clock;
  SourceMaker sources(scenario);
  S1FLOW_TRY(const auto source, sources.make(scenario.plan));
  S1FLOW_TRY(RunResult result, run_plan(scenario.engine, scenario.plan, *source, nullptr, {}));
  return Played{std::move(scenario), std::move(result)};
}

}  // namespace

std::uint16_t free_port() {
  Endpoint endpoint = *numeric_endpoint("127.0.0.1", 1);
  endpoint.socket_address[2] = endpoint.socket_address[3] = 0;
  const Socket socket = *listen_on(endpoint, 1);
  return endpoint.port;
}

Played play(const stub::testing_support::RunningStub& stub, std::uint16_t receiver,
            std::string_view requests, const PlayOptions& options) {
  auto played = try_to_play(stub, receiver, requests, options);
  if (!played) throw std::runtime_error(played.error().message());
  return *std::move(played);
}

std::string refusal_of(const stub::testing_support::RunningStub& stub, std::uint16_t receiver,
                       std::string_view requests, const PlayOptions& options) {
  const auto played = try_to_play(stub, receiver, requests, options);
  return played ? std::string() : played.error().message();
}

std::string stub_toml(std::uint16_t receiver, std::string_view more) {
  return fmt::format("[receive]\nurl = \"http://127.0.0.1:{}/duis\"\n{}", receiver, more);
}

std::string outcomes_of(const ClassRecord& record) {
  std::string out;
  for (std::size_t i = 0; i < kOutcomes; ++i)
    if (record.outcomes[i] != 0) out += fmt::format(" {} {}", kOutcomeNames[i], record.outcomes[i]);
  return out;
}

}  // namespace s1flow::loadgen::testing_support
