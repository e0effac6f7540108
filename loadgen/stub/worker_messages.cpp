// Worker: what is sent to Users.

#include <algorithm>

#include "loadgen/stub/worker.h"

namespace s1flow::loadgen::stub {

CallbackSender* Worker::sender_for(Eui64 user) const {
  const auto found = sender_of_.find(user.value());
  return found == sender_of_.end() ? usual_sender_ : found->second;
}

void Worker::plan(Nanoseconds answered) {
  for (Planned& planned : fresh_) {
    if (sender_for(planned.user) == nullptr) {
      counts_.add(Count::messages_no_address);
      continue;
    }
    counts_.add(Count::messages_planned);
    const Nanoseconds due = answered + planned.after;
    due_.add(due, {Due::Kind::message, planned_.put(planned)});
  }
  fresh_.clear();
}

void Worker::send(Planned planned, Nanoseconds now) {
  const bool scheduled = planned.kind == Planned::Kind::scheduled;
  if (scheduled && !shared_.world.schedules.has(planned.schedule)) {
    counts_.add(Count::messages_withheld);  // its schedule was deleted
    return;
  }
  const auto message = dcc_->make(planned, wall(now));
  if (!message) {
    counts_.add(Count::messages_given_up);
    if (status_) status_ = tl::unexpected(message.error());
    return;
  }
  sender_for(planned.user)->send(*message, dcc_->label_of(planned));
  if (!scheduled || --planned.left == 0) return;
  counts_.add(Count::messages_planned);
  due_.add(now + planned.after, {Due::Kind::message, planned_.put(planned)});
}

void Worker::start_storms() {
  storms_.resize(settings_.storms.size());
  storms_left_ = storms_.size();
  for (std::uint32_t i = 0; i < storms_.size(); ++i)
    due_.add(shared_.start + settings_.storms[i].at, {Due::Kind::storm, i});
}

void Worker::storm(std::uint32_t number) {
  const AlertStorm& storm = settings_.storms[number];
  StormState& state = storms_[number];
  const auto all =
      static_cast<std::uint64_t>(storm.rate * static_cast<double>(storm.lasts.count()) / 1e9 + 0.5);
  if (state.sent >= all) {
    --storms_left_;
    return;
  }
  const auto stands_for =
      static_cast<std::uint32_t>(std::min<std::uint64_t>(storm.throttle, all - state.sent));
  const Eui64 device(storm.first_device.value() + state.messages % storm.devices);
  counts_.add(Count::messages_planned);
  if (is_full())
    counts_.add(Count::messages_given_up);
  else
    send({.request = {storm.user, device, 0},
          .device = device,
          .user = storm.user,
          .alert = storm.code,
          .stands_for = stands_for,
          .sequence = storm.throttle > 1 ? state.messages + 1 : 0,
          .kind = Planned::Kind::alert},
         shared_.clock.now());
  ++state.messages;
  state.sent += stands_for;
  const double next = static_cast<double>(state.sent) * 1e9 / storm.rate;
  due_.add(shared_.start + storm.at + Nanoseconds(static_cast<Nanoseconds::rep>(next)),
           {Due::Kind::storm, number});
}

void Worker::on_delivered(const MessageLabel& label) {
  switch (label.kind) {
    case MessageLabel::Kind::response:
      counts_.add(Count::responses_delivered);
      counts_.response_codes[label.code].add();
      return;
    case MessageLabel::Kind::unknown:
      return counts_.add(Count::unknown_delivered);
    case MessageLabel::Kind::dcc_alert:
      counts_.dcc_alerts[label.code].add();
      break;
    case MessageLabel::Kind::device_alert:
      device_alerts_[label.code].add();
      break;
  }
  counts_.add(Count::alerts_delivered);
  counts_.add(Count::alerts_stand_for, label.stands_for);
}

}  // namespace s1flow::loadgen::stub
