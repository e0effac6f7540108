#include "pipeline/unique_keys.h"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <limits>
#include <queue>

#include <sys/random.h>

#include "core/random.h"

namespace s1flow::pipeline {
namespace {

constexpr std::size_t kFirstSlots = 64;  // most of many small files have one key
constexpr std::uint64_t kLeastBudget = std::uint64_t{1} << 20;
constexpr std::size_t kRunBlock = std::size_t{64} * 1024;

// Whether one more than `used` may be put into so many slots.
bool has_room(std::uint64_t used, std::size_t slots) {
  return used * 5 < std::uint64_t{slots} * 4;
}

// As it stands in a run; the text follows.
struct Stored {
  std::uint64_t high, low, ordinal, line, byte;
  std::uint64_t size;
};
static_assert(std::is_trivially_copyable_v<Stored>);

}  // namespace

std::uint64_t process_salt() {
  static const std::uint64_t salt = [] {
    std::uint64_t drawn = 0;
    // Without randomness keys are still told apart, only not those made to collide on purpose.
    if (::getrandom(&drawn, sizeof drawn, 0) != static_cast<ssize_t>(sizeof drawn))
      drawn = 0x5331464C4F57ULL;
    return drawn;
  }();
  return salt;
}

UniqueKeys::UniqueKeys(MemoryBudget budget) : budget_(std::move(budget)), salt_(process_salt()) {
  budget_.bytes = std::max(budget_.bytes, kLeastBudget);
}

std::uint64_t UniqueKeys::bytes() const {
  return slots_.size() * sizeof(Hash) + entries_.capacity() * sizeof(Entry) + texts_.capacity();
}

UniqueKeys::Hash UniqueKeys::hash_of(std::string_view key) const {
  Hash hash{hash64(key, salt_), hash64(key, mix64(salt_ + 1))};
  if (hash == Hash{}) hash.low = 1;
  return hash;
}

std::size_t UniqueKeys::place_of(const Hash& hash) const {
  const std::size_t mask = slots_.size() - 1;
  std::size_t i = static_cast<std::size_t>(hash.high) & mask;
  while (slots_[i] != Hash{} && slots_[i] != hash) i = (i + 1) & mask;
  return i;
}

void UniqueKeys::make_room(std::uint64_t keys) {
  std::size_t size = std::max(kFirstSlots, slots_.size());
  // No further than it could grow.
  while (!has_room(keys, size) && size * 3 * sizeof(Hash) <= budget_.bytes) size *= 2;
  if (!spilling_ && size > slots_.size()) (void)grow(size);
}

// False when the larger table would not fit.
bool UniqueKeys::grow(std::size_t size) {
  if ((size + slots_.size()) * sizeof(Hash) > budget_.bytes && slots_.size() != 0) return false;
  const ZeroedArray<Hash> old = std::exchange(slots_, ZeroedArray<Hash>(size, Pages::at_once));
  for (const Hash& h : old)
    if (h != Hash{}) slots_[place_of(h)] = h;
  return true;
}

void UniqueKeys::expect(std::string_view key) const {
  if (slots_.size() == 0) return;
  const std::size_t first = static_cast<std::size_t>(hash64(key, salt_)) & (slots_.size() - 1);
  __builtin_prefetch(&slots_[first], 1);
}

Result<UniqueKeys::Answer> UniqueKeys::add(std::string_view key, const Place& place,
                                           std::string_view text) {
  const Hash hash = hash_of(key);
  if (!spilling_) {
    if (has_room(used_, slots_.size()) || grow(std::max(kFirstSlots, slots_.size() * 2))) {
      Hash& slot = slots_[place_of(hash)];
      if (slot == hash) return Answer::again;
      slot = hash;
      ++used_;
      return Answer::first;
    }
    S1FLOW_TRY_VOID(start_spilling());
  }
  S1FLOW_TRY_VOID(buffer(hash, text, place));
  return Answer::later;
}

// What is known already becomes the first run.
Status UniqueKeys::start_spilling() {
  spilling_ = true;
  std::error_code code;
  Path folder =
      budget_.folder.empty() ? std::filesystem::temp_directory_path(code) : budget_.folder;
  if (code) folder = "/tmp";
  S1FLOW_TRY(file_, ScratchFile::create(folder));
  std::sort(slots_.begin(), slots_.end());
  std::string block;
  Run run{file_->size(), 0};
  for (const Hash& h : slots_) {
    if (h == Hash{}) continue;
    const Stored stored{h.high, h.low, 0, 0, 0, 0};
    block.append(reinterpret_cast<const char*>(&stored), sizeof stored);
    if (block.size() < kRunBlock * 4) continue;
    S1FLOW_TRY_VOID(file_->append(block));
    block.clear();
  }
  S1FLOW_TRY_VOID(file_->append(block));
  run.size = file_->size() - run.offset;
  runs_.push_back(run);
  slots_ = ZeroedArray<Hash>(0);
  return {};
}

Status UniqueKeys::buffer(const Hash& hash, std::string_view text, const Place& place) {
  // The room is taken at once: growing would hold two copies.
  if (entries_.capacity() == 0) {
    entries_.reserve(budget_.bytes / 2 / sizeof(Entry));
    texts_.reserve(
        std::min<std::uint64_t>(budget_.bytes / 3, std::numeric_limits<std::uint32_t>::max()));
  }
  text = text.substr(0, std::numeric_limits<std::uint16_t>::max());
  if (entries_.size() == entries_.capacity() || texts_.size() + text.size() > texts_.capacity())
    S1FLOW_TRY_VOID(put_away());
  entries_.push_back({hash, place.ordinal, place.line, place.byte,
                      static_cast<std::uint32_t>(texts_.size()),
                      static_cast<std::uint16_t>(text.size())});
  texts_.append(text);
  return {};
}

Status UniqueKeys::put_away() {
  if (entries_.empty()) return {};
  std::sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) {
    return std::tie(a.hash, a.ordinal) < std::tie(b.hash, b.ordinal);
  });
  Run run{file_->size(), 0};
  std::string block;
  for (const Entry& e : entries_) {
    const Stored stored{e.hash.high, e.hash.low, e.ordinal, e.line, e.byte, e.size};
    block.append(reinterpret_cast<const char*>(&stored), sizeof stored);
    block.append(texts_, e.text, e.size);
    if (block.size() < kRunBlock * 4) continue;
    S1FLOW_TRY_VOID(file_->append(block));
    block.clear();
  }
  S1FLOW_TRY_VOID(file_->append(block));
  run.size = file_->size() - run.offset;
  runs_.push_back(run);
  entries_.clear();
  texts_.clear();
  return {};
}

