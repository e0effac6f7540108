#include "pipeline/exchange/reader.h"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "codecs/files/exchange.h"
#include "codecs/xml/framer.h"
#include "core/text.h"
#include "pipeline/exchange/decryption.h"
#include "pipeline/exchange/signature_verdict.h"
#include "pipeline/rules/list.h"

namespace s1flow::pipeline {
namespace {

using codecs::CapturedElement;
using codecs::Fault;
namespace crypto = codecs::crypto;

// Parsers of one Work, and what they hold of the file in hand.
struct ParserState final : WorkerState {
  ParserState(const std::shared_ptr<const codecs::Layout>& l,
              const std::shared_ptr<const codecs::XmlSchema>& s, const codecs::Limits& given)
      : layout(l), schema(s), limits(given), parser(l, s, given) {}

  // Whether it may read another file too. What libxml2 was asked for has left its names in it.
  [[nodiscard]] bool serves(const std::shared_ptr<const codecs::Layout>& l,
                            const std::shared_ptr<const codecs::XmlSchema>& s,
                            const codecs::Limits& given) const {
    return fast_alone && layout == l && schema == s && limits == given;
  }
  void note(const codecs::XmlChunkResult& result) {
    fast_alone = fast_alone && result.way == codecs::XmlWay::fast;
  }
  void forget_file() {
    opener.reset();
    signatures.reset();
    opened.clear();
  }

  std::shared_ptr<const codecs::Layout> layout;
  std::shared_ptr<const codecs::XmlSchema> schema;
  codecs::Limits limits;
  std::uint64_t reading = 0;  // that it is at work for
  bool fast_alone = true;
  codecs::XmlChunkParser parser;
  std::unique_ptr<ShareOpener> opener;
  codecs::XmlChunkResult opened;
  std::optional<RecordSignatureJudge> signatures;
};

// One reading of one file.
class Reading {
 public:
  Reading(const std::shared_ptr<const codecs::Layout>& layout,
          const std::shared_ptr<const codecs::XmlSchema>& schema, const Expectation& expected,
          std::span<const crypto::KeyHolder> holders, const ReadContext& context,
          const ReadCallbacks& callbacks)
      : layout_(layout),
        schema_(schema),
        expected_(expected),
        holders_(holders),
        context_(context),
        callbacks_(callbacks),
        framer_(layout->record_path, context.limits) {
    if (!layout->signer.empty() && context.check_signature)
      (codecs::has_signature_per_record(*layout) ? judges_records_ : judges_file_) = true;
    if (judges_records_) tally_.emplace(context.memory, context.limits.findings_per_file);
  }

  Result<FileVerdict> run(const Path& path) {
    file_name_ = path.filename().string();
    S1FLOW_TRY(InputFile file, InputFile::open(path));
    verdict_.bytes = file.size();
    reader_ = std::make_unique<codecs::ChunkReader>(std::move(file), framer_,
                                                    context_.runner.chunk_bytes, context_.limits);
    FunctionStage decode("decode+validate", Order::parallel,
                         [this](Work& w) { return decode_chunk(w); });
    FunctionStage signatures("signatures", Order::parallel,
                             [this](Work& w) { return judge_records(w); });
    FunctionStage open("decrypt", Order::parallel, [this](Work& w) { return open_shares(w); });
    FunctionStage rules("rules", Order::parallel, [this](Work& w) { return check_chunk(w); });
    FunctionStage digest("digest", Order::in_order, [this](Work& w) { return digest_chunk(w); });
    // Two digests of the same bytes, each in order, can be at work side by side.
    FunctionStage whole("file digest", Order::in_order, [this](Work& w) -> Status {
      file_digest_.update(w.chunk.bytes);
      return {};
    });
    FunctionStage apply("apply", Order::in_order, [this](Work& w) { return apply_chunk(w); });
    std::vector<Stage*> stages{&decode};
    if (judges_records_) stages.push_back(&signatures);
    if (!holders_.empty()) stages.push_back(&open);
    stages.insert(stages.end(), {&rules, &digest});
    if (context_.file_digest) stages.push_back(&whole);
    stages.push_back(&apply);
    ChunkSource source(*this);
    S1FLOW_TRY(verdict_.stages,
               run_pipeline(source, stages, callbacks_.make_state, context_.runner));
    if (context_.file_digest) verdict_.sha256 = file_digest_.finish();
    if (framing_fault_) container_faults_.push_back(std::move(*framing_fault_));
    if (judges_records_) {
      S1FLOW_TRY_VOID(tally_->finish());
      verdict_.record_signatures = tally_->count();
    }
    conclude();
    return std::move(verdict_);
  }

