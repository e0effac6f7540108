#pragma once
// What the DCC and the meters say: judges a request, makes the answer on its connection, and plans
// what comes later (Service Responses, alerts, scheduled answers). It knows no sockets and no
// clock: what is planned is so long after the answer, and messages are made when they are due.
//
// The same request gets the same fate whatever the thread: fates follow from the seed and the
// RequestID. One for each thread; what several share is in DccWorld.

#include <atomic>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "codecs/duis/request_judge.h"
#include "codecs/duis/response.h"
#include "codecs/duis/schema_checker.h"
#include "loadgen/stub/counts.h"
#include "loadgen/stub/directory.h"
#include "loadgen/stub/settings.h"

namespace s1flow::loadgen::stub {

// Schedules that were created (SRV 5.1) and not deleted (5.3). Thread-safe.
class Schedules {
 public:
  [[nodiscard]] std::uint64_t create(Eui64 device);
  // All of the device when `id` is 0.
  void remove(Eui64 device, std::uint64_t id);
  [[nodiscard]] bool has(std::uint64_t id) const;

 private:
  mutable std::mutex mutex_;
  std::unordered_map<std::uint64_t, Eui64> devices_;
  std::uint64_t next_ = 1;
};

// Shared by the threads of a stub. Borrows the settings.
class DccWorld {
 public:
  [[nodiscard]] static Result<std::unique_ptr<DccWorld>> make(const StubSettings& settings);
  DccWorld(const StubSettings& settings, codecs::crypto::Pki pki,
           std::optional<codecs::duis::SchemaChecker> schema);

  const StubSettings& settings;
  const bool has_pki;
  const codecs::crypto::Pki pki;
  const std::optional<codecs::duis::SchemaChecker> schema;
  const StubDirectory directory;
  const codecs::crypto::PkiEntry* dcc = nullptr;  // with its XML-signing key, when there is one
  const codecs::crypto::PkiEntry* s1sp = nullptr;
  codecs::duis::DuplicateGuard guard;
  Schedules schedules;

  // "all", "none", or the share.
  [[nodiscard]] std::string verification() const;
};

// A message that comes later.
struct Planned {
  enum class Kind : std::uint8_t {
    response,
    unknown,  // a response to a request that nobody sent
    scheduled,
    future_dated,  // the device's alert that it has carried out a future-dated command
    alert
  };
  Nanoseconds after{0};  // the answer on the connection; of a scheduled one: the one before
  codecs::duis::MessageId request;
  Eui64 device;  // that an alert is about
  Eui64 user;    // whom it goes to
  const ServiceReferenceVariant* srv = nullptr;
  std::uint64_t schedule = 0;
  AlertCode alert;
  std::uint32_t left = 0;  // of scheduled ones, this one included
  std::uint32_t stands_for = 1;
  std::uint32_t sequence = 0;  // of throttled alerts; 0: not throttled
  codecs::duis::ResponseCode code;
  Kind kind = Kind::response;
};

struct Reply {
  int status = 200;
  std::string_view type = "application/xml";
  std::string_view body;  // until the next request
  Nanoseconds after{0};   // how long the answer takes
  Spoil spoil = Spoil::none;
  bool silent = false;
  codecs::duis::ResponseCode code;
  codecs::duis::RequestFault fault{};
  codecs::duis::MessageId id;  // when it has one
};

class Dcc {
 public:
  [[nodiscard]] static Result<std::unique_ptr<Dcc>> make(DccWorld& world, LiveCounts& counts,
                                                         unsigned thread);
  Dcc(DccWorld& world, codecs::duis::ResponseWriter writer, LiveCounts& counts, unsigned thread);

  // Appends to `planned`. `peer` is whose certificate the connection has shown, where that has to
  // be the originator. An error only when a message cannot be made.
  [[nodiscard]] Result<Reply> take(DccService service, std::string_view request, UtcTime now,
                                   std::vector<Planned>& planned,
                                   std::optional<Eui64> peer = std::nullopt);
  // The bytes of a planned message, made now; they live until the next call of anything.
  [[nodiscard]] Result<std::string_view> make(const Planned& planned, UtcTime now);
  [[nodiscard]] MessageLabel label_of(const Planned& planned) const;

 private:
  using Verdict = codecs::duis::RequestVerdict;
  [[nodiscard]] bool looks_at_signature(std::string_view request) const;
  void count(const Verdict& verdict);
  Status refuse(const Verdict& verdict, codecs::duis::ResponseCode code, UtcTime now);
  Status answer(const Verdict& verdict, std::string_view request, UtcTime now,
                std::vector<Planned>& planned);
  void plan_responses(const Verdict& verdict, codecs::duis::ResponseCode code, Nanoseconds response,
                      UtcTime now, std::vector<Planned>& planned, Random& random);
  void plan_alerts(const Verdict& verdict, Eui64 device, Nanoseconds after,
                   std::vector<Planned>& planned, Random& random);
  codecs::duis::ResponsePayload synchronous_payload(const Verdict& verdict,
                                                    std::string_view request,
                                                    std::vector<Planned>& planned);
  [[nodiscard]] std::span<const unsigned char> gbcs_of(const ServiceReferenceVariant& srv,
                                                       std::uint64_t counter) const;
  [[nodiscard]] codecs::duis::OuterSignature signature(bool of_response) const;

  DccWorld& world_;
  const StubSettings& settings_;
  codecs::duis::RequestJudge judge_;
  codecs::duis::ResponseWriter writer_;
  LiveCounts& counts_;
  std::uint64_t alerts_made_;
  std::string text_;
  std::vector<unsigned char> payload_;
  std::vector<codecs::duis::InventoryDevice> inventory_;
};

}  // namespace s1flow::loadgen::stub
