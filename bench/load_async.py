#!/usr/bin/env python3
"""Asynchronous Service Requests on one core: request, acknowledgement, later Service Response to our own receiver.

    bench/load_async.py [--build build/release] [--runs 3] [--seconds 10] outstanding|latency|inline|start|all

outstanding  prepared requests at 20,000/s, answered after 5 s: 100,000 are outstanding at once
latency      2,000/s, answered after 100 ms: p99 of the answer above the peer's own delay
inline       signed by the sending thread, at 15,000/s
start        process start to the first request on the wire: plain, and with a million prepared requests (mapped)

The generator runs on core 0, bench/async_peer on core 1. Every run is held against the peer's own counts. Prints a
line a run and ends with 1 when a goal is missed. Wants a quiet machine: what openssl signs a second is printed
beside, for the machine's own speed at that moment.
"""

import argparse
import json
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SCENARIO = """
seed = 7
drain = "30s"
[target]
url = "http://127.0.0.1:{port}"
connections = 50
timeout = "30s"
[receive]
listen = "127.0.0.1:{callback}"
answer_timeout = "60s"
outstanding = 1048576
[duis]
batch = "batch"
sign = "{sign}"
corpus_bytes = 8589934592
{more}
[[phase]]
name = "warm-up"
kind = "warm-up"
duration = "1s"
profile = "constant"
rate = {rate}
[[phase]]
name = "measure"
duration = "{seconds}s"
profile = "constant"
rate = {rate}
[[request]]
srv = "4.8.1"
[[threshold]]
limit = "errors<0.0001%"
"""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def signs_per_second():
    out = subprocess.run(["taskset", "-c", "0", "openssl", "speed", "-seconds", "1", "ecdsap256"],
                         capture_output=True, text=True, check=True).stdout
    return float(re.search(r"ecdsa \(nistp256\)\s+\S+\s+\S+\s+(\S+)", out).group(1))


