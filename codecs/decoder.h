#pragma once
// Decoder: the records of one chunk of a CSV or JSON Lines file. (XML has more to do per chunk and
// goes through XmlChunkParser.) One virtual call per chunk. Not thread-safe; one per worker,
// reused.

#include <memory>

#include "codecs/framer.h"
#include "codecs/layout/layout.h"
#include "codecs/record_builder.h"

namespace s1flow::codecs {

class Decoder {
 public:
  Decoder() = default;
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;
  virtual ~Decoder() = default;

  // Records go into `batch`, their texts into the chunk and the arena. `faults` receives faults of
  // the container: those of file-scope rules end the decoding of the chunk; those of record scope
  // cost the row that they name.
  virtual void decode(const Chunk& chunk, Arena& arena, RecordBatch& batch,
                      std::vector<Fault>& faults) = 0;
};

// For Container::csv and jsonl.
[[nodiscard]] std::unique_ptr<Decoder> make_decoder(std::shared_ptr<const Layout> layout,
                                                    const Limits& limits);
// For every container.
[[nodiscard]] std::unique_ptr<Framer> make_framer(const Layout& layout, const Limits& limits);

}  // namespace s1flow::codecs