 private:
  class ChunkSource final : public Source {
   public:
    explicit ChunkSource(Reading& reading) : reading_(reading) {}
    Result<bool> next(Work& work) override { return reading_.next_chunk(work); }

   private:
    Reading& reading_;
  };

  Result<bool> next_chunk(Work& work) {
    if (stop_.load(std::memory_order_relaxed)) return false;
    S1FLOW_TRY(codecs::NextChunk next, reader_->next(work.chunk, std::move(work.spare)));
    if (next.fault) framing_fault_ = std::move(next.fault);
    if (!next.more) return false;
    if (work.chunk.ordinal == 0) read_header(parser_of(work));
    return true;
  }

  // The head is parsed once on its own before any chunk leaves, so that every chunk knows the
  // header and the content keys.
  void read_header(ParserState& state) {
    const std::shared_ptr<const std::string> head = framer_.head();
    if (!head) return;
    const auto padded = std::make_shared<Buffer>();
    padded->append(*head);
    codecs::Chunk chunk;
    chunk.buffer = padded;
    chunk.bytes = padded->view();
    Arena arena;
    codecs::Record header(layout_->type->header, arena);
    codecs::XmlChunkResult result;
    state.parser.parse(chunk, {}, {.decode = true, .canonical = false, .validate = false}, arena,
                       &header, nullptr, result);
    state.note(result);
    verdict_.header = ExchangeHeader::from(header);
    const Eui64 sender = verdict_.header.sender.value_or(Eui64());
    if (!holders_.empty())
      keys_ = codecs::has_key_per_record(*layout_)
                  ? FileKeys::of_values({holders_, sender, layout_->key_transports})
                  : FileKeys::open(result.captured, holders_, sender, layout_->key_transports);
    if (judges_records_)
      signers_ = {.pki = context_.pki, .clock = context_.clock, .required = required_signer()};
    check_name(header);
    if (callbacks_.on_header) callbacks_.on_header(verdict_.header);
  }

  ParserState& parser_of(Work& work) {
    auto* state = dynamic_cast<ParserState*>(work.codec.get());
    if (state != nullptr && state->reading == number_) return *state;
    if (state == nullptr || !state->serves(layout_, schema_, context_.limits)) {
      auto made = std::make_unique<ParserState>(layout_, schema_, context_.limits);
      state = made.get();
      work.codec = std::move(made);
    }
    state->forget_file();
    state->reading = number_;
    return *state;
  }

  Status decode_chunk(Work& work) {
    work.xml_records = true;
    codecs::Record header(layout_->type->header, work.arena),
        trailer(layout_->type->trailer, work.arena);
    codecs::Record* trailer_place = layout_->type->trailer.fields.empty() ? nullptr : &trailer;
    parser_of(work).parser.parse(
        work.chunk, *framer_.head(),
        {.canonical = !codecs::has_signature_per_record(*layout_), .validate = schema_ != nullptr},
        work.arena, nullptr, trailer_place, work.xml);
    parser_of(work).note(work.xml);
    if (work.chunk.last && trailer_place != nullptr &&
        trailer[codecs::exchange::trailer_record_count].good())
      trailer_count_ = codecs::as_count(trailer[codecs::exchange::trailer_record_count]);
    return {};
  }

  // Whether a fault of the chunk refuses the file; its records have then not been looked at.
  [[nodiscard]] bool refuses(const Work& work) const {
    const bool schema = context_.rules->severity(codecs::kXmlSchema) == Severity::error;
    return std::any_of(work.xml.faults.begin(), work.xml.faults.end(),
                       [&](const Fault& f) { return schema || f.rule != &codecs::kXmlSchema; });
  }

