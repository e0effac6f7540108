#!/usr/bin/env python3
"""Holds what `s1flow load` says against what the server saw.

    bench/load_truth.py [--build build/release] [--seconds 10] [--runs 3] pacing|stalls|starved|healthy|all

pacing   even rates over 64 connections: coefficient of variation of the gaps between arrivals, their
         distance from the even line, error of the rate; from the server's own arrival stamps
stalls   a server that stands still for 200 ms every 2 s, 1,000/s over 10 connections: every percentile
         against the truth, which is the server's own stamp of each answer less when its request was due;
         beside it what an even schedule through the server's stall windows would have seen, were all
         that waits for the end of a stall served in no time
starved  the generator shares its core with a busy loop, or is stopped for 300 ms: has to be INVALID
healthy  the same without: must not be INVALID

The generator runs on core 0, the server on core 1, where it never sleeps: its stamps are not to tell
how late the system woke it. Prints a line a run and ends with 1 when a goal is
missed. Wants a quiet machine.
"""

import argparse
import json
import math
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

PERCENTILES = {"p50": 50, "p95": 95, "p99": 99, "p99.9": 99.9, "max": 100}


class Bench:
    def __init__(self, build, seconds, runs):
        self.build, self.seconds, self.runs = Path(build), seconds, runs
        self.folder = Path(tempfile.mkdtemp(prefix="s1flow-truth-"))
        (self.folder / "body").write_text("<a>{{number}}</a>" + "x" * 1470)

    def serve(self, *options):
        command = ["taskset", "-c", "1", self.build / "bench/epoll_server", "--spin", "--arrivals", self.folder / "arrivals", *options]
        server = subprocess.Popen([str(c) for c in command], stdout=subprocess.PIPE, text=True)
        return server, int(server.stdout.readline().split()[1])

    def finish(self, server):
        server.send_signal(signal.SIGTERM)
        told = json.loads(server.communicate()[0].strip().splitlines()[-1])
        stamps = [tuple(map(int, line.split())) for line in open(self.folder / "arrivals")]
        return told, stamps

    def load(self, port, rate, connections, warm_up="0", meanwhile=None):
        command = ["taskset", "-c", "0", self.build / "cli/s1flow", "load", "--url", f"http://127.0.0.1:{port}/",
                   "--body", self.folder / "body", "--rate", rate, "-c", connections, "-d", f"{self.seconds}s",
                   "--warm-up", warm_up, "--format", "json"]
        process = subprocess.Popen([str(c) for c in command], stdout=subprocess.PIPE, text=True)
        if meanwhile:
            threading.Thread(target=meanwhile, args=(process,), daemon=True).start()
        out, _ = process.communicate()
        return json.loads(out), process.returncode


def rank(values, percent):
    return values[max(1, math.ceil(percent / 100 * len(values) - 1e-9)) - 1]


