#include "pipeline/week/alert_files.h"

namespace s1flow::pipeline {

Status AlertFiles::append(Eui64 supplier, std::string_view lines) {
  if (lines.empty()) return {};
  auto it = files_.find(supplier);
  if (it == files_.end()) {
    S1FLOW_TRY(OutputFile file, OutputFile::create(folder_ / supplier.text() / "alerts.xmll"));
    it = files_.emplace(supplier, std::move(file)).first;
  }
  return it->second.write(lines);
}

Status AlertFiles::commit() {
  for (auto& [supplier, file] : files_) S1FLOW_TRY_VOID(file.commit());
  files_.clear();
  return {};
}

}  // namespace s1flow::pipeline
