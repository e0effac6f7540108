#!/usr/bin/env python3
"""Every benchmark checks its answer before it times anything; here each one does so, and is timed for an instant.

    tests/bench_runs.py PROGRAM...

No time is judged. A benchmark that says that something is wrong is a failed case.
"""

import json
import subprocess
import sys


def outcomes(program):
    """Of each benchmark its name, and what it said was wrong (None: nothing)."""
    done = subprocess.run([program, "--benchmark_min_time=0.001", "--benchmark_format=json"],
                          check=False, capture_output=True, text=True)
    if done.returncode != 0:
        return [(program, f"exit code {done.returncode}: {done.stderr[-500:]}")]
    try:
        found = json.loads(done.stdout)["benchmarks"]
    except ValueError:
        found = []
    if not found:
        return [(program, "it runs no benchmark")]
    return [(b["name"], b.get("error_message", "unknown error") if b.get("error_occurred") else None) for b in found]


def main(programs):
    if not programs:
        sys.exit(__doc__)
    passed = failed = 0
    for program in programs:
        for name, wrong in outcomes(program):
            passed, failed = (passed + 1, failed) if wrong is None else (passed, failed + 1)
            if wrong is not None:
                print(f"FAILED {name}: {wrong}")
    print(f"cases: {passed} passed, {failed} failed, 0 skipped")
    return 0 if failed == 0 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
