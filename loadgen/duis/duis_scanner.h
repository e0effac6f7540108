#pragma once
// DUIS messages for the engine: what comes to our listener, and what a synchronous reply says. The
// usual layout is read in one pass; anything else by libxml2. Signatures are not looked at.

#include <memory>

#include "loadgen/join/message_scanner.h"

namespace s1flow::loadgen {

[[nodiscard]] std::shared_ptr<const MessageScanner> make_duis_scanner();

}  // namespace s1flow::loadgen
