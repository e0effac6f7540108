#!/usr/bin/env python3
"""Which benchmarks are slower or faster in NEW than in BASE, two build folders of the same machine.

    bench/compare.py BASE NEW [--filter REGEX] [--rounds 7] [--seconds 0.2] [--threshold 3] [--json FILE]

Every benchmark program that both folders have runs in both, one after the other, in every round, and which of the two
comes first changes from round to round; so a machine that drifts drifts for both. A line for each benchmark: the median
of each side, the median of the ratios of the rounds (below 1: NEW is faster), half the distance between the quartiles of
those ratios, and a verdict: "slower" or "faster" when the ratio is off by more than the threshold (per cent) and by more
than three times that spread and at least three quarters of the rounds agree, else "same".

A machine that is busy, or on which the same loop takes more than 5 % longer from one second to the next, is refused (exit
code 3, before or after). Exit code 1 when something is slower, 0 otherwise.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

MOST_BUSY = 0.10  # of one processor, by others
MOST_SPREAD = 0.05


def busy_processors(seconds):
    """Processors that are in use now, by anybody."""

    def used():
        fields = [int(x) for x in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
        return (sum(fields) - fields[3] - fields[4]) / os.sysconf("SC_CLK_TCK")

    before = used()
    time.sleep(seconds)
    return (used() - before) / seconds


def loop_times():
    """The same work seven times over: how steady this machine is."""
    times = []
    for _ in range(7):
        begin = time.perf_counter()
        total = 0
        for i in range(1_500_000):
            total += i & 7
        times.append(time.perf_counter() - begin)
    return times


def refuse_noise():
    busy = busy_processors(1.0)
    if busy > MOST_BUSY:
        sys.exit(quit_noisy(f"{busy:.2f} processors are in use by others"))
    times = sorted(loop_times())
    spread = (times[-2] - times[1]) / times[3]
    if spread > MOST_SPREAD:
        sys.exit(quit_noisy(f"the same loop takes up to {spread * 100:.0f} % longer from one time to the next"))


def quit_noisy(why):
    print(f"compare: this machine is too noisy to compare on: {why}; end what else runs, or try again later", file=sys.stderr)
    return 3


def programs(base, new):
    names = sorted(p.name for p in (base / "bench").glob("s1flow_bench_*") if os.access(p, os.X_OK) and p.is_file())
    both = [n for n in names if (new / "bench" / n).is_file()]
    if not both:
        print(f"compare: {base} and {new} have no benchmark program in common; build both with S1FLOW_BENCH=ON", file=sys.stderr)
        sys.exit(2)
    return both


def times_of(program, options):
    command = [program, "--benchmark_format=json", f"--benchmark_min_time={options.seconds}", f"--benchmark_filter={options.filter}"]
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        print(f"compare: {program} ended with {done.returncode}: {done.stderr.strip()[-300:]}", file=sys.stderr)
        sys.exit(2)
    if not done.stdout.strip():
        return {}
    found = {}
    for row in json.loads(done.stdout)["benchmarks"]:
        if row.get("error_occurred"):
            print(f"compare: {program}: {row['name']}: {row['error_message']}", file=sys.stderr)
            sys.exit(2)
        time_of = row["real_time"] if row["name"].endswith("/real_time") else row["cpu_time"]
        found[row["name"]] = time_of * {"ns": 1, "us": 1e3, "ms": 1e6, "s": 1e9}[row["time_unit"]]
    return found


def readable(ns):
    for unit, size in (("s", 1e9), ("ms", 1e6), ("us", 1e3)):
        if ns >= size:
            return f"{ns / size:.3f} {unit}"
    return f"{ns:.1f} ns"


def judged(ratios, threshold):
    middle = statistics.median(ratios)
    quartiles = statistics.quantiles(ratios, n=4) if len(ratios) > 1 else [middle] * 3
    spread = (quartiles[2] - quartiles[0]) / 2
    off = abs(middle - 1)
    agree = sum((r > 1) == (middle > 1) for r in ratios)
    if off * 100 > threshold and off > 3 * spread and agree * 4 >= len(ratios) * 3:
        return middle, spread, "slower" if middle > 1 else "faster"
    return middle, spread, "same"


def main():
    parser = argparse.ArgumentParser(description="Compares the benchmarks of two builds.")
    parser.add_argument("base", type=Path)
    parser.add_argument("new", type=Path)
    parser.add_argument("--filter", default=".*", help="regular expression for names of benchmarks")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=0.2, help="for each benchmark in each round")
    parser.add_argument("--threshold", type=float, default=3, help="per cent below which nothing is called a change")
    parser.add_argument("--json", type=Path, help="FILE for all times")
    options = parser.parse_args()
    if options.rounds < 3:
        parser.error("--rounds: at least 3, or no spread can be told")
    both = programs(options.base, options.new)
    refuse_noise()
    times = {}
    for round_ in range(options.rounds):
        for name in both:
            sides = [("base", options.base), ("new", options.new)]
            for side, folder in sides if round_ % 2 == 0 else reversed(sides):
                for benchmark, value in times_of(folder / "bench" / name, options).items():
                    times.setdefault(benchmark, {}).setdefault(side, []).append(value)
        print(f"compare: round {round_ + 1} of {options.rounds}", file=sys.stderr)
    refuse_noise()
    slower = 0
    print(f"{'benchmark':<52}{'base':>13}{'new':>13}{'new/base':>10}{'spread':>9}  verdict")
    for benchmark, sides in sorted(times.items()):
        if len(sides) != 2:
            print(f"{benchmark:<52}  only in {next(iter(sides))}")
            continue
        ratios = [n / b for b, n in zip(sides["base"], sides["new"])]
        ratio, spread, verdict = judged(ratios, options.threshold)
        slower += verdict == "slower"
        print(f"{benchmark:<52}{readable(statistics.median(sides['base'])):>13}{readable(statistics.median(sides['new'])):>13}"
              f"{ratio:>10.3f}{spread:>9.3f}  {verdict}")
    if not times:
        print(f"compare: no benchmark matches {options.filter}", file=sys.stderr)
        return 2
    if options.json:
        options.json.write_text(json.dumps(times, indent=1) + "\n")
    return 1 if slower else 0


if __name__ == "__main__":
    sys.exit(main())
