#include "pipeline/single/check.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>

#include "codecs/files/maf.h"
#include "codecs/files/mcf.h"
#include "core/text.h"
#include "pipeline/exchange/layout_schema.h"
#include "pipeline/exchange/plain_reader.h"
#include "pipeline/exchange/reader.h"
#include "pipeline/rules/list.h"
#include "pipeline/single/seen_keys.h"
#include "pipeline/week/run_context.h"

namespace s1flow::pipeline {
namespace {

namespace crypto = codecs::crypto;

struct ReportState final : WorkerState {
  CheckReport report;
  std::unique_ptr<WorkerState> output;
};

class SingleCheck {
 public:
  SingleCheck(const Path& path, const std::shared_ptr<const codecs::Layout>& layout,
              const SingleFileContext& context, const RecordVisitor& visit,
              const CheckedOutput* output)
      : path_(path),
        name_(path.filename().string()),
        layout_(layout),
        type_(*layout->type),
        context_(context),
        visit_(visit),
        output_(output),
        batch_(context.batch != nullptr ? *context.batch : no_batch_),
        seen_(part_of(context.memory, layout->type->id == "mcf" ? 4 : 1)),
        seen_devices_(context.memory.bytes / 2),
        more_devices_(part_of(context.memory, 4)) {
    if (context.pki != nullptr && type_.id == "maf") certificates_ = CertificateIndex(*context.pki);
    if (context.layouts != nullptr) mef_layout_ = context.layouts->preferred("mef");
    const Needs most = context.batch != nullptr ? Needs::batch : Needs::file;
    for (const RuleEntry* e : rule_entries())
      if (e->needs <= most && context.rules.enabled(e->rule) && applies(*e)) entries_.push_back(e);
    id_field_ = 0;
    duplicate_device_ =
        type_.id == "mcf" && context.rules.enabled(rules::mcf_device_duplicate.rule);
    duplicate_ = type_.id == "maf"         ? &rules::maf_duplicate_row
                 : type_.id == "inventory" ? &rules::inventory_duplicate_installation
                 : layout->container == codecs::Container::xml ? &rules::record_duplicate
                                                               : nullptr;
  }

  Result<SingleVerdict> run() {
    return layout_->container == codecs::Container::xml ? exchange_file() : plain_file();
  }

 private:
  Result<SingleVerdict> exchange_file() {
    std::shared_ptr<const codecs::XmlSchema> schema = context_.schema;
    if (!schema) {
      S1FLOW_TRY(schema, schema_of(*layout_));
    }
    ReadContext read;
    read.pki = context_.pki;
    read.clock = context_.clock;
    read.rules = &context_.rules;
    read.limits = context_.limits;
    read.runner = context_.runner;
    read.check_signature = context_.pki != nullptr;
    read.file_digest = false;
    read.memory = context_.memory;
    ReadCallbacks callbacks;
    callbacks.on_header = [this](const ExchangeHeader& h) {
      header_ = h;
      smso_ = batch_.find_smso(h.smso);
      if (output_ != nullptr && output_->on_header) output_->on_header(h);
    };
    callbacks.make_state = [this] { return make_state(); };
    callbacks.on_chunk = [this](Work& w) { return look(w); };
    callbacks.in_order = [this](Work& w) { return keep(w); };
    const ExchangeReader reader(layout_, schema);
    const std::span<const crypto::KeyHolder> holders =
        layout_->shares.empty() ? std::span<const crypto::KeyHolder>() : context_.holders;
    S1FLOW_TRY(FileVerdict v, reader.read(path_, {}, holders, read, callbacks));
    SingleVerdict verdict{.accepted = v.accepted,
                          .refused_by = v.refused_by,
                          .findings = std::move(v.findings),
                          .header = std::move(v.header),
                          .records = v.records,
                          .bytes = v.bytes,
                          .chunks = v.chunks,
                          .fast_chunks = v.fast_chunks,
                          .record_signatures = v.record_signatures,
                          .stages = std::move(v.stages)};
    S1FLOW_TRY_VOID(add_late_duplicates(verdict));
    return verdict;
  }

