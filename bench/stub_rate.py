#!/usr/bin/env python3
"""Processor time that the stub spends on a Service Request, with every signature looked at and with none, and
which share of OpenSSL's own rate of P-256 verifications it reaches.

    bench/stub_rate.py [BUILD_FOLDER] [ROUNDS] [SECONDS]        (build/release, 3, 3)

The stub runs on core 1, the generator (s1flow load, 50 connections, closed loop) on core 0. Every round measures
openssl speed, the stub with and the stub without verification one after another, since machines drift. The same
signed 4.8.1 is sent again and again, so the duplicate guard is off; nothing is remembered between requests but who
the signer is. Prints each round and the medians.
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

USER = "90-B3-D5-1F-30-01-00-00"
CLOCK = "2021-06-07T12:00:00Z"


def cpu_seconds(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def openssl_verifies(seconds):
    out = subprocess.run(["taskset", "-c", "1", "openssl", "speed", "-seconds", str(seconds), "ecdsap256"],
                         capture_output=True, text=True, check=True).stdout
    return float(re.search(r"ecdsa \(nistp256\)\s+\S+\s+\S+\s+\S+\s+(\S+)", out).group(1))


def measure(program, folder, verify, seconds):
    settings = folder / "stub.toml"
    settings.write_text(f'[checks]\npki = "pki"\nclock = {CLOCK}\nverify = {verify}\nduplicates = "off"\n')
    stub = subprocess.Popen(["taskset", "-c", "1", program, "stub", settings, "--format", "json", "-q"],
                            stdout=subprocess.PIPE, text=True)
    try:
        url = stub.stdout.readline().strip()
        before = cpu_seconds(stub.pid)
        began = time.monotonic()
        subprocess.run(["taskset", "-c", "0", program, "load", "--url", url + "/api/v1/serviceS", "--body",
                        folder / "request.xml", "--closed", "-c", "50", "-d", f"{seconds}s"],
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        took = time.monotonic() - began
        used = cpu_seconds(stub.pid) - before
    finally:
        stub.terminate()
        counts = json.loads(stub.communicate()[0])
    judged = counts["requests"]["judged"]
    if counts["requests"]["accepted"] != judged or counts["requests"]["verified"] != (judged if verify else 0):
        sys.exit(f"the stub did not do what it was asked for: {counts['requests']}")
    return judged / took, used / judged


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", nargs="?", type=Path, default=Path("build/release"))
    parser.add_argument("rounds", nargs="?", type=int, default=3)
    parser.add_argument("seconds", nargs="?", type=int, default=3)
    given = parser.parse_args()
    rounds, seconds = given.rounds, given.seconds
    program = str((given.build / "cli/s1flow").resolve())
    rows = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        subprocess.run([program, "generate", "pki", "-o", folder / "pki"], check=True,
                       stderr=subprocess.DEVNULL)
        subprocess.run([program, "sr", "make", "4.8.1", "--pki", folder / "pki", "--clock", CLOCK, "--originator", USER,
                        "--target", "00-1D-B2-00-0A-0B-0C-0D", "-o", folder / "request.xml"],
                       check=True, stderr=subprocess.DEVNULL)
        for number in range(rounds):
            limit = openssl_verifies(seconds)
            verified, cost = measure(program, folder, 1.0, seconds)
            plain, plain_cost = measure(program, folder, 0.0, seconds)
            rows.append((1 / cost / limit, cost * 1e6, plain_cost * 1e6, verified, plain, limit))
            print(f"round {number + 1}: openssl {limit:.0f} verifies/s; verifying {verified:.0f} requests/s, {cost * 1e6:.1f} us "
                  f"of processor each; not verifying {plain:.0f} requests/s, {plain_cost * 1e6:.1f} us; "
                  f"share of openssl's rate {1 / cost / limit:.2f}")
    share, cost, plain_cost = (statistics.median(r[i] for r in rows) for i in range(3))
    print(f"medians: {cost:.1f} us with, {plain_cost:.1f} us without verification; "
          f"{share:.0%} of openssl's verify rate for a core (goal: 70 %)")


if __name__ == "__main__":
    main()
