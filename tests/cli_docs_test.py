#!/usr/bin/env python3
"""Checks that the pages of the commands say what the program says of itself.

    tests/cli_docs_test.py PROGRAM [ROOT]   checks docs/cli/ and README.md against PROGRAM --help
    tests/cli_docs_test.py --self-test      checks the checker

- Each command of `s1flow --help` has a page docs/cli/<command>.md, and there is no other page.
- A page's tables of options name exactly the options and positional arguments that `--help` of the command (and of the
  commands inside it) names.
- Each page has the sections Examples and Exit codes.
- Each help fits a screen (50 lines) and ends with two examples, which begin with the command.
- README.md's table of commands names exactly the commands, with the summaries of `--help`.
"""

import re
import subprocess
import sys
from pathlib import Path

SCREEN = 50
OPTION = re.compile(r"^  (-\w,)?(--[\w-]+)|^  (-\w)\b", re.M)
PAGE_ROW = re.compile(r"^\| `(?:-\w, )?([^`\s]+)[^`]*` \|", re.M)
README_ROW = re.compile(r"^\| \[`([\w-]+)`\]\(docs/cli/([\w-]+)\.md\) \| (.+?) \|$", re.M)


def section(help_text, title):
    """The lines below a heading such as `Options:`, up to the next blank line."""
    found = re.search(rf"^{title}:\n((?:.+\n)*)", help_text, re.M)
    return found.group(1) if found else ""


def arguments_of(help_text):
    """Options and positional arguments of a command."""
    names = {m.group(2) for m in OPTION.finditer(section(help_text, "Options")) if m.group(2)}
    names |= set(re.findall(r"^  ([A-Z]+)\b", section(help_text, "Positionals"), re.M))
    return names - {"--help", "--version"}


def commands_of(help_text):
    rows = re.findall(r"^  ([a-z][\w-]*) +(\S.*)$", section(help_text, "Subcommands"), re.M)
    return dict(rows)


def page_arguments(page):
    return set(PAGE_ROW.findall(page))


def compare(what, page, program):
    for name in sorted(program - page):
        yield f"{what}: {name} is in --help and not on the page"
    for name in sorted(page - program):
        yield f"{what}: {name} is on the page and not in --help"


def help_faults(name, text):
    lines = text.rstrip("\n").split("\n")
    if len(lines) > SCREEN:
        yield f"s1flow {name} --help has {len(lines)} lines, more than a screen of {SCREEN}"
    examples = text.rpartition("Examples:\n")[2].rstrip("\n").split("\n")
    if "Examples:" not in text or len(examples) != 2:
        yield f"s1flow {name} --help does not end with two examples"


def page_faults(name, page, arguments):
    yield from compare(f"docs/cli/{name}.md", page_arguments(page), arguments)
    for heading in ("## Examples", "## Exit codes"):
        if heading not in page:
            yield f"docs/cli/{name}.md: has no section '{heading[3:]}'"


def readme_faults(readme, commands):
    rows = {name: summary for name, page, summary in README_ROW.findall(readme) if name == page}
    yield from compare("README.md", set(rows), set(commands))
    for name in set(rows) & set(commands):
        if rows[name] != commands[name]:
            yield f"README.md: {name} is '{rows[name]}', and in --help '{commands[name]}'"


def check(program, root):
    def help_of(*words):
        done = subprocess.run([program, *words, "--help"], capture_output=True, text=True, check=True)
        return done.stdout

    faults = []
    top = help_of()
    commands = commands_of(top)
    for name in commands:
        text = help_of(name)
        arguments = arguments_of(text)
        inner = commands_of(text)
        if not inner:
            faults += help_faults(name, text)
        for word in inner:
            text = help_of(name, word)
            faults += help_faults(f"{name} {word}", text)
            arguments |= arguments_of(text)
        path = root / "docs/cli" / f"{name}.md"
        if path.exists():
            faults += page_faults(name, path.read_text(encoding="utf-8"), arguments)
        else:
            faults.append(f"docs/cli/{name}.md is missing")
    pages = {p.stem for p in (root / "docs/cli").glob("*.md")} - {"README"}
    faults += [f"docs/cli/{name}.md: there is no such command" for name in sorted(pages - set(commands))]
    faults += readme_faults((root / "README.md").read_text(encoding="utf-8"), commands)
    return faults, len(commands)


HELP = """Does it.
Usage: s1flow do [OPTIONS] FILE...

Positionals:
  FILE TEXT ... REQUIRED            What

Options:
  -h,--help                         Show
  -o,--output TEXT                  Where
  --format TEXT:{human,json} [human]
                                    --odd words

Examples:
  s1flow do a
  s1flow do b
"""
PAGE = "| `FILE...` | What |\n| `-o, --output FILE` | Where |\n| `--format human\\|json` | How |\n## Examples\n## Exit codes\n"
TOP = "Usage\n\nSubcommands:\n  do                                does it\n\nmore\n"


def self_test():
    cases = [
        ("arguments", arguments_of(HELP), {"FILE", "--output", "--format"}),
        ("commands", commands_of(TOP), {"do": "does it"}),
        ("help_is_fine", list(help_faults("do", HELP)), []),
        ("help_without_examples", len(list(help_faults("do", "x\n"))), 1),
        ("help_with_one_example", len(list(help_faults("do", HELP.replace("  s1flow do b\n", "")))), 1),
        ("help_too_long", len(list(help_faults("do", "x\n" * 60 + HELP))), 1),
        ("page_is_fine", list(page_faults("do", PAGE.replace("FILE...", "FILE"), arguments_of(HELP))), []),
        ("page_lacks_option", len(list(page_faults("do", PAGE.replace("FILE...", "FILE"), {"--x", "FILE", "--output", "--format"}))), 1),
        ("page_has_other_option", len(list(page_faults("do", PAGE.replace("FILE...", "FILE"), {"FILE", "--output"}))), 1),
        ("page_lacks_section", len(list(page_faults("do", "## Examples\n", set()))), 1),
        ("readme_is_fine", list(readme_faults("| [`do`](docs/cli/do.md) | does it |\n", {"do": "does it"})), []),
        ("readme_lacks_command", len(list(readme_faults("", {"do": "does it"}))), 1),
        ("readme_with_other_summary", len(list(readme_faults("| [`do`](docs/cli/do.md) | x |\n", {"do": "does it"}))), 1),
    ]
    failed = 0
    for name, got, wanted in cases:
        if got != wanted:
            failed += 1
            print(f"FAILED {name}: expected {wanted!r}, got {got!r}")
    print(f"cases: {len(cases) - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


def main(arguments):
    if arguments == ["--self-test"]:
        return self_test()
    root = Path(arguments[1]) if len(arguments) > 1 else Path(__file__).resolve().parent.parent
    faults, count = check(arguments[0], root)
    print("\n".join(faults) if faults else f"commands: {count}, no fault")
    return 1 if faults or not count else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
