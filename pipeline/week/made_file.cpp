#include "pipeline/week/made_file.h"

#include "pipeline/week/steps.h"

namespace s1flow::pipeline {
namespace {

Path place_of(const RunContext& run, const PlannedFile& planned) {
  return planned.supplier.empty() ? run.folder_of(planned.type) / planned.name
                                  : run.out / "suppliers" / planned.supplier.text() / planned.name;
}

}  // namespace

bool take_finished(RunContext& run, PlannedFile& planned) {
  const FinishedFile* finished = run.ledger->find(place_of(run, planned));
  if (finished == nullptr) return false;
  planned.made = finished->path.empty() ? Path() : run.out / finished->path;
  return true;
}

Result<ExchangeWriter> begin_file(RunContext& run, const PlannedFile& planned,
                                  const ExchangeHeader& header, std::string_view keys) {
  const auto& layout = run.layout(planned.type);
  const Path path = place_of(run, planned);
  if (run.ledger->find(path) != nullptr) return ExchangeWriter::idle(layout);
  S1FLOW_TRY(codecs::crypto::SignatureMaker maker, run.signer(*layout, *header.sender));
  return ExchangeWriter::create(path, layout, header, keys, std::move(maker));
}

Result<WrittenFile> end_file(RunContext& run, PlannedFile& planned, ExchangeWriter& writer) {
  const Path path = place_of(run, planned);
  WrittenFile written;
  if (const FinishedFile* finished = run.ledger->find(path); finished != nullptr) {
    (void)take_finished(run, planned);
    written.path = planned.made;
    written.records = finished->records;
    written.bytes = finished->bytes;
    written.sha256 = finished->sha256;
    return written;
  }
  S1FLOW_TRY(written, writer.finish());
  planned.made = written.path;
  if (planned.supplier.empty()) S1FLOW_TRY_VOID(apply_exchange_events(run, planned, written));
  planned.made = written.path;
  S1FLOW_TRY_VOID(
      run.ledger->record(path, written, planned.header.sender, planned.header.counter.value_or(0)));
  return written;
}

}  // namespace s1flow::pipeline
