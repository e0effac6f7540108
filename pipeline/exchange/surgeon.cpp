#include "pipeline/exchange/surgeon.h"

#include <algorithm>

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

 private:
  OutputFile file_;
  std::optional<std::uint64_t> most_;
  bool digested_;
  std::uint64_t written_ = 0;
  codecs::crypto::Sha256 digest_;
};

}  // namespace

Result<Surgeon> Surgeon::open(const Path& path, std::shared_ptr<const codecs::Layout> layout) {
  Surgeon s;
  s.path_ = path;
  s.layout_ = std::move(layout);
  S1FLOW_TRY(s.encoder_, codecs::make_encoder(s.layout_));
  S1FLOW_TRY_VOID(s.take_apart());
  return s;
}

Status Surgeon::take_apart() {
  const codecs::Limits limits;
  codecs::XmlFramer framer(layout_->record_path, limits);
  S1FLOW_TRY(InputFile file, InputFile::open(path_));
  bytes_ = file.size();
  codecs::ChunkReader reader(std::move(file), framer, kChunkBytes, limits);
  codecs::XmlChunkParser parser(layout_, nullptr, limits);
  Arena arena;
  codecs::Record head(layout_->type->header, arena);
  codecs::Chunk chunk;
  while (true) {
    S1FLOW_TRY(const codecs::NextChunk next, reader.next(chunk));
    if (next.fault) return tl::unexpected(not_ours(path_, next.fault->rule->title));
    if (!next.more) break;
    if (chunk.ordinal != 0 && !chunk.last) continue;
    codecs::XmlChunkResult ending;
    codecs::XmlChunkResult& result = chunk.ordinal == 0 ? opening_ : ending;
    parser.parse(chunk, *framer.head(), {.decode = true, .canonical = false, .validate = false},
                 arena, chunk.ordinal == 0 ? &head : nullptr, nullptr, result);
    if (!result.faults.empty()) return tl::unexpected(not_ours(path_, result.faults.front().note));
    for (const codecs::CapturedElement& c : result.captured) {
      if (c.kind == codecs::CapturedElement::Kind::encrypted_key) keys += c.bytes;
      if (c.kind == codecs::CapturedElement::Kind::signature) signature = c.bytes;
    }
    if (chunk.ordinal == 0) head_ = chunk;
  }
  opening_.batch.records.clear();  // they live in an arena that ends here
  header = ExchangeHeader::from(head);
  context_ = *framer.head();
  S1FLOW_TRY_VOID(each_record([this](RecordText& record) -> Status {
    ++records_;
    if (record.index == 0) first_ = record;
    std::swap(last_, record);
    return {};
  }));
  trailer_count = records_;
  return {};
}

Status Surgeon::each_record(const OnRecord& on_record) const {
  const codecs::Limits limits;
  codecs::XmlFramer framer(layout_->record_path, limits);
  S1FLOW_TRY(InputFile file, InputFile::open(path_));
  codecs::ChunkReader reader(std::move(file), framer, kChunkBytes, limits);
  codecs::Chunk chunk;
  RecordText record;
  std::uint64_t index = 0;
  while (true) {
    S1FLOW_TRY(const codecs::NextChunk next, reader.next(chunk));
    if (next.fault) return tl::unexpected(not_ours(path_, next.fault->rule->title));
    if (!next.more) return {};
    std::string_view rest = chunk.bytes;
    if (chunk.ordinal == 0) rest.remove_prefix(std::min(rest.size(), framer.head()->size()));
    for (std::uint64_t i = 0; i < chunk.records; ++i) {
      // Our writer puts each record on a line of its own.
      rest.remove_prefix(std::min(rest.size(), rest.find_first_not_of('\n')));
      const std::size_t end = std::min(rest.size(), rest.find('\n'));
      record.index = index++;
      record.text = rest.substr(0, end);
      S1FLOW_TRY_VOID(on_record(record));
      rest.remove_prefix(end);
    }
  }
}

Result<Surgeon::RecordsById> Surgeon::find(const std::set<std::string, std::less<>>& ids) const {
  RecordsById found;
  const OnRecord look = [&](RecordText& record) -> Status {
    // A record may name other installations; only what decodes to the id counts.
    constexpr std::string_view kAround = "<>\"'";
    std::string_view rest = record.text;
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.size(), rest.find_first_of(kAround));
      const auto id = ids.find(rest.substr(0, end));
      rest.remove_prefix(std::min(rest.size(), end + 1));
      if (id == ids.end() || found.contains(*id)) continue;
      Arena arena;
      ParsedRecord parsed;
      S1FLOW_TRY_VOID(parse(record.text, arena, parsed));
      if (parsed.result.batch.records.front()[0].text != *id) continue;
      found.emplace(*id, record);
      break;
    }
    return {};
  };
  S1FLOW_TRY_VOID(each_record(look));
  return found;
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

Status Surgeon::write(const Path& to, codecs::crypto::SignatureMaker* maker) {
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

  const auto put_record = [&](const std::string& line, bool ours) -> Status {
    if (ours || maker == nullptr) {
      S1FLOW_TRY_VOID(out.put(line, line));
      return out.put("\n", "\n");
    }
    // Through the parser, since what was put in need not be in canonical form.
    Arena scratch;
    ParsedRecord parsed;
    S1FLOW_TRY_VOID(parse(line, scratch, parsed, true));
    S1FLOW_TRY_VOID(out.put(line, std::string_view(parsed.result.canonical).substr(1)));
    return out.put("\n", "\n");
  };
  S1FLOW_TRY_VOID(each_record([&](RecordText& record) -> Status {
    if (const auto it = replaced_.find(record.index); it != replaced_.end())
      return it->second ? put_record(*it->second, false) : Status{};
    if (!rewrite) return put_record(record.text, true);
    S1FLOW_TRY(const std::string changed, rewrite(record));
    return put_record(changed, false);
  }));
  for (const std::string& line : appended_) S1FLOW_TRY_VOID(put_record(line, false));

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
  return out.commit();
}

}  // namespace s1flow::pipeline
