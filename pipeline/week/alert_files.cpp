#include "pipeline/week/alert_files.h"

#include <algorithm>

#include "core/machine.h"

namespace s1flow::pipeline {

Path AlertFiles::path_of(Eui64 supplier) const {
  return folder_ / supplier.text() / "alerts.xmll";
}

Status AlertFiles::append(Eui64 supplier, std::string_view lines) {
  if (lines.empty()) return {};
  auto it = files_.find(supplier);
  if (it == files_.end()) {
    Making making;
    S1FLOW_TRY_VOID(make_room());
    if (ledger_.find(path_of(supplier)) == nullptr) {
      S1FLOW_TRY(making.file, OutputFile::create(path_of(supplier)));
    }
    it = files_.emplace(supplier, std::move(making)).first;
  }
  Making& making = it->second;
  if (!making.file) return {};
  if (making.file->is_parked()) S1FLOW_TRY_VOID(make_room());
  making.used = ++appends_;
  making.digest.update(lines);
  making.messages += count_lines(lines);
  return making.file->write(lines);
}

// As many files as there are suppliers may be more than may be open: the one that has waited
// longest lets go.
Status AlertFiles::make_room() {
  Making* longest = nullptr;
  std::size_t open = 0;
  for (auto& [supplier, making] : files_) {
    if (!making.file || making.file->is_parked()) continue;
    ++open;
    if (longest == nullptr || making.used < longest->used) longest = &making;
  }
  return open < spare_descriptors() ? Status() : longest->file->park();
}

Status AlertFiles::commit() {
  for (auto& [supplier, making] : files_) {
    if (!making.file) continue;
    WrittenFile written{.path = path_of(supplier),
                        .records = making.messages,
                        .bytes = making.file->written(),
                        .sha256 = making.digest.finish()};
    S1FLOW_TRY_VOID(making.file->commit());
    making.file.reset();
    S1FLOW_TRY_VOID(ledger_.record(written.path, written));
  }
  files_.clear();
  return {};
}

}  // namespace s1flow::pipeline
