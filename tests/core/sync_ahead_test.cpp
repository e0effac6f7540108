#include "core/sync_ahead.h"

#include <cerrno>
#include <cstdlib>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace s1flow {
namespace {

TEST(SyncAheadTest, RunsOneSyncAfterAnother) {
  char name[] = "/tmp/s1flow-sync-XXXXXX";
  const int fd = ::mkstemp(name);
  ASSERT_GE(fd, 0);
  {
    SyncAhead ahead;
    int begun = 0;
    for (int i = 0; i < 50; ++i) {
      ASSERT_EQ(::write(fd, "text", 4), 4);
      begun += ahead.begin(fd) ? 1 : 0;
      if (i % 5 == 0) {
        EXPECT_EQ(ahead.wait(), 0);
      }
    }
    EXPECT_GE(begun, 10);
  }
  ::close(fd);
  ::unlink(name);
}

TEST(SyncAheadTest, KeepsTheFirstError) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  char name[] = "/tmp/s1flow-sync-XXXXXX";
  const int fd = ::mkstemp(name);
  ASSERT_GE(fd, 0);
  SyncAhead ahead;
  EXPECT_TRUE(ahead.begin(ends[1]));  // a pipe cannot be synced
  EXPECT_EQ(ahead.wait(), EINVAL);
  EXPECT_TRUE(ahead.begin(fd));
  EXPECT_EQ(ahead.wait(), EINVAL);
  for (const int one : {ends[0], ends[1], fd}) ::close(one);
  ::unlink(name);
}

}  // namespace
}  // namespace s1flow
