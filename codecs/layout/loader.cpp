#include <algorithm>
#include <map>
#include <optional>

#include <fmt/format.h>

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include "codecs/files/table.h"
#include "codecs/layout/layout.h"
#include "codecs/layout/plan_builder.h"

namespace s1flow::codecs {
namespace {

class Loader {
 public:
  Loader(Layout& layout, const toml::table& root) : layout_(layout), root_(root), plan_(layout) {}

  Status run(const std::string& path) {
    S1FLOW_TRY_VOID(read_general(path));
    S1FLOW_TRY_VOID(read_formats());
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
    S1FLOW_TRY_VOID(read_constants());
    S1FLOW_TRY_VOID(read_encryption());
    S1FLOW_TRY_VOID(read_file_name());
    S1FLOW_TRY_VOID(read_required());
    S1FLOW_TRY_VOID(plan_.finish());
    S1FLOW_TRY_VOID(check_known_keys());
    return check_essentials();
  }

 private:
  [[nodiscard]] static Error fault(const toml::node* at, std::string_view what) {
    if (at == nullptr || at->source().begin.line == 0) return usage_error(std::string(what));
    return usage_error(fmt::format("line {}: {}", at->source().begin.line, what));
  }

  [[nodiscard]] static std::optional<std::string> text(const toml::table& table,
                                                       std::string_view key) {
    return table[key].value<std::string>();
  }

  Status read_general(const std::string& path) {
    const auto type = text(root_, "type");
    if (!type)
      return tl::unexpected(usage_error(
          "type is missing: one of the file types that 's1flow list file-types' shows"));
    layout_.type = find_file_type(*type);
    if (layout_.type == nullptr)
      return tl::unexpected(fault(root_.get("type"), "unknown file type '" + *type + "'"));
    const auto version = text(root_, "version");
    if (!version || version->empty()) return tl::unexpected(usage_error("version is missing"));
    layout_.version = *version;
    layout_.title = text(root_, "title").value_or(std::string(layout_.type->title));
    const std::string container = text(root_, "container").value_or("");
    if (container == "xml")
      layout_.container = Container::xml;
    else if (container == "csv")
      layout_.container = Container::csv;
    else if (container == "jsonl")
      layout_.container = Container::jsonl;
    else
      return tl::unexpected(fault(root_.get("container"), "container must be xml, csv or jsonl"));
    layout_.signer = root_.at_path("signature.signer").value_or(std::string());
    (void)path;
    return {};
  }

  Status read_formats() {
    const toml::table empty;
    const toml::table* formats = root_["formats"].as_table();
    if (formats == nullptr) formats = &empty;
    date_ = text(*formats, "date").value_or("%Y-%m-%d");
    time_ = text(*formats, "time").value_or("%Y-%m-%dT%H:%M:%SZ");
    for (const auto* f : {&date_, &time_})
      if (!is_time_format(*f))
        return tl::unexpected(fault(formats, "'" + *f + "' is not a date or time format"));
    const std::string serial = text(*formats, "serial").value_or("decimal");
    if (serial != "decimal" && serial != "hex")
      return tl::unexpected(fault(formats->get("serial"), "serial must be decimal or hex"));
    defaults_.serial_hex = serial == "hex";
    const std::string eui = text(*formats, "eui64").value_or("hyphens");
    if (eui != "hyphens" && eui != "plain")
      return tl::unexpected(fault(formats->get("eui64"), "eui64 must be hyphens or plain"));
    defaults_.eui_plain = eui == "plain";
    defaults_.trimmed = layout_.container == Container::xml;
    flags_ = {{"false", 0}, {"true", 1}};
    if (const toml::array* flag = (*formats)["flag"].as_array(); flag != nullptr) {
      if (flag->size() != 2 || !flag->is_homogeneous<std::string>())
        return tl::unexpected(fault(flag, "flag must be two texts: for false, then for true"));
      flags_ = {{**(*flag)[0].as_string(), 0}, {**(*flag)[1].as_string(), 1}};
    }
    return {};
  }

