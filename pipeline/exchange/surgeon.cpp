#include "pipeline/exchange/surgeon.h"

#include <algorithm>
#include <array>
#include <bitset>
#include <unordered_set>

#include "codecs/files/exchange.h"
#include "codecs/xml/framer.h"

namespace s1flow::pipeline {
namespace {

constexpr std::size_t kChunkBytes = 256 * 1024;

Error not_ours(const Path& path, std::string_view why) {
  return internal_error(path.string() + ": cannot be taken apart: " + std::string(why));
}

// Limits that what is put in on purpose may pass.
codecs::Limits wide_limits() {
  codecs::Limits limits;
  limits.field_bytes = limits.record_bytes;
  limits.depth = 1000;
  return limits;
}

// Calls use(index, line) for each record of the chunk. Our writer puts each on a line of its own.
template <typename Use>
Status for_each_line(const codecs::Chunk& chunk, std::size_t head_bytes, std::uint64_t& index,
                     Use use) {
  std::string_view rest = chunk.bytes;
  if (chunk.ordinal == 0) rest.remove_prefix(std::min(rest.size(), head_bytes));
  for (std::uint64_t i = 0; i < chunk.records; ++i) {
    rest.remove_prefix(std::min(rest.size(), rest.find_first_not_of('\n')));
    const std::size_t end = std::min(rest.size(), rest.find('\n'));
    S1FLOW_TRY_VOID(use(index++, rest.substr(0, end)));
    rest.remove_prefix(end);
  }
  return {};
}

// The document on its way to its file: cut off where that was asked for, digested for a signature.
class Stream {
 public:
  Stream(OutputFile file, std::optional<std::uint64_t> most, bool digested)
      : file_(std::move(file)), most_(most), digested_(digested) {}

  Status put(std::string_view bytes) {
    if (most_) {
      bytes = bytes.substr(
          0, static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), *most_ - written_)));
    }
    written_ += bytes.size();
    whole_.update(bytes);
    return file_.write(bytes);
  }
  // `canonical` is what a signature covers of `bytes`.
  Status put(std::string_view bytes, std::string_view canonical) {
    if (digested_) digest_.update(canonical);
    return put(bytes);
  }
  void digest(std::string_view canonical) { digest_.update(canonical); }
  codecs::crypto::Sha256Digest digest() { return digest_.finish(); }
  Status commit() { return file_.commit(); }
  // What is in the file now.
  [[nodiscard]] std::uint64_t written() const { return written_; }
  codecs::crypto::Sha256Digest digest_of_file() { return whole_.finish(); }

 private:
  OutputFile file_;
  std::optional<std::uint64_t> most_;
  bool digested_;
  std::uint64_t written_ = 0;
  codecs::crypto::Sha256 digest_, whole_;
};

}  // namespace

// Which of a record's texts are ids that are looked for.
class Surgeon::Seeker {
 public:
  explicit Seeker(const Ids& ids) {
    for (const std::string& id : ids) {
      ids_.insert(id);
      lengths_.set(std::min(id.size(), lengths_.size() - 1));
    }
  }
  [[nodiscard]] bool done() const { return ids_.empty(); }
  void found(std::string_view id) { ids_.erase(id); }

  // The next one that stands in `rest` between marks, whose begin moves behind it; or none.
  [[nodiscard]] std::optional<std::string_view> next(std::string_view& rest) const {
    static constexpr auto kMarks = [] {
      std::array<bool, 256> marks{};
      for (const unsigned char c : {'<', '>', '"', '\''}) marks[c] = true;
      return marks;
    }();
    while (!rest.empty()) {
      std::size_t end = 0;
      while (end < rest.size() && !kMarks[static_cast<unsigned char>(rest[end])]) ++end;
      const std::string_view text = rest.substr(0, end);
      rest.remove_prefix(std::min(rest.size(), end + 1));
      if (lengths_[std::min(end, lengths_.size() - 1)] && ids_.contains(text)) return text;
    }
    return std::nullopt;
  }

 private:
  std::unordered_set<std::string_view> ids_;
  std::bitset<64> lengths_;  // of the ids; the last stands for all that are longer
};