  // Each record's own signature, over the record as it was received.
  Status judge_records(Work& work) {
    const auto breaks_off = [](const Fault& f) { return f.rule != &codecs::kXmlSchema; };
    ParserState& state = parser_of(work);
    if (std::any_of(work.xml.faults.begin(), work.xml.faults.end(), breaks_off)) {
      state.signatures.reset();
      return {};
    }
    if (!state.signatures) state.signatures.emplace(*layout_, signers_);
    state.signatures->judge(work.chunk, work.xml);
    return {};
  }

  // Puts what the shares hold in the place of their EncryptedData, and reads the chunk again.
  static bool shows_secrets(const std::vector<codecs::Record>& records) {
    for (const codecs::Record& r : records)
      for (std::size_t g = 0; g < r.def().groups.size(); ++g) {
        const std::span<const codecs::FieldDef> fields = r.def().groups[g].fields;
        for (std::size_t f = 0; f < fields.size(); ++f)
          if (fields[f].secret)
            for (const codecs::GroupInstance& i : r.group(g))
              if (i[f].present()) return true;
      }
    return false;
  }

  Status open_shares(Work& work) {
    if (refuses(work)) return {};
    // Anything that could be decoded without a key should not have been.
    if (!plain_share_.load(std::memory_order_relaxed) && shows_secrets(work.xml.batch.records))
      plain_share_.store(true, std::memory_order_relaxed);
    if (!keys_ || !keys_->may_open()) return {};
    ParserState& state = parser_of(work);
    if (!state.opener) {
      S1FLOW_TRY(state.opener, ShareOpener::make(*keys_));
    }
    UnopenedRecords unopened;
    codecs::Chunk& chunk = work.chunk;
    const std::shared_ptr<Buffer> opened = state.opener->open(chunk, work.xml.captured, unopened);
    codecs::Chunk plain = chunk;
    plain.buffer = opened;
    plain.bytes = opened->view();
    state.parser.parse(plain, *framer_.head(),
                       {.decode = true, .canonical = false, .validate = schema_ != nullptr},
                       work.arena, nullptr, nullptr, state.opened);
    state.note(state.opened);
    // Views of the records point into the arena; only their own bytes would point into the
    // plaintext, which is wiped on reuse.
    for (Fault& f : state.opened.faults) {
      f.byte = chunk.offset;  // offsets inside plaintext mean nothing to anybody
      work.xml.faults.push_back(std::move(f));
    }
    // Where a record stands is a question of the file as received.
    for (std::size_t i = 0;
         i < state.opened.batch.records.size() && i < work.xml.batch.records.size(); ++i) {
      state.opened.batch.records[i].byte = work.xml.batch.records[i].byte;
      state.opened.batch.records[i].line = work.xml.batch.records[i].line;
    }
    std::swap(work.xml.batch, state.opened.batch);
    for (const std::uint64_t ordinal : unopened) {
      const std::uint64_t i = ordinal - chunk.first_record;
      if (i < work.xml.batch.records.size()) {
        work.findings.push_back(record_finding(rules::mef_cannot_open.rule, *context_.rules,
                                               file_name_, *layout_->type,
                                               work.xml.batch.records[i], {}, {}, {}));
      }
    }
    return {};
  }

  Status check_chunk(Work& work) {
    if (refuses(work)) return {};
    for (Fault& f : work.xml.batch.faults) {
      const Severity severity = context_.rules->severity(*f.rule);
      if (severity != Severity::off)
        work.findings.push_back(codecs::to_finding(std::move(f), file_name_, severity));
    }
    return callbacks_.on_chunk ? callbacks_.on_chunk(work) : Status{};
  }

