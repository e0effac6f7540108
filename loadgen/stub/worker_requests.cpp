// Worker: requests and their answers.

#include <algorithm>

#include "loadgen/stub/worker.h"

namespace s1flow::loadgen::stub {

void Worker::on_request(const IncomingRequest& request) {
  if (request.target == "/stats") {
    if (request.method != "GET") {
      counts_.add(Count::http_wrong_method);
      (void)server_.answer(request.ticket, {405, "text/plain", "use GET\n", false});
      return;
    }
    return answer_stats(request.ticket);
  }
  const auto path = std::find(settings_.paths.begin(), settings_.paths.end(), request.target);
  if (path == settings_.paths.end() && !settings_.sink) {
    counts_.add(Count::http_not_found);
    (void)server_.answer(request.ticket, {404, "text/plain", "no such service\n", false});
    return;
  }
  if (request.method != "POST") {
    counts_.add(Count::http_wrong_method);
    (void)server_.answer(request.ticket, {405, "text/plain", "use POST\n", false});
    return;
  }
  if (settings_.sink) return sink(request);
  serve(request, static_cast<DccService>(path - settings_.paths.begin()));
}

void Worker::answer_stats(Ticket ticket) {
  counts_.add(Count::http_stats);
  std::string text;
  append_counts_json(text, shared_.snapshot(), shared_.state());
  (void)server_.answer(ticket, {200, "application/json", text, false});
}

bool Worker::takes_more() {
  if (shared_.draining.load(std::memory_order_relaxed) || state_.outage_503) return false;
  if (is_full()) return false;
  return settings_.most_requests == 0 ||
         shared_.taken.fetch_add(1, std::memory_order_relaxed) < settings_.most_requests;
}

std::optional<Nanoseconds> Worker::admit(Nanoseconds now) {
  const double rate = state_.capacity.value_or(settings_.capacity);
  std::optional<Nanoseconds> served = now;
  if (rate > 0)
    served = shared_.queue.join(now, rate, settings_.queue, settings_.service, random_.unit());
  if (!served || !takes_more()) return std::nullopt;
  return served;
}

void Worker::unavailable(const IncomingRequest& request) {
  counts_.add(Count::http_unavailable);
  Stamp stamp{.arrived = request.arrived.count(), .thread = number_};
  give(request.ticket, {503, "text/plain", "full\n", false}, Spoil::none, stamp);
}

void Worker::sink(const IncomingRequest& request) {
  const auto served = admit(request.arrived);
  if (!served) return unavailable(request);
  counts_.add(Count::http_plain);
  Reply answer;
  answer.type = "text/plain";
  answer.body = sink_body_;
  answer.after = settings_.variants.front().synchronous.draw(random_);
  reply(request.ticket, answer, *served, {.arrived = request.arrived.count(), .thread = number_});
}

void Worker::serve(const IncomingRequest& request, DccService service) {
  const auto served = admit(request.arrived);
  if (!served) return unavailable(request);
  Stamp stamp{.arrived = request.arrived.count(), .thread = number_};
  if (settings_.faults.error_500 > 0 && random_.chance(settings_.faults.error_500)) {
    counts_.add(Count::faults_error_500);
    return give(request.ticket, {500, "text/plain", "failed on purpose\n", false}, Spoil::none,
                stamp);
  }
  fresh_.clear();
  const Nanoseconds now = shared_.clock.now();
  const auto peer = settings_.peer_signs ? std::optional(request.peer) : std::nullopt;
  auto made = dcc_->take(service, request.body, wall(now), fresh_, peer);
  if (!made) {
    if (status_) status_ = tl::unexpected(made.error());
    return give(request.ticket, {500, "text/plain", "internal error\n", true}, Spoil::none, stamp);
  }
  stamp.originator = made->id.originator.value();
  stamp.counter = made->id.counter;
  stamp.code = static_cast<std::uint8_t>(made->code.index());
  stamp.fault = static_cast<std::uint8_t>(made->fault);
  // Planned first: answering may bring the next request of the connection.
  plan(std::max(now, *served) + made->after);
  reply(request.ticket, *made, *served, stamp);
}

void Worker::reply(Ticket ticket, const Reply& reply, Nanoseconds served, Stamp stamp) {
  if (reply.silent) {
    counts_.add(Count::faults_silent);
    stamps_.add(stamp);
    return server_.ignore(ticket);
  }
  const Nanoseconds due = served + reply.after;
  const bool at_once = due.count() <= stamp.arrived;
  if (at_once)
    return give(ticket, {reply.status, reply.type, reply.body, false}, reply.spoil, stamp);
  due_.add(due, {Due::Kind::answer, held_.put({ticket, reply.status, reply.type,
                                               std::string(reply.body), reply.spoil, stamp})});
}

void Worker::give(Ticket ticket, const Answer& answer, Spoil spoil, Stamp& stamp) {
  constexpr std::array<Count, 5> kSpoiled{Count::faults_reset, Count::faults_reset,
                                          Count::faults_truncated, Count::faults_half_closed,
                                          Count::faults_garbage};
  stamp.answered = shared_.clock.now().count();
  stamp.status = static_cast<std::uint16_t>(answer.status);
  // Counted before, since the peer may ask for the counts as soon as it has the answer.
  const bool lives = server_.has(ticket);
  if (!lives) {
    counts_.add(Count::answers_undeliverable);
    stamp.answered = 0;
    stamp.status = 0;
  } else if (spoil != Spoil::none) {
    counts_.add(kSpoiled[static_cast<std::size_t>(spoil)]);
  }
  stamps_.add(stamp);
  if (lives) (void)server_.answer(ticket, answer, spoil);
}

}  // namespace s1flow::loadgen::stub
