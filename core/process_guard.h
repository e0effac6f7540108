#pragma once
// What the process gives up before it touches anything secret or hostile. Linux only; what a kernel
// does not have is left out, and said in the result.

namespace s1flow {

// No core file, no debugger of the same user, no file of ours that others may read (umask 077).
void guard_secrets();

enum class Confinement {
  none,
  no_network_no_exec,  // sockets, other programs and new processes fail with EPERM; threads work
};
// For the whole process, and for good. What was applied: `none` on a kernel without seccomp
// filters, and in builds with sanitizers, whose own helpers need what is forbidden here.
[[nodiscard]] Confinement confine_process();

}  // namespace s1flow
