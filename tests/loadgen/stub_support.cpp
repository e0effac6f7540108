#include "tests/loadgen/stub_support.h"

#include <fmt/format.h>

namespace s1flow::loadgen::stub::testing_support {

namespace duis = codecs::duis;

StubSettings plain_settings_of(const std::string& toml) {
  const auto table = codecs::parse_config(toml, "stub.toml");
  EXPECT_TRUE(table) << table.error().message();
  auto settings = read_settings(*table, "stub.toml", ".");
  EXPECT_TRUE(settings) << settings.error().message();
  return *std::move(settings);
}

StubSettings settings_of(const std::string& toml) {
  StubSettings settings = plain_settings_of(toml);
  settings.checks.pki = codecs::crypto::testing_support::shared_pki_folder();
  settings.checks.clock = codecs::crypto::testing_support::clock_of_tests();
  return settings;
}

RunningStub::RunningStub(StubSettings settings) {
  auto made = Stub::make(std::move(settings));
  if (!made) throw std::runtime_error(made.error().message());
  stub_ = *std::move(made);
  const auto url = parse_url(stub_->url());
  endpoint_ = *numeric_endpoint(url->host, url->port);
  thread_ = std::thread([this] { status_ = stub_->run(nullptr); });
}

RunningStub::~RunningStub() {
  (void)stop();
}

Status RunningStub::stop() {
  stub_->stop();
  if (thread_.joinable()) thread_.join();
  return status_;
}

bool RunningStub::comes_to(Count what, std::uint64_t value) const {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (std::chrono::steady_clock::now() < end) {
    if (count(what) >= value) return true;
    (void)::poll(nullptr, 0, 1);  // only to leave the processor to the stub
  }
  return false;
}

Client::Client(const Endpoint& endpoint) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
  const timeval patience{kPatience.count(), 0};
  ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  EXPECT_EQ(
      ::connect(socket_.get(), reinterpret_cast<const sockaddr*>(endpoint.socket_address.data()),
                endpoint.socket_address_size),
      0);
}

// A stub that has ended the connection already is no fault of the client's.
void Client::say(std::string_view text) const {
  (void)::send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL);
}
void Client::end_our_side() const {
  ::shutdown(socket_.get(), SHUT_WR);
}

bool Client::more() {
  char buffer[16384];
  const ssize_t n = ::recv(socket_.get(), buffer, sizeof buffer, 0);
  reset_ = n < 0;
  if (n > 0) held_.append(buffer, static_cast<std::size_t>(n));
  return n > 0;
}

std::string Client::answer() {
  std::size_t end = 0;
  while ((end = held_.find("\r\n\r\n")) == std::string::npos)
    if (!more()) return {};
  const std::size_t at = held_.find("Content-Length: ");
  const std::size_t size = at < end ? end + 4 + std::stoul(held_.substr(at + 16)) : end + 4;
  while (held_.size() < size)
    if (!more()) return {};
  std::string text = held_.substr(0, size);
  held_.erase(0, size);
  return text;
}

std::optional<std::string> Client::rest() {
  while (more()) {
  }
  if (reset_) return std::nullopt;
  return held_;
}

std::string post_text(std::string_view path, std::string_view body) {
  return fmt::format("POST {} HTTP/1.1\r\nHost: dcc\r\nContent-Length: {}\r\n\r\n{}", path,
                     body.size(), body);
}

std::string Client::post(std::string_view path, std::string_view body) {
  say(post_text(path, body));
  return answer();
}

std::string_view body_of(std::string_view answer) {
  const std::size_t end = answer.find("\r\n\r\n");
  return end == std::string_view::npos ? std::string_view() : answer.substr(end + 4);
}

std::string code_of(std::string_view answer) {
  const std::string_view body = body_of(answer);
  duis::Message message;
  if (duis::scan_message(body, message)) return std::string(message.code.text());
  return std::string(body.substr(0, body.find(' ')));
}

duis::Message read_message(const std::string& text) {
  duis::Message message;
  EXPECT_TRUE(duis::scan_message(text, message)) << text;
  return message;
}

Receiver::Receiver(std::vector<int> statuses)
    : statuses_(std::move(statuses)), peer_([this](int socket, const std::string& body) {
        int status = 204;
        {
          const std::lock_guard lock(mutex_);
          messages_.push_back(body);
          if (next_ < statuses_.size()) status = statuses_[next_++];
        }
        came_.notify_all();
        return send_text(socket, reply(status, ""));
      }) {}

std::string Receiver::url() const {
  return fmt::format("http://127.0.0.1:{}/smartdcc/duis", peer_.endpoint().port);
}

std::vector<std::string> Receiver::wait_for(std::size_t count) {
  std::unique_lock lock(mutex_);
  EXPECT_TRUE(came_.wait_for(lock, kPatience, [&] { return messages_.size() >= count; }))
      << messages_.size() << " of " << count;
  return messages_;
}
std::vector<std::string> Receiver::messages() {
  const std::lock_guard lock(mutex_);
  return messages_;
}

}  // namespace s1flow::loadgen::stub::testing_support
