#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/commands/all.h"
#include "cli/session.h"
#include "codecs/lines/lines.h"

namespace s1flow::cli {
namespace {

class Convert final : public Command {
 public:
  void add_options(CLI::App& app) override {
    app.add_option("FILE", file_, "XML, CSV, or JSON Lines made of one; - is standard input")
        ->required();
    app.add_option("--to", to_, "Form of the output: jsonl, xml, csv")
        ->required()
        ->check(CLI::IsMember({"jsonl", "xml", "csv"}));
    app.add_option("-o,--output", out_, "FILE to write; - is standard output")->default_val("-");
    app.add_flag("--overwrite", overwrite_, "Replace the output when it exists");
    session_.add_options(app, wants_layouts);
    app.footer(
        "Back from JSON Lines, XML has the same canonical form (its signature holds) and CSV the "
        "same bytes up to needless quotes.\nSecrets are converted like everything else.\n\n"
        "Examples:\n  s1flow convert MC.xml --to jsonl -o MC.jsonl\n  s1flow convert MC.jsonl --to "
        "xml -o MC_again.xml");
  }

  [[nodiscard]] Confinement confinement() const override { return Confinement::no_network_no_exec; }

  Result<ExitCode> run(const Console& console) override {
    S1FLOW_TRY_VOID(check_not_same(file_, out_));
    S1FLOW_TRY_VOID(session_.load(console));
    S1FLOW_TRY(const Input input, Input::open(file_));
    S1FLOW_TRY(Output output, Output::create(out_, overwrite_ ? Overwrite::yes : Overwrite::no));
    S1FLOW_TRY(const codecs::LinesResult done, convert(console, input, output.sink(console)));
    console.clear_progress();
    if (!done.faults.empty()) {
      console.talk_findings(input.name(),
                            findings_of(done.faults, input.path().filename().string()));
      return ExitCode::no;
    }
    S1FLOW_TRY_VOID(output.commit(console));
    if (out_ != "-") console.talk(fmt::format("{}: written as {}", output.name(), to_));
    return ExitCode::fine;
  }

 private:
  Result<codecs::LinesResult> convert(const Console& console, const Input& input,
                                      const ByteSink& sink) {
    const auto progress = byte_progress(console, "converting", input);
    S1FLOW_TRY(const pipeline::Recognised seen,
               pipeline::recognise(input.path(), session_.layouts()));
    std::shared_ptr<const codecs::Layout> layout = seen.layout;
    if (session_.type_given()) {
      S1FLOW_TRY(layout, session_.layout_of(input));
    }
    S1FLOW_TRY(const codecs::LinesOf made_of, first_line(input));
    S1FLOW_TRY(InputFile file, InputFile::open(input.path()));
    const bool is_xml = seen.container == codecs::BareContainer::xml;
    const bool is_lines = seen.container == codecs::BareContainer::jsonl;
    if (to_ == "jsonl" && is_xml) {
      const bool known = layout && layout->container == codecs::Container::xml;
      return codecs::xml_to_lines(file, known ? layout->record_path : std::vector<std::string>(),
                                  known ? layout->name() : std::string(), sink, progress);
    }
    if (to_ == "jsonl" && !is_lines) {
      if (!layout || layout->container != codecs::Container::csv) {
        S1FLOW_TRY(layout, session_.layout_of(input));
      }
      if (layout->container != codecs::Container::csv)
        return cannot(input, fmt::format("layout {} is not one of CSV", layout->name()));
      return codecs::csv_to_lines(file, *layout, sink, progress);
    }
    if (to_ == "jsonl") return cannot(input, "is JSON Lines already");
    if (!is_lines && made_of == codecs::LinesOf::something_else)
      return cannot(input, fmt::format("only JSON Lines become {}: convert --to jsonl first; a {} "
                                       "and a {} hold different things",
                                       to_, is_xml ? "XML file" : "CSV file", to_));
    if (to_ == "xml") {
      if (made_of == codecs::LinesOf::csv)
        return cannot(input, "was CSV and can only be CSV again");
      return codecs::lines_to_xml(file, sink, progress);
    }
    if (made_of == codecs::LinesOf::xml) return cannot(input, "was XML and can only be XML again");
    const bool columns =
        session_.type_given() && layout && layout->container == codecs::Container::csv;
    if (made_of == codecs::LinesOf::something_else && !columns)
      return cannot(input, "does not say what its columns are; name a CSV layout with --type");
    return codecs::lines_to_csv(file, columns ? layout.get() : nullptr, sink, progress);
  }

  static tl::unexpected<Error> cannot(const Input& input, std::string_view why) {
    return tl::unexpected(usage_error(fmt::format("{}: {}", input.name(), why)));
  }

  static Result<codecs::LinesOf> first_line(const Input& input) {
    S1FLOW_TRY(InputFile file, InputFile::open(input.path()));
    std::string head(64, '\0');
    S1FLOW_TRY(const std::size_t size, file.read(head.data(), head.size()));
    return codecs::lines_of(std::string_view(head).substr(0, size));
  }

  Session session_;
  std::string file_, to_, out_;
  bool overwrite_ = false;
};

}  // namespace

std::unique_ptr<Command> make_convert() {
  return std::make_unique<Convert>();
}

}  // namespace s1flow::cli
