#include "codecs/json/decoder.h"

#include <algorithm>
#include <new>
#include <span>

#include <fmt/format.h>
#include <simdjson.h>

#include "codecs/json/keys.h"
#include "codecs/json/line_values.h"
#include "codecs/json/plain_line.h"
#include "codecs/utf8.h"
#include "core/text.h"

namespace s1flow::codecs {

namespace dom = simdjson::dom;

class JsonDecoder::Impl {
 public:
  Impl(std::shared_ptr<const Layout> layout, const Limits& limits, JsonWay first)
      : layout_(std::move(layout)),
        limits_(limits),
        first_(first),
        builder_(*layout_),
        plain_(*layout_, limits_),
        parser_(limits.record_bytes) {}

  void decode(const Chunk& chunk, Arena& arena, RecordBatch& batch, std::vector<Fault>& faults) {
    chunk_ = &chunk;
    arena_ = &arena;
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
    plain_lines_ = 0;
    for (std::size_t at = 0; at < bytes.size(); ++line_, ++ordinal) {
      std::size_t end = bytes.find('\n', at);
      if (end == std::string_view::npos) end = bytes.size();
      std::string_view text = bytes.substr(at, end - at);
      if (text.ends_with('\r')) text.remove_suffix(1);
      line(text, at, ordinal);
      at = end + 1;
    }
  }

  [[nodiscard]] std::size_t plain_lines() const { return plain_lines_; }

 private:
  using Kind = LineValues::Kind;
  using Slot = LineValues::Slot;

  void line(std::string_view text, std::size_t at, std::uint64_t ordinal) {
    if (text.size() > limits_.record_bytes) {
      ordinal_ = ordinal;
      return fault(kJsonLimit, at,
                   fmt::format("a line of more than {} bytes", limits_.record_bytes), {});
    }
    ordinal_ = ordinal;
    if (first_ == JsonWay::plain && plain_.read(text, values_))
      ++plain_lines_;
    else if (!parse(text, at))
      return;
    builder_.begin_record(ordinal, chunk_->offset + at, line_);
    walk_object(0, 0);
    builder_.end_record();
  }

