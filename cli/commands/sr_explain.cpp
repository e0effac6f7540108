#include "cli/commands/sr_explain.h"

#include <fmt/format.h>

#include "codecs/duis/dcc_alert_code.h"
#include "codecs/duis/request_judge.h"
#include "codecs/duis/response_code.h"
#include "core/srv_table.h"
#include "core/text.h"

namespace s1flow::cli {
namespace {

namespace duis = codecs::duis;

std::string modes_of(const ServiceReferenceVariant& srv) {
  std::string text;
  for (std::size_t i = 0; i < kModes; ++i)
    if (srv.modes.has(static_cast<Mode>(i)))
      text += fmt::format("{}{}", text.empty() ? "" : ", ", name_of(static_cast<Mode>(i)));
  return text;
}
std::string roles_of(const ServiceReferenceVariant& srv) {
  if (srv.roles.empty()) return "not known";
  std::string text;
  for (std::size_t i = 0; i < kUserRoles; ++i) {
    const auto role = static_cast<UserRole>(i);
    if (srv.roles.has(role))
      text +=
          fmt::format("{}{} ({})", text.empty() ? "" : ", ", name_of(role), short_name_of(role));
  }
  return text;
}
std::string variants_of(const ServiceReferenceVariant& srv) {
  std::string text;
  for (unsigned cv = srv.command_variants.first(); cv <= srv.command_variants.last(); ++cv)
    text += fmt::format("{}{} ({})", text.empty() ? "" : ", ", cv, name_of(*service_of(cv)));
  return text;
}
std::string range_of(ByteRange range) {
  if (range.most == 0) return "not known";
  return range.least == range.most ? fmt::format("{} bytes", range.least)
                                   : fmt::format("{} to {} bytes", range.least, range.most);
}
std::string target_of(std::chrono::seconds target) {
  return target.count() == 0 ? std::string("not known") : fmt::format("{} s", target.count());
}

std::string explain(const ServiceReferenceVariant& srv) {
  std::string text = fmt::format("SRV {}: {}\n\n", srv.variant, srv.name);
  const auto line = [&](std::string_view name, std::string_view value) {
    text += fmt::format("  {:<22}{}\n", name, value);
  };
  line("Service Reference", srv.reference);
  line("body", srv.body);
  line("critical",
       srv.critical ? "yes: Transform, then Send Command with the signed Pre-Command" : "no");
  line("modes", modes_of(srv));
  line("User Roles", roles_of(srv));
  line("Command Variants", variants_of(srv));
  line("request", range_of(srv.request_bytes) + ", signed; measured");
  if (srv.response_bytes.most != 0) line("response", range_of(srv.response_bytes) + "; estimated");
  line("target, SMETS1", target_of(srv.target_smets1));
  line("target, SMETS2+", target_of(srv.target_smets2));
  if (srv.target_smets1.count() != 0)
    text += fmt::format("\nTarget response times: {}.\n", kTargetTimeSource);
  return text;
}

std::string explain(duis::DccAlertCode code) {
  return fmt::format(
      "DCC Alert {}\n\n  {:<22}{}\n  {:<22}{}\n  {:<22}{}\n", code.text(), "meaning",
      code.meaning().empty() ? "not in the public sources that s1flow knows" : code.meaning(),
      "body written", duis::element_of(code.body()), "why that body",
      duis::name_of(code.pairing()));
}

std::string explain(duis::ResponseCode code) {
  std::string text = fmt::format(
      "response code {}\n\n  {:<22}{}\n", code.text(), "meaning",
      code.meaning().empty() ? "not in the public sources that s1flow knows" : code.meaning());
  std::string faults;
  for (std::size_t i = 1; i < duis::kRequestFaults; ++i) {
    const auto fault = static_cast<duis::RequestFault>(i);
    if (duis::code_of(fault) == code)
      faults += fmt::format("{}{}", faults.empty() ? "" : ", ", duis::name_of(fault));
  }
  if (!faults.empty()) text += fmt::format("  {:<22}{}\n", "s1flow answers it for", faults);
  return text;
}

}  // namespace

Result<std::string> explain_duis(std::string_view what) {
  if (const ServiceReferenceVariant* srv = find_srv(what)) return explain(*srv);
  std::string variants;
  for (const ServiceReferenceVariant& srv : srv_table())
    if (srv.reference == what) variants += fmt::format("  {:<8}{}\n", srv.variant, srv.name);
  if (!variants.empty()) return fmt::format("Service Reference {}\n\n{}", what, variants);
  const std::string upper = to_upper(what);
  if (const auto code = duis::DccAlertCode::parse(upper)) return explain(*code);
  if (const auto code = duis::ResponseCode::parse(upper)) return explain(*code);
  return tl::unexpected(usage_error(fmt::format(
      "{}: is no Service Reference, variant, DCC Alert code or response code of DUIS 5.4; try "
      "8.1.1, N42 or E1",
      shown(what))));
}

}  // namespace s1flow::cli
