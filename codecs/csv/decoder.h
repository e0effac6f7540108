#pragma once
// CSV rows into Records, by the columns of a Layout.

#include "codecs/csv/row_reader.h"
#include "codecs/decoder.h"

namespace s1flow::codecs {

class CsvDecoder final : public Decoder {
 public:
  CsvDecoder(std::shared_ptr<const Layout> layout, const Limits& limits);
  void decode(const Chunk& chunk, Arena& arena, RecordBatch& batch,
              std::vector<Fault>& faults) override;

 private:
  [[nodiscard]] bool header_fits(std::vector<Fault>& faults);
  void row(const Chunk& chunk, std::uint64_t ordinal, std::size_t start, std::uint32_t line,
           std::vector<Fault>& faults);
  void missing_cells(const Chunk& chunk, std::size_t start, std::uint32_t line,
                     std::vector<Fault>& faults);

  std::shared_ptr<const Layout> layout_;
  CsvRowReader reader_;
  std::size_t record_bytes_;
  RecordBuilder builder_;
  std::vector<std::size_t> required_;  // columns whose cells must not be empty
  std::vector<std::string_view> fields_;
};

}  // namespace s1flow::codecs
