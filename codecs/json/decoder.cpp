#include "codecs/json/decoder.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <optional>
#include <span>

#include <fmt/format.h>
#include <simdjson.h>

#include "codecs/utf8.h"
#include "core/text.h"

namespace s1flow::codecs {

namespace dom = simdjson::dom;

namespace {

// Keys of one length mostly differ in their first byte.
bool same_key(std::string_view a, std::string_view b) {
  return a.size() == b.size() &&
         (a.empty() || (a.front() == b.front() && std::memcmp(a.data(), b.data(), a.size()) == 0));
}

// One that stands twice, or null. The order of many is changed.
const std::string_view* find_twice(std::span<std::string_view> keys) {
  constexpr std::size_t kFew = 16;
  if (keys.size() > kFew) {
    std::sort(keys.begin(), keys.end());
    const auto twice = std::adjacent_find(keys.begin(), keys.end());
    return twice == keys.end() ? nullptr : &*twice;
  }
  for (std::size_t i = 1; i < keys.size(); ++i)
    for (std::size_t k = 0; k < i; ++k)
      if (same_key(keys[i], keys[k])) return &keys[i];
  return nullptr;
}

}  // namespace

class JsonDecoder::Impl {
 public:
  Impl(std::shared_ptr<const Layout> layout, const Limits& limits)
      : layout_(std::move(layout)),
        limits_(limits),
        builder_(*layout_),
        parser_(limits.record_bytes) {}

  void decode(const Chunk& chunk, Arena& arena, RecordBatch& batch, std::vector<Fault>& faults) {
    chunk_ = &chunk;
    faults_ = &faults;
    const std::string_view bytes = chunk.bytes;
    if (!is_valid_utf8(bytes)) {
      const std::size_t at = find_invalid_utf8(bytes);
      faults.push_back(
          {.rule = &kTextEncoding,
           .byte = chunk.offset + at,
           .line = chunk.first_line +
                   static_cast<std::uint64_t>(std::count(
                       bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(at), '\n')),
           .note = "not UTF-8"});
      return;
    }
    builder_.begin(arena, batch, nullptr, nullptr);
    builder_.set_first_line(chunk.first_line);
    std::uint64_t ordinal = chunk.first_record;
    line_ = 0;
    for (std::size_t at = 0; at < bytes.size(); ++line_, ++ordinal) {
      std::size_t end = bytes.find('\n', at);
      if (end == std::string_view::npos) end = bytes.size();
      std::string_view text = bytes.substr(at, end - at);
      if (text.ends_with('\r')) text.remove_suffix(1);
      line(text, at, ordinal);
      at = end + 1;
    }
  }

 private:
  void line(std::string_view text, std::size_t at, std::uint64_t ordinal) {
    if (text.size() > limits_.record_bytes) {
      ordinal_ = ordinal;
      return fault(kJsonLimit, at,
                   fmt::format("a line of more than {} bytes", limits_.record_bytes), {});
    }
    // The chunk's buffer is padded, so the parser may read past the line.
    static_assert(Buffer::kPadding >= simdjson::SIMDJSON_PADDING);
    dom::element root;
    dom::object object;
    auto error =
        text.empty() ? simdjson::EMPTY : parser_.parse(text.data(), text.size(), false).get(root);
    if (error == simdjson::MEMALLOC) throw std::bad_alloc();  // no fault of the line
    ordinal_ = ordinal;
    // The parser's own bound of the depth lies above ours.
    const bool far_too_deep = error == simdjson::DEPTH_ERROR;
    if (!error) error = root.get_object().get(object);
    if (error && !far_too_deep)
      return fault(kJsonMalformed, at, simdjson::error_message(error), shown(text));
    duplicate_.clear();
    switch (far_too_deep ? Shape::too_deep : judge(root, 1)) {
      case Shape::good:
        break;
      case Shape::too_deep:
        return fault(kJsonLimit, at, fmt::format("nested deeper than {}", limits_.depth), {});
      case Shape::too_long:
        return fault(kJsonLimit, at,
                     fmt::format("a text of more than {} bytes", limits_.field_bytes), {});
      case Shape::key_twice:
        return fault(kJsonDuplicateKey, at, {}, shown(duplicate_));
    }
    builder_.begin_record(ordinal, chunk_->offset + at, line_);
    walk_object(object, 0);
    builder_.end_record();
  }

  void fault(const Rule& rule, std::size_t at, std::string note, std::string seen) {
    faults_->push_back({.rule = &rule,
                        .byte = chunk_->offset + at,
                        .line = chunk_->first_line + line_,
                        .ordinal = ordinal_,
                        .record = fmt::format("{} {}", layout_->type->record_word, ordinal_),
                        .seen = std::move(seen),
                        .note = std::move(note)});
  }

  enum class Shape : std::uint8_t { good, too_deep, too_long, key_twice };

