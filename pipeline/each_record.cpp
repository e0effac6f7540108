#include "pipeline/each_record.h"

#include <fmt/format.h>

#include "codecs/decoder.h"

namespace s1flow::pipeline {

Status each_record(const Path& path, const std::shared_ptr<const codecs::Layout>& layout,
                   const codecs::Limits& limits,
                   const std::function<Status(const codecs::Record&)>& use,
                   std::vector<codecs::Fault>& faults) {
  const auto framer = codecs::make_framer(*layout, limits);
  const auto decoder = codecs::make_decoder(layout, limits);
  S1FLOW_TRY(InputFile file, InputFile::open(path));
  codecs::ChunkReader reader(std::move(file), *framer, 1 << 16, limits);
  codecs::RecordBatch batch;
  while (true) {
    codecs::Chunk chunk;
    S1FLOW_TRY(codecs::NextChunk next, reader.next(chunk));
    if (next.fault) faults.push_back(std::move(*next.fault));
    if (!next.more) return {};
    Arena arena;
    batch.clear();
    decoder->decode(chunk, arena, batch, faults);
    faults.insert(faults.end(), batch.faults.begin(), batch.faults.end());
    for (const codecs::Record& r : batch.records) S1FLOW_TRY_VOID(use(r));
  }
}

Status each_record(const Path& path, const std::shared_ptr<const codecs::Layout>& layout,
                   const codecs::Limits& limits,
                   const std::function<Status(const codecs::Record&)>& use) {
  std::vector<codecs::Fault> faults;
  // A record with a fault is not looked at: the fault says more than whoever misses its value.
  const auto use_good = [&](const codecs::Record& r) { return faults.empty() ? use(r) : Status{}; };
  S1FLOW_TRY_VOID(each_record(path, layout, limits, use_good, faults));
  if (faults.empty()) return {};
  const codecs::Fault& f = faults.front();
  std::string what(f.rule->title);
  if (!f.field.empty()) what += " (" + f.field + ")";
  if (!f.seen.empty()) what += ": " + f.seen;
  if (!f.note.empty()) what += ": " + f.note;
  return tl::unexpected(usage_error(fmt::format("{}:{}: {}", path.string(), f.line, what)));
}

}  // namespace s1flow::pipeline
