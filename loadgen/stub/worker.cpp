// Worker: its loop, its sockets, its timeline.

#include "loadgen/stub/worker.h"

#include <algorithm>

#include <poll.h>
#include <sys/prctl.h>

namespace s1flow::loadgen::stub {
namespace {

constexpr Nanoseconds kTickEvery = std::chrono::milliseconds(20);
constexpr std::size_t kMostAtOnce = 256;  // due things between two looks at the sockets

void reset_at_once(const Socket& socket) {
  const linger hard{1, 0};
  ::setsockopt(socket.get(), SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
}

// The loop looks at the stop event itself; this only ends a wait.
class Waker final : public EventHandler {
 public:
  void on_event(std::uint32_t /*events*/) override {}
};

bool is_readable(int fd, Nanoseconds wait) {
  pollfd p{fd, POLLIN, 0};
  const timespec limit{wait.count() / 1'000'000'000, wait.count() % 1'000'000'000};
  return ::ppoll(&p, 1, &limit, nullptr) > 0;
}

}  // namespace

// The first worker takes connections and hands them round.
void Worker::accepted(Socket socket) {
  if (in_outage_) {
    reset_at_once(socket);
    counts_.add(Count::connections_in_outage);
    return;
  }
  Worker& to = *all_[next_++ % all_.size()];
  if (&to == this)
    server_.adopt(std::move(socket));
  else
    to.inbox_->put(std::move(socket));
}

Result<std::unique_ptr<Worker>> Worker::make(WorkerShared& shared, unsigned number) {
  S1FLOW_TRY(Poller poller, Poller::make());
  std::optional<TlsContext> tls;
  if (shared.settings.tls) {
    S1FLOW_TRY(tls, TlsContext::server(*shared.settings.tls));
  }
  auto worker =
      std::make_unique<Worker>(shared, number, std::move(poller), std::move(tls), nullptr);
  S1FLOW_TRY(worker->inbox_,
             Mailbox<Socket>::make(worker->poller_, [self = worker.get()](Socket& socket) {
               self->server_.adopt(std::move(socket));
             }));
  S1FLOW_TRY(worker->dcc_, Dcc::make(shared.world, worker->counts_, number));
  S1FLOW_TRY_VOID(worker->make_senders());
  return worker;
}

Worker::Worker(WorkerShared& shared, unsigned number, Poller poller, std::optional<TlsContext> tls,
               std::unique_ptr<Dcc> dcc)
    : shared_(shared),
      settings_(shared.settings),
      number_(number),
      poller_(std::move(poller)),
      tls_(std::move(tls)),
      device_alerts_(shared.settings.device_alert_codes.size()),
      dcc_(std::move(dcc)),
      random_(shared.settings.seed, 0x5EED + number),
      stamps_(shared.stamps),
      server_(poller_, shared.clock, tls_ ? &*tls_ : nullptr, *this, settings_.limits, counts_),
      sink_body_(64, '.') {
  if (settings_.peer_signs) server_.name_peers();
}

Worker::~Worker() = default;

Status Worker::make_senders() {
  const auto make = [&](const CallbackOptions& options) -> Result<CallbackSender*> {
    S1FLOW_TRY(auto sender, CallbackSender::make(options, poller_, shared_.clock, *this, counts_,
                                                 settings_.seed + number_));
    senders_.push_back(std::move(sender));
    return senders_.back().get();
  };
  if (settings_.receive) {
    S1FLOW_TRY(usual_sender_, make(*settings_.receive));
  }
  for (const auto& [user, options] : settings_.receive_by_user) {
    S1FLOW_TRY(sender_of_[user], make(options));
  }
  return {};
}

Status Worker::listen(Socket socket, std::vector<Worker*> all) {
  all_ = std::move(all);
  S1FLOW_TRY(acceptor_, Acceptor::make(poller_, std::move(socket),
                                       [this](Socket taken) { accepted(std::move(taken)); }));
  start_storms();
  return {};
}

void Worker::run() {
  // Waits end within microseconds of their time.
  (void)::prctl(PR_SET_TIMERSLACK, 1000UL, 0UL, 0UL, 0UL);
  Waker waker;
  (void)poller_.add(shared_.stop_event, EPOLLIN, waker);
  for (;;) {
    const Nanoseconds now = shared_.clock.now();
    if (now - ticked_ >= kTickEvery) {
      tick(now);
      if (is_readable(shared_.stop_event, Nanoseconds(0))) break;
    }
    if (!follow_timeline(now)) continue;
    run_due(now);
    poller_.run(wait_until(shared_.clock.now()));
  }
  acceptor_.reset();
  server_.close();
  stamps_.flush();
}

bool Worker::follow_timeline(Nanoseconds now) {
  if (settings_.timeline.empty()) return true;
  const Nanoseconds at = now - shared_.start;
  state_ = settings_.timeline.at(at);
  if (const double share = settings_.timeline.resets(looked_, at).share; share > 0)
    server_.reset_some(share, random_);
  looked_ = at;
  if (state_.outage_reset && !in_outage_) server_.reset_some(1, random_);
  in_outage_ = state_.outage_reset;
  if (!state_.stalled_until) return true;
  if (number_ == 0) counts_.add(Count::timeline_stalls);
  (void)is_readable(shared_.stop_event, *state_.stalled_until - at);
  if (number_ == 0) {
    const std::lock_guard lock(shared_.stalls_mutex);
    if (shared_.stalls.size() < WorkerShared::kMostStalls)
      shared_.stalls.push_back({now, shared_.clock.now()});
  }
  return false;
}

void Worker::run_due(Nanoseconds now) {
  for (std::size_t i = 0; i < kMostAtOnce && due_.next() <= now; ++i) {
    const Due due = due_.take();
    switch (due.kind) {
      case Due::Kind::answer: {
        Held held = held_.take(due.place);
        give(held.ticket, {held.status, held.type, held.body, false}, held.spoil, held.stamp);
        break;
      }
      case Due::Kind::message:
        send(planned_.take(due.place), now);
        break;
      case Due::Kind::storm:
        storm(due.place);
        break;
    }
  }
}

void Worker::tick(Nanoseconds now) {
  ticked_ = now;
  server_.tick();
  sending_ = 0;
  for (const auto& sender : senders_) {
    sender->tick();
    sending_ += sender->under_way();
  }
  if (acceptor_) acceptor_->resume();
  under_way_.store(held_.size() + planned_.size() + sending_ + storms_left_,
                   std::memory_order_release);
}

Nanoseconds Worker::wait_until(Nanoseconds now) const {
  Nanoseconds next = std::min(due_.next(), ticked_ + kTickEvery);
  if (state_.next_change != Nanoseconds::max())
    next = std::min(next, shared_.start + state_.next_change);
  return next - now;
}

UtcTime Worker::wall(Nanoseconds now) const {
  return shared_.start_wall.plus(
      std::chrono::duration_cast<std::chrono::milliseconds>(now - shared_.start));
}

}  // namespace s1flow::loadgen::stub
