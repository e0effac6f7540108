#pragma once
// Encrypting and opening the shares of one file by its layout, in one streaming pass each: a share
// is replaced in its place and every other byte stays as it is. A signature over the old bytes
// would be worth nothing, so it is left out, and those of single records as well: encrypt first,
// then sign.

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "codecs/crypto/xmlenc.h"
#include "codecs/layout/layout.h"
#include "codecs/rules.h"
#include "core/file.h"
#include "core/result.h"
#include "pipeline/single/share_seals.h"
#include "pipeline/single/xml_rewriter.h"

namespace s1flow::pipeline {

struct CryptResult {
  std::vector<codecs::Fault> faults;  // none: it has been written
  std::uint64_t values = 0;           // shares encrypted or opened
  std::uint64_t keys = 0;             // EncryptedKeys put in or taken out
  bool signature_dropped = false;
};

// A layout without shares, or a file without the element for the keys, is a usage error.
[[nodiscard]] Result<CryptResult> encrypt_document(
    const Path& path, const codecs::Layout& layout, const EncryptRequest& request,
    const ByteSink& sink, const std::function<void(std::uint64_t)>& progress = {});

// Opens what is for one of `holders`; other shares stay closed. The EncryptedKeys that were opened
// are taken out, since nothing is under them any more; where each value brings its own key, it goes
// with it. `originator` is the file's sender.
[[nodiscard]] Result<CryptResult> decrypt_document(
    const Path& path, const codecs::Layout& layout,
    std::span<const codecs::crypto::KeyHolder> holders, Eui64 originator, const ByteSink& sink,
    const std::function<void(std::uint64_t)>& progress = {});

}  // namespace s1flow::pipeline
