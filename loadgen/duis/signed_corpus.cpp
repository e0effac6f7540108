#include "loadgen/duis/signed_corpus.h"

#include <algorithm>
#include <cstring>
#include <mutex>

#include <fmt/format.h>
#include <tbb/blocked_range.h>
#include <tbb/enumerable_thread_specific.h>
#include <tbb/parallel_for.h>

#include "codecs/crypto/digest.h"
#include "core/check.h"
#include "loadgen/plan.h"

namespace s1flow::loadgen {
namespace {

// Numbers of the plan, which follow each other without gaps.
struct Numbers {
  std::uint64_t first = 0;
  std::uint64_t count = 0;
};

Result<Numbers> numbers_of(const Plan& schedule, std::uint64_t most) {
  Numbers numbers;
  if (schedule.phases().empty()) return numbers;
  numbers.first = schedule.phases().front().first_number;
  for (const Phase& phase : schedule.phases()) {
    const std::uint64_t count = phase.schedule->count();
    if (count > most - numbers.count)
      return tl::unexpected(usage_error(fmt::format(
          "phase {}: sign = \"corpus\" keeps every request, and {} are more than fit into "
          "'corpus_bytes': shorten the run, or sign ahead",
          phase.name, phase.schedule->closed() ? "those of a closed loop" : "these")));
    numbers.count += count;
  }
  return numbers;
}

constexpr std::string_view kName = "s1flow-corpus-1\n";

struct FileHead {
  std::array<char, kName.size()> name{};
  codecs::crypto::Sha256Digest fingerprint{};
  std::uint64_t first = 0;
  std::uint64_t count = 0;
};
static_assert(sizeof(FileHead) == 64);

template <typename T>
std::string_view bytes_of(const T& value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

// What the bytes of a plan's requests follow from, beside the signature values.
Result<codecs::crypto::Sha256Digest> fingerprint_of(
    const std::shared_ptr<const RequestPlan>& requests, std::uint64_t first, std::uint64_t count) {
  constexpr std::uint64_t kSamples = 16;
  constexpr std::string_view kDigest = "<ds:DigestValue>";
  constexpr std::string_view kAfterValue = "</ds:SignatureValue>";
  codecs::crypto::Sha256State state;
  state.update(bytes_of(first));
  state.update(bytes_of(count));
  RequestMaker maker(requests);
  std::string one;
  for (std::uint64_t i = 0; i < kSamples && count > 0; ++i) {
    S1FLOW_TRY_VOID(maker.make(first + i * (count - 1) / kSamples, one));
    const std::string_view text = one;
    const std::size_t value = text.rfind(kDigest);
    const std::size_t after = text.rfind(kAfterValue);
    S1FLOW_CHECK(value != std::string_view::npos && after != std::string_view::npos);
    state.update(text.substr(0, value));
    state.update(text.substr(after));
  }
  for (const Identity& identity : requests->batch().identities) {
    const auto der = identity.entry->certificate.der();
    state.update({reinterpret_cast<const char*>(der.data()), der.size()});
  }
  return state.finish();
}

std::uint64_t place_at(std::string_view file, std::uint64_t i) {
  std::uint64_t place = 0;
  std::memcpy(&place, file.data() + sizeof(FileHead) + i * sizeof place, sizeof place);
  return place;
}

}  // namespace

Result<SignedCorpus> SignedCorpus::make(const std::shared_ptr<const RequestPlan>& requests,
                                        const Plan& schedule) {
  RequestMaker sample(requests);
  std::string one;
  std::size_t largest = 1;
  for (std::uint64_t n = 0; n < 16; ++n) {
    S1FLOW_TRY_VOID(sample.make(n, one));
    largest = std::max(largest, one.size());
  }
  S1FLOW_TRY(const Numbers numbers,
             numbers_of(schedule, requests->settings().corpus_bytes / largest));
  SignedCorpus corpus;
  corpus.first_ = numbers.first;
  corpus.count_ = numbers.count;
  corpus.blocks_.resize((numbers.count + kBlock - 1) / kBlock);
  tbb::enumerable_thread_specific<RequestMaker> makers([&] { return RequestMaker(requests); });
  std::mutex mutex;
  Status status;
  tbb::parallel_for(tbb::blocked_range<std::size_t>(0, corpus.blocks_.size(), 1),
                    [&](const auto& range) {
                      RequestMaker& maker = makers.local();
                      std::string bytes;
                      for (std::size_t b = range.begin(); b != range.end(); ++b) {
                        Block& block = corpus.blocks_[b];
                        const std::uint64_t from = b * kBlock;
                        const std::uint64_t until = std::min(from + kBlock, numbers.count);
                        for (std::uint64_t i = from; i != until; ++i) {
                          if (auto made = maker.make(numbers.first + i, bytes); !made) {
                            const std::lock_guard lock(mutex);
                            status = tl::unexpected(std::move(made).error());
                            return;
                          }
                          block.bytes += bytes;
                          block.ends.push_back(static_cast<std::uint32_t>(block.bytes.size()));
                        }
                        block.bytes.shrink_to_fit();
                      }
                    });
  S1FLOW_TRY_VOID(std::move(status));
  return corpus;
}

std::string_view SignedCorpus::made_bytes(std::uint64_t i) const {
  const Block& block = blocks_[i / kBlock];
  const std::size_t place = i % kBlock;
  const std::uint32_t from = place == 0 ? 0 : block.ends[place - 1];
  return std::string_view(block.bytes).substr(from, block.ends[place] - from);
}

std::string_view SignedCorpus::mapped_bytes(std::uint64_t i) const {
  const std::string_view file = mapped_->bytes();
  const std::uint64_t from = place_at(file, i);
  const std::uint64_t until = place_at(file, i + 1);
  // Only the ends of the list were looked at when the file was opened.
  S1FLOW_CHECK(from <= until && until <= file.size());
  return file.substr(from, until - from);
}

Status SignedCorpus::save(const Path& path, Overwrite overwrite,
                          const std::shared_ptr<const RequestPlan>& requests) const {
  FileHead head;
  std::copy(kName.begin(), kName.end(), head.name.begin());
  S1FLOW_TRY(head.fingerprint, fingerprint_of(requests, first_, count_));
  head.first = first_;
  head.count = count_;
  S1FLOW_TRY(OutputFile file, OutputFile::create(path, overwrite));
  S1FLOW_TRY_VOID(file.write(bytes_of(head)));
  std::uint64_t place = sizeof head + (count_ + 1) * sizeof place;
  S1FLOW_TRY_VOID(file.write(bytes_of(place)));
  for (std::uint64_t i = 0; i < count_; ++i) {
    place += bytes(first_ + i).size();
    S1FLOW_TRY_VOID(file.write(bytes_of(place)));
  }
  for (std::uint64_t i = 0; i < count_; ++i) S1FLOW_TRY_VOID(file.write(bytes(first_ + i)));
  return file.commit();
}

Result<SignedCorpus> SignedCorpus::open(const Path& path,
                                        const std::shared_ptr<const RequestPlan>& requests,
                                        const Plan& schedule) {
  const auto refuse = [&](std::string_view why) {
    return tl::unexpected(
        usage_error(fmt::format("{}: {}; make it anew with --presign", path.string(), why)));
  };
  SignedCorpus corpus;
  S1FLOW_TRY(corpus.mapped_, MappedFile::open(path));
  const std::string_view file = corpus.mapped_->bytes();
  FileHead head;
  if (file.size() < sizeof head || !file.starts_with(kName))
    return refuse("is no corpus of signed requests");
  std::memcpy(&head, file.data(), sizeof head);
  const std::uint64_t room = (file.size() - sizeof head) / sizeof(std::uint64_t);
  if (room == 0 || head.count > room - 1 ||
      place_at(file, 0) != sizeof head + (head.count + 1) * sizeof(std::uint64_t) ||
      place_at(file, head.count) != file.size())
    return refuse("is cut or damaged");
  S1FLOW_TRY(const Numbers numbers, numbers_of(schedule, std::uint64_t{1} << 48));
  S1FLOW_TRY(const auto fingerprint, fingerprint_of(requests, head.first, head.count));
  if (numbers.first != head.first || numbers.count != head.count || fingerprint != head.fingerprint)
    return refuse("was made for another scenario, batch, target or length of the run");
  corpus.first_ = head.first;
  corpus.count_ = head.count;
  return corpus;
}

}  // namespace s1flow::loadgen
