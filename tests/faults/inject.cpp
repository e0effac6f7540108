// A library that is loaded before a program's others (LD_PRELOAD) and makes one call of the system
// go wrong, so that tests can see what the program makes of it.
//
//   S1FLOW_FAULT=CALLS:N:ACTION   the N-th call (from 1) of these, counted together
//     CALLS   names joined by + : open write pwrite read fsync rename link unlink close mkdir
//             fallocate flock malloc thread; "any" is all but malloc and thread
//     ACTION  an errno by name (EIO ENOSPC EMFILE EINTR ENOMEM EACCES EAGAIN), `short` (half of the
//             bytes), `kill` (SIGKILL instead of the call), `kill-after` (the call is done first),
//             `kill-short` (half of the bytes are written first)
//     N+      the N-th and every later call
//   S1FLOW_FAULT_COUNT=FILE       the number of counted calls is written there when the program
//   ends
//
// Counting begins with main(), and leaves out what goes to descriptors 0 to 2. Names stand for
// families: `open` is open, openat and their kin, `fsync` is also fdatasync, sync_file_range and
// syncfs.

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

namespace {

enum Family : unsigned {
  kOpen = 1,
  kWrite = 2,
  kPwrite = 4,
  kRead = 8,
  kFsync = 16,
  kRename = 32,
  kLink = 64,
  kUnlink = 128,
  kClose = 256,
  kMkdir = 512,
  kFallocate = 1024,
  kFlock = 2048,
  kMalloc = 4096,
  kThread = 8192,
  kAny = 4095,
};
struct Name {
  const char* name;
  unsigned value;
};
constexpr Name kFamilies[] = {{"open", kOpen},     {"write", kWrite},         {"pwrite", kPwrite},
                              {"read", kRead},     {"fsync", kFsync},         {"rename", kRename},
                              {"link", kLink},     {"unlink", kUnlink},       {"close", kClose},
                              {"mkdir", kMkdir},   {"fallocate", kFallocate}, {"flock", kFlock},
                              {"malloc", kMalloc}, {"thread", kThread},       {"any", kAny}};
enum Action : unsigned { kShort = 1000, kKill, kKillAfter, kKillShort };
constexpr Name kActions[] = {
    {"EIO", EIO},       {"ENOSPC", ENOSPC},         {"EMFILE", EMFILE},        {"EINTR", EINTR},
    {"ENOMEM", ENOMEM}, {"EACCES", EACCES},         {"EAGAIN", EAGAIN},        {"short", kShort},
    {"kill", kKill},    {"kill-after", kKillAfter}, {"kill-short", kKillShort}};

unsigned families = 0;
unsigned long target = 0;
bool onwards = false;
unsigned action = 0;
int count_fd = -1;
std::atomic<bool> active{false};
std::atomic<unsigned long> counter{0};

unsigned value_of(const Name* names, std::size_t count, const char* text, std::size_t size) {
  for (std::size_t i = 0; i < count; ++i)
    if (std::strlen(names[i].name) == size && std::strncmp(names[i].name, text, size) == 0)
      return names[i].value;
  static const char kText[] = "inject: S1FLOW_FAULT cannot be understood\n";
  (void)!::write(2, kText, sizeof kText - 1);
  ::_exit(99);
}

void configure() {
  const char* text = std::getenv("S1FLOW_FAULT");
  if (text == nullptr) return;
  while (true) {
    const std::size_t size = std::strcspn(text, "+:");
    families |= value_of(kFamilies, sizeof kFamilies / sizeof *kFamilies, text, size);
    text += size;
    if (*text++ != '+') break;
  }
  char* end = nullptr;
  target = std::strtoul(text, &end, 10);
  onwards = *end == '+';
  if (onwards) ++end;
  if (*end == ':')
    action = value_of(kActions, sizeof kActions / sizeof *kActions, end + 1, std::strlen(end + 1));
  const char* file = std::getenv("S1FLOW_FAULT_COUNT");
  if (file != nullptr) count_fd = ::open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  // Out of the way of a program whose own descriptors are counted.
  if (count_fd >= 0) {
    const int high = ::fcntl(count_fd, F_DUPFD_CLOEXEC, 20);
    if (high >= 0) {
      ::close(count_fd);
      count_fd = high;
    }
  }
  active.store(true);
}

void tell_count() {
  if (count_fd < 0) return;
  active.store(false);
  char text[32];
  const int size = std::snprintf(text, sizeof text, "%lu\n", counter.load());
  (void)!::pwrite(count_fd, text, static_cast<std::size_t>(size), 0);
}

// The action for this call; 0: none.
unsigned judge(Family family) {
  if (!active.load(std::memory_order_relaxed) || (families & family) == 0) return 0;
  const unsigned long n = counter.fetch_add(1) + 1;
  if (n != target && !(onwards && n > target)) return 0;
  return action;
}

[[noreturn]] void die() {
  ::kill(::getpid(), SIGKILL);
  while (true) ::pause();
}

template <typename F>
F next_of(const char* name) {
  void* const found = ::dlsym(RTLD_NEXT, name);
  F function = nullptr;
  std::memcpy(&function, &found, sizeof function);
  return function;
}

// A call that gives -1 and errno.
template <typename Call>
auto guarded(Family family, Call call) -> decltype(call()) {
  const unsigned what = judge(family);
  if (what == 0 || what == kShort) return call();
  if (what == kKill || what == kKillShort) die();
  if (what == kKillAfter) {
    (void)call();
    die();
  }
  errno = static_cast<int>(what);
  return -1;
}

// One that moves `size` bytes.
template <typename Call>
ssize_t moving(Family family, int fd, std::size_t size, Call call) {
  const unsigned what = fd <= 2 ? 0 : judge(family);
  if (what == 0) return call(size);
  const std::size_t half = size > 1 ? size / 2 : size;
  if (what == kShort) return call(half);
  if (what == kKill) die();
  if (what == kKillAfter || what == kKillShort) {
    (void)call(what == kKillShort ? half : size);
    die();
  }
  errno = static_cast<int>(what);
  return -1;
}

mode_t mode_of(int flags, va_list arguments) {
  return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(arguments, mode_t) : 0;
}

}  // namespace

