"""Self-test of run_cases.py: small cases against a stand-in program, most of which must fail."""

import sys
import tempfile
from pathlib import Path

from tests.run_cases import Runner, glob_matches, run_all

STAND_IN = """#!{python}
import os, sys, time
words = sys.argv[1:]
while words:
    act = words.pop(0)
    if act == "say": print(words.pop(0), flush=True)
    elif act == "grumble": print(words.pop(0), file=sys.stderr)
    elif act == "where": print(os.getcwd())
    elif act == "list": print(" ".join(sorted(os.listdir("."))))
    elif act == "read": print(open(words.pop(0)).read(), end="")
    elif act == "stdin": print(sys.stdin.read(), end="")
    elif act == "write": open(words.pop(0), "w").write(words.pop(0))
    elif act == "variable": print(os.environ.get(words.pop(0), "(none)"))
    elif act == "sleep": time.sleep(float(words.pop(0)))
    elif act == "exit": sys.exit(int(words.pop(0)))
"""

# name, pattern, text, matches
GLOBS = [
    ("same", "a\nb\n", "a\nb\n", True),
    ("star_within_line", "took * s\n", "took 1.25 s\n", True),
    ("star_not_over_lines", "a*b\n", "a\nb\n", False),
    ("star_matches_nothing", "a*\n", "a\n", True),
    ("dots_for_no_line", "a\n...\nb\n", "a\nb\n", True),
    ("dots_for_many_lines", "a\n...\nb\n", "a\n1\n2\nb\n", True),
    ("dots_at_the_end", "a\n...\n", "a\n1\n2", True),
    ("dots_at_the_start", "...\nb\n", "1\n2\nb\n", True),
    ("line_missing", "a\nb\n", "a\n", False),
    ("line_too_many", "a\n", "a\nb\n", False),
    ("dots_within_a_line_are_dots", "a...\n", "ab\n", False),
    ("regex_signs_are_plain", "a.b [x] (y)\n", "a.b [x] (y)\n", True),
    ("regex_signs_do_not_match", "a.b\n", "axb\n", False),
    ("last_newline_counts", "a\n", "a", False),
    ("empty", "", "", True),
]

# name, {file: text} of the case, part of the expected fault (None: it passes)
CASES = [
    ("says_what_is_expected", {"cmd": "s1flow say hello\n", "stdout.exact": "hello\n"}, None),
    ("says_something_else", {"cmd": "s1flow say hello\n", "stdout.exact": "bye\n"}, "stdout differs"),
    ("says_something_unexpected", {"cmd": "s1flow say hello\n"}, "stdout differs"),
    ("says_nothing", {"cmd": "s1flow exit 0\n", "stdout.exact": "hello\n"}, "stdout differs"),
    ("grumbles_unexpectedly", {"cmd": "s1flow grumble no\n"}, "stderr differs"),
    ("grumbles_as_expected", {"cmd": "s1flow grumble 'no, 7 times'\n", "stderr.glob": "no, * times\n"}, None),
    ("glob_fails", {"cmd": "s1flow say a\n", "stdout.glob": "b*\n"}, "does not match"),
    ("exact_and_glob", {"cmd": "s1flow say a\n", "stdout.glob": "*", "stdout.exact": "a\n"}, "both"),
    ("exit_code_as_expected", {"cmd": "s1flow exit 2\n", "exit": "2\n"}, None),
    ("exit_code_not_expected", {"cmd": "s1flow exit 2\n"}, "exit codes [2], expected [0]"),
    ("exit_code_missing", {"cmd": "s1flow exit 0\n", "exit": "1\n"}, "exit codes [0], expected [1]"),
    ("two_commands", {"cmd": "s1flow write a x\ns1flow read a\n", "stdout.exact": "x"}, None),
    ("first_of_two_fails", {"cmd": "s1flow exit 1\ns1flow exit 1\n", "exit": "1\n"}, "exit codes"),
    ("each_exit_code_named", {"cmd": "s1flow exit 3\ns1flow exit 1\n", "exit": "3\n1\n"}, None),
    ("reads_an_input", {"cmd": "s1flow read in/a.csv\n", "in/a.csv": "1,2\n", "stdout.exact": "1,2\n"}, None),
    (
        "sees_inputs_only",
        {"cmd": "s1flow list\n", "b": "", "stdin": "", "exit": "0\n", "files/x": "", "stdout.exact": "b\n"},
        "x was not written",
    ),
    ("standard_input", {"cmd": "s1flow stdin\n", "stdin": "abc\n", "stdout.exact": "abc\n"}, None),
    ("no_standard_input", {"cmd": "s1flow stdin\n"}, None),
    ("no_shell", {"cmd": "s1flow say '$HOME' say '*' say a>b\n", "stdout.exact": "$HOME\n*\na>b\n"}, None),
    ("place_is_not_recorded", {"cmd": "s1flow where\n", "stdout.exact": "{here}\n"}, None),
    ("place_can_be_named", {"cmd": "s1flow say {here}/a\n", "stdout.exact": "{here}/a\n"}, None),
    ("root_can_be_named", {"cmd": "s1flow say {source}/a\n", "stdout.exact": "{source}/a\n"}, None),
    ("fixed_locale", {"cmd": "s1flow variable LC_ALL variable TZ\n", "stdout.exact": "C.UTF-8\nUTC\n"}, None),
    ("no_stray_variables", {"cmd": "s1flow variable MAIL\n", "stdout.exact": "(none)\n"}, None),
    ("writes_a_file", {"cmd": "s1flow write o 1\n", "files/o": "1"}, None),
    ("writes_another_file", {"cmd": "s1flow write o 2\n", "files/o": "1"}, "o differs"),
    ("writes_no_file", {"cmd": "s1flow exit 0\n", "files/o": "1"}, "o was not written"),
    ("writes_by_glob", {"cmd": "s1flow write o 'took 3 s'\n", "files/o.glob": "took * s"}, None),
    ("leaves_nothing", {"cmd": "s1flow exit 0\n", "absent": "o\n"}, None),
    ("leaves_something", {"cmd": "s1flow write o 1\n", "absent": "# left over\no\n"}, "should not be"),
    ("other_program", {"cmd": "sh -c true\n"}, "has to start with s1flow"),
    ("no_command", {"cmd": "# none\n"}, "no command"),
    ("never_ends", {"cmd": "s1flow sleep 30\n"}, "still running"),
    (
        "runs_beside",
        {"cmd": "& s1flow say http://x/1 say more sleep 30\ns1flow say {url}\n", "stdout.exact": "{url}\n"},
        None,
    ),
    ("beside_says_nothing", {"cmd": "& s1flow exit 1\ns1flow exit 0\n"}, "before it said anything"),
    ("beside_alone", {"cmd": "& s1flow say a\n"}, "no command"),
    ("port_is_not_recorded", {"cmd": "s1flow say {port}-{port}\n", "stdout.exact": "{port}-{port}\n"}, None),
]


