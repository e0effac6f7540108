#pragma once
// One thread's part of a run. Internal to the engine.

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <vector>

#include "loadgen/engine.h"
#include "loadgen/join/join_table.h"
#include "loadgen/net/acceptor.h"
#include "loadgen/net/client_connection.h"
#include "loadgen/net/mailbox.h"

namespace s1flow::loadgen {

// Full seconds on their way from the threads to the engine, and empty ones on their way back.
class IntervalExchange {
 public:
  void deliver(std::size_t worker, std::unique_ptr<Interval> interval);
  void finished(std::size_t worker);
  [[nodiscard]] std::unique_ptr<Interval> empty(std::size_t phases, std::size_t classes);
  void give_back(std::unique_ptr<Interval> interval);

  struct Delivery {
    std::size_t worker = 0;
    std::unique_ptr<Interval> interval;  // null: this worker has finished
  };
  // Waits for at most `wait`.
  [[nodiscard]] std::vector<Delivery> take(Nanoseconds wait);

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::vector<Delivery> full_;
  std::vector<std::unique_ptr<Interval>> empty_;
};

// What the threads of a run share; changes only between its steps.
struct RunControl {
  const Clock& clock;
  const std::atomic<bool>* interrupted;  // may be null
  std::atomic<bool> stop{false};         // abort rule
  std::atomic<std::uint64_t> connected{0};
  std::atomic<bool> go{false};
  std::atomic<bool> give_up{false};
  std::atomic<Nanoseconds::rep> start{0};
  std::atomic<std::uint64_t> ended{0};  // threads whose requests have all ended

  [[nodiscard]] bool stopping() const {
    return stop.load(std::memory_order_relaxed) ||
           (interrupted != nullptr && interrupted->load(std::memory_order_relaxed));
  }
};

class Worker;
using Workers = std::vector<std::unique_ptr<Worker>>;

class Worker final : private ConnectionOwner, private CallbackHandler {
 public:
  Worker(const EngineOptions& options, const Plan& plan, const RequestSource& source,
         RunControl& control, IntervalExchange& exchange, std::size_t index, Poller poller,
         std::vector<TlsContext> tls);
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  ~Worker();

  // The thread's body: connects, waits for go, sends, drains.
  void run();

  // After run(): what was seen.
  [[nodiscard]] const Recorder& recorder() const { return recorder_; }
  [[nodiscard]] const DueCounts& due_counts() const { return due_counts_; }
  [[nodiscard]] const Health& health() const { return watch_.health(); }
  [[nodiscard]] Nanoseconds ended_at() const { return ended_; }  // from the start of the run
  [[nodiscard]] Nanoseconds stopped_at() const { return stopped_at_; }
  [[nodiscard]] const std::string& first_connect_error() const { return connect_error_; }
  [[nodiscard]] std::uint64_t opened() const { return opened_; }
  [[nodiscard]] std::uint64_t failed() const { return failed_; }
  [[nodiscard]] std::uint64_t lost() const { return lost_; }
  [[nodiscard]] std::uint64_t resumed() const;
  [[nodiscard]] std::uint64_t unsigned_in_time() const { return writer_->unsigned_in_time(); }
  [[nodiscard]] const JoinCounts& join_counts() const { return join_counts_; }
  [[nodiscard]] ListenerCounts listener_counts() const {
    return listener_ ? listener_->counts() : ListenerCounts{};
  }
  // Before any runs: the second leg, with one listening socket for all.
  [[nodiscard]] static Status start_listening(const Workers& workers);
  // After all have run: what was still on its way between them.
  void take_last_messages();
  // Of closed phases: how many requests were begun.
  [[nodiscard]] const std::vector<std::uint64_t>& begun() const { return begun_; }

 private:
  void on_ready(ClientConnection& connection) override;
  void on_end(ClientConnection& connection, Outcome outcome, std::string_view body) override;
  void on_lost(ClientConnection& connection, Outcome why) override;
  int on_callback(std::string_view target, std::string_view body) override;
  void on_first_leg(const ClientConnection::Notes& notes, Outcome outcome, std::string_view body,
                    Nanoseconds at);
  [[nodiscard]] bool send_second(ClientConnection& connection, Nanoseconds at);
  // An answer, and when it came.
  struct Mail {
    Message message;
    Nanoseconds at{0};
  };
  [[nodiscard]] Status prepare_to_listen(const Workers& workers);
  void pass_on(const Message& message, Nanoseconds at);
  void post_mail();
  void serve_last_messages();
  void on_answer(const Message& message, Nanoseconds at);
  void finish_joined(const OutstandingRequest& request, Outcome outcome, Nanoseconds at);
  void give_up_joined(Nanoseconds at);
  void account_joined(Nanoseconds at);
  [[nodiscard]] bool joined_outstanding() const { return table_ && table_->outstanding() > 0; }

