#include "loadgen/net/client_connection.h"

#include "core/check.h"

namespace s1flow::loadgen {

void ClientConnection::watch(std::uint32_t events) {
  if (watched_ == events) return;
  watched_ = events;
  context_.poller.change(stream_.fd(), events, *this);
}

bool ClientConnection::open() {
  S1FLOW_CHECK(at_ == At::closed);
  // Checked on each connect, so that no later change of the endpoint can lead elsewhere.
  S1FLOW_CHECK(context_.allowed.permits(context_.endpoint));
  Socket socket = start_connect(context_.endpoint, last_error_);
  if (!socket || last_error_ != 0) return false;
  watched_ = EPOLLOUT | EPOLLIN;
  if (!context_.poller.add(socket.get(), watched_, *this)) {
    last_error_ = errno;
    return false;
  }
  stream_ = Stream(std::move(socket));
  at_ = At::connecting;
  return true;
}

void ClientConnection::close() {
  if (stream_.tls() != nullptr && at_ == At::ready) stream_.tls()->shutdown();
  stream_.close();
  unsent_.clear();
  at_ = At::closed;
}

void ClientConnection::on_event(std::uint32_t events) {
  switch (at_) {
    case At::waiting:
      return read();
    case At::ready:
      return read_idle();
    case At::sending:
      if ((events & EPOLLOUT) != 0) flush();
      if ((events & ~std::uint32_t{EPOLLOUT}) != 0 && is_busy()) read();
      return;
    case At::connecting:
      return connected();
    case At::handshaking:
      return handshake();
    case At::closed:
      return;
  }
}

void ClientConnection::connected() {
  last_error_ = connect_result(stream_.fd());
  if (last_error_ != 0) return lost(Outcome::connect_error);
  if (context_.tls == nullptr) {
    at_ = At::ready;
    watch(EPOLLIN);
    return context_.owner.on_ready(*this);
  }
  stream_.start_tls(*context_.tls);
  at_ = At::handshaking;
  handshake();
}

void ClientConnection::handshake() {
  const IoResult result = stream_.tls()->handshake();
  switch (result.state) {
    case IoState::done:
      at_ = At::ready;
      watch(EPOLLIN);
      return context_.owner.on_ready(*this);
    case IoState::want_read:
      return watch(EPOLLIN);
    case IoState::want_write:
      return watch(EPOLLIN | EPOLLOUT);
    case IoState::reset:
      last_error_ = result.error;
      return lost(Outcome::connect_error);
    case IoState::closed:
    case IoState::tls_error:
      last_tls_error_ = stream_.tls()->error_text();
      return lost(Outcome::tls_error);
  }
}

void ClientConnection::send(std::string_view request) {
  reader_.start(context_.keep_body);
  const IoResult result = stream_.write(request.data(), request.size());
  if (result.state == IoState::done && result.bytes == request.size()) {
    at_ = At::waiting;
    return;
  }
  // The rest waits here, and so does a failure: the event that follows tells of it.
  unsent_.assign(request.substr(result.state == IoState::done ? result.bytes : 0));
  at_ = At::sending;
  watch(EPOLLIN | EPOLLOUT);
}

void ClientConnection::flush() {
  while (!unsent_.empty()) {
    const IoResult result = stream_.write(unsent_.data(), unsent_.size());
    if (result.state == IoState::want_write || result.state == IoState::want_read) return;
    if (result.state != IoState::done) {
      // The peer may have answered before it closed; that answer counts.
      read();
      if (is_busy()) fail(result);
      return;
    }
    unsent_.erase(0, result.bytes);
  }
  at_ = At::waiting;
  watch(EPOLLIN);
}

void ClientConnection::read() {
  std::string& buffer = context_.buffer;
  for (;;) {
    const IoResult result = stream_.read(buffer.data(), buffer.size());
    if (result.state == IoState::want_read || result.state == IoState::want_write) return;
    if (result.state == IoState::closed) {
      if (reader_.end_of_stream() != ResponseReader::State::complete)
        return end(Outcome::closed_early);
      stream_.close();
      at_ = At::closed;
      return context_.owner.on_end(*this, outcome_of_status(reader_.status()), reader_.body());
    }
    if (result.state != IoState::done) return fail(result);
    std::size_t used = 0;
    const std::string_view bytes(buffer.data(), result.bytes);
    const ResponseReader::State state = reader_.feed(bytes, used);
    if (state == ResponseReader::State::bad) return end(Outcome::bad_response);
    if (state == ResponseReader::State::more) {
      // Plain sockets tell again when there is more; TLS may hold it already.
      if (stream_.tls() == nullptr) return;
      continue;
    }
    if (used != bytes.size()) return end(Outcome::garbage);
    // An answer before the request was sent whole, or one that says so, ends the connection.
    if (!reader_.keep_alive() || at_ == At::sending)
      close();
    else
      at_ = At::ready;
    const bool more = at_ == At::ready && stream_.pending();
    context_.owner.on_end(*this, outcome_of_status(reader_.status()), reader_.body());
    // What TLS holds already no event will tell of.
    if (!more) return;
    if (at_ == At::ready) return read_idle();
    if (!is_busy()) return;
  }
}

void ClientConnection::read_idle() {
  const IoResult result = stream_.read(context_.buffer.data(), context_.buffer.size());
  switch (result.state) {
    case IoState::want_read:
    case IoState::want_write:
      return;
    case IoState::done:
      return lost(Outcome::garbage);
    case IoState::closed:
      return lost(Outcome::closed_early);
    case IoState::reset:
      last_error_ = result.error;
      return lost(Outcome::reset);
    case IoState::tls_error:
      return lost(Outcome::tls_error);
  }
}

void ClientConnection::fail(const IoResult& result) {
  last_error_ = result.error;
  if (result.state == IoState::tls_error) last_tls_error_ = stream_.tls()->error_text();
  end(result.state == IoState::tls_error ? Outcome::tls_error
      : result.state == IoState::closed  ? Outcome::closed_early
                                         : Outcome::reset);
}

void ClientConnection::end(Outcome outcome) {
  close();
  context_.owner.on_end(*this, outcome, {});
}

void ClientConnection::lost(Outcome why) {
  close();
  context_.owner.on_lost(*this, why);
}

}  // namespace s1flow::loadgen
