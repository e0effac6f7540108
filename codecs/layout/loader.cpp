#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "codecs/crypto/party.h"
#include "codecs/files/mef.h"
#include "codecs/files/table.h"
#include "codecs/layout/format_reader.h"
#include "codecs/layout/layout.h"
#include "codecs/layout/layout_checks.h"
#include "codecs/layout/layout_config.h"
#include "codecs/layout/plan_builder.h"

namespace s1flow::codecs {
namespace {

using Kind = ConfigValue::Kind;

class Loader {
 public:
  Loader(Layout& layout, const ConfigValue& root)
      : layout_(layout), root_(root), plan_(layout), formats_(root) {}

  Status run(const std::string& path) {
    S1FLOW_TRY_VOID(read_general());
    S1FLOW_TRY_VOID(read_signature());
    S1FLOW_TRY_VOID(formats_.read(layout_.container == Container::xml ? SpaceAround::is_trimmed
                                                                      : SpaceAround::counts));
    if (layout_.container == Container::xml)
      S1FLOW_TRY_VOID(read_xml(path));
    else
      S1FLOW_TRY_VOID(plan_.start(""));
    if (layout_.container == Container::csv) S1FLOW_TRY_VOID(read_csv());
    if (layout_.container == Container::jsonl) layout_.record_node = 0;
    S1FLOW_TRY_VOID(read_section("header", Section::header, layout_.type->header, 0));
    S1FLOW_TRY_VOID(read_section("trailer", Section::trailer, layout_.type->trailer, 0));
    S1FLOW_TRY_VOID(
        read_section("record", Section::record, layout_.type->record, layout_.record_node));
    S1FLOW_TRY_VOID(read_signed_record());
    S1FLOW_TRY_VOID(read_constants());
    S1FLOW_TRY_VOID(read_encryption());
    S1FLOW_TRY_VOID(read_file_name());
    S1FLOW_TRY_VOID(read_required());
    S1FLOW_TRY_VOID(plan_.finish());
    S1FLOW_TRY_VOID(check_known_keys());
    return finish_layout(layout_);
  }

 private:
  Status read_general() {
    const auto type = text_in(root_, "type");
    if (!type)
      return tl::unexpected(usage_error(
          "type is missing: one of the file types that 's1flow list file-types' shows"));
    layout_.type = find_file_type(*type);
    if (layout_.type == nullptr)
      return tl::unexpected(layout_fault(root_.find("type"), "unknown file type '" + *type + "'"));
    const auto version = text_in(root_, "version");
    if (!version || version->empty()) return tl::unexpected(usage_error("version is missing"));
    layout_.version = *version;
    layout_.title = text_in(root_, "title").value_or(std::string(layout_.type->title));
    const std::string container = text_in(root_, "container").value_or("");
    if (container == "xml")
      layout_.container = Container::xml;
    else if (container == "csv")
      layout_.container = Container::csv;
    else if (container == "jsonl")
      layout_.container = Container::jsonl;
    else
      return tl::unexpected(
          layout_fault(root_.find("container"), "container must be xml, csv or jsonl"));
    return {};
  }

  Status read_signature() {
    S1FLOW_TRY(const ConfigValue* table, member_in(root_, "signature", Kind::table));
    if (table == nullptr) return {};
    S1FLOW_TRY_VOID(only_keys(*table, "signature.",
                              {"signer", "per", "id", "algorithm", "digest", "canonicalization"}));
    const auto signer = text_in(*table, "signer");
    if (!signer)
      return tl::unexpected(
          layout_fault(table, "signature.signer is missing: the role that signs"));
    const auto role = crypto::parse_party_role(*signer);
    if (!role ||
        crypto::find_certificate_kind(*role, crypto::CertificateUse::file_signing) == nullptr)
      return tl::unexpected(
          layout_fault(table->find("signer"),
                       fmt::format("signature.signer: '{}' signs no files; give requesting-party, "
                                   "commissioning-party or s1sp",
                                   *signer)));
    layout_.signer = *signer;
    S1FLOW_TRY(signed_per_record_, read_per_record(*table, "signature", "per"));
    if (!signed_per_record_ && table->find("id") != nullptr)
      return tl::unexpected(layout_fault(
          table->find("id"), "signature.id has no use where one signature is over the file"));
    if (signed_per_record_ && layout_.container != Container::xml)
      return tl::unexpected(layout_fault(
          table->find("per"), fmt::format("signature.per = \"record\" is for XML; records of {} "
                                          "cannot hold a signature",
                                          name_of(layout_.container))));
    S1FLOW_TRY_VOID(only_algorithm(*table, "signature", "algorithm", "ecdsa-sha256"));
    S1FLOW_TRY_VOID(only_algorithm(*table, "signature", "digest", "sha256"));
    return only_algorithm(*table, "signature", "canonicalization", "exc-c14n");
  }

