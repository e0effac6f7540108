#include "pipeline/ledger.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include "core/folder.h"
#include "core/text.h"
#include "pipeline/ledger_disk.h"

namespace s1flow::pipeline {
namespace {

using codecs::crypto::Sha256Digest;

constexpr int kApplication = 0x5331464C;  // "S1FL"
constexpr int kVersion = 1;
constexpr int kWaitMilliseconds = 10'000;  // for another process that is appending
constexpr std::size_t kMaxLedger = std::size_t{1} << 30;

// Small pages: a ledger of a small week stays small.
constexpr const char* kSettings =
    "PRAGMA page_size=4096; PRAGMA journal_mode=DELETE; PRAGMA synchronous=EXTRA;"
    "PRAGMA secure_delete=ON; PRAGMA temp_store=MEMORY; PRAGMA trusted_schema=OFF;";
constexpr const char* kTable =
    "CREATE TABLE record(number INTEGER PRIMARY KEY, step INTEGER NOT NULL,"
    " library INTEGER NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL, chain BLOB NOT NULL) "
    "STRICT";
constexpr const char* kSelect =
    "SELECT number, step, library, kind, body, chain FROM record WHERE number > ?1 ORDER BY number";
constexpr const char* kInsert = "INSERT INTO record VALUES(?1, ?2, ?3, ?4, ?5, ?6)";

struct Finalize {
  void operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;

constexpr std::string_view kMoreMemory = "out of memory; run again with more of it";

std::string remedy_of(int code) {
  if (code == SQLITE_IOERR_NOMEM) return std::string(kMoreMemory);
  switch (code & 0xFF) {
    case SQLITE_FULL:
      return "the disk is full; free some space and run again";
    case SQLITE_NOMEM:
      return std::string(kMoreMemory);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return "another process is writing to it; run again later";
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_CANTOPEN:
      return "it cannot be written; make the folder and the file writable, and raise the limit of "
             "open files (ulimit -n) when it is low";
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return "it is damaged; 's1flow verify-ledger' says where";
    case SQLITE_IOERR:
      return "the disk fails; look at the machine's log before running again";
    default:
      return "run again";
  }
}

Error database_error(sqlite3* database, const Path& path, std::string_view action) {
  const int code = database == nullptr ? SQLITE_NOMEM : sqlite3_extended_errcode(database);
  // What the system said is told as everywhere, with what can be done about it.
  const int disk = take_disk_errno();
  if (const int system = disk != 0 || database == nullptr ? disk : sqlite3_system_errno(database);
      system != 0 && code != SQLITE_IOERR_NOMEM &&
      ((code & 0xFF) == SQLITE_IOERR || (code & 0xFF) == SQLITE_FULL ||
       (code & 0xFF) == SQLITE_CANTOPEN)) {
    errno = system;
    return io_error(action, path.string());
  }
  const char* const text = database == nullptr ? "out of memory" : sqlite3_errmsg(database);
  return {ErrorKind::io, fmt::format("{}: cannot {}: {} ({}); {}", path.string(), action, text,
                                     code, remedy_of(code))};
}

Status execute(sqlite3* database, const char* sql, const Path& path, std::string_view action) {
  // What failed before this, and did no harm, is none of its trouble.
  (void)take_disk_errno();
  if (sqlite3_exec(database, sql, nullptr, nullptr, nullptr) != SQLITE_OK)
    return tl::unexpected(database_error(database, path, action));
  return {};
}

Result<Statement> prepare_statement(sqlite3* database, const char* sql, const Path& path,
                                    std::string_view action) {
  sqlite3_stmt* raw = nullptr;
  if (sqlite3_prepare_v2(database, sql, -1, &raw, nullptr) != SQLITE_OK)
    return tl::unexpected(database_error(database, path, action));
  return Statement(raw);
}

void append_number(std::string& out, std::uint64_t value) {
  for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<char>(value >> shift));
}

Sha256Digest chain_of(const Sha256Digest& before, const LedgerRecord& record) {
  std::string bytes(reinterpret_cast<const char*>(before.data()), before.size());
  append_number(bytes, record.number);
  append_number(bytes, record.transaction);
  append_number(bytes, record.library);
  append_number(bytes, record.kind.size());
  bytes += record.kind;
  bytes += record.body;
  return codecs::crypto::sha256_of(
      {reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()});
}

LedgerRecord record_in(sqlite3_stmt* row) {
  const auto text = [&](int column) {
    const auto* bytes = static_cast<const char*>(sqlite3_column_blob(row, column));
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(row, column));
    return bytes == nullptr ? std::string() : std::string(bytes, size);
  };
  LedgerRecord record;
  record.number = static_cast<std::uint64_t>(sqlite3_column_int64(row, 0));
  record.transaction = static_cast<std::uint64_t>(sqlite3_column_int64(row, 1));
  record.library = static_cast<std::uint64_t>(sqlite3_column_int64(row, 2));
  record.kind = text(3);
  record.body = text(4);
  const std::string chain = text(5);
  if (chain.size() == record.chain.size())
    std::memcpy(record.chain.data(), chain.data(), chain.size());
  return record;
}

// Why `record` cannot follow what stands before it; empty when it can.
std::string break_of(const LedgerRecord* before, const LedgerRecord& record) {
  const std::uint64_t number = before == nullptr ? 1 : before->number + 1;
  if (record.number != number)
    return fmt::format("record {} follows record {}", record.number, number - 1);
  const std::uint64_t last = before == nullptr ? 0 : before->transaction;
  const bool in_order = record.transaction == last + 1 || (last != 0 && record.transaction == last);
  if (!in_order ||
      record.chain != chain_of(before == nullptr ? Sha256Digest{} : before->chain, record))
    return fmt::format("record {} is not what was written, or not where it was written",
                       record.number);
  return {};
}

// Adds the records that are not among `records` yet, up to the first that does not follow; the
// fault says which.
Result<std::string> read_records(sqlite3* database, const Path& path,
                                 std::vector<LedgerRecord>& records) {
  S1FLOW_TRY(const Statement all, prepare_statement(database, kSelect, path, "read the records"));
  sqlite3_bind_int64(all.get(), 1, static_cast<sqlite3_int64>(records.size()));
  int rc = SQLITE_ROW;
  while ((rc = sqlite3_step(all.get())) == SQLITE_ROW) {
    LedgerRecord record = record_in(all.get());
    // A text that could not be had reads as an empty one.
    if (sqlite3_errcode(database) == SQLITE_NOMEM)
      return tl::unexpected(database_error(database, path, "read the records"));
    std::string fault = break_of(records.empty() ? nullptr : &records.back(), record);
    if (!fault.empty()) return fault;
    records.push_back(std::move(record));
  }
  if (rc != SQLITE_DONE) return tl::unexpected(database_error(database, path, "read the records"));
  return std::string();
}

Status insert(sqlite3* database, sqlite3_stmt* statement, const LedgerRecord& record,
              const Path& path) {
  const auto put = [&](int at, std::string_view text) {
    return sqlite3_bind_text64(statement, at, text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8);
  };
  const bool bound =
      sqlite3_reset(statement) == SQLITE_OK &&
      sqlite3_bind_int64(statement, 1, static_cast<sqlite3_int64>(record.number)) == SQLITE_OK &&
      sqlite3_bind_int64(statement, 2, static_cast<sqlite3_int64>(record.transaction)) ==
          SQLITE_OK &&
      sqlite3_bind_int64(statement, 3, static_cast<sqlite3_int64>(record.library)) == SQLITE_OK &&
      put(4, record.kind) == SQLITE_OK && put(5, record.body) == SQLITE_OK &&
      sqlite3_bind_blob64(statement, 6, record.chain.data(), record.chain.size(), SQLITE_STATIC) ==
          SQLITE_OK;
  if (!bound || sqlite3_step(statement) != SQLITE_DONE)
    return tl::unexpected(database_error(database, path, "add a record"));
  return {};
}

Status make_table(sqlite3* database, const Path& path) {
  const std::string sql = fmt::format("PRAGMA application_id={}; PRAGMA user_version={}; {};",
                                      kApplication, kVersion, kTable);
  return execute(database, sql.c_str(), path, "begin the ledger");
}

// A file of the right mode before SQLite sees it, whatever the umask; its journal takes the mode
// over. True when it is new.
Result<bool> make_file(const Path& path) {
  const bool named = path.has_filename();
  struct stat st {};
  if (named && ::lstat(path.c_str(), &st) == 0) {
    if (S_ISREG(st.st_mode)) return st.st_size == 0;
    return tl::unexpected(
        Error(ErrorKind::io, path.string() + ": is not a regular file; name another ledger"));
  }
  if (!named)
    return tl::unexpected(
        usage_error(path.string() + ": is not the name of a ledger; name a file"));
  const Status made = write_whole(path, {});
  // Another process may have been faster.
  if (!made && ::lstat(path.c_str(), &st) != 0) return tl::unexpected(made.error());
  return true;
}

// SQLite is to follow no link in the file's place, but folders may be links.
Path real_path(const Path& path) {
  std::error_code code;
  Path folder = std::filesystem::canonical(path.has_parent_path() ? path.parent_path() : ".", code);
  return code ? path : folder / path.filename();
}

}  // namespace