  Status digest_chunk(Work& work) {
    for (const std::string_view piece : work.xml.canonical_form()) document_digest_.update(piece);
    ++verdict_.chunks;
    if (work.xml.way == codecs::XmlWay::fast) ++verdict_.fast_chunks;
    for (Fault& f : work.xml.faults) {
      if (f.rule == &codecs::kXmlSchema) {
        if (schema_faults_.size() < 1000) schema_faults_.push_back(std::move(f));
      } else {
        container_faults_.push_back(std::move(f));
        stop_.store(true, std::memory_order_relaxed);  // what follows cannot change the verdict
      }
    }
    verdict_.records += work.chunk.records;
    if (judges_records_) {
      std::optional<RecordSignatureJudge>& judge = parser_of(work).signatures;
      return judge ? tally_->add(*judge, work.chunk.records) : Status();
    }
    for (const CapturedElement& c : work.xml.captured)
      if (c.kind == CapturedElement::Kind::signature) take_signature(c);
    return {};
  }

  Status apply_chunk(Work& work) {
    // What stands before the fault has been looked at; what follows does not count.
    applying_ = applying_ && !refuses(work);
    if (!applying_) return {};
    std::stable_sort(work.findings.begin(), work.findings.end(), reports_before);
    if (callbacks_.in_order) S1FLOW_TRY_VOID(callbacks_.in_order(work));
    // In-order stages may have found more (duplicates).
    std::stable_sort(work.findings.begin(), work.findings.end(), reports_before);
    for (Finding& f : work.findings) {
      if (record_findings_.size() >= context_.limits.findings_per_file) {
        ++verdict_.findings_dropped;
        continue;
      }
      record_findings_.push_back(std::move(f));
    }
    work.findings.clear();
    return {};
  }

  void take_signature(const CapturedElement& c) {
    ++signatures_;
    if (c.depth != 1 || !c.last_child) signature_misplaced_ = true;
    if (signatures_ > 1) return;
    signature_place_ = {.line = c.line, .byte = c.byte, .ordinal = 0};
    reading_ = signature_reader_.read(c.bytes, *c.scope, signature_);
  }

  // ---- the verdict

  void refuse(const Rule& rule, std::string note, Place place = {}, std::string seen = {}) {
    // A file whose container is broken cannot be used, whatever severity somebody would like.
    const bool broken = !container_faults_.empty();
    const Severity severity = broken ? Severity::error : context_.rules->severity(rule);
    if (severity == Severity::off) return;
    Finding f;
    f.rule = &rule;
    f.severity = severity;
    f.file = file_name_;
    f.note = std::move(note);
    f.seen = shown(seen);
    f.place = place;
    if (severity == Severity::error && verdict_.refused_by == nullptr) verdict_.refused_by = &rule;
    verdict_.findings.push_back(std::move(f));
  }

  void conclude() {
    for (const auto level :
         {&Reading::judge_container, &Reading::judge_signature, &Reading::judge_schema,
          &Reading::judge_header, &Reading::judge_encryption}) {
      if (context_.signatures_only && level == &Reading::judge_header) break;
      (this->*level)();
      if (verdict_.refused_by != nullptr) return;
    }
    verdict_.accepted = true;
    if (context_.signatures_only) return;
    verdict_.findings.insert(verdict_.findings.end(),
                             std::make_move_iterator(record_findings_.begin()),
                             std::make_move_iterator(record_findings_.end()));
  }

  void judge_container() {
    if (container_faults_.empty()) return;
    const Fault& f =
        *std::min_element(container_faults_.begin(), container_faults_.end(),
                          [](const Fault& a, const Fault& b) { return a.byte < b.byte; });
    refuse(*f.rule, f.note, {.line = f.line, .byte = f.byte, .ordinal = f.ordinal}, f.seen);
  }

  [[nodiscard]] crypto::RequiredSigner required_signer() const {
    crypto::RequiredSigner required = context_.signer;
    required.use = crypto::CertificateUse::file_signing;
    if (const auto role = crypto::parse_party_role(layout_->signer); role && required.roles.empty())
      required.roles = {*role};
    if (!required.party) required.party = verdict_.header.sender;
    return required;
  }