  Status read_xml(const std::string& path) {
    S1FLOW_TRY(const ConfigValue* xml, member_in(root_, "xml", Kind::table));
    if (xml == nullptr) return tl::unexpected(usage_error("[xml] is missing"));
    S1FLOW_TRY_VOID(only_keys(*xml, "xml.", {"schema", "root", "record", "prefix"}));
    const auto schema = text_in(*xml, "schema");
    if (!schema)
      return tl::unexpected(
          layout_fault(xml, "xml.schema is missing: the XSD, relative to the layout"));
    const auto resolved = resolve_relative(path, *schema);
    if (!resolved)
      return tl::unexpected(
          layout_fault(xml->find("schema"), "xml.schema leads out of the layouts' folder"));
    layout_.schema_path = *resolved;
    const auto source = layout_.source;
    S1FLOW_TRY(layout_.schema, SchemaModel::load(*resolved, [source](const std::string& p) {
                 return source->read(p);
               }));
    S1FLOW_TRY_VOID(plan_.start(text_in(*xml, "root").value_or("")));
    layout_.prefix = text_in(*xml, "prefix").value_or("");
    const std::string record = text_in(*xml, "record").value_or("");
    if (record.empty())
      return tl::unexpected(layout_fault(
          xml, "xml.record is missing: the path from the root to the repeating element"));
    auto node =
        plan_.node_at(0, record).map_error([&](Error e) { return std::move(e).at("xml.record"); });
    if (!node) return tl::unexpected(std::move(node).error());
    layout_.record_node = *node;
    for (std::uint32_t n = *node; n != 0; n = layout_.nodes[n].parent)
      layout_.record_path.insert(layout_.record_path.begin(), layout_.nodes[n].name);
    return {};
  }

  Status read_csv() {
    layout_.record_node = 0;
    S1FLOW_TRY(const ConfigValue* csv, member_in(root_, "csv", Kind::table));
    if (csv == nullptr) return tl::unexpected(usage_error("[csv] is missing"));
    S1FLOW_TRY_VOID(only_keys(*csv, "csv.", {"delimiter", "header", "line-end", "column"}));
    const std::string delimiter = text_in(*csv, "delimiter").value_or(",");
    if (delimiter.size() != 1 || delimiter == "\"" || delimiter == "\r" || delimiter == "\n")
      return tl::unexpected(
          layout_fault(csv->find("delimiter"),
                       "csv.delimiter must be one character other than a quote or line end"));
    layout_.csv.delimiter = delimiter.front();
    S1FLOW_TRY(layout_.csv.header, flag_in(*csv, "header", true));
    layout_.csv.line_end = text_in(*csv, "line-end").value_or("\r\n");
    if (layout_.csv.line_end != "\r\n" && layout_.csv.line_end != "\n")
      return tl::unexpected(
          layout_fault(csv->find("line-end"), "csv.line-end must be \\r\\n or \\n"));
    S1FLOW_TRY(const ConfigValue* columns, member_in(*csv, "column", Kind::list));
    if (columns == nullptr || columns->items.empty())
      return tl::unexpected(layout_fault(csv, "[[csv.column]] entries are missing"));
    for (const ConfigValue& c : columns->items) {
      const ConfigValue* column = c.kind == Kind::table ? &c : nullptr;
      const auto name = column == nullptr ? std::nullopt : text_in(*column, "name");
      if (!name || name->empty()) return tl::unexpected(layout_fault(&c, "a column needs a name"));
      S1FLOW_TRY_VOID(only_keys(*column, "csv.column.", {"name", "required"}));
      for (const CsvColumn& other : layout_.columns)
        if (other.name == *name)
          return tl::unexpected(layout_fault(&c, fmt::format("column '{}' stands twice", *name)));
      S1FLOW_TRY(const bool required, flag_in(*column, "required", false));
      layout_.columns.push_back({.name = *name, .required = required});
      S1FLOW_TRY_VOID(plan_.node_at(0, *name));
    }
    return {};
  }

