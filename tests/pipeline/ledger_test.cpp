#include "pipeline/ledger.h"

#include <csignal>

#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "tests/pipeline/support.h"
#include "tests/temporary_folder.h"

namespace s1flow::pipeline {
namespace {

Ledger opened(const Path& path) {
  auto ledger = Ledger::open(path);
  EXPECT_TRUE(ledger) << ledger.error().message();
  return *std::move(ledger);
}

// `count` transactions, some of several records and some of long ones.
void fill(const Path& path, int count) {
  Ledger ledger = opened(path);
  for (int i = 0; i < count; ++i) {
    std::vector<LedgerEntry> entries;
    for (int k = 0; k <= i % 3; ++k)
      entries.push_back(
          {"file", fmt::format(R"({{"n":{},"text":"{}"}})", i,
                               std::string(static_cast<std::size_t>(i % 7) * 900, 'x'))});
    const Status status = ledger.append(entries);
    ASSERT_TRUE(status) << status.error().message();
  }
}

std::string fault_of(const Path& path) {
  const auto verdict = verify_ledger(path);
  EXPECT_TRUE(verdict) << verdict.error().message();
  return verdict ? verdict->fault : "error";
}

TEST(LedgerTest, GivesBackWhatWasAppended) {
  const TemporaryFolder folder;
  fill(folder / "l.db", 20);
  const Ledger ledger = opened(folder / "l.db");
  ASSERT_EQ(ledger.records().size(), 39U);
  EXPECT_EQ(ledger.records()[38].number, 39U);
  EXPECT_EQ(ledger.records()[38].transaction, 20U);
  EXPECT_EQ(ledger.records()[0].body, R"({"n":0,"text":""})");
  EXPECT_EQ(fault_of(folder / "l.db"), "");
}

TEST(LedgerTest, SaysWhatTheSystemSaidAndWhatToDo) {
  const TemporaryFolder folder;
  fill(folder / "l.db", 1);
  Ledger ledger = opened(folder / "l.db");
  const auto ignored = std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit small{16'384, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const std::vector<LedgerEntry> large{{"file", std::string(100'000, 'x')}};
  const Status status = ledger.append(large);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, ignored);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().kind(), ErrorKind::io);
  EXPECT_NE(status.error().message().find("ulimit -f"), std::string::npos)
      << status.error().message();
  // Nothing of it is left.
  EXPECT_TRUE(ledger.append(large));
  EXPECT_EQ(ledger.records().size(), 2U);
  EXPECT_EQ(fault_of(folder / "l.db"), "");
}

TEST(LedgerTest, IsForItsOwnerOnlyWhateverTheUmask) {
  const TemporaryFolder folder;
  const mode_t before = ::umask(0);
  fill(folder / "l.db", 1);
  ::umask(before);
  struct stat st {};
  ASSERT_EQ(::stat((folder / "l.db").c_str(), &st), 0);
  EXPECT_EQ(st.st_mode & 0777U, 0600U);
}

TEST(LedgerTest, SeesWhatAnotherProcessAppended) {
  const TemporaryFolder folder;
  Ledger a = opened(folder / "l.db");
  Ledger b = opened(folder / "l.db");
  const std::vector<LedgerEntry> one{{"run", "{}"}};
  ASSERT_TRUE(a.append(one));
  ASSERT_TRUE(b.append(one));
  ASSERT_TRUE(a.append(one));
  EXPECT_EQ(a.records().size(), 3U);
  EXPECT_EQ(fault_of(folder / "l.db"), "");
}

TEST(LedgerTest, FindsEveryFlippedByte) {
  const TemporaryFolder folder;
  const Path path = folder / "l.db";
  fill(path, 30);
  const std::string good = text_of(path);
  ASSERT_GT(good.size(), 8U * 4096);
  const Path changed = folder / "changed.db";
  // The header and the first pages byte by byte, the rest by a sample that meets every place of a
  // page.
  for (std::size_t i = 0; i < good.size(); i += i < 6000 ? 1 : 37) {
    std::string bytes = good;
    bytes[i] = static_cast<char>(bytes[i] ^ (1 << (i % 8)));
    put_text(changed, bytes);
    EXPECT_NE(fault_of(changed), "") << "byte " << i;
  }
}

