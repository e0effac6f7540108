#include "cli/commands/all.h"

namespace s1flow::cli {

// In the order of --help: what newcomers need first.
std::span<const CommandEntry> commands() {
  static constexpr CommandEntry kCommands[] = {
      {"generate", "make a batch, a test PKI, or sample exception files", &make_generate},
      {"dry-run", "play a Migration Week and predict every installation's outcome", &make_dry_run},
      {"sr", "make, check and explain single Service Requests and alerts", &make_sr},
      {"load", "send requests at planned times and tell the truth about latency", &make_load},
      {"stub", "stand for the DCC and the meters: judge, answer, respond, go wrong on purpose",
       &make_stub},
  };
  return kCommands;
}

}  // namespace s1flow::cli
