// What a process has given up fails, and what it has not given up works: seen in a child process,
// which may give up what it likes.

#include "core/process_guard.h"

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <functional>
#include <thread>

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/file.h"
#include "tests/temporary_folder.h"

namespace s1flow {
namespace {

constexpr int kNotConfined = 77;

// The exit code of a child that does this.
int in_a_child(const std::function<int()>& work) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(work());
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int confined(const std::function<bool()>& as_wanted) {
  return in_a_child([&] {
    if (confine_process() == Confinement::none) return kNotConfined;
    return as_wanted() ? 0 : 1;
  });
}

bool refused(long result) {
  return result == -1 && errno == EPERM;
}

struct CallCase {
  const char* name;
  long (*call)();
};
class ForbiddenCallTest : public testing::TestWithParam<CallCase> {};

TEST_P(ForbiddenCallTest, FailsAndTheProcessGoesOn) {
  const int code = confined([] { return refused(GetParam().call()); });
  if (code == kNotConfined) GTEST_SKIP() << "no seccomp filters here";
  EXPECT_EQ(code, 0);
}
const CallCase call_cases[] = {
    {"Socket", [] { return long{::socket(AF_INET, SOCK_STREAM, 0)}; }},
    {"LocalSocket", [] { return long{::socket(AF_UNIX, SOCK_STREAM, 0)}; }},
    {"SocketPair",
     [] {
       int fds[2];
       return long{::socketpair(AF_UNIX, SOCK_STREAM, 0, fds)};
     }},
    {"Connect", [] { return long{::connect(0, nullptr, 0)}; }},
    {"OtherProgram",
     [] {
       char* const arguments[] = {nullptr};
       return long{::execve("/bin/true", arguments, arguments)};
     }},
    {"NewProcess", [] { return long{::fork()}; }},
    {"Debugger", [] { return ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr); }},
};
INSTANTIATE_TEST_SUITE_P(Calls, ForbiddenCallTest, testing::ValuesIn(call_cases),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(ConfinementTest, LeavesThreadsAndFilesAlone) {
  const TemporaryFolder folder;
  const int code = confined([&] {
    bool written = false;
    std::thread other([&] { written = write_whole(folder / "file", "bytes").has_value(); });
    other.join();
    return written && *read_text(folder / "file") == "bytes";
  });
  if (code == kNotConfined) GTEST_SKIP() << "no seccomp filters here";
  EXPECT_EQ(code, 0);
}

TEST(ConfinementTest, HoldsForThreadsThatRunAlready) {
  const int code = in_a_child([] {
    std::atomic<int> step{0};
    bool kept = false;
    std::thread other([&] {
      while (step.load() == 0) std::this_thread::yield();
      kept = refused(::socket(AF_INET, SOCK_STREAM, 0));
    });
    const bool none = confine_process() == Confinement::none;
    step = 1;
    other.join();
    return none ? kNotConfined : kept ? 0 : 1;
  });
  if (code == kNotConfined) GTEST_SKIP() << "no seccomp filters here";
  EXPECT_EQ(code, 0);
}

TEST(GuardTest, LeavesNoCoreFileAndNothingForOthersToRead) {
  const TemporaryFolder folder;
  EXPECT_EQ(in_a_child([&] {
              (void)::umask(0);
              guard_secrets();
              rlimit core{};
              if (::getrlimit(RLIMIT_CORE, &core) != 0 || core.rlim_cur != 0) return 1;
              FILE* file = std::fopen((folder / "file").c_str(), "w");
              if (file == nullptr) return 2;
              std::fclose(file);
              struct stat st {};
              (void)::stat((folder / "file").c_str(), &st);
              return (st.st_mode & 077) == 0 ? 0 : 3;
            }),
            0);
}

}  // namespace
}  // namespace s1flow
