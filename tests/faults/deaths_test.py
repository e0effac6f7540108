#!/usr/bin/env python3
"""A dry run that dies, at any call or any moment, and is given again ends as if nothing had happened.

    tests/faults/deaths_test.py PROGRAM INJECT [--every K] [--kills N] [--seed S]

    call.*    a death at each K-th of the calls that change a file or a folder (1: at each of them): before the call, after it,
              and with half of its bytes written
    moment.*  N deaths at random moments; every other one is followed by more of them before the run may end

Afterwards the results have to be those of an undisturbed run, with nothing left over and a ledger that holds.
"""

import argparse
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from faults import Cases, Subject, scratch

CALLS = "open+write+pwrite+fsync+rename+link+unlink+mkdir+fallocate"
ACTIONS = ("kill", "kill-after", "kill-short")


def ledger_faults(subject, out):
    done = subprocess.run([str(subject.program), "verify-ledger", str(out)], capture_output=True, text=True, check=False)
    return [] if done.returncode == 0 else [f"the ledger does not hold: {done.stdout}{done.stderr}"]


def die_at_calls(cases, subject, every, rng):
    total = subject.count_calls(CALLS)
    first = rng.randrange(every)
    for n in range(1 + first, total + 1, every):
        action = ACTIONS[(n // every) % len(ACTIONS)] if every > 1 else None
        for what in (action,) if action else ACTIONS:
            out = subject.new_out()
            done = subject.run(out, fault=f"{CALLS}:{n}:{what}")
            if done.returncode != -signal.SIGKILL:
                faults = [f"ended with {done.returncode} instead of dying"] if done.returncode else subject.faults_of_result(out)
            else:
                faults = subject.faults_after_going_on(out) + ledger_faults(subject, out)
            cases.check(f"call.{n}.{what}", faults)
            remove(out)
    return total


def remove(out):
    subprocess.run(["rm", "-rf", str(out)], check=False)


def die_at_moments(cases, subject, kills, rng):
    began = time.monotonic()
    subject.run(subject.new_out())
    typical = time.monotonic() - began
    done = run = 0
    while done < kills:
        run += 1
        out = subject.new_out()
        deaths = 1 if run % 2 else rng.randint(2, 5)
        for _ in range(deaths):
            process = subject.start(out)
            try:
                process.communicate(timeout=rng.uniform(0, typical * 1.05))
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
                done += 1
            if process.returncode == 0:
                break
        faults = [] if process.returncode == 0 else None
        cases.check(f"moment.{run}",
                    (subject.faults_of_result(out) if faults is not None else subject.faults_after_going_on(out))
                    + ledger_faults(subject, out))
        remove(out)
    return done


def main(arguments):
    parser = argparse.ArgumentParser()
    parser.add_argument("program", type=Path)
    parser.add_argument("inject", type=Path)
    parser.add_argument("--every", type=int, default=23)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    given = parser.parse_args(arguments)
    print(f"seed {given.seed}")
    rng = random.Random(given.seed)
    cases = Cases()
    with scratch() as folder:
        subject = Subject(given.program.resolve(), given.inject.resolve(), folder)
        if given.every:
            total = die_at_calls(cases, subject, given.every, rng)
            print(f"{total} calls, a death at every {given.every}.")
        if given.kills:
            print(f"{die_at_moments(cases, subject, given.kills, rng)} deaths at random moments")
    return cases.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