  Status read_section(const char* key, Section section, const RecordDef& def, std::uint32_t base) {
    S1FLOW_TRY(const ConfigValue* table, member_in(root_, key, Kind::table));
    if (table == nullptr) return {};
    section_ = section;
    return read_fields(*table, def, npos, base, "").map_error([&](Error e) {
      return std::move(e).at(key);
    });
  }

  // Fields and groups of one table; `group` is the group whose fields these are, or npos.
  Status read_fields(const ConfigValue& table, const RecordDef& def, std::size_t group,
                     std::uint32_t base, const std::string& scope) {
    const auto fields = group == npos ? def.fields : def.groups[group].fields;
    // In the layout's own order, which writers of JSON keep.
    for (const auto& [name, value] : table.members) {
      if (group != npos && (name == "path" || name == "set" || name == "list")) continue;
      const std::size_t field = find_field(fields, name);
      if (field != npos) {
        S1FLOW_TRY_VOID(read_field(value, fields[field], field, group, base, scope));
        continue;
      }
      const std::size_t inner = find_group(def.groups, name);
      if (inner == npos || def.groups[inner].parent != group)
        return tl::unexpected(
            layout_fault(&value, fmt::format("there is no field or group '{}{}'", scope, name)));
      if (value.kind == Kind::table) {
        S1FLOW_TRY_VOID(read_group(value, def, inner, base));
        continue;
      }
      if (value.kind != Kind::list)
        return tl::unexpected(layout_fault(
            &value, fmt::format("group '{}' must be a table or a list of tables", name)));
      for (const ConfigValue& entry : value.items) {
        if (entry.kind != Kind::table)
          return tl::unexpected(
              layout_fault(&entry, fmt::format("group '{}' must be a table", name)));
        S1FLOW_TRY_VOID(read_group(entry, def, inner, base));
      }
    }
    return {};
  }

  Status read_field(const ConfigValue& value, const FieldDef& def, std::size_t field,
                    std::size_t group, std::uint32_t base, const std::string& scope) {
    std::optional<std::string> path = text_in(value);
    std::optional<std::string> how;
    if (value.kind == Kind::table) {
      S1FLOW_TRY_VOID(only_keys(value, scope + std::string(def.name) + ".", {"path", "format"}));
      path = text_in(value, "path");
      how = text_in(value, "format");
    }
    if (!path)
      return tl::unexpected(
          layout_fault(&value, fmt::format("'{}{}' needs a path", scope, def.name)));
    auto node = plan_.node_at(base, *path);
    if (!node)
      return tl::unexpected(
          std::move(node).error().at(fmt::format("line {}: {}{}", value.line, scope, def.name)));
    if (layout_.nodes[*node].leaf >= 0)
      return tl::unexpected(layout_fault(&value, fmt::format("'{}' is mapped twice", *path)));
    S1FLOW_TRY(ValueFormat format, formats_.format_of(def, scope, how, value));
    layout_.nodes[*node].leaf = static_cast<std::int32_t>(layout_.leaves.size());
    layout_.leaves.push_back({.section = section_,
                              .group = group,
                              .field = field,
                              .format = std::move(format),
                              .list = {}});
    if (layout_.container == Container::csv && group == npos) return bind_column(*path, *node);
    return {};
  }

  Status bind_column(const std::string& path, std::uint32_t node) {
    for (CsvColumn& c : layout_.columns)
      if (c.name == path) {
        c.leaf = layout_.nodes[node].leaf;
        return {};
      }
    return tl::unexpected(usage_error(fmt::format("there is no column '{}'", path)));
  }

