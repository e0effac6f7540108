#pragma once
// The header of an exchange file as plain values, and what a reader expects of it.

#include <optional>
#include <string>
#include <vector>

#include "codecs/layout/layout.h"
#include "codecs/record.h"
#include "core/calendar.h"
#include "core/device.h"
#include "core/eui64.h"

namespace s1flow::pipeline {

// Fields that the file, or its layout, does not have are empty.
struct ExchangeHeader {
  std::optional<Eui64> sender;
  std::vector<Eui64> recipients;
  std::optional<std::uint64_t> counter;
  std::optional<UtcTime> created;
  std::string smso;
  std::optional<Date> week;
  std::optional<Date> day;
  GroupId group;
  std::optional<Eui64> mcf_sender;
  std::optional<std::uint64_t> mcf_counter;
  std::optional<std::uint64_t> record_count;

  [[nodiscard]] static ExchangeHeader from(const codecs::Record& header);
  // Texts are copied into the record's arena.
  void fill(codecs::Record& header) const;
};

}  // namespace s1flow::pipeline
