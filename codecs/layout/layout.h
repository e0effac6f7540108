#pragma once
// Layout: how one version of a FileType looks in bytes. For XML the structure comes from an XSD and
// the layout maps its elements to domain fields; for CSV and JSON Lines the layout gives columns or
// keys as well. Written in TOML (docs/formats/layouts.md), compiled once into a flat plan, so that
// nothing is looked up by name per record.
//
// Immutable after load; shared between threads.

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "codecs/crypto/xmlenc.h"
#include "codecs/file_type.h"
#include "codecs/layout/file_name.h"
#include "codecs/layout/source.h"
#include "codecs/layout/value_format.h"
#include "codecs/xml/schema_model.h"
#include "core/result.h"

namespace s1flow::codecs {

enum class Container : std::uint8_t { xml, csv, jsonl };
[[nodiscard]] std::string_view name_of(Container container);

// A value's home: a field of a section, or of a group in it.
struct Leaf {
  Section section = Section::record;
  std::size_t group = npos;
  std::size_t field = 0;
  ValueFormat format;
  std::string list;  // separator, when one text holds one instance of `group` per item
};

inline constexpr std::uint32_t kNoNode = static_cast<std::uint32_t>(-1);

using Presets = std::vector<std::pair<std::size_t, std::uint64_t>>;  // field, code index

// Entering the node makes a new instance of the group, with these codes set.
struct GroupStart {
  Section section = Section::record;
  std::size_t group = 0;
  Presets presets;
  std::uint32_t node = kNoNode;
  // Codes of entries beside this one that say more: what they fit is theirs to write.
  std::vector<Presets> left_to_others = {};

  // Whether a writer puts the instance here: it has the codes, and no other entry fits it better.
  [[nodiscard]] bool takes(const GroupInstance& instance) const;
};

// One element, attribute, key or column of the file, as far as the layout or the writer needs it.
// Children stand in the schema's order.
struct PlanNode {
  std::string name;  // local name, without prefix
  std::string ns;
  std::uint32_t parent = kNoNode;
  std::vector<std::uint32_t> children;
  std::int32_t leaf = -1;         // into Layout::leaves
  std::int32_t group_start = -1;  // into Layout::group_starts
  std::int32_t share = -1;        // into Layout::shares: the element that is encrypted as a whole
  bool attribute = false;
  bool required = false;
  bool has_constant = false;  // written with this text when no leaf says otherwise
  std::string constant;
  const SchemaElement* element = nullptr;  // XML, elements only
  std::uint32_t order = 0;
};

struct EncryptedShare {
  std::string name;  // code of mef.credential.share: "s1sp", "dco"
  std::uint32_t node = kNoNode;
};

// One entry of a GroupID's required file set: installations of these groups must bring this
// credential or field.
struct RequiredItem {
  std::vector<GroupId> groups;
  std::string kind;          // of the credential; empty when `field` is meant
  std::size_t field = npos;  // of the record
  std::string share;         // where a credential has to be: "plain", "s1sp", "dco"
  std::size_t device_type =
      npos;                // index of kDeviceTypeCodes; only for installations with such a Device
  std::size_t octets = 0;  // of the credential's value
};

struct CsvColumn {
  std::string name;
  std::int32_t leaf = -1;
  std::int32_t group_start = -1;  // of a list column
  bool required = false;
  // Several columns for one group without a list: the first holds its first instance, and so on.
  std::size_t instance = npos;
};

struct CsvDialect {
  char delimiter = ',';
  bool header = true;
  std::string line_end = "\r\n";
};

struct Layout;
struct XmlTables;

// The tables of a layout, compiled when somebody first asks. A copy asks anew: it may be changed.
class LazyXmlTables {
 public:
  LazyXmlTables() = default;
  LazyXmlTables(const LazyXmlTables&) {}
  LazyXmlTables& operator=(const LazyXmlTables&) = delete;
  ~LazyXmlTables() = default;
  [[nodiscard]] std::shared_ptr<const XmlTables> of(const Layout& layout) const;

