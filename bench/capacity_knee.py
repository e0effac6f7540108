#!/usr/bin/env python3
"""How near `s1flow load --find-capacity` comes to a knee that is known, and how long it takes.

    bench/capacity_knee.py [--build build/release] [--trial 3s] [KNEE...]        (400 1700 5200)

Each knee is the capacity of a stub, which serves so many requests a second, one after the other, and lets the rest
queue; beyond it every response is later than the one before. The search starts at a hundredth of a knee's round
figure, so that nothing of it is given away. Generator on core 0, stub on core 1. Prints a line for each knee and ends
with 1 when one was missed by more than 2 % or took more than 2 minutes. Wants a quiet machine.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

MOST_ERROR = 0.02
MOST_SECONDS = 120
SCENARIO = """
[target]
url = "{url}"
connections = 64
timeout = "2s"
[[phase]]
duration = "10s"
profile = "constant"
rate = {first}
[[mix]]
name = "request"
[[threshold]]
limit = "p99<20ms"
[[threshold]]
limit = "errors<0.1%"
"""


def search(program, folder, knee, trial):
    stub = subprocess.Popen(
        ["taskset", "-c", "1", program, "stub", "--sink", "--capacity", str(knee), "--queue", "1000000", "-q"],
        stdout=subprocess.PIPE, text=True)
    try:
        url = stub.stdout.readline().strip()
        scenario = folder / "knee.toml"
        scenario.write_text(SCENARIO.format(url=url, first=max(knee // 100, 5)))
        began = time.monotonic()
        done = subprocess.run(
            ["taskset", "-c", "0", program, "load", scenario, "--find-capacity", "--for", trial, "--format", "json", "-q"],
            capture_output=True, text=True, check=False)
        took = time.monotonic() - began
    finally:
        stub.terminate()
        stub.communicate()
    if not done.stdout:
        sys.exit(f"capacity_knee: {done.stderr.strip()}")
    return json.loads(done.stdout), took


def main():
    parser = argparse.ArgumentParser(description="Holds --find-capacity against a known knee.")
    parser.add_argument("--build", default="build/release")
    parser.add_argument("--trial", default="3s")
    parser.add_argument("knees", nargs="*", type=int, default=[400, 1700, 5200])
    options = parser.parse_args()
    program = Path(options.build) / "cli/s1flow"
    good = True
    with tempfile.TemporaryDirectory(prefix="s1flow-knee-") as folder:
        for knee in options.knees:
            found, took = search(program, Path(folder), knee, options.trial)
            error = found["rate"] / knee - 1
            held = abs(error) <= MOST_ERROR and took <= MOST_SECONDS and found["limiter"] == "target"
            good &= held
            print(f"knee {knee}/s: found {found['rate']:.1f}/s ({error * 100:+.2f} %) in {took:.0f} s, "
                  f"{len(found['trials'])} trials, limiter {found['limiter']}: {'good' if held else 'MISSED'}", flush=True)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
