#include "pipeline/week/week_table.h"

#include <algorithm>

#include "core/check.h"
#include "core/random.h"

namespace s1flow::pipeline {

Status RowIndex::make_room(std::size_t count) {
  // As many slots as fill a page of the store's files many times over.
  constexpr std::size_t kPace = 65536;
  while ((size_ + count) * 5 > slots_.size() * 4) {
    const std::size_t size = std::max<std::size_t>(slots_.size() * 2, 1024);
    S1FLOW_TRY(std::byte* const block, store_->take(size * sizeof(Slot)));
    const std::span<Slot> old = std::exchange(slots_, {reinterpret_cast<Slot*>(block), size});
    mask_ = size - 1;
    // Slots are written near to where they stood, and as far again from the begin: what lies behind
    // is not touched again, and need not stay.
    for (std::size_t i = 0; i < old.size(); ++i) {
      if (old[i].row != 0) put(old[i]);
      if (i % kPace == 0) store_->relax();
    }
    if (!old.empty()) store_->give_back(reinterpret_cast<std::byte*>(old.data()));
  }
  return {};
}

std::uint32_t WeekTable::add(const InstallationRow& row) {
  S1FLOW_CHECK(rows_.size() < kNoRow / 2);
  const std::uint32_t index = size();
  rows_.push_back(row);
  by_id_.add(hash64(row.id.view()), index);
  return index;
}

std::uint32_t WeekTable::find(std::string_view installation) const {
  return by_id_.find(hash64(installation),
                     [&](std::uint32_t r) { return rows_[r].id.view() == installation; });
}

bool WeekTable::add_mpxn(std::uint32_t row, unsigned meter) {
  const std::uint64_t mpxn = rows_[row].meters[meter].mpxn;
  if (find_mpxn(Mpxn::unpack(mpxn)).row != kNoRow) return false;
  by_mpxn_.add(mix64(mpxn), row * 2 + meter);
  return true;
}

WeekTable::MeterPlace WeekTable::find_mpxn(Mpxn mpxn) const {
  const std::uint32_t at = by_mpxn_.find(mix64(mpxn.packed()), [&](std::uint32_t p) {
    return rows_[p / 2].meters[p % 2].mpxn == mpxn.packed();
  });
  if (at == kNoRow) return {};
  return {at / 2, at % 2};
}

void WeekTable::set_devices(std::uint32_t row, std::span<const DeviceRow> devices) {
  rows_[row].first_device = static_cast<std::uint32_t>(device_ids_.size());
  rows_[row].device_count = static_cast<std::uint8_t>(std::min<std::size_t>(devices.size(), 255));
  for (const DeviceRow& d : devices.first(rows_[row].device_count)) {
    const auto index = static_cast<std::uint32_t>(device_ids_.size());
    device_ids_.push_back(d.id);
    device_types_.push_back(d.type);
    device_rows_.push_back(row);
    by_device_.add(mix64(d.id.value()), index);
  }
}

std::vector<DeviceRow> WeekTable::devices(std::uint32_t row) const {
  std::vector<DeviceRow> out;
  for (std::uint32_t i = 0; i < rows_[row].device_count; ++i) {
    const std::uint32_t at = rows_[row].first_device + i;
    out.push_back({device_ids_[at], device_types_[at]});
  }
  return out;
}

std::uint32_t WeekTable::find_device(Eui64 device) const {
  const std::uint32_t found = by_device_.find(
      mix64(device.value()), [&](std::uint32_t i) { return device_ids_[i] == device; });
  return found == kNoRow ? kNoRow : device_rows_[found];
}

Status WeekTable::make_room(std::size_t rows, std::size_t devices) {
  store_.relax();
  S1FLOW_TRY_VOID(rows_.make_room(rows));
  S1FLOW_TRY_VOID(by_id_.make_room(rows));
  S1FLOW_TRY_VOID(by_mpxn_.make_room(2 * rows));
  S1FLOW_TRY_VOID(device_ids_.make_room(devices));
  S1FLOW_TRY_VOID(device_types_.make_room(devices));
  S1FLOW_TRY_VOID(device_rows_.make_room(devices));
  return by_device_.make_room(devices);
}

std::size_t WeekTable::bytes() const {
  return rows_.bytes() + device_ids_.bytes() + device_types_.bytes() + device_rows_.bytes() +
         by_id_.bytes() + by_mpxn_.bytes() + by_device_.bytes();
}

}  // namespace s1flow::pipeline
