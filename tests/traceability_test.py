#!/usr/bin/env python3
"""Checks docs/traceability.csv: a row for every requirement, and nothing in it that does not exist.

    tests/traceability_test.py [ROOT]        checks the tree (default: the folder above this file)
    tests/traceability_test.py --self-test   checks the checker on tables that have faults

- Every clause of MTAD 5.2 to 5.6, 6.2 to 6.4 and 17.18 to 17.23 has a row, and only these.
- A row is covered, modelled or out of reach; only the last may be without a test.
- Every rule is declared in the sources, every command has its file in cli/commands/.
- Every test exists: `mtad: NAME` is a case of tests/mtad_test.py.
"""

import csv
import re
import subprocess
import sys
from pathlib import Path

COLUMNS = ["clause", "requirement", "state", "what s1flow does", "rule or command", "test"]
STATES = ["covered", "modelled", "out of reach"]
FILES = ["5.3(a)", "5.3(b)", "5.3(c)", "5.3(d)", "5.3(e)", "5.6(a)(i)", "5.6(a)(ii)"]
CLAUSES = (
    ["5.2(a)", "5.2(b)", "5.2(c)", "5.2(d)", "5.2(e)(i)", "5.2(e)(ii)"]
    + [f"{c} {what}" for c in FILES for what in ("content", "format", "exchange")]
    + ["5.4", "5.5(a)", "5.5(b)", "5.5(c)", "5.6(b)"]
    + [f"5.6(b) Table 5.2 {alert}" for alert in ("N16", "N24", "N42", "N55")]
    + ["6.2(a)", "6.2(b)", "6.3(a)(i)", "6.3(a)(ii)", "6.3(a)(iii)", "6.3(a)(iv)", "6.3(b)"]
    + ["6.4(a)", "6.4(b)", "6.4(c)", "17.18", "17.19"]
    + [f"17.20({letter})" for letter in "abcdefgh"]
    + ["17.21(a)", "17.21(b)", "17.21(c)", "17.22(a)", "17.22(b)", "17.22(c)", "17.22(d)", "17.23"]
)


def known(root):
    """Rules, commands and tests that there are."""
    rules = set()
    for path in [*root.glob("pipeline/rules/*.cpp"), *root.glob("codecs/*.cpp")]:
        rules |= set(re.findall(r'\.id = "([a-z0-9.-]+)"', path.read_text(encoding="utf-8")))
    commands = {p.stem.replace("_", "-") for p in root.glob("cli/commands/*.cpp")}
    listed = subprocess.run(
        [sys.executable, "-B", str(root / "tests/mtad_test.py"), "--list"], capture_output=True, text=True, check=True
    )
    return rules, commands, {f"mtad: {name}" for name in listed.stdout.splitlines()}


def parts(cell):
    return [p for p in (p.strip() for p in cell.split(";")) if p]


def faults_of(rows, rules, commands, tests):
    seen = []
    for number, row in enumerate(rows, 2):
        if list(row) != COLUMNS or None in row.values():
            yield f"line {number}: columns are {list(row)}, should be {COLUMNS}"
            return
        clause = row["clause"].removeprefix("MTAD ")
        seen.append(clause)
        if row["state"] not in STATES:
            yield f"line {number}: state '{row['state']}' is none of {STATES}"
        if not row["requirement"] or not row["what s1flow does"]:
            yield f"line {number}: an empty cell"
        if not parts(row["test"]) and row["state"] != "out of reach":
            yield f"line {number}: no test"
        for name in parts(row["rule or command"]):
            if name not in rules and name.split(" ")[0] not in commands:
                yield f"line {number}: '{name}' is neither a rule nor a command"
        for test in parts(row["test"]):
            if test not in tests:
                yield f"line {number}: there is no test '{test}'"
    for clause in CLAUSES:
        if seen.count(clause) != 1:
            yield f"MTAD {clause}: {seen.count(clause)} rows, should be one"
    for clause in sorted(set(seen) - set(CLAUSES)):
        yield f"MTAD {clause}: is none of the clauses in question"


def self_test():
    good = [
        dict(zip(COLUMNS, [f"MTAD {c}", "a", "covered", "b", "dry-run; x.y", "mtad: z"], strict=True)) for c in CLAUSES
    ]
    world = ({"x.y"}, {"dry-run"}, {"mtad: z"})
    cases = {
        "fine": (good, None),
        "missing_clause": (good[1:], "0 rows"),
        "clause_twice": (good + good[:1], "2 rows"),
        "strange_clause": ([*good, good[0] | {"clause": "MTAD 99"}], "none of the clauses"),
        "test_gone": ([good[0] | {"test": "mtad: y"}, *good[1:]], "there is no test 'mtad: y'"),
        "rule_gone": ([good[0] | {"rule or command": "x.z"}, *good[1:]], "neither a rule nor a command"),
        "no_test": ([good[0] | {"test": ""}, *good[1:]], "no test"),
        "no_test_out_of_reach": ([good[0] | {"test": "", "state": "out of reach"}, *good[1:]], None),
        "state": ([good[0] | {"state": "done"}, *good[1:]], "is none of"),
        "empty_cell": ([good[0] | {"requirement": ""}, *good[1:]], "an empty cell"),
        "columns": ([{"clause": "MTAD 5.4"}], "columns"),
    }
    failed = 0
    for name, (rows, expected) in cases.items():
        faults = list(faults_of(rows, *world))
        if bool(faults) != (expected is not None) or (expected and not any(expected in f for f in faults)):
            failed += 1
            print(f"FAILED {name}: expected {expected!r}, got {faults}")
    print(f"cases: {len(cases) - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


def main(arguments):
    if arguments == ["--self-test"]:
        return self_test()
    root = Path(arguments[0]) if arguments else Path(__file__).resolve().parent.parent
    with (root / "docs/traceability.csv").open(encoding="utf-8", newline="") as table:
        rows = list(csv.DictReader(table))
    faults = list(faults_of(rows, *known(root)))
    print("\n".join(faults) if faults else f"traceability: {len(rows)} rows, no fault")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
