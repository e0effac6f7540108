#include "core/check.h"
#include "loadgen/worker.h"

namespace s1flow::loadgen {
namespace {

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

Status Worker::start_listening() {
  if (!options_.join) return {};
  const JoinOptions& join = *options_.join;
  S1FLOW_CHECK(options_.threads == 1 && options_.scanner != nullptr);
  Endpoint endpoint = join.listen;
  S1FLOW_TRY(Socket socket, listen_on(endpoint, 1024));
  if (join.tls) {
    S1FLOW_TRY(listener_tls_, TlsContext::server(*join.tls));
  }
  table_ = std::make_unique<JoinTable>(join.places);
  CallbackHandler& handler = *this;
  const TlsContext* tls = listener_tls_ ? &*listener_tls_ : nullptr;
  listener_ = std::make_unique<Listener>(poller_, control_.clock, std::move(socket), tls, handler,
                                         join.limits);
  if (join.on_listening) join.on_listening(endpoint);
  return {};
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
    SecondTrip second{.key = key, .notes = notes};
    if (!writer_->write_second(key, body, second.bytes))
      return finish_joined(*request, Outcome::rejected, at);
    made(to.transform).record(notes.due, notes.sent, at);
    made(interval.transform).record(notes.due, notes.sent, at);
    request->second = true;
    second_trips_.push_back(std::move(second));
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
  while (!second_trips_.empty()) {
    const SecondTrip trip = std::move(second_trips_.front());
    second_trips_.pop_front();
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
      on_answer(message, now());
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
