#pragma once
// JSON Lines into Records, by the keys of a Layout. Each line is read and validated whole: plain
// ones by PlainLineReader (codecs/json/plain_line.h), all others by simdjson's DOM parser. Keys
// that the layout does not map are passed over, keys that occur twice are a fault.

#include <cstdint>
#include <memory>

#include "codecs/decoder.h"

namespace s1flow::codecs {

enum class JsonWay : std::uint8_t {
  plain,   // plain lines at once, what is in doubt by the parser
  parser,  // every line by the parser
};

class JsonDecoder final : public Decoder {
 public:
  JsonDecoder(std::shared_ptr<const Layout> layout, const Limits& limits,
              JsonWay first = JsonWay::plain);
  ~JsonDecoder() override;
  void decode(const Chunk& chunk, Arena& arena, RecordBatch& batch,
              std::vector<Fault>& faults) override;
  // Of the last chunk, how many lines were read plainly.
  [[nodiscard]] std::size_t plain_lines() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace s1flow::codecs