// Reads one run from its start to its end.
class UniqueKeys::RunReader {
 public:
  RunReader(const ScratchFile& file, const Run& run, std::size_t block)
      : file_(file), at_(run.offset), end_(run.offset + run.size), block_(block) {}

  // The next occurrence; false at the end.
  Result<bool> next() {
    S1FLOW_TRY_VOID(have(sizeof stored_));
    if (buffer_.size() - from_ < sizeof stored_) return false;
    std::memcpy(&stored_, buffer_.data() + from_, sizeof stored_);
    from_ += sizeof stored_;
    const auto size = static_cast<std::size_t>(stored_.size);
    S1FLOW_TRY_VOID(have(size));
    text_.assign(buffer_, from_, size);
    from_ += size;
    return true;
  }
  [[nodiscard]] const Stored& stored() const { return stored_; }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  // So many bytes in the buffer, unless the run ends before.
  Status have(std::size_t size) {
    if (buffer_.size() - from_ >= size || at_ == end_) return {};
    buffer_.erase(0, from_);
    from_ = 0;
    const std::size_t old = buffer_.size();
    const std::size_t more = std::min<std::uint64_t>(std::max(block_, size), end_ - at_);
    buffer_.resize(old + more);
    S1FLOW_TRY_VOID(file_.read_at(at_, buffer_.data() + old, more));
    at_ += more;
    return {};
  }

  const ScratchFile& file_;
  std::uint64_t at_, end_;
  std::size_t block_;
  std::string buffer_, text_;
  std::size_t from_ = 0;
  Stored stored_{};
};

Result<std::vector<UniqueKeys::Occurrence>> UniqueKeys::finish(std::size_t most,
                                                               std::uint64_t& more) {
  std::vector<Occurrence> found;
  if (!spilling_) return found;
  S1FLOW_TRY_VOID(put_away());
  entries_ = std::vector<Entry>();
  texts_ = std::string();
  const std::size_t block =
      std::clamp<std::uint64_t>(budget_.bytes / (runs_.size() + 1), 4096, kRunBlock * 16);
  std::vector<RunReader> readers;
  for (const Run& run : runs_) readers.emplace_back(*file_, run, block);
  const auto after = [&](std::size_t a, std::size_t b) {
    const Stored &x = readers[a].stored(), &y = readers[b].stored();
    return std::tie(x.high, x.low, x.ordinal) > std::tie(y.high, y.low, y.ordinal);
  };
  std::priority_queue<std::size_t, std::vector<std::size_t>, decltype(after)> queue(after);
  const auto advance = [&](std::size_t i) -> Status {
    S1FLOW_TRY(const bool there, readers[i].next());
    if (there) queue.push(i);
    return {};
  };
  for (std::size_t i = 0; i < readers.size(); ++i) S1FLOW_TRY_VOID(advance(i));
  const auto by_place = [](const Occurrence& a, const Occurrence& b) {
    return a.place.ordinal < b.place.ordinal;
  };
  Hash last;
  while (!queue.empty()) {
    const std::size_t i = queue.top();
    queue.pop();
    const Stored stored = readers[i].stored();
    const Hash hash{stored.high, stored.low};
    if (hash == last) {
      found.push_back({readers[i].text(),
                       {.line = stored.line, .byte = stored.byte, .ordinal = stored.ordinal}});
      std::push_heap(found.begin(), found.end(), by_place);
      if (found.size() > most) {
        std::pop_heap(found.begin(), found.end(), by_place);
        found.pop_back();
        ++more;
      }
    }
    last = hash;
    S1FLOW_TRY_VOID(advance(i));
  }
  std::sort_heap(found.begin(), found.end(), by_place);
  return found;
}

}  // namespace s1flow::pipeline
