#include "pipeline/model/procedures.h"

#include <algorithm>

#include <fmt/format.h>

#include "codecs/config.h"
#include "core/random.h"
#include "core/text.h"

namespace s1flow::pipeline {
namespace {

using codecs::ConfigReader;
using codecs::ConfigValue;

class Loader {
 public:
  explicit Loader(std::string where) : where_(std::move(where)) {}

  Result<Procedures> run(const ConfigValue& root) {
    ConfigReader reader(&root, where_);
    for (const ConfigValue* f : reader.tables("failure")) S1FLOW_TRY_VOID(read_failure(f));
    for (const ConfigValue* p : reader.tables("procedure")) S1FLOW_TRY_VOID(read_procedure(p));
    for (const ConfigValue* c : reader.tables("commissioning"))
      S1FLOW_TRY_VOID(read_commissioning(c));
    if (result_.s1sp.empty() || result_.commissioning.empty())
      reader.fail(nullptr, "[[procedure]] and [[commissioning]] are needed");
    S1FLOW_TRY_VOID(reader.finish());
    return std::move(result_);
  }

 private:
  Status read_failure(const ConfigValue* table) {
    ConfigReader reader(table, where_ + ": failure");
    Failure f;
    f.code = reader.required_text("code");
    const std::string kind = reader.required_text("class");
    const auto parsed = parse_failure_class(kind);
    if (!parsed)
      reader.fail(table, fmt::format("there is no failure class '{}'", kind));
    else
      f.kind = *parsed;
    f.title = reader.text("title", "");
    if (result_.find(f.code) != kNoFailure)
      reader.fail(table, fmt::format("failure '{}' stands twice", f.code));
    result_.failures.push_back(std::move(f));
    return reader.finish();
  }

  std::vector<FailureIndex> failures(ConfigReader& reader) {
    std::vector<FailureIndex> out;
    for (const std::string& code : reader.texts("failures")) {
      const FailureIndex i = result_.find(code);
      if (i == kNoFailure) reader.fail(nullptr, fmt::format("there is no failure '{}'", code));
      out.push_back(i);
    }
    return out;
  }

  DeviceType device(ConfigReader& reader, const std::string& name) {
    const auto type = parse_device_type(to_upper(name));
    if (!type) reader.fail(nullptr, fmt::format("there is no device type '{}'", name));
    return type.value_or(DeviceType::chf);
  }

  Status read_procedure(const ConfigValue* table) {
    ConfigReader reader(table, where_ + ": procedure");
    Procedure p;
    p.id = reader.required_text("id");
    p.title = reader.text("title", p.id);
    p.clause = reader.text("clause", "");
    p.device = device(reader, reader.required_text("device"));
    for (const ConfigValue* s : reader.tables("step")) {
      ConfigReader fields(s, fmt::format("{}: procedure {}: step", where_, p.id));
      ProcedureStep step;
      step.name = fields.required_text("name");
      for (const std::string& g : fields.texts("groups")) {
        const auto id = GroupId::parse(g);
        if (!id)
          fields.fail(s, fmt::format("'{}' is not a GroupID", g));
        else
          step.groups.push_back(*id);
      }
      step.needs = fields.texts("needs");
      step.failures = failures(fields);
      step.key = hash64(p.id + "/" + step.name);
      S1FLOW_TRY_VOID(fields.finish());
      p.steps.push_back(std::move(step));
    }
    S1FLOW_TRY_VOID(reader.finish());
    result_.s1sp.push_back(std::move(p));
    return {};
  }

  Status read_commissioning(const ConfigValue* table) {
    ConfigReader reader(table, where_ + ": commissioning");
    CommissioningStep c;
    for (const std::string& d : reader.texts("devices")) c.devices.push_back(device(reader, d));
    c.srv = reader.required_text("srv");
    if (reader.has("status"))
      c.status = static_cast<MeterStatus>(reader.choice("status", {"active", "dormant"}, 0));
    c.alerts = reader.texts("alerts");
    c.failures = failures(reader);
    c.key = hash64(c.srv);
    S1FLOW_TRY_VOID(reader.finish());
    result_.commissioning.push_back(std::move(c));
    return {};
  }

  std::string where_;
  Procedures result_;
};

}  // namespace

bool ProcedureStep::applies_to(GroupId group) const {
  return groups.empty() || std::find(groups.begin(), groups.end(), group) != groups.end();
}

bool CommissioningStep::applies_to(DeviceType device, MeterStatus meter_status) const {
  return std::find(devices.begin(), devices.end(), device) != devices.end() &&
         (!status || *status == meter_status);
}

FailureIndex Procedures::find(std::string_view code) const {
  for (std::size_t i = 0; i < failures.size(); ++i)
    if (failures[i].code == code) return static_cast<FailureIndex>(i);
  return kNoFailure;
}

Result<Procedures> load_procedures(const codecs::SchemaSource& source) {
  S1FLOW_TRY(std::vector<std::string> paths, source.list(".toml"));
  std::erase_if(paths, [](const std::string& p) { return !p.starts_with("procedures/"); });
  if (paths.empty())
    return tl::unexpected(usage_error(source.name() + ": holds no procedures/*.toml"));
  S1FLOW_TRY(const std::string text, source.read(paths.back()));
  S1FLOW_TRY(const ConfigValue root, codecs::parse_config(text, paths.back()));
  return Loader(paths.back()).run(root);
}

}  // namespace s1flow::pipeline