def pacing(bench):
    """The goals: rate, largest gap CV, largest p99 deviation in ms, largest rate error."""
    good = True
    for rate, cv_goal, deviation_goal in ((1000, 0.2, 0.2), (10000, 0.6, 0.15), (30000, 1.2, 0.35)):
        for _ in range(bench.runs):
            server, port = bench.serve()
            report, _ = bench.load(port, rate, 64)
            _, stamps = bench.finish(server)
            times = sorted(s[0] / 1e6 for s in stamps)
            gaps = [b - a for a, b in zip(times, times[1:])]
            mean = sum(gaps) / len(gaps)
            cv = math.sqrt(sum((g - mean) ** 2 for g in gaps) / len(gaps)) / mean
            # The even line of the asked rate, laid through the middle of the arrivals.
            off = [t - i * 1000 / rate for i, t in enumerate(times)]
            middle = sorted(off)[len(off) // 2]
            deviation = rank(sorted(abs(o - middle) for o in off), 99)
            error = abs((len(times) - 1) / (times[-1] - times[0]) * 1000 / rate - 1)
            lag = report["phases"][0]["own_lag_ms"]["p99"]
            cpu = report["cpu_user_seconds"] + report["cpu_system_seconds"]
            ok = cv <= cv_goal and deviation <= deviation_goal and error <= 0.0002
            good &= ok
            print(f"pacing {rate}/s: gap CV {cv:.3f} (<= {cv_goal}), deviation p99 {deviation:.3f} ms (<= {deviation_goal}), "
                  f"own lag p99 {lag:.3f} ms, rate error {error * 100:.4f} %, CPU-s per 100k {cpu / report['sent'] * 1e5:.2f}, "
                  f"{report['verdict']['result']}: {'good' if ok else 'MISSED'}", flush=True)
    return good


def ideal_of(count, rate, stalls):
    """Response times in ms of an even schedule: what is due in a stall waits for its end."""
    times = []
    for i in range(count):
        due = i * 1e9 / rate
        wait = next((end - due for begin, end in stalls if begin <= due < end), 0)
        times.append(wait / 1e6)
    return sorted(times)


def stalls(bench):
    good = True
    for _ in range(bench.runs):
        server, port = bench.serve("--stall-every", "2000", "--stall-for", "200")
        report, _ = bench.load(port, 1000, 10)
        told, stamps = bench.finish(server)
        measured = report["phases"][0]
        # When the schedule began, by the requests that nothing delayed: the least offset.
        start = sorted(s[0] - i * 1e6 for i, s in enumerate(stamps))[len(stamps) // 20]
        truth = sorted((s[1] - start) / 1e6 - i for i, s in enumerate(stamps))
        ideal = ideal_of(measured["scheduled"], 1000, [(a - start, b - start) for a, b in told["stalls"]])
        parts, ok = [], told["connections"] == 10 and len(stamps) == measured["scheduled"]
        for name, percent in PERCENTILES.items():
            true, seen = rank(truth, percent), measured["response_ms"][name]
            held = abs(seen - true) <= max(0.1, 0.01 * true)
            ok &= held
            parts.append(f"{name} {seen:.2f} true {true:.2f} (ideal {rank(ideal, percent):.2f}, service "
                         f"{measured['service_ms'][name]:.2f}){'' if held else ' MISSED'}")
        good &= ok
        print(f"stalls: {', '.join(parts)}, {told['connections']} connections: {'good' if ok else 'MISSED'}", flush=True)
    return good


def verdicts(bench, starve):
    wrong = 0
    for run in range(bench.runs):
        server, port = bench.serve()
        hog = None
        meanwhile = None
        if starve and run % 2 == 0:
            hog = subprocess.Popen(["taskset", "-c", "0", sys.executable, "-c", "while True: pass"])
        elif starve:
            def meanwhile(process):
                time.sleep(bench.seconds / 2)
                os.kill(process.pid, signal.SIGSTOP)
                time.sleep(0.3)
                os.kill(process.pid, signal.SIGCONT)
        report, code = bench.load(port, 1000, 10, meanwhile=meanwhile)
        if hog:
            hog.kill()
            hog.wait()
        bench.finish(server)
        right = (code == 5) == starve
        wrong += not right
        health = report["health"]
        print(f"{'starved' if starve else 'healthy'} {run + 1}: exit {code}, {report['verdict']['reason']} (own lag p99 "
              f"{report['phases'][0]['own_lag_ms']['p99']:.3f} ms, run delay {health['run_delay_share'] * 100:.2f} %, late "
              f"{health['late_share'] * 100:.2f} %): {'good' if right else 'WRONG'}", flush=True)
    return wrong == 0


def main():
    parser = argparse.ArgumentParser(description="Holds the load engine against the server's own stamps.")
    parser.add_argument("--build", default="build/release")
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("what", choices=["pacing", "stalls", "starved", "healthy", "all"])
    options = parser.parse_args()
    bench = Bench(options.build, options.seconds, options.runs)
    steps = {"pacing": lambda: pacing(bench), "stalls": lambda: stalls(bench),
             "starved": lambda: verdicts(bench, True), "healthy": lambda: verdicts(bench, False)}
    chosen = steps if options.what == "all" else [options.what]
    return 0 if all([steps[name]() for name in chosen]) else 1


if __name__ == "__main__":
    sys.exit(main())
