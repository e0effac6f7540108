#pragma once
// Signing each record of a file on its own, for layouts that ask for it: in one pass over all
// cores, in memory that does not grow with the file but for the ids that are to be unique.

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "codecs/crypto/certificate.h"
#include "codecs/crypto/key.h"
#include "codecs/layout/layout.h"
#include "codecs/limits.h"
#include "codecs/rules.h"
#include "core/block_store.h"
#include "core/byte_sink.h"
#include "core/file.h"
#include "core/result.h"
#include "pipeline/runner.h"
#include "pipeline/single/sign.h"

namespace s1flow::pipeline {

struct RecordSigning {
  const codecs::crypto::Certificate& certificate;
  const codecs::crypto::PrivateKey& key;
  Replace replace = Replace::no;
  codecs::Limits limits;
  RunnerOptions runner;
  MemoryBudget memory;  // for the ids
};

struct SignedRecords {
  std::vector<codecs::Fault> faults;  // none: the whole file has been written
  bool signed_before = false;         // some record was; with Replace::no the work ended there
  std::uint64_t records = 0;
};

// Puts a Signature before the end tag of each record; every other byte stays as it is. Signatures
// that are there already, of records or of the file, are left out, or with Replace::no end the
// work. A record without a usable id, or with that of an earlier one, is a fault. The schema is not
// asked.
[[nodiscard]] Result<SignedRecords> sign_records(
    const Path& path, const std::shared_ptr<const codecs::Layout>& layout, const RecordSigning& how,
    const ByteSink& sink, const std::function<void(std::uint64_t)>& progress = {});

}  // namespace s1flow::pipeline