  void judge_signature() {
    if (judges_records_) return judge_record_signatures();
    if (!judges_file_) return;
    const crypto::RequiredSigner required = required_signer();
    const crypto::Sha256Digest digest = document_digest_.finish();
    SignatureRefusal refusal = pipeline::judge_signature({.signatures = signatures_,
                                                          .misplaced = signature_misplaced_,
                                                          .reading = reading_,
                                                          .parsed = signature_,
                                                          .digest = digest},
                                                         *context_.pki, context_.clock, required);
    if (refusal.signer != nullptr) verdict_.signer = refusal.signer->file;
    if (refusal.rule != nullptr)
      refuse(*refusal.rule, std::move(refusal.note), signatures_ == 0 ? Place() : signature_place_);
  }

  void judge_record_signatures() {
    verdict_.record_signer = tally_->signer();
    if (verdict_.record_signer != nullptr) verdict_.signer = verdict_.record_signer->file;
    if (tally_->count().records == 0)
      return refuse(rules::file_signature_missing.rule, "without records nothing is signed");
    for (RecordSignatureFault& f : tally_->faults()) {
      const std::size_t before = verdict_.findings.size();
      refuse(*f.rule, std::move(f.note), f.place);
      if (verdict_.findings.size() > before) verdict_.findings.back().record = std::move(f.record);
    }
  }

  void judge_schema() {
    std::stable_sort(schema_faults_.begin(), schema_faults_.end(),
                     [](const Fault& a, const Fault& b) { return a.byte < b.byte; });
    if (schema_faults_.empty()) return;
    // One finding refuses the file; it names the first place and says how many there are.
    const Fault& f = schema_faults_.front();
    std::string note = f.note;
    if (schema_faults_.size() > 1) note += fmt::format(" (and {} more)", schema_faults_.size() - 1);
    refuse(codecs::kXmlSchema, std::move(note),
           {.line = f.line, .byte = f.byte, .ordinal = f.ordinal});
    if (!verdict_.findings.empty()) verdict_.findings.back().record = f.record;
  }

  // Fields that the name repeats have to be the header's.
  void check_name(const codecs::Record& header) {
    if (layout_->file_name.empty()) return;
    Arena arena;
    codecs::Record named(layout_->type->header, arena);
    if (!layout_->file_name.read(file_name_, named)) {
      name_problem_ = "the name has not the form " + layout_->file_name.text();
      return;
    }
    for (std::size_t i = 0; i < header.def().fields.size(); ++i) {
      if (!named[i].good() || !header[i].good()) continue;
      const bool text = header.def().fields[i].kind == codecs::ValueKind::text;
      const bool same = text ? equals_ignoring_case(named[i].text, header[i].text)
                             : named[i].lo == header[i].lo && named[i].hi == header[i].hi;
      if (!same) {
        name_problem_ = fmt::format("name and header differ in '{}'", header.def().fields[i].name);
        return;
      }
    }
  }

  void judge_header() {
    const ExchangeHeader& h = verdict_.header;
    const Expectation& e = expected_;
    if (!name_problem_.empty()) return refuse(rules::file_name.rule, name_problem_);
    for (const Eui64 reader : e.readers)
      if (!h.recipients.empty() &&
          std::find(h.recipients.begin(), h.recipients.end(), reader) == h.recipients.end())
        return refuse(rules::file_recipient.rule,
                      fmt::format("{} is not a recipient", reader.text()));
    if (e.sender && h.sender && *h.sender != *e.sender)
      return refuse(rules::file_signer_party.rule, fmt::format("the sender is {}, expected {}",
                                                               h.sender->text(), e.sender->text()));
    if (h.counter && *h.counter <= e.last_counter && e.last_counter != 0)
      return refuse(rules::file_counter.rule,
                    fmt::format("{} after {}", *h.counter, e.last_counter));
    const bool other_smso =
        !e.smso.empty() && !h.smso.empty() && !equals_ignoring_case(e.smso, h.smso);
    if ((e.week && h.week && *e.week != *h.week) || (e.day && h.day && *e.day != *h.day) ||
        other_smso)
      return refuse(rules::file_week.rule, "the header names another week, day or SMSO");
    if (!e.group.empty() && !h.group.empty() && e.group != h.group)
      return refuse(rules::file_group.rule,
                    fmt::format("{} instead of {}", h.group.view(), e.group.view()));
    const bool other_mcf = (e.mcf_counter && h.mcf_counter && *e.mcf_counter != *h.mcf_counter) ||
                           (e.mcf_sender && h.mcf_sender && *e.mcf_sender != *h.mcf_sender);
    if (other_mcf) return refuse(rules::file_reference.rule, "the MCF named is another one");
    if (e.not_before && h.created && *h.created < *e.not_before)
      return refuse(rules::file_arrival_order.rule,
                    fmt::format("made {}, the MCF {}", h.created->text(), e.not_before->text()));
    for (const auto& stated : {h.record_count, trailer_count_})
      if (stated && *stated != verdict_.records)
        return refuse(rules::file_count.rule,
                      fmt::format("{} stated, {} found", *stated, verdict_.records));
  }

