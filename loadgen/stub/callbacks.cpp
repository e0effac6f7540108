#include "loadgen/stub/callbacks.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace s1flow::loadgen::stub {

Result<std::unique_ptr<CallbackSender>> CallbackSender::make(CallbackOptions options,
                                                             Poller& poller, const Clock& clock,
                                                             DeliveryObserver& observer,
                                                             LiveCounts& counts,
                                                             std::uint64_t seed) {
  std::optional<TlsContext> tls;
  if (options.tls) {
    S1FLOW_TRY(tls, TlsContext::client(*options.tls, options.url.host));
  }
  return std::make_unique<CallbackSender>(std::move(options), std::move(tls), poller, clock,
                                          observer, counts, seed);
}

CallbackSender::CallbackSender(CallbackOptions options, std::optional<TlsContext> tls,
                               Poller& poller, const Clock& clock, DeliveryObserver& observer,
                               LiveCounts& counts, std::uint64_t seed)
    : options_(std::move(options)),
      tls_(std::move(tls)),
      clock_(clock),
      observer_(observer),
      counts_(counts),
      random_(seed, 0xCA11),
      context_{.poller = poller,
               .owner = *this,
               .endpoint = options_.endpoint,
               .allowed = options_.allowed,
               .tls = tls_ ? &*tls_ : nullptr} {
  head_ = fmt::format(
      "POST {} HTTP/1.1\r\nHost: {}\r\nContent-Type: application/xml\r\nContent-Length: ",
      options_.url.path, options_.url.authority());
  for (std::size_t i = 0; i < options_.connections; ++i) {
    connections_.push_back(std::make_unique<ClientConnection>(context_));
    closed_.push_back(connections_.back().get());
  }
}

void CallbackSender::send(std::string_view message, const MessageLabel& label) {
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(deliveries_.size()));
    deliveries_.emplace_back();
  }
  const std::uint32_t number = free_.back();
  free_.pop_back();
  Delivery& delivery = deliveries_[number];
  delivery.label = label;
  delivery.failures = 0;
  delivery.repeat = false;
  delivery.request.clear();
  fmt::format_to(std::back_inserter(delivery.request), "{}{}\r\n\r\n{}", head_, message.size(),
                 message);
  waiting_.push_back(number);
  dispatch();
}

bool CallbackSender::start(ClientConnection& connection, std::uint32_t delivery) {
  counts_.add(Count::messages_attempts);
  connection.notes.entry = delivery;
  connection.notes.due = clock_.now() + options_.timeout;
  if (connection.is_ready()) {
    connection.send(deliveries_[delivery].request);
    return true;
  }
  return connection.open();  // the message goes out when it is ready
}

void CallbackSender::dispatch() {
  // A failure at once would otherwise call back into here.
  if (std::exchange(dispatching_, true)) return;
  while (!waiting_.empty() && (!idle_.empty() || !closed_.empty())) {
    std::vector<ClientConnection*>& from = idle_.empty() ? closed_ : idle_;
    ClientConnection& connection = *from.back();
    from.pop_back();
    const std::uint32_t delivery = waiting_.front();
    waiting_.pop_front();
    if (start(connection, delivery)) continue;
    closed_.push_back(&connection);
    failed(delivery);
  }
  dispatching_ = false;
}

void CallbackSender::on_ready(ClientConnection& connection) {
  const auto delivery = static_cast<std::uint32_t>(connection.notes.entry);
  connection.send(deliveries_[delivery].request);
}

void CallbackSender::on_end(ClientConnection& connection, Outcome outcome,
                            std::string_view /*body*/) {
  const auto delivery = static_cast<std::uint32_t>(connection.notes.entry);
  (connection.is_open() ? idle_ : closed_).push_back(&connection);
  if (outcome == Outcome::ok)
    delivered(delivery);
  else
    failed(delivery);
  dispatch();
}

void CallbackSender::on_lost(ClientConnection& connection, Outcome /*why*/) {
  closed_.push_back(&connection);
  const auto idle = std::find(idle_.begin(), idle_.end(), &connection);
  if (idle != idle_.end()) {
    idle_.erase(idle);
    return;
  }
  failed(static_cast<std::uint32_t>(connection.notes.entry));
  dispatch();
}

void CallbackSender::delivered(std::uint32_t number) {
  Delivery& delivery = deliveries_[number];
  if (delivery.repeat) {
    counts_.add(Count::messages_repeats_delivered);
    return done_with(number);
  }
  counts_.add(Count::messages_delivered);
  observer_.on_delivered(delivery.label);
  if (!random_.chance(options_.repeat_share)) return done_with(number);
  delivery.repeat = true;
  delivery.failures = 0;
  waiting_.push_back(number);
}

void CallbackSender::failed(std::uint32_t number) {
  Delivery& delivery = deliveries_[number];
  counts_.add(Count::messages_failed_attempts);
  if (++delivery.failures < options_.attempts) {
    counts_.add(Count::messages_retried);
    const Nanoseconds wait = std::min(
        options_.most_backoff, options_.backoff * (1U << std::min(delivery.failures - 1, 20U)));
    retries_.add(clock_.now() + wait, number);
    return;
  }
  if (!delivery.repeat) counts_.add(Count::messages_given_up);
  done_with(number);
}

void CallbackSender::done_with(std::uint32_t number) {
  // Most messages have about the same size: their memory is used again, unless it is large.
  std::string& request = deliveries_[number].request;
  if (request.capacity() > (std::size_t{64} << 10)) request = std::string();
  free_.push_back(number);
}

void CallbackSender::tick() {
  const Nanoseconds now = clock_.now();
  while (retries_.next() <= now) waiting_.push_back(retries_.take());
  for (const auto& connection : connections_) {
    const bool works = connection->is_busy() || connection->is_opening();
    if (!works || now < connection->notes.due) continue;
    connection->close();
    closed_.push_back(connection.get());
    failed(static_cast<std::uint32_t>(connection->notes.entry));
  }
  dispatch();
}

}  // namespace s1flow::loadgen::stub
