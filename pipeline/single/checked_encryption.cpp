#include "pipeline/single/checked_encryption.h"

#include <atomic>
#include <optional>

#include <fmt/format.h>

namespace s1flow::pipeline {
namespace {

namespace crypto = codecs::crypto;
using codecs::CapturedElement;

// Of one worker.
struct SealingState final : WorkerState {
  std::optional<ShareSealer> sealer;  // once there are keys
  crypto::EncryptionReader reader;
  crypto::ParsedEncryptedKey key;
  // What the last share inherited: most often the same for all of a file.
  std::shared_ptr<const codecs::NamespaceScope> scope;
  std::string declarations;
};

// What each chunk becomes. Called from all workers at once.
class Sealing {
 public:
  explicit Sealing(const codecs::Layout& layout) : layout_(layout) {}

  std::atomic<std::uint64_t> values{0};
  std::atomic<bool> signature_dropped{false};

  // Before the first chunk.
  void begin(const Result<EncryptRequest>& request) {
    seals_ = request ? ShareSeals::make(layout_, *request) : tl::unexpected(request.error());
  }
  [[nodiscard]] std::size_t keys() const { return seals_ ? seals_->all().size() : 0; }

  Status make(const Work& work, SealingState& state, std::string& out) {
    if (!seals_) return tl::unexpected(seals_.error());
    if (!state.sealer) {
      S1FLOW_TRY(state.sealer, ShareSealer::make(*seals_));
    }
    const std::string_view bytes = work.chunk.bytes;
    out.clear();
    out.reserve(bytes.size() + bytes.size() / 4);
    const bool own_keys = codecs::has_key_per_record(layout_);
    if (work.chunk.ordinal == 0 && !own_keys) S1FLOW_TRY_VOID(check_keys(work, state));
    std::size_t from = 0;
    const auto copy_to = [&](std::size_t to) {
      out.append(bytes.substr(from, to - from));
      from = to;
    };
    // Of the file or of its records; they hold no shares, nor do shares hold them.
    auto next = work.xml.captured.begin();
    const auto leave_out_signatures = [&](std::size_t until) {
      for (; next != work.xml.captured.end(); ++next) {
        const auto begin = static_cast<std::size_t>(next->bytes.data() - bytes.data());
        if (begin >= until) return;
        if (!is_left_out(*next)) continue;
        copy_to(begin);
        from += next->bytes.size();
        signature_dropped.store(true, std::memory_order_relaxed);
      }
    };
    // Keys stand before the first record, signatures after what they are over, in whatever chunk.
    if (work.chunk.ordinal == 0 && !own_keys) {
      leave_out_signatures(work.xml.keys_end);
      copy_to(work.xml.keys_end);
      out.append(seals_->keys());
    }
    std::uint64_t sealed = 0;
    for (const codecs::ShareElement& s : work.xml.shares) {
      const std::size_t seal = seals_->find(s.share);
      if (seal == ShareSeals::npos) continue;
      const auto begin = static_cast<std::size_t>(s.bytes.data() - bytes.data());
      leave_out_signatures(begin);
      copy_to(begin);
      if (s.scope != state.scope) {
        state.scope = s.scope;
        state.declarations = declarations_of(*s.scope);
      }
      S1FLOW_TRY(const crypto::RecordShare place, place_of(work, s));
      S1FLOW_TRY_VOID(state.sealer->seal(seal, place, s.bytes, state.declarations, out));
      ++sealed;
      from = begin + s.bytes.size();
    }
    values.fetch_add(sealed, std::memory_order_relaxed);
    leave_out_signatures(bytes.size());
    copy_to(bytes.size());
    return {};
  }

 private:
  // Unique in the file: the record, and which of its shares it is.
  static Result<crypto::RecordShare> place_of(const Work& work, const codecs::ShareElement& s) {
    crypto::RecordShare place{.ordinal = s.record, .index = 0};
    for (const codecs::ShareElement* o = &s; o != work.xml.shares.data();) {
      if ((--o)->record != s.record) break;
      if (++place.index == 0)
        return tl::unexpected(
            usage_error(fmt::format("record {} has more than 256 shares", s.record)));
    }
    return place;
  }

  [[nodiscard]] bool is_left_out(const CapturedElement& c) const {
    return c.kind == CapturedElement::Kind::signature &&
           (c.depth == 1 || (codecs::has_signature_per_record(layout_) && c.record != 0 &&
                             c.depth == layout_.record_path.size() + 1));
  }

  // Of the first chunk: there is room for the keys, and none of them is there already.
  Status check_keys(const Work& work, SealingState& state) const {
    if (work.xml.keys_end == std::string_view::npos)
      return tl::unexpected(usage_error(
          fmt::format("the file lacks the element '{}', with an end tag, that holds the keys",
                      layout_.nodes[layout_.keys_node].name)));
    for (const CapturedElement& c : work.xml.captured) {
      if (c.kind != CapturedElement::Kind::encrypted_key) continue;
      state.key = {};
      (void)state.reader.read_key(c.bytes, *c.scope, state.key);
      for (const ShareSeals::Seal& seal : seals_->all())
        if (state.key.id == seal.id)
          return tl::unexpected(usage_error(fmt::format(
              "line {}: the file holds a key '{}' already; decrypt it first", c.line, seal.id)));
    }
    return {};
  }

  const codecs::Layout& layout_;
  Result<ShareSeals> seals_ = tl::unexpected(internal_error("the file has no header"));
};

}  // namespace

Result<CheckedEncryption> encrypt_checked(const Path& path,
                                          const std::shared_ptr<const codecs::Layout>& layout,
                                          const RequestFor& request_for,
                                          const SingleFileContext& context, const ByteSink& sink) {
  if (layout->shares.empty())
    return tl::unexpected(usage_error(fmt::format("{}: files of layout {} have nothing to encrypt",
                                                  path.string(), layout->name())));
  Sealing sealing(*layout);
  const CheckedOutput output{
      .make =
          [&](const Work& work, WorkerState& state, std::string& out) {
            return sealing.make(work, static_cast<SealingState&>(state), out);
          },
      .make_state = [] { return std::make_unique<SealingState>(); },
      .sink = sink,
      .on_header = [&](const ExchangeHeader& header) { sealing.begin(request_for(header)); }};
  CheckedEncryption done;
  S1FLOW_TRY(done.verdict, check_file(path, layout, context, {}, &output));
  done.values = sealing.values.load();
  done.keys = codecs::has_key_per_record(*layout) ? done.values : sealing.keys();
  done.signature_dropped = sealing.signature_dropped.load();
  return done;
}

}  // namespace s1flow::pipeline
