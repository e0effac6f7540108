#pragma once
// Makers of all commands; see cli/commands.cpp.

#include "cli/command.h"

namespace s1flow::cli {

std::unique_ptr<Command> make_generate();
std::unique_ptr<Command> make_dry_run();
std::unique_ptr<Command> make_sr();
std::unique_ptr<Command> make_load();
std::unique_ptr<Command> make_stub();

}  // namespace s1flow::cli
