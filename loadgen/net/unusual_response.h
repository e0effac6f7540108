#pragma once
// A response that the scanner does not take, read by Beast's parser with limits. One thread.

#include <memory>
#include <string>
#include <string_view>

namespace s1flow::loadgen {

class UnusualResponse {
 public:
  enum class State { more, complete, bad };
  // Bodies beyond `body_limit` are bad.
  explicit UnusualResponse(std::size_t body_limit);
  UnusualResponse(const UnusualResponse&) = delete;
  UnusualResponse& operator=(const UnusualResponse&) = delete;
  ~UnusualResponse();

  // `used` says how much of `bytes` belonged to the response.
  [[nodiscard]] State feed(std::string_view bytes, std::size_t& used);
  [[nodiscard]] State end_of_stream();
  [[nodiscard]] int status() const;
  [[nodiscard]] bool keep_alive() const;
  [[nodiscard]] std::string_view body() const;

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
  std::string pending_;  // what the parser has not taken yet
};

}  // namespace s1flow::loadgen
