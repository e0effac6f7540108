#pragma once
// A command of the program: its options, and what it does. One file per command in cli/commands/
// and one line in cli/commands.cpp.
//
// Parsing options opens no file. Results go to stdout, talk goes to stderr.

#include <atomic>
#include <cstdio>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/finding.h"
#include "core/process_guard.h"
#include "core/result.h"
#include "pipeline/week/run_context.h"

namespace CLI {
class App;
}

namespace s1flow::cli {

// What the exit code says.
enum class ExitCode : int {
  fine = 0,
  no = 1,     // the answer is no: findings at or above --fail-on, files differ, signature refused
  usage = 2,  // wrong options, configuration, layout or batch
  io = 3,     // the work could not be done
  internal = 4,
  invalid_run = 5  // the generator itself was the limit
};
[[nodiscard]] ExitCode exit_code_of(const Error& error);

enum class OutputFormat { human, json };

// Around a command: where it talks, and when it should stop.
struct Console {
  bool terminal = false;  // stderr is one: progress may be shown
  bool quiet = false;
  std::atomic<bool>* stop = nullptr;

  // stdout. When nobody reads it any more (`| head`), what follows is dropped and `stop` is set:
  // there is no more work to do, and nothing has failed.
  void out(std::string_view text) const;
  [[nodiscard]] bool out_closed() const { return closed_; }
  void talk(std::string_view line) const;  // stderr, unless quiet; a newline is added
  void error(const Error& e) const;        // stderr: "s1flow: …"
  // Findings that kept a command from doing its work, on stderr.
  void talk_findings(const std::string& file, const std::vector<Finding>& findings) const;
  [[nodiscard]] std::function<void(const pipeline::Progress&)> progress()
      const;  // empty when not on a terminal
  void clear_progress() const;

 private:
  mutable bool closed_ = false;
};

class Command {
 public:
  Command() = default;
  Command(const Command&) = delete;
  Command& operator=(const Command&) = delete;
  virtual ~Command() = default;
  virtual void add_options(CLI::App& app) = 0;
  // What the process gives up before run(), once the options are known. Commands that read what
  // others have written should give up all that they do not need.
  [[nodiscard]] virtual Confinement confinement() const { return Confinement::none; }
  [[nodiscard]] virtual Result<ExitCode> run(const Console& console) = 0;
};

struct CommandEntry {
  std::string_view name;
  std::string_view summary;  // one line, for the list in --help
  std::unique_ptr<Command> (*make)();
};

[[nodiscard]] std::span<const CommandEntry> commands();

}  // namespace s1flow::cli
