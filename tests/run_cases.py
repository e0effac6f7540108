#!/usr/bin/env python3
"""Runs the command line cases in tests/cli/<command>/<case>/.

    tests/run_cases.py --program PATH [--update] [--jobs N] [NAME...]
    tests/run_cases.py --self-test

A case is a folder. Its files:

    cmd            one command a line, split into words as a shell would but run without one; the
                   first word is `s1flow`. Blank lines and lines that start with # do not count.
                   A line that starts with & runs beside those after it, until the case is over; the
                   first line that it prints is {url} from then on, and the rest of it is not looked at.
    stdout.exact   what the commands must print, all lines taken together; or
    stdout.glob    the same, where * stands for any text within a line and a line that is ... stands
                   for any number of lines. With neither file nothing may be printed.
    stderr.*       likewise
    exit           exit codes, one a command; one number alone is the last command's, and those
                   before it must end with 0. Default 0.
    stdin          given to every command; without it there is no standard input
    files/         what the commands must have written: the file of the same name must be equal, or
                   match when the name here ends in .glob
    absent         names of what must not be there afterwards, one a line
    anything else  inputs

The commands run in a new temporary copy of the inputs. In cmd, {here} is that folder, {source} the
root of the repository and {port} a port that is free; they and {url} are written so in recorded output
too, since none is the same on another machine. NAME picks the cases whose <command>/<case> contains it.

--update writes what was seen into stdout.exact, stderr.exact, exit and the files under files/. A
glob that no longer matches is left for a person to edit.
"""

import argparse
import contextlib
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EXPECTATIONS = {"cmd", "exit", "stdin", "files", "absent"} | {
    f"{stream}.{form}" for stream in ("stdout", "stderr") for form in ("exact", "glob")
}
KEPT_VARIABLES = re.compile(r"PATH$|S1FLOW_|[A-Z]+SAN_OPTIONS$|GCOV_|LD_")


def glob_matches(pattern, text):
    """True when the text as a whole has the form of the pattern."""

    def line_form(line):
        return ".*".join(re.escape(part) for part in line.rstrip("\n").split("*"))

    form = ""
    for line in pattern.splitlines(keepends=True):
        if line.rstrip("\n") == "...":
            form += r"(?:[^\n]*\n)*(?:[^\n]+\Z)?"
        else:
            form += line_form(line) + (r"\n" if line.endswith("\n") else "")
    return re.fullmatch(form, text) is not None


@dataclass
class Seen:
    stdout: bytes = b""
    stderr: bytes = b""
    exits: list = field(default_factory=list)


@dataclass
class Verdict:
    name: str
    faults: list = field(default_factory=list)
    updated: list = field(default_factory=list)


