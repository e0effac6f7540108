#pragma once
// One response at a time, from the pieces in which it comes. A response that is complete in one
// piece is looked at where it lies. One thread.

#include <memory>
#include <string>
#include <string_view>

#include "loadgen/net/response_scanner.h"
#include "loadgen/net/unusual_response.h"

namespace s1flow::loadgen {

enum class KeepBody : bool { no, yes };

class ResponseReader {
 public:
  enum class State : std::uint8_t { more, complete, bad };
  static constexpr std::size_t kMaxKeptBody = 1 << 20;

  // Bodies are kept for body() only when asked for; those beyond kMaxKeptBody are bad then.
  void start(KeepBody keep) {
    at_ = At::head;
    keep_ = keep;
    if (!held_.empty()) held_.clear();
  }
  // `used`: how much of `bytes` belonged to this response; what follows a complete one was not
  // asked for. Interim responses (1xx) are passed over.
  [[nodiscard]] State feed(std::string_view bytes, std::size_t& used);
  // The peer has closed: completes a response whose body ends so; `more` otherwise.
  [[nodiscard]] State end_of_stream();

  [[nodiscard]] int status() const { return head_.status; }
  [[nodiscard]] bool keep_alive() const { return head_.keep_alive; }
  // Valid until the next call of another function, and while the last piece is.
  [[nodiscard]] std::string_view body() const { return body_; }
  // True when any byte of the response has come.
  [[nodiscard]] bool begun() const { return at_ != At::head || !held_.empty(); }

 private:
  enum class At : std::uint8_t { head, length, chunks, close, unusual };
  [[nodiscard]] HeadState read_head(std::string_view bytes);
  [[nodiscard]] State feed_head(std::string_view bytes, std::size_t& used);
  [[nodiscard]] State feed_body(std::string_view bytes, std::size_t& used);
  [[nodiscard]] State feed_unusual(std::string_view bytes, std::size_t& used);
  [[nodiscard]] State keep(std::string_view bytes);

  ResponseHead head_;
  // The head before, and what it says: most answers of a server begin with the very same bytes.
  std::string last_;
  ResponseHead last_head_;
  At at_ = At::head;
  KeepBody keep_ = KeepBody::no;
  std::uint64_t left_ = 0;
  std::string held_;  // a head in pieces, then a body in pieces
  std::string_view body_;
  ChunkScanner chunks_;
  std::unique_ptr<UnusualResponse> unusual_;
};

}  // namespace s1flow::loadgen
