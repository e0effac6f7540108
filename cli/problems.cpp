#include "cli/problems.h"

#include <algorithm>
#include <optional>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace s1flow::cli {
namespace {

// Number of single-character edits between two words.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, change});
    }
  }
  return row[b.size()];
}

// The commands that the command line named, outermost first.
std::vector<CLI::App*> named_apps(CLI::App& app) {
  std::vector<CLI::App*> apps{&app};
  while (!apps.back()->get_subcommands().empty())
    apps.push_back(apps.back()->get_subcommands().front());
  return apps;
}

std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* o : app.get_options())
    for (const std::string& name : o->get_lnames()) names.push_back("--" + name);
  return names;
}

std::string unknown_argument(const CLI::App& app, const std::string& word) {
  if (!word.starts_with('-')) return "unexpected argument '" + word + "'";
  const std::string near = nearest(word.substr(0, word.find('=')), option_names(app));
  return fmt::format("there is no option {}{}", word,
                     near.empty() ? "" : "; did you mean " + near + "?");
}

void add_option_problems(CLI::App& app, std::vector<std::string>& problems) {
  for (CLI::Option* o : app.get_options()) {
    if (o->count() == 0) {
      if (o->get_required()) problems.push_back(o->get_name() + " is missing");
      continue;
    }
    try {
      o->run_callback();
    } catch (const CLI::ConversionError&) {
      problems.push_back(
          fmt::format("{}: '{}' is no number that fits", o->get_name(), o->results().front()));
    } catch (const CLI::ParseError& e) {
      problems.emplace_back(e.what());
    }
    for (const CLI::Option* other : o->get_needs())
      if (other->count() == 0) problems.push_back(o->get_name() + " needs " + other->get_name());
    for (const CLI::Option* other : o->get_excludes())
      if (other->count() != 0 && o->get_name() < other->get_name())
        problems.push_back(o->get_name() + " and " + other->get_name() + " exclude each other");
  }
}

}  // namespace

std::string nearest(std::string_view word, const std::vector<std::string>& known) {
  std::string best;
  std::size_t least = std::max<std::size_t>(2, word.size() / 3) + 1;
  for (const std::string& name : known) {
    const bool begins = word.size() >= 3 && name.starts_with(word);
    if (const std::size_t d = begins ? 1 : distance(word, name); d < least) {
      least = d;
      best = name;
    }
  }
  return best;
}

std::vector<std::string> all_problems(CLI::App& app, const CLI::ParseError& first) {
  std::vector<std::string> problems;
  const std::vector<CLI::App*> apps = named_apps(app);
  for (CLI::App* a : apps) {
    add_option_problems(*a, problems);
    const std::vector<std::string> extra = a->remaining(false);
    std::optional<std::string> lost;
    for (const std::string& word : extra) {
      // What follows an unknown option is most likely its value.
      if (word == "--") continue;
      if (!word.starts_with('-') && lost) {
        lost.reset();
        continue;
      }
      if (word.starts_with('-')) lost = word;
      problems.push_back(unknown_argument(*a, word));
    }
    std::vector<std::string> inner;
    for (const CLI::App* s : a->get_subcommands([](const CLI::App*) { return true; }))
      inner.push_back(s->get_name());
    if (a == apps.back() && !inner.empty() && a->get_require_subcommand_min() > 0) {
      std::string names;
      for (const std::string& name : inner) names += (names.empty() ? "" : ", ") + name;
      problems.push_back("one of " + names + " has to be named");
    }
  }
  if (problems.empty()) problems.emplace_back(first.what());
  return problems;
}

}  // namespace s1flow::cli
