#include "codecs/json/decoder.h"

#include <algorithm>
#include <cstring>
#include <new>

#include <fmt/format.h>
#include <simdjson.h>

#include "codecs/utf8.h"
#include "core/text.h"

namespace s1flow::codecs {

namespace dom = simdjson::dom;

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
    std::sort(keys_.begin() + static_cast<std::ptrdiff_t>(first), keys_.end());
    const auto twice =
        std::adjacent_find(keys_.begin() + static_cast<std::ptrdiff_t>(first), keys_.end());
    const bool found = twice != keys_.end();
    if (found) duplicate_ = *twice;
    keys_.resize(first);
    if (found) return Shape::key_twice;
    for (const auto& [key, value] : object) {
      if (key.size() > limits_.field_bytes) return Shape::too_long;
      if (const Shape shape = judge(value, depth + 1); shape != Shape::good) return shape;
    }
    return Shape::good;
  }

  // Keys come once each, as judge() has seen to, and most often in the layout's order: so each is
  // looked for after the one before first.
  void walk_object(dom::object object, std::uint32_t parent) {
    const PlanNode& node = layout_->nodes[parent];
    auto next = object.begin();
    for (const std::uint32_t c : node.children) {
      const PlanNode& child = layout_->nodes[c];
      auto at = next;
      while (at != object.end() && at.key() != child.name) ++at;
      if (at == object.end()) {
        at = object.begin();
        while (at != next && at.key() != child.name) ++at;
        if (at == next) {
          if (child.required) missing(child);
          continue;
        }
      }
      walk_value(at.value(), c);
      next = ++at;
    }
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