 private:
  mutable std::once_flag once_;
  mutable std::shared_ptr<const XmlTables> tables_;
};

struct Layout {
  const FileType* type = nullptr;
  std::string version;
  std::string title;
  std::string origin;  // "shipped: layouts/mcf/1.toml"
  std::string notice;  // the first comment line, which says whose format it is
  Container container = Container::xml;
  FileNamePattern file_name;

  // XML
  std::shared_ptr<const SchemaSource> source;
  std::shared_ptr<const SchemaModel> schema;
  std::string schema_path;
  XmlName root;
  std::vector<std::string> record_path;  // local names from the root's child to the record
  std::string prefix;  // that writers give to the target namespace; empty: default namespace
  std::string signer;  // role name; empty: not signed
  // The attribute of a record that its own signature names; none: one signature is over the file.
  std::uint32_t record_id_node = kNoNode;
  // How a content key may reach its recipient. Readers refuse other ways; writers take the first
  // that fits the batch's setting.
  std::vector<crypto::KeyTransport> key_transports;
  std::vector<EncryptedShare> shares;
  // Whose content is the list of EncryptedKeys; none: every value brings its own key.
  std::uint32_t keys_node = kNoNode;

  // CSV
  CsvDialect csv;
  std::vector<CsvColumn> columns;

  std::vector<PlanNode> nodes;  // [0] is the root
  std::uint32_t record_node = kNoNode;
  std::vector<Leaf> leaves;
  std::vector<GroupStart> group_starts;
  std::vector<RequiredItem> required;
  std::string unwritable;  // why files cannot be made by this layout; empty when they can

  // True when some leaf holds the field, so that checks on it make sense.
  [[nodiscard]] bool maps(Section section, std::size_t field) const;
  [[nodiscard]] bool maps_group(Section section, std::size_t group) const;
  [[nodiscard]] std::string name() const;  // "mcf/1"
  // For the fast path of XML; null when libxml2 has to read every chunk. They point into this.
  [[nodiscard]] std::shared_ptr<const XmlTables> tables() const { return tables_.of(*this); }

  LazyXmlTables tables_;
};

// Reads layouts/<type>/<version>.toml and the schema that it names.
[[nodiscard]] Result<std::shared_ptr<const Layout>> load_layout(
    const std::shared_ptr<const SchemaSource>& source, const std::string& path);

// The layouts that a run knows: for each type the versions of the given source first, then the
// shipped ones. For making files, the first of a type is used; for reading, the one that recognises
// the file.
class LayoutSet {
 public:
  // Only those of one type when it is named: who needs no other saves the time to read them.
  [[nodiscard]] static Result<LayoutSet> shipped(std::string_view type_id = {});
  // Layouts of `folder`, of whatever type, come before the shipped ones of the same type.
  [[nodiscard]] static Result<LayoutSet> with_folder(const Path& folder,
                                                     std::string_view type_id = {});

  [[nodiscard]] const std::vector<std::shared_ptr<const Layout>>& all() const { return all_; }
  // The layout to write with; null when there is none.
  [[nodiscard]] std::shared_ptr<const Layout> preferred(std::string_view type_id) const;
  [[nodiscard]] std::shared_ptr<const Layout> find(
      std::string_view name) const;  // "mcf/1" or "mcf"
  // By the document element of an XML file.
  [[nodiscard]] std::shared_ptr<const Layout> for_root(std::string_view local,
                                                       std::string_view ns) const;

 private:
  Status add_all(const std::shared_ptr<const SchemaSource>& source, std::string_view below);
  std::vector<std::shared_ptr<const Layout>> all_;
};

// Whether each value is encrypted under a key of its own, which it brings along.
[[nodiscard]] inline bool has_key_per_record(const Layout& layout) {
  return !layout.shares.empty() && layout.keys_node == kNoNode;
}
// Whether each record is signed on its own, and the file as a whole is not.
[[nodiscard]] inline bool has_signature_per_record(const Layout& layout) {
  return layout.record_id_node != kNoNode;
}

}  // namespace s1flow::codecs
