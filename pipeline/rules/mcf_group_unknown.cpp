#include "codecs/files/mcf.h"
#include "pipeline/generate/fault.h"
#include "pipeline/rules/list.h"

namespace s1flow::pipeline::rules {
namespace {

void check(const McfCheck& c, CheckReport& report) {
  const GroupId group = codecs::as_group_id(c.record[codecs::mcf::group_id]);
  if (!group.empty() &&
      std::find(c.smso.groups.begin(), c.smso.groups.end(), group) == c.smso.groups.end())
    report.add("group-id", group.view());
}

constexpr Fault kFault{.files = "mcf record"};

}  // namespace

constinit const RuleEntry mcf_group_unknown{
    .rule =
        {
            .id = "mcf.group-unknown",
            .scope = RuleScope::record,
            .severity = Severity::error,
            .clause = "MTAD 5.5",
            .title = "The GroupID is not one of the SMSO's",
            .meaning = "The GroupID decides which files and which S1SP procedures apply; this one "
                       "does not belong to the "
                       "sender's SMSO.",
            .cause = "A faulty writer, or a new GroupID that batch.toml does not have yet.",
            .remedy = "Correct the MCF, or add the GroupID to batch.toml.",
        },
    .mcf = &check,
    .needs = Needs::batch,
    .fault = &kFault,
};

}  // namespace s1flow::pipeline::rules
