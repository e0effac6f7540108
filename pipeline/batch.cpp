#include "pipeline/batch.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include <fmt/format.h>

#include "codecs/config.h"
#include "core/folder.h"
#include "core/text.h"
#include "pipeline/single/maf_container.h"

namespace s1flow::pipeline {
namespace {

using codecs::ConfigReader;
using codecs::ConfigValue;

class Loader {
 public:
  Loader(Batch& batch, const ConfigValue& root, std::string where)
      : batch_(batch), reader_(&root, where), where_(std::move(where)) {}

  Status run() {
    batch_.name = reader_.text("name", batch_.folder.filename().string());
    const Date monday = reader_.date("migration-week");
    if (const auto week = MigrationWeek::from_monday(monday))
      batch_.week = *week;
    else
      reader_.fail(nullptr, "'migration-week' must be a Monday");
    batch_.clock = reader_.time("clock");
    S1FLOW_TRY_VOID(read_smsos());
    S1FLOW_TRY(batch_.commissioning_party,
               read_party(reader_.table("commissioning-party"), "commissioning-party"));
    S1FLOW_TRY(batch_.dcc, read_party(reader_.table("dcc"), "dcc"));
    S1FLOW_TRY(batch_.suppliers, read_parties("supplier"));
    S1FLOW_TRY(batch_.network_operators, read_parties("network-operator"));
    S1FLOW_TRY_VOID(read_counters());
    S1FLOW_TRY_VOID(read_rules());
    S1FLOW_TRY_VOID(read_limits());
    S1FLOW_TRY(batch_.policy, read_policy(reader_.table("policy"), where_ + ": policy"));
    S1FLOW_TRY_VOID(read_model());
    S1FLOW_TRY_VOID(read_exchange());
    S1FLOW_TRY_VOID(read_pki());
    S1FLOW_TRY_VOID(read_files());
    return reader_.finish();
  }

 private:
  Result<Party> read_party(const ConfigValue* table, std::string_view what) {
    ConfigReader reader(table, fmt::format("{}: {}", where_, what));
    Party p;
    p.eui = reader.eui("id");
    p.name = reader.text("name", "");
    S1FLOW_TRY_VOID(reader.finish());
    return p;
  }

  Result<std::vector<Party>> read_parties(std::string_view key) {
    std::vector<Party> parties;
    std::set<Eui64> seen;
    for (const ConfigValue* table : reader_.tables(key)) {
      S1FLOW_TRY(Party p, read_party(table, key));
      if (!seen.insert(p.eui).second)
        reader_.fail(table, fmt::format("{} {} stands twice", key, p.eui.text()));
      parties.push_back(std::move(p));
    }
    return parties;
  }

  Status read_smsos() {
    std::set<std::string> tags;
    std::set<GroupId> groups;
    for (const ConfigValue* table : reader_.tables("smso")) {
      ConfigReader reader(table, where_ + ": smso");
      Smso s;
      s.tag = reader.required_text("tag");
      s.requesting_party = reader.eui("requesting-party");
      s.s1sp = reader.eui("s1sp");
      s.dco = reader.eui("dco");
      for (const std::string& g : reader.texts("groups")) {
        const auto id = GroupId::parse(g);
        if (!id)
          reader.fail(table, fmt::format("'{}' is not a GroupID: two capital letters", g));
        else if (!groups.insert(*id).second)
          reader.fail(table, fmt::format("GroupID {} belongs to two SMSOs", g));
        else
          s.groups.push_back(*id);
      }
      if (s.groups.empty()) reader.fail(table, "'groups' is missing");
      if (!tags.insert(to_upper(s.tag)).second)
        reader.fail(table, fmt::format("SMSO {} stands twice", s.tag));
      S1FLOW_TRY_VOID(reader.finish());
      batch_.smsos.push_back(std::move(s));
    }
    if (batch_.smsos.empty())
      reader_.fail(nullptr, "[[smso]] is missing: who looks after the installations");
    if (batch_.smsos.size() > 200) reader_.fail(nullptr, "more than 200 SMSOs");
    return {};
  }

