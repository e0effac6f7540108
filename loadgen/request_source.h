#pragma once
// Where the requests come from. A source is shared and does not change during a run; each thread
// takes a writer of its own from it. A request follows from its number alone: the same seed gives
// the same bytes for the same number, whichever thread asks and in whatever order.

#include <compare>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace s1flow::loadgen {

// Names a request across both of its legs; the RequestID of a Service Request.
struct JoinKey {
  std::uint64_t originator = 0;
  std::uint64_t target = 0;
  std::uint64_t counter = 0;
  friend constexpr auto operator<=>(const JoinKey&, const JoinKey&) = default;
};

struct RequestClass {
  std::string name;  // without commas and blanks: it is a tag in logs
  bool two_legs = false;
};

struct Request {
  std::string_view bytes;  // head and body as they are sent
  std::uint16_t class_index = 0;
  JoinKey key;  // of a class with two legs
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
};

class RequestSource {
 public:
  RequestSource() = default;
  RequestSource(const RequestSource&) = delete;
  RequestSource& operator=(const RequestSource&) = delete;
  virtual ~RequestSource() = default;
  [[nodiscard]] virtual std::span<const RequestClass> classes() const = 0;
  [[nodiscard]] virtual std::unique_ptr<RequestWriter> writer() const = 0;
};

}  // namespace s1flow::loadgen
