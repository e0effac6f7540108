#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/commands/all.h"
#include "cli/session.h"
#include "core/json_text.h"
#include "pipeline/rules/rule_set.h"

namespace s1flow::cli {
namespace {

// Words of `text` after `indent` blanks, in lines of at most 80 characters.
void append_wrapped(std::string& out, std::string_view head, std::string_view text) {
  constexpr std::size_t kWidth = 80, kIndent = 11;
  out += fmt::format("  {:<9}", head);
  std::size_t column = kIndent;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
    if (column + word.size() + 1 > kWidth && column > kIndent) {
      out += "\n" + std::string(kIndent, ' ');
      column = kIndent;
    }
    if (column > kIndent) {
      out += ' ';
      ++column;
    }
    out += word;
    column += word.size();
  }
  out += '\n';
}

std::string_view effect(const Rule& rule) {
  return rule.scope == RuleScope::file ? "the whole file is refused"
                                       : "the record (row, installation) is refused";
}

class Explain final : public Command {
 public:
  void add_options(CLI::App& app) override {
    app.add_option("RULE", rules_, "Ids of rules, as findings name them");
    app.add_option("--format", format_, "Of the answer: human, json (JSON Lines)")
        ->default_val("human")
        ->check(CLI::IsMember({"human", "json"}));
    app.footer(
        "Without RULE it tells what can be explained.\n\nExamples:\n  s1flow explain "
        "maf.week-not-monday\n  s1flow explain file.counter file.signer-role --format json");
  }

  Result<ExitCode> run(const Console& console) override {
    if (rules_.empty()) {
      std::string text =
          "Every finding names the rule that it breaks; 's1flow explain RULE' tells what the rule "
          "means.\n\nRules:\n";
      for (const Rule* r : pipeline::all_rules())
        text += fmt::format("  {:<34}{}\n", r->id, r->title);
      console.out(text);
      return ExitCode::fine;
    }
    std::string unknown;
    for (const std::string& id : rules_)
      if (pipeline::find_rule(id) == nullptr)
        unknown += fmt::format("{}there is no rule '{}'; did you mean '{}'?",
                               unknown.empty() ? "" : "; ", id, pipeline::nearest_rule_id(id));
    if (!unknown.empty())
      return tl::unexpected(usage_error(unknown + " 's1flow list rules' names all"));
    std::string text;
    for (const std::string& id : rules_) {
      const Rule& rule = *pipeline::find_rule(id);
      if (parse_format(format_) == OutputFormat::json)
        json(text, rule);
      else
        human(text, rule);
    }
    console.out(text);
    return ExitCode::fine;
  }

 private:
  static void human(std::string& out, const Rule& r) {
    if (!out.empty()) out += '\n';
    out += fmt::format("{}: {}\n", r.id, r.title);
    append_wrapped(out, "meaning", r.meaning);
    if (!r.cause.empty()) append_wrapped(out, "cause", r.cause);
    if (!r.remedy.empty()) append_wrapped(out, "remedy", r.remedy);
    append_wrapped(out, "clause", r.clause.empty() ? "none: s1flow's own check" : r.clause);
    if (!r.public_code.empty()) append_wrapped(out, "code", r.public_code);
    append_wrapped(
        out, "severity",
        fmt::format("{}, unless a batch or --severity says otherwise", name_of(r.severity)));
    append_wrapped(out, "scope", fmt::format("as an error, {}", effect(r)));
  }
  static void json(std::string& out, const Rule& r) {
    JsonObject o(out);
    o.text("rule", r.id).text("title", r.title).text("meaning", r.meaning).text("cause", r.cause);
    o.text("remedy", r.remedy).text("clause", r.clause).text("code", r.public_code);
    o.text("severity", name_of(r.severity));
    o.text("scope", r.scope == RuleScope::file ? "file" : "record");
    o.finish();
    out += '\n';
  }

  std::vector<std::string> rules_;
  std::string format_;
};

}  // namespace

std::unique_ptr<Command> make_explain() {
  return std::make_unique<Explain>();
}

}  // namespace s1flow::cli
