#!/usr/bin/env python3
"""Checks scripts/setup against stand-ins for dpkg-query, apt-get and id, and the options of
scripts/test. Nothing is installed or built."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# Prints the packages named in $INSTALLED as dpkg-query does, and fails when it was asked for others.
DPKG_QUERY = """#!/bin/bash
shift 2
for name in "$@"; do
  case " $INSTALLED " in
    *" $name "*) echo "installed $name" ;;
    *" -$name "*) echo "config-files $name" ;;
    *) rc=1 ;;
  esac
done
exit ${rc:-0}
"""
APT_GET = """#!/bin/bash
echo "$@" >>"$APT_LOG"
[ "$1" != "$APT_FAILS" ] || { echo "E: no such mirror" >&2; exit 100; }
"""
USER = """#!/bin/bash
echo "$USER_ID"
"""


class Stage:
    """A folder of stand-ins that comes first on the PATH."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.log = self.folder / "apt.log"
        for name, text in {"dpkg-query": DPKG_QUERY, "apt-get": APT_GET, "id": USER}.items():
            program = self.folder / name
            program.write_text(text, encoding="utf-8")
            program.chmod(0o755)

    def setup(self, *arguments, installed=(), user=0, fails=""):
        """Exit code, output, and what apt-get was asked for."""
        self.log.write_text("")
        done = subprocess.run(
            [ROOT / "scripts/setup", *arguments],
            env=os.environ
            | {
                "PATH": f"{self.folder}:{os.environ['PATH']}",
                "INSTALLED": " ".join(installed),
                "USER_ID": str(user),
                "APT_LOG": str(self.log),
                "APT_FAILS": fails,
            },
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr, self.log.read_text()


def names(*arguments):
    listed = subprocess.run(
        [ROOT / "scripts/setup", *arguments, "--list"], capture_output=True, text=True, check=True
    )
    return listed.stdout.split()


def lists_what_is_needed(_):
    build, all_names = names(), names("--tools")
    assert {"g++", "cmake", "libfmt-dev", "libgtest-dev"} <= set(build), build
    assert "xmlsec1" not in build and "xmlsec1" in all_names
    assert set(build) < set(all_names)
    assert len(set(all_names)) == len(all_names), "a package is named twice"


def is_silent_when_nothing_is_missing(stage):
    assert stage.setup(installed=names()) == (0, "", "")


def installs_only_what_is_missing(stage):
    code, output, log = stage.setup(installed=names()[2:])
    assert code == 0 and names()[0] in output, output
    assert log.splitlines() == [
        "update -qq",
        "install -y -qq --no-install-recommends " + " ".join(names()[:2]),
    ], log


def takes_a_removed_package_for_missing(stage):
    first, *rest = names()
    code, _, log = stage.setup(installed=[f"-{first}", *rest])
    assert code == 0 and log.splitlines()[1].endswith(f" {first}"), log


def adds_the_tools_when_asked(stage):
    assert stage.setup(installed=names())[2] == ""
    _, _, log = stage.setup("--tools", installed=names())
    assert "xmlsec1" in log and "g++" not in log, log


def says_what_to_do_without_root(stage):
    code, output, log = stage.setup("--tools", installed=names(), user=1000)
    assert code == 1 and "xmlsec1" in output and "sudo scripts/setup --tools" in output, output
    assert log == ""
    assert stage.setup(installed=names(), user=1000) == (0, "", "")


def shows_why_apt_get_failed(stage):
    for step in ("update", "install"):
        code, output, _ = stage.setup(installed=names()[1:], fails=step)
        assert code == 1 and "no such mirror" in output, output


def refuses_unknown_options(stage):
    code, output, log = stage.setup("--everything")
    assert code == 2 and "--everything" in output and log == ""
    for arguments in (["--fast"], ["--preset", "fastest"], ["--preset"]):
        done = subprocess.run([ROOT / "scripts/test", *arguments], capture_output=True, text=True, check=False)
        assert done.returncode == 2, done
    for arguments in ([], ["soon"], ["0"], ["5", "nothing"]):
        done = subprocess.run([ROOT / "scripts/fuzz", *arguments], capture_output=True, text=True, check=False)
        assert done.returncode == 2 and done.stderr, done


def explains_itself(_):
    for script in ("setup", "test", "fuzz"):
        done = subprocess.run([ROOT / "scripts" / script, "--help"], capture_output=True, text=True, check=True)
        assert f"scripts/{script}" in done.stdout and "#" not in done.stdout, done.stdout
    for script in sorted([*(ROOT / "bench").glob("*.sh"), *(ROOT / "bench").glob("*.py")]):
        done = subprocess.run([script, "--help"], capture_output=True, text=True, check=False)
        assert done.returncode == 0 and f"{script.name} " in done.stdout and "#" not in done.stdout, (script, done)


TESTS = [
    lists_what_is_needed,
    is_silent_when_nothing_is_missing,
    installs_only_what_is_missing,
    takes_a_removed_package_for_missing,
    adds_the_tools_when_asked,
    says_what_to_do_without_root,
    shows_why_apt_get_failed,
    refuses_unknown_options,
    explains_itself,
]


def main():
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        stage = Stage(folder)
        for test in TESTS:
            try:
                test(stage)
            except AssertionError as fault:
                failed += 1
                print(f"FAILED {test.__name__}: {fault}")
    print(f"cases: {len(TESTS) - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
