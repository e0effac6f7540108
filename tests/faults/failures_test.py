#!/usr/bin/env python3
"""Whatever call fails, a dry run says so, leaves nothing half-done, and goes on when it is given again.

    tests/faults/failures_test.py PROGRAM INJECT [--every K] [--memory K] [--seed S]

    fails.*      each K-th call fails with EIO, ENOSPC, EMFILE or EACCES: the run ends with 3 and a line that says what, or it does
                 not need the call and its results are whole
    absorbed.*   each K-th call is interrupted (EINTR) or does only half of its bytes: nobody notices
    memory.*     each K-th allocation fails, alone or with all that follow
    layouts.*    the same while the layouts are read and compiled, where the libraries do most of the work
    threads.*    no more threads can be made
    big.*        the syncs that run beside the writing of a big file fail, or find no thread
    many.*       small files that come to the disk together, whatever call fails, is interrupted or is the last: a name stands for a
                 whole file, and nothing else is left
"""

import argparse
import random
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from deaths_test import remove
from faults import LIMIT, Cases, Subject, scratch, told

CALLS = "open+write+pwrite+read+fsync+rename+link+unlink+close+mkdir+fallocate+flock"
INTERRUPTED = "open+write+read+fsync+rename+close+flock"
HALF = "write+pwrite+read"
ERRORS = ("EIO", "ENOSPC", "EMFILE", "EACCES")


def judge(subject, out, done):
    """A run in which something failed: whole, or told and resumable."""
    if done.returncode == 0:
        return subject.faults_of_result(out)
    return told(done) or subject.faults_after_going_on(out)


def sample(total, every, rng):
    return range(1 + rng.randrange(every), total + 1, every)


def fail_calls(cases, subject, every, rng):
    total = subject.count_calls(CALLS)
    for i, n in enumerate(sample(total, every, rng)):
        for error in ERRORS if every == 1 else (ERRORS[i % len(ERRORS)],):
            out = subject.new_out()
            cases.check(f"fails.{n}.{error}", judge(subject, out, subject.run(out, fault=f"{CALLS}:{n}:{error}")))
            remove(out)
    print(f"{total} calls, every {every}. fails")


def interrupt_calls(cases, subject, every, rng):
    for families, action in ((INTERRUPTED, "EINTR"), (HALF, "short")):
        total = subject.count_calls(families)
        for n in sample(total, every, rng):
            out = subject.new_out()
            done = subject.run(out, fault=f"{families}:{n}:{action}")
            faults = [f"exit {done.returncode}: {done.stderr.strip()}"] if done.returncode else subject.faults_of_result(out)
            cases.check(f"absorbed.{n}.{action}", faults)
            remove(out)
    # All of them at once.
    out = subject.new_out()
    done = subject.run(out, fault=f"{HALF}:1+:short")
    cases.check("absorbed.all.short",
                [f"exit {done.returncode}: {done.stderr.strip()}"] if done.returncode else subject.faults_of_result(out))
    remove(out)


def fail_memory(cases, subject, every, rng):
    total = subject.count_calls("malloc")
    for i, n in enumerate(sample(total, every, rng)):
        out = subject.new_out()
        onwards = "+" if i % 2 else ""
        cases.check(f"memory.{n}{onwards}", judge(subject, out, subject.run(out, fault=f"malloc:{n}{onwards}:ENOMEM")))
        remove(out)
    print(f"{total} allocations, every {every}. fails")


def fail_memory_of_layouts(cases, subject, every, rng):
    """`list layouts` reads and compiles them all."""
    command = [str(subject.program), "list", "layouts"]
    file = subject.folder / "count"

    def run(fault, count=None):
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=LIMIT, env=subject.environment(fault, count),
                              errors="replace")

    undisturbed = run("malloc:0", file)
    total = int(file.read_text(encoding="ascii"))
    # Libraries that cannot set themselves up end the program; that has a voice too.
    for n in sorted({*range(1, 40), *sample(total, every, rng)}):
        done = run(f"malloc:{n}:ENOMEM")
        same = done.returncode == 0 and done.stdout == undisturbed.stdout
        cases.check(f"layouts.{n}", [] if same else told(done))
    print(f"{total} allocations of 'list layouts', every {every}. fails")


