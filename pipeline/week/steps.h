#pragma once
// The steps of a dry run, in their order. Each is one file; week/dry_run.cpp calls them.

#include "core/result.h"
#include "pipeline/week/run_context.h"

namespace s1flow::pipeline {

// ---- what the DCC and the Requesting Parties know
[[nodiscard]] Status read_inventory(RunContext& run);
[[nodiscard]] Status read_registration(RunContext& run);

// ---- authorisation
[[nodiscard]] Status read_mafs(RunContext& run);
// Decides which installations are authorised, once all MAFs are read.
[[nodiscard]] Status authorise(RunContext& run);

// ---- Requesting Party: MCF, MGF and MEF of all days, from the inventory
[[nodiscard]] Status make_requesting_party_files(RunContext& run);

// ---- one SMSO on one day; each returns true when the file was there and accepted
[[nodiscard]] Result<bool> check_mcf(RunContext& run, std::size_t smso,
                                     unsigned day);  // and makes the MVF
[[nodiscard]] Result<bool> read_mvf(RunContext& run, std::size_t smso, unsigned day);
[[nodiscard]] Status read_group_files(RunContext& run, std::size_t smso,
                                      unsigned day);  // MGF and MEF of each group
[[nodiscard]] Status check_devices(RunContext& run, std::size_t smso,
                                   unsigned day);  // SCF of each group, made and read
[[nodiscard]] Status commission(RunContext& run, std::size_t smso,
                                unsigned day);  // COF and alerts, made and read

// ---- at the week's end: what each supplier receives (MTAD 17.21, 17.22)
[[nodiscard]] Status make_supplier_files(RunContext& run);

// Gives a made file the fault that the script asks for, if any; `file.path` may change, and is
// empty when the file is gone.
[[nodiscard]] Status apply_exchange_events(RunContext& run, const PlannedFile& planned,
                                           WrittenFile& file);

}  // namespace s1flow::pipeline
