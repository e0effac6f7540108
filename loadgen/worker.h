#pragma once
// One thread's part of a run. Internal to the engine.

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <vector>

#include "loadgen/engine.h"
#include "loadgen/join/join_table.h"
#include "loadgen/net/client_connection.h"

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

  [[nodiscard]] bool stopping() const {
    return stop.load(std::memory_order_relaxed) ||
           (interrupted != nullptr && interrupted->load(std::memory_order_relaxed));
  }
};

class Worker final : private ConnectionOwner, private CallbackHandler {
 public:
  Worker(const EngineOptions& options, const Plan& plan, const RequestSource& source,
         RunControl& control, IntervalExchange& exchange, std::size_t index, Poller poller,
         std::optional<TlsContext> tls);
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
  [[nodiscard]] std::uint64_t resumed() const { return tls_ ? tls_->resumed() : 0; }
  [[nodiscard]] std::uint64_t unsigned_in_time() const { return writer_->unsigned_in_time(); }
  [[nodiscard]] const JoinCounts& join_counts() const { return join_counts_; }
  [[nodiscard]] ListenerCounts listener_counts() const {
    return listener_ ? listener_->counts() : ListenerCounts{};
  }
  // Before run(): the second leg.
  [[nodiscard]] Status start_listening();
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
  ClientConnection* take_ready();
  void dispatch(Nanoseconds at);
  void send(ClientConnection& connection, Nanoseconds at);
  void drop(Outcome outcome, Nanoseconds at);
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
  RunControl& control_;
  IntervalExchange& exchange_;
  std::size_t index_;
  Poller poller_;
  std::optional<TlsContext> tls_;
  std::unique_ptr<RequestWriter> writer_;
  PlanCursor cursor_;
  ConnectionContext context_;
  std::deque<ClientConnection> connections_;
  std::vector<ClientConnection*> ready_;  // ring: longest ready first
  std::vector<char> queued_;              // by connection: is in the ring
  std::size_t ready_first_ = 0;
  std::size_t ready_count_ = 0;
  std::vector<ClientConnection*> closed_;  // to be opened
  std::vector<RequestClass> classes_;
  std::vector<JoinKey> keys_;  // by connection: of the request under way
  // Second round trips that wait for a connection.
  struct SecondTrip {
    JoinKey key;
    ClientConnection::Notes notes;
    std::string bytes;
  };
  std::deque<SecondTrip> second_trips_;
  std::unique_ptr<JoinTable> table_;
  std::unique_ptr<Listener> listener_;
  std::optional<TlsContext> listener_tls_;
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
  std::uint64_t opened_ = 0, failed_ = 0, lost_ = 0;
  std::vector<std::uint64_t> begun_;
  std::string connect_error_;
  bool running_ = false;
};

}  // namespace s1flow::loadgen