void Ledger::Close::operator()(sqlite3* database) const noexcept {
  sqlite3_close(database);
}
Ledger::Ledger(Ledger&&) noexcept = default;
Ledger& Ledger::operator=(Ledger&&) noexcept = default;
Ledger::~Ledger() = default;

Result<Ledger> Ledger::open(const Path& path) {
  Ledger ledger;
  ledger.path_ = path;
  S1FLOW_TRY(const bool fresh, make_file(path));
  sqlite3* raw = nullptr;
  const int rc = sqlite3_open_v2(real_path(path).c_str(), &raw,
                                 SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_NOMUTEX,
                                 ledger_disk());
  ledger.database_.reset(raw);
  if (rc != SQLITE_OK) return tl::unexpected(database_error(raw, path, "open the ledger"));
  S1FLOW_TRY_VOID(ledger.prepare(fresh));
  return ledger;
}

Status Ledger::prepare(bool fresh) {
  sqlite3* const db = database_.get();
  sqlite3_busy_timeout(db, kWaitMilliseconds);
  S1FLOW_TRY_VOID(execute(db, kSettings, path_, "open the ledger"));
  // A process that died while it began the ledger leaves a journal, by which SQLite takes back all
  // that was in the file at the first look into it.
  S1FLOW_TRY_VOID(execute(db, "PRAGMA schema_version", path_, "open the ledger"));
  struct stat st {};
  fresh = fresh || (::stat(path_.c_str(), &st) == 0 && st.st_size == 0);
  if (fresh) {
    S1FLOW_TRY_VOID(execute(db, "BEGIN IMMEDIATE", path_, "begin the ledger"));
    // Another process may have been faster.
    S1FLOW_TRY(const Statement tables, prepare_statement(db, "SELECT count(*) FROM sqlite_schema",
                                                         path_, "begin the ledger"));
    if (sqlite3_step(tables.get()) != SQLITE_ROW)
      return tl::unexpected(database_error(db, path_, "begin the ledger"));
    if (sqlite3_column_int(tables.get(), 0) == 0) S1FLOW_TRY_VOID(make_table(db, path_));
    sqlite3_reset(tables.get());
    S1FLOW_TRY_VOID(execute(db, "COMMIT", path_, "begin the ledger"));
  }
  S1FLOW_TRY(const std::string fault, read_records(db, path_, records_));
  if (!fault.empty())
    return tl::unexpected(
        Error(ErrorKind::io,
              fmt::format("{}: {}; the ledger is not used. 's1flow verify-ledger' says more",
                          path_.string(), fault)));
  return {};
}