  std::unique_ptr<WorkerState> make_state() const {
    auto state = std::make_unique<ReportState>();
    if (output_ != nullptr) state->output = output_->make_state();
    return state;
  }

  Result<SingleVerdict> plain_file() {
    SingleVerdict verdict;
    read_name(verdict);
    if (verdict.refused_by != nullptr) return verdict;
    PlainCallbacks callbacks;
    callbacks.make_state = [this] { return make_state(); };
    callbacks.on_chunk = [this](Work& w) { return look(w); };
    callbacks.in_order = [this](Work& w) { return keep(w); };
    S1FLOW_TRY(PlainVerdict v, read_plain(path_, layout_, context_.rules, context_.limits,
                                          context_.runner, callbacks));
    verdict.accepted = v.accepted;
    verdict.refused_by = v.refused_by;
    verdict.findings.insert(verdict.findings.end(), std::make_move_iterator(v.findings.begin()),
                            std::make_move_iterator(v.findings.end()));
    verdict.records = v.records;
    verdict.bytes = v.bytes;
    verdict.stages = std::move(v.stages);
    S1FLOW_TRY_VOID(add_late_duplicates(verdict));
    return verdict;
  }

  // Those that showed only when all ids were sorted, at their places among the other findings.
  Status add_late_duplicates(SingleVerdict& verdict) {
    const std::size_t most = context_.limits.findings_per_file;
    std::uint64_t more = 0;
    S1FLOW_TRY(const std::vector<UniqueKeys::Occurrence> late,
               seen_.finish(most - std::min(most, verdict.findings.size()), more));
    S1FLOW_TRY(const std::vector<UniqueKeys::Occurrence> devices,
               more_devices_.finish(most - std::min(most, verdict.findings.size()), more));
    if ((late.empty() && devices.empty()) || !verdict.accepted) return {};
    const auto add = [&](const Rule& rule, std::string record, std::string_view field,
                         std::string_view seen, const Place& place) {
      Finding f;
      f.rule = &rule;
      f.severity = context_.rules.severity(rule);
      f.file = name_;
      f.record = std::move(record);
      f.field = field;
      f.seen = shown(seen);
      f.place = place;
      verdict.findings.push_back(std::move(f));
    };
    for (const UniqueKeys::Occurrence& o : late)
      add(duplicate_->rule, o.text, type_.record.fields[id_field_].name, o.text, o.place);
    for (const UniqueKeys::Occurrence& o : devices) {
      const std::size_t end = o.text.find(kBetween);
      add(rules::mcf_device_duplicate.rule, o.text.substr(end + 1), kDeviceId,
          std::string_view(o.text).substr(0, end), o.place);
    }
    std::stable_sort(verdict.findings.begin(), verdict.findings.end(), reports_before);
    return {};
  }

  // What containers without a header say by their name.
  void read_name(SingleVerdict& verdict) {
    if (layout_->file_name.empty()) return;
    Arena arena;
    codecs::Record header(type_.header, arena);
    if (layout_->file_name.read(name_, header)) {
      if (type_.id != "maf") return;
      if (header[codecs::maf::sender].good())
        verdict.header.sender = sender_ = codecs::as_eui64(header[codecs::maf::sender]);
      verdict.header.smso = header[codecs::maf::smso].text;
      verdict.header.created = codecs::as_time(header[codecs::maf::created]);
      return;
    }
    const Rule& rule = rules::file_name.rule;
    const Severity severity = context_.rules.severity(rule);
    if (severity == Severity::off) return;
    Finding f;
    f.rule = &rule;
    f.severity = severity;
    f.file = name_;
    f.note = "the name has not the form " + layout_->file_name.text();
    verdict.findings.push_back(std::move(f));
    if (severity == Severity::error) verdict.refused_by = &rule;
  }