def fail_big_files(cases, subject, folder):
    """Only files of many megabytes are synced while they are written."""
    maf = min((subject.batch / "maf").glob("*.csv"), key=lambda path: path.name)
    header, row = maf.read_text().splitlines()[:2]
    big = folder / maf.name
    big.write_text("\n".join([header] + [row] * (30_000_000 // len(row))) + "\n")
    command = [str(subject.program), "convert", "-q", str(big), "--to", "jsonl", "-o"]

    def run(out, fault=None):
        return subprocess.run([*command, str(out)], capture_output=True, text=True, check=False, timeout=LIMIT,
                              env=subject.environment(fault), errors="replace")

    whole = folder / "whole.jsonl"
    done = run(whole)
    cases.check("big.undisturbed", [done.stderr] if done.returncode else [])
    expected = whole.read_bytes()
    # The first syncs are those beside the writing; the last ones are the file's own and its folder's.
    for n in (1, 2, "1+"):
        out = folder / f"sync-{n}.jsonl"
        done = run(out, f"fsync:{n}:EIO")
        left = [path.name for path in folder.glob(f"sync-{n}*")]
        cases.check(f"big.sync.{n}", told(done) + [f"{name} stays" for name in left])
    out = folder / "interrupted.jsonl"
    done = run(out, "fsync:1:EINTR")
    cases.check("big.interrupted", [done.stderr] if done.returncode else differs(out, expected))
    # The first threads are those of the work itself, which goes on without them too.
    for n in range(1, 6):
        out = folder / f"thread-{n}.jsonl"
        done = run(out, f"thread:{n}+:EAGAIN")
        cases.check(f"big.threads.{n}", told(done) if done.returncode else differs(out, expected))


class ManyFiles:
    """A folder of small files, and what encrypting it gives but for keys and what is encrypted by them."""

    CALLS = "open+write+read+fsync+rename+link+unlink+close+mkdir"
    COPIES = 5

    def __init__(self, subject, folder):
        self.subject, self.folder, self.number = subject, folder, 0
        self.inputs = folder / "small"
        self.inputs.mkdir()
        for mef in sorted((folder / "out-1/files/mef").glob("*.xml")):
            plain = folder / f"plain-{mef.name}"
            subprocess.run([str(subject.program), "decrypt", "-q", str(mef), "--batch", str(subject.batch), "-o", str(plain)], check=True)
            for i in range(self.COPIES):
                shutil.copy(plain, self.inputs / f"{i}-{mef.name}")
        whole = self.new_out()
        done = self.run(whole)
        if done.returncode != 0:
            raise AssertionError(f"encrypting small files ends with {done.returncode}: {done.stderr}")
        self.expected = self.files(whole)

    def new_out(self):
        self.number += 1
        return self.folder / f"many-{self.number}"

    def run(self, out, *more, fault=None, count=None):
        command = [str(self.subject.program), "encrypt", "-q", str(self.inputs), "--batch", str(self.subject.batch), "-o", str(out), *more]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=LIMIT,
                              env=self.subject.environment(fault, count), errors="replace")

    def count_calls(self):
        file = self.folder / "count"
        done = self.run(self.new_out(), fault=f"{self.CALLS}:0", count=file)
        if done.returncode != 0:
            raise AssertionError(f"the counted run ends with {done.returncode}: {done.stderr}")
        return int(file.read_text(encoding="ascii"))

    @staticmethod
    def files(out):
        return {path.name: re.sub(rb">[A-Za-z0-9+/=]{16,}<", b"><", path.read_bytes()) for path in out.glob("*")} if out.is_dir() else {}

    def faults(self, out, complete):
        found = self.files(out)
        faults = [f"{name} is not whole" for name in found if name in self.expected and found[name] != self.expected[name]]
        faults += [f"{name} is left over" for name in found if name not in self.expected]
        return faults + ([f"{name} is missing" for name in self.expected if name not in found] if complete else [])


def fail_many_files(cases, subject, folder, every, rng):
    many = ManyFiles(subject, folder)
    total = many.count_calls()
    for i, n in enumerate(sample(total, every, rng)):
        for action in (*ERRORS, "EINTR", "short", "kill", "kill-after", "kill-short") if every == 1 else \
                (ERRORS[i % len(ERRORS)], ("EINTR", "short")[i % 2], ("kill", "kill-after", "kill-short")[i % 3]):
            out = many.new_out()
            done = many.run(out, fault=f"{many.CALLS}:{n}:{action}")
            if action.startswith("kill") and done.returncode == -signal.SIGKILL:
                faults = many.faults(out, False)
                again = many.run(out, "--overwrite")
                faults += [again.stderr] if again.returncode else many.faults(out, True)
            elif done.returncode == 0:
                faults = many.faults(out, True)
            else:
                faults = told(done) + many.faults(out, False) + ([f"{action} is not absorbed"] if action in ("EINTR", "short") else [])
            cases.check(f"many.{n}.{action}", faults)
            remove(out)
    # A disk that is full fails all files alike, which is told once.
    out = many.new_out()
    done = many.run(out, fault="write:3+:ENOSPC")
    lines = done.stderr.splitlines()
    cases.check("many.full", told(done) + many.faults(out, False) + ([] if len(lines) == 1 else [f"{len(lines)} lines: {lines[:3]}"]))
    print(f"{total} calls for {len(many.expected)} small files, every {every}. fails")


def differs(path, expected):
    return [] if path.read_bytes() == expected else [f"{path.name} differs"]


def main(arguments):
    parser = argparse.ArgumentParser()
    parser.add_argument("program", type=Path)
    parser.add_argument("inject", type=Path)
    parser.add_argument("--every", type=int, default=37)
    parser.add_argument("--memory", type=int, default=1999)
    parser.add_argument("--seed", type=int, default=1, help="which of the calls; another number each time to look for more")
    given = parser.parse_args(arguments)
    print(f"seed {given.seed}")
    rng = random.Random(given.seed)
    cases = Cases()
    with scratch() as folder:
        subject = Subject(given.program.resolve(), given.inject.resolve(), folder)
        if given.every:
            fail_calls(cases, subject, given.every, rng)
            interrupt_calls(cases, subject, given.every, rng)
        if given.memory:
            fail_memory(cases, subject, given.memory, rng)
            fail_memory_of_layouts(cases, subject, max(1, given.memory // 10), rng)
        fail_big_files(cases, subject, folder)
        if given.every:
            fail_many_files(cases, subject, folder, given.every, rng)
        for n in ("1", "2", "1+"):
            out = subject.new_out()
            cases.check(f"threads.{n}", judge(subject, out, subject.run(out, fault=f"thread:{n}:EAGAIN")))
    return cases.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