Result<Surgeon> Surgeon::open(const Path& path, std::shared_ptr<const codecs::Layout> layout,
                              const Ids& ids, std::function<Status()> go_on) {
  Surgeon s;
  s.path_ = path;
  s.go_on_ = go_on ? std::move(go_on) : [] { return Status(); };
  s.layout_ = std::move(layout);
  S1FLOW_TRY(s.encoder_, codecs::make_encoder(s.layout_));
  S1FLOW_TRY_VOID(s.take_apart(ids));
  return s;
}

Status Surgeon::take_apart(const Ids& ids) {
  const codecs::Limits limits;
  codecs::XmlFramer framer(layout_->record_path, limits);
  S1FLOW_TRY(InputFile file, InputFile::open(path_));
  bytes_ = file.size();
  codecs::ChunkReader reader(std::move(file), framer, kChunkBytes, limits);
  codecs::XmlChunkParser parser(layout_, nullptr, limits);
  Arena arena;
  codecs::Record head(layout_->type->header, arena);
  codecs::Chunk chunk;
  Seeker seeker(ids);
  while (true) {
    S1FLOW_TRY(const codecs::NextChunk next, reader.next(chunk));
    if (next.fault) return tl::unexpected(not_ours(path_, next.fault->rule->title));
    if (!next.more) break;
    S1FLOW_TRY_VOID(go_on_());
    if (chunk.ordinal == 0 || chunk.last) {
      codecs::XmlChunkResult ending;
      codecs::XmlChunkResult& result = chunk.ordinal == 0 ? opening_ : ending;
      parser.parse(chunk, *framer.head(), {.decode = true, .canonical = false, .validate = false},
                   arena, chunk.ordinal == 0 ? &head : nullptr, nullptr, result);
      if (!result.faults.empty())
        return tl::unexpected(not_ours(path_, result.faults.front().note));
      for (const codecs::CapturedElement& c : result.captured) {
        if (c.kind == codecs::CapturedElement::Kind::encrypted_key) keys += c.bytes;
        if (c.kind == codecs::CapturedElement::Kind::signature) signature = c.bytes;
      }
      if (chunk.ordinal == 0) head_ = chunk;
    }
    if (chunk.ordinal == 0) context_ = *framer.head();
    std::string_view last;
    S1FLOW_TRY_VOID(for_each_line(
        chunk, context_.size(), records_, [&](std::uint64_t index, std::string_view line) {
          if (index == 0) first_ = {index, std::string(line)};
          last = line;
          return seeker.done() ? Status() : keep_if_wanted(seeker, index, line);
        }));
    if (chunk.records != 0) last_ = {records_ - 1, std::string(last)};
  }
  opening_.batch.records.clear();  // they live in an arena that ends here
  header = ExchangeHeader::from(head);
  trailer_count = records_;
  return {};
}

// A record may name other installations; only what decodes to the id counts.
Status Surgeon::keep_if_wanted(Seeker& seeker, std::uint64_t index, std::string_view line) {
  std::string_view rest = line;
  while (const auto id = seeker.next(rest)) {
    RecordText record{index, std::string(line)};
    Arena arena;
    ParsedRecord parsed;
    S1FLOW_TRY_VOID(parse(record.text, arena, parsed));
    if (parsed.result.batch.records.front()[0].text != *id) continue;
    seeker.found(*id);
    found_.emplace(*id, std::move(record));
    break;
  }
  return {};
}

Status Surgeon::parse(const std::string& text, Arena& arena, ParsedRecord& out,
                      bool canonical) const {
  auto owned = std::make_shared<Buffer>();
  owned->append("\n" + text);
  out.chunk.buffer = owned;
  out.chunk.bytes = owned->view();
  out.chunk.ordinal = 1;
  codecs::XmlChunkParser parser(layout_, nullptr, wide_limits());
  parser.parse(out.chunk, context_,
               {.decode = !canonical, .canonical = canonical, .validate = false}, arena, nullptr,
               nullptr, out.result);
  if (!out.result.faults.empty() || (!canonical && out.result.batch.records.size() != 1))
    return tl::unexpected(not_ours(path_, "a record is not well-formed"));
  return {};
}