class Bench:
    def __init__(self, build, seconds, runs):
        self.build, self.seconds, self.runs = Path(build).resolve(), seconds, runs
        self.folder = Path(tempfile.mkdtemp(prefix="s1flow-async-"))
        self.program = self.build / "cli/s1flow"
        subprocess.run([self.program, "generate", "week", "--installations", "200", "--seed", "7", "--faults", "none",
                        "-o", self.folder / "batch"], check=True, capture_output=True)

    def peer(self, callback, delay_ms):
        peer = subprocess.Popen(["taskset", "-c", "1", self.build / "bench/async_peer", "--callback", str(callback),
                                 "--delay", str(delay_ms), "--connections", "32", "--spin", "1"], stdout=subprocess.PIPE, text=True)
        return peer, int(peer.stdout.readline().split()[1])

    def run(self, rate, delay_ms, sign):
        callback = free_port()
        peer, port = self.peer(callback, delay_ms)
        scenario = self.folder / "scenario.toml"
        scenario.write_text(SCENARIO.format(port=port, callback=callback, sign=sign, rate=rate, seconds=self.seconds,
                                            more=""))
        done = subprocess.run(["taskset", "-c", "0", self.program, "load", scenario, "--format", "json"],
                              capture_output=True, text=True, check=False)
        peer.send_signal(signal.SIGTERM)
        told = json.loads(peer.communicate()[0])
        if not done.stdout:
            sys.exit(f"load ended with {done.returncode}: {done.stderr}")
        return json.loads(done.stdout), told, done.returncode

    def held(self, report, told):
        """The generator's counts are the peer's, and every scheduled request has ended well."""
        messages = report["messages"]
        scheduled = sum(p["scheduled"] for p in report["phases"])
        ok = sum(p["outcomes"]["ok"] for p in report["phases"])
        return (scheduled == ok == told["requests"] == told["delivered"] == messages["answers"]
                and messages["duplicates"] == messages["late"] == messages["unknown"] == told["refused"] == 0), ok

    def rate_runs(self, name, rate, delay_ms, sign, outstanding):
        good = True
        for _ in range(self.runs):
            openssl = signs_per_second()
            report, told, code = self.run(rate, delay_ms, sign)
            exact, ok = self.held(report, told)
            measured = next(p for p in report["phases"] if p["kind"] == "measure")
            cpu = report["cpu_user_seconds"] + report["cpu_system_seconds"]
            fine = exact and code == 0 and told["most_outstanding"] >= outstanding
            good &= fine
            print(f"{name}: {measured['rate_achieved']:.0f}/s sent, {ok} answered, counts {'equal' if exact else 'DIFFER'}, "
                  f"{told['most_outstanding']} outstanding at most, own lag p99 {measured['own_lag_ms']['p99']:.3f} ms, "
                  f"CPU {cpu / ok * 1e6:.1f} us a request, busy {report['health']['busy_share'] * 100:.0f} %, "
                  f"{report['verdict']['result']} (openssl {openssl:.0f} signs/s): {'good' if fine else 'MISSED'}", flush=True)
            if not fine:
                print("   ", report["verdict"]["reason"], told, flush=True)
        return good

    def outstanding(self):
        return self.rate_runs("outstanding", 20000, 5000, "corpus", 100_000)

    def inline(self):
        return self.rate_runs("inline", 15000, 100, "inline", 0)

    def latency(self):
        good = True
        for _ in range(self.runs):
            report, told, _ = self.run(2000, 100, "ahead")
            exact, _ = self.held(report, told)
            measured = next(p for p in report["phases"] if p["kind"] == "measure")
            lag = measured["own_lag_ms"]["p99"]
            above = measured["answer_response_ms"]["p99"] - 100
            fine = exact and above <= 0.5
            good &= fine
            print(f"latency: answer p50 {measured['answer_response_ms']['p50'] - 100:.3f}, p99 {above:.3f} ms above the peer's delay "
                  f"(<= 0.5), own lag p99 {lag:.3f} ms, counts {'equal' if exact else 'DIFFER'}: {'good' if fine else 'MISSED'}", flush=True)
        return good

    def start(self):
        return self.start_plain() & self.start_mapped()

    def first_request(self, command, server, arrivals):
        began = time.monotonic_ns()
        subprocess.run(["taskset", "-c", "0", *command], capture_output=True, check=False)
        server.send_signal(signal.SIGTERM)
        server.communicate()
        return (int(open(arrivals).readline().split()[0]) - began) / 1e6

    def server(self, arrivals, port=0):
        server = subprocess.Popen(["taskset", "-c", "1", self.build / "bench/epoll_server", "--port", str(port), "--arrivals",
                                   arrivals], stdout=subprocess.PIPE, text=True)
        return server, int(server.stdout.readline().split()[1])

    def start_plain(self):
        arrivals, body, times = self.folder / "arrivals", self.folder / "body", []
        body.write_text("<a>{{number}}</a>" + "x" * 1470)
        for _ in range(max(5, self.runs)):
            server, port = self.server(arrivals)
            times.append(self.first_request([self.program, "load", "--url", f"http://127.0.0.1:{port}/", "--body", body, "--rate",
                                             "100", "-c", "1", "-d", "100ms", "--format", "json"], server, arrivals))
        middle = sorted(times)[len(times) // 2]
        print(f"start, plain: {middle:.1f} ms to the first request (<= 15): {'good' if middle <= 15 else 'MISSED'}", flush=True)
        return middle <= 15

    def start_mapped(self):
        """The whole plan is signed beforehand; only its first part is played."""
        arrivals, corpus, times = self.folder / "arrivals", self.folder / "corpus", []
        port, callback = free_port(), free_port()
        scenario = self.folder / "mapped.toml"
        text = SCENARIO.format(port=port, callback=callback, sign="corpus", rate=100000, seconds=9, more='corpus = "corpus"')
        scenario.write_text(text)
        subprocess.run([self.program, "load", scenario, "--presign", corpus], check=True, capture_output=True)
        for _ in range(max(5, self.runs)):
            server, _ = self.server(arrivals, port)
            load = ["timeout", "-s", "INT", "0.4", self.program, "load", scenario, "--format", "json"]
            times.append(self.first_request(load, server, arrivals))
        middle = sorted(times)[len(times) // 2]
        print(f"start, 1,000,000 prepared requests mapped ({corpus.stat().st_size / 1e6:.0f} MB): {middle:.1f} ms (<= 50): "
              f"{'good' if middle <= 50 else 'MISSED'}", flush=True)
        return middle <= 50


def main():
    parser = argparse.ArgumentParser(description="Asynchronous Service Requests on one core.")
    parser.add_argument("--build", default="build/release")
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--runs", type=int, default=3)
    steps = ["outstanding", "latency", "inline", "start"]
    parser.add_argument("what", choices=[*steps, "all"])
    options = parser.parse_args()
    bench = Bench(options.build, options.seconds, options.runs)
    chosen = steps if options.what == "all" else [options.what]
    return 0 if all([getattr(bench, name)() for name in chosen]) else 1


if __name__ == "__main__":
    sys.exit(main())