Status Ledger::append(std::span<const LedgerEntry> entries) {
  if (entries.empty()) return {};
  return append_with([&](const std::vector<LedgerRecord>&) -> Result<std::vector<LedgerEntry>> {
    return std::vector<LedgerEntry>(entries.begin(), entries.end());
  });
}

Status Ledger::append_with(const Make& make) {
  S1FLOW_TRY_VOID(execute(database_.get(), "BEGIN IMMEDIATE", path_, "add a record"));
  const std::size_t before = records_.size();
  Status status = append_inside(make);
  if (status) status = execute(database_.get(), "COMMIT", path_, "add a record");
  if (!status) {
    // After some errors SQLite has rolled back already, and says so by refusing; either way nothing
    // is left of it.
    sqlite3_exec(database_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
    records_.resize(std::min(before, records_.size()));
  }
  return status;
}

Status Ledger::append_inside(const Make& make) {
  sqlite3* const db = database_.get();
  // Other processes may have added to the file since.
  S1FLOW_TRY(const std::string fault, read_records(db, path_, records_));
  if (!fault.empty()) return tl::unexpected(Error(ErrorKind::io, path_.string() + ": " + fault));
  S1FLOW_TRY(const std::vector<LedgerEntry> entries, make(records_));
  S1FLOW_TRY(const Statement statement, prepare_statement(db, kInsert, path_, "add a record"));
  const std::uint64_t transaction = records_.empty() ? 1 : records_.back().transaction + 1;
  for (const LedgerEntry& e : entries) {
    LedgerRecord record{.number = records_.size() + 1,
                        .transaction = transaction,
                        .library = static_cast<std::uint64_t>(sqlite3_libversion_number()),
                        .kind = e.kind,
                        .body = e.body,
                        .chain = {}};
    record.chain = chain_of(records_.empty() ? Sha256Digest{} : records_.back().chain, record);
    S1FLOW_TRY_VOID(insert(db, statement.get(), record, path_));
    records_.push_back(std::move(record));
  }
  return {};
}

// ---- verification

namespace {

std::uint32_t big_endian(std::string_view bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i)
    value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

// Places of SQLite's header that say how often and by whom the file was written (its file format,
// 1.3): the records alone do not give them.
constexpr std::size_t kChangeCounter = 24;
constexpr std::size_t kValidFor = 92;
constexpr std::size_t kLibrary = 96;
constexpr std::size_t kHeader = 100;

// The file that these records give when they are written one after the other into an empty one.
Result<std::string> image_of(const std::vector<LedgerRecord>& records, const Path& path) {
  sqlite3* raw = nullptr;
  const int rc =
      sqlite3_open_v2(":memory:", &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY, nullptr);
  const std::unique_ptr<sqlite3, decltype([](sqlite3* p) { sqlite3_close(p); })> db(raw);
  if (rc != SQLITE_OK) return tl::unexpected(database_error(raw, path, "compare"));
  S1FLOW_TRY_VOID(execute(raw, kSettings, path, "compare"));
  S1FLOW_TRY_VOID(execute(raw, "BEGIN", path, "compare"));
  S1FLOW_TRY_VOID(make_table(raw, path));
  {
    S1FLOW_TRY(const Statement statement, prepare_statement(raw, kInsert, path, "compare"));
    for (const LedgerRecord& r : records) S1FLOW_TRY_VOID(insert(raw, statement.get(), r, path));
  }
  S1FLOW_TRY_VOID(execute(raw, "COMMIT", path, "compare"));
  sqlite3_int64 size = 0;
  unsigned char* const bytes = sqlite3_serialize(raw, "main", &size, 0);
  if (bytes == nullptr) return tl::unexpected(database_error(raw, path, "compare"));
  std::string image(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
  sqlite3_free(bytes);
  return image;
}

// The records in the bytes of a ledger, as far as SQLite can read them.
Result<std::string> records_in(std::string& bytes, const Path& path,
                               std::vector<LedgerRecord>& records) {
  sqlite3* raw = nullptr;
  const int rc =
      sqlite3_open_v2(":memory:", &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY, nullptr);
  const std::unique_ptr<sqlite3, decltype([](sqlite3* p) { sqlite3_close(p); })> db(raw);
  if (rc != SQLITE_OK) return tl::unexpected(database_error(raw, path, "read"));
  const auto size = static_cast<sqlite3_int64>(bytes.size());
  if (sqlite3_deserialize(raw, "main", reinterpret_cast<unsigned char*>(bytes.data()), size, size,
                          SQLITE_DESERIALIZE_READONLY) != SQLITE_OK)
    return tl::unexpected(database_error(raw, path, "read"));
  auto fault = read_records(raw, path, records);
  if (fault) return fault;
  const int code = sqlite3_errcode(raw);
  if (code == SQLITE_NOMEM) return fault;
  return fmt::format("{} after record {}", sqlite3_errmsg(raw), records.size());
}

// Where and how two texts of the file differ, without what only the header knows.
std::string difference(std::string_view found, std::string_view image) {
  const std::size_t common = std::min(found.size(), image.size());
  for (std::size_t i = 0; i < common; ++i) {
    const bool header =
        i < kHeader && ((i >= kChangeCounter && i < kChangeCounter + 4) || i >= kValidFor);
    if (!header && found[i] != image[i]) return fmt::format("byte {} is not what was written", i);
  }
  if (found.size() != image.size())
    return fmt::format("{} bytes instead of {}", found.size(), image.size());
  return {};
}

std::string header_fault(std::string_view bytes, const std::vector<LedgerRecord>& records) {
  // One change makes the table, each transaction is one more: a record that was taken off the end
  // shows here.
  const std::uint64_t transactions = records.empty() ? 0 : records.back().transaction;
  const std::uint32_t changes = big_endian(bytes, kChangeCounter);
  if (changes != 1 + transactions)
    return fmt::format(
        "{} transactions were written, {} are there; records are cut off or the "
        "file was changed by other means",
        changes - 1, transactions);
  if (big_endian(bytes, kValidFor) != changes) return "its header is not what was written";
  const auto mine = static_cast<std::uint64_t>(sqlite3_libversion_number());
  if (big_endian(bytes, kLibrary) != (records.empty() ? mine : records.back().library))
    return "its header names another version of SQLite than its records";
  return {};
}

// A journal means that some process was killed while it appended: opening takes that back, as the
// next run would.
Status recover(const Path& path) {
  Path journal = path;
  journal += "-journal";
  S1FLOW_TRY(const FileKind kind, kind_at(journal));
  if (kind == FileKind::none) return {};
  sqlite3* raw = nullptr;
  const int rc = sqlite3_open_v2(real_path(path).c_str(), &raw,
                                 SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW, ledger_disk());
  const std::unique_ptr<sqlite3, decltype([](sqlite3* p) { sqlite3_close(p); })> db(raw);
  if (rc != SQLITE_OK) return tl::unexpected(database_error(raw, path, "recover"));
  sqlite3_busy_timeout(raw, kWaitMilliseconds);
  S1FLOW_TRY_VOID(execute(raw, kSettings, path, "recover"));
  // A damaged file is a verdict, not an error.
  const int code = sqlite3_exec(raw, "BEGIN IMMEDIATE; ROLLBACK", nullptr, nullptr, nullptr) & 0xFF;
  if (code == SQLITE_OK || code == SQLITE_CORRUPT || code == SQLITE_NOTADB) return {};
  return tl::unexpected(database_error(raw, path, "recover"));
}

}  // namespace

Result<LedgerVerdict> verify_ledger(const Path& path) {
  LedgerVerdict verdict;
  S1FLOW_TRY_VOID(recover(path));
  S1FLOW_TRY(std::string bytes, read_text(path, kMaxLedger));
  if (bytes.size() < kHeader || bytes.size() % 512 != 0) {
    verdict.fault =
        fmt::format("{} bytes are no ledger; it is cut off or something else", bytes.size());
    return verdict;
  }
  std::string copy = bytes;
  S1FLOW_TRY(verdict.fault, records_in(copy, path, verdict.records));
  if (!verdict.fault.empty()) return verdict;
  S1FLOW_TRY(const std::string image, image_of(verdict.records, path));
  verdict.fault = difference(bytes, image);
  const bool other = std::any_of(verdict.records.begin(), verdict.records.end(), [](const auto& r) {
    return r.library != static_cast<std::uint64_t>(sqlite3_libversion_number());
  });
  if (!verdict.fault.empty() && other)
    verdict.fault += fmt::format("; or SQLite {} writes otherwise than this one",
                                 verdict.records.back().library);
  if (verdict.fault.empty()) verdict.fault = header_fault(bytes, verdict.records);
  return verdict;
}

}  // namespace s1flow::pipeline
