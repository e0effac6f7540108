#include <algorithm>
#include <cerrno>
#include <clocale>
#include <csignal>
#include <exception>
#include <new>

#include <CLI/CLI.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/problems.h"
#include "codecs/crypto/secret.h"
#include "codecs/memory_watch.h"
#include "codecs/version.h"
#include "core/memory_pages.h"
#include "core/process_guard.h"
#include "core/trouble.h"
#include "pipeline/end_of_threads.h"

namespace {

std::atomic<bool> stop_requested{false};
std::atomic<bool> allocation_failed{false};

constexpr std::string_view kOutOfMemory =
    "s1flow: out of memory; give it more, or use fewer workers and smaller chunks (--workers, "
    "--chunk), and run the same command again\n";

[[noreturn]] void on_failed_allocation() {
  allocation_failed = true;
  throw std::bad_alloc();
}

// Where an exception cannot be caught, inside a library or while another one is handled, the
// program still says what happened. The exception itself is not always to be had: one that meets
// the edge of a noexcept function ends here before it counts as caught. Nothing half-written can
// come of ending here: outputs appear whole.
[[noreturn]] void on_terminate() {
  bool out_of_memory = allocation_failed;
  try {
    if (const auto current = std::current_exception()) std::rethrow_exception(current);
  } catch (const std::bad_alloc&) {
  } catch (...) {
    out_of_memory = false;
  }
  if (out_of_memory) {
    (void)!::write(2, kOutOfMemory.data(), kOutOfMemory.size());
    ::_exit(static_cast<int>(s1flow::cli::ExitCode::io));
  }
  constexpr std::string_view kText = "s1flow: internal error: an exception was not caught\n";
  (void)!::write(2, kText.data(), kText.size());
  ::_exit(static_cast<int>(s1flow::cli::ExitCode::internal));
}

struct sigaction usual_abort, usual_fault;

// Some libraries end the program themselves when they get no memory, OpenSSL while it sets up its
// secure heap; others follow the null pointer that they got. Anything else takes its usual way: the
// call or the instruction is done again when this returns.
void on_crash(int signal) {
  if (!allocation_failed && !s1flow::out_of_memory_seen()) {
    (void)::sigaction(signal, signal == SIGABRT ? &usual_abort : &usual_fault, nullptr);
    return;
  }
  (void)!::write(2, kOutOfMemory.data(), kOutOfMemory.size());
  ::_exit(static_cast<int>(s1flow::cli::ExitCode::io));
}

void tell_of_crashes() {
  struct sigaction action {};
  action.sa_handler = on_crash;
  (void)::sigaction(SIGABRT, &action, &usual_abort);
  (void)::sigaction(SIGSEGV, &action, &usual_fault);
}

// The disk failed under memory that lies in a file (core/block_store.h, core/mapped_file.h).
void on_lost_page(int /*signal*/) {
  constexpr std::string_view kText =
      "s1flow: the disk fails under a scratch file or a ZIP: look at the machine's log, then run "
      "the same "
      "command again to go on\n";
  (void)!::write(2, kText.data(), kText.size());
  ::_exit(static_cast<int>(s1flow::cli::ExitCode::io));
}

// Descriptors 0 to 2 are taken whatever the caller closed, so that no output of ours is opened
// under one of them and printed into. Reading and writing there fail, and that is told.
void hold_standard_descriptors() {
  for (int fd = 0; fd <= 2; ++fd)
    if (::fcntl(fd, F_GETFD) < 0) (void)!::open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY);
}

void use_all_descriptors() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  (void)::setrlimit(RLIMIT_NOFILE, &limit);
}

// The first signal asks for a clean stop, the second one ends the program as it would have without
// us.
void on_signal(int signal) {
  if (stop_requested.exchange(true)) {
    std::signal(signal, SIG_DFL);
    (void)std::raise(signal);
  }
}

std::string version_text() {
  std::string text = "s1flow " S1FLOW_VERSION "\n";
  for (const auto& [name, version] : s1flow::codecs::library_versions())
    text += fmt::format("  {} {}\n", name, version);
  return text;
}

// The name of the command that the command line begins with, when there is no such command.
std::string unknown_command(int argc, char** argv, std::vector<std::string>& known) {
  for (const s1flow::cli::CommandEntry& entry : s1flow::cli::commands())
    known.emplace_back(entry.name);
  if (argc < 2 || argv[1][0] == '-') return {};
  return std::find(known.begin(), known.end(), argv[1]) == known.end() ? argv[1] : "";
}

// Nobody reads standard output any more, so there is nothing left to do (`s1flow list | head`).
constexpr s1flow::cli::ExitCode kReaderGone = s1flow::cli::ExitCode::fine;

