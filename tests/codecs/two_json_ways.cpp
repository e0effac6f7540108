#include "tests/codecs/two_json_ways.h"

#include <algorithm>

#include "tests/codecs/reading.h"

namespace s1flow::codecs {
namespace {

std::string text_of(const RecordBatch& batch, const std::vector<Fault>& faults) {
  std::string out;
  for (const Record& r : batch.records) out += whole_text_of(r);
  for (const Fault& f : batch.faults) out += text_of(f) + "\n";
  for (const Fault& f : faults) out += text_of(f) + "\n";
  return out;
}

}  // namespace

TwoJsonWays::TwoJsonWays(const std::shared_ptr<const Layout>& layout, const Limits& limits)
    : plain_(layout, limits, JsonWay::plain), parser_(layout, limits, JsonWay::parser) {}

std::string TwoJsonWays::compare(std::string_view lines) {
  auto buffer = std::make_shared<Buffer>(lines.size());
  buffer->append(lines);
  Chunk chunk;
  chunk.bytes = buffer->view();
  chunk.buffer = std::move(buffer);
  Arena arena;
  RecordBatch plain, parsed;
  std::vector<Fault> plain_faults, parsed_faults;
  plain_.decode(chunk, arena, plain, plain_faults);
  parser_.decode(chunk, arena, parsed, parsed_faults);
  counts_.lines += static_cast<std::uint64_t>(std::count(lines.begin(), lines.end(), '\n')) +
                   (!lines.empty() && lines.back() != '\n' ? 1 : 0);
  counts_.plain += plain_.plain_lines();
  counts_.records += parsed.records.size();
  counts_.faults += parsed.faults.size() + parsed_faults.size();
  const std::string one = text_of(plain, plain_faults);
  const std::string other = text_of(parsed, parsed_faults);
  if (one == other) return {};
  return "lines:\n" + std::string(lines) + "\nplainly:\n" + one + "by the parser:\n" + other;
}

}  // namespace s1flow::codecs