  void judge_encryption() {
    if (holders_.empty()) return;
    if (plain_share_.load()) return refuse(rules::file_not_encrypted.rule, {});
    if (!keys_ || keys_->outcome() != crypto::KeyOpening::ok)
      refuse(rules::file_not_for_this_key.rule, {});
  }

  // Told apart from all others of the process, since a Work may have served another before.
  static std::uint64_t next_number() {
    static std::atomic<std::uint64_t> last{0};
    return last.fetch_add(1, std::memory_order_relaxed) + 1;
  }

  const std::uint64_t number_ = next_number();
  const std::shared_ptr<const codecs::Layout>& layout_;
  const std::shared_ptr<const codecs::XmlSchema>& schema_;
  const Expectation& expected_;
  std::span<const crypto::KeyHolder> holders_;
  const ReadContext& context_;
  const ReadCallbacks& callbacks_;
  codecs::XmlFramer framer_;
  std::unique_ptr<codecs::ChunkReader> reader_;
  std::string file_name_;
  std::unique_ptr<FileKeys> keys_;
  bool judges_file_ = false, judges_records_ = false;  // by one signature, or by one each
  RecordSigners signers_;                              // settled with the header
  std::atomic<bool> plain_share_{false};
  std::atomic<bool> stop_{false};

  // Of the reading stage, which runs beside the others.
  std::unique_ptr<Fault> framing_fault_;

  // Of the in-order stages; two of them may be at work at once, on different chunks.
  bool applying_ = true;  // of the last one
  FileVerdict verdict_;
  crypto::Sha256 document_digest_, file_digest_;
  std::vector<Fault> container_faults_, schema_faults_;
  std::vector<Finding> record_findings_;
  std::optional<std::uint64_t> trailer_count_;
  std::size_t signatures_ = 0;
  bool signature_misplaced_ = false;
  Place signature_place_;
  crypto::SignatureReader signature_reader_;
  crypto::ParsedSignature signature_;
  crypto::SignatureReading reading_;
  std::string name_problem_;
  std::optional<RecordSignatureTally> tally_;
};

}  // namespace

ExchangeReader::ExchangeReader(std::shared_ptr<const codecs::Layout> layout,
                               std::shared_ptr<const codecs::XmlSchema> schema)
    : layout_(std::move(layout)), schema_(std::move(schema)) {}

Result<FileVerdict> ExchangeReader::read(const Path& path, const Expectation& expected,
                                         std::span<const codecs::crypto::KeyHolder> holders,
                                         const ReadContext& context,
                                         const ReadCallbacks& callbacks) const {
  return Reading(layout_, schema_, expected, holders, context, callbacks).run(path);
}

Finding record_finding(const Rule& rule, const RuleSet& rules, const std::string& file,
                       const codecs::FileType& type, const codecs::Record& record,
                       std::string_view field, std::string_view seen, std::string_view note) {
  Finding f;
  f.rule = &rule;
  f.severity = rules.severity(rule);
  f.file = file;
  f.record = codecs::record_name(type, record);
  f.field = field;
  f.seen = shown(seen);
  f.note = note;
  f.place = {.line = record.line, .byte = record.byte, .ordinal = record.ordinal};
  return f;
}

}  // namespace s1flow::pipeline