  // `scope` is "device." inside that group, for code lists.
  Result<ValueFormat> format_of(const FieldDef& field, const std::string& scope,
                                const std::optional<std::string>& how) {
    ValueFormat format = defaults_;
    format.field = &field;
    format.time_format = field.kind == ValueKind::date ? date_ : time_;
    if (how) {
      if (field.kind == ValueKind::serial)
        format.serial_hex = *how == "hex";
      else if (field.kind == ValueKind::eui64)
        format.eui_plain = *how == "plain";
      else
        format.time_format = *how;
      if ((field.kind == ValueKind::date || field.kind == ValueKind::time) && !is_time_format(*how))
        return tl::unexpected(usage_error("'" + *how + "' is not a date or time format"));
    }
    if (field.kind == ValueKind::text) format.trimmed = false;
    if (field.kind == ValueKind::flag) format.codes = flags_;
    if (field.kind != ValueKind::code) return format;
    const std::string key = scope + std::string(field.name);
    const toml::table* codes = root_["codes"].as_table();
    const toml::table* own = codes == nullptr ? nullptr : (*codes)[key].as_table();
    if (own != nullptr) {
      code_lists_used_.push_back(key);
      for (const auto& [name, value] : *own) {
        const auto it = std::find(field.codes.begin(), field.codes.end(), name.str());
        if (it == field.codes.end())
          return tl::unexpected(
              fault(&value, fmt::format("codes.\"{}\": there is no code '{}'", key, name.str())));
        const auto index = static_cast<std::uint64_t>(it - field.codes.begin());
        if (const auto one = value.value<std::string>()) {
          format.codes.emplace_back(*one, index);
        } else if (const toml::array* many = value.as_array();
                   many != nullptr && many->is_homogeneous<std::string>()) {
          for (const toml::node& spelling : *many)
            format.codes.emplace_back(**spelling.as_string(), index);
        } else {
          return tl::unexpected(fault(
              &value,
              fmt::format("codes.\"{}\".{} must be a text or a list of texts", key, name.str())));
        }
      }
    }
    for (std::size_t i = 0; i < field.codes.size(); ++i) {
      const bool spelled = std::any_of(format.codes.begin(), format.codes.end(),
                                       [&](const auto& c) { return c.second == i; });
      if (!spelled) format.codes.emplace_back(std::string(field.codes[i]), i);
    }
    return format;
  }

  Status read_xml(const std::string& path) {
    const toml::table* xml = root_["xml"].as_table();
    if (xml == nullptr) return tl::unexpected(usage_error("[xml] is missing"));
    const auto schema = text(*xml, "schema");
    if (!schema)
      return tl::unexpected(fault(xml, "xml.schema is missing: the XSD, relative to the layout"));
    const auto resolved = resolve_relative(path, *schema);
    if (!resolved)
      return tl::unexpected(
          fault(xml->get("schema"), "xml.schema leads out of the layouts' folder"));
    layout_.schema_path = *resolved;
    const auto source = layout_.source;
    S1FLOW_TRY(layout_.schema, SchemaModel::load(*resolved, [source](const std::string& p) {
                 return source->read(p);
               }));
    S1FLOW_TRY_VOID(plan_.start(text(*xml, "root").value_or("")));
    layout_.prefix = text(*xml, "prefix").value_or("");
    const std::string record = text(*xml, "record").value_or("");
    if (record.empty())
      return tl::unexpected(
          fault(xml, "xml.record is missing: the path from the root to the repeating element"));
    auto node =
        plan_.node_at(0, record).map_error([&](Error e) { return std::move(e).at("xml.record"); });
    if (!node) return tl::unexpected(std::move(node).error());
    layout_.record_node = *node;
    for (std::uint32_t n = *node; n != 0; n = layout_.nodes[n].parent)
      layout_.record_path.insert(layout_.record_path.begin(), layout_.nodes[n].name);
    bool foreign = false;
    for (const PlanNode& n : layout_.nodes) foreign = foreign || n.ns != layout_.root.ns;
    if (foreign && layout_.prefix.empty()) layout_.prefix = "m";
    return {};
  }

