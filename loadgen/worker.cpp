#include "loadgen/worker.h"

#include <algorithm>
#include <csignal>
#include <cstring>

#include <fmt/format.h>
#include <sys/prctl.h>

#include "core/check.h"
#include "core/load_timeline.h"

namespace s1flow::loadgen {
namespace {

// The last part of a wait is spent looking at the sockets: the system wakes a thread 20 to 60
// microseconds late, and the figures of a request that left late would be ours and not the peer's.
constexpr Nanoseconds kActiveWait = std::chrono::microseconds(50);
constexpr Nanoseconds kFirstRetry = std::chrono::milliseconds(10);
constexpr Nanoseconds kLastRetry = std::chrono::seconds(1);
constexpr Nanoseconds kSecond = std::chrono::seconds(1);
// How often each connection is tried before the start when none has worked.
constexpr std::uint64_t kFirstTries = 3;
// After an interrupt the answers under way get this long.
constexpr Nanoseconds kGrace = std::chrono::milliseconds(300);

bool is_own_limit(int error) {
  return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM ||
         error == EADDRNOTAVAIL;
}

Nanoseconds retry_wait(std::uint16_t failures) {
  return std::min(kFirstRetry * (1 << std::min<int>(failures, 7)), kLastRetry);
}

std::uint64_t share_of(std::uint64_t all, std::size_t index, std::uint64_t threads) {
  return all / threads + (index < all % threads ? 1 : 0);
}

}  // namespace

Worker::Worker(const EngineOptions& options, const Plan& plan, const RequestSource& source,
               RunControl& control, IntervalExchange& exchange, std::size_t index, Poller poller,
               std::optional<TlsContext> tls)
    : options_(options),
      plan_(plan),
      control_(control),
      exchange_(exchange),
      index_(index),
      poller_(std::move(poller)),
      tls_(std::move(tls)),
      writer_(source.writer({index, options.threads})),
      cursor_(plan, index, options.threads),
      context_{poller_,
               *this,
               options.endpoint,
               options.allowed,
               tls_ ? &*tls_ : nullptr,
               options.scanner ? KeepBody::yes : KeepBody::no},
      classes_(source.classes().begin(), source.classes().end()),
      recorder_(plan.phases().size(), source.classes().size()),
      due_counts_(source.classes().size(), report::timeline_step(plan.end()), plan.end()),
      interval_(exchange.empty(plan.phases().size(), source.classes().size())),
      begun_(plan.phases().size()) {
  const std::uint64_t mine = share_of(options.connections, index, options.threads);
  for (std::uint64_t i = 0; i < mine; ++i) {
    connections_.emplace_back(context_);
    connections_.back().notes.entry = i;
  }
  ready_.resize(connections_.size());
  queued_.resize(connections_.size());
  keys_.resize(connections_.size());
}

Worker::~Worker() {
  for (ClientConnection& connection : connections_) connection.close();
}

void Worker::run() {
  // OpenSSL writes to sockets that may be closed; that is an error to handle and no signal.
  sigset_t pipe;
  ::sigemptyset(&pipe);
  ::sigaddset(&pipe, SIGPIPE);
  ::pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
  // Without it the system rounds our waits up by 50 microseconds.
  ::prctl(PR_SET_TIMERSLACK, 1UL);
  if (!connect_all()) return;
  start_ = Nanoseconds{control_.start.load()};
  running_ = true;
  for (ClientConnection& connection : connections_) connection.notes.ready = Nanoseconds{0};
  interval_end_ = kSecond;
  next_tick_ = kTick;
  Nanoseconds at = now();
  while (!finished(at)) {
    if (at >= next_tick_) tick(at);
    dispatch(at);
    wait(now());
    at = now();
  }
  watch_.stop(at);
  account_rest();
  hand_over(at);
  ended_ = at;
  exchange_.finished(index_);
}

// Opens all connections and waits for the common start; false when it is given up.
bool Worker::connect_all() {
  const auto due = control_.clock.now() + options_.connect_timeout;
  std::uint64_t told = 0;
  for (ClientConnection& connection : connections_) closed_.push_back(&connection);
  while (!control_.go.load()) {
    const Nanoseconds at = control_.clock.now();
    if (control_.give_up.load() || control_.stopping()) return false;
    // A target that refused everything so far is not there.
    const bool refused = opened_ == 0 && failed_ >= kFirstTries * connections_.size();
    if ((at >= due || refused) && ready_count_ < connections_.size()) {
      if (connect_error_.empty()) connect_error_ = "no answer";
      control_.give_up = true;
      return false;
    }
    std::vector<ClientConnection*> opening;
    opening.swap(closed_);
    for (ClientConnection* connection : opening) {
      if (connection->notes.retry > at)
        closed_.push_back(connection);
      else
        open(*connection);
    }
    if (ready_count_ > told) {
      control_.connected += ready_count_ - told;
      told = ready_count_;
    }
    poller_.run(told == connections_.size() ? Nanoseconds{50'000}
                                            : Nanoseconds{std::chrono::milliseconds(2)});
  }
  return true;
}

void Worker::open(ClientConnection& connection) {
  connection.notes.sent = control_.clock.now() - start_;
  if (!connection.open()) open_failed(connection, Outcome::connect_error);
}

void Worker::open_failed(ClientConnection& connection, Outcome why) {
  ++failed_;
  ClientConnection::Notes& notes = connection.notes;
  if (is_own_limit(connection.last_error())) watch_.met_socket_limit();
  if (connect_error_.empty())
    connect_error_ = why == Outcome::tls_error
                         ? fmt::format("TLS: {}", connection.last_tls_error().empty()
                                                      ? "the peer closed during the handshake"
                                                      : connection.last_tls_error())
                         : std::strerror(connection.last_error());
  const Nanoseconds at = control_.clock.now() - start_;
  notes.retry = at + retry_wait(notes.failures++);
  closed_.push_back(&connection);
  // The request that this connection was to carry has failed with it.
  cursor_.leave_closed(at);
  if (running_ && !cursor_.done() && cursor_.due() <= at && at < sending_until_) drop(why, at);
}

void Worker::make_ready(ClientConnection& connection, Nanoseconds at) {
  ClientConnection::Notes& notes = connection.notes;
  notes.ready = at;
  if (queued_[notes.entry] != 0) return;
  queued_[notes.entry] = 1;
  std::size_t place = ready_first_ + ready_count_++;
  if (place >= ready_.size()) place -= ready_.size();
  ready_[place] = &connection;
}

ClientConnection* Worker::take_ready() {
  while (ready_count_ > 0) {
    ClientConnection* connection = ready_[ready_first_];
    if (++ready_first_ == ready_.size()) ready_first_ = 0;
    --ready_count_;
    queued_[connection->notes.entry] = 0;
    if (connection->is_ready()) return connection;
  }
  return nullptr;
}

void Worker::on_ready(ClientConnection& connection) {
  ++opened_;
  make_ready(connection, control_.clock.now() - start_);
}

void Worker::on_lost(ClientConnection& connection, Outcome why) {
  if (why == Outcome::connect_error || why == Outcome::tls_error)
    return open_failed(connection, why);
  ++lost_;
  // A peer that closes what it has just taken would be asked again without end.
  ClientConnection::Notes& notes = connection.notes;
  notes.retry = notes.failures == 0 ? Nanoseconds{0}
                                    : control_.clock.now() - start_ + retry_wait(notes.failures);
  ++notes.failures;
  closed_.push_back(&connection);
}

void Worker::on_end(ClientConnection& connection, Outcome outcome, std::string_view body) {
  const Nanoseconds at = now();
  --busy_;
  if (outcome == Outcome::ok) connection.notes.failures = 0;
  const Legs legs = classes_[connection.notes.class_index].legs;
  if (legs >= Legs::two) {
    on_first_leg(connection.notes, outcome, body, at);
  } else {
    const bool refused = legs == Legs::judged && outcome == Outcome::ok &&
                         options_.scanner->reply(body) != Reply::answered;
    record(connection.notes, refused ? Outcome::rejected : outcome, at);
  }
  if (!connection.is_ready()) {
    connection.notes.retry = Nanoseconds{0};
    closed_.push_back(&connection);
    return;
  }
  if (send_second(connection, at)) return;
  // With requests waiting the connection goes on at once.
  if (ready_count_ == 0 && !(table_ && table_->full()) && !cursor_.done() && at < sending_until_) {
    cursor_.leave_closed(at);
    if (!cursor_.done() && cursor_.due() <= at &&
        (cursor_.closed() || cursor_.due() + options_.timeout > at)) {
      connection.notes.ready = at;
      return send(connection, at);
    }
  }
  make_ready(connection, at);
}

void Worker::dispatch(Nanoseconds at) {
  if (!closed_.empty()) {
    std::vector<ClientConnection*> opening;
    opening.swap(closed_);
    for (ClientConnection* connection : opening) {
      if (connection->notes.retry > at)
        closed_.push_back(connection);
      else
        open(*connection);
    }
  }
  while (!second_trips_.empty()) {
    ClientConnection* connection = take_ready();
    if (connection == nullptr) return;
    if (!send_second(*connection, at)) make_ready(*connection, connection->notes.ready);
  }
  while (at < sending_until_) {
    cursor_.leave_closed(at);
    if (cursor_.done() || cursor_.due() > at) return;
    if (!cursor_.closed() && cursor_.due() + options_.timeout <= at) {
      drop(Outcome::dropped, at);
      continue;
    }
    if (table_ && table_->full()) return;
    ClientConnection* connection = take_ready();
    if (connection == nullptr) return;
    send(*connection, at);
    at = now();
  }
}

void Worker::send(ClientConnection& connection, Nanoseconds at) {
  ClientConnection::Notes& notes = connection.notes;
  const Request request = writer_->write(cursor_.number());
  notes.phase = cursor_.phase();
  notes.class_index = request.class_index;
  notes.sent = at;
  notes.due = cursor_.closed() ? at : cursor_.due();
  ClassRecord& to = recorder_.at(notes.phase, notes.class_index);
  IntervalClass& second = interval_->at(notes.phase, notes.class_index);
  ++to.sent;
  ++second.sent;
  if (!cursor_.closed()) {
    due_counts_.add(notes.due, notes.class_index);
    to.lag.record(at - notes.due);
    to.own_lag.record(at - std::max(notes.due, notes.ready));
    second.lag.record(at - notes.due);
  }
  if (classes_[notes.class_index].two_legs()) {
    S1FLOW_CHECK(table_ != nullptr);
    keys_[notes.entry] = request.key;
    // A source never gives a key twice.
    S1FLOW_CHECK(table_->insert({.key = request.key,
                                 .due = notes.due,
                                 .sent = at,
                                 .phase = notes.phase,
                                 .class_index = notes.class_index}));
  }
  ++begun_[notes.phase];
  cursor_.advance();
  ++busy_;
  connection.send(request.bytes);
}

// The request at the cursor ends without having been sent.
void Worker::drop(Outcome outcome, Nanoseconds at) {
  const std::uint16_t c = writer_->class_of(cursor_.number());
  ++recorder_.at(cursor_.phase(), c).outcomes[index_of(outcome)];
  if (!cursor_.closed()) due_counts_.add(cursor_.due(), c);
  if (at >= interval_end_) hand_over(at);
  ++interval_->at(cursor_.phase(), c).failed;
  ++begun_[cursor_.phase()];
  cursor_.advance();
}

void Worker::record(const ClientConnection::Notes& notes, Outcome outcome, Nanoseconds at) {
  if (at >= interval_end_) hand_over(at);
  ClassRecord& to = recorder_.at(notes.phase, notes.class_index);
  IntervalClass& second = interval_->at(notes.phase, notes.class_index);
  ++to.outcomes[index_of(outcome)];
  if (outcome != Outcome::ok) {
    ++second.failed;
    second.failed_times.record(at - notes.due);
    to.failed.record(at - notes.due);
    return;
  }
  ++second.ok;
  to.first.record(notes.due, notes.sent, at);
  second.first.record(notes.due, notes.sent, at);
}

void Worker::tick(Nanoseconds at) {
  watch_.woke_late(at - next_tick_);
  next_tick_ = at + kTick;
  watch_phase(at);
  if (at >= interval_end_) hand_over(at);
  if (stopped_at_ == Nanoseconds::max() && control_.stopping()) {
    stopped_at_ = at;
    sending_until_ = at;
  }
  if (at >= next_expiry_) expire(at);
  if (listener_) listener_->tick();
  if (table_) give_up_joined(at);
}

// The generator is watched while figures are taken that count.
void Worker::watch_phase(Nanoseconds at) {
  bool measuring = false;
  for (const Phase& phase : plan_.phases())
    measuring = measuring || (phase.kind == PhaseKind::measure && at >= phase.start &&
                              at < phase.end() && at < sending_until_);
  if (measuring)
    watch_.start(at);
  else
    watch_.stop(at);
}

void Worker::expire(Nanoseconds at) {
  // Many connections are looked at less often.
  next_expiry_ = at + (connections_.size() > 1000 ? 10 * kTick : kTick);
  for (ClientConnection& connection : connections_) {
    const Nanoseconds age = at - connection.notes.sent;
    if (connection.is_busy() && age >= options_.timeout) {
      connection.close();
      on_end(connection, Outcome::timeout, {});
    } else if (connection.is_opening() && age >= options_.connect_timeout) {
      connection.close();
      open_failed(connection, Outcome::connect_error);
    }
  }
}

void Worker::wait(Nanoseconds at) {
  Nanoseconds until = next_tick_;
  const bool sends =
      !cursor_.done() && at < sending_until_ && ready_count_ > 0 && !(table_ && table_->full());
  if (sends) until = std::min(until, cursor_.due());
  if (!closed_.empty() && closed_.front()->notes.retry == Nanoseconds{0}) until = at;
  const Nanoseconds left = until - at;
  // Ticks need no precision.
  const Nanoseconds active = sends && cursor_.due() <= next_tick_ ? kActiveWait : Nanoseconds{0};
  if (left > active) {
    poller_.run(left - active);
    return;
  }
  if (poller_.run(Nanoseconds{0}) == 0 && left.count() > 0) watch_.waited_actively(now() - at);
}

bool Worker::finished(Nanoseconds at) {
  cursor_.leave_closed(at);
  const bool quiet = busy_ == 0 && !joined_outstanding();
  if (stopped_at_ != Nanoseconds::max()) return quiet || at >= stopped_at_ + kGrace;
  if (!cursor_.done() && at < plan_.end() + options_.drain) return false;
  return quiet || at >= plan_.end() + options_.drain;
}

// What is under way or was never sent when the run is over.
void Worker::account_rest() {
  const Nanoseconds at = now();
  for (ClientConnection& connection : connections_) {
    if (connection.is_busy()) {
      connection.close();
      --busy_;
      if (!classes_[connection.notes.class_index].two_legs())
        record(connection.notes, Outcome::unanswered, at);
    }
  }
  if (table_) account_joined(at);
  const Nanoseconds stop = std::min(stopped_at_, plan_.end());
  while (!cursor_.done() && !cursor_.closed() && cursor_.due() < stop) drop(Outcome::dropped, at);
}

void Worker::hand_over(Nanoseconds at) {
  const auto second = static_cast<std::uint64_t>(interval_end_ / kSecond) - 1;
  interval_->second = second;
  exchange_.deliver(index_, std::move(interval_));
  interval_ = exchange_.empty(recorder_.phases(), recorder_.classes());
  while (interval_end_ <= at) interval_end_ += kSecond;
}

void IntervalExchange::deliver(std::size_t worker, std::unique_ptr<Interval> interval) {
  const std::lock_guard lock(mutex_);
  full_.push_back({worker, std::move(interval)});
  arrived_.notify_one();
}

void IntervalExchange::finished(std::size_t worker) {
  const std::lock_guard lock(mutex_);
  full_.push_back({worker, nullptr});
  arrived_.notify_one();
}

std::unique_ptr<Interval> IntervalExchange::empty(std::size_t phases, std::size_t classes) {
  {
    const std::lock_guard lock(mutex_);
    if (!empty_.empty()) {
      auto interval = std::move(empty_.back());
      empty_.pop_back();
      return interval;
    }
  }
  return std::make_unique<Interval>(phases, classes);
}

void IntervalExchange::give_back(std::unique_ptr<Interval> interval) {
  interval->clear();
  const std::lock_guard lock(mutex_);
  empty_.push_back(std::move(interval));
}

std::vector<IntervalExchange::Delivery> IntervalExchange::take(Nanoseconds wait) {
  std::unique_lock lock(mutex_);
  arrived_.wait_for(lock, wait, [&] { return !full_.empty(); });
  std::vector<Delivery> taken;
  taken.swap(full_);
  return taken;
}

}  // namespace s1flow::loadgen
