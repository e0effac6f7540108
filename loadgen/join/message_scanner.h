#pragma once
// What the engine has to know of messages, without knowing their format: the codec of the format
// plugs in here. Immutable; thread-safe; allocates nothing.

#include <cstdint>
#include <string_view>

#include "loadgen/request_source.h"

namespace s1flow::loadgen {

enum class MessageKind : std::uint8_t {
  answer,        // belongs to the request that `key` names
  device_alert,  // comes of itself, from a device
  dcc_alert,     // … from the receiving side of the target
  unsolicited,   // another message that no single request asked for, such as one of a schedule
  unreadable,    // nothing that this format knows
};

struct Message {
  MessageKind kind = MessageKind::unreadable;
  JoinKey key;                   // of an answer
  bool good = true;              // the answer says yes
  std::uint64_t stands_for = 1;  // of a throttled alert: how many it stands for
};

// What the body of a synchronous reply says.
enum class Reply : std::uint8_t {
  no,            // refused, or nothing that this format knows
  acknowledged,  // taken on; the answer comes later
  answered       // answered in full
};

class MessageScanner {
 public:
  MessageScanner() = default;
  MessageScanner(const MessageScanner&) = delete;
  MessageScanner& operator=(const MessageScanner&) = delete;
  virtual ~MessageScanner() = default;
  // A message that came to our listener.
  [[nodiscard]] virtual Message scan(std::string_view body) const = 0;
  // The body of a synchronous reply.
  [[nodiscard]] virtual Reply reply(std::string_view body) const = 0;
};

}  // namespace s1flow::loadgen