  Status read_group(const ConfigValue& table, const RecordDef& def, std::size_t group,
                    std::uint32_t base) {
    const GroupDef& g = def.groups[group];
    const auto path = text_in(table, "path");
    if (!path)
      return tl::unexpected(layout_fault(&table, fmt::format("group '{}' needs a path", g.name)));
    auto node = plan_.node_at(base, *path);
    if (!node)
      return tl::unexpected(
          std::move(node).error().at(fmt::format("line {}: {}", table.line, g.name)));
    if (layout_.nodes[*node].group_start >= 0)
      return tl::unexpected(layout_fault(&table, fmt::format("'{}' starts a group twice", *path)));
    const std::string scope = std::string(g.name) + ".";
    GroupStart start{.section = section_, .group = group, .presets = {}, .node = *node};
    S1FLOW_TRY(const ConfigValue* set, member_in(table, "set", Kind::table));
    if (set != nullptr) {
      for (const auto& [k, v] : set->members) {
        const std::size_t field = find_field(g.fields, k);
        const auto code = text_in(v);
        if (field == npos || g.fields[field].kind != ValueKind::code || !code)
          return tl::unexpected(
              layout_fault(&v, fmt::format("set: '{}' is not a code field of '{}'", k, g.name)));
        const auto codes = g.fields[field].codes;
        const auto it = std::find(codes.begin(), codes.end(), *code);
        if (it == codes.end())
          return tl::unexpected(layout_fault(&v, fmt::format("set: there is no code '{}'", *code)));
        start.presets.emplace_back(field, static_cast<std::uint64_t>(it - codes.begin()));
      }
    }
    layout_.nodes[*node].group_start = static_cast<std::int32_t>(layout_.group_starts.size());
    layout_.group_starts.push_back(std::move(start));
    if (layout_.container == Container::csv)
      return read_column_group(table, def, group, *path, *node);
    if (table.find("list") != nullptr)
      return tl::unexpected(layout_fault(&table, "'list' is for CSV columns"));
    return read_fields(table, def, group, *node, scope);
  }

  // A column that holds an instance of a group, or with `list` several of them: "a;b;c". Exactly
  // one field, with the path ".".
  Status read_column_group(const ConfigValue& table, const RecordDef& def, std::size_t group,
                           const std::string& path, std::uint32_t node) {
    S1FLOW_TRY_VOID(
        read_fields(table, def, group, node, std::string(def.groups[group].name) + "."));
    for (CsvColumn& c : layout_.columns)
      if (c.name == path) {
        c.group_start = layout_.nodes[node].group_start;
        c.leaf = layout_.nodes[node].leaf;
        if (c.leaf < 0)
          return tl::unexpected(
              layout_fault(&table, "a group in a column needs one field with the path \".\""));
        layout_.leaves[static_cast<std::size_t>(c.leaf)].list = text_in(table, "list").value_or("");
        return {};
      }
    return tl::unexpected(layout_fault(&table, fmt::format("there is no column '{}'", path)));
  }

  Status read_constants() {
    S1FLOW_TRY(const ConfigValue* table, member_in(root_, "constants", Kind::table));
    if (table == nullptr) return {};
    for (const auto& [k, v] : table->members) {
      const auto value = text_in(v);
      if (!value) return tl::unexpected(layout_fault(&v, "a constant must be a text"));
      auto node = plan_.node_at(0, k);
      if (!node) return tl::unexpected(std::move(node).error().at("constants"));
      layout_.nodes[*node].has_constant = true;
      layout_.nodes[*node].constant = *value;
    }
    return {};
  }

  Status read_encryption() {
    S1FLOW_TRY(const ConfigValue* table, member_in(root_, "encryption", Kind::table));
    if (table == nullptr) return {};
    S1FLOW_TRY_VOID(
        only_keys(*table, "encryption.", {"keys", "share", "content", "key-transport", "key-per"}));
    S1FLOW_TRY_VOID(only_algorithm(*table, "encryption", "content", "aes256-gcm"));
    S1FLOW_TRY_VOID(read_key_transports(*table));
    S1FLOW_TRY(const bool per_record, read_per_record(*table, "encryption", "key-per"));
    const auto keys = text_in(*table, "keys");
    if (!per_record && !keys)
      return tl::unexpected(layout_fault(
          table, "encryption.keys is missing: the element that holds the encrypted keys"));
    if (per_record && table->find("keys") != nullptr)
      return tl::unexpected(layout_fault(
          table->find("keys"), "encryption.keys has no use where every record brings its own key"));
    if (keys) {
      S1FLOW_TRY(layout_.keys_node, plan_.node_at(0, *keys));
    }
    S1FLOW_TRY(const ConfigValue* shares, member_in(*table, "share", Kind::list));
    if (shares == nullptr || shares->items.empty())
      return tl::unexpected(layout_fault(table, "[[encryption.share]] entries are missing"));
    for (const ConfigValue& s : shares->items) {
      const ConfigValue* share = s.kind == Kind::table ? &s : nullptr;
      const auto name = share == nullptr ? std::nullopt : text_in(*share, "recipient");
      const auto element = share == nullptr ? std::nullopt : text_in(*share, "element");
      if (!name || !element)
        return tl::unexpected(layout_fault(&s, "a share needs a recipient and an element"));
      S1FLOW_TRY_VOID(only_keys(*share, "encryption.share.", {"recipient", "element"}));
      if (std::find(std::begin(mef::kShares), std::end(mef::kShares), *name) ==
          std::end(mef::kShares))
        return tl::unexpected(
            layout_fault(&s, fmt::format("a share's recipient is {}, not '{}'",
                                         fmt::join(mef::kShares, " or "), *name)));
      S1FLOW_TRY(const std::uint32_t node, plan_.node_at(layout_.record_node, *element));
      layout_.nodes[node].share = static_cast<std::int32_t>(layout_.shares.size());
      layout_.shares.push_back({*name, node});
    }
    return {};
  }

