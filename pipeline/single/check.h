#pragma once
// Judges one file as a dry run would judge it, as far as one file alone, or one file and its batch,
// can be judged: container, signature, schema, header, values, and every rule that needs to know
// nothing of the rest of the week (RuleEntry::needs).

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "codecs/crypto/pki.h"
#include "codecs/crypto/xmlenc.h"
#include "codecs/layout/layout.h"
#include "codecs/limits.h"
#include "codecs/xml/schema.h"
#include "core/byte_sink.h"
#include "core/file.h"
#include "core/finding.h"
#include "core/result.h"
#include "pipeline/batch.h"
#include "pipeline/exchange/header.h"
#include "pipeline/exchange/record_signatures.h"
#include "pipeline/rules/rule_set.h"
#include "pipeline/runner.h"
#include "pipeline/unique_keys.h"

namespace s1flow::pipeline {

struct SingleFileContext {
  const Batch* batch = nullptr;              // null: rules that need one do not speak
  const codecs::crypto::Pki* pki = nullptr;  // null: signatures are not judged
  UtcTime clock;
  std::vector<codecs::crypto::KeyHolder> holders;  // keys to open shares with
  RuleSet rules;
  codecs::Limits limits;
  RunnerOptions runner;
  MemoryBudget memory;  // for what grows with the file
  const codecs::LayoutSet* layouts = nullptr;
  // Of the file's layout, for who reads many of them; null: it is compiled for this file.
  std::shared_ptr<const codecs::XmlSchema> schema;
  std::function<void(std::uint64_t)> progress;  // bytes read
};

struct SingleVerdict {
  bool accepted = false;
  const Rule* refused_by = nullptr;
  std::vector<Finding> findings;
  ExchangeHeader header;  // of XML files; of others what the name says
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;
  std::uint64_t chunks = 0, fast_chunks = 0;  // of XML files, and how many took the fast path
  std::optional<RecordSignatureCount> record_signatures;  // of layouts that ask for them
  std::vector<StageStats> stages;
};

// What is written while a file is judged. Before the verdict it is nobody's: whoever gives the sink
// makes it appear, or not, once the file is accepted.
struct CheckedOutput {
  // Appends what a chunk becomes; called in parallel, with the state of its worker.
  std::function<Status(const Work&, WorkerState&, std::string&)> make;
  std::function<std::unique_ptr<WorkerState>()> make_state;
  ByteSink sink;
  // Of XML: before anything is made. May be empty.
  std::function<void(const ExchangeHeader&)> on_header = {};
};

// Sees every record in the file's order, readable or not, before the file as a whole is judged. It
// must not keep views. May be empty.
using RecordVisitor = std::function<Status(const codecs::Record&)>;

[[nodiscard]] Result<SingleVerdict> check_file(const Path& path,
                                               const std::shared_ptr<const codecs::Layout>& layout,
                                               const SingleFileContext& context,
                                               const RecordVisitor& visit = {},
                                               const CheckedOutput* output = nullptr);

}  // namespace s1flow::pipeline
