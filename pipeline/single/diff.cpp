#include "pipeline/single/diff.h"

#include <algorithm>
#include <map>
#include <unordered_map>
#include <unordered_set>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "codecs/crypto/digest.h"
#include "core/folder.h"
#include "pipeline/single/record_text.h"

namespace s1flow::pipeline {
namespace {

using LayoutPtr = std::shared_ptr<const codecs::Layout>;
using Digest = codecs::crypto::Sha256Digest;
using Fields = std::vector<FieldText>;

Digest digest_of(const Fields& fields) {
  codecs::crypto::Sha256 sha;
  for (const FieldText& f : fields) {
    sha.update(std::string_view(f.path));
    sha.update(std::string_view("\0", 1));
    sha.update(std::string_view(f.text));
    sha.update(std::string_view("\n", 1));
  }
  return sha.finish();
}

// Reads one file's records under their keys; a key that comes again gets a number.
class KeyedReader {
 public:
  KeyedReader(const Path& path, const LayoutPtr& layout, const SingleFileContext& context)
      : path_(path), layout_(layout), context_(context) {}

  Status each(const std::function<Status(const std::string&, const codecs::Record&)>& use) {
    std::unordered_map<std::string, unsigned> times;
    const auto visit = [&](const codecs::Record& r) -> Status {
      std::string key = record_key(*layout_->type, r);
      if (const unsigned n = ++times[key]; n > 1) key += fmt::format(" #{}", n);
      return use(key, r);
    };
    S1FLOW_TRY(SingleVerdict v, check_file(path_, layout_, context_, visit));
    if (v.refused_by == nullptr) {
      header = v.header;
      return {};
    }
    const Finding& f = v.findings.front();
    return tl::unexpected(usage_error(
        fmt::format("{}:{}: {}: {}; 's1flow check' tells all", path_.string(), f.place.line,
                    f.rule->id, f.note.empty() ? f.rule->title : std::string_view(f.note))));
  }

  ExchangeHeader header;

