#include "pipeline/single/diff.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/commands/all.h"
#include "cli/session.h"
#include "core/folder.h"
#include "core/json_text.h"
#include "core/text.h"

namespace s1flow::cli {
namespace {

class Diff final : public Command {
 public:
  void add_options(CLI::App& app) override {
    app.add_option("A", a_, "A file; or a folder: a generated batch, or the output of a dry run")
        ->required();
    app.add_option("B", b_, "What it is compared with, of the same kind")->required();
    session_.add_options(app, wants_layouts);
    app.add_option("--limit", limit_, "Differences to show; 0: all")
        ->default_val(100)
        ->check(CLI::Range(0, 1'000'000'000));
    app.add_option("--format", format_, "Of the differences: human, json (JSON Lines)")
        ->default_val("human")
        ->check(CLI::IsMember({"human", "json"}));
    app.footer(
        "Files are compared by records and fields, whatever their order and layout; folders by "
        "their findings and outcomes.\nExit code 0: no difference; 1: some.\n\nExamples:\n  s1flow "
        "diff batch out\n  s1flow diff MC_yesterday.xml MC_today.xml");
  }

  [[nodiscard]] Confinement confinement() const override { return Confinement::no_network_no_exec; }

  Result<ExitCode> run(const Console& console) override {
    S1FLOW_TRY(const FileKind kind_a, kind_at(a_, Links::follow));
    S1FLOW_TRY(const FileKind kind_b, kind_at(b_, Links::follow));
    const bool folder_a = kind_a == FileKind::folder;
    const bool folder_b = kind_b == FileKind::folder;
    if (folder_a != folder_b)
      return tl::unexpected(
          usage_error(fmt::format("{} is a folder and {} is not; give two files or two folders",
                                  folder_a ? a_ : b_, folder_a ? b_ : a_)));
    json_ = parse_format(format_) == OutputFormat::json;
    return folder_a ? folders(console) : files(console);
  }

 private:
  Result<ExitCode> files(const Console& console) {
    S1FLOW_TRY_VOID(session_.load(console));
    if (a_ == "-" && b_ == "-")
      return tl::unexpected(usage_error("only one of the two can be standard input"));
    S1FLOW_TRY(const Input a, Input::open(a_));
    S1FLOW_TRY(const Input b, Input::open(b_));
    S1FLOW_TRY(const auto layout_a, session_.layout_of(a));
    S1FLOW_TRY(const auto layout_b, session_.layout_of(b));
    pipeline::SingleFileContext context = session_.context(console, a, Session::Keys::none);
    // A file under another name is still the same file.
    S1FLOW_TRY(context.rules, context.rules.changed("file.name", Severity::off));
    S1FLOW_TRY(const pipeline::FileDiff diff,
               pipeline::diff_files(a.path(), b.path(), layout_a, layout_b, context,
                                    [&](const pipeline::RecordChange& c) -> Status {
                                      if (room()) console.out(json_ ? as_json(c) : as_text(c));
                                      return {};
                                    }));
    console.clear_progress();
    rest(console);
    const std::string_view word = layout_a->type->record_word;
    console.talk(fmt::format("{} the same, {} changed, {} removed, {} added",
                             counted(diff.same, word), diff.changed, diff.removed, diff.added));
    return diff.equal() ? ExitCode::fine : ExitCode::no;
  }

  Result<ExitCode> folders(const Console& console) {
    S1FLOW_TRY(const std::vector<pipeline::SetDiff> diffs, pipeline::diff_folders(a_, b_));
    bool equal = true;
    for (const pipeline::SetDiff& d : diffs) {
      for (const std::string& line : d.only_a) one_line(console, d.name, "a", a_, line);
      for (const std::string& line : d.only_b) one_line(console, d.name, "b", b_, line);
      equal = equal && d.equal();
    }
    rest(console);
    for (const pipeline::SetDiff& d : diffs)
      console.talk(fmt::format("{}: {} the same, {} only in {}, {} only in {}", d.name, d.same,
                               d.only_a.size(), a_, d.only_b.size(), b_));
    return equal ? ExitCode::fine : ExitCode::no;
  }

  void one_line(const Console& console, const std::string& what, std::string_view side,
                const std::string& folder, const std::string& line) {
    if (!room()) return;
    std::string out;
    if (json_) {
      JsonObject o(out);
      o.text("what", what).text("only-in", side).raw("line", line);
      o.finish();
      out += '\n';
    } else {
      out = fmt::format("{}: only in {}: {}\n", what, folder, line);
    }
    console.out(out);
  }

  bool room() {
    ++seen_;
    return limit_ == 0 || seen_ <= limit_;
  }
  void rest(const Console& console) const {
    if (limit_ != 0 && seen_ > limit_)
      console.talk(fmt::format("{} more differences; --limit 0 shows all", seen_ - limit_));
  }

  static std::string_view word_of(pipeline::RecordChange::Kind kind) {
    switch (kind) {
      case pipeline::RecordChange::Kind::added:
        return "added";
      case pipeline::RecordChange::Kind::removed:
        return "removed";
      case pipeline::RecordChange::Kind::changed:
        return "changed";
    }
    return {};
  }

  static std::string as_text(const pipeline::RecordChange& c) {
    const char sign = c.kind == pipeline::RecordChange::Kind::added     ? '+'
                      : c.kind == pipeline::RecordChange::Kind::removed ? '-'
                                                                        : '~';
    std::string out = fmt::format("{} {}\n", sign, c.key.empty() ? "header" : shown(c.key));
    const auto side = [](const std::string& t) { return t.empty() ? "(none)" : shown(t, 200); };
    for (const pipeline::FieldChange& f : c.fields)
      out += fmt::format("    {}: {} -> {}\n", f.path, side(f.before), side(f.after));
    return out;
  }

  static std::string as_json(const pipeline::RecordChange& c) {
    std::string fields = "[";
    for (const pipeline::FieldChange& f : c.fields) {
      if (fields.size() > 1) fields += ',';
      JsonObject o(fields);
      o.text("field", f.path);
      if (!f.before.empty()) o.text("a", f.before);
      if (!f.after.empty()) o.text("b", f.after);
      o.finish();
    }
    fields += ']';
    std::string out;
    JsonObject o(out);
    o.text("change", word_of(c.kind));
    if (c.key.empty())
      o.text("place", "header");
    else
      o.text("record", c.key);
    if (!c.fields.empty()) o.raw("fields", fields);
    o.finish();
    return out + "\n";
  }

  Session session_;
  std::string a_, b_, format_;
  std::uint64_t limit_ = 100, seen_ = 0;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_diff() {
  return std::make_unique<Diff>();
}

}  // namespace s1flow::cli