  // Whether there is a key or signature for each record instead of one for the file.
  static Result<bool> read_per_record(const ConfigValue& table, std::string_view scope,
                                      std::string_view key) {
    const ConfigValue* node = table.find(key);
    if (node == nullptr) return false;
    const std::string per = text_in(*node).value_or("");
    if (per != "file" && per != "record")
      return tl::unexpected(
          layout_fault(node, fmt::format("{}.{} must be \"file\" or \"record\"", scope, key)));
    return per == "record";
  }

  // By which attribute a record's own signature names it, and whether there is room for it.
  Status read_signed_record() {
    if (!signed_per_record_) return {};
    const ConfigValue& table = *root_.find("signature");
    const ConfigValue* id = table.find("id");
    if (id == nullptr)
      return tl::unexpected(layout_fault(
          table.find("per"),
          "signature.id is missing: the attribute of a record by which its signature names it"));
    const std::string path = text_in(*id).value_or("");
    if (!path.starts_with('@'))
      return tl::unexpected(
          layout_fault(id, "signature.id must be an attribute of the record, such as \"@ID\""));
    auto node = plan_.node_at(layout_.record_node, path);
    if (!node)
      return tl::unexpected(
          std::move(node).error().at(fmt::format("line {}: signature.id", id->line)));
    if (!layout_.nodes[*node].ns.empty())
      return tl::unexpected(
          layout_fault(id, "signature.id must be an attribute without a namespace"));
    if (!has_room_for_signature(layout_))
      return tl::unexpected(layout_fault(
          table.find("per"),
          fmt::format("{} leaves no room for a signature in '{}'; let its type be a sequence that "
                      "ends with <xs:any namespace=\"http://www.w3.org/2000/09/xmldsig#\" "
                      "processContents=\"skip\" minOccurs=\"0\"/>",
                      layout_.schema_path, layout_.nodes[layout_.record_node].name)));
    layout_.record_id_node = *node;
    return {};
  }

  Status read_key_transports(const ConfigValue& table) {
    // In the order of crypto::KeyTransport.
    static constexpr std::string_view kKnown[] = {"ecdh-es", "rsa-oaep-mgf1p", "rsa-oaep"};
    std::vector<std::string> names(std::begin(kKnown), std::end(kKnown));
    const ConfigValue* node = table.find("key-transport");
    if (node != nullptr) names = texts_in(*node);
    if (names.empty())
      return tl::unexpected(layout_fault(
          node,
          fmt::format("encryption.key-transport must be a list of {}", fmt::join(kKnown, ", "))));
    for (const std::string& name : names) {
      const auto it = std::find(std::begin(kKnown), std::end(kKnown), name);
      if (it == std::end(kKnown))
        return tl::unexpected(
            layout_fault(node, fmt::format("encryption.key-transport: unknown algorithm '{}'; "
                                           "s1flow has {}",
                                           name, fmt::join(kKnown, ", "))));
      layout_.key_transports.push_back(static_cast<crypto::KeyTransport>(it - std::begin(kKnown)));
    }
    return {};
  }

  Status read_file_name() {
    const auto pattern = text_in(root_, "file-name");
    if (!pattern) return {};
    ValueFormat defaults = formats_.defaults();
    defaults.time_format = formats_.date_format();
    defaults.codes.clear();
    auto parsed = FileNamePattern::parse(*pattern, layout_.type->header, defaults);
    if (!parsed)
      return tl::unexpected(
          std::move(parsed).error().at(fmt::format("line {}", root_.find("file-name")->line)));
    layout_.file_name = std::move(*parsed);
    return {};
  }

