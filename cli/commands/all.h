#pragma once
// Makers of all commands; see cli/commands.cpp.

#include "cli/command.h"

namespace s1flow::cli {

std::unique_ptr<Command> make_bench();
std::unique_ptr<Command> make_check();
std::unique_ptr<Command> make_compare();
std::unique_ptr<Command> make_convert();
std::unique_ptr<Command> make_decrypt();
std::unique_ptr<Command> make_diff();
std::unique_ptr<Command> make_dry_run();
std::unique_ptr<Command> make_encrypt();
std::unique_ptr<Command> make_explain();
std::unique_ptr<Command> make_generate();
std::unique_ptr<Command> make_inspect();
std::unique_ptr<Command> make_list();
std::unique_ptr<Command> make_load();
std::unique_ptr<Command> make_merge();
std::unique_ptr<Command> make_report();
std::unique_ptr<Command> make_sign();
std::unique_ptr<Command> make_sr();
std::unique_ptr<Command> make_stub();
std::unique_ptr<Command> make_verify();
std::unique_ptr<Command> make_verify_ledger();

}  // namespace s1flow::cli
