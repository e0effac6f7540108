#include "cli/commands/all.h"

namespace s1flow::cli {

// In the order of --help: what newcomers need first.
std::span<const CommandEntry> commands() {
  static constexpr CommandEntry kCommands[] = {
      {"generate", "make a batch, a test PKI, or sample exception files", &make_generate},
      {"dry-run", "play a Migration Week and predict every installation's outcome", &make_dry_run},
      {"load", "send requests at planned times and tell the truth about latency", &make_load},
      {"stub", "stand for the DCC and the meters: judge, answer, respond, go wrong on purpose",
       &make_stub},
      {"report", "render the report of a run again: text, HTML, CSV, JUnit, JSON", &make_report},
      {"merge", "put the results of several runs of a load test together, exactly", &make_merge},
      {"compare", "tell whether one run of a load test is slower than another", &make_compare},
      {"check", "judge single files: container, schema, signature, values", &make_check},
      {"inspect", "show what a file is and holds", &make_inspect},
      {"convert", "turn XML and CSV into JSON Lines and back, without loss", &make_convert},
      {"sign", "put an XML Signature into a document", &make_sign},
      {"verify", "tell whether a document's signature holds", &make_verify},
      {"verify-ledger", "tell whether a ledger, and a run's files, are as they were written",
       &make_verify_ledger},
      {"encrypt", "encrypt the readable shares of a file for its recipients", &make_encrypt},
      {"decrypt", "open the shares of a file that are for one recipient", &make_decrypt},
      {"diff", "compare two files record by record, or two sets of results", &make_diff},
      {"list", "list file types, layouts, rules and scenarios", &make_list},
      {"explain", "tell what a rule means, and what to do about it", &make_explain},
      {"sr", "make, check and explain single Service Requests and alerts", &make_sr},
      {"bench", "tell how fast this machine does the job, and what takes longest", &make_bench},
  };
  return kCommands;
}

}  // namespace s1flow::cli
