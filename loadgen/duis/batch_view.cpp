#include "loadgen/duis/batch_view.h"

#include <fmt/format.h>

#include "codecs/config.h"
#include "codecs/decoder.h"
#include "codecs/duis/request_judge.h"
#include "codecs/files/inventory.h"

namespace s1flow::loadgen {
namespace {

namespace inv = codecs::inventory;
using codecs::crypto::CertificateStatus;
using codecs::crypto::CertificateUse;

Status read_head(const Path& file, BatchView& view) {
  S1FLOW_TRY(const codecs::ConfigValue root, codecs::load_config(file));
  codecs::ConfigReader reader(&root, file.string());
  view.clock = reader.time("clock");
  codecs::ConfigReader dcc(reader.table("dcc"), file.string() + ": dcc");
  view.dcc = dcc.eui("id");
  (void)dcc.rest();
  (void)reader.rest();  // the rest concerns the week
  S1FLOW_TRY_VOID(reader.finish());
  return dcc.finish();
}

void add_devices(const codecs::Record& record, std::vector<BatchDevice>& to) {
  Eui64 hub;
  const std::size_t first = to.size();
  for (const codecs::GroupInstance& d : record.group(inv::device)) {
    const auto type = codecs::as_code<DeviceType>(d[inv::type]);
    const Eui64 eui = codecs::as_eui64(d[inv::id]);
    if (!type || eui.empty()) continue;
    if (*type == DeviceType::chf) hub = eui;
    to.push_back({eui, *type, codecs::as_eui64(d[inv::supplier]), {}});
  }
  for (std::size_t i = first; i < to.size(); ++i) to[i].hub = hub;
}

// Records that are faulty are the dry run's business; what can be read of them is used.
Status read_inventory(const Path& path, const std::shared_ptr<const codecs::Layout>& layout,
                      std::vector<BatchDevice>& to) {
  const codecs::Limits limits;
  const auto framer = codecs::make_framer(*layout, limits);
  const auto decoder = codecs::make_decoder(layout, limits);
  S1FLOW_TRY(InputFile file, InputFile::open(path));
  codecs::ChunkReader reader(std::move(file), *framer, std::size_t{1} << 20, limits);
  codecs::RecordBatch batch;
  std::vector<codecs::Fault> faults;
  while (true) {
    codecs::Chunk chunk;
    S1FLOW_TRY(const codecs::NextChunk next, reader.next(chunk));
    if (next.fault)
      return tl::unexpected(usage_error(
          fmt::format("{}:{}: {}", path.string(), next.fault->line, next.fault->rule->title)));
    if (!next.more) return {};
    Arena arena;
    batch.clear();
    decoder->decode(chunk, arena, batch, faults);
    for (const codecs::Record& record : batch.records) add_devices(record, to);
  }
}

void find_identities(BatchView& view) {
  const codecs::duis::Directory directory;
  for (const codecs::crypto::PkiEntry& entry : view.pki.entries()) {
    if (entry.use != CertificateUse::xml_signing) continue;
    if (entry.key().type() == codecs::crypto::KeyType::none) continue;
    if (entry.status_at(view.clock) != CertificateStatus::ok) continue;
    const UserRoles roles = directory.roles_of(entry.role, entry.eui);
    if (!roles.empty()) view.identities.push_back({entry.eui, roles, &entry});
  }
}

}  // namespace

Result<BatchView> load_batch_view(const Path& folder) {
  BatchView view;
  S1FLOW_TRY_VOID(read_head(folder / "batch.toml", view));
  S1FLOW_TRY(view.pki, codecs::crypto::Pki::load(folder / "pki", {.clock = view.clock}));
  find_identities(view);
  if (view.identities.empty())
    return tl::unexpected(usage_error(fmt::format(
        "{}: no User's XML-signing key is good at the batch's clock", (folder / "pki").string())));
  S1FLOW_TRY(const codecs::LayoutSet layouts,
             std::filesystem::is_directory(folder / "schemas")
                 ? codecs::LayoutSet::with_folder(folder / "schemas", inv::kType.id)
                 : codecs::LayoutSet::shipped(inv::kType.id));
  const auto layout = layouts.preferred(inv::kType.id);
  S1FLOW_TRY(const std::vector<Path> files, list_files(folder / "inventory", ".jsonl"));
  for (const Path& file : files) S1FLOW_TRY_VOID(read_inventory(file, layout, view.devices));
  if (view.devices.empty())
    return tl::unexpected(
        usage_error(fmt::format("{}: there is no device", (folder / "inventory").string())));
  return view;
}

}  // namespace s1flow::loadgen
