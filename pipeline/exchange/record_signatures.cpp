#include "pipeline/exchange/record_signatures.h"

#include <algorithm>

#include <fmt/format.h>

#include "pipeline/exchange/signature_verdict.h"
#include "pipeline/rules/list.h"

namespace s1flow::pipeline {

namespace crypto = codecs::crypto;
using codecs::CapturedElement;

namespace {

// A file names few signers; one that names very many gets each of them looked up again.
constexpr std::size_t kMostKnownSigners = 64;

// Whether nothing but white space stands between the signature and the record's end tag.
bool is_last_child(std::string_view signature, std::string_view record) {
  std::string_view rest =
      record.substr(static_cast<std::size_t>(signature.data() + signature.size() - record.data()));
  rest.remove_prefix(std::min(rest.size(), rest.find_first_not_of(" \t\r\n")));
  return rest.starts_with("</") && rest.find('<', 1) == std::string_view::npos;
}

}  // namespace

SignatureCursor::Found SignatureCursor::next(std::uint64_t ordinal) {
  const auto& captured = chunk_.captured;
  while (at_ < captured.size() && captured[at_].record < ordinal) ++at_;
  Found found;
  for (; at_ < captured.size() && captured[at_].record == ordinal; ++at_) {
    if (captured[at_].kind != CapturedElement::Kind::signature) continue;
    if (++found.count > 1) continue;
    found.first = &captured[at_];
    found.is_child = captured[at_].depth == record_depth_ + 1;
  }
  return found;
}

RecordSignatureJudge::RecordSignatureJudge(const codecs::Layout& layout,
                                           const RecordSigners& signers)
    : layout_(layout), signers_(signers), form_(record_id_name(layout)) {}

void RecordSignatureJudge::judge(const codecs::Chunk& chunk, const codecs::XmlChunkResult& parsed) {
  faults_.clear();
  ids_.clear();
  holding_ = 0;
  for (const CapturedElement& c : parsed.captured)
    if (c.kind == CapturedElement::Kind::signature && c.record == 0)
      faults_.push_back({.rule = &rules::file_signature_shape.rule,
                         .note = "a Signature outside of the records",
                         .record = {},
                         .place = {.line = c.line, .byte = c.byte, .ordinal = 0}});
  // The framer goes by local names: what it took for a record may be something else.
  const std::size_t records = parsed.elements.size();
  if (records != chunk.records)
    faults_.push_back({.rule = &rules::file_signature_missing.rule,
                       .note = "an element in a record's place that the layout does not have",
                       .record = {},
                       .place = {.line = chunk.first_line, .byte = chunk.offset, .ordinal = 0}});
  SignatureCursor cursor(layout_, parsed);
  for (std::size_t i = 0; i < records; ++i) {
    const codecs::Record& record = parsed.batch.records[i];
    const Refusal refusal = judge_record(parsed, parsed.elements[i], cursor.next(record.ordinal));
    const Place place{.line = record.line, .byte = record.byte, .ordinal = record.ordinal};
    if (refusal.rule == nullptr) {
      ++holding_;
      ids_.push_back({std::string(*form_.id()), place, codecs::record_name(*layout_.type, record)});
    } else {
      faults_.push_back({.rule = refusal.rule,
                         .note = std::string(refusal.note),
                         .record = codecs::record_name(*layout_.type, record),
                         .place = place});
    }
  }
}

RecordSignatureJudge::Refusal RecordSignatureJudge::judge_record(
    const codecs::XmlChunkResult& parsed, const codecs::RecordElement& record,
    const SignatureCursor::Found& found) {
  const auto wrong_shape = [](std::string_view why) {
    return Refusal{&rules::file_signature_shape.rule, why};
  };
  const auto wrong = [](crypto::SignatureOutcome outcome) {
    return Refusal{rule_of(outcome), crypto::name_of(outcome)};
  };
  if (found.count == 0) return {&rules::file_signature_missing.rule, "the record has no Signature"};
  if (found.count > 1) return wrong_shape("more than one Signature in the record");
  const CapturedElement& element = *found.first;
  if (!found.is_child || !is_last_child(element.bytes, record.bytes))
    return wrong_shape("the Signature is not the record's last child");
  const crypto::SignatureReading reading = reader_.read(element.bytes, *element.scope, signature_);
  if (reading.outcome != crypto::SignatureOutcome::ok) return wrong_shape(reading.why);

  if (parsed.way == codecs::XmlWay::fast)
    form_.read_canonical(record, element.bytes);
  else if (!form_.read_any(record, element.bytes))
    return wrong_shape("the record cannot be read on its own");
  const std::string_view id = form_.id().value_or(std::string_view());
  if (!crypto::is_reference_id(id)) return wrong_shape(kUnusableId);
  if (signature_.reference_uri.size() != id.size() + 1 || !signature_.reference_uri.ends_with(id))
    return wrong_shape("the Reference does not name the record that it stands in");
  if (const auto outcome = crypto::check_shape(signature_, id);
      outcome != crypto::SignatureOutcome::ok)
    return wrong(outcome);

  const KnownSigner& signer = signer_of(signature_);
  if (signer.entry != nullptr) signer_ = signer.entry;
  if (signer.outcome != crypto::SignatureOutcome::ok) return wrong(signer.outcome);
  sha_.update(form_.bytes());
  const auto outcome =
      checker_.verify_value(signature_, sha_.finish(), signer.entry->certificate.public_key());
  return outcome == crypto::SignatureOutcome::ok ? Refusal() : wrong(outcome);
}

// check_shape() has been passed, so both names can be read.
const RecordSignatureJudge::KnownSigner& RecordSignatureJudge::signer_of(
    const crypto::ParsedSignature& signature) {
  for (const KnownSigner& k : known_)
    if (k.issuer == signature.issuer && k.serial == signature.serial) return k;
  const auto issuer = crypto::DistinguishedName::parse(signature.issuer);
  const auto serial = CertificateSerial::parse_decimal(trim(signature.serial));
  const crypto::PkiAnswer answer = signers_.pki->find(*issuer, *serial, signers_.clock);
  if (known_.size() >= kMostKnownSigners) known_.clear();
  known_.push_back({.issuer = signature.issuer,
                    .serial = signature.serial,
                    .outcome = crypto::judge_signer(answer, signers_.required),
                    .entry = answer.entry});
  return known_.back();
}

// ---- the whole file

void RecordSignatureTally::add_fault(RecordSignatureFault fault) {
  if (faults_.size() < most_faults_) faults_.push_back(std::move(fault));
}

Status RecordSignatureTally::add(RecordSignatureJudge& judge, std::uint64_t records) {
  count_.records += records;
  count_.holding += judge.holding();
  if (judge.signer() != nullptr) signer_ = judge.signer();
  for (RecordSignatureFault& f : judge.faults()) add_fault(std::move(f));
  for (const RecordSignatureJudge::Id& id : judge.ids()) ids_.expect(id.text);
  for (const RecordSignatureJudge::Id& id : judge.ids()) {
    S1FLOW_TRY(const UniqueKeys::Answer answer, ids_.add(id.text, id.place));
    if (answer != UniqueKeys::Answer::again) continue;
    --count_.holding;
    add_fault({.rule = &rules::file_signature_shape.rule,
               .note = std::string(kRepeatedId),
               .record = id.record,
               .place = id.place});
  }
  return {};
}

Status RecordSignatureTally::finish() {
  std::uint64_t more = 0;
  S1FLOW_TRY(const std::vector<UniqueKeys::Occurrence> late, ids_.finish(most_faults_, more));
  count_.holding -= late.size() + more;
  for (const UniqueKeys::Occurrence& o : late)
    add_fault({.rule = &rules::file_signature_shape.rule,
               .note = std::string(kRepeatedId),
               .record = o.text,
               .place = o.place});
  std::stable_sort(faults_.begin(), faults_.end(),
                   [](const auto& a, const auto& b) { return a.place.byte < b.place.byte; });
  return {};
}

}  // namespace s1flow::pipeline