  Status read_counters() {
    ConfigReader counters(reader_.table("counters"), where_ + ": counters");
    for (const auto& [key, value] : counters.rest()) {
      const auto eui = Eui64::parse(key);
      if (!eui || value->kind != ConfigValue::Kind::integer || value->integer < 0)
        counters.fail(value, "must read: \"EUI-64\" = highest counter seen");
      else
        batch_.last_counters[*eui] = static_cast<std::uint64_t>(value->integer);
    }
    return counters.finish();
  }

  Status read_rules() {
    ConfigReader rules(reader_.table("rules"), where_ + ": rules");
    for (const auto& [id, value] : rules.rest()) {
      const auto severity =
          value->kind == ConfigValue::Kind::text ? parse_severity(value->text) : std::nullopt;
      if (!severity)
        rules.fail(value, fmt::format("\"{}\" must be off, info, warning or error", id));
      else
        batch_.severities.emplace_back(id, *severity);
    }
    return rules.finish();
  }

  Status read_limits() {
    ConfigReader limits(reader_.table("limits"), where_ + ": limits");
    codecs::Limits& l = batch_.limits;
    const auto size = [&](std::string_view key, std::size_t& value, std::size_t max) {
      value = static_cast<std::size_t>(limits.count(key, value, max));
    };
    size("depth", l.depth, 200);
    size("attributes", l.attributes, 10'000);
    size("name-bytes", l.name_bytes, 40'000);
    size("field-bytes", l.field_bytes, 5 << 20);
    size("record-bytes", l.record_bytes, 8 << 20);
    size("head-bytes", l.head_bytes, 8 << 20);
    size("tail-bytes", l.tail_bytes, 8 << 20);
    size("columns", l.columns, 100'000);
    const auto count = [&](std::string_view key, std::uint64_t& value, std::uint64_t max) {
      value = limits.count(key, value, max);
    };
    count("file-bytes", l.file_bytes, 1ULL << 50);
    count("records", l.records, 1ULL << 40);
    count("unpacked-bytes", l.unpacked_bytes, 1ULL << 50);
    count("expansion", l.expansion, 1'000'000);
    size("findings-per-file", l.findings_per_file, 100'000'000);
    return limits.finish();
  }

  Status read_model() {
    ConfigReader model(reader_.table("model"), where_ + ": model");
    batch_.model.seed = model.count("seed", 1);
    const auto chances = [&](std::string_view key,
                             std::vector<std::pair<std::string, double>>& out) {
      ConfigReader reader(model.table(key), fmt::format("{}: model.{}", where_, key));
      for (const auto& [code, value] : reader.rest()) {
        const double p = value->kind == ConfigValue::Kind::integer
                             ? static_cast<double>(value->integer)
                             : value->real;
        if ((value->kind != ConfigValue::Kind::real && value->kind != ConfigValue::Kind::integer) ||
            !(p >= 0 && p <= 1))
          reader.fail(value, fmt::format("\"{}\" must be a probability between 0 and 1", code));
        out.emplace_back(code, p);
      }
      return reader.finish();
    };
    S1FLOW_TRY_VOID(chances("s1sp", batch_.model.s1sp));
    S1FLOW_TRY_VOID(chances("commissioning", batch_.model.commissioning));
    return model.finish();
  }

  Status read_exchange() {
    ConfigReader exchange(reader_.table("exchange"), where_ + ": exchange");
    batch_.key_transport =
        static_cast<KeyTransport>(exchange.choice("key-transport", {"ecdh-es", "rsa-oaep"}, 0));
    batch_.alerts =
        static_cast<AlertMode>(exchange.choice("alerts", {"none", "unsigned", "signed"}, 2));
    return exchange.finish();
  }

  Status read_pki() {
    ConfigReader pki(reader_.table("pki"), where_ + ": pki");
    const auto& names = codecs::crypto::kRevocationPolicyNames;
    batch_.revocation = static_cast<codecs::crypto::RevocationPolicy>(
        pki.choice("revocation", {names[0], names[1], names[2]}, 0));
    return pki.finish();
  }

  Status read_files() {
    ConfigReader files(reader_.table("files"), where_ + ": files");
    const auto at = [&](std::string_view key, std::string_view fallback) {
      return batch_.folder / files.text(key, fallback);
    };
    const Path maf = at("maf", "maf");
    const Path inventory = at("inventory", "inventory");
    batch_.epcl = at("epcl", "epcl.csv");
    batch_.registration = at("registration", "registration.csv");
    batch_.pki = at("pki", "pki");
    const Path script = at("script", "script.jsonl");
    const Path schemas = at("schemas", "schemas");
    S1FLOW_TRY_VOID(files.finish());
    S1FLOW_TRY(const FileKind scripted, kind_at(script, Links::follow));
    if (scripted != FileKind::none) batch_.script = script;
    S1FLOW_TRY(const FileKind own_layouts, kind_at(schemas, Links::follow));
    if (own_layouts != FileKind::none) {
      batch_.schemas = schemas;
      S1FLOW_TRY(batch_.layouts, codecs::LayoutSet::with_folder(schemas));
    } else {
      S1FLOW_TRY(batch_.layouts, codecs::LayoutSet::shipped());
    }
    S1FLOW_TRY(batch_.mafs, files_of(maf));
    std::erase_if(batch_.mafs,
                  [](const Path& p) { return is_password_file(p.filename().string()); });
    S1FLOW_TRY(batch_.inventories, files_of(inventory));
    if (batch_.mafs.empty()) return tl::unexpected(usage_error(maf.string() + ": holds no MAF"));
    if (batch_.inventories.empty())
      return tl::unexpected(usage_error(inventory.string() + ": holds no inventory file"));
    return {};
  }

  Result<std::vector<Path>> files_of(const Path& folder) {
    S1FLOW_TRY(const FileKind kind, kind_at(folder, Links::follow));
    if (kind == FileKind::none)
      return tl::unexpected(usage_error(folder.string() + ": there is no such folder"));
    return list_files(folder, "", &batch_.skipped);
  }

  Batch& batch_;
  ConfigReader reader_;
  std::string where_;
};

}  // namespace

const Smso* Batch::find_smso(std::string_view tag) const {
  for (const Smso& s : smsos)
    if (equals_ignoring_case(s.tag, tag)) return &s;
  return nullptr;
}

std::string Batch::name_of(Eui64 party) const {
  for (const auto* list : {&suppliers, &network_operators})
    for (const Party& p : *list)
      if (p.eui == party && !p.name.empty()) return p.name;
  return party.text();
}

std::uint64_t Batch::last_counter(Eui64 sender) const {
  const auto it = last_counters.find(sender);
  return it == last_counters.end() ? 0 : it->second;
}

Result<Batch> load_batch(const Path& folder) {
  const Path file = folder / "batch.toml";
  auto root = codecs::load_config(file);
  if (!root && root.error().kind() == ErrorKind::io) {
    // One that is there and cannot be read is the machine's trouble.
    S1FLOW_TRY(const FileKind kind, kind_at(file));
    if (kind != FileKind::file)
      return tl::unexpected(usage_error(folder.string() +
                                        ": is not a batch: " + root.error().message() +
                                        "; make one with 's1flow generate week'"));
  }
  if (!root) return tl::unexpected(std::move(root).error());
  Batch batch;
  batch.folder = folder;
  S1FLOW_TRY_VOID(Loader(batch, *root, file.string()).run());
  return batch;
}

}  // namespace s1flow::pipeline
