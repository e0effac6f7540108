#pragma once
// What commands do with many files at once: which they are, and where what comes of them goes.

#include <cstdint>
#include <future>
#include <string>
#include <vector>

#include "core/file.h"
#include "core/result.h"
#include "core/staged_file.h"

namespace s1flow::cli {

// Inputs as given. A folder stands for its files by name, without those that begin with a dot.
struct ManyInputs {
  std::vector<std::string> names;
  bool several = false;  // more than one was given, or a folder
  // Folders that cannot be read or are empty, and what is no regular file in one: to be told, so
  // that nothing is passed over in silence, without keeping the others from their way.
  std::vector<Error> problems;

  [[nodiscard]] static ManyInputs find(const std::vector<std::string>& given);
  // Bytes; 0: not known.
  [[nodiscard]] std::uint64_t size_of(std::size_t i) const;
};

// Outputs of many files, under the inputs' own names in one folder. Small ones are committed
// together, while the work on others goes on. One thread, but for write().
class OutputFolder {
 public:
  // Makes the folder. Two inputs of one name, an output that is its input, and outputs that exist
  // already when they may not be replaced, are usage errors, before any work is done.
  [[nodiscard]] static Result<OutputFolder> open(const std::string& folder,
                                                 const ManyInputs& inputs, Overwrite overwrite);

  [[nodiscard]] Path path_for(const std::string& input) const;
  // From any thread; to be given to add() afterwards.
  [[nodiscard]] Result<StagedFile> write(const std::string& input, std::string_view bytes) const;
  // It appears with others, at the latest with finish(). The error may be of those before.
  [[nodiscard]] Status add(StagedFile file);
  [[nodiscard]] Status finish();

 private:
  // Waits for those that are being committed.
  Status settle();

  Path folder_;
  Overwrite overwrite_ = Overwrite::no;
  std::vector<StagedFile> staged_;
  std::future<Status> under_way_;
};

}  // namespace s1flow::cli
