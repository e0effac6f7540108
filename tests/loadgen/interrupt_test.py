#!/usr/bin/env python3
"""One SIGINT ends `s1flow load` with a whole report, whatever the target does.

    tests/loadgen/interrupt_test.py PROGRAM
"""

import json
import signal
import subprocess
import sys
import time

PATIENCE = 60  # seconds; nothing is measured by it

# What the target does: the stub's options.
CASES = {
    "answers": ["--sink"],
    "is_slow": ["--sink", "--delay", "30s"],
    "is_full": ["--sink", "--capacity", "1", "--queue", "100000"],
}


def requests_of(url):
    import urllib.request

    with urllib.request.urlopen(url + "/stats", timeout=PATIENCE) as answer:
        return json.load(answer)["http"]["requests"]


def play(program, options):
    """What is wrong; nothing when all is well."""
    stub = subprocess.Popen([program, "stub", "-q", *options], stdout=subprocess.PIPE, text=True)
    try:
        url = stub.stdout.readline().strip()
        load = subprocess.Popen(
            [program, "load", "--url", url + "/", "--rate", "100", "-c", "4", "-d", "10m", "--format", "json",
             "--max-lag", "10s"],
            stdout=subprocess.PIPE, text=True)
        end = time.monotonic() + PATIENCE
        while requests_of(url) < 6 and time.monotonic() < end:
            time.sleep(0.02)
        load.send_signal(signal.SIGINT)
        out, _ = load.communicate(timeout=PATIENCE)
    finally:
        stub.terminate()
        stub.communicate()
    report = json.loads(out)
    phase = report["phases"][0]
    ended = sum(phase["outcomes"].values())
    if phase["scheduled"] != ended or ended == 0:
        return f"{phase['scheduled']} scheduled, {ended} ended"
    if phase["seconds"] >= 600:
        return "the whole ten minutes were played"
    if len(report["by_second"]) == 0 or "reason" not in report["verdict"]:
        return "the report is not whole"
    return None


def main():
    failed = 0
    for name, options in CASES.items():
        fault = play(sys.argv[1], options)
        if fault:
            failed += 1
            print(f"FAILED {name}: {fault}")
    print(f"cases: {len(CASES) - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
