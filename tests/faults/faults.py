"""What the scripts on faults share: a small week, the program with a fault in it, and what has to hold afterwards."""

import os
import signal
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "week"))

from week import Cases, differing, generate, results, scratch, tree  # noqa: E402

__all__ = ["Cases", "Subject", "differing", "generate", "results", "scratch", "tree"]

LIMIT = 120  # seconds after which a run counts as hung


class Subject:
    """A batch, its results when nothing goes wrong, and runs in which something does."""

    def __init__(self, program, inject, folder, installations=6, *more):
        self.program, self.inject, self.folder = program, inject, folder
        self.batch = generate(program, folder / "batch", installations, 7, *more)
        self.number = 0
        out = self.new_out()
        done = self.run(out)
        if done.returncode != 0:
            raise AssertionError(f"the undisturbed run ends with {done.returncode}: {done.stderr}")
        self.expected = results(out)
        self.names = set(tree(out))

    def new_out(self):
        self.number += 1
        return self.folder / f"out-{self.number}"

    def command(self, out, *more):
        return [str(self.program), "dry-run", str(self.batch), "-o", str(out), "--workers", "2", *map(str, more)]

    def environment(self, fault=None, count=None):
        env = dict(os.environ)
        if fault:
            env["LD_PRELOAD"] = str(self.inject)
            env["S1FLOW_FAULT"] = fault
            if count:
                env["S1FLOW_FAULT_COUNT"] = str(count)
        return env

    def run(self, out, *more, fault=None, count=None, **options):
        return subprocess.run(self.command(out, *more), capture_output=True, text=True, check=False, timeout=LIMIT,
                              env=self.environment(fault, count), errors="replace", **options)

    def start(self, out, *more, fault=None):
        return subprocess.Popen(self.command(out, *more), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                                env=self.environment(fault))

    def count_calls(self, families):
        """How many such calls an undisturbed run makes."""
        file = self.folder / "count"
        done = self.run(self.new_out(), fault=f"{families}:0", count=file)
        if done.returncode != 0:
            raise AssertionError(f"the counted run ends with {done.returncode}: {done.stderr}")
        return int(file.read_text(encoding="ascii"))

    def faults_of_result(self, out):
        """What differs from the undisturbed run."""
        faults = differing(self.expected, results(out))
        faults += [f"{n} is left over" for n in sorted(set(tree(out)) - self.names)]
        faults += [f"{n} is missing" for n in sorted(self.names - set(tree(out)))]
        return faults

    def faults_after_going_on(self, out):
        """Runs the command again, without faults, and compares."""
        done = self.run(out)
        # It may have died after its last record was written; then there is nothing left to do.
        if done.returncode != 0 and not (done.returncode == 2 and "holds a finished dry run" in done.stderr):
            return [f"going on ends with {done.returncode}: {done.stderr.strip()}"]
        return self.faults_of_result(out)


def told(done):
    """Whether a failed run said so as it should: exit code 3 and a line of its own."""
    if done.returncode < 0:
        return [f"ended by {signal.Signals(-done.returncode).name}: {done.stderr.strip()[-300:]}"]
    if done.returncode != 3:
        return [f"exit code {done.returncode}: {done.stderr.strip()[-300:]}"]
    lines = [line for line in done.stderr.splitlines() if line.startswith("s1flow: ")]
    if not lines:
        return [f"nothing said: {done.stderr.strip()[-300:]!r}"]
    return []
