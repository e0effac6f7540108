#include <algorithm>

#include "core/check.h"
#include "loadgen/worker.h"

namespace s1flow::loadgen {
namespace {

constexpr Nanoseconds kServeFor = std::chrono::milliseconds(1);

LegTimes& made(std::unique_ptr<LegTimes>& times) {
  if (!times) times = std::make_unique<LegTimes>();
  return *times;
}

}  // namespace

void JoinCounts::add(const JoinCounts& other) {
  answers += other.answers;
  duplicates += other.duplicates;
  late += other.late;
  unknown += other.unknown;
  unsolicited += other.unsolicited;
  device_alerts += other.device_alerts;
  dcc_alerts += other.dcc_alerts;
  alerts_stand_for += other.alerts_stand_for;
  unreadable += other.unreadable;
}

Status Worker::start_listening(const Workers& workers) {
  const JoinOptions& join = *workers.front()->options_.join;
  Endpoint endpoint = join.listen;
  S1FLOW_TRY(Socket socket, listen_on(endpoint, 1024));
  for (const auto& worker : workers) S1FLOW_TRY_VOID(worker->prepare_to_listen(workers));
  Worker& first = *workers.front();
  std::vector<Worker*> all;
  for (const auto& worker : workers) {
    all.push_back(worker.get());
    for (const auto& other : workers) worker->mail_of_.push_back(other->mail_.get());
  }
  S1FLOW_TRY(first.acceptor_, Acceptor::make(first.poller_, std::move(socket),
                                             [all, next = std::size_t{0}](Socket taken) mutable {
                                               Worker& to = *all[next++ % all.size()];
                                               if (&to == all.front())
                                                 to.listener_->adopt(std::move(taken));
                                               else
                                                 to.new_connections_->put(std::move(taken));
                                             }));
  if (join.on_listening) join.on_listening(endpoint);
  return {};
}

Status Worker::prepare_to_listen(const Workers& workers) {
  const JoinOptions& join = *options_.join;
  S1FLOW_CHECK(options_.scanner != nullptr);
  // Users who show a certificate are called back under it; the first one's stands for all.
  const auto identities = source_.identities();
  if (join.tls || !identities.empty()) {
    S1FLOW_TRY(listener_tls_, TlsContext::server(join.tls ? *join.tls : identities.front()));
  }
  const std::size_t threads = workers.size();
  table_ = std::make_unique<JoinTable>(std::max<std::size_t>(join.places / threads, 1));
  ListenerLimits limits = join.limits;
  limits.connections = (limits.connections + threads - 1) / threads;
  CallbackHandler& handler = *this;
  listener_ = std::make_unique<Listener>(
      poller_, control_.clock, listener_tls_ ? &*listener_tls_ : nullptr, handler, limits);
  if (threads == 1) return {};
  unposted_.resize(threads);
  S1FLOW_TRY(new_connections_, Mailbox<Socket>::make(poller_, [this](Socket& socket) {
               listener_->adopt(std::move(socket));
             }));
  S1FLOW_TRY(mail_, Mailbox<Mail>::make(poller_,
                                        [this](Mail& mail) { on_answer(mail.message, mail.at); }));
  return {};
}

// To the thread that waits for it. What names no request of the run is unknown to every thread.
void Worker::pass_on(const Message& message, Nanoseconds at) {
  if (options_.threads == 1) return on_answer(message, at);
  const auto number = source_.number_of(message.key);
  const std::uint64_t thread = number ? plan_.thread_of(*number, options_.threads) : index_;
  if (thread == index_) return on_answer(message, at);
  unposted_[thread].push_back({message, at});
}

// After each look at the sockets.
void Worker::post_mail() {
  for (std::size_t i = 0; i < unposted_.size(); ++i)
    if (!unposted_[i].empty()) mail_of_[i]->put_all(unposted_[i]);
}

// All requests of this thread have ended, and those of others may not have: their answers come to
// this thread's connections too.
void Worker::serve_last_messages() {
  control_.ended.fetch_add(1);
  Nanoseconds until = Nanoseconds::max();
  for (Nanoseconds at = now();; at = now()) {
    if (until == Nanoseconds::max() && control_.ended.load() == options_.threads)
      until = at + options_.join->linger;
    if (at >= until || (until != Nanoseconds::max() && control_.stopping())) break;
    poller_.run(std::min(until - at, kServeFor));
    post_mail();
    listener_->tick();
    if (acceptor_) acceptor_->resume();
  }
}

void Worker::take_last_messages() {
  if (mail_) mail_->take();
}

// The synchronous reply to a request whose answer comes later, or may have come already.
void Worker::on_first_leg(const ClientConnection::Notes& notes, Outcome outcome,
                          std::string_view body, Nanoseconds at) {
  const JoinKey key = keys_[notes.entry];
  OutstandingRequest* request = table_->find(key);
  if (request == nullptr) return;  // given up meanwhile, and accounted for
  const bool transform = classes_[notes.class_index].legs == Legs::critical && !request->second;
  const Reply wanted = transform ? Reply::answered : Reply::acknowledged;
  if (outcome == Outcome::ok && options_.scanner->reply(body) != wanted)
    outcome = Outcome::rejected;
  if (outcome != Outcome::ok) return finish_joined(*request, outcome, at);
  if (running_ && at >= interval_end_) hand_over(at);
  ClassRecord& to = recorder_.at(notes.phase, notes.class_index);
  IntervalClass& interval = interval_->at(notes.phase, notes.class_index);
  if (transform) {
    Prepared second{.key = key, .notes = notes};
    if (!writer_->write_second(key, body, second.bytes))
      return finish_joined(*request, Outcome::rejected, at);
    made(to.transform).record(notes.due, notes.sent, at);
    made(interval.transform).record(notes.due, notes.sent, at);
    request->second = true;
    lanes_[notes.identity].second_trips.push_back(std::move(second));
    ++prepared_;
    return;
  }
  request->acknowledged = true;
  to.first.record(notes.due, notes.sent, at);
  interval.first.record(notes.due, notes.sent, at);
  if (request->answer_seen)
    finish_joined(*request, request->answer_good ? Outcome::ok : Outcome::rejected,
                  request->answered);
}

// On a connection that is ready. What was given up while it waited is not sent.
bool Worker::send_second(ClientConnection& connection, Nanoseconds at) {
  std::deque<Prepared>& trips = lanes_[connection.notes.identity].second_trips;
  while (!trips.empty()) {
    const Prepared trip = std::move(trips.front());
    trips.pop_front();
    --prepared_;
    if (table_->find(trip.key) == nullptr) continue;
    ClientConnection::Notes& notes = connection.notes;
    notes.phase = trip.notes.phase;
    notes.class_index = trip.notes.class_index;
    notes.due = trip.notes.due;
    notes.sent = at;
    keys_[notes.entry] = trip.key;
    ++busy_;
    connection.send(trip.bytes);
    return true;
  }
  return false;
}

int Worker::on_callback(std::string_view, std::string_view body) {
  const Message message = options_.scanner->scan(body);
  switch (message.kind) {
    case MessageKind::answer:
      pass_on(message, now());
      return 204;
    case MessageKind::device_alert:
      ++join_counts_.device_alerts;
      join_counts_.alerts_stand_for += message.stands_for;
      return 204;
    case MessageKind::dcc_alert:
      ++join_counts_.dcc_alerts;
      join_counts_.alerts_stand_for += message.stands_for;
      return 204;
    case MessageKind::unsolicited:
      ++join_counts_.unsolicited;
      return 204;
    case MessageKind::unreadable:
      break;
  }
  ++join_counts_.unreadable;
  return 400;
}

void Worker::on_answer(const Message& message, Nanoseconds at) {
  const JoinTable::Found found = table_->arrive(message.key);
  switch (found.arrival) {
    case Arrival::duplicate:
      ++join_counts_.duplicates;
      return;
    case Arrival::late:
      ++join_counts_.late;
      return;
    case Arrival::unknown:
      ++join_counts_.unknown;
      return;
    case Arrival::first:
      break;
  }
  ++join_counts_.answers;
  OutstandingRequest& request = *found.request;
  request.answer_seen = true;
  request.answer_good = message.good;
  request.answered = at;
  // An answer may overtake its acknowledgement, which then ends the request.
  if (request.acknowledged)
    finish_joined(request, message.good ? Outcome::ok : Outcome::rejected, at);
}

// The request ends; `at` is when its answer came or when it failed.
void Worker::finish_joined(const OutstandingRequest& request, Outcome outcome, Nanoseconds at) {
  if (running_ && at >= interval_end_) hand_over(at);
  ClassRecord& to = recorder_.at(request.phase, request.class_index);
  IntervalClass& second = interval_->at(request.phase, request.class_index);
  ++to.outcomes[index_of(outcome)];
  if (outcome == Outcome::ok) {
    made(to.answer).record(request.due, request.sent, at);
    made(second.answer).record(request.due, request.sent, at);
    ++second.ok;
  } else {
    to.failed.record(at - request.due);
    second.failed_times.record(at - request.due);
    ++second.failed;
  }
  table_->finish(request.key, request.answer_seen);
}

void Worker::give_up_joined(Nanoseconds at) {
  while (const OutstandingRequest* oldest = table_->oldest()) {
    if (at - oldest->sent < options_.join->answer_timeout) return;
    finish_joined(*oldest, oldest->acknowledged ? Outcome::unanswered : Outcome::timeout, at);
  }
}

void Worker::account_joined(Nanoseconds at) {
  while (const OutstandingRequest* oldest = table_->oldest())
    finish_joined(*oldest, Outcome::unanswered, at);
}

}  // namespace s1flow::loadgen
