#include "loadgen/duration.h"
#include "loadgen/profiles/registry.h"

namespace s1flow::loadgen {
namespace {

class BurstSchedule final : public Schedule {
 public:
  BurstSchedule(std::uint64_t size, Nanoseconds every, Nanoseconds duration)
      : size_(size), every_(every) {
    const auto bursts = (duration.count() + every.count() - 1) / every.count();
    count_ = static_cast<std::uint64_t>(bursts) * size;
  }
  [[nodiscard]] std::uint64_t count() const override { return count_; }
  [[nodiscard]] Nanoseconds due(std::uint64_t k) const override {
    return static_cast<Nanoseconds::rep>(k / size_) * every_;
  }

 private:
  std::uint64_t size_;
  Nanoseconds every_;
  std::uint64_t count_ = 0;
};

Result<SchedulePointer> make(codecs::ConfigReader& reader, const ProfileContext& context) {
  const std::uint64_t size = reader.count("size", 0, 10'000'000);
  const Nanoseconds every = read_required_duration(reader, "every");
  if (size == 0) reader.fail(nullptr, "'size' must be 1 or more");
  if (every < std::chrono::milliseconds(1)) reader.fail(nullptr, "'every' must be 1ms or more");
  return std::make_shared<BurstSchedule>(std::max<std::uint64_t>(size, 1),
                                         std::max<Nanoseconds>(every, std::chrono::milliseconds(1)),
                                         context.duration);
}

}  // namespace

constinit const Profile burst_profile{
    .name = "burst",
    .summary = "many requests due at one instant, again and again",
    .parameters = "size = 500, every = \"1s\"",
    .make = &make,
};

}  // namespace s1flow::loadgen
