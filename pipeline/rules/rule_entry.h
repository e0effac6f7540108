#pragma once
// RuleEntry: a rule with its check and with the fault that provokes it. One per file in this
// folder, one line in list.h.
//
// A rule without a check function is evaluated where the evidence lies: in a codec, in the exchange
// (signatures, headers), or in an in-order stage (duplicates). Every rule has a fault, so that
// generated weeks can show it.

#include "core/finding.h"
#include "pipeline/rules/check.h"

namespace s1flow::pipeline {

struct Fault;  // pipeline/generate/fault.h

// What a check has to know beside the file in hand: nothing more, the batch's own settings and
// certificates, or what the rest of the week has brought.
enum class Needs : std::uint8_t { file, batch, week };

struct RuleEntry {
  Rule rule;
  void (*inventory)(const InventoryCheck&, CheckReport&) = nullptr;
  void (*maf)(const MafCheck&, CheckReport&) = nullptr;
  void (*authorisation)(const AuthorisationCheck&, CheckReport&) = nullptr;
  void (*mcf)(const McfCheck&, CheckReport&) = nullptr;
  void (*mgf)(const GroupFileCheck&, CheckReport&) = nullptr;
  void (*mef)(const GroupFileCheck&, CheckReport&) = nullptr;
  Needs needs = Needs::week;  // of the checks above
  // What becomes of an installation that the rule spoils: by the policy row of this class, or this
  // outcome whatever the policy says.
  FailureClass failure_class = FailureClass::data;
  Outcome outcome = Outcome::none;
  const Fault* fault = nullptr;
};

}  // namespace s1flow::pipeline
