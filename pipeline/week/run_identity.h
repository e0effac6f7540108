#pragma once
// RunIdentity: what a dry run's result depends on, as digests: a run that was interrupted may only
// be gone on with when all of it is the same.

#include <atomic>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "codecs/crypto/digest.h"
#include "core/file.h"
#include "core/result.h"

namespace s1flow::pipeline {

struct Batch;
struct DryRunOptions;

// Of the whole file. Stops with ErrorKind::cancelled when asked to.
[[nodiscard]] Result<codecs::crypto::Sha256Digest> digest_of_file(const Path& path,
                                                                  const std::atomic<bool>* stop);
[[nodiscard]] std::string hex_of(const codecs::crypto::Sha256Digest& digest);

struct RunIdentity {
  // What people know it by ("maf", "options") and a digest in hex; in the order of the batch's
  // page.
  std::vector<std::pair<std::string, std::string>> parts;
  // By name, of the batch's MAFs.
  std::map<std::string, std::string, std::less<>> mafs;

  [[nodiscard]] static Result<RunIdentity> of(const Batch& batch, const DryRunOptions& options);
};

}  // namespace s1flow::pipeline