TEST(LedgerTest, FindsEveryCut) {
  const TemporaryFolder folder;
  fill(folder / "l.db", 10);
  const std::string good = text_of(folder / "l.db");
  for (std::size_t size = 0; size < good.size(); size += 256) {
    put_text(folder / "cut.db", std::string_view(good).substr(0, size));
    EXPECT_NE(fault_of(folder / "cut.db"), "") << size;
  }
  put_text(folder / "cut.db", good + std::string(4096, '\0'));
  EXPECT_NE(fault_of(folder / "cut.db"), "");
}

struct Edit {
  const char* name;
  const char* sql;
};
class LedgerEditTest : public testing::TestWithParam<Edit> {};

TEST_P(LedgerEditTest, IsFound) {
  const TemporaryFolder folder;
  const Path path = folder / "l.db";
  fill(path, 12);
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &db), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(db, GetParam().sql, nullptr, nullptr, nullptr), SQLITE_OK)
      << sqlite3_errmsg(db);
  sqlite3_close(db);
  EXPECT_NE(fault_of(path), "");
}
INSTANTIATE_TEST_SUITE_P(
    Of, LedgerEditTest,
    testing::Values(
        Edit{"the_last_record_cut_off", "DELETE FROM record WHERE number=23"},
        Edit{"the_last_transaction_cut_off", "DELETE FROM record WHERE step=12"},
        Edit{"the_first_record_cut_off", "DELETE FROM record WHERE number=1"},
        Edit{"a_record_between_cut_out", "DELETE FROM record WHERE number=9"},
        Edit{"all_records_cut_off", "DELETE FROM record"},
        Edit{"two_records_swapped",
             "UPDATE record SET number=-1 WHERE number=5; UPDATE record SET number=5 "
             "WHERE number=6; UPDATE record SET number=6 WHERE number=-1"},
        Edit{"a_body_changed", "UPDATE record SET body='{}' WHERE number=4"},
        Edit{"a_record_added",
             "INSERT INTO record SELECT number+1, step+1, library, kind, body, chain FROM record "
             "ORDER BY number DESC LIMIT 1"},
        Edit{"a_table_added", "CREATE TABLE more(x)"}, Edit{"rewritten", "VACUUM"}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(LedgerTest, StaysWholeOverThousandsOfRecords) {
  const TemporaryFolder folder;
  Ledger ledger = opened(folder / "l.db");
  std::vector<LedgerEntry> entries;
  for (int i = 0; i < 5000; ++i) entries.push_back({"file", fmt::format(R"({{"n":{}}})", i)});
  ASSERT_TRUE(ledger.append(entries));
  for (int i = 0; i < 200; ++i) ASSERT_TRUE(ledger.append({entries.data(), 5}));
  EXPECT_EQ(fault_of(folder / "l.db"), "");
  EXPECT_EQ(opened(folder / "l.db").records().size(), 6000U);
}

// What a death leaves behind that comes after the first page was written and before the journal is
// gone: the page, and a journal which says that there was nothing.
TEST(LedgerTest, BeginsAnewAfterADeathAtItsBeginning) {
  const TemporaryFolder folder;
  const Path path = folder / "ledger.db", journal = folder / "ledger.db-journal";
  const Path kept = folder / "kept.db", kept_journal = folder / "kept.db-journal";
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open(kept.c_str(), &db), SQLITE_OK);
  // A small cache, so that pages go to the file before the end of the transaction.
  ASSERT_EQ(sqlite3_exec(db,
                         "PRAGMA cache_size=1; PRAGMA cache_spill=1; BEGIN; CREATE TABLE record(x);"
                         "WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200)"
                         "INSERT INTO record SELECT zeroblob(1000) FROM n",
                         nullptr, nullptr, nullptr),
            SQLITE_OK);
  std::filesystem::copy_file(kept, path);
  std::filesystem::copy_file(kept_journal, journal);
  sqlite3_close(db);
  ASSERT_GT(std::filesystem::file_size(path), 0U);
  EXPECT_TRUE(opened(path).records().empty());
  fill(path, 3);
  EXPECT_EQ(fault_of(path), "");
}

TEST(LedgerTest, RefusesWhatIsNoLedger) {
  const TemporaryFolder folder;
  put_text(folder / "text", "not a ledger at all");
  EXPECT_FALSE(Ledger::open(folder / "text"));
  EXPECT_NE(fault_of(folder / "text"), "");
  ASSERT_EQ(::symlink("text", (folder / "link").c_str()), 0);
  EXPECT_FALSE(Ledger::open(folder / "link"));
  ASSERT_EQ(::mkfifo((folder / "fifo").c_str(), 0600), 0);
  EXPECT_FALSE(Ledger::open(folder / "fifo"));
}

}  // namespace
}  // namespace s1flow::pipeline
