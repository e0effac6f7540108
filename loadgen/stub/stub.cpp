#include "loadgen/stub/stub.h"

#include <algorithm>
#include <thread>

#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>

#include "loadgen/stub/worker.h"

namespace s1flow::loadgen::stub {
namespace {

constexpr Nanoseconds kLookEvery = std::chrono::milliseconds(10);
constexpr int kBacklog = 4096;

}  // namespace

struct Stub::Content {
  explicit Content(StubSettings s) : settings(std::move(s)) {}

  StubSettings settings;
  SteadyClock clock;
  std::unique_ptr<DccWorld> world;
  std::optional<StampFile> stamps;
  Socket stop_event;
  std::string url;
  std::unique_ptr<WorkerShared> shared;
  std::vector<std::unique_ptr<Worker>> workers;
  std::atomic<bool> ended{false};

  Status set_up();
  Status use_pki_for_tls();
  Status listen();
  [[nodiscard]] bool waits(Nanoseconds wait) const {
    pollfd p{stop_event.get(), POLLIN, 0};
    return ::poll(&p, 1, static_cast<int>(wait / std::chrono::milliseconds(1))) == 0;
  }
  [[nodiscard]] bool is_idle() const;
  void wait(const std::atomic<bool>* stop);
};

Status Stub::Content::set_up() {
  S1FLOW_TRY_VOID(settings.check());
  S1FLOW_TRY(world, DccWorld::make(settings));
  if (settings.pki_tls) S1FLOW_TRY_VOID(use_pki_for_tls());
  if (!settings.stamps.empty()) {
    S1FLOW_TRY(stamps, StampFile::create(settings.stamps));
  }
  stop_event = Socket(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!stop_event) return tl::unexpected(io_error("make", "eventfd"));
  shared.reset(new WorkerShared{.settings = settings,
                                .clock = clock,
                                .world = *world,
                                .stamps = stamps ? &*stamps : nullptr,
                                .start = clock.now(),
                                .stop_event = stop_event.get()});
  shared->start_wall =
      UtcTime(std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()));
  for (unsigned i = 0; i < settings.threads; ++i) {
    S1FLOW_TRY(auto worker, Worker::make(*shared, i));
    workers.push_back(std::move(worker));
  }
  return listen();
}

// The same certificate on both ways: the DCC's.
Status Stub::Content::use_pki_for_tls() {
  using codecs::crypto::CertificateStatus;
  const Path& pki = settings.checks.pki;
  const auto entries = world->pki.entries();
  const auto own = std::find_if(entries.begin(), entries.end(), [](const auto& entry) {
    return entry.role == codecs::crypto::PartyRole::dcc &&
           entry.use == codecs::crypto::CertificateUse::tls &&
           entry.key().type() != codecs::crypto::KeyType::none;
  });
  if (own == entries.end())
    return tl::unexpected(usage_error(
        fmt::format("{}: holds no TLS certificate of the DCC with its key", pki.string())));
  TlsOptions tls;
  if (settings.tls) tls.version = settings.tls->version;
  tls.ca = pki / "ca";
  tls.cert = pki / own->file;
  tls.key = pki / (own->file.substr(0, own->file.rfind('.')) + ".key.pem");
  tls.clock = settings.checks.clock;
  settings.tls = tls;
  const auto use = [&](CallbackOptions& receive) {
    if (receive.tls && receive.tls->ca.empty() && receive.tls->cert.empty()) receive.tls = tls;
  };
  if (settings.receive) use(*settings.receive);
  for (auto& [user, receive] : settings.receive_by_user) use(receive);
  return {};
}

Status Stub::Content::listen() {
  S1FLOW_TRY(Endpoint endpoint, numeric_endpoint(settings.address, settings.port));
  S1FLOW_TRY(Socket socket, listen_on(endpoint, kBacklog));
  Url made;
  made.tls = settings.tls.has_value();
  made.host = settings.address;
  made.port = endpoint.port;
  url = fmt::format("{}://{}", made.tls ? "https" : "http", made.authority());
  std::vector<Worker*> all;
  for (const auto& worker : workers) all.push_back(worker.get());
  return workers.front()->listen(std::move(socket), std::move(all));
}

bool Stub::Content::is_idle() const {
  for (const auto& worker : workers)
    if (worker->under_way() != 0) return false;
  return true;
}

void Stub::Content::wait(const std::atomic<bool>* stop) {
  const auto told = [&] { return stop != nullptr && stop->load(); };
  const Nanoseconds end =
      settings.run_for.count() > 0 ? shared->start + settings.run_for : Nanoseconds::max();
  const auto capped = [&] {
    return clock.now() >= end ||
           (settings.most_requests != 0 && shared->taken.load() >= settings.most_requests);
  };
  while (!told() && !capped())
    if (!waits(kLookEvery)) return;
  if (told()) return;
  shared->draining.store(true);
  // What a thread has under way it tells at its next tick, so idle counts only after some of them.
  const Nanoseconds from = clock.now();
  const Nanoseconds settled = from + std::chrono::milliseconds(100);
  while (!told() && clock.now() < from + settings.drain) {
    if (clock.now() >= settled && is_idle()) return;
    if (!waits(kLookEvery)) return;
  }
}

Result<std::unique_ptr<Stub>> Stub::make(StubSettings settings) {
  auto stub = std::make_unique<Stub>(std::move(settings));
  S1FLOW_TRY_VOID(stub->content_->set_up());
  Stub* const self = stub.get();
  self->content_->shared->snapshot = [self] { return self->counts(); };
  self->content_->shared->state = [self] { return self->state(); };
  return stub;
}

Stub::Stub(StubSettings settings) : content_(std::make_unique<Content>(std::move(settings))) {}
Stub::~Stub() = default;

std::string Stub::url() const {
  return content_->url;
}
std::string Stub::verification() const {
  return content_->world->verification();
}

Status Stub::run(const std::atomic<bool>* stop) {
  Content& c = *content_;
  {
    std::vector<std::jthread> threads;
    for (const auto& worker : c.workers) threads.emplace_back([&worker] { worker->run(); });
    c.wait(stop);
    this->stop();
  }
  c.ended.store(true);
  for (const auto& worker : c.workers) S1FLOW_TRY_VOID(Status(worker->status()));
  return c.stamps ? c.stamps->finish() : Status();
}

void Stub::stop() {
  (void)::eventfd_write(content_->stop_event.get(), 1);
}

StubCounts Stub::counts() const {
  StubCounts sum;
  for (const std::string& code : content_->settings.device_alert_codes)
    sum.device_alerts.emplace_back(code, 0);
  for (const auto& worker : content_->workers) {
    sum.add(worker->counts());
    for (std::size_t i = 0; i < sum.device_alerts.size(); ++i)
      sum.device_alerts[i].second += worker->device_alerts()[i].get();
  }
  const std::lock_guard lock(content_->shared->stalls_mutex);
  sum.stalls = content_->shared->stalls;
  return sum;
}

StubState Stub::state() const {
  const Content& c = *content_;
  return {c.url, c.world->verification(), c.clock.now() - c.shared->start, c.ended.load()};
}

}  // namespace s1flow::loadgen::stub
