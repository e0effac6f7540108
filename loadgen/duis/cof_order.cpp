#include "loadgen/duis/cof_order.h"

#include <algorithm>

#include <fmt/format.h>

#include "codecs/files/cof.h"
#include "codecs/xml/chunk_parser.h"
#include "codecs/xml/framer.h"

namespace s1flow::loadgen {
namespace {

namespace cof = codecs::cof;

std::uint16_t kind_of(const ServiceReferenceVariant& srv, DuisSettings& settings) {
  auto& kinds = settings.kinds;
  const auto found = std::find_if(kinds.begin(), kinds.end(),
                                  [&](const RequestKind& kind) { return kind.srv == &srv; });
  const auto place = static_cast<std::uint16_t>(found - kinds.begin());
  if (found == kinds.end()) {
    RequestKind kind;
    kind.srv = &srv;
    kind.name = srv.variant;
    kind.weight = 0;
    kinds.push_back(std::move(kind));
  }
  kinds[place].weight += 1;
  return place;
}

// Groups that sit in a device come with their parent.
void add_steps(const codecs::Record& record, DuisSettings& settings) {
  for (const codecs::GroupInstance& step : record.group(cof::step)) {
    const auto result = codecs::as_code<cof::StepResult>(step[cof::step_result]);
    const ServiceReferenceVariant* srv = find_srv(step[cof::srv].text);
    const auto id = codecs::duis::MessageId::parse(step[cof::request_id].text);
    const bool was_sent = result == cof::StepResult::done || result == cof::StepResult::failed;
    if (!was_sent || srv == nullptr || !id || step.parent == nullptr) continue;
    settings.given.push_back({.kind = kind_of(*srv, settings),
                              .originator = id->originator,
                              .target = id->target,
                              .device = codecs::as_eui64((*step.parent)[cof::device_id])});
  }
}

Status read_cof(const Path& path, const std::shared_ptr<const codecs::Layout>& layout,
                DuisSettings& settings) {
  const codecs::Limits limits;
  const auto refuse = [&](const codecs::Fault& fault) {
    return tl::unexpected(
        usage_error(fmt::format("{}:{}: {}", path.string(), fault.line, fault.rule->title)));
  };
  codecs::XmlFramer framer(layout->record_path, limits);
  codecs::XmlChunkParser parser(layout, nullptr, limits);
  S1FLOW_TRY(InputFile file, InputFile::open(path));
  codecs::ChunkReader reader(std::move(file), framer, std::size_t{1} << 20, limits);
  codecs::XmlChunkResult result;
  while (true) {
    codecs::Chunk chunk;
    S1FLOW_TRY(const codecs::NextChunk next, reader.next(chunk));
    if (next.fault) return refuse(*next.fault);
    if (!next.more) return {};
    Arena arena;
    result.clear();
    parser.parse(chunk, *framer.head(), {.decode = true, .canonical = false, .validate = false},
                 arena, nullptr, nullptr, result);
    if (!result.faults.empty()) return refuse(result.faults.front());
    for (const codecs::Record& record : result.batch.records) add_steps(record, settings);
  }
}

}  // namespace

Status read_cof_order(const Path& folder, DuisSettings& settings) {
  S1FLOW_TRY(const codecs::LayoutSet layouts, codecs::LayoutSet::shipped(cof::kType.id));
  const auto layout = layouts.preferred(cof::kType.id);
  const Path files = folder / "files" / "cof";
  const Path from = std::filesystem::is_directory(files) ? files : folder;
  S1FLOW_TRY(const std::vector<Path> paths, list_files(from, ".xml"));
  settings.kinds.clear();
  settings.given.clear();
  for (const Path& path : paths) S1FLOW_TRY_VOID(read_cof(path, layout, settings));
  if (settings.given.empty())
    return tl::unexpected(usage_error(fmt::format(
        "{}: holds no Commissioning Outcome File with a step that was taken", from.string())));
  return {};
}

}  // namespace s1flow::loadgen