std::string Surgeon::encode(const codecs::Record& record) const {
  const codecs::Record* one = &record;
  std::string text;
  encoder_->encode({&one, 1}, nullptr, text);
  text.pop_back();
  return text;
}

void Surgeon::erase(std::uint64_t index) {
  replaced_[index] = std::nullopt;
  --trailer_count;
  if (header.record_count) header.record_count = trailer_count;
}

void Surgeon::append(std::string text) {
  appended_.push_back(std::move(text));
  ++trailer_count;
  if (header.record_count) header.record_count = trailer_count;
}

Result<WrittenFile> Surgeon::write(const Path& to, codecs::crypto::SignatureMaker* maker) {
  S1FLOW_TRY(OutputFile file, OutputFile::create(to, Overwrite::yes));
  Stream out(std::move(file), cut_after, maker != nullptr);
  Arena arena;
  codecs::Record head(layout_->type->header, arena);
  header.fill(head);
  std::string text;
  encoder_->begin(head, keys, text);
  // The XML declaration has no canonical form; everything from the root's start tag on has.
  const std::size_t root = text.starts_with("<?xml") ? text.find("?>\n") + 3 : 0;
  S1FLOW_TRY_VOID(out.put(std::string_view(text).substr(0, root)));
  S1FLOW_TRY_VOID(out.put(doctype));
  const std::string_view body = std::string_view(text).substr(root);
  S1FLOW_TRY_VOID(out.put(body, body));

  std::uint64_t records = 0;
  const auto put_record = [&](std::string_view line, std::string_view canonical) -> Status {
    ++records;
    S1FLOW_TRY_VOID(out.put(line, canonical));
    return out.put("\n", "\n");
  };
  const auto put_changed = [&](const std::string& line) -> Status {
    if (maker == nullptr) return put_record(line, line);
    // Through the parser, since what was put in need not be in canonical form.
    Arena scratch;
    ParsedRecord parsed;
    S1FLOW_TRY_VOID(parse(line, scratch, parsed, true));
    return put_record(line, std::string_view(parsed.result.canonical).substr(1));
  };
  const auto copy = [&](std::uint64_t index, std::string_view line) -> Status {
    if (const auto it = replaced_.find(index); it != replaced_.end())
      return it->second ? put_changed(*it->second) : Status();
    if (!rewrite) return put_record(line, line);
    S1FLOW_TRY(const std::string changed, rewrite({index, std::string(line)}));
    return put_changed(changed);
  };
  const codecs::Limits limits;
  codecs::XmlFramer framer(layout_->record_path, limits);
  S1FLOW_TRY(InputFile before, InputFile::open(path_));
  codecs::ChunkReader reader(std::move(before), framer, kChunkBytes, limits);
  codecs::Chunk chunk;
  for (std::uint64_t index = 0;;) {
    S1FLOW_TRY(const codecs::NextChunk next, reader.next(chunk));
    if (next.fault) return tl::unexpected(not_ours(path_, next.fault->rule->title));
    if (!next.more) break;
    S1FLOW_TRY_VOID(go_on_());
    S1FLOW_TRY_VOID(for_each_line(chunk, context_.size(), index, copy));
  }
  for (const std::string& line : appended_) S1FLOW_TRY_VOID(put_changed(line));

  codecs::Record trailer(layout_->type->trailer, arena);
  if (!layout_->type->trailer.fields.empty())
    codecs::set_number(trailer[codecs::exchange::trailer_record_count], trailer_count);
  std::string tail, close;
  encoder_->end(trailer, tail);
  S1FLOW_TRY_VOID(out.put(tail, tail));
  encoder_->close(close);
  if (maker != nullptr) {
    out.digest(std::string_view(close).substr(0, close.rfind('>') + 1));
    signature.clear();
    S1FLOW_TRY_VOID(maker->append_signature(signature, out.digest()));
  }
  S1FLOW_TRY_VOID(out.put(signature));
  S1FLOW_TRY_VOID(out.put(close));
  S1FLOW_TRY_VOID(out.commit());
  return WrittenFile{
      .path = to, .records = records, .bytes = out.written(), .sha256 = out.digest_of_file()};
}

}  // namespace s1flow::pipeline
