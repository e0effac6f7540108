#include "cli/command.h"

#include <cerrno>
#include <chrono>

#include <fmt/format.h>

#include "cli/session.h"

namespace s1flow::cli {

ExitCode exit_code_of(const Error& error) {
  switch (error.kind()) {
    case ErrorKind::usage:
      return ExitCode::usage;
    case ErrorKind::io:
    case ErrorKind::cancelled:
      return ExitCode::io;
    case ErrorKind::internal:
      return ExitCode::internal;
  }
  return ExitCode::internal;
}

void Console::out(std::string_view text) const {
  if (closed_ || text.empty()) return;
  errno = 0;
  const bool written =
      std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  if (written || errno != EPIPE) return;  // other faults are told when the program ends
  closed_ = true;
  std::clearerr(stdout);
  if (stop != nullptr) *stop = true;
}

void Console::talk(std::string_view line) const {
  if (quiet) return;
  clear_progress();
  fmt::print(stderr, "{}\n", line);
}

void Console::error(const Error& e) const {
  clear_progress();
  fmt::print(stderr, "s1flow: {}\n", e.message());
}

void Console::talk_findings(const std::string& file, const std::vector<Finding>& findings) const {
  clear_progress();
  for (const Finding& f : findings) fmt::print(stderr, "{}", finding_line(file, f));
}

void Console::clear_progress() const {
  if (terminal && !quiet) fmt::print(stderr, "\r\x1b[K");
}

std::function<void(const pipeline::Progress&)> Console::progress() const {
  if (!terminal || quiet) return {};
  struct State {
    std::string step;
    std::chrono::steady_clock::time_point since = std::chrono::steady_clock::now();
    std::chrono::steady_clock::time_point shown{};
  };
  auto state = std::make_shared<State>();
  return [state](const pipeline::Progress& p) {
    const auto now = std::chrono::steady_clock::now();
    if (p.step != state->step) {
      state->step = p.step;
      state->since = now;
    } else if (now - state->shown < std::chrono::milliseconds(100)) {
      return;
    }
    state->shown = now;
    std::string line = state->step;
    const double seconds = std::chrono::duration<double>(now - state->since).count();
    if (p.total != 0) {
      line += fmt::format(" {} of {}", p.done, p.total);
      if (p.done != 0 && seconds > 0.5) {
        const double rate = static_cast<double>(p.done) / seconds;
        line += fmt::format(", {:.0f}/s, {:.0f} s left", rate,
                            static_cast<double>(p.total - p.done) / rate);
      }
    }
    fmt::print(stderr, "\r\x1b[K{}", line);
    std::fflush(stderr);
  };
}

}  // namespace s1flow::cli