int finish(const s1flow::cli::Console& console,
           const s1flow::Result<s1flow::cli::ExitCode>& result) {
  using namespace s1flow::cli;
  console.clear_progress();
  // Whatever was found may only look like it.
  if (s1flow::out_of_memory_seen()) {
    fmt::print(stderr, "{}", kOutOfMemory);
    return static_cast<int>(ExitCode::io);
  }
  if (console.out_closed()) return static_cast<int>(kReaderGone);
  if (!result) {
    // What looks like a wrong batch or option may be a file that could not be read.
    const s1flow::Status machine = s1flow::check_machine();
    if (result.error().kind() == s1flow::ErrorKind::usage && !machine) {
      console.error(machine.error());
      return static_cast<int>(ExitCode::io);
    }
    console.error(result.error());
    return static_cast<int>(exit_code_of(result.error()));
  }
  errno = 0;
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
    if (errno == EPIPE) return static_cast<int>(kReaderGone);
    fmt::print(stderr, "s1flow: standard output: cannot write; the result is not complete\n");
    return static_cast<int>(ExitCode::io);
  }
  return static_cast<int>(*result);
}

int run(int argc, char** argv) {
  using namespace s1flow::cli;
  CLI::App app(
      "Dry runs of SMETS1 Migration Weeks. All formats that s1flow makes are its own; none is the "
      "DCC's.",
      "s1flow");
  app.require_subcommand(1);
  app.set_help_flag("-h,--help", "Show this help");
  app.set_version_flag("--version", version_text(),
                       "Show the version of s1flow and of its libraries");
  app.get_formatter()->column_width(34);
  app.footer(
      "'s1flow COMMAND --help' tells more of each.\n\nExamples:\n  s1flow generate week "
      "--installations 1000 -o batch\n  s1flow dry-run batch -o out");
  Console console;
  console.terminal = ::isatty(2) == 1;
  console.stop = &stop_requested;
  std::vector<std::unique_ptr<Command>> made;
  Command* chosen = nullptr;
  for (const CommandEntry& entry : commands()) {
    CLI::App* sub = app.add_subcommand(std::string(entry.name), std::string(entry.summary));
    // Those that the command line does not name are only listed.
    if (std::find(argv, argv + argc, entry.name) == argv + argc) continue;
    sub->get_formatter()->column_width(34);
    sub->add_flag("-q,--quiet", console.quiet, "Say nothing but results and errors");
    made.push_back(entry.make());
    made.back()->add_options(*sub);
    for (CLI::App* inner : sub->get_subcommands([](CLI::App*) { return true; }))
      inner->add_flag("-q,--quiet", console.quiet, "Say nothing but results and errors");
    Command* command = made.back().get();
    sub->callback([&chosen, command] { chosen = command; });
  }
  if (argc < 2) {
    console.out(app.help());
    return finish(console, ExitCode::fine);
  }
  std::vector<std::string> known;
  if (const std::string word = unknown_command(argc, argv, known); !word.empty()) {
    const std::string near = nearest(word, known);
    fmt::print(stderr, "s1flow: there is no command '{}'{}\nRun 's1flow --help' for all.\n", word,
               near.empty() ? "" : "; did you mean '" + near + "'?");
    return static_cast<int>(ExitCode::usage);
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    console.out(app.help());
    return finish(console, ExitCode::fine);
  } catch (const CLI::CallForVersion&) {
    console.out(version_text());
    return finish(console, ExitCode::fine);
  } catch (const CLI::ParseError& e) {
    for (const std::string& problem : all_problems(app, e))
      fmt::print(stderr, "s1flow: {}\n", problem);
    std::string named = "s1flow";
    for (const CLI::App* a = &app; !a->get_subcommands().empty();) {
      a = a->get_subcommands().front();
      named += " " + a->get_name();
    }
    fmt::print(stderr, "Run '{} --help'.\n", named);
    return static_cast<int>(ExitCode::usage);
  }
  if (chosen->confinement() != s1flow::Confinement::none) (void)s1flow::confine_process();
  return finish(console, chosen->run(console));
}

}  // namespace

int main(int argc, char** argv) {
  s1flow::align_heap();
  s1flow::expect_allocations();
  s1flow::guard_secrets();
  tell_of_crashes();
  s1flow::codecs::watch_memory();
  s1flow::codecs::crypto::prepare_secret_memory();
  // Results do not depend on the locale; a closed pipe is an error like any other.
  std::setlocale(LC_ALL, "C");
  std::set_terminate(on_terminate);
  std::set_new_handler(on_failed_allocation);
  hold_standard_descriptors();
  use_all_descriptors();
  // What we write is for its owner, whatever the caller's umask takes or leaves.
  ::umask(077);
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGBUS, on_lost_page);
  std::signal(SIGXFSZ, SIG_IGN);  // a file that would grow too big is an error of its write
  std::signal(SIGINT, on_signal);
  std::signal(SIGTERM, on_signal);
  // Not under nohup, which has it ignored.
  if (std::signal(SIGHUP, on_signal) == SIG_IGN) std::signal(SIGHUP, SIG_IGN);
  try {
    const s1flow::pipeline::EndOfThreads end_of_threads;
    return run(argc, argv);
  } catch (const std::bad_alloc&) {
    fmt::print(stderr, "{}", kOutOfMemory);
    return static_cast<int>(s1flow::cli::ExitCode::io);
  } catch (const std::exception& e) {
    fmt::print(stderr, "s1flow: internal error: {}\n", e.what());
    return static_cast<int>(s1flow::cli::ExitCode::internal);
  }
}