  Status read_csv() {
    layout_.record_node = 0;
    const toml::table* csv = root_["csv"].as_table();
    if (csv == nullptr) return tl::unexpected(usage_error("[csv] is missing"));
    const std::string delimiter = text(*csv, "delimiter").value_or(",");
    if (delimiter.size() != 1 || delimiter == "\"" || delimiter == "\r" || delimiter == "\n")
      return tl::unexpected(
          fault(csv->get("delimiter"),
                "csv.delimiter must be one character other than a quote or line end"));
    layout_.csv.delimiter = delimiter.front();
    layout_.csv.header = (*csv)["header"].value_or(true);
    layout_.csv.line_end = text(*csv, "line-end").value_or("\r\n");
    if (layout_.csv.line_end != "\r\n" && layout_.csv.line_end != "\n")
      return tl::unexpected(fault(csv->get("line-end"), "csv.line-end must be \\r\\n or \\n"));
    const toml::array* columns = (*csv)["column"].as_array();
    if (columns == nullptr || columns->empty())
      return tl::unexpected(fault(csv, "[[csv.column]] entries are missing"));
    for (const toml::node& c : *columns) {
      const toml::table* column = c.as_table();
      const auto name = column == nullptr ? std::nullopt : text(*column, "name");
      if (!name || name->empty()) return tl::unexpected(fault(&c, "a column needs a name"));
      layout_.columns.push_back({.name = *name, .required = (*column)["required"].value_or(false)});
      S1FLOW_TRY_VOID(plan_.node_at(0, *name));
    }
    return {};
  }

  Status read_section(const char* key, Section section, const RecordDef& def, std::uint32_t base) {
    const toml::table* table = root_[key].as_table();
    if (table == nullptr) return {};
    section_ = section;
    return read_fields(*table, def, npos, base, "").map_error([&](Error e) {
      return std::move(e).at(key);
    });
  }

  // Fields and groups of one table; `group` is the group whose fields these are, or npos.
  Status read_fields(const toml::table& table, const RecordDef& def, std::size_t group,
                     std::uint32_t base, const std::string& scope) {
    const auto fields = group == npos ? def.fields : def.groups[group].fields;
    // In the layout's own order, which writers of JSON keep.
    std::vector<std::pair<std::string_view, const toml::node*>> members;
    for (const auto& [k, v] : table) members.emplace_back(k.str(), &v);
    std::stable_sort(members.begin(), members.end(), [](const auto& a, const auto& b) {
      const auto &x = a.second->source().begin, &y = b.second->source().begin;
      return std::pair(x.line, x.column) < std::pair(y.line, y.column);
    });
    for (const auto& [name, node] : members) {
      const toml::node& value = *node;
      if (group != npos && (name == "path" || name == "set" || name == "list")) continue;
      const std::size_t field = find_field(fields, name);
      if (field != npos) {
        S1FLOW_TRY_VOID(read_field(value, fields[field], field, group, base, scope));
        continue;
      }
      const std::size_t inner = find_group(def.groups, name);
      if (inner == npos || def.groups[inner].parent != group)
        return tl::unexpected(
            fault(&value, fmt::format("there is no field or group '{}{}'", scope, name)));
      if (const toml::table* one = value.as_table(); one != nullptr) {
        S1FLOW_TRY_VOID(read_group(*one, def, inner, base));
      } else if (const toml::array* many = value.as_array(); many != nullptr) {
        for (const toml::node& entry : *many) {
          if (!entry.is_table())
            return tl::unexpected(fault(&entry, fmt::format("group '{}' must be a table", name)));
          S1FLOW_TRY_VOID(read_group(*entry.as_table(), def, inner, base));
        }
      } else {
        return tl::unexpected(
            fault(&value, fmt::format("group '{}' must be a table or a list of tables", name)));
      }
    }
    return {};
  }

