#pragma once
// Signatures of single records, of layouts that ask for them: what each of them is worth. A
// signature counts for the record that it stands in, as that record's last child, and for nothing
// else; its Reference has to name that record's own id, which no other record of the file has. So
// nothing is ever looked up by an id, and a signature that is moved to another record holds for
// none.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "codecs/crypto/pki.h"
#include "codecs/crypto/xmldsig.h"
#include "codecs/framer.h"
#include "codecs/layout/layout.h"
#include "codecs/xml/chunk_parser.h"
#include "codecs/xml/record_form.h"
#include "core/finding.h"
#include "core/result.h"
#include "pipeline/unique_keys.h"

namespace s1flow::pipeline {

// How many records are signed as they should be.
struct RecordSignatureCount {
  std::uint64_t records = 0;
  std::uint64_t holding = 0;
};

struct RecordSignatureFault {
  const Rule* rule = nullptr;
  std::string note;
  std::string record;  // as people know it
  Place place;
};

// Where the signatures of a chunk's records stand.
class SignatureCursor {
 public:
  // Both are those of one chunk, and stay while the cursor is used.
  SignatureCursor(const codecs::Layout& layout, const codecs::XmlChunkResult& chunk)
      : record_depth_(layout.record_path.size()), chunk_(chunk) {}

  struct Found {
    std::size_t count = 0;  // inside the record, at any depth
    const codecs::CapturedElement* first = nullptr;
    bool is_child = false;  // the first is a child of the record
  };
  // Records are asked in their order.
  [[nodiscard]] Found next(std::uint64_t ordinal);

 private:
  std::size_t record_depth_;
  const codecs::XmlChunkResult& chunk_;
  std::size_t at_ = 0;
};

// Who has to have signed, and with which certificates that can be told; shared by all workers.
struct RecordSigners {
  const codecs::crypto::Pki* pki = nullptr;
  UtcTime clock;
  codecs::crypto::RequiredSigner required;
};

// Judges the records of one chunk after the other. One per worker; keeps its contexts and what it
// knows of signers.
class RecordSignatureJudge {
 public:
  RecordSignatureJudge(const codecs::Layout& layout, const RecordSigners& signers);

  struct Id {
    std::string text;
    Place place;
    std::string record;
  };
  // Of a chunk that has been parsed without faults of the container. What is said of the chunk
  // before is forgotten.
  void judge(const codecs::Chunk& chunk, const codecs::XmlChunkResult& parsed);

  [[nodiscard]] std::vector<RecordSignatureFault>& faults() { return faults_; }
  [[nodiscard]] const std::vector<Id>& ids() const { return ids_; }
  [[nodiscard]] std::uint64_t holding() const { return holding_; }
  [[nodiscard]] const codecs::crypto::PkiEntry* signer() const { return signer_; }

 private:
  struct Refusal {
    const Rule* rule = nullptr;  // null: the signature holds
    std::string_view note;
  };
  struct KnownSigner {
    std::string issuer, serial;  // as the signature has them
    codecs::crypto::SignatureOutcome outcome{};
    const codecs::crypto::PkiEntry* entry = nullptr;
  };
  Refusal judge_record(const codecs::XmlChunkResult& parsed, const codecs::RecordElement& record,
                       const SignatureCursor::Found& found);
  [[nodiscard]] const KnownSigner& signer_of(const codecs::crypto::ParsedSignature& signature);

  const codecs::Layout& layout_;
  const RecordSigners& signers_;
  codecs::RecordForm form_;
  codecs::crypto::SignatureReader reader_;
  codecs::crypto::ParsedSignature signature_;
  codecs::crypto::SignatureChecker checker_{codecs::crypto::Tables::where_they_pay};
  codecs::crypto::Sha256 sha_;
  std::vector<KnownSigner> known_;
  std::vector<RecordSignatureFault> faults_;
  std::vector<Id> ids_;
  std::uint64_t holding_ = 0;
  const codecs::crypto::PkiEntry* signer_ = nullptr;
};

// Gathers what the workers say, chunk by chunk in the file's order.
class RecordSignatureTally {
 public:
  RecordSignatureTally(MemoryBudget memory, std::size_t most_faults)
      : ids_(std::move(memory)), most_faults_(most_faults) {}

  [[nodiscard]] Status add(RecordSignatureJudge& judge, std::uint64_t records);
  // At the end of the file: ids that come again are known now.
  [[nodiscard]] Status finish();

  [[nodiscard]] const RecordSignatureCount& count() const { return count_; }
  // By place; the first ones only, when there are very many.
  [[nodiscard]] std::vector<RecordSignatureFault>& faults() { return faults_; }
  [[nodiscard]] const codecs::crypto::PkiEntry* signer() const { return signer_; }

 private:
  void add_fault(RecordSignatureFault fault);

  UniqueKeys ids_;
  std::size_t most_faults_;
  RecordSignatureCount count_;
  std::vector<RecordSignatureFault> faults_;
  const codecs::crypto::PkiEntry* signer_ = nullptr;
};

// What is said of an id that an earlier record has.
inline constexpr std::string_view kRepeatedId = "an earlier record has the same id";
inline constexpr std::string_view kUnusableId =
    "the record has no id that a Reference can name: a letter or '_', then letters, digits, '.', "
    "'-' and '_'";

// The local name of the attribute by which a signature of the layout names its record.
[[nodiscard]] inline const std::string& record_id_name(const codecs::Layout& layout) {
  return layout.nodes[layout.record_id_node].name;
}

}  // namespace s1flow::pipeline
