#pragma once
// Every size that comes from input has a limit here. A breach is the finding xml.limit, csv.limit
// or json.limit.

#include <cstddef>
#include <cstdint>

namespace s1flow::codecs {

struct Limits {
  std::size_t depth = 64;                     // of elements or JSON values
  std::size_t attributes = 100;               // of one element, namespace declarations included
  std::size_t name_bytes = 256;               // of an element, attribute or namespace prefix
  std::size_t field_bytes = 64 * 1024;        // of one leaf, attribute value, cell or JSON text
  std::size_t record_bytes = 4 << 20;         // of one installation or row
  std::size_t head_bytes = 1 << 20;           // of an XML document before its first record
  std::size_t tail_bytes = 1 << 20;           // of an XML document after its last record
  std::size_t columns = 256;                  // of a CSV row
  std::uint64_t file_bytes = 1ULL << 40;      // of one file
  std::uint64_t records = 1'000'000'000;      // of one file
  std::uint64_t unpacked_bytes = 4ULL << 30;  // of the file in a protected container
  std::uint64_t expansion = 200;              // of these to those in the container
  std::size_t findings_per_file = 1'000'000;  // what is above is counted, and said

  bool operator==(const Limits&) const = default;
};

}  // namespace s1flow::codecs