  // ---- records

  // Whether the rule has something to say of files of this type.
  [[nodiscard]] bool applies(const RuleEntry& e) const {
    return (type_.id == "inventory" && e.inventory != nullptr && mef_layout_) ||
           (type_.id == "maf" && e.maf != nullptr &&
            (e.needs == Needs::file || context_.pki != nullptr)) ||
           (type_.id == "mcf" && e.mcf != nullptr) || (type_.id == "mgf" && e.mgf != nullptr) ||
           (type_.id == "mef" && e.mef != nullptr);
  }

  Status look(Work& work) {
    if (!entries_.empty() && !shares_closed(work)) apply_rules(work);
    if (output_ == nullptr) return {};
    work.outputs.resize(1);
    return output_->make(work, *static_cast<ReportState&>(*work.state).output, work.outputs[0]);
  }

  void apply_rules(Work& work) const {
    CheckReport& report = static_cast<ReportState&>(*work.state).report;
    for (const codecs::Record& record : work.records()) {
      for (const RuleEntry* e : entries_) {
        report.begin(e->rule);
        apply(*e, record, report);
      }
      add_report(work.findings, report, context_.rules, name_, type_, record);
    }
  }

  // Some share of the chunk could not be opened, so what it holds cannot be asked.
  [[nodiscard]] bool shares_closed(const Work& work) const {
    return type_.id == "mef" && context_.holders.size() < layout_->shares.size() &&
           std::any_of(work.xml.captured.begin(), work.xml.captured.end(), [](const auto& c) {
             return c.kind == codecs::CapturedElement::Kind::encrypted_data;
           });
  }

  // By a rule that applies: only the check of the file's type is there.
  void apply(const RuleEntry& e, const codecs::Record& record, CheckReport& report) const {
    if (type_.id == "mcf") {
      if (smso_ != nullptr || e.needs == Needs::file)
        e.mcf({batch_, no_pki_, parties_, no_epcl_, record, smso_ != nullptr ? *smso_ : no_smso_, 0,
               nullptr},
              report);
    } else if (type_.id == "inventory") {
      e.inventory({batch_, *mef_layout_, record}, report);
    } else if (type_.id == "maf") {
      if (record[codecs::maf::mpxn].good())
        e.maf({batch_, certificates_, parties_, record, sender_, nullptr, nullptr}, report);
    } else {
      const GroupFileCheck group{batch_, *layout_, record, header_.group, no_devices_};
      (type_.id == "mgf" ? e.mgf : e.mef)(group, report);
    }
  }

  Status keep(Work& work) {
    for (const codecs::Record& record : work.records()) expect_ids(record);
    for (const codecs::Record& record : work.records()) {
      S1FLOW_TRY(const bool again, is_repeated(record));
      if (again)
        work.findings.push_back(record_finding(duplicate_->rule, context_.rules, name_, type_,
                                               record, type_.record.fields[id_field_].name,
                                               record[id_field_].text, {}));
      if (duplicate_device_)
        for (const codecs::GroupInstance& device : record.group(codecs::mcf::device))
          if (const codecs::Value& id = device[codecs::mcf::id]; id.good()) {
            S1FLOW_TRY(const bool seen, is_repeated_device(record, id));
            if (seen)
              work.findings.push_back(record_finding(rules::mcf_device_duplicate.rule,
                                                     context_.rules, name_, type_, record,
                                                     kDeviceId, id.text, {}));
          }
      if (visit_) S1FLOW_TRY_VOID(visit_(record));
    }
    if (work.chunk.ordinal == 0 && !work.chunk.last) make_room(work);
    if (output_ != nullptr) S1FLOW_TRY_VOID(output_->sink(work.outputs[0]));
    if (context_.progress) context_.progress(work.chunk.offset + work.chunk.bytes.size());
    return {};
  }