class Runner:
    def __init__(self, program, update=False, timeout=120):
        self.program = program
        self.update = update
        self.timeout = timeout

    def run(self, case, name):
        verdict = Verdict(name)
        with tempfile.TemporaryDirectory(prefix="s1flow-case-") as folder:
            here = Path(folder) / "case"
            try:
                copy_inputs(case, here)
                seen = self.commands(case, here)
                self.judge(case, here, seen, verdict)
            except CaseError as error:
                verdict.faults.append(str(error))
        return verdict

    def commands(self, case, here):
        environment = {k: v for k, v in os.environ.items() if KEPT_VARIABLES.match(k)}
        environment |= {"LC_ALL": "C.UTF-8", "TZ": "UTC", "HOME": str(here), "TMPDIR": str(here.parent)}
        stdin = case / "stdin"
        seen = Seen()
        names = {"{here}": str(here), "{source}": str(ROOT)}
        with contextlib.ExitStack() as beside:
            for line in command_lines(case):
                if "{port}" in line and "{port}" not in names:
                    names["{port}"] = str(free_port())
                words = words_of(line, names)
                if line.startswith("&"):
                    names["{url}"] = self.start(words, here, environment, beside)
                    continue
                try:
                    done = subprocess.run(
                        [self.program, *words],
                        cwd=here,
                        env=environment,
                        input=stdin.read_bytes() if stdin.exists() else b"",
                        capture_output=True,
                        timeout=self.timeout,
                        check=False,
                    )
                except subprocess.TimeoutExpired:
                    raise CaseError(f"still running after {self.timeout} s: {shlex.join(words)}") from None
                seen.stdout += done.stdout
                seen.stderr += done.stderr
                seen.exits.append(done.returncode)
        for stream in ("stdout", "stderr"):
            text = getattr(seen, stream)
            for name, value in sorted(names.items(), key=lambda item: -len(item[1])):
                text = text.replace(value.encode(), name.encode())
            setattr(seen, stream, text)
        return seen

    def start(self, words, here, environment, beside):
        """Starts a command that runs until the case is over; its first line."""
        process = beside.enter_context(
            subprocess.Popen(
                [self.program, *words],
                cwd=here,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
        )
        beside.callback(process.kill)
        limit = threading.Timer(self.timeout, process.kill)
        limit.start()
        first = process.stdout.readline().strip()
        limit.cancel()
        if not first:
            raise CaseError(f"ended before it said anything: {shlex.join(words)}")
        return first

    def judge(self, case, here, seen, verdict):
        for stream in ("stdout", "stderr"):
            self.judge_text(case / stream, getattr(seen, stream), verdict)
        self.judge_exit(case / "exit", seen, verdict)
        for expected in sorted((case / "files").rglob("*")):
            if expected.is_file():
                self.judge_file(expected, here / expected.relative_to(case / "files"), verdict)
        for name in lines_of(case / "absent"):
            if os.path.lexists(here / name):
                verdict.faults.append(f"{name} is there and should not be")

    def judge_text(self, stem, text, verdict):
        exact, glob = stem.with_suffix(".exact"), stem.with_suffix(".glob")
        if exact.exists() and glob.exists():
            raise CaseError(f"both {exact.name} and {glob.name} are given")
        if glob.exists():
            self.judge_glob(glob, stem.name, text, verdict)
            return
        wanted = exact.read_bytes() if exact.exists() else b""
        if text == wanted:
            return
        if not self.update:
            verdict.faults.append(f"{stem.name} differs:\n{difference(wanted, text)}")
        elif text:
            exact.write_bytes(text)
            verdict.updated.append(exact.name)
        else:
            exact.unlink()
            verdict.updated.append(f"{exact.name} (removed)")

    def judge_glob(self, glob, name, text, verdict):
        pattern = glob.read_text(encoding="utf-8")
        if not glob_matches(pattern, text.decode("utf-8", "replace")):
            verdict.faults.append(f"{name} does not match {glob.name}:\n{difference(pattern.encode(), text)}")

    def judge_exit(self, path, seen, verdict):
        wanted = [int(word) for word in path.read_text().split()] if path.exists() else [0]
        if len(wanted) == 1:
            wanted = [0] * (len(seen.exits) - 1) + wanted
        if seen.exits == wanted:
            return
        if not self.update:
            verdict.faults.append(f"exit codes {seen.exits}, expected {wanted}; stderr:\n{indented(seen.stderr)}")
            return
        before, last = seen.exits[:-1], seen.exits[-1]
        if any(before):
            path.write_text("".join(f"{code}\n" for code in seen.exits))
        elif last:
            path.write_text(f"{last}\n")
        else:
            path.unlink()
        verdict.updated.append("exit")

    def judge_file(self, expected, written, verdict):
        glob = expected.suffix == ".glob"
        written = written.with_suffix("") if glob else written
        if not written.is_file():
            verdict.faults.append(f"{written.name} was not written")
        elif glob:
            self.judge_glob(expected, written.name, written.read_bytes(), verdict)
        elif written.read_bytes() != expected.read_bytes():
            if self.update:
                shutil.copyfile(written, expected)
                verdict.updated.append(f"files/{expected.name}")
            else:
                change = difference(expected.read_bytes(), written.read_bytes())
                verdict.faults.append(f"{written.name} differs:\n{change}")


class CaseError(Exception):
    """The case itself cannot be run as it stands."""


def lines_of(path):
    if not path.exists():
        return []
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def command_lines(case):
    lines = lines_of(case / "cmd")
    for line in lines:
        if shlex.split(line.removeprefix("&"))[:1] != ["s1flow"]:
            raise CaseError(f"cmd: a line has to start with s1flow: {line}")
    if not any(not line.startswith("&") for line in lines):
        raise CaseError("cmd holds no command")
    return lines


def words_of(line, names):
    words = shlex.split(line.removeprefix("&"))[1:]
    for name, value in names.items():
        words = [word.replace(name, value) for word in words]
    return words


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def copy_inputs(case, here):
    here.mkdir()
    for item in case.iterdir():
        if item.name in EXPECTATIONS:
            continue
        if item.is_dir():
            shutil.copytree(item, here / item.name, symlinks=True)
        else:
            shutil.copy2(item, here / item.name, follow_symlinks=False)


def indented(text):
    return "\n".join("      " + line for line in text.decode("utf-8", "replace").splitlines()[:20])


def difference(wanted, got):
    """The first line that differs, of both, with its number."""
    a, b = wanted.splitlines(), got.splitlines()
    at = next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))

    def shown(lines):
        return repr(lines[at].decode("utf-8", "replace"))[:300] if at < len(lines) else "(end)"

    if a == b:
        return "    only the end of the last line differs"
    return f"    line {at + 1}\n    - {shown(a)}\n    + {shown(b)}"


