#!/usr/bin/env python3
"""Instructions that small fixed runs take, counted by callgrind, against those in bench/instructions.csv.

    bench/instructions.py [PROGRAM]              checks; ends with 1 when a run takes over 2 % more or fewer
    bench/instructions.py [PROGRAM] --record     writes what it counts into the table

PROGRAM is a Release build's s1flow (build/release/cli/s1flow). The counts do not depend on what else the machine does,
so they show what no clock on a shared machine could; they say nothing of waiting, of caches and of several workers. The
table is for Debian 12's compiler and libraries on x86-64 with AVX2; elsewhere the check is left out. After a change that
is meant to alter them, record the table anew in the same commit. Keys are made for each run; what that changes stays
far below the bound.
"""

import argparse
import csv
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

TABLE = Path(__file__).resolve().parent / "instructions.csv"
BOUND = 0.02
SIZE = 400


def prepare(program, folder):
    """The files that the runs read: the same for every run, but for keys and what is made with them."""
    batch, out = folder / "batch", folder / "out"
    for command in (["generate", "week", "-n", SIZE, "--seed", 11, "--faults", "none", "-o", batch],
                    ["dry-run", batch, "-o", out, "--workers", 1]):
        subprocess.run([str(program), *map(str, command)], check=True, capture_output=True)
    return batch, out


def largest(folder, pattern):
    return max(folder.rglob(pattern), key=lambda p: (p.stat().st_size, p.name))


def runs(batch, out):
    mcf, mef = largest(out / "files/mcf", "*.xml"), largest(out / "files/mef", "*.xml")
    return {
        "start": ["list", "file-types"],
        "check/maf": ["check", largest(batch / "maf", "*.csv")],
        "check/inventory": ["check", largest(batch / "inventory", "*.jsonl")],
        "check/mcf": ["check", mcf],
        "check/mef": ["check", mef],
        "check/xml": ["check", "--as", "xml", mcf],
        "convert/mcf": ["convert", mcf, "--to", "jsonl", "-o", out / "mcf.jsonl", "--overwrite"],
        "verify/mcf": ["verify", mcf, "--batch", batch],
    }


def count(program, arguments):
    # On one processor, since workers that wait for each other spin.
    done = subprocess.run(["taskset", "-c", str(min(os.sched_getaffinity(0))), "valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", str(program), *map(str, arguments)],
                          capture_output=True, text=True, check=False)
    found = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode != 0 or not found:
        sys.exit(f"instructions: {' '.join(map(str, arguments))} ended with {done.returncode}: {done.stderr[-400:]}")
    return int(found.group(1))


def main():
    parser = argparse.ArgumentParser(description="Counts the instructions of small fixed runs.")
    parser.add_argument("program", nargs="?", default="build/release/cli/s1flow", type=Path)
    parser.add_argument("--record", action="store_true", help="write the table")
    options = parser.parse_args()
    if shutil.which("valgrind") is None:
        print("instructions: valgrind is not installed (scripts/setup --tools)")
        print("cases: 0 passed, 0 failed, 1 skipped")
        return 0
    if " avx2 " not in Path("/proc/cpuinfo").read_text():
        print("instructions: the table is for processors with AVX2")
        print("cases: 0 passed, 0 failed, 1 skipped")
        return 0
    with tempfile.TemporaryDirectory(prefix="s1flow-instructions-") as scratch:
        batch, out = prepare(options.program.resolve(), Path(scratch))
        counted = {name: count(options.program.resolve(), arguments) for name, arguments in runs(batch, out).items()}
    if options.record:
        with TABLE.open("w", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(["run", "instructions"])
            writer.writerows(counted.items())
        print(f"{TABLE.name}: {len(counted)} runs written")
        return 0
    with TABLE.open(newline="") as file:
        known = {row["run"]: int(row["instructions"]) for row in csv.DictReader(file)}
    failed = 0
    for name in sorted(counted.keys() | known.keys()):
        if name not in counted or name not in known:
            print(f"FAILED {name}: only in {'the table' if name in known else 'the runs'}")
            failed += 1
            continue
        ratio = counted[name] / known[name]
        good = abs(ratio - 1) <= BOUND
        failed += not good
        print(f"{'ok' if good else 'FAILED'} {name}: {counted[name]} instructions, {(ratio - 1) * 100:+.2f} % against the table")
    if failed:
        print("instructions: what was meant to change is recorded with bench/instructions.py --record")
    print(f"cases: {len(counted.keys() | known.keys()) - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
