#pragma once
// All requests of a plan, signed by all processors before it runs: kept in memory, or in a file
// that later runs map, so that they start at once. Immutable; thread-safe.
//
// The file is s1flow's own and of this machine's byte order: a head of 64 bytes (name, fingerprint,
// number of the first request, how many), for each request and one more the place where its bytes
// begin (8 bytes), then the bytes. The fingerprint is a SHA-256 over sixteen requests of the plan
// without their signature values, and over the certificates that sign: a corpus of another seed,
// mix, batch, target or length is refused.

#include <optional>
#include <vector>

#include "core/mapped_file.h"
#include "loadgen/duis/request_maker.h"

namespace s1flow::loadgen {

class SignedCorpus {
 public:
  // A usage error when there are more bytes than the settings allow, or a closed phase has no cap.
  [[nodiscard]] static Result<SignedCorpus> make(const std::shared_ptr<const RequestPlan>& requests,
                                                 const Plan& schedule);
  // A usage error when the file is none of save(), is cut, or belongs to another plan.
  [[nodiscard]] static Result<SignedCorpus> open(const Path& path,
                                                 const std::shared_ptr<const RequestPlan>& requests,
                                                 const Plan& schedule);
  // Of a corpus that was made for the same plan.
  [[nodiscard]] Status save(const Path& path, Overwrite overwrite,
                            const std::shared_ptr<const RequestPlan>& requests) const;

  // `number` is one of the plan's.
  [[nodiscard]] std::string_view bytes(std::uint64_t number) const {
    return mapped_ ? mapped_bytes(number - first_) : made_bytes(number - first_);
  }
  [[nodiscard]] std::uint64_t count() const { return count_; }

 private:
  static constexpr std::uint64_t kBlock = 1024;
  struct Block {
    std::string bytes;
    std::vector<std::uint32_t> ends;
  };
  [[nodiscard]] std::string_view made_bytes(std::uint64_t i) const;
  [[nodiscard]] std::string_view mapped_bytes(std::uint64_t i) const;

  std::uint64_t first_ = 0;
  std::uint64_t count_ = 0;
  std::vector<Block> blocks_;
  std::optional<MappedFile> mapped_;
};

}  // namespace s1flow::loadgen
