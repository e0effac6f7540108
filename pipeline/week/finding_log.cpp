#include "pipeline/week/finding_log.h"

#include <algorithm>
#include <cstring>
#include <type_traits>

namespace s1flow::pipeline {
namespace {

constexpr std::size_t kBlock = std::size_t{256} * 1024;

// As it stands in a block; the texts follow, one after another.
struct Stored {
  const Rule* rule;
  Place place;
  std::uint32_t record, field, seen, note;  // sizes
  Severity severity;
};
static_assert(std::is_trivially_copyable_v<Stored>);

}  // namespace

Result<bool> FindingLog::reach(std::size_t bytes) {
  if (bytes <= left_) return true;
  const std::size_t size = std::max(kBlock, bytes);
  S1FLOW_TRY(next_, store_->take(size));
  left_ = size;
  store_->relax();
  return false;
}

Status FindingLog::add(const std::vector<Finding>& found) {
  const std::string* file = nullptr;
  std::vector<Piece>* pieces = nullptr;
  for (const Finding& f : found) {
    const std::string* const texts[] = {&f.record, &f.field, &f.seen, &f.note};
    Stored stored{.rule = f.rule,
                  .place = f.place,
                  .record = static_cast<std::uint32_t>(f.record.size()),
                  .field = static_cast<std::uint32_t>(f.field.size()),
                  .seen = static_cast<std::uint32_t>(f.seen.size()),
                  .note = static_cast<std::uint32_t>(f.note.size()),
                  .severity = f.severity};
    std::size_t size = sizeof stored;
    for (const std::string* t : texts) size += t->size();
    S1FLOW_TRY(const bool follows, reach(size));
    const bool same_file = file != nullptr && *file == f.file;
    if (!same_file) {
      pieces = &pieces_[f.file];
      file = &f.file;
    }
    if (!same_file || !follows) pieces->push_back({next_, 0});
    const auto put = [&](const void* bytes, std::size_t count) {
      if (count != 0) std::memcpy(next_, bytes, count);
      next_ += count;
    };
    put(&stored, sizeof stored);
    for (const std::string* t : texts) put(t->data(), t->size());
    left_ -= size;
    ++pieces->back().count;
    ++counts_[static_cast<std::size_t>(f.severity)];
  }
  return {};
}

std::vector<std::string_view> FindingLog::files() const {
  std::vector<std::string_view> names;
  for (const auto& [name, pieces] : pieces_) names.push_back(name);
  return names;
}

std::vector<Finding> FindingLog::of(std::string_view file) const {
  std::vector<Finding> found;
  const auto pieces = pieces_.find(file);
  if (pieces == pieces_.end()) return found;
  for (const Piece& piece : pieces->second) {
    const std::byte* at = piece.at;
    for (std::size_t i = 0; i < piece.count; ++i) {
      Stored stored;
      std::memcpy(&stored, at, sizeof stored);
      at += sizeof stored;
      const auto text = [&](std::uint32_t size) {
        std::string value(reinterpret_cast<const char*>(at), size);
        at += size;
        return value;
      };
      Finding f;
      f.rule = stored.rule;
      f.severity = stored.severity;
      f.file = file;
      f.record = text(stored.record);
      f.field = text(stored.field);
      f.seen = text(stored.seen);
      f.note = text(stored.note);
      f.place = stored.place;
      found.push_back(std::move(f));
    }
  }
  return found;
}

}  // namespace s1flow::pipeline