  // `depth` is that of the element, if it holds others; recursion ends at the limit.
  Shape judge(dom::element element, std::size_t depth) {
    if (element.is_string())
      return std::string_view(element.get_string().value_unsafe()).size() > limits_.field_bytes
                 ? Shape::too_long
                 : Shape::good;
    if (element.is_array()) {
      if (depth > limits_.depth) return Shape::too_deep;
      for (const dom::element e : dom::array(element.get_array().value_unsafe()))
        if (const Shape shape = judge(e, depth + 1); shape != Shape::good) return shape;
      return Shape::good;
    }
    if (!element.is_object()) return Shape::good;
    if (depth > limits_.depth) return Shape::too_deep;
    const dom::object object = element.get_object().value_unsafe();
    const std::size_t first = keys_.size();
    for (const auto& [key, value] : object) keys_.push_back(key);
    const std::string_view* const twice = find_twice(std::span(keys_).subspan(first));
    if (twice != nullptr) duplicate_ = *twice;
    keys_.resize(first);
    if (twice != nullptr) return Shape::key_twice;
    for (const auto& [key, value] : object) {
      if (key.size() > limits_.field_bytes) return Shape::too_long;
      if (const Shape shape = judge(value, depth + 1); shape != Shape::good) return shape;
    }
    return Shape::good;
  }

  // Keys come once each, as judge() has seen to, and most often in the layout's order: so each is
  // looked for behind the child of the one before first. Values are taken in the layout's order.
  void walk_object(dom::object object, std::uint32_t parent) {
    const std::vector<std::uint32_t>& children = layout_->nodes[parent].children;
    const std::size_t first = values_.size();
    values_.resize(first + children.size());
    std::size_t next = 0;
    for (const auto& [key, value] : object) {
      std::size_t i = next;
      while (i < children.size() && !same_key(key, layout_->nodes[children[i]].name)) ++i;
      if (i == children.size()) {
        i = 0;
        while (i < next && !same_key(key, layout_->nodes[children[i]].name)) ++i;
        if (i == next) continue;  // the layout has no use for it
      }
      values_[first + i] = value;
      next = i + 1;
    }
    for (std::size_t i = 0; i < children.size(); ++i) {
      const std::optional<dom::element> value = values_[first + i];
      if (value)
        walk_value(*value, children[i]);
      else if (layout_->nodes[children[i]].required)
        missing(layout_->nodes[children[i]]);
    }
    values_.resize(first);
  }

  void missing(const PlanNode& node) {
    fault(kValueMissing, static_cast<std::size_t>(builder_.current().byte - chunk_->offset), {},
          {});
    faults_->back().field = node.name;
    faults_->back().record = record_name(*layout_->type, builder_.current());
  }

  void walk_value(dom::element value, std::uint32_t index) {
    const PlanNode& node = layout_->nodes[index];
    if (node.group_start >= 0) {
      const GroupStart& start = layout_->group_starts[static_cast<std::size_t>(node.group_start)];
      if (value.is_array()) {
        for (const dom::element e : dom::array(value.get_array().value_unsafe()))
          instance(start, e, index);
      } else {
        instance(start, value, index);
      }
      return;
    }
    if (value.is_object() && (node.leaf < 0 || !node.children.empty()))
      walk_object(value.get_object().value_unsafe(), index);
    else if (node.leaf >= 0)
      leaf(value, index);
  }

  void instance(const GroupStart& start, dom::element value, std::uint32_t index) {
    if (value.is_null()) return;
    builder_.begin_group(start, line_);
    if (value.is_object())
      walk_object(value.get_object().value_unsafe(), index);
    else if (layout_->nodes[index].leaf >= 0)
      leaf(value, index);
    builder_.end_group();
  }

  void leaf(dom::element value, std::uint32_t index) {
    const Leaf& l = layout_->leaves[static_cast<std::size_t>(layout_->nodes[index].leaf)];
    switch (value.type()) {
      case dom::element_type::STRING:
        // The parser's own copy dies with the next line.
        builder_.value(l, builder_.current().arena().copy(value.get_string().value_unsafe()),
                       line_);
        break;
      case dom::element_type::UINT64:
        number(l, std::to_string(value.get_uint64().value_unsafe()));
        break;
      case dom::element_type::INT64:
        number(l, std::to_string(value.get_int64().value_unsafe()));
        break;
      case dom::element_type::BOOL:
        number(l, value.get_bool().value_unsafe() ? "true" : "false");
        break;
      case dom::element_type::NULL_VALUE:
        break;
      case dom::element_type::DOUBLE:
        number(l, simdjson::minify(value));
        break;
      case dom::element_type::ARRAY:
      case dom::element_type::OBJECT:
        builder_.no_value(l, builder_.current().arena().copy(simdjson::minify(value)), line_);
        break;
    }
  }
  void number(const Leaf& l, const std::string& text) {
    builder_.value(l, builder_.current().arena().copy(text), line_);
  }

  std::shared_ptr<const Layout> layout_;
  Limits limits_;
  RecordBuilder builder_;
  dom::parser parser_;
  const Chunk* chunk_ = nullptr;
  std::vector<Fault>* faults_ = nullptr;
  std::vector<std::string_view> keys_;
  std::vector<std::optional<dom::element>> values_;  // of the objects around, child by child
  std::string duplicate_;
  std::uint32_t line_ = 0;
  std::uint64_t ordinal_ = 0;
};

JsonDecoder::JsonDecoder(std::shared_ptr<const Layout> layout, const Limits& limits)
    : impl_(std::make_unique<Impl>(std::move(layout), limits)) {}
JsonDecoder::~JsonDecoder() = default;

void JsonDecoder::decode(const Chunk& chunk, Arena& arena, RecordBatch& batch,
                         std::vector<Fault>& faults) {
  impl_->decode(chunk, arena, batch, faults);
}

}  // namespace s1flow::codecs
