// Worker: connections that belong to somebody. A request goes out on a connection of its own
// identity; while that has none free the request waits, written and signed, and those of others go
// past it. Its time goes on counting from when it was due.

#include "loadgen/worker.h"

namespace s1flow::loadgen {
namespace {

// Of one thread. Beyond it nobody goes past.
constexpr std::size_t kMostWaiting = 1 << 16;

}  // namespace

// The request at the cursor; false when it has to stay there.
bool Worker::send_by_identity(Nanoseconds at) {
  if (waiting_ >= kMostWaiting) return false;
  const Request request = writer_->write(cursor_.number());
  const ClientConnection::Notes what = next_request(request.class_index, at);
  Lane& lane = lanes_[request.identity];
  ClientConnection* connection = take_ready(lane);
  ++begun_[what.phase];
  cursor_.advance();
  if (connection == nullptr) {
    lane.waiting.push_back({request.key, what, std::string(request.bytes)});
    ++waiting_;
    ++prepared_;
    return true;
  }
  begin(*connection, what, request.key, at);
  connection->send(request.bytes);
  return true;
}

// What waits for a connection of this identity; false when nothing does. Second round trips go
// first: they were due before.
bool Worker::send_prepared(ClientConnection& connection, Nanoseconds at) {
  if (send_second(connection, at)) return true;
  std::deque<Prepared>& waiting = lanes_[connection.notes.identity].waiting;
  if (waiting.empty() || at >= sending_until_ || (table_ && table_->full())) return false;
  const Prepared next = std::move(waiting.front());
  waiting.pop_front();
  --waiting_;
  --prepared_;
  // It has been free from now on only: the wait is not the generator's doing.
  connection.notes.ready = at;
  begin(connection, next.notes, next.key, at);
  connection.send(next.bytes);
  return true;
}

void Worker::dispatch_prepared(Nanoseconds at) {
  for (Lane& lane : lanes_) {
    while (!lane.second_trips.empty() || !lane.waiting.empty()) {
      ClientConnection* connection = take_ready(lane);
      if (connection == nullptr) break;
      if (send_prepared(*connection, at)) continue;
      make_ready(*connection, connection->notes.ready);
      break;
    }
  }
}

// Those that were due by then have waited too long.
void Worker::drop_waiting(Nanoseconds until_due, Nanoseconds at) {
  for (Lane& lane : lanes_) {
    while (!lane.waiting.empty() && lane.waiting.front().notes.due <= until_due) {
      record_unsent(lane.waiting.front().notes, Outcome::dropped, at);
      lane.waiting.pop_front();
      --waiting_;
      --prepared_;
    }
  }
}

}  // namespace s1flow::loadgen
