#pragma once
// The required file set of a GroupID, as MGF and MEF layouts state it.

#include <algorithm>

#include "pipeline/rules/check.h"

namespace s1flow::pipeline {

// Calls use(item) for each item that the installation has to bring: of its group, and of a Device
// that it has.
template <typename Use>
void for_each_required(const GroupFileCheck& c, Use use) {
  for (const codecs::RequiredItem& item : c.layout.required) {
    const bool group =
        std::find(item.groups.begin(), item.groups.end(), c.group) != item.groups.end();
    const bool device = item.device_type == codecs::npos ||
                        std::any_of(c.devices.begin(), c.devices.end(), [&](const DeviceRow& d) {
                          return static_cast<std::size_t>(d.type) == item.device_type;
                        });
    if (group && device) use(item);
  }
}

}  // namespace s1flow::pipeline