def write_case(folder, files):
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def check_cases(program, root):
    faults = []
    for name, files, expected in CASES:
        folder = root / "good_or_bad" / name
        write_case(folder, files)
        found = Runner(program, timeout=10 if name != "never_ends" else 0.3).run(folder, name).faults
        if expected is None and found:
            faults.append(f"{name}: {found}")
        if expected is not None and not any(expected in fault for fault in found):
            faults.append(f"{name}: expected {expected!r}, got {found}")
    return faults


def check_update(program, root):
    """Recording makes a failing case pass, and a second recording changes nothing."""
    folder = root / "record" / "x" / "case"
    write_case(
        folder,
        {
            "cmd": "s1flow say a where grumble b write o 2 exit 3\n",
            "files/o": "1",
            "stdout.exact": "old\n",
        },
    )
    before = Runner(program).run(folder, "case").faults
    recorded = Runner(program, update=True).run(folder, "case")
    again = Runner(program, update=True).run(folder, "case")
    after = Runner(program).run(folder, "case").faults
    stdout = (folder / "stdout.exact").read_text()
    faults = []
    if not before:
        faults.append("update: the case passed before it was recorded")
    if sorted(recorded.updated) != ["exit", "files/o", "stderr.exact", "stdout.exact"]:
        faults.append(f"update: recorded {recorded.updated}")
    if again.updated or after:
        faults.append(f"update: not settled: {again.updated} {after}")
    if stdout != "a\n{here}\n":
        faults.append(f"update: stdout was recorded as {stdout!r}")
    return faults


def check_counts(program, root):
    """Failures, strays and empty folders make the whole run fail."""
    lines = []
    one, none = root / "counted", root / "empty"
    write_case(one / "x" / "good", {"cmd": "s1flow exit 0\n"})
    write_case(one / "x" / "bad", {"cmd": "s1flow exit 1\n"})
    write_case(one / "x" / "stray", {"stdout.exact": "a\n"})
    none.mkdir()
    codes = [
        run_all(one, Runner(program), out=lines.append),
        run_all(one, Runner(program), names=["good"], out=lambda _: None),
        run_all(none, Runner(program), out=lambda _: None),
    ]
    faults = []
    if lines[-1] != "cases: 1 passed, 2 failed, 0 skipped":
        faults.append(f"counts: {lines[-1]}")
    if codes != [1, 0, 1]:
        faults.append(f"counts: exit codes {codes}")
    return faults


def self_test():
    faults = [f"glob {n}" for n, pattern, text, good in GLOBS if glob_matches(pattern, text) != good]
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        program = root / "s1flow"
        program.write_text(STAND_IN.format(python=sys.executable), encoding="utf-8")
        program.chmod(0o755)
        faults += check_cases(program, root) + check_update(program, root) + check_counts(program, root)
    for fault in faults:
        print("FAILED", fault)
    total = len(GLOBS) + len(CASES) + 2
    print(f"cases: {total - len(faults)} passed, {len(faults)} failed, 0 skipped")
    return 1 if faults else 0
