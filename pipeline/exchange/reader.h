#pragma once
// Reads one signed XML file of the exchange as its receiver does, through the pipeline: framing,
// libxml2 with the schema, canonical digest, decryption of the shares that are ours, the caller's
// rules, and at the end the verdict on the file: container, then signature, then schema, then
// header. The first of these that fails refuses the file, and then only its findings count: what an
// untrusted file says of its records is not worth reporting.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "codecs/crypto/digest.h"
#include "codecs/crypto/pki.h"
#include "codecs/crypto/xmldsig.h"
#include "codecs/crypto/xmlenc.h"
#include "codecs/layout/layout.h"
#include "codecs/limits.h"
#include "core/file.h"
#include "core/finding.h"
#include "core/result.h"
#include "pipeline/exchange/header.h"
#include "pipeline/exchange/record_signatures.h"
#include "pipeline/rules/rule_set.h"
#include "pipeline/runner.h"

namespace s1flow::pipeline {

// What the receiver expects; empty members are not checked.
struct Expectation {
  std::vector<Eui64> readers;  // parties that read it: each has to be among the recipients
  std::optional<Eui64> sender;
  std::uint64_t last_counter = 0;  // the file's has to be above
  std::string smso;
  std::optional<Date> week, day;
  GroupId group;
  std::optional<Eui64> mcf_sender;
  std::optional<std::uint64_t> mcf_counter;
  std::optional<UtcTime> not_before;  // when the MCF was made
};

// Everything that a reading needs and that does not change between files.
struct ReadContext {
  const codecs::crypto::Pki* pki = nullptr;
  UtcTime clock;
  const RuleSet* rules = nullptr;
  codecs::Limits limits;
  RunnerOptions runner;
  bool check_signature = true;
  bool file_digest = true;  // whether FileVerdict::sha256 is wanted
  // Who has to have signed; what is empty, the layout and the header say.
  codecs::crypto::RequiredSigner signer;
  bool signatures_only = false;  // no word on name, header and encryption
  MemoryBudget memory;           // for the ids of records that are signed one by one
};

struct FileVerdict {
  bool accepted = false;
  const Rule* refused_by = nullptr;    // the first error of file scope
  std::vector<Finding> findings;       // of the file, or of its records, sorted
  std::uint64_t findings_dropped = 0;  // beyond Limits::findings_per_file
  ExchangeHeader header;
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;
  codecs::crypto::Sha256Digest sha256{};      // of the whole file
  std::uint64_t chunks = 0, fast_chunks = 0;  // of XML, and how many took the fast path
  std::string signer;                         // file name of the signer's certificate, when known
  // Of layouts whose records are signed one by one: how many are, and the last signer that is
  // known; it lives as long as the Pki.
  std::optional<RecordSignatureCount> record_signatures;
  const codecs::crypto::PkiEntry* record_signer = nullptr;
  std::vector<StageStats> stages;
};

// One record whose share could not be opened.
using UnopenedRecords = std::vector<std::uint64_t>;

struct ReadCallbacks {
  // Once, before any record, with the header as read (not yet trusted).
  std::function<void(const ExchangeHeader&)> on_header;
  // In parallel, per chunk: rules, and output that is made from the records. Adds to work.findings
  // and work.outputs.
  std::function<Status(Work&)> on_chunk;
  // In order, per chunk.
  std::function<Status(Work&)> in_order;
  std::function<std::unique_ptr<WorkerState>()> make_state;
};

class ExchangeReader {
 public:
  // `schema` may be null: structure is then not validated. Both are shared by all files of the
  // type.
  ExchangeReader(std::shared_ptr<const codecs::Layout> layout,
                 std::shared_ptr<const codecs::XmlSchema> schema);

  // `holders`: private keys with which shares may be opened (MEF); with none, shares stay closed
  // and no rule of encryption speaks.
  [[nodiscard]] Result<FileVerdict> read(const Path& path, const Expectation& expected,
                                         std::span<const codecs::crypto::KeyHolder> holders,
                                         const ReadContext& context,
                                         const ReadCallbacks& callbacks) const;

 private:
  std::shared_ptr<const codecs::Layout> layout_;
  std::shared_ptr<const codecs::XmlSchema> schema_;
};

// "record 12" or its id; for findings on a record.
[[nodiscard]] Finding record_finding(const Rule& rule, const RuleSet& rules,
                                     const std::string& file, const codecs::FileType& type,
                                     const codecs::Record& record, std::string_view field,
                                     std::string_view seen, std::string_view note);

}  // namespace s1flow::pipeline
