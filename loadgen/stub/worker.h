#pragma once
// One thread of a stub: its connections, its share of what is to be sent, its counts. The first
// one accepts and hands connections round; beside that, the duplicate guard, the schedules and the
// capacity, threads share nothing.

#include <atomic>
#include <functional>
#include <mutex>
#include <unordered_map>

#include "loadgen/net/acceptor.h"
#include "loadgen/net/mailbox.h"
#include "loadgen/stub/callbacks.h"
#include "loadgen/stub/dcc.h"
#include "loadgen/stub/server.h"
#include "loadgen/stub/service_queue.h"
#include "loadgen/stub/slab.h"
#include "loadgen/stub/stamps.h"
#include "loadgen/stub/timer_queue.h"

namespace s1flow::loadgen::stub {

// Shared by the threads of a stub.
struct WorkerShared {
  const StubSettings& settings;
  const Clock& clock;
  DccWorld& world;
  StampFile* stamps = nullptr;
  Nanoseconds start{0};  // of the timeline, by the clock
  UtcTime start_wall;    // the same moment
  int stop_event = -1;   // an eventfd, readable when it is time to stop
  std::function<StubCounts()> snapshot;
  std::function<StubState()> state;
  ServiceQueue queue;
  std::atomic<std::uint64_t> taken{0};  // requests, when there is a cap
  std::atomic<bool> draining{false};    // new requests get 503
  std::mutex stalls_mutex;
  std::vector<StubCounts::Stall> stalls;  // the first kMostStalls

  static constexpr std::size_t kMostStalls = 100'000;
};

class Worker final : public RequestHandler, private DeliveryObserver {
 public:
  [[nodiscard]] static Result<std::unique_ptr<Worker>> make(WorkerShared& shared, unsigned number);
  Worker(WorkerShared& shared, unsigned number, Poller poller, std::optional<TlsContext> tls,
         std::unique_ptr<Dcc> dcc);
  ~Worker();

  // The first worker only, before run().
  [[nodiscard]] Status listen(Socket socket, std::vector<Worker*> all);
  // Until the stop event.
  void run();
  [[nodiscard]] const LiveCounts& counts() const { return counts_; }
  [[nodiscard]] const std::vector<Counter>& device_alerts() const { return device_alerts_; }
  // Answers and messages that are still to go; from any thread, a little late.
  [[nodiscard]] std::uint64_t under_way() const {
    return under_way_.load(std::memory_order_acquire);
  }
  // The first failure to make a message; after run().
  [[nodiscard]] const Status& status() const { return status_; }

  void on_request(const IncomingRequest& request) override;

 private:
  struct Held {
    Ticket ticket;
    int status = 200;
    std::string_view type;
    std::string body;
    Spoil spoil = Spoil::none;
    Stamp stamp;
  };
  struct Due {
    enum class Kind : std::uint8_t { answer, message, storm } kind{};
    std::uint32_t place = 0;
  };
  struct StormState {
    std::uint64_t sent = 0;  // alerts, those that messages stand for
    std::uint32_t messages = 0;
  };

  [[nodiscard]] Status make_senders();
  void start_storms();
  void accepted(Socket socket);
  // False while the stub stands still.
  bool follow_timeline(Nanoseconds now);
  void run_due(Nanoseconds now);
  void tick(Nanoseconds now);
  [[nodiscard]] Nanoseconds wait_until(Nanoseconds now) const;
  [[nodiscard]] UtcTime wall(Nanoseconds now) const;

  void serve(const IncomingRequest& request, DccService service);
  void sink(const IncomingRequest& request);
  void answer_stats(Ticket ticket);
  // Nothing when there is no place; the time when it has been served otherwise.
  [[nodiscard]] std::optional<Nanoseconds> admit(Nanoseconds now);
  [[nodiscard]] bool takes_more();
  // Whether as many messages are planned and under way as may be.
  [[nodiscard]] bool is_full() const {
    return planned_.size() + sending_ >= settings_.most_outstanding / settings_.threads;
  }
  void unavailable(const IncomingRequest& request);
  void reply(Ticket ticket, const Reply& reply, Nanoseconds served, Stamp stamp);
  void give(Ticket ticket, const Answer& answer, Spoil spoil, Stamp& stamp);
  void plan(Nanoseconds answered);
  void send(Planned planned, Nanoseconds now);
  void storm(std::uint32_t number);
  [[nodiscard]] CallbackSender* sender_for(Eui64 user) const;
  void on_delivered(const MessageLabel& label) override;

  WorkerShared& shared_;
  const StubSettings& settings_;
  unsigned number_;
  Poller poller_;
  std::optional<TlsContext> tls_;
  LiveCounts counts_;
  std::vector<Counter> device_alerts_;
  std::unique_ptr<Dcc> dcc_;
  Random random_;
  StampBuffer stamps_;
  std::vector<std::unique_ptr<CallbackSender>> senders_;
  CallbackSender* usual_sender_ = nullptr;
  std::unordered_map<std::uint64_t, CallbackSender*> sender_of_;
  Server server_;
  std::unique_ptr<Mailbox<Socket>> inbox_;  // connections that another thread has accepted
  std::unique_ptr<Acceptor> acceptor_;
  std::vector<Worker*> all_;
  std::size_t next_ = 0;  // of them, for the next connection
  TimerQueue<Due> due_;
  Slab<Held> held_;
  Slab<Planned> planned_;
  std::vector<Planned> fresh_;
  std::vector<StormState> storms_;
  std::size_t storms_left_ = 0;
  Timeline::State state_;
  Nanoseconds looked_{-1};  // at the timeline, up to when
  Nanoseconds ticked_{0};
  bool in_outage_ = false;
  std::size_t sending_ = 0;  // messages with the senders, at the last tick
  std::atomic<std::uint64_t> under_way_{0};
  std::string sink_body_;
  Status status_;
};

}  // namespace s1flow::loadgen::stub
