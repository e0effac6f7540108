#include "core/process_guard.h"

#include <array>
#include <cerrno>
#include <cstddef>

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace s1flow {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kInstrumented = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr bool kInstrumented = true;
#else
constexpr bool kInstrumented = false;
#endif
#else
constexpr bool kInstrumented = false;
#endif

#if defined(__x86_64__)
constexpr unsigned kMachine = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr unsigned kMachine = AUDIT_ARCH_AARCH64;
#else
constexpr unsigned kMachine = 0;  // no filter for this machine
#endif

// Calls that reach the network, start programs or look into other processes.
constexpr std::array kForbidden {
  SYS_socket, SYS_socketpair, SYS_connect, SYS_bind, SYS_listen, SYS_accept, SYS_accept4,
      SYS_sendto, SYS_sendmsg, SYS_sendmmsg, SYS_execve, SYS_execveat, SYS_ptrace,
      SYS_process_vm_readv, SYS_process_vm_writev, SYS_io_uring_setup, SYS_bpf, SYS_perf_event_open,
      SYS_userfaultfd, SYS_mount, SYS_unshare, SYS_setns, SYS_keyctl,
#if defined(__x86_64__)
      SYS_fork, SYS_vfork,
#endif
};

sock_filter load(std::size_t offset) {
  return BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<unsigned>(offset));
}
sock_filter give(unsigned answer) {
  return BPF_STMT(BPF_RET | BPF_K, answer);
}
// Skips the next instruction unless the loaded value is `value`.
sock_filter only_if(long value) {
  return BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<unsigned>(value), 0, 1);
}

constexpr unsigned kDenied = SECCOMP_RET_ERRNO | EPERM;

bool install_filter() {
  constexpr std::size_t kFixed = 14;
  std::array<sock_filter, kFixed + 2 * kForbidden.size()> program{};
  std::size_t n = 0;
  const auto add = [&](sock_filter f) { program[n++] = f; };
  add(load(offsetof(seccomp_data, arch)));
  add(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kMachine, 1, 0));
  add(give(kDenied));
  add(load(offsetof(seccomp_data, nr)));
#if defined(__x86_64__)
  // The x32 numbers are other ways to the same calls.
  add(BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000U, 0, 1));
  add(give(kDenied));
#endif
  for (const long call : kForbidden) {
    add(only_if(call));
    add(give(kDenied));
  }
  // The flags of clone3 lie in memory, where a filter cannot look: the library falls back to clone.
  add(only_if(SYS_clone3));
  add(give(SECCOMP_RET_ERRNO | ENOSYS));
  // A thread may be made, a process may not.
  add(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<unsigned>(SYS_clone), 0, 3));
  add(load(offsetof(seccomp_data, args)));
  add(BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, CLONE_THREAD, 1, 0));
  add(give(kDenied));
  add(give(SECCOMP_RET_ALLOW));
  const sock_fprog filter{static_cast<unsigned short>(n), program.data()};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &filter) == 0;
}

}  // namespace

void guard_secrets() {
  const rlimit none{0, 0};
  (void)::setrlimit(RLIMIT_CORE, &none);
  // A leak checker looks at its own process as a debugger would.
  if (!kInstrumented) (void)::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  (void)::umask(S_IRWXG | S_IRWXO);
}

Confinement confine_process() {
  if (kInstrumented || kMachine == 0 || !install_filter()) return Confinement::none;
  return Confinement::no_network_no_exec;
}

}  // namespace s1flow
