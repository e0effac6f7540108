#include "codecs/xml/canonical_decoder.h"

#include <algorithm>
#include <cstring>

#include "codecs/xml/canonical_bytes.h"

namespace s1flow::codecs {

using canonical_bytes::blanks_end;
using canonical_bytes::is_reserved;
using canonical_bytes::plain_end;
using canonical_bytes::read_name;
using canonical_bytes::read_qualified;
using canonical_bytes::stands_at;

namespace {

// Whether the chunk's bytes are followed by padding of zeros, which ends every run.
bool is_padded(const Chunk& chunk) {
  return chunk.buffer != nullptr && !chunk.bytes.empty() &&
         chunk.bytes.data() + chunk.bytes.size() == chunk.buffer->data() + chunk.buffer->size();
}

}  // namespace

CanonicalDecoder::CanonicalDecoder(std::shared_ptr<const Layout> layout,
                                   std::shared_ptr<const XmlTables> tables, const Limits& limits)
    : layout_(std::move(layout)), tables_(std::move(tables)), limits_(limits), builder_(*layout_) {}

bool CanonicalDecoder::decode(const Chunk& chunk, std::string_view head, Arena& arena,
                              Record* header, Record* trailer, XmlChunkResult& result) {
  if (!is_padded(chunk)) return false;
  result.clear();
  chunk_ = &chunk;
  arena_ = &arena;
  result_ = &result;
  records_ = 0;
  learning_ = false;
  signature_ = {};
  root_start_ = root_end_ = nullptr;
  const bool first = chunk.ordinal == 0;
  if (!first && (!set_context(head) || (chunk.last && trailer != nullptr && head_has_trailer_)))
    return false;
  // A header that is half read must not show.
  Record own_header(layout_->type->header, header != nullptr ? header->arena() : arena);
  Record own_trailer(layout_->type->trailer, trailer != nullptr ? trailer->arena() : arena);
  builder_.begin(arena, result.batch, first && header != nullptr ? &own_header : nullptr,
                 chunk.last && trailer != nullptr ? &own_trailer : nullptr);
  builder_.set_first_line(chunk.first_line);
  Cursor c{chunk.bytes.data(), 0};
  const char* const end = c.at + chunk.bytes.size();
  bool good = true;
  if (first) {
    frames_.clear();
    good = prolog(c) && open_root<false>(c);
  } else {
    frames_.assign(context_.begin(), context_.end());
    declarations_.clear();
    for (const auto& [prefix, uri] : scope_) declarations_.push_back({prefix, uri});
    root_start_ = c.at;
  }
  good = good && content<false>(c, end);
  if (good && root_end_ != nullptr) {
    c.at = blanks_end(c.at, c.line);
    good = chunk.last && c.at == end;
  } else {
    good = good && !chunk.last && frames_.size() == layout_->record_path.size();
  }
  if (!good) {
    result.clear();
    return false;
  }
  const char* const stop = root_end_ != nullptr ? root_end_ : end;
  const auto piece = [](const char* from, const char* to) {
    return std::string_view(from, static_cast<std::size_t>(to - from));
  };
  result.way = XmlWay::fast;
  if (signature_.empty())
    result.in_place = {piece(root_start_, stop), {}};
  else
    result.in_place = {piece(root_start_, signature_.data()),
                       piece(signature_.data() + signature_.size(), stop)};
  if (first && header != nullptr) *header = own_header;
  if (chunk.last && trailer != nullptr) *trailer = own_trailer;
  return true;
}

// Follows the document's head to where its first record stands.
bool CanonicalDecoder::set_context(std::string_view head) {
  if (head_size_ == head.size() && head_size_ != 0 &&
      std::memcmp(head_.data(), head.data(), head.size()) == 0)
    return head_good_;
  head_.assign(head);
  head_.append(kOverRead, '\0');
  head_has_trailer_ = false;
  head_good_ = false;
  frames_.clear();
  Cursor c{head_.data(), 0};
  head_good_ = prolog(c) && open_root<true>(c) && content<true>(c, head_.data() + head.size()) &&
               root_end_ == nullptr && frames_.size() == layout_->record_path.size();
  head_size_ = head.size();
  context_ = frames_;
  return head_good_;
}

// The root's start tag, which alone may declare namespaces.
template <bool kContext>
bool CanonicalDecoder::open_root(Cursor& c) {
  root_start_ = c.at;
  const char* at = c.at + 1;
  std::string_view prefix, local;
  if (!read_qualified(at, prefix, local)) return false;
  const XmlTables::Element& root = tables_->elements[0];
  NamespaceScope declared;
  const char* last = nullptr;
  while (std::strncmp(at, " xmlns", 6) == 0) {
    const char* const begin = at;
    at += 6;
    std::string_view own;
    if (*at == ':') {
      ++at;
      own = read_name(at);
      if (own.empty() || own.size() > limits_.name_bytes) return false;
    }
    if (at[0] != '=' || at[1] != '"') return false;
    const char* const value = at + 2;
    at = plain_end<'"'>(value);
    const std::string_view uri(value, static_cast<std::size_t>(at - value));
    if (*at != '"' || uri.empty() || uri.size() > limits_.field_bytes || is_reserved(own, uri))
      return false;
    ++at;
    if (last != nullptr && declared.back().first.compare(own) >= 0) return false;
    last = begin;
    declared.emplace_back(own, uri);
  }
  const auto count = root.attributes_end - root.attributes_begin + declared.size();
  if (count > limits_.attributes) return false;
  if (!bound_ || declared != scope_) {
    scope_ = std::move(declared);
    captured_scope_.reset();
    head_size_ = 0;  // what is known of another document's head is spelled in other prefixes
    bind();
  }
  declarations_.clear();
  for (const auto& [known, uri] : scope_) declarations_.push_back({known, uri});
  const BoundElement& bound = elements_[0];
  if (!bound.usable) return false;
  // Its name as bound, with or without the '>'.
  const std::size_t name = static_cast<std::size_t>(local.data() + local.size() - c.at);
  if (bound.open.size - (root.attributes_begin == root.attributes_end ? 1 : 0) != name ||
      std::memcmp(c.at, bound.open.bytes, name) != 0)
    return false;
  c.at = at;
  if (root.group != nullptr || root.leaf != nullptr || root.is_record ||
      root.content != XmlTables::Content::elements)
    return false;
  if (!attributes<kContext>(c, 0, root.attributes_begin)) return false;
  if (*c.at != '>') return false;
  ++c.at;
  frames_.push_back({0, root.first_state});
  return true;
}

template <bool kContext>
void CanonicalDecoder::keep(const Leaf* leaf, std::string_view value, std::uint32_t line) {
  if (leaf == nullptr) return;
  if constexpr (kContext)
    head_has_trailer_ = head_has_trailer_ || leaf->section == Section::trailer;
  else
    builder_.value(*leaf, value, line);
}

// A value with references in it, as canonical XML writes them, from its begin on: `at` stands at
// the first '&'. What it says goes into the arena.
template <char kClose>
bool CanonicalDecoder::unescape(const char* begin, const char*& at, std::uint32_t& line,
                                std::string_view& value) {
  unescaped_.assign(begin, at);
  constexpr std::pair<std::string_view, char> kReferences[] = {
      {"&amp;", '&'}, {"&lt;", '<'}, {kClose == '"' ? "&quot;" : "&gt;", kClose}};
  while (*at == '&' || (kClose == '>' && (*at == '\n' || *at == '\t'))) {
    if (*at == '&') {
      const auto* reference = std::find_if(
          std::begin(kReferences), std::end(kReferences),
          [&](const auto& r) { return std::strncmp(at, r.first.data(), r.first.size()) == 0; });
      if (reference == std::end(kReferences)) return false;
      unescaped_.push_back(reference->second);
      at += reference->first.size();
    } else {
      if (*at == '\n') ++line;
      unescaped_.push_back(*at++);
    }
    const char* const from = at;
    at = plain_end<kClose>(at);
    unescaped_.append(from, at);
    if (unescaped_.size() > limits_.field_bytes) return false;
  }
  const std::size_t size = unescaped_.size();
  unescaped_.append(Pattern::kOverRead, '\0');
  value = arena_->copy(unescaped_).substr(0, size);
  return true;
}

template <bool kContext>
bool CanonicalDecoder::attribute_value(Cursor& c, const XmlTables::Attribute& attribute) {
  const char* const begin = c.at;
  const char* end = plain_end<'"'>(begin);
  std::string_view value(begin, static_cast<std::size_t>(end - begin));
  if (*end == '&' && !unescape<'"'>(begin, end, c.line, value)) return false;
  if (*end != '"' || value.size() > limits_.field_bytes) return false;
  if (!tables_->types[attribute.type].accepts(value)) return false;
  if (attribute.fixed && value != attribute.constant) return false;
  c.at = end;
  keep<kContext>(attribute.leaf, value, c.line);
  return true;
}

template <bool kContext>
bool CanonicalDecoder::attributes(Cursor& c, std::uint32_t element, std::uint32_t from) {
  const XmlTables::Element& e = tables_->elements[element];
  if (e.attributes_end - e.attributes_begin > limits_.attributes) return false;
  for (std::uint32_t i = from; i < e.attributes_end; ++i) {
    const XmlTables::Attribute& attribute = tables_->attributes[i];
    const Literal& literal = attributes_[i];
    if (literal.size == 0 || !stands_at(c.at, literal)) {
      if (attribute.required) return false;
      continue;
    }
    c.at += literal.size;
    if constexpr (!kContext)
      if (learning_) learn_value_begin(c, element, i);
    if (!attribute_value<kContext>(c, attribute)) return false;
    if constexpr (!kContext)
      if (learning_) learn_value_end(c);
    ++c.at;
  }
  return true;
}

template <bool kContext>
bool CanonicalDecoder::text(Cursor& c, const XmlTables::Element& element) {
  const std::uint32_t line = c.line;
  const char* const begin = c.at;
  const char* end = plain_end<'>'>(begin);
  while (*end == '\n' || *end == '\t') {
    if (*end == '\n') ++c.line;
    end = plain_end<'>'>(end + 1);
  }
  std::string_view value(begin, static_cast<std::size_t>(end - begin));
  if (*end == '&' && !unescape<'>'>(begin, end, c.line, value)) return false;
  if (*end != '<' || value.size() > limits_.field_bytes) return false;
  if (!tables_->types[element.type].accepts(value)) return false;
  if (element.has_constant && (value.empty() || (element.fixed && value != element.constant)))
    return false;
  c.at = end;
  keep<kContext>(element.leaf, value, line);
  return true;
}

template <bool kContext>
bool CanonicalDecoder::finish(const Cursor& c, const XmlTables::Element& element) {
  if constexpr (!kContext) {
    if (learning_) {
      if (element.share >= 0) learn_event(c, TagMemo::Event::Kind::share_end, element);
      if (element.group != nullptr) learn_event(c, TagMemo::Event::Kind::group_end, element);
      if (element.is_record) learn_record_end(c);
    }
    if (element.share >= 0) result_->end_share(element.share, c.at);
    if (element.group != nullptr) builder_.end_group();
    if (element.is_record) {
      if (static_cast<std::size_t>(c.at - record_start_) > limits_.record_bytes) return false;
      builder_.end_record();
      if (has_signature_per_record(*layout_)) result_->end_element(c.at);
    }
  }
  return true;
}

// At the '<' of an element of the tables whose name has been matched.
template <bool kContext>
bool CanonicalDecoder::open_element(Cursor& c, std::uint32_t index) {
  const XmlTables::Element& element = tables_->elements[index];
  const BoundElement& bound = elements_[index];
  if (frames_.size() >= limits_.depth) return false;
  const std::uint32_t line = c.line;
  if constexpr (!kContext) {
    if (element.is_record) {
      record_start_ = c.at;
      builder_.begin_record(chunk_->first_record + records_++,
                            chunk_->offset + static_cast<std::size_t>(c.at - chunk_->bytes.data()),
                            line);
      if (has_signature_per_record(*layout_))
        result_->elements.push_back({.bytes = {c.at, 0}, .scope = scope_in_force()});
    }
    if (learning_) {
      // Where keys end is kept for a document, not for a record.
      learning_ = !element.holds_keys;
      if (element.group != nullptr) learn_event(c, TagMemo::Event::Kind::group_begin, element);
      if (element.share >= 0) learn_event(c, TagMemo::Event::Kind::share_begin, element);
    }
    if (element.group != nullptr) builder_.begin_group(*element.group, line);
    if (element.share >= 0 && builder_.in_record()) begin_share(element.share, c.at);
    if (element.is_record && ++records_seen_ > kRecordsBeforeLearning)
      return remembered_record(c, index);
  } else if (element.is_record) {
    return false;
  }
  c.at += bound.open.size;
  return from_attribute<kContext>(c, index, element.attributes_begin);
}

template <bool kContext>
bool CanonicalDecoder::from_attribute(Cursor& c, std::uint32_t index, std::uint32_t attribute) {
  const XmlTables::Element& element = tables_->elements[index];
  if (element.attributes_begin != element.attributes_end) {
    if (!attributes<kContext>(c, index, attribute) || *c.at != '>') return false;
    ++c.at;
  }
  if (element.content == XmlTables::Content::elements) {
    frames_.push_back({index, element.first_state});
    return true;
  }
  if constexpr (!kContext)
    if (learning_ && element.content == XmlTables::Content::text)
      learn_value_begin(c, index, TagMemo::kNone);
  return from_text<kContext>(c, index);
}

template <bool kContext>
bool CanonicalDecoder::from_text(Cursor& c, std::uint32_t index) {
  const XmlTables::Element& element = tables_->elements[index];
  if (element.content == XmlTables::Content::text) {
    if (!text<kContext>(c, element)) return false;
    if constexpr (!kContext)
      if (learning_) learn_value_end(c);
  }
  const Literal& close = elements_[index].close;
  if (!stands_at(c.at, close)) return false;
  if constexpr (!kContext)
    if (element.holds_keys)
      result_->keys_end = static_cast<std::size_t>(c.at - chunk_->bytes.data());
  c.at += close.size;
  return finish<kContext>(c, element);
}

const CanonicalDecoder::BoundEdge* CanonicalDecoder::edge_at(const char* at,
                                                             const BoundState& state) {
  for (const BoundEdge* edge = state.begin; edge != state.end; ++edge) {
    if (!stands_at(at, edge->open)) continue;
    const char after = at[edge->open.size];
    if (edge->whole || after == ' ' || after == '>') return edge;
  }
  return nullptr;
}

// Most elements that are not remembered, so nothing is done here that these do not need. What is
// unusual about one is left where it stands.
std::uint32_t CanonicalDecoder::plain_elements(Cursor& c, std::uint32_t state) {
  const char* at = c.at;
  std::uint32_t line = c.line;
  while (true) {
    const BoundEdge* const edge = edge_at(at, states_[state]);
    if (edge == nullptr) break;
    const BoundElement& element = elements_[edge->element];
    if (!element.plain) break;
    const char* const begin = at + edge->open.size;
    const char* const end = plain_end<'>'>(begin);
    const std::string_view value(begin, static_cast<std::size_t>(end - begin));
    if (!stands_at(end, element.close) || value.size() > limits_.field_bytes ||
        !element.type->accepts(value))
      break;
    if (element.leaf != nullptr) builder_.value(*element.leaf, value, line);
    state = edge->to;
    at = blanks_end(end + element.close.size, line);
  }
  c.at = at;
  c.line = line;
  return state;
}

template <bool kContext>
bool CanonicalDecoder::content(Cursor& c, const char* end) {
  const XmlTables::State* const states = tables_->states.data();
  while (true) {
    c.at = blanks_end(c.at, c.line);
    if (*c.at != '<') return c.at == end;
    if constexpr (!kContext)
      if (!learning_ && signature_.empty() && frames_.size() < limits_.depth) {
        frames_.back().state = plain_elements(c, frames_.back().state);
        if (*c.at != '<') return c.at == end;
      }
    Frame& frame = frames_.back();
    const XmlTables::State& state = states[frame.state];
    if (c.at[1] == '/') {
      const std::uint32_t index = frame.element;
      const Literal& close = elements_[index].close;
      if (!state.accepting || !stands_at(c.at, close)) return false;
      if constexpr (!kContext)
        if (tables_->elements[index].holds_keys)
          result_->keys_end = static_cast<std::size_t>(c.at - chunk_->bytes.data());
      c.at += close.size;
      frames_.pop_back();
      if (!finish<kContext>(c, tables_->elements[index])) return false;
      if (frames_.empty()) {
        root_end_ = c.at;
        return true;
      }
      continue;
    }
    const BoundEdge* const edge = edge_at(c.at, states_[frame.state]);
    // Nothing may follow the signature that it would not stand last for.
    if constexpr (!kContext)
      if (!signature_.empty() && frames_.size() == 1)
        for (CapturedElement& captured : result_->captured) captured.last_child = false;
    if (edge == nullptr) {
      std::uint32_t next = 0;
      if (!foreign<kContext>(c, state, next)) return false;
      frames_.back().state = next;
      continue;
    }
    frame.state = edge->to;
    if (!open_element<kContext>(c, edge->element)) return false;
  }
}

// ---- elements of other schemas

// A signature, encrypted key or encrypted data where the schema leaves room for it.
template <bool kContext>
bool CanonicalDecoder::foreign(Cursor& c, const XmlTables::State& state, std::uint32_t& next) {
  if (state.wildcards_begin == state.wildcards_end || frames_.size() >= limits_.depth) return false;
  learning_ = false;
  const char* const begin = c.at;
  const std::uint32_t line = c.line;
  foreign_.clear();
  ForeignName name;
  if (!foreign_tag(c, name)) return false;
  const std::string_view* uri = uri_of(name.prefix);
  if (uri == nullptr) return false;
  const XmlTables::Wildcard* matched = nullptr;
  for (std::uint32_t w = state.wildcards_begin; w < state.wildcards_end; ++w)
    if (tables_->wildcards[w].ns == *uri) matched = &tables_->wildcards[w];
  if (matched == nullptr) return false;
  next = matched->to;
  CapturedElement element;
  if (*uri == kDsNamespace && name.local == "Signature")
    element.kind = CapturedElement::Kind::signature;
  else if (*uri == kXencNamespace && name.local == "EncryptedKey")
    element.kind = CapturedElement::Kind::encrypted_key;
  else if (*uri == kXencNamespace && name.local == "EncryptedData")
    element.kind = CapturedElement::Kind::encrypted_data;
  else
    return false;
  const bool document_signature =
      element.kind == CapturedElement::Kind::signature && frames_.size() == 1;
  if constexpr (kContext) {
    if (document_signature) return false;
  } else {
    element.scope = scope_in_force();
  }
  foreign_.push_back(name);
  if (!foreign_content(c)) return false;
  if constexpr (!kContext) {
    element.bytes = {begin, static_cast<std::size_t>(c.at - begin)};
    element.byte = chunk_->offset + static_cast<std::size_t>(begin - chunk_->bytes.data());
    element.line = chunk_->first_line + line;
    element.record = builder_.in_record() ? builder_.current().ordinal : 0;
    element.depth = frames_.size();
    if (document_signature) {
      if (!signature_.empty()) return false;
      signature_ = element.bytes;
      element.last_child = true;
    }
    result_->captured.push_back(std::move(element));
  }
  return true;
}

template bool CanonicalDecoder::attribute_value<false>(Cursor& c,
                                                       const XmlTables::Attribute& attribute);
template bool CanonicalDecoder::from_attribute<false>(Cursor& c, std::uint32_t index,
                                                      std::uint32_t attribute);
template bool CanonicalDecoder::from_text<false>(Cursor& c, std::uint32_t index);
template bool CanonicalDecoder::finish<false>(const Cursor& c, const XmlTables::Element& element);

}  // namespace s1flow::codecs
