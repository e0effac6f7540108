#include "pipeline/single/sign_records.h"

#include <algorithm>
#include <atomic>
#include <optional>

#include "codecs/xml/framer.h"
#include "codecs/xml/record_form.h"
#include "pipeline/exchange/record_signatures.h"
#include "pipeline/rules/list.h"
#include "pipeline/unique_keys.h"

namespace s1flow::pipeline {
namespace {

namespace crypto = codecs::crypto;
using codecs::CapturedElement;
using codecs::Fault;

// Of one worker.
struct SigningState final : WorkerState {
  SigningState(const std::shared_ptr<const codecs::Layout>& layout, const codecs::Limits& limits,
               Result<crypto::SignatureMaker> made)
      : parser(layout, nullptr, limits), form(record_id_name(*layout)), maker(std::move(made)) {}
  codecs::XmlChunkParser parser;
  codecs::RecordForm form;
  Result<crypto::SignatureMaker> maker;
  crypto::Sha256 sha;
  std::vector<std::string> ids;  // of the chunk's records
  bool signed_before = false;
};

class Signing final : public Source {
 public:
  Signing(const std::shared_ptr<const codecs::Layout>& layout, const RecordSigning& how,
          const ByteSink& sink, const std::function<void(std::uint64_t)>& progress)
      : layout_(layout),
        how_(how),
        sink_(sink),
        progress_(progress),
        framer_(layout->record_path, how.limits),
        ids_(how.memory) {}

  Result<SignedRecords> run(const Path& path) {
    S1FLOW_TRY(InputFile file, InputFile::open(path));
    // What is wrong with the key shows before any work.
    S1FLOW_TRY(const crypto::SignatureMaker maker,
               crypto::SignatureMaker::make(how_.certificate, how_.key));
    reader_ = std::make_unique<codecs::ChunkReader>(std::move(file), framer_,
                                                    how_.runner.chunk_bytes, how_.limits);
    FunctionStage parse("decode", Order::parallel, [this](Work& w) { return parse_chunk(w); });
    FunctionStage sign("sign", Order::parallel, [this](Work& w) { return sign_chunk(w); });
    FunctionStage write("write", Order::in_order, [this](Work& w) { return write_chunk(w); });
    Stage* const stages[] = {&parse, &sign, &write};
    const auto make_state = [this] {
      return std::make_unique<SigningState>(
          layout_, how_.limits, crypto::SignatureMaker::make(how_.certificate, how_.key));
    };
    S1FLOW_TRY(const std::vector<StageStats> stats,
               run_pipeline(*this, stages, make_state, how_.runner));
    if (framing_fault_) done_.faults.push_back(std::move(*framing_fault_));
    if (done_.faults.empty()) S1FLOW_TRY_VOID(find_late_duplicates());
    return std::move(done_);
  }

  Result<bool> next(Work& work) override {
    if (stop_.load(std::memory_order_relaxed)) return false;
    S1FLOW_TRY(codecs::NextChunk next, reader_->next(work.chunk, std::move(work.spare)));
    if (next.fault) framing_fault_ = std::move(next.fault);
    return next.more;
  }

 private:
  static SigningState& state_of(Work& work) { return static_cast<SigningState&>(*work.state); }

  Status parse_chunk(Work& work) {
    work.xml_records = true;
    state_of(work).parser.parse(work.chunk, *framer_.head(),
                                {.canonical = false, .validate = false}, work.arena, nullptr,
                                nullptr, work.xml);
    return {};
  }

  Status sign_chunk(Work& work) {
    SigningState& state = state_of(work);
    state.ids.clear();
    state.signed_before = false;
    work.outputs.resize(1);
    std::string& out = work.outputs[0];
    out.clear();
    if (!work.xml.faults.empty()) return {};
    out.reserve(work.chunk.bytes.size() + 2048 * work.xml.elements.size());
    const std::size_t record_depth = layout_->record_path.size();
    for (const CapturedElement& c : work.xml.captured) {
      if (c.kind != CapturedElement::Kind::signature) continue;
      const bool of_record = c.record != 0 && c.depth == record_depth + 1;
      if (!of_record && !(c.record == 0 && c.depth == 1))
        add_fault(work, "a Signature where none may stand",
                  {.line = c.line, .byte = c.byte, .ordinal = c.record});
      state.signed_before = true;
    }
    if (state.signed_before && how_.replace == Replace::no) return {};
    if (work.xml.elements.size() != work.chunk.records)
      add_fault(work, "an element in a record's place that the layout does not have",
                {.line = work.chunk.first_line, .byte = work.chunk.offset, .ordinal = 0});
    return edit(work, state, out);
  }

