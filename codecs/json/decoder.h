#pragma once
// JSON Lines into Records, by the keys of a Layout. Each line is parsed and validated whole by
// simdjson's DOM parser; keys that the layout does not map are passed over, keys that occur twice
// are a fault.

#include <memory>

#include "codecs/decoder.h"

namespace s1flow::codecs {

class JsonDecoder final : public Decoder {
 public:
  JsonDecoder(std::shared_ptr<const Layout> layout, const Limits& limits);
  ~JsonDecoder() override;
  void decode(const Chunk& chunk, Arena& arena, RecordBatch& batch,
              std::vector<Fault>& faults) override;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace s1flow::codecs