  // Fills values_; false: there is a fault.
  bool parse(std::string_view text, std::size_t at) {
    // The chunk's buffer is padded, so the parser may read past the line.
    static_assert(Buffer::kPadding >= simdjson::SIMDJSON_PADDING);
    dom::element root;
    dom::object object;
    auto error =
        text.empty() ? simdjson::EMPTY : parser_.parse(text.data(), text.size(), false).get(root);
    if (error == simdjson::MEMALLOC) throw std::bad_alloc();  // no fault of the line
    // The parser's own bound of the depth lies above ours.
    const bool far_too_deep = error == simdjson::DEPTH_ERROR;
    if (!error) error = root.get_object().get(object);
    if (error && !far_too_deep) {
      fault(kJsonMalformed, at, simdjson::error_message(error), shown(text));
      return false;
    }
    duplicate_.clear();
    switch (far_too_deep ? Shape::too_deep : judge(root, 1)) {
      case Shape::good:
        break;
      case Shape::too_deep:
        fault(kJsonLimit, at, fmt::format("nested deeper than {}", limits_.depth), {});
        return false;
      case Shape::too_long:
        fault(kJsonLimit, at, fmt::format("a text of more than {} bytes", limits_.field_bytes), {});
        return false;
      case Shape::key_twice:
        fault(kJsonDuplicateKey, at, {}, shown(duplicate_));
        return false;
    }
    values_.clear();
    take_object(object, 0, values_.open(layout_->nodes[0].children.size()));
    return true;
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

  // Keys come once each, as judge() has seen to, and most often in the layout's order.
  void take_object(dom::object object, std::uint32_t node, std::uint32_t first) {
    const std::vector<std::uint32_t>& children = layout_->nodes[node].children;
    std::size_t next = 0;
    for (const dom::key_value_pair& member : object) {
      const std::size_t child = find_key(next, children.size(), [&](std::size_t i) {
        return same_key(member.key, layout_->nodes[children[i]].name);
      });
      if (child == children.size()) continue;  // the layout has no use for it
      take(member.value, children[child], static_cast<std::uint32_t>(first + child));
      next = child + 1;
    }
  }

  void take(dom::element value, std::uint32_t index, std::uint32_t slot) {
    if (value.is_array() && layout_->nodes[index].group_start >= 0) {
      values_.slots[slot].kind = Kind::list;
      std::uint32_t item = LineValues::kEnd;
      for (const dom::element e : dom::array(value.get_array().value_unsafe())) {
        item = values_.open_item(slot, item);
        take_one(e, index, item);
      }
      return;
    }
    take_one(value, index, slot);
  }

  // The parser's own copy of texts dies with the next line.
  void take_one(dom::element value, std::uint32_t index, std::uint32_t slot) {
    const PlanNode& node = layout_->nodes[index];
    const auto set = [&](Kind kind, std::string_view text) {
      values_.slots[slot].set(kind, node.leaf < 0 ? std::string_view() : arena_->copy(text));
    };
    switch (value.type()) {
      case dom::element_type::STRING:
        return set(Kind::text, value.get_string().value_unsafe());
      case dom::element_type::UINT64:
        return set(Kind::text, std::to_string(value.get_uint64().value_unsafe()));
      case dom::element_type::INT64:
        return set(Kind::text, std::to_string(value.get_int64().value_unsafe()));
      case dom::element_type::BOOL:
        return set(Kind::text, value.get_bool().value_unsafe() ? "true" : "false");
      case dom::element_type::DOUBLE:
        return set(Kind::text, simdjson::minify(value));
      case dom::element_type::NULL_VALUE:
        return set(Kind::null, {});
      case dom::element_type::OBJECT:
        if (node.group_start >= 0 || node.leaf < 0 || !node.children.empty()) {
          const std::uint32_t first = values_.open(node.children.size());
          values_.slots[slot].kind = Kind::object;
          values_.slots[slot].first = first;
          return take_object(value.get_object().value_unsafe(), index, first);
        }
        return set(Kind::no_text, simdjson::minify(value));
      case dom::element_type::ARRAY:
        return set(node.leaf < 0 ? Kind::ignored : Kind::no_text, simdjson::minify(value));
    }
  }

  // Values are taken in the layout's order.
  void walk_object(std::uint32_t first, std::uint32_t index) {
    const PlanNode* const nodes = layout_->nodes.data();
    const Slot* slot = values_.slots.data() + first;
    for (const std::uint32_t child : nodes[index].children) {
      if (slot->kind != Kind::none)
        walk_value(*slot, nodes[child], child);
      else if (nodes[child].required)
        missing(nodes[child]);
      ++slot;
    }
  }

  void missing(const PlanNode& node) {
    fault(kValueMissing, static_cast<std::size_t>(builder_.current().byte - chunk_->offset), {},
          {});
    faults_->back().field = node.name;
    faults_->back().record = record_name(*layout_->type, builder_.current());
  }

  void walk_value(const Slot& slot, const PlanNode& node, std::uint32_t index) {
    if (node.group_start < 0) return content(slot, node, index);
    const GroupStart& start = layout_->group_starts.data()[node.group_start];
    if (slot.kind != Kind::list) return instance(start, slot, node, index);
    const Slot* const slots = values_.slots.data();
    for (std::uint32_t i = slot.first; i != LineValues::kEnd; i = slots[i].next)
      instance(start, slots[i], node, index);
  }

  void instance(const GroupStart& start, const Slot& slot, const PlanNode& node,
                std::uint32_t index) {
    if (slot.kind == Kind::null) return;
    builder_.begin_group(start, line_);
    content(slot, node, index);
    builder_.end_group();
  }

  void content(const Slot& slot, const PlanNode& node, std::uint32_t index) {
    if (slot.kind == Kind::object) return walk_object(slot.first, index);
    if (node.leaf < 0) return;
    const Leaf& leaf = layout_->leaves.data()[node.leaf];
    if (slot.kind == Kind::text) builder_.value(leaf, slot.text(), line_);
    if (slot.kind == Kind::no_text) builder_.no_value(leaf, slot.text(), line_);
  }

  std::shared_ptr<const Layout> layout_;
  Limits limits_;
  JsonWay first_;
  RecordBuilder builder_;
  PlainLineReader plain_;
  dom::parser parser_;
  const Chunk* chunk_ = nullptr;
  Arena* arena_ = nullptr;
  std::vector<Fault>* faults_ = nullptr;
  std::vector<std::string_view> keys_;
  LineValues values_;
  std::string duplicate_;
  std::uint32_t line_ = 0;
  std::uint64_t ordinal_ = 0;
  std::size_t plain_lines_ = 0;
};

JsonDecoder::JsonDecoder(std::shared_ptr<const Layout> layout, const Limits& limits, JsonWay first)
    : impl_(std::make_unique<Impl>(std::move(layout), limits, first)) {}
JsonDecoder::~JsonDecoder() = default;

void JsonDecoder::decode(const Chunk& chunk, Arena& arena, RecordBatch& batch,
                         std::vector<Fault>& faults) {
  impl_->decode(chunk, arena, batch, faults);
}

std::size_t JsonDecoder::plain_lines() const {
  return impl_->plain_lines();
}

}  // namespace s1flow::codecs
