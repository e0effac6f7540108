#include "pipeline/exchange/plain_reader.h"

#include <algorithm>

#include "codecs/decoder.h"

namespace s1flow::pipeline {
namespace {

struct DecoderState final : WorkerState {
  explicit DecoderState(std::unique_ptr<codecs::Decoder> d) : decoder(std::move(d)) {}
  std::unique_ptr<codecs::Decoder> decoder;
};

class PlainReading final : public Source {
 public:
  PlainReading(const std::shared_ptr<const codecs::Layout>& layout, const RuleSet& rules,
               const codecs::Limits& limits, const RunnerOptions& runner,
               const PlainCallbacks& callbacks)
      : layout_(layout),
        rules_(rules),
        limits_(limits),
        runner_(runner),
        callbacks_(callbacks),
        framer_(codecs::make_framer(*layout, limits)) {}

  Result<PlainVerdict> run(const Path& path) {
    file_name_ = path.filename().string();
    S1FLOW_TRY(InputFile file, InputFile::open(path));
    verdict_.bytes = file.size();
    reader_ = std::make_unique<codecs::ChunkReader>(std::move(file), *framer_, runner_.chunk_bytes,
                                                    limits_);
    // What another file has left may be of another layout, and a decoder is made quickly.
    if (runner_.spare != nullptr && *runner_.spare != nullptr) (*runner_.spare)->codec.reset();
    FunctionStage decode("decode", Order::parallel, [this](Work& w) { return decode_chunk(w); });
    FunctionStage check("rules", Order::parallel, [this](Work& w) {
      return w.faults.empty() && callbacks_.on_chunk ? callbacks_.on_chunk(w) : Status{};
    });
    FunctionStage apply("apply", Order::in_order, [this](Work& w) { return apply_chunk(w); });
    Stage* const stages[] = {&decode, &check, &apply};
    S1FLOW_TRY(verdict_.stages, run_pipeline(*this, stages, callbacks_.make_state, runner_));
    verdict_.accepted = verdict_.refused_by == nullptr;
    if (!verdict_.accepted) {
      verdict_.findings.clear();
      verdict_.findings.push_back(std::move(refusal_));
    }
    return std::move(verdict_);
  }

  Result<bool> next(Work& work) override {
    if (stop_.load(std::memory_order_relaxed)) return false;
    S1FLOW_TRY(codecs::NextChunk next, reader_->next(work.chunk, std::move(work.spare)));
    if (next.fault) framing_fault_ = std::move(next.fault);
    if (!next.more && framing_fault_ != nullptr && !told_) {
      // The fault travels as an empty last chunk, so that it comes after everything before it.
      told_ = true;
      work.faults.push_back(*framing_fault_);
      return true;
    }
    return next.more;
  }

 private:
  Status decode_chunk(Work& work) {
    work.xml_records = false;
    if (!work.faults.empty()) return {};
    if (!work.codec)
      work.codec = std::make_unique<DecoderState>(codecs::make_decoder(layout_, limits_));
    static_cast<DecoderState&>(*work.codec)
        .decoder->decode(work.chunk, work.arena, work.batch, work.faults);
    // Faults of single rows are findings; one of the whole file ends it.
    std::vector<codecs::Fault> fatal;
    for (codecs::Fault& f : work.faults) {
      if (f.rule->scope == RuleScope::file)
        fatal.push_back(std::move(f));
      else
        add(work, std::move(f));
    }
    work.faults = std::move(fatal);
    for (codecs::Fault& f : work.batch.faults) add(work, std::move(f));
    return {};
  }

  void add(Work& work, codecs::Fault fault) {
    const Severity severity = rules_.severity(*fault.rule);
    if (severity != Severity::off)
      work.findings.push_back(codecs::to_finding(std::move(fault), file_name_, severity));
  }

  Status apply_chunk(Work& work) {
    if (verdict_.refused_by != nullptr) return {};
    if (!work.faults.empty()) {
      const codecs::Fault& first =
          *std::min_element(work.faults.begin(), work.faults.end(),
                            [](const auto& a, const auto& b) { return a.byte < b.byte; });
      verdict_.refused_by = first.rule;
      refusal_ = codecs::to_finding(first, file_name_, Severity::error);
      stop_.store(true, std::memory_order_relaxed);
      return {};
    }
    verdict_.records += work.chunk.records;
    verdict_.unreadable +=
        work.chunk.records - std::min<std::uint64_t>(work.chunk.records, work.batch.records.size());
    std::stable_sort(work.findings.begin(), work.findings.end(), reports_before);
    if (callbacks_.in_order) S1FLOW_TRY_VOID(callbacks_.in_order(work));
    std::stable_sort(work.findings.begin(), work.findings.end(), reports_before);
    for (Finding& f : work.findings) {
      if (verdict_.findings.size() < limits_.findings_per_file)
        verdict_.findings.push_back(std::move(f));
      else
        ++verdict_.findings_dropped;
    }
    work.findings.clear();
    return {};
  }

  const std::shared_ptr<const codecs::Layout>& layout_;
  const RuleSet& rules_;
  const codecs::Limits& limits_;
  const RunnerOptions& runner_;
  const PlainCallbacks& callbacks_;
  std::unique_ptr<codecs::Framer> framer_;
  std::unique_ptr<codecs::ChunkReader> reader_;
  std::unique_ptr<codecs::Fault> framing_fault_;
  bool told_ = false;
  std::string file_name_;
  PlainVerdict verdict_;
  Finding refusal_;
  std::atomic<bool> stop_{false};
};

}  // namespace

Result<PlainVerdict> read_plain(const Path& path,
                                const std::shared_ptr<const codecs::Layout>& layout,
                                const RuleSet& rules, const codecs::Limits& limits,
                                const RunnerOptions& runner, const PlainCallbacks& callbacks) {
  return PlainReading(layout, rules, limits, runner, callbacks).run(path);
}

bool has_error(const std::vector<Finding>& findings, std::uint64_t ordinal) {
  return std::any_of(findings.begin(), findings.end(), [&](const Finding& f) {
    return f.place.ordinal == ordinal && f.severity == Severity::error;
  });
}

}  // namespace s1flow::pipeline
