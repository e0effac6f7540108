// A scenario of files: loadgen says which and when, pipeline reads and checks them.

#include <fmt/format.h>

#include "cli/commands/load_run.h"
#include "cli/io.h"
#include "loadgen/file_job.h"
#include "pipeline/single/check.h"
#include "pipeline/single/recognise.h"

namespace s1flow::cli {

using namespace loadgen;

Result<RunResult> run_file_job(const Console& console, const Scenario& scenario) {
  const FileJob& job = *scenario.files;
  S1FLOW_TRY(const pipeline::Batch batch, pipeline::load_batch(job.batch));
  S1FLOW_TRY(const pipeline::Recognised known,
             pipeline::recognise(batch.registration, batch.layouts));
  if (!known.layout)
    return tl::unexpected(
        usage_error(fmt::format("{}: no layout knows this file", batch.registration.string())));
  pipeline::SingleFileContext context;
  context.batch = &batch;
  context.clock = batch.clock;
  S1FLOW_TRY(context.rules, pipeline::RuleSet::with(batch.severities));
  context.limits = batch.limits;
  context.layouts = &batch.layouts;
  context.runner.stop = console.stop;
  const FileChecker check = [&](const Path& path) -> Result<CheckedFile> {
    S1FLOW_TRY(const pipeline::SingleVerdict verdict,
               pipeline::check_file(path, known.layout, context));
    return CheckedFile{verdict.accepted, verdict.records, verdict.bytes};
  };
  S1FLOW_TRY(const Spool part, Spool::create(batch.registration.filename().string()));
  auto result = run_files(job, scenario.plan, scenario.seed, batch.registration, part.path(), check,
                          console.stop);
  return result;
}

}  // namespace s1flow::cli
