"""`s1flow load -o` against the stub: the folder is whole, its files agree with each other, and it can be rendered again.

usage: load_report_test.py S1FLOW SCHEMA
"""

import base64
import csv
import json
import pathlib
import signal
import struct
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request
import xml.etree.ElementTree as ET
import zlib

FILES = ["histograms.hlog", "junit.xml", "percentiles.csv", "report.html", "report.json", "seconds.csv"]
PROGRAM, SCHEMA = sys.argv[1:3]


class Stub:
    def __enter__(self):
        self.process = subprocess.Popen([PROGRAM, "stub", "--sink", "--listen", "127.0.0.1:0", "-q"],
                                        stdout=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().strip()
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.communicate(timeout=20)


def counts_of(text):
    """Counts by index of an HdrHistogram V2 text."""
    packed = base64.b64decode(text)
    assert struct.unpack(">I", packed[:4])[0] == 0x1C849314
    plain = zlib.decompress(packed[8:])
    at, index, counts = 40, 0, {}
    while at < len(plain):
        value = shift = 0
        for i in range(9):
            byte = plain[at]
            at += 1
            value |= (byte if i == 8 else byte & 0x7F) << shift
            shift += 7
            if i < 8 and not byte & 0x80:
                break
        value = (value >> 1) ^ -(value & 1)
        if value < 0:
            index += -value
        else:
            if value:
                counts[index] = value
            index += 1
    return counts


def table(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


class LoadReport(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="s1flow-report-")
        self.addCleanup(self.folder.cleanup)
        self.here = pathlib.Path(self.folder.name)

    def load(self, url, *more, out="out", **how):
        return subprocess.run([PROGRAM, "load", "--url", url, "--rate", "200", "-c", "4", "-o", str(self.here / out), *more],
                              text=True, capture_output=True, timeout=60, **how)

    def report(self, *arguments):
        done = subprocess.run([PROGRAM, "report", *arguments], text=True, capture_output=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def names(self):
        return sorted(p.name for p in self.here.iterdir())

    def test_the_folder_is_whole_and_agrees_with_itself(self):
        with Stub() as stub:
            done = self.load(stub.url, "-d", "2s", "--warm-up", "500ms", "--threshold", "p99<5s")
        out = self.here / "out"
        self.assertIn("report.html", done.stdout)
        self.assertEqual(sorted(p.name for p in out.iterdir()), FILES)
        self.assertEqual(self.names(), ["out"])
        report = json.loads((out / "report.json").read_text(encoding="utf-8"))
        try:
            import jsonschema
            schema = json.loads(pathlib.Path(SCHEMA).read_text(encoding="utf-8"))
            jsonschema.Draft202012Validator(schema).validate(report)
        except ImportError:
            print("the Python module jsonschema is missing: the report was not validated")
        load = report["load"]
        self.assertEqual(report["verdict"]["exit_code"], done.returncode)
        self.assertEqual([p["scheduled"] for p in load["phases"]], [100, 400])
        for phase, described in enumerate(load["phases"]):
            ended = sum(sum(r["outcomes"]) for r in load["records"] if r["phase"] == phase)
            self.assertEqual(ended, described["scheduled"])
        self.assertEqual(sum(load["seconds"]["all"]["planned"]), 500)
        self.assertEqual(sum(load["seconds"]["all"]["sent"]), 500)

        # The log is an HdrHistogram log whose seconds add up to the report's histograms.
        sums = {}
        lines = (out / "histograms.hlog").read_text(encoding="ascii").splitlines()
        self.assertEqual(lines[1], "#[Histogram log format version 1.3]")
        for line in lines:
            if line[0] in '#"':
                continue
            tag, _start, _length, _max, text = line.split(",")
            total = sums.setdefault(tag.removeprefix("Tag="), {})
            for index, count in counts_of(text).items():
                total[index] = total.get(index, 0) + count
        for record in load["records"]:
            name = load["phases"][record["phase"]]["name"]
            self.assertEqual(sums[f"{name};request;;first.response"], counts_of(record["legs"][0]["response"]["hdr"]))
            self.assertEqual(sums[f"{name};request;;lag"], counts_of(record["lag"]["hdr"]))

        rows = table(out / "percentiles.csv")
        mine = [r for r in rows if r["phase"] == "measure" and r["class"] == "request" and r["figure"] == "first.response"]
        self.assertEqual(len(mine), 1)
        self.assertEqual(int(mine[0]["count"]), 400)
        self.assertAlmostEqual(float(mine[0]["p99_ms"]), load["records"][1]["legs"][0]["response"]["ms"]["p99"], places=6)
        rows = table(out / "seconds.csv")
        self.assertEqual(sum(int(r["sent"]) for r in rows if r["class"] == "*"), 500)

        suite = ET.parse(out / "junit.xml").getroot().find("testsuite")
        self.assertEqual(int(suite.get("tests")), len(suite.findall("testcase")))
        self.assertIn("p99 < 5000 ms", [c.get("name") for c in suite.findall("testcase")])
        self.assertEqual(int(suite.get("failures")), len(suite.findall("testcase/failure")))

        # Rendered again, each is what the run left.
        for form, name in [("html", "report.html"), ("csv", "percentiles.csv"), ("seconds", "seconds.csv"),
                           ("junit", "junit.xml"), ("json", "report.json")]:
            self.report(str(out), "--format", form, "-o", str(self.here / "again"), "--overwrite")
            self.assertEqual((self.here / "again").read_bytes(), (out / name).read_bytes(), form)
        self.assertIn("400 scheduled", self.report(str(out / "report.json")))

    def test_an_interrupt_leaves_a_whole_report_that_says_so(self):
        with Stub() as stub:
            process = subprocess.Popen(
                [PROGRAM, "load", "--url", stub.url, "--rate", "100", "-d", "60s", "-o", str(self.here / "out")],
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            time.sleep(1.5)
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=30)
        report = json.loads((self.here / "out" / "report.json").read_text(encoding="utf-8"))
        self.assertEqual(report["verdict"]["state"], "stopped")
        phase = report["load"]["phases"][0]
        self.assertLess(phase["lasted_seconds"], 60)
        self.assertEqual(sum(sum(r["outcomes"]) for r in report["load"]["records"]), phase["scheduled"])
        self.assertIn("stopped before the end", (self.here / "out" / "report.html").read_text(encoding="utf-8"))

    def test_nothing_is_overwritten_unasked(self):
        with Stub() as stub:
            self.assertIn(self.load(stub.url, "-d", "200ms").returncode, (0, 1, 5))
            first = (self.here / "out" / "report.json").read_bytes()
            again = self.load(stub.url, "-d", "200ms")
            self.assertEqual(again.returncode, 2)
            self.assertIn("is there already", again.stderr)
            self.assertEqual((self.here / "out" / "report.json").read_bytes(), first)
            self.assertIn(self.load(stub.url, "-d", "200ms", "--overwrite").returncode, (0, 1, 5))
            self.assertNotEqual((self.here / "out" / "report.json").read_bytes(), first)
            (self.here / "out" / "mine.txt").write_text("kept", encoding="utf-8")
            foreign = self.load(stub.url, "-d", "200ms", "--overwrite")
            self.assertEqual(foreign.returncode, 2)
            self.assertIn("mine.txt", foreign.stderr)
            self.assertTrue((self.here / "out" / "mine.txt").exists())
        self.assertEqual(self.names(), ["out"])

    def test_an_unreachable_target_leaves_a_report_too(self):
        self.assertEqual(self.load("http://127.0.0.1:9/", "-d", "200ms").returncode, 3)
        report = json.loads((self.here / "out" / "report.json").read_text(encoding="utf-8"))
        self.assertEqual(report["load"]["judgement"], "unreachable")
        self.assertEqual(report["verdict"]["state"], "failed")

    def test_metrics_are_served_during_the_run(self):
        with Stub() as stub:
            process = subprocess.Popen(
                [PROGRAM, "load", "--url", stub.url, "--rate", "100", "-d", "30s", "--metrics", "0"],
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            url = process.stderr.readline().split()[-1]
            text = ""
            until = time.monotonic() + 20
            while 's1flow_requests_sent_total{class="request"} 0\n' in text or not text:
                self.assertLess(time.monotonic(), until)
                time.sleep(0.2)
                with urllib.request.urlopen(url, timeout=5) as answer:
                    text = answer.read().decode()
                    kind = answer.headers["Content-Type"]
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=30)
        self.assertTrue(kind.startswith("text/plain; version=0.0.4"))
        self.assertIn('s1flow_response_seconds{class="request",quantile="0.99"}', text)
        with self.assertRaises(urllib.error.URLError):
            urllib.request.urlopen(url, timeout=5)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
