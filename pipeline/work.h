#pragma once
// Work: what travels through a pipeline with one chunk of one file: its bytes, the records made of
// them, what was found, and the bytes that are to be written. One Work per token in flight; it is
// reused from chunk to chunk, so the steady state allocates nothing.
//
// Ownership: a Work belongs to the stage that holds it; no two stages ever hold the same one.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "codecs/decoder.h"
#include "codecs/framer.h"
#include "codecs/xml/chunk_parser.h"
#include "core/arena.h"
#include "core/finding.h"

namespace s1flow::pipeline {

// State that a job keeps per Work, such as a decoder with its contexts.
class WorkerState {
 public:
  WorkerState() = default;
  WorkerState(const WorkerState&) = delete;
  WorkerState& operator=(const WorkerState&) = delete;
  virtual ~WorkerState() = default;
};

struct Work {
  codecs::Chunk chunk;
  std::shared_ptr<Buffer> spare;  // taken back from the last chunk, for the reader
  Arena arena;
  codecs::XmlChunkResult xml;  // of XML files
  codecs::RecordBatch batch;   // of CSV and JSON Lines files
  std::vector<codecs::Fault> faults;
  std::vector<Finding> findings;
  std::vector<std::string> outputs;  // by slot; what a slot means is the job's business
  std::unique_ptr<WorkerState>
      codec;  // parsers and their contexts, made by the reader when first needed
  std::unique_ptr<WorkerState> state;  // of the job

  // Ready for the next chunk; memory is kept.
  void reset();
  [[nodiscard]] std::vector<codecs::Record>& records() {
    return xml_records ? xml.batch.records : batch.records;
  }
  bool xml_records = false;
};

}  // namespace s1flow::pipeline
