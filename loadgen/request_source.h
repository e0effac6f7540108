#pragma once
// Where the requests come from. A source is shared and does not change during a run; each thread
// takes a writer of its own from it. A request follows from its number alone: the same seed gives
// the same bytes for the same number, whichever thread asks and in whatever order.

#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/clock.h"
#include "core/result.h"
#include "core/srv_table.h"
#include "loadgen/net/tls.h"

namespace s1flow::loadgen {

// Names a request across both of its legs; the RequestID of a Service Request.
struct JoinKey {
  std::uint64_t originator = 0;
  std::uint64_t target = 0;
  std::uint64_t counter = 0;
  friend constexpr auto operator<=>(const JoinKey&, const JoinKey&) = default;
};

// What has to come back before a request has ended well.
enum class Legs : std::uint8_t {
  one,      // a reply with a good status
  judged,   // a reply whose body answers yes
  two,      // a reply that acknowledges, and the answer later, to our listener
  critical  // a reply that the second round trip is made of, whose legs are two
};

struct RequestClass {
  std::string name;  // without commas and blanks: it is a tag in logs
  Legs legs = Legs::one;
  // Target response time of its last leg; zero: none is known.
  Nanoseconds target{0};
  // Of Service Requests. A name may stand for several classes, one a User Role.
  const ServiceReferenceVariant* srv = nullptr;
  std::string role;  // short name; empty: none
  bool future_dated = false;

  [[nodiscard]] bool two_legs() const { return legs >= Legs::two; }
};

class Plan;
// Whose requests a writer is to write: every `threads`-th of a plan, from `index` on.
struct WriterPlace {
  std::uint64_t index = 0;
  std::uint64_t threads = 1;
};

struct Request {
  std::string_view bytes;  // head and body as they are sent
  std::uint16_t class_index = 0;
  JoinKey key;                 // of a class with two legs
  std::uint16_t identity = 0;  // place in the source's identities
};

class RequestWriter {
 public:
  RequestWriter() = default;
  RequestWriter(const RequestWriter&) = delete;
  RequestWriter& operator=(const RequestWriter&) = delete;
  virtual ~RequestWriter() = default;
  [[nodiscard]] virtual std::uint16_t class_of(std::uint64_t number) const = 0;
  // The bytes are valid until the next call. Patches prepared bytes; allocates nothing.
  [[nodiscard]] virtual Request write(std::uint64_t number) = 0;
  // The request that follows the good `reply` to a critical one, in place of what `to` holds. An
  // error when nothing can follow.
  [[nodiscard]] virtual Status write_second(const JoinKey& key, std::string_view reply,
                                            std::string& to);
  // Requests so far that should have been signed before they were due, and were not.
  [[nodiscard]] virtual std::uint64_t unsigned_in_time() const { return 0; }
};

class RequestSource {
 public:
  RequestSource() = default;
  RequestSource(const RequestSource&) = delete;
  RequestSource& operator=(const RequestSource&) = delete;
  virtual ~RequestSource() = default;
  [[nodiscard]] virtual std::span<const RequestClass> classes() const = 0;
  [[nodiscard]] virtual std::unique_ptr<RequestWriter> writer(const WriterPlace& place) const = 0;
  // Who sends over TLS: a request goes out on a connection of its identity. Empty: all connections
  // are alike.
  [[nodiscard]] virtual std::span<const TlsOptions> identities() const { return {}; }
  // Which request a key names, whether it was sent or not; nothing when it can be none of this
  // source. Needed by classes with two legs when there is more than one thread.
  [[nodiscard]] virtual std::optional<std::uint64_t> number_of(const JoinKey& /*key*/) const {
    return std::nullopt;
  }
};

}  // namespace s1flow::loadgen
