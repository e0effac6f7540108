#include "pipeline/week/week_table.h"

#include <algorithm>

#include "core/check.h"
#include "core/random.h"

namespace s1flow::pipeline {

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

// match(row) says whether it is the row, otherwise() asks the index.
template <typename Match, typename Otherwise>
std::uint32_t WeekTable::find_near(Near& near, const RowIndex& index, Match match,
                                   Otherwise otherwise) const {
  // Rows of one day and group are some twenty apart.
  constexpr std::uint32_t kAhead = 64;
  // A reader that goes another way is asked now and then only whether it still does.
  constexpr std::uint32_t kPatience = 16;
  if (index.in_file() && near.row != kNoRow &&
      (near.in_vain < kPatience || near.in_vain % kPatience == 0)) {
    const std::uint32_t end = std::min(size(), near.row + kAhead);
    for (std::uint32_t r = near.row; r < end; ++r)
      if (match(rows_[r])) {
        near = {r, 0};
        return r;
      }
  }
  ++near.in_vain;
  looks_into(index);
  const std::uint32_t found = otherwise();
  if (found != kNoRow) near.row = found;
  return found;
}

std::uint32_t WeekTable::find(std::string_view installation, Near& near) const {
  if (installation.empty()) return kNoRow;  // rows of refused files have no id
  return find_near(
      near, by_id_, [&](const InstallationRow& r) { return r.id.view() == installation; },
      [&] { return find(installation); });
}

bool WeekTable::add_mpxn(std::uint32_t row, unsigned meter) {
  const std::uint64_t mpxn = rows_[row].meters[meter].mpxn;
  if (find_mpxn(Mpxn::unpack(mpxn)).row != kNoRow) return false;
  by_mpxn_.add(mix64(mpxn), row * 2 + meter);
  rows_[row].meters[meter].owner = true;
  return true;
}

WeekTable::MeterPlace WeekTable::find_mpxn(Mpxn mpxn) const {
  const std::uint32_t at = by_mpxn_.find(mix64(mpxn.packed()), [&](std::uint32_t p) {
    return rows_[p / 2].meters[p % 2].mpxn == mpxn.packed();
  });
  if (at == kNoRow) return {};
  return {at / 2, at % 2};
}

WeekTable::MeterPlace WeekTable::find_mpxn(Mpxn mpxn, Near& near) const {
  const std::uint64_t wanted = mpxn.packed();
  const auto meter_of = [&](const InstallationRow& r) {
    const auto is = [&](const MeterRow& m) { return m.mpxn == wanted && m.owner; };
    return is(r.meters[0]) ? 0U : is(r.meters[1]) ? 1U : 2U;
  };
  MeterPlace place;
  const std::uint32_t row = find_near(
      near, by_mpxn_, [&](const InstallationRow& r) { return meter_of(r) < 2; },
      [&] { return (place = find_mpxn(mpxn)).row; });
  if (row != kNoRow && place.row == kNoRow) place = {row, meter_of(rows_[row])};
  return place;
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
  looks_into(by_device_);
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
