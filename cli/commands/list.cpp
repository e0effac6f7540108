#include <algorithm>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/commands/all.h"
#include "cli/session.h"
#include "codecs/file_type.h"
#include "core/json_text.h"
#include "loadgen/shipped_scenarios.h"
#include "pipeline/rules/rule_set.h"

namespace s1flow::cli {
namespace {

// Rows of named cells: a table for people, JSON Lines for programs.
class Table {
 public:
  explicit Table(std::vector<std::string> columns) : columns_(std::move(columns)) {}
  void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }

  [[nodiscard]] std::string text(OutputFormat format) const {
    return format == OutputFormat::json ? json() : human();
  }

 private:
  [[nodiscard]] std::string human() const {
    std::vector<std::size_t> width(columns_.size());
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      width[c] = columns_[c].size();
      for (const auto& row : rows_) width[c] = std::max(width[c], row[c].size());
    }
    std::string out;
    const auto line = [&](const std::vector<std::string>& cells) {
      for (std::size_t c = 0; c < cells.size(); ++c) {
        // The last column is not padded.
        out += c + 1 == cells.size() ? cells[c] : fmt::format("{:<{}}", cells[c], width[c] + 2);
      }
      while (out.ends_with(' ')) out.pop_back();
      out += '\n';
    };
    line(columns_);
    for (const auto& row : rows_) line(row);
    return out;
  }
  [[nodiscard]] std::string json() const {
    std::string out;
    for (const auto& row : rows_) {
      JsonObject o(out);
      for (std::size_t c = 0; c < row.size(); ++c) o.text(columns_[c], row[c]);
      o.finish();
      out += '\n';
    }
    return out;
  }
  std::vector<std::string> columns_;
  std::vector<std::vector<std::string>> rows_;
};

class List final : public Command {
 public:
  void add_options(CLI::App& app) override {
    app.add_option("WHAT", what_, "file-types, layouts, rules, scenarios")
        ->required()
        ->check(CLI::IsMember({"file-types", "layouts", "rules", "scenarios"}));
    app.add_option("--layouts", layouts_,
                   "FOLDER of layouts and schemas that come before the shipped ones");
    app.add_option("--format", format_, "Of the list: human, json (JSON Lines)")
        ->default_val("human")
        ->check(CLI::IsMember({"human", "json"}));
    app.footer("Examples:\n  s1flow list file-types\n  s1flow list rules --format json");
  }

  Result<ExitCode> run(const Console& console) override {
    Table table = what_ == "file-types"  ? file_types()
                  : what_ == "scenarios" ? scenarios()
                                         : rules();
    if (what_ == "layouts") {
      S1FLOW_TRY(table, layouts());
    }
    console.out(table.text(parse_format(format_)));
    return ExitCode::fine;
  }

 private:
  static Table file_types() {
    Table table({"type", "title", "record", "flow"});
    for (const codecs::FileType* t : codecs::file_types())
      table.add({std::string(t->id), std::string(t->title), std::string(t->record_word),
                 std::string(t->flow)});
    return table;
  }

  static Table scenarios() {
    Table table({"scenario", "summary"});
    for (const EmbeddedFile& f : shipped_scenario_files())
      table.add(
          {std::string(f.path.substr(0, f.path.rfind('.'))), std::string(loadgen::summary_of(f))});
    return table;
  }

  static Table rules() {
    Table table({"rule", "severity", "scope", "clause", "title"});
    for (const Rule* r : pipeline::all_rules())
      table.add({std::string(r->id), std::string(name_of(r->severity)),
                 r->scope == RuleScope::file ? "file" : "record", std::string(r->clause),
                 std::string(r->title)});
    return table;
  }

  [[nodiscard]] Result<Table> layouts() const {
    S1FLOW_TRY(const codecs::LayoutSet set, layouts_.empty()
                                                ? codecs::LayoutSet::shipped()
                                                : codecs::LayoutSet::with_folder(layouts_));
    // Columns are many; a table for people only says how many.
    const bool all = parse_format(format_) == OutputFormat::json;
    Table table({"layout", "container", "signer", "file-name", "content", "from"});
    for (const auto& l : set.all()) {
      std::string shape = l->root.local;
      for (const codecs::CsvColumn& c : l->columns)
        if (all) shape += (shape.empty() ? "" : std::string(1, l->csv.delimiter)) + c.name;
      if (!all && !l->columns.empty()) shape = counted(l->columns.size(), "column");
      table.add({l->name(), std::string(codecs::name_of(l->container)), l->signer,
                 l->file_name.text(), shape, l->origin});
    }
    return table;
  }

  std::string what_, layouts_, format_;
};

}  // namespace

std::unique_ptr<Command> make_list() {
  return std::make_unique<List>();
}

}  // namespace s1flow::cli
