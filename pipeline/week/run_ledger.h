#pragma once
// RunLedger: what is finished of a dry run, in OUT/ledger.db, so that a run which was interrupted
// at any moment can be gone on with. A file is recorded after it stands whole under its name; what
// stands in OUT without a record is removed when the run goes on, and made again.
//
// One thread at a time. The folder is locked while the object lives.

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/eui64.h"
#include "core/file.h"
#include "core/folder_lock.h"
#include "core/result.h"
#include "pipeline/exchange/writer.h"
#include "pipeline/ledger.h"
#include "pipeline/week/run_identity.h"
#include "pipeline/week/shared_ledger.h"

namespace s1flow::pipeline {

// A file of OUT that is finished. Paths are relative to OUT.
struct FinishedFile {
  std::string key;   // the path under which it was planned
  std::string path;  // where it is; empty: the script let it vanish
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;
  codecs::crypto::Sha256Digest sha256{};
  std::optional<Eui64> sender;  // of files of the exchange
  std::uint64_t counter = 0;
};

// What the receivers said of a file.
struct FileVerdictNote {
  std::string type, name, status, rule, sha256;
  std::optional<Eui64> sender;
  std::uint64_t counter = 0;
};

class RunLedger {
 public:
  // Locks `out` and begins a run there, or goes on with one. Usage errors: the folder is somebody
  // else's, holds a finished run, or one of another batch or other options.
  [[nodiscard]] static Result<RunLedger> begin(const Path& out, const RunIdentity& identity,
                                               const SharedState& shared, Overwrite overwrite,
                                               const std::atomic<bool>* stop);

  [[nodiscard]] bool goes_on() const { return goes_on_; }
  [[nodiscard]] const std::string& run_id() const { return run_id_; }
  // What other runs had accepted when this one began.
  [[nodiscard]] const SharedState& shared() const { return shared_; }
  [[nodiscard]] std::size_t finished() const { return files_.size(); }
  // The file planned under this path, when it is finished; null when it has to be made.
  [[nodiscard]] const FinishedFile* find(const Path& planned) const;
  // The file stands under its name and is on the disk.
  [[nodiscard]] Status record(const Path& planned, const WrittenFile& written,
                              std::optional<Eui64> sender = {}, std::uint64_t counter = 0);
  // Recorded with the next file, or when the run is finished.
  void note(FileVerdictNote verdict);
  // The run is complete: its results stand under these names (relative to OUT), `summary` is JSON.
  [[nodiscard]] Status finish(const std::vector<std::string>& results, std::string_view summary);
  [[nodiscard]] const std::vector<FileVerdictNote>& verdicts() const { return verdicts_; }

 private:
  RunLedger(Path out, FolderLock lock, Ledger ledger)
      : out_(std::move(out)), lock_(std::move(lock)), ledger_(std::move(ledger)) {}
  [[nodiscard]] std::string relative(const Path& path) const;
  Status start(const RunIdentity& identity, const SharedState& shared);
  [[nodiscard]] bool has_finished_nothing() const;
  [[nodiscard]] std::string differing(const RunIdentity& identity) const;
  Status go_on(const RunIdentity& identity, const std::atomic<bool>* stop);
  Status read_records();
  Status check_files(const std::atomic<bool>* stop) const;
  Status sweep() const;

  Path out_;
  FolderLock lock_;
  Ledger ledger_;
  std::string run_id_;
  SharedState shared_;
  bool goes_on_ = false;
  std::map<std::string, FinishedFile, std::less<>> files_;
  std::vector<FileVerdictNote> verdicts_;
  std::map<std::string, std::string, std::less<>> recorded_verdicts_;  // body by file
  std::vector<LedgerEntry> pending_;
};

// What verify-ledger says of a run's folder beyond its ledger: files that are missing or differ,
// and files that no record names. Empty when all is well.
[[nodiscard]] Result<std::vector<std::string>> check_run_folder(
    const Path& out, const std::vector<LedgerRecord>& records, const std::atomic<bool>* stop);

inline constexpr std::string_view kLedgerName = "ledger.db";

}  // namespace s1flow::pipeline
