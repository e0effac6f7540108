#include "loadgen/worker.h"

#include <algorithm>
#include <csignal>
#include <cstring>

#include <fmt/format.h>
#include <sys/prctl.h>

#include "core/check.h"
#include "core/load_timeline.h"
#include "core/machine.h"

namespace s1flow::loadgen {
namespace {

// The last part of a wait is spent looking at the sockets: the system wakes a thread 20 to 60
// microseconds late, a busy virtual machine much later, and the figures of a request that left late
// would be ours and not the peer's. How long that part is follows what was seen: it rises at once
// to how late a thread was woken, and falls by 1/128 a wait.
constexpr Nanoseconds kLeastActiveWait = std::chrono::microseconds(50);
constexpr Nanoseconds kMostActiveWait = std::chrono::milliseconds(2);
// So long after an event a thread that is behind looks for the next one without sleeping.
constexpr Nanoseconds kBehindWait = std::chrono::microseconds(200);

Nanoseconds next_active_wait(Nanoseconds active, Nanoseconds overslept) {
  const Nanoseconds wanted = std::max(overslept, active - active / 128);
  return std::clamp(wanted, kLeastActiveWait, kMostActiveWait);
}
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
               std::vector<TlsContext> tls)
    : options_(options),
      plan_(plan),
      source_(source),
      control_(control),
      exchange_(exchange),
      index_(index),
      poller_(std::move(poller)),
      tls_(std::move(tls)),
      writer_(source.writer({index, options.threads})),
      cursor_(plan, index, options.threads),
      classes_(source.classes().begin(), source.classes().end()),
      recorder_(plan.phases().size(), source.classes().size()),
      due_counts_(source.classes().size(), report::timeline_step(plan.end()), plan.end()),
      interval_(exchange.empty(plan.phases().size(), source.classes().size())),
      begun_(plan.phases().size()) {
  const std::uint64_t mine = share_of(options.connections, index, options.threads);
  lanes_.resize(std::max<std::size_t>(tls_.size(), 1));
  for (std::size_t i = 0; i < lanes_.size(); ++i)
    contexts_.push_back({poller_, *this, options.endpoint, options.allowed,
                         tls_.empty() ? nullptr : &tls_[i],
                         options.scanner ? KeepBody::yes : KeepBody::no});
  for (std::uint64_t i = 0; i < mine; ++i) {
    const std::size_t lane = i % lanes_.size();
    connections_.emplace_back(contexts_[lane]);
    connections_.back().notes.entry = i;
    connections_.back().notes.identity = static_cast<std::uint16_t>(lane);
    lanes_[lane].ready.push_back(nullptr);
  }
  for (const Phase& phase : plan.phases())
    closed_phases_.push_back(phase.schedule->closed() ? 1 : 0);
  queued_.resize(connections_.size());
  keys_.resize(connections_.size());
  active_wait_ = kLeastActiveWait;
}

std::uint64_t Worker::resumed() const {
  std::uint64_t sum = 0;
  for (const TlsContext& tls : tls_) sum += tls.resumed();
  return sum;
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
  run_promptly();
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
  if (listener_) serve_last_messages();
}

// Opens all connections and waits for the common start; false when it is given up.
bool Worker::connect_all() {
  const auto due = control_.clock.now() + options_.connect_timeout;
  std::uint64_t told = 0;
  for (ClientConnection& connection : connections_) closed_.push_back(&connection);
  while (!control_.go.load()) {
    const Nanoseconds at = control_.clock.now();
    if (control_.give_up.load()) return false;
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
  Lane& lane = lanes_[notes.identity];
  std::size_t place = lane.first + lane.count++;
  if (place >= lane.ready.size()) place -= lane.ready.size();
  lane.ready[place] = &connection;
  ++ready_count_;
}

ClientConnection* Worker::take_ready(Lane& lane) {
  while (lane.count > 0) {
    ClientConnection* connection = lane.ready[lane.first];
    if (++lane.first == lane.ready.size()) lane.first = 0;
    --lane.count;
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
  if (prepared_ > 0 && send_prepared(connection, at)) return;
  // With requests waiting the connection goes on at once.
  if (ready_count_ == 0 && lanes_.size() == 1 && !(table_ && table_->full()) && !cursor_.done() &&
      at < sending_until_) {
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
  if (prepared_ > 0) dispatch_prepared(at);
  while (at < sending_until_) {
    cursor_.leave_closed(at);
    if (cursor_.done() || cursor_.due() > at) return;
    if (!cursor_.closed() && cursor_.due() + options_.timeout <= at) {
      drop(Outcome::dropped, at);
      continue;
    }
    if (table_ && table_->full()) return;
    if (lanes_.size() > 1) {
      if (!send_by_identity(at)) return;
    } else {
      ClientConnection* connection = take_ready(lanes_.front());
      if (connection == nullptr) return;
      send(*connection, at);
    }
    at = now();
  }
}

void Worker::send(ClientConnection& connection, Nanoseconds at) {
  const Request request = writer_->write(cursor_.number());
  begin(connection, next_request(request.class_index, at), request.key, at);
  ++begun_[connection.notes.phase];
  cursor_.advance();
  connection.send(request.bytes);
}

// Of the request at the cursor: phase, class and when it is due.
ClientConnection::Notes Worker::next_request(std::uint16_t class_index, Nanoseconds at) const {
  ClientConnection::Notes what;
  what.phase = cursor_.phase();
  what.class_index = class_index;
  what.due = cursor_.closed() ? at : cursor_.due();
  return what;
}

// The request goes out on the connection now.
void Worker::begin(ClientConnection& connection, const ClientConnection::Notes& what,
                   const JoinKey& key, Nanoseconds at) {
  ClientConnection::Notes& notes = connection.notes;
  notes.phase = what.phase;
  notes.class_index = what.class_index;
  notes.sent = at;
  notes.due = what.due;
  ClassRecord& to = recorder_.at(notes.phase, notes.class_index);
  IntervalClass& second = interval_->at(notes.phase, notes.class_index);
  ++to.sent;
  ++second.sent;
  if (closed_phases_[notes.phase] == 0) {
    due_counts_.add(notes.due, notes.class_index);
    to.lag.record(at - notes.due);
    to.own_lag.record(at - std::max(notes.due, notes.ready));
    second.lag.record(at - notes.due);
  }
  if (classes_[notes.class_index].two_legs()) {
    S1FLOW_CHECK(table_ != nullptr);
    keys_[notes.entry] = key;
    // A source never gives a key twice.
    S1FLOW_CHECK(table_->insert({.key = key,
                                 .due = notes.due,
                                 .sent = at,
                                 .phase = notes.phase,
                                 .class_index = notes.class_index}));
  }
  ++busy_;
}

// The request at the cursor ends without having been sent.
void Worker::drop(Outcome outcome, Nanoseconds at) {
  const ClientConnection::Notes what = next_request(writer_->class_of(cursor_.number()), at);
  record_unsent(what, outcome, at);
  ++begun_[what.phase];
  cursor_.advance();
}

void Worker::record_unsent(const ClientConnection::Notes& what, Outcome outcome, Nanoseconds at) {
  ++recorder_.at(what.phase, what.class_index).outcomes[index_of(outcome)];
  if (at >= interval_end_) hand_over(at);
  if (closed_phases_[what.phase] == 0) due_counts_.add(what.due, what.class_index);
  ++interval_->at(what.phase, what.class_index).failed;
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
    drop_waiting(Nanoseconds::max(), at);
  }
  if (waiting_ > 0) drop_waiting(at - options_.timeout, at);
  if (at >= next_expiry_) expire(at);
  if (table_) {
    listener_->tick();
    if (acceptor_) acceptor_->resume();
    // What has come in time counts, wherever it came.
    if (mail_) mail_->take();
    give_up_joined(at);
  }
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
  const Nanoseconds active = sends && cursor_.due() <= next_tick_ ? active_wait_ : Nanoseconds{0};
  // Requests that wait for a connection go out as soon as an answer frees one.
  const bool behind = !sends && busy_ > 0 && !cursor_.done() && at < sending_until_ &&
                      !cursor_.closed() && cursor_.due() <= at && at - last_event_ < kBehindWait;
  if (left > active && !behind) {
    if (poller_.run(left - active) > 0)
      last_event_ = now();
    else if (active.count() > 0)
      active_wait_ = next_active_wait(active_wait_, now() - (until - active));
    return post_mail();
  }
  if (poller_.run(Nanoseconds{0}) == 0 && left.count() > 0)
    return watch_.waited_actively(now() - at);
  last_event_ = at;
  post_mail();
}

bool Worker::finished(Nanoseconds at) {
  cursor_.leave_closed(at);
  const bool quiet = busy_ == 0 && waiting_ == 0 && !joined_outstanding();
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
  drop_waiting(Nanoseconds::max(), at);
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