  Status read_required() {
    S1FLOW_TRY(const ConfigValue* entries, member_in(root_, "required", Kind::list));
    if (entries == nullptr) return {};
    for (const ConfigValue& e : entries->items) {
      const ConfigValue* entry = e.kind == Kind::table ? &e : nullptr;
      if (entry == nullptr) return tl::unexpected(layout_fault(&e, "[[required]] must be a table"));
      S1FLOW_TRY_VOID(
          only_keys(*entry, "required.", {"groups", "kind", "field", "share", "device", "octets"}));
      RequiredItem item;
      S1FLOW_TRY(const ConfigValue* groups, member_in(*entry, "groups", Kind::list));
      if (groups != nullptr)
        for (const ConfigValue& g : groups->items) {
          const auto id = GroupId::parse(text_in(g).value_or(""));
          if (!id) return tl::unexpected(layout_fault(&g, "a GroupID is two capital letters"));
          item.groups.push_back(*id);
        }
      if (item.groups.empty())
        return tl::unexpected(layout_fault(entry, "[[required]] needs groups"));
      item.kind = text_in(*entry, "kind").value_or("");
      item.share = text_in(*entry, "share").value_or("plain");
      if (item.share != "plain" && std::find(std::begin(mef::kShares), std::end(mef::kShares),
                                             item.share) == std::end(mef::kShares))
        return tl::unexpected(layout_fault(
            entry->find("share"), fmt::format("required.share is plain, {}, not '{}'",
                                              fmt::join(mef::kShares, " or "), item.share)));
      if (const ConfigValue* octets = entry->find("octets"); octets != nullptr) {
        if (octets->kind != Kind::integer || octets->integer < 1 || octets->integer > 65'536)
          return tl::unexpected(
              layout_fault(octets, "required.octets must be a number from 1 to 65536"));
        item.octets = static_cast<std::size_t>(octets->integer);
      }
      if (const auto field = text_in(*entry, "field")) {
        item.field = find_field(layout_.type->record.fields, *field);
        if (item.field == npos)
          return tl::unexpected(layout_fault(entry, fmt::format("there is no field '{}'", *field)));
      }
      if (item.kind.empty() == (item.field == npos))
        return tl::unexpected(layout_fault(entry, "[[required]] needs either a kind or a field"));
      if (const auto device = text_in(*entry, "device")) {
        const auto it =
            std::find(std::begin(kDeviceTypeCodes), std::end(kDeviceTypeCodes), *device);
        if (it == std::end(kDeviceTypeCodes))
          return tl::unexpected(
              layout_fault(entry, fmt::format("there is no device type '{}'", *device)));
        item.device_type = static_cast<std::size_t>(it - std::begin(kDeviceTypeCodes));
      }
      layout_.required.push_back(std::move(item));
    }
    return {};
  }

  Status check_known_keys() {
    S1FLOW_TRY_VOID(only_keys(root_, "",
                              {"type", "version", "title", "container", "file-name", "xml", "csv",
                               "header", "record", "trailer", "formats", "codes", "constants",
                               "signature", "encryption", "required", "jsonl"}));
    S1FLOW_TRY_VOID(formats_.check_codes_used());
    S1FLOW_TRY(const ConfigValue* json, member_in(root_, "jsonl", Kind::table));
    if (json == nullptr) return {};
    S1FLOW_TRY_VOID(only_keys(*json, "jsonl.", {"required"}));
    S1FLOW_TRY(const ConfigValue* required, member_in(*json, "required", Kind::list));
    if (required == nullptr) return {};
    for (const ConfigValue& r : required->items) {
      S1FLOW_TRY(const std::uint32_t node, plan_.node_at(0, text_in(r).value_or("")));
      layout_.nodes[node].required = true;
    }
    return {};
  }

  Layout& layout_;
  const ConfigValue& root_;
  PlanBuilder plan_;
  FormatReader formats_;
  Section section_ = Section::record;
  bool signed_per_record_ = false;
};

std::string first_comment(std::string_view text) {
  if (!text.starts_with('#')) return {};
  text = text.substr(
      1, text.find('\n') == std::string_view::npos ? std::string_view::npos : text.find('\n') - 1);
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  return std::string(text);
}

}  // namespace

Result<std::shared_ptr<const Layout>> load_layout(const std::shared_ptr<const SchemaSource>& source,
                                                  const std::string& path) {
  S1FLOW_TRY(const std::string bytes, source->read(path));
  S1FLOW_TRY(const ConfigValue root, parse_config(bytes, source->name() + ": " + path));
  auto layout = std::make_shared<Layout>();
  layout->source = source;
  layout->origin = source->name() + ": " + path;
  layout->notice = first_comment(bytes);
  Status status = Loader(*layout, root).run(path);
  if (!status) return tl::unexpected(std::move(status).error().at(layout->origin));
  return layout;
}

}  // namespace s1flow::codecs
