#include "pipeline/work.h"

namespace s1flow::pipeline {

void Work::reset() {
  xml.clear();
  batch.clear();
  faults.clear();
  findings.clear();
  for (std::string& o : outputs) o.clear();
  arena.reset();
  // Nobody else may still read the bytes: records and views of this chunk are gone with the lines
  // above.
  if (chunk.buffer.use_count() == 1)
    spare = std::const_pointer_cast<Buffer>(std::move(chunk.buffer));
  chunk = {};
}

}  // namespace s1flow::pipeline
