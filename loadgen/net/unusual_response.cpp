#include "loadgen/net/unusual_response.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "loadgen/net/response_scanner.h"

namespace s1flow::loadgen {

namespace http = boost::beast::http;

struct UnusualResponse::Parser {
  http::response_parser<http::string_body> response;
};

UnusualResponse::UnusualResponse(std::size_t body_limit) : parser_(std::make_unique<Parser>()) {
  parser_->response.eager(true);
  parser_->response.header_limit(kMaxHead);
  parser_->response.body_limit(body_limit);
}

UnusualResponse::~UnusualResponse() = default;

UnusualResponse::State UnusualResponse::feed(std::string_view bytes, std::size_t& used) {
  const std::size_t before = pending_.size();
  pending_.append(bytes);
  std::size_t taken = 0;
  boost::system::error_code error;
  while (!parser_->response.is_done() && taken < pending_.size()) {
    const std::size_t n = parser_->response.put(
        boost::asio::buffer(pending_.data() + taken, pending_.size() - taken), error);
    taken += n;
    if (error == http::error::need_more) break;
    if (error) return State::bad;
    if (n == 0) break;
  }
  used = bytes.size();
  if (parser_->response.is_done()) {
    used = taken > before ? taken - before : 0;
    return State::complete;
  }
  pending_.erase(0, taken);
  return pending_.size() > kMaxHead ? State::bad : State::more;
}

UnusualResponse::State UnusualResponse::end_of_stream() {
  boost::system::error_code error;
  if (!parser_->response.is_header_done()) return State::more;
  parser_->response.put_eof(error);
  return !error && parser_->response.is_done() ? State::complete : State::more;
}

int UnusualResponse::status() const {
  return static_cast<int>(parser_->response.get().result_int());
}

bool UnusualResponse::keep_alive() const {
  return parser_->response.keep_alive();
}

std::string_view UnusualResponse::body() const {
  return parser_->response.get().body();
}

}  // namespace s1flow::loadgen