extern "C" {

#define S1FLOW_INJECT_OPEN(NAME)                                             \
  int NAME(const char* path, int flags, ...) {                               \
    va_list arguments;                                                       \
    va_start(arguments, flags);                                              \
    const mode_t mode = mode_of(flags, arguments);                           \
    va_end(arguments);                                                       \
    static const auto real = next_of<int (*)(const char*, int, ...)>(#NAME); \
    return guarded(kOpen, [&] { return real(path, flags, mode); });          \
  }
S1FLOW_INJECT_OPEN(open)
S1FLOW_INJECT_OPEN(open64)

#define S1FLOW_INJECT_OPENAT(NAME)                                                \
  int NAME(int folder, const char* path, int flags, ...) {                        \
    va_list arguments;                                                            \
    va_start(arguments, flags);                                                   \
    const mode_t mode = mode_of(flags, arguments);                                \
    va_end(arguments);                                                            \
    static const auto real = next_of<int (*)(int, const char*, int, ...)>(#NAME); \
    return guarded(kOpen, [&] { return real(folder, path, flags, mode); });       \
  }
S1FLOW_INJECT_OPENAT(openat)
S1FLOW_INJECT_OPENAT(openat64)

ssize_t write(int fd, const void* bytes, size_t size) {
  static const auto real = next_of<ssize_t (*)(int, const void*, size_t)>("write");
  return moving(kWrite, fd, size, [&](size_t n) { return real(fd, bytes, n); });
}
ssize_t pwrite(int fd, const void* bytes, size_t size, off_t at) {
  static const auto real = next_of<ssize_t (*)(int, const void*, size_t, off_t)>("pwrite");
  return moving(kPwrite, fd, size, [&](size_t n) { return real(fd, bytes, n, at); });
}
ssize_t pwrite64(int fd, const void* bytes, size_t size, off64_t at) {
  static const auto real = next_of<ssize_t (*)(int, const void*, size_t, off64_t)>("pwrite64");
  return moving(kPwrite, fd, size, [&](size_t n) { return real(fd, bytes, n, at); });
}
ssize_t read(int fd, void* bytes, size_t size) {
  static const auto real = next_of<ssize_t (*)(int, void*, size_t)>("read");
  return moving(kRead, fd, size, [&](size_t n) { return real(fd, bytes, n); });
}
ssize_t pread(int fd, void* bytes, size_t size, off_t at) {
  static const auto real = next_of<ssize_t (*)(int, void*, size_t, off_t)>("pread");
  return moving(kRead, fd, size, [&](size_t n) { return real(fd, bytes, n, at); });
}
ssize_t pread64(int fd, void* bytes, size_t size, off64_t at) {
  static const auto real = next_of<ssize_t (*)(int, void*, size_t, off64_t)>("pread64");
  return moving(kRead, fd, size, [&](size_t n) { return real(fd, bytes, n, at); });
}

int fsync(int fd) {
  static const auto real = next_of<int (*)(int)>("fsync");
  return guarded(kFsync, [&] { return real(fd); });
}
int fdatasync(int fd) {
  static const auto real = next_of<int (*)(int)>("fdatasync");
  return guarded(kFsync, [&] { return real(fd); });
}
int syncfs(int fd) noexcept {
  static const auto real = next_of<int (*)(int)>("syncfs");
  return guarded(kFsync, [&] { return real(fd); });
}
int sync_file_range(int fd, off64_t at, off64_t size, unsigned flags) {
  static const auto real = next_of<int (*)(int, off64_t, off64_t, unsigned)>("sync_file_range");
  return guarded(kFsync, [&] { return real(fd, at, size, flags); });
}
int fallocate(int fd, int mode, off_t at, off_t size) {
  static const auto real = next_of<int (*)(int, int, off_t, off_t)>("fallocate");
  return guarded(kFallocate, [&] { return real(fd, mode, at, size); });
}
int fallocate64(int fd, int mode, off64_t at, off64_t size) {
  static const auto real = next_of<int (*)(int, int, off64_t, off64_t)>("fallocate64");
  return guarded(kFallocate, [&] { return real(fd, mode, at, size); });
}

int rename(const char* from, const char* to) noexcept {
  static const auto real = next_of<int (*)(const char*, const char*)>("rename");
  return guarded(kRename, [&] { return real(from, to); });
}
int renameat2(int a, const char* from, int b, const char* to, unsigned flags) noexcept {
  static const auto real =
      next_of<int (*)(int, const char*, int, const char*, unsigned)>("renameat2");
  return guarded(kRename, [&] { return real(a, from, b, to, flags); });
}
int link(const char* from, const char* to) noexcept {
  static const auto real = next_of<int (*)(const char*, const char*)>("link");
  return guarded(kLink, [&] { return real(from, to); });
}
int linkat(int a, const char* from, int b, const char* to, int flags) noexcept {
  static const auto real = next_of<int (*)(int, const char*, int, const char*, int)>("linkat");
  return guarded(kLink, [&] { return real(a, from, b, to, flags); });
}
int unlink(const char* path) noexcept {
  static const auto real = next_of<int (*)(const char*)>("unlink");
  return guarded(kUnlink, [&] { return real(path); });
}
int mkdir(const char* path, mode_t mode) noexcept {
  static const auto real = next_of<int (*)(const char*, mode_t)>("mkdir");
  return guarded(kMkdir, [&] { return real(path, mode); });
}
int flock(int fd, int operation) noexcept {
  static const auto real = next_of<int (*)(int, int)>("flock");
  return guarded(kFlock, [&] { return real(fd, operation); });
}

// A close that fails has closed all the same.
int close(int fd) {
  static const auto real = next_of<int (*)(int)>("close");
  const unsigned what = fd <= 2 ? 0 : judge(kClose);
  if (what == kKill || what == kKillShort) die();
  const int rc = real(fd);
  if (what == kKillAfter) die();
  if (what == 0 || what == kShort) return rc;
  errno = static_cast<int>(what);
  return -1;
}

int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*body)(void*),
                   void* argument) noexcept {
  static const auto real =
      next_of<int (*)(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*)>(
          "pthread_create");
  return judge(kThread) != 0 ? EAGAIN : real(thread, attributes, body, argument);
}

// glibc's own, which a replacement may call without looking them up.
void* __libc_malloc(size_t size);
void* __libc_calloc(size_t count, size_t size);
void* __libc_realloc(void* block, size_t size);
void* __libc_memalign(size_t alignment, size_t size);

void* malloc(size_t size) {
  if (judge(kMalloc) != 0) {
    errno = ENOMEM;
    return nullptr;
  }
  return __libc_malloc(size);
}
void* calloc(size_t count, size_t size) {
  if (judge(kMalloc) != 0) {
    errno = ENOMEM;
    return nullptr;
  }
  return __libc_calloc(count, size);
}
void* realloc(void* block, size_t size) {
  if (judge(kMalloc) != 0) {
    errno = ENOMEM;
    return nullptr;
  }
  return __libc_realloc(block, size);
}
int posix_memalign(void** block, size_t alignment, size_t size) {
  if (judge(kMalloc) != 0) return ENOMEM;
  *block = __libc_memalign(alignment, size);
  return *block == nullptr ? ENOMEM : 0;
}
void* aligned_alloc(size_t alignment, size_t size) {
  if (judge(kMalloc) != 0) {
    errno = ENOMEM;
    return nullptr;
  }
  return __libc_memalign(alignment, size);
}

using Main = int (*)(int, char**, char**);
static Main real_main = nullptr;
static int counted_main(int argc, char** argv, char** envp) {
  configure();
  std::atexit(tell_count);
  return real_main(argc, argv, envp);
}
int __libc_start_main(Main main, int argc, char** argv, void (*init)(), void (*fini)(),
                      void (*rtld_fini)(), void* stack_end) {
  real_main = main;
  static const auto real =
      next_of<int (*)(Main, int, char**, void (*)(), void (*)(), void (*)(), void*)>(
          "__libc_start_main");
  return real(counted_main, argc, argv, init, fini, rtld_fini, stack_end);
}

}  // extern "C"