  [[nodiscard]] Nanoseconds now() const { return control_.clock.now() - start_; }
  bool connect_all();
  void open(ClientConnection& connection);
  void open_failed(ClientConnection& connection, Outcome why);
  void make_ready(ClientConnection& connection, Nanoseconds at);
  struct Lane;
  ClientConnection* take_ready(Lane& lane);
  void dispatch(Nanoseconds at);
  void send(ClientConnection& connection, Nanoseconds at);
  void begin(ClientConnection& connection, const ClientConnection::Notes& what, const JoinKey& key,
             Nanoseconds at);
  void drop(Outcome outcome, Nanoseconds at);
  void record_unsent(const ClientConnection::Notes& what, Outcome outcome, Nanoseconds at);
  [[nodiscard]] ClientConnection::Notes next_request(std::uint16_t class_index,
                                                     Nanoseconds at) const;
  // Several identities (worker_identities.cpp).
  [[nodiscard]] bool send_by_identity(Nanoseconds at);
  [[nodiscard]] bool send_prepared(ClientConnection& connection, Nanoseconds at);
  void dispatch_prepared(Nanoseconds at);
  void drop_waiting(Nanoseconds until_due, Nanoseconds at);
  void record(const ClientConnection::Notes& notes, Outcome outcome, Nanoseconds at);
  void tick(Nanoseconds at);
  void watch_phase(Nanoseconds at);
  void expire(Nanoseconds at);
  void wait(Nanoseconds at);
  bool finished(Nanoseconds at);
  void account_rest();
  void hand_over(Nanoseconds at);

  const EngineOptions& options_;
  const Plan& plan_;
  const RequestSource& source_;
  RunControl& control_;
  IntervalExchange& exchange_;
  std::size_t index_;
  Poller poller_;
  std::vector<TlsContext> tls_;  // by identity; empty: plain
  std::unique_ptr<RequestWriter> writer_;
  PlanCursor cursor_;
  std::deque<ConnectionContext> contexts_;  // by identity
  std::deque<ClientConnection> connections_;
  std::vector<char> queued_;               // by connection: is ready, and in its lane's ring
  std::size_t ready_count_ = 0;            // of all lanes
  std::vector<ClientConnection*> closed_;  // to be opened
  std::vector<char> closed_phases_;        // by phase: is a closed loop
  std::vector<RequestClass> classes_;
  std::vector<JoinKey> keys_;  // by connection: of the request under way
  // What is written already and waits for a connection.
  struct Prepared {
    JoinKey key;
    ClientConnection::Notes notes;
    std::string bytes;
  };
  // The connections of one identity.
  struct Lane {
    std::vector<ClientConnection*> ready;  // ring: longest ready first
    std::size_t first = 0;
    std::size_t count = 0;
    std::deque<Prepared> second_trips;
    std::deque<Prepared> waiting;  // due requests; only where there are several lanes
  };
  std::vector<Lane> lanes_;
  std::size_t prepared_ = 0;  // second trips of all lanes, and what waits
  std::size_t waiting_ = 0;
  std::unique_ptr<JoinTable> table_;
  std::optional<TlsContext> listener_tls_;
  std::unique_ptr<Listener> listener_;
  std::unique_ptr<Acceptor> acceptor_;                // of the first thread
  std::unique_ptr<Mailbox<Socket>> new_connections_;  // the others' share of it
  std::unique_ptr<Mailbox<Mail>> mail_;               // answers that came to other threads
  std::vector<Mailbox<Mail>*> mail_of_;               // by thread
  std::vector<std::vector<Mail>> unposted_;           // by thread
  JoinCounts join_counts_;
  Recorder recorder_;
  DueCounts due_counts_;
  std::unique_ptr<Interval> interval_;
  Nanoseconds interval_end_{0};
  HealthWatch watch_;
  Nanoseconds start_{0};
  Nanoseconds next_tick_{0};
  Nanoseconds next_expiry_{0};
  Nanoseconds sending_until_{Nanoseconds::max()};
  Nanoseconds stopped_at_{Nanoseconds::max()};
  Nanoseconds ended_{0};
  std::uint64_t busy_ = 0;
  Nanoseconds active_wait_{0};  // the part of a wait that is not slept; see next_active_wait
  Nanoseconds last_event_{0};
  std::uint64_t opened_ = 0, failed_ = 0, lost_ = 0;
  std::vector<std::uint64_t> begun_;
  std::string connect_error_;
  bool running_ = false;
};

}  // namespace s1flow::loadgen
