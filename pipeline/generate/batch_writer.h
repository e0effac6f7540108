#pragma once
// BatchWriter: the files of a generated batch while its installations come by, by the batch's own
// layouts.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "codecs/encoder.h"
#include "core/file.h"
#include "core/result.h"
#include "pipeline/generate/draft.h"
#include "pipeline/generate/world.h"

namespace s1flow::pipeline {

// A CSV or JSON Lines file in the making.
class PlainWriter {
 public:
  [[nodiscard]] static Result<PlainWriter> create(const Path& path,
                                                  std::shared_ptr<const codecs::Layout> layout);
  // The record's ordinal in the file, from 1.
  [[nodiscard]] Result<std::uint64_t> add(const codecs::Record& record);
  [[nodiscard]] Result<std::uint64_t> add_raw(std::string_view line);
  [[nodiscard]] Status finish();
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  PlainWriter(OutputFile file, std::unique_ptr<codecs::Encoder> encoder)
      : file_(std::move(file)), encoder_(std::move(encoder)) {}
  Status put(std::string_view text);
  OutputFile file_;
  std::unique_ptr<codecs::Encoder> encoder_;
  std::shared_ptr<const codecs::Layout> layout_;
  std::string name_, text_;
  std::uint64_t records_ = 0;
};

// Where an installation's lines ended up, for what is expected.
struct Written {
  std::string inventory_file;
  std::uint64_t inventory_position = 0;
  std::array<std::string, 2> maf_file;
  std::array<std::uint64_t, 2> maf_position{};
};

class BatchWriter {
 public:
  explicit BatchWriter(const World& world, Path folder)
      : world_(world), folder_(std::move(folder)) {}

  [[nodiscard]] Status open();
  // `inventory_of` and `maf_of`: number of the refused file that the installation is moved into, or
  // npos.
  [[nodiscard]] Result<Written> add(const InstallationDraft& d, std::size_t inventory_of,
                                    std::size_t maf_of);
  [[nodiscard]] Status finish();
  // "epcl.csv", or with the ending that the layout's container has.
  [[nodiscard]] std::string name_of(std::string_view type) const;
  // Name of the refused file with this number, once something was written to it.
  [[nodiscard]] std::string plain_name(std::size_t number) const;
  [[nodiscard]] Path plain_path(std::size_t number) const;

  [[nodiscard]] Status write_epcl() const;
  [[nodiscard]] Status write_batch_toml(bool rsa) const;
  [[nodiscard]] std::shared_ptr<const codecs::Layout> layout(std::string_view type) const {
    return world_.batch.layouts.preferred(type);
  }

 private:
  [[nodiscard]] Result<PlainWriter*> maf(Eui64 supplier, std::size_t smso, std::size_t refused);
  [[nodiscard]] Result<PlainWriter*> inventory(std::size_t smso, std::size_t refused);
  [[nodiscard]] codecs::Record inventory_record(const InstallationDraft& d, Arena& arena) const;
  [[nodiscard]] codecs::Record maf_record(const MeterDraft& m, Arena& arena) const;
  Status write_inventory(const InstallationDraft& d, std::size_t refused, Written& written);
  Status write_registration(const InstallationDraft& d);

  const World& world_;
  Path folder_;
  std::map<std::tuple<Eui64, std::size_t, std::size_t>, PlainWriter> mafs_;
  std::map<std::pair<std::size_t, std::size_t>, PlainWriter> inventories_;
  std::optional<PlainWriter> registration_;
  std::map<std::size_t, Path> plain_;
};

}  // namespace s1flow::pipeline