  Status read_field(const toml::node& value, const FieldDef& def, std::size_t field,
                    std::size_t group, std::uint32_t base, const std::string& scope) {
    std::optional<std::string> path = value.value<std::string>();
    std::optional<std::string> how;
    if (const toml::table* table = value.as_table(); table != nullptr) {
      path = text(*table, "path");
      how = text(*table, "format");
    }
    if (!path)
      return tl::unexpected(fault(&value, fmt::format("'{}{}' needs a path", scope, def.name)));
    auto node = plan_.node_at(base, *path);
    if (!node)
      return tl::unexpected(std::move(node).error().at(
          fmt::format("line {}: {}{}", value.source().begin.line, scope, def.name)));
    if (layout_.nodes[*node].leaf >= 0)
      return tl::unexpected(fault(&value, fmt::format("'{}' is mapped twice", *path)));
    S1FLOW_TRY(ValueFormat format, format_of(def, scope, how));
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

  Status read_group(const toml::table& table, const RecordDef& def, std::size_t group,
                    std::uint32_t base) {
    const GroupDef& g = def.groups[group];
    const auto path = text(table, "path");
    if (!path) return tl::unexpected(fault(&table, fmt::format("group '{}' needs a path", g.name)));
    auto node = plan_.node_at(base, *path);
    if (!node)
      return tl::unexpected(std::move(node).error().at(
          fmt::format("line {}: {}", table.source().begin.line, g.name)));
    if (layout_.nodes[*node].group_start >= 0)
      return tl::unexpected(fault(&table, fmt::format("'{}' starts a group twice", *path)));
    const std::string scope = std::string(g.name) + ".";
    GroupStart start{.section = section_, .group = group, .presets = {}};
    if (const toml::table* set = table["set"].as_table(); set != nullptr) {
      for (const auto& [k, v] : *set) {
        const std::size_t field = find_field(g.fields, k.str());
        const auto code = v.value<std::string>();
        if (field == npos || g.fields[field].kind != ValueKind::code || !code)
          return tl::unexpected(
              fault(&v, fmt::format("set: '{}' is not a code field of '{}'", k.str(), g.name)));
        const auto codes = g.fields[field].codes;
        const auto it = std::find(codes.begin(), codes.end(), *code);
        if (it == codes.end())
          return tl::unexpected(fault(&v, fmt::format("set: there is no code '{}'", *code)));
        start.presets.emplace_back(field, static_cast<std::uint64_t>(it - codes.begin()));
      }
    }
    layout_.nodes[*node].group_start = static_cast<std::int32_t>(layout_.group_starts.size());
    layout_.group_starts.push_back(std::move(start));
    if (layout_.container == Container::csv)
      return read_column_group(table, def, group, *path, *node);
    if (table.contains("list")) return tl::unexpected(fault(&table, "'list' is for CSV columns"));
    return read_fields(table, def, group, *node, scope);
  }

  // A column that holds an instance of a group, or with `list` several of them: "a;b;c". Exactly
  // one field, with the path ".".
  Status read_column_group(const toml::table& table, const RecordDef& def, std::size_t group,
                           const std::string& path, std::uint32_t node) {
    S1FLOW_TRY_VOID(
        read_fields(table, def, group, node, std::string(def.groups[group].name) + "."));
    for (CsvColumn& c : layout_.columns)
      if (c.name == path) {
        c.group_start = layout_.nodes[node].group_start;
        c.leaf = layout_.nodes[node].leaf;
        if (c.leaf < 0)
          return tl::unexpected(
              fault(&table, "a group in a column needs one field with the path \".\""));
        layout_.leaves[static_cast<std::size_t>(c.leaf)].list = text(table, "list").value_or("");
        return {};
      }
    return tl::unexpected(fault(&table, fmt::format("there is no column '{}'", path)));
  }

  Status read_constants() {
    const toml::table* table = root_["constants"].as_table();
    if (table == nullptr) return {};
    for (const auto& [k, v] : *table) {
      const auto value = v.value<std::string>();
      if (!value) return tl::unexpected(fault(&v, "a constant must be a text"));
      auto node = plan_.node_at(0, k.str());
      if (!node) return tl::unexpected(std::move(node).error().at("constants"));
      layout_.nodes[*node].has_constant = true;
      layout_.nodes[*node].constant = *value;
    }
    return {};
  }

  Status read_encryption() {
    const toml::table* table = root_["encryption"].as_table();
    if (table == nullptr) return {};
    const auto keys = text(*table, "keys");
    if (!keys)
      return tl::unexpected(
          fault(table, "encryption.keys is missing: the element that holds the encrypted keys"));
    S1FLOW_TRY(layout_.keys_node, plan_.node_at(0, *keys));
    const toml::array* shares = (*table)["share"].as_array();
    if (shares == nullptr || shares->empty())
      return tl::unexpected(fault(table, "[[encryption.share]] entries are missing"));
    for (const toml::node& s : *shares) {
      const toml::table* share = s.as_table();
      const auto name = share == nullptr ? std::nullopt : text(*share, "recipient");
      const auto element = share == nullptr ? std::nullopt : text(*share, "element");
      if (!name || !element)
        return tl::unexpected(fault(&s, "a share needs a recipient and an element"));
      S1FLOW_TRY(const std::uint32_t node, plan_.node_at(layout_.record_node, *element));
      layout_.nodes[node].share = static_cast<std::int32_t>(layout_.shares.size());
      layout_.shares.push_back({*name, node});
    }
    return {};
  }

  Status read_file_name() {
    const auto pattern = text(root_, "file-name");
    if (!pattern) return {};
    ValueFormat defaults = defaults_;
    defaults.time_format = date_;
    defaults.codes.clear();
    auto parsed = FileNamePattern::parse(*pattern, layout_.type->header, defaults);
    if (!parsed) return tl::unexpected(std::move(parsed).error());
    layout_.file_name = std::move(*parsed);
    return {};
  }

  Status read_required() {
    const toml::array* entries = root_["required"].as_array();
    if (entries == nullptr) return {};
    for (const toml::node& e : *entries) {
      const toml::table* entry = e.as_table();
      if (entry == nullptr) return tl::unexpected(fault(&e, "[[required]] must be a table"));
      RequiredItem item;
      if (const toml::array* groups = (*entry)["groups"].as_array(); groups != nullptr)
        for (const toml::node& g : *groups) {
          const auto id = GroupId::parse(g.value_or(std::string()));
          if (!id) return tl::unexpected(fault(&g, "a GroupID is two capital letters"));
          item.groups.push_back(*id);
        }
      if (item.groups.empty()) return tl::unexpected(fault(entry, "[[required]] needs groups"));
      item.kind = text(*entry, "kind").value_or("");
      item.share = text(*entry, "share").value_or("plain");
      item.octets = static_cast<std::size_t>((*entry)["octets"].value_or(std::int64_t{0}));
      if (const auto field = text(*entry, "field")) {
        item.field = find_field(layout_.type->record.fields, *field);
        if (item.field == npos)
          return tl::unexpected(fault(entry, fmt::format("there is no field '{}'", *field)));
      }
      if (item.kind.empty() == (item.field == npos))
        return tl::unexpected(fault(entry, "[[required]] needs either a kind or a field"));
      if (const auto device = text(*entry, "device")) {
        const auto it =
            std::find(std::begin(kDeviceTypeCodes), std::end(kDeviceTypeCodes), *device);
        if (it == std::end(kDeviceTypeCodes))
          return tl::unexpected(fault(entry, fmt::format("there is no device type '{}'", *device)));
        item.device_type = static_cast<std::size_t>(it - std::begin(kDeviceTypeCodes));
      }
      layout_.required.push_back(std::move(item));
    }
    return {};
  }

  // A key that nobody reads is most likely misspelt.
  Status check_known_keys() {
    static constexpr std::string_view kKnown[] = {
        "type",      "version",   "title",      "container", "file-name", "xml",
        "csv",       "header",    "record",     "trailer",   "formats",   "codes",
        "constants", "signature", "encryption", "required",  "jsonl"};
    for (const auto& [k, v] : root_)
      if (std::find(std::begin(kKnown), std::end(kKnown), k.str()) == std::end(kKnown))
        return tl::unexpected(fault(&v, fmt::format("unknown key '{}'", k.str())));
    if (const toml::table* codes = root_["codes"].as_table(); codes != nullptr)
      for (const auto& [k, v] : *codes)
        if (std::find(code_lists_used_.begin(), code_lists_used_.end(), k.str()) ==
            code_lists_used_.end())
          return tl::unexpected(
              fault(&v, fmt::format("codes.\"{}\" belongs to no mapped field", k.str())));
    if (const toml::table* json = root_["jsonl"].as_table(); json != nullptr)
      if (const toml::array* required = (*json)["required"].as_array(); required != nullptr)
        for (const toml::node& r : *required) {
          S1FLOW_TRY(const std::uint32_t node, plan_.node_at(0, r.value_or(std::string())));
          layout_.nodes[node].required = true;
        }
    return {};
  }

  Status check_essentials() {
    const auto check = [&](Section section, const RecordDef& def) -> Status {
      for (std::size_t i = 0; i < def.fields.size(); ++i)
        if (def.fields[i].need == Need::essential && !layout_.maps(section, i))
          return tl::unexpected(usage_error(
              fmt::format("no place is given for '{}', without which a {} cannot be used",
                          def.fields[i].name, layout_.type->id)));
      for (std::size_t g = 0; g < def.groups.size(); ++g) {
        if (!layout_.maps_group(section, g)) continue;
        for (std::size_t i = 0; i < def.groups[g].fields.size(); ++i) {
          if (def.groups[g].fields[i].need != Need::essential) continue;
          const bool leaf = std::any_of(
              layout_.leaves.begin(), layout_.leaves.end(),
              [&](const Leaf& l) { return l.section == section && l.group == g && l.field == i; });
          const bool preset = std::any_of(
              layout_.group_starts.begin(), layout_.group_starts.end(), [&](const GroupStart& s) {
                return s.section == section && s.group == g &&
                       std::any_of(s.presets.begin(), s.presets.end(),
                                   [&](const auto& p) { return p.first == i; });
              });
          if (!leaf && !preset)
            return tl::unexpected(
                usage_error(fmt::format("no place is given for '{}' of group '{}'",
                                        def.groups[g].fields[i].name, def.groups[g].name)));
        }
      }
      return {};
    };
    S1FLOW_TRY_VOID(check(Section::header, layout_.type->header));
    S1FLOW_TRY_VOID(check(Section::record, layout_.type->record));
    return check(Section::trailer, layout_.type->trailer);
  }

  Layout& layout_;
  const toml::table& root_;
  PlanBuilder plan_;
  ValueFormat defaults_;
  std::string date_, time_;
  std::vector<std::pair<std::string, std::uint64_t>> flags_;
  std::vector<std::string> code_lists_used_;
  Section section_ = Section::record;
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
  const toml::parse_result parsed = toml::parse(bytes, path);
  if (!parsed)
    return tl::unexpected(usage_error(fmt::format(
        "{}:{}: {}", path, parsed.error().source().begin.line, parsed.error().description())));
  auto layout = std::make_shared<Layout>();
  layout->source = source;
  layout->origin = source->name() + ": " + path;
  layout->notice = first_comment(bytes);
  Status status = Loader(*layout, parsed.table()).run(path);
  if (!status) return tl::unexpected(std::move(status).error().at(path));
  return layout;
}

}  // namespace s1flow::codecs
