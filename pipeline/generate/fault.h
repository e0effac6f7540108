#pragma once
// Fault: how a generated week provokes a rule. It stands beside the rule
// (pipeline/rules/<rule>.cpp).

#include <string_view>

#include "pipeline/generate/draft.h"

namespace s1flow::pipeline {

struct Fault {
  // For faults of one installation: spoils the draft and says what has to be found. False when this
  // installation is not of a kind that can have the fault (gas without a gas meter); the draft is
  // then as before.
  bool (*spoil)(InstallationDraft&, DraftWorld&) = nullptr;
  // For faults of a whole file: the types that can have it, separated by blanks: "mcf mvf", or
  // "maf".
  std::string_view files = {};
};

}  // namespace s1flow::pipeline
