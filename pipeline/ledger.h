#pragma once
// Ledger: an append-only file of records that survives a kill at any moment, in which every byte
// counts. Records are added in transactions, all or none. Each record's digest covers the record
// and the digest of the one before, so none can be changed, dropped, added or swapped without every
// later one saying so; verify() also finds a changed byte outside of the records, and records that
// were cut off at the end. Nobody's key is in it: it shows what happened to the file, not who did
// it.
//
// The file is SQLite's. One thread at a time; other processes may append to the same file.

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "codecs/crypto/digest.h"
#include "core/file.h"
#include "core/result.h"

struct sqlite3;

namespace s1flow::pipeline {

struct LedgerRecord {
  std::uint64_t number = 0;       // from 1
  std::uint64_t transaction = 0;  // from 1; records with one number were added together
  std::uint64_t library = 0;      // version of SQLite that wrote it
  std::string kind;               // "run", "file" …
  std::string body;               // a JSON object
  codecs::crypto::Sha256Digest chain{};
};

// What is added.
struct LedgerEntry {
  std::string kind;
  std::string body;
};

class Ledger {
 public:
  // Opens the file, or makes one (0600) when there is none. What a killed process left half-done is
  // taken back. A broken chain or a file that is no ledger is an error.
  [[nodiscard]] static Result<Ledger> open(const Path& path);
  Ledger(Ledger&&) noexcept;
  Ledger& operator=(Ledger&&) noexcept;
  Ledger(const Ledger&) = delete;
  Ledger& operator=(const Ledger&) = delete;
  ~Ledger();

  // All of them are on the disk when this returns, or none is.
  [[nodiscard]] Status append(std::span<const LedgerEntry> entries);
  // The same with entries that depend on what is in the file: while `make` looks at the records, no
  // other process can add any. Its error leaves the file as it was.
  using Make = std::function<Result<std::vector<LedgerEntry>>(const std::vector<LedgerRecord>&)>;
  [[nodiscard]] Status append_with(const Make& make);
  // What the file held when it was opened, and what was appended since.
  [[nodiscard]] const std::vector<LedgerRecord>& records() const { return records_; }
  [[nodiscard]] const Path& path() const { return path_; }
  // Lets go of the file; nothing can be appended any more.
  void close() { database_.reset(); }

 private:
  struct Close {
    void operator()(sqlite3* database) const noexcept;
  };
  Ledger() = default;
  Status prepare(bool fresh);
  Status append_inside(const Make& make);

  Path path_;
  std::unique_ptr<sqlite3, Close> database_;
  std::vector<LedgerRecord> records_;
};

// What is wrong with a ledger, and the records up to there. Empty `fault`: every byte is as it was
// written.
struct LedgerVerdict {
  std::string fault;
  std::vector<LedgerRecord> records;
};
// Reads the file without changing it; only what a killed process left half-done is taken back
// first. An error is one of reading: a damaged file is a verdict.
[[nodiscard]] Result<LedgerVerdict> verify_ledger(const Path& path);

}  // namespace s1flow::pipeline