  // The chunk with a signature in each record and without those that were there.
  Status edit(Work& work, SigningState& state, std::string& out) const {
    const std::string_view bytes = work.chunk.bytes;
    std::size_t from = 0;
    const auto copy_to = [&](const char* to) {
      const auto end = static_cast<std::size_t>(to - bytes.data());
      out.append(bytes.substr(from, end - from));
      from = end;
    };
    const auto leave_out = [&](std::string_view element) {
      copy_to(element.data());
      from += element.size();
    };
    // Those of the file as a whole, which stands around the records.
    auto of_file = work.xml.captured.begin();
    const auto leave_out_until = [&](const char* place) {
      for (; of_file != work.xml.captured.end() && of_file->bytes.data() < place; ++of_file)
        if (of_file->kind == CapturedElement::Kind::signature && of_file->record == 0)
          leave_out(of_file->bytes);
    };
    SignatureCursor cursor(*layout_, work.xml);
    for (std::size_t i = 0; i < work.xml.elements.size(); ++i) {
      const codecs::RecordElement& element = work.xml.elements[i];
      const codecs::Record& record = work.xml.batch.records[i];
      const Place place{.line = record.line, .byte = record.byte, .ordinal = record.ordinal};
      const SignatureCursor::Found old = cursor.next(record.ordinal);
      if (old.count > 1) {
        add_fault(work, "more than one Signature in the record", place, &record);
        continue;
      }
      const std::string_view signature =
          old.first != nullptr ? old.first->bytes : std::string_view();
      if (work.xml.way == codecs::XmlWay::fast)
        state.form.read_canonical(element, signature);
      else if (!state.form.read_any(element, signature))
        return tl::unexpected(internal_error("a record cannot be read on its own"));
      const std::string_view id = state.form.id().value_or(std::string_view());
      if (!crypto::is_reference_id(id)) {
        add_fault(work, kUnusableId, place, &record);
        continue;
      }
      state.ids.emplace_back(id);
      state.sha.update(state.form.bytes());
      const crypto::Sha256Digest digest = state.sha.finish();
      leave_out_until(element.bytes.data());
      if (!signature.empty()) leave_out(signature);
      const char* const end = element.bytes.data() + element.bytes.size();
      if (element.bytes.ends_with("/>")) {
        copy_to(end - 2);
        out += '>';
        S1FLOW_TRY_VOID(state.maker->append_record_signature(out, id, digest));
        const std::string_view tag = element.bytes.substr(1);
        out.append("</").append(tag.substr(0, tag.find_first_of(" \t\r\n/"))).append(">");
        from += 2;
      } else {
        copy_to(element.bytes.data() + element.bytes.rfind("</"));
        S1FLOW_TRY_VOID(state.maker->append_record_signature(out, id, digest));
        copy_to(end);
      }
    }
    leave_out_until(bytes.data() + bytes.size());
    copy_to(bytes.data() + bytes.size());
    return {};
  }

  void add_fault(Work& work, std::string_view note, const Place& place,
                 const codecs::Record* record = nullptr) const {
    Fault f;
    f.rule = &rules::file_signature_shape.rule;
    f.line = place.line;
    f.byte = place.byte;
    f.ordinal = place.ordinal;
    f.note = note;
    if (record != nullptr) f.record = codecs::record_name(*layout_->type, *record);
    work.faults.push_back(std::move(f));
  }

  Status write_chunk(Work& work) {
    if (stop_.load(std::memory_order_relaxed)) return {};
    SigningState& state = state_of(work);
    if (state.signed_before) {
      done_.signed_before = true;
      if (how_.replace == Replace::no) {
        stop_.store(true, std::memory_order_relaxed);
        return {};
      }
    }
    for (std::size_t i = 0; i < state.ids.size() && work.faults.empty(); ++i) {
      const codecs::Record& record = work.xml.batch.records[i];
      const Place place{.line = record.line, .byte = record.byte, .ordinal = record.ordinal};
      S1FLOW_TRY(const UniqueKeys::Answer answer, ids_.add(state.ids[i], place));
      if (answer == UniqueKeys::Answer::again) add_fault(work, kRepeatedId, place, &record);
    }
    for (std::vector<Fault>* faults : {&work.xml.faults, &work.faults})
      for (Fault& f : *faults) done_.faults.push_back(std::move(f));
    if (!done_.faults.empty()) {
      stop_.store(true, std::memory_order_relaxed);
      return {};
    }
    done_.records += work.xml.elements.size();
    if (progress_) progress_(work.chunk.offset + work.chunk.bytes.size());
    return sink_(work.outputs[0]);
  }

  // Those that showed only when all ids were sorted.
  Status find_late_duplicates() {
    std::uint64_t more = 0;
    S1FLOW_TRY(const std::vector<UniqueKeys::Occurrence> late, ids_.finish(100, more));
    for (const UniqueKeys::Occurrence& o : late) {
      Fault f;
      f.rule = &rules::file_signature_shape.rule;
      f.line = o.place.line;
      f.byte = o.place.byte;
      f.ordinal = o.place.ordinal;
      f.record = o.text;
      f.note = kRepeatedId;
      done_.faults.push_back(std::move(f));
    }
    return {};
  }

  const std::shared_ptr<const codecs::Layout>& layout_;
  const RecordSigning& how_;
  const ByteSink& sink_;
  const std::function<void(std::uint64_t)>& progress_;
  codecs::XmlFramer framer_;
  std::unique_ptr<codecs::ChunkReader> reader_;
  std::unique_ptr<Fault> framing_fault_;  // of the reading stage
  std::atomic<bool> stop_{false};
  // Of the in-order stage.
  UniqueKeys ids_;
  SignedRecords done_;
};

}  // namespace

Result<SignedRecords> sign_records(const Path& path,
                                   const std::shared_ptr<const codecs::Layout>& layout,
                                   const RecordSigning& how, const ByteSink& sink,
                                   const std::function<void(std::uint64_t)>& progress) {
  S1FLOW_CHECK(codecs::has_signature_per_record(*layout));
  return Signing(layout, how, sink, progress).run(path);
}

}  // namespace s1flow::pipeline
