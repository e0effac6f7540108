#pragma once
// Judging a file and encrypting its shares in one pass over all cores: what `check` and `encrypt`
// do one after the other, but every byte is read once. What is written belongs to nobody until the
// verdict is known.

#include <functional>

#include "codecs/layout/layout.h"
#include "core/byte_sink.h"
#include "pipeline/single/check.h"
#include "pipeline/single/share_seals.h"

namespace s1flow::pipeline {

struct CheckedEncryption {
  SingleVerdict verdict;     // accepted: `sink` has been given the whole file
  std::uint64_t values = 0;  // shares encrypted
  std::uint64_t keys = 0;    // EncryptedKeys put in
  bool signature_dropped = false;
};

// For whom a file is encrypted, told by its header.
using RequestFor = std::function<Result<EncryptRequest>(const ExchangeHeader&)>;

// Each share that has a recipient is replaced in its place; signatures of the root or of records
// are left out, and every other byte stays as it is. A layout without shares, a file without a
// place for the keys, and one that holds a key of the same name already, are usage errors.
[[nodiscard]] Result<CheckedEncryption> encrypt_checked(
    const Path& path, const std::shared_ptr<const codecs::Layout>& layout,
    const RequestFor& request_for, const SingleFileContext& context, const ByteSink& sink);

}  // namespace s1flow::pipeline