  // For as many as there will be if the file goes on as it begins.
  void make_room(Work& first) {
    std::error_code code;
    const std::uint64_t bytes = std::filesystem::file_size(path_, code);
    if (code) return;  // standard input
    const std::uint64_t chunks = bytes / std::max<std::size_t>(first.chunk.bytes.size(), 1) + 1;
    if (duplicate_ != nullptr && context_.rules.enabled(duplicate_->rule))
      seen_.make_room(chunks * first.records().size());
    if (duplicate_device_) seen_devices_.make_room(chunks * seen_devices_.size());
  }

  void expect_ids(const codecs::Record& record) const {
    if (duplicate_ != nullptr && record[id_field_].good()) seen_.expect(record[id_field_].text);
    if (duplicate_device_)
      for (const codecs::GroupInstance& device : record.group(codecs::mcf::device))
        if (device[codecs::mcf::id].good()) seen_devices_.expect(device[codecs::mcf::id].lo);
  }

  // False also for those of which only the end of the file will tell.
  Result<bool> is_repeated(const codecs::Record& record) {
    if (duplicate_ == nullptr || !context_.rules.enabled(duplicate_->rule) ||
        !record[id_field_].good())
      return false;
    S1FLOW_TRY(const UniqueKeys::Answer answer,
               seen_.add(record[id_field_].text,
                         {.line = record.line, .byte = record.byte, .ordinal = record.ordinal}));
    return answer == UniqueKeys::Answer::again;
  }

  // As is_repeated(). Most devices of most files fit into the table.
  Result<bool> is_repeated_device(const codecs::Record& record, const codecs::Value& id) {
    const SeenNumbers::Answer answer = seen_devices_.insert(id.lo);
    if (answer != SeenNumbers::Answer::full) return answer == SeenNumbers::Answer::again;
    std::array<char, sizeof id.lo> key{};
    std::memcpy(key.data(), &id.lo, key.size());
    S1FLOW_TRY(
        const UniqueKeys::Answer late,
        more_devices_.add({key.data(), key.size()},
                          {.line = record.line, .byte = record.byte, .ordinal = record.ordinal},
                          std::string(id.text) + kBetween + codecs::record_name(type_, record)));
    return late == UniqueKeys::Answer::again;
  }

  static MemoryBudget part_of(MemoryBudget budget, std::uint64_t parts) {
    budget.bytes /= parts;
    return budget;
  }

  static constexpr std::string_view kDeviceId = "device.id";
  static constexpr char kBetween = '\t';  // in no identifier

  const Path& path_;
  std::string name_;
  const std::shared_ptr<const codecs::Layout>& layout_;
  const codecs::FileType& type_;
  const SingleFileContext& context_;
  const RecordVisitor& visit_;
  const CheckedOutput* output_;
  // What rules are given when there is nothing to give.
  Batch no_batch_;
  Smso no_smso_;
  crypto::Pki no_pki_;
  EpclList no_epcl_;
  std::vector<DeviceRow> no_devices_;
  PartyList parties_;

  const Batch& batch_;
  CertificateIndex certificates_;
  std::shared_ptr<const codecs::Layout> mef_layout_;
  std::vector<const RuleEntry*> entries_;
  const RuleEntry* duplicate_ = nullptr;
  std::size_t id_field_ = 0;
  ExchangeHeader header_;
  Eui64 sender_;
  const Smso* smso_ = nullptr;  // that the header names
  bool duplicate_device_ = false;
  // Of the in-order stage.
  UniqueKeys seen_;
  SeenNumbers seen_devices_;
  UniqueKeys more_devices_;  // those for which the table has no room
};

}  // namespace

Result<SingleVerdict> check_file(const Path& path,
                                 const std::shared_ptr<const codecs::Layout>& layout,
                                 const SingleFileContext& context, const RecordVisitor& visit,
                                 const CheckedOutput* output) {
  return SingleCheck(path, layout, context, visit, output).run();
}

}  // namespace s1flow::pipeline