 private:
  const Path& path_;
  const LayoutPtr& layout_;
  const SingleFileContext& context_;
};

std::vector<FieldChange> changes(const Fields& a, const Fields& b) {
  std::map<std::string, std::pair<const FieldText*, const FieldText*>> both;
  std::vector<std::string> order;
  for (const FieldText& f : a) {
    both[f.path].first = &f;
    order.push_back(f.path);
  }
  for (const FieldText& f : b) {
    if (!both.contains(f.path)) order.push_back(f.path);
    both[f.path].second = &f;
  }
  std::vector<FieldChange> out;
  const auto shown_text = [](const FieldText* f) {
    if (f == nullptr) return std::string();
    return f->secret ? fmt::format("(secret, {} bytes)", f->text.size()) : f->text;
  };
  for (const std::string& path : order) {
    const auto& [x, y] = both[path];
    if (x != nullptr && y != nullptr && x->text == y->text) continue;
    out.push_back({.path = path, .before = shown_text(x), .after = shown_text(y)});
  }
  return out;
}

Fields header_fields(const LayoutPtr& layout, const ExchangeHeader& header) {
  if (layout->container != codecs::Container::xml) return {};
  Arena arena;
  codecs::Record record(layout->type->header, arena);
  header.fill(record);
  return field_texts(layout->type->header, record, Secrets::plain);
}

}  // namespace

Result<FileDiff> diff_files(const Path& a, const Path& b, const LayoutPtr& layout_a,
                            const LayoutPtr& layout_b, const SingleFileContext& context,
                            const std::function<Status(const RecordChange&)>& tell) {
  if (layout_a->type != layout_b->type)
    return tl::unexpected(
        usage_error(fmt::format("{} is a {} and {} a {}; give two files of a type", a.string(),
                                layout_a->type->id, b.string(), layout_b->type->id)));
  const codecs::RecordDef& def = layout_a->type->record;
  KeyedReader reader_a(a, layout_a, context), reader_b(b, layout_b, context);
  const auto fields = [&](const codecs::Record& r) { return field_texts(def, r, Secrets::plain); };
  // First what differs, by hashes; then the fields of that.
  std::unordered_map<std::string, Digest> of_b;
  S1FLOW_TRY_VOID(reader_b.each([&](const std::string& key, const codecs::Record& r) -> Status {
    of_b.emplace(key, digest_of(fields(r)));
    return {};
  }));
  FileDiff diff;
  std::unordered_set<std::string> of_a, changed;
  S1FLOW_TRY_VOID(reader_a.each([&](const std::string& key, const codecs::Record& r) -> Status {
    const auto other = of_b.find(key);
    of_a.insert(key);
    if (other == of_b.end())
      ++diff.removed;
    else if (other->second == digest_of(fields(r)))
      ++diff.same;
    else
      changed.insert(key);
    return {};
  }));
  diff.changed = changed.size();
  for (const auto& [key, digest] : of_b) diff.added += of_a.contains(key) ? 0 : 1;
  std::vector<FieldChange> header =
      changes(header_fields(layout_a, reader_a.header), header_fields(layout_b, reader_b.header));
  if (!header.empty()) {
    ++diff.changed;
    S1FLOW_TRY_VOID(tell({.kind = RecordChange::Kind::changed, .key = {}, .fields = header}));
  }
  if (diff.equal()) return diff;
  std::unordered_map<std::string, Fields> after;
  std::vector<std::string> added;
  S1FLOW_TRY_VOID(reader_b.each([&](const std::string& key, const codecs::Record& r) -> Status {
    if (changed.contains(key)) after.emplace(key, fields(r));
    if (!of_a.contains(key)) added.push_back(key);
    return {};
  }));
  S1FLOW_TRY_VOID(reader_a.each([&](const std::string& key, const codecs::Record& r) -> Status {
    if (const auto it = after.find(key); it != after.end())
      return tell({.kind = RecordChange::Kind::changed,
                   .key = key,
                   .fields = changes(fields(r), it->second)});
    if (of_b.contains(key)) return {};
    return tell({.kind = RecordChange::Kind::removed, .key = key, .fields = {}});
  }));
  for (const std::string& key : added)
    S1FLOW_TRY_VOID(tell({.kind = RecordChange::Kind::added, .key = key, .fields = {}}));
  return diff;
}

// ---- folders

namespace {

// A line in one spelling: `detail` left out, members sorted.
Result<std::string> normal_line(std::string_view line, const std::string& where) {
  boost::system::error_code error;
  const boost::json::value parsed = boost::json::parse({line.data(), line.size()}, error);
  if (error || !parsed.is_object())
    return tl::unexpected(usage_error(where + ": is not a line of JSON"));
  std::map<std::string, const boost::json::value*> members;
  for (const auto& member : parsed.as_object())
    if (member.key() != "detail") members[std::string(member.key())] = &member.value();
  boost::json::object sorted;
  // The words that people look for come first.
  for (const char* key : {"rule", "severity", "file", "installation", "record", "field"}) {
    const auto it = members.find(key);
    if (it == members.end()) continue;
    sorted[key] = *it->second;
    members.erase(it);
  }
  for (const auto& [key, value] : members) sorted[key] = *value;
  return boost::json::serialize(sorted);
}

Result<std::vector<std::string>> lines_of(const Path& path) {
  S1FLOW_TRY(const std::string text, read_text(path, std::size_t{4} << 30));
  std::vector<std::string> lines;
  std::size_t number = 0;
  for (std::string_view rest = text; !rest.empty();) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    ++number;
    if (line.empty()) continue;
    S1FLOW_TRY(std::string normal, normal_line(line, fmt::format("{}:{}", path.string(), number)));
    lines.push_back(std::move(normal));
  }
  std::sort(lines.begin(), lines.end());
  lines.erase(std::unique(lines.begin(), lines.end()), lines.end());
  return lines;
}

// The file of results in a folder: that of a run, or what a batch expects.
Result<Path> result_file(const Path& folder, std::string_view name) {
  const Path found = folder / fmt::format("{}.jsonl", name);
  const Path expected = folder / fmt::format("expected-{}.jsonl", name);
  for (const Path& path : {found, expected}) {
    S1FLOW_TRY(const FileKind kind, kind_at(path, Links::follow));
    if (kind != FileKind::none) return path;
  }
  return tl::unexpected(usage_error(
      fmt::format("{}: holds neither {} nor {}; give the output of a dry run or a generated batch",
                  folder.string(), found.filename().string(), expected.filename().string())));
}

}  // namespace

Result<std::vector<SetDiff>> diff_folders(const Path& a, const Path& b) {
  std::vector<SetDiff> diffs;
  for (const char* name : {"findings", "outcomes"}) {
    S1FLOW_TRY(const Path path_a, result_file(a, name));
    S1FLOW_TRY(const Path path_b, result_file(b, name));
    S1FLOW_TRY(const std::vector<std::string> in_a, lines_of(path_a));
    S1FLOW_TRY(const std::vector<std::string> in_b, lines_of(path_b));
    SetDiff diff;
    diff.name = name;
    std::set_difference(in_a.begin(), in_a.end(), in_b.begin(), in_b.end(),
                        std::back_inserter(diff.only_a));
    std::set_difference(in_b.begin(), in_b.end(), in_a.begin(), in_a.end(),
                        std::back_inserter(diff.only_b));
    diff.same = in_a.size() - diff.only_a.size();
    diffs.push_back(std::move(diff));
  }
  return diffs;
}

}  // namespace s1flow::pipeline