def find_cases(folder, names):
    cases = sorted(path.parent for path in folder.glob("*/*/cmd"))
    named = [(case, case.relative_to(folder).as_posix()) for case in cases]
    return [(case, name) for case, name in named if is_asked(name, names)]


def is_asked(name, names):
    return not names or any(part in name for part in names)


def run_all(folder, runner, names=(), jobs=2, out=print):
    cases = find_cases(folder, names)
    folders = sorted(path for path in folder.glob("*/*") if path.is_dir() and not (path / "cmd").exists())
    strays = [p.relative_to(folder).as_posix() for p in folders if is_asked(p.relative_to(folder).as_posix(), names)]
    failed = len(strays)
    for stray in strays:
        out(f"FAILED {stray}: has no cmd")
    with ThreadPoolExecutor(max_workers=jobs) as pool:
        for verdict in pool.map(lambda found: runner.run(*found), cases):
            for name in verdict.updated:
                out(f"recorded {verdict.name}: {name}")
            for fault in verdict.faults:
                out(f"FAILED {verdict.name}: {fault}")
            failed += bool(verdict.faults)
    total = len(cases) + len(strays)
    out(f"cases: {total - failed} passed, {failed} failed, 0 skipped")
    if total == 0:
        out(f"no case found in {folder}")
    return 1 if failed or total == 0 else 0


def main():
    parser = argparse.ArgumentParser(description="Runs the command line cases.")
    parser.add_argument("--program", type=Path, help="the s1flow program to run")
    parser.add_argument("--cases", type=Path, default=ROOT / "tests/cli", help="folder of the cases")
    parser.add_argument("--update", action="store_true", help="record what is seen as what is expected")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 2)
    parser.add_argument("--timeout", type=float, default=120, help="seconds for one command")
    parser.add_argument("--self-test", action="store_true", help="check this harness")
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    if options.self_test:
        sys.path.insert(0, str(ROOT))
        from tests.run_cases_self_test import self_test

        return self_test()
    if not options.program:
        parser.error("--program is needed")
    runner = Runner(options.program.resolve(), options.update, options.timeout)
    return run_all(options.cases, runner, options.names, options.jobs)


if __name__ == "__main__":
    sys.exit(main())
