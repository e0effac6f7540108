#include "loadgen/net/response_reader.h"

#include <algorithm>

namespace s1flow::loadgen {

ResponseReader::State ResponseReader::feed(std::string_view bytes, std::size_t& used) {
  used = 0;
  switch (at_) {
    case At::head:
      return feed_head(bytes, used);
    case At::unusual:
      return feed_unusual(bytes, used);
    default:
      return feed_body(bytes, used);
  }
}

HeadState ResponseReader::read_head(std::string_view bytes) {
  constexpr std::size_t kMostKept = 512;
  if (!last_.empty() && bytes.starts_with(last_)) {
    head_ = last_head_;
    return HeadState::complete;
  }
  const HeadState state = scan_head(bytes, head_);
  if (state != HeadState::complete || head_.head_bytes > kMostKept) return state;
  last_.assign(bytes.substr(0, head_.head_bytes));
  last_head_ = head_;
  return state;
}

ResponseReader::State ResponseReader::feed_head(std::string_view bytes, std::size_t& used) {
  const std::size_t held = held_.size();
  std::string_view all = bytes;
  if (held != 0) {
    held_.append(bytes);
    all = held_;
  }
  std::size_t at = 0;
  for (;;) {
    const HeadState state = read_head(all.substr(at));
    if (state == HeadState::complete && head_.status >= 200) break;
    if (state == HeadState::complete && head_.status != 101) {
      at += head_.head_bytes;
      continue;
    }
    if (state == HeadState::more) {
      std::string rest(all.substr(at));
      held_ = std::move(rest);
      used = bytes.size();
      return held_.size() > kMaxHead ? State::bad : State::more;
    }
    if (state != HeadState::unusual) return State::bad;
    const std::string text(all.substr(at));
    held_.clear();
    at_ = At::unusual;
    unusual_ = std::make_unique<UnusualResponse>(kMaxKeptBody);
    const State done = feed_unusual(text, used);
    const std::size_t before = held > at ? held - at : 0;
    used = used > before ? used - before : 0;
    if (done == State::more) used = bytes.size();
    return done;
  }
  at += head_.head_bytes;
  const std::size_t in_bytes = at - held;
  if (head_.body_end == BodyEnd::by_length && all.size() - at >= head_.length) {
    // The common case: all of it is here.
    used = in_bytes + static_cast<std::size_t>(head_.length);
    body_ = bytes.substr(in_bytes, static_cast<std::size_t>(head_.length));
    if (held != 0) held_.clear();
    return State::complete;
  }
  held_.clear();
  body_ = {};
  left_ = head_.length;
  chunks_.reset();
  at_ = head_.body_end == BodyEnd::by_length   ? At::length
        : head_.body_end == BodyEnd::by_chunks ? At::chunks
                                               : At::close;
  const State state = feed_body(bytes.substr(in_bytes), used);
  used += in_bytes;
  return state;
}

ResponseReader::State ResponseReader::keep(std::string_view bytes) {
  if (keep_ == KeepBody::no) return State::more;
  held_.append(bytes);
  return held_.size() > kMaxKeptBody ? State::bad : State::more;
}

ResponseReader::State ResponseReader::feed_body(std::string_view bytes, std::size_t& used) {
  State state = State::more;
  if (at_ == At::length) {
    used = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
    left_ -= used;
    state = keep(bytes.substr(0, used));
    if (state == State::more && left_ == 0) state = State::complete;
  } else if (at_ == At::chunks) {
    const auto got = chunks_.feed(bytes, used, keep_ == KeepBody::yes ? &held_ : nullptr);
    state = got == ChunkScanner::State::more       ? State::more
            : got == ChunkScanner::State::complete ? State::complete
                                                   : State::bad;
    if (held_.size() > kMaxKeptBody) state = State::bad;
  } else {
    used = bytes.size();
    state = keep(bytes);
  }
  if (state == State::complete) {
    body_ = held_;
    at_ = At::head;
    // body_ looks at the text, which is cleared when the next response begins.
    if (keep_ == KeepBody::no) held_.clear();
  }
  return state;
}

ResponseReader::State ResponseReader::feed_unusual(std::string_view bytes, std::size_t& used) {
  switch (unusual_->feed(bytes, used)) {
    case UnusualResponse::State::more:
      return State::more;
    case UnusualResponse::State::bad:
      return State::bad;
    case UnusualResponse::State::complete:
      break;
  }
  head_.status = unusual_->status();
  head_.keep_alive = unusual_->keep_alive();
  body_ = unusual_->body();
  at_ = At::head;
  return State::complete;
}

ResponseReader::State ResponseReader::end_of_stream() {
  if (at_ == At::close) {
    body_ = held_;
    at_ = At::head;
    return State::complete;
  }
  if (at_ != At::unusual || unusual_->end_of_stream() != UnusualResponse::State::complete)
    return State::more;
  head_.status = unusual_->status();
  head_.keep_alive = false;
  body_ = unusual_->body();
  at_ = At::head;
  return State::complete;
}

}  // namespace s1flow::loadgen
