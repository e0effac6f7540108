#!/usr/bin/env python3
"""Sums the cases of a ctest run into one line: `tests: N passed, M failed, K skipped`.

    tests/tally.py JUNIT.xml RESULTS_FOLDER [passed|failed|skipped NAME]...
    tests/tally.py --self-test

JUNIT.xml is what ctest wrote. A GoogleTest program counts by the cases in RESULTS_FOLDER/NAME.json,
any other test by its last line `cases: N passed, M failed, K skipped`, or as one case. A test that
ctest calls failed counts at least one failure, whatever it said itself. Verdicts of checks that ran
outside ctest are added by the words at the end. Failed and skipped cases are named first; the exit
code is 1 when a case failed or none ran.
"""

import json
import re
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field
from pathlib import Path

CASES = re.compile(r"^cases: (\d+) passed, (\d+) failed, (\d+) skipped$", re.M)


@dataclass
class Tally:
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    named: list = field(default_factory=list)  # what failed or was skipped

    def add(self, verdict, name, count=1):
        setattr(self, verdict, getattr(self, verdict) + count)
        if verdict != "passed" and count:
            self.named.append(f"{verdict}: {name}" + (f" ({count} cases)" if count > 1 else ""))

    def line(self):
        return f"tests: {self.passed} passed, {self.failed} failed, {self.skipped} skipped"


def add_googletest(tally, name, report):
    """Adds the cases of one program; returns how many failed."""
    failures = 0
    for suite in report.get("testsuites", []):
        for case in suite.get("testsuite", []):
            if case.get("failures"):
                verdict = "failed"
                failures += 1
            elif case.get("status") != "RUN" or case.get("result") == "SKIPPED":
                verdict = "skipped"
            else:
                verdict = "passed"
            tally.add(verdict, f"{name}: {suite['name']}.{case['name']}")
    return failures


def add_ctest(tally, case, results):
    name, status = case.get("name"), case.get("status")
    if status not in {"run", "fail"}:  # notrun, disabled
        tally.add("skipped" if status == "disabled" else "failed", f"{name}: {status}")
        return
    report = results / f"{name}.json"
    output = case.findtext("system-out") or ""
    said = CASES.findall(output)
    failures = 0
    if report.exists():
        failures = add_googletest(tally, name, json.loads(report.read_text(encoding="utf-8")))
    elif said:
        for verdict, count in zip(("passed", "failed", "skipped"), map(int, said[-1])):
            tally.add(verdict, name, count)
        failures = int(said[-1][1])
    elif status == "run":
        tally.add("passed", name)
    if status == "fail" and failures == 0:
        tally.add("failed", f"{name}: the test program")


def sum_up(junit, results, extra=()):
    tally = Tally()
    for case in ElementTree.parse(junit).getroot().iter("testcase"):
        add_ctest(tally, case, results)
    for verdict, name in zip(extra[::2], extra[1::2]):
        tally.add(verdict, name)
    return tally


GTEST = {
    "testsuites": [
        {
            "name": "A",
            "testsuite": [
                {"name": "Good", "status": "RUN", "result": "COMPLETED"},
                {"name": "Bad", "status": "RUN", "result": "COMPLETED", "failures": [{}, {}]},
                {"name": "Left", "status": "RUN", "result": "SKIPPED"},
                {"name": "DISABLED_x", "status": "NOTRUN", "result": "SUPPRESSED"},
            ],
        }
    ]
}
GOOD_GTEST = {"testsuites": [{"name": "A", "testsuite": [GTEST["testsuites"][0]["testsuite"][0]] * 3}]}
# name, [(ctest name, status, output)], {program: GoogleTest report}, words, expected line
SELF_TESTS = [
    ("nothing", [], {}, [], "tests: 0 passed, 0 failed, 0 skipped"),
    ("plain_tests", [("a", "run", ""), ("b", "fail", "")], {}, [], "tests: 1 passed, 1 failed, 0 skipped"),
    ("googletest", [("a", "fail", "")], {"a": GTEST}, [], "tests: 1 passed, 1 failed, 2 skipped"),
    ("fails_at_exit", [("a", "fail", "")], {"a": GOOD_GTEST}, [], "tests: 3 passed, 1 failed, 0 skipped"),
    (
        "script_says_its_count",
        [("s", "run", "cases: 1 passed, 0 failed, 0 skipped\nx\ncases: 7 passed, 0 failed, 2 skipped\n")],
        {},
        [],
        "tests: 7 passed, 0 failed, 2 skipped",
    ),
    (
        "script_lies",
        [("s", "fail", "cases: 7 passed, 0 failed, 0 skipped\n")],
        {},
        [],
        "tests: 7 passed, 1 failed, 0 skipped",
    ),
    ("not_run", [("s", "notrun", ""), ("t", "disabled", "")], {}, [], "tests: 0 passed, 1 failed, 1 skipped"),
    ("words", [], {}, ["passed", "form", "skipped", "lint"], "tests: 1 passed, 0 failed, 1 skipped"),
]


def self_test():
    failed = 0
    for name, tests, reports, words, expected in SELF_TESTS:
        with tempfile.TemporaryDirectory() as folder:
            root = ElementTree.Element("testsuite")
            for test, status, output in tests:
                case = ElementTree.SubElement(root, "testcase", name=test, status=status)
                ElementTree.SubElement(case, "system-out").text = output
            junit = Path(folder) / "junit.xml"
            ElementTree.ElementTree(root).write(junit)
            for program, report in reports.items():
                (Path(folder) / f"{program}.json").write_text(json.dumps(report), encoding="utf-8")
            line = sum_up(junit, Path(folder), words).line()
        if line != expected:
            failed += 1
            print(f"FAILED {name}: expected {expected!r}, got {line!r}")
    print(f"cases: {len(SELF_TESTS) - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


def main(arguments):
    if arguments == ["--self-test"]:
        return self_test()
    tally = sum_up(Path(arguments[0]), Path(arguments[1]), arguments[2:])
    for entry in tally.named:
        print(entry)
    print(tally.line())
    return 1 if tally.failed or not tally.passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
