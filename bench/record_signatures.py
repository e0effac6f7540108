#!/usr/bin/env python3
"""Records signed one by one: how many s1flow signs, verifies and checks in a second, against bare ECDSA on the same machine.

    bench/record_signatures.py [--build build/release] [--records 20000] [--rounds 5] [--work FOLDER]

The records are those of an MCF that a dry run made, over and over under new ids. Each round runs `openssl speed` on all processors
and then cold processes of s1flow, reading and writing files included; keep the machine idle. Prints medians, and the share of
the bare operations' rate that is reached.
"""

import argparse
import os
import re
import shutil
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROOM = '<xs:any namespace="http://www.w3.org/2000/09/xmldsig#" processContents="skip" minOccurs="0"/>'


def prepare(program, records, work):
    """The file, and the options by which its layout is taken."""
    batch, layouts = work / "batch", work / "layouts"
    subprocess.run([program, "generate", "week", "-n", "40", "--seed", "1", "--faults", "none", "-o", batch, "-q"], check=True, capture_output=True)
    subprocess.run([program, "dry-run", batch, "-o", work / "out", "-q"], check=True, capture_output=True)
    shutil.copytree(ROOT / "schemas/xsd", layouts / "xsd")
    xsd = layouts / "xsd/mcf.xsd"
    text = xsd.read_text(encoding="utf-8")
    xsd.write_text(re.sub(r'(<xs:complexType name="Installation">.*?)(\n    </xs:sequence>)', rf"\1{ROOM}\2", text, count=1, flags=re.S), encoding="utf-8")
    layout = (ROOT / "schemas/layouts/mcf/1.toml").read_text(encoding="utf-8")
    layout = re.sub(r"^(signer = .*)$", r'\1\nper = "record"\nid = "@id"', layout, flags=re.M)
    (layouts / "layouts/mcf").mkdir(parents=True)
    (layouts / "layouts/mcf/1.toml").write_text(layout, encoding="utf-8")

    given = max((work / "out/files/mcf").iterdir(), key=lambda p: p.stat().st_size)
    text = re.sub("<ds:Signature .*</ds:Signature>", "", given.read_text(encoding="utf-8"), flags=re.S)
    head, tail = text[:text.index("<Installation id=")], text[text.rindex("</Installation>") + len("</Installation>"):]
    bodies = [body + "</Installation>" for body in re.findall(r'<Installation id="[^"]*"(.*?)</Installation>', text, re.S)]

    def counted(part):
        return re.sub("<InstallationCount>[0-9]+", f"<InstallationCount>{records}", part)

    file = work / given.name
    file.write_text(counted(head) + "\n".join(f'<Installation id="R{i:08}"{bodies[i % len(bodies)]}' for i in range(records)) + counted(tail),
                    encoding="utf-8")
    # The installations repeat themselves; what is measured has no findings.
    return file, ["--batch", batch, "--layouts", layouts, "--severity", "mcf.device-duplicate=off"]


def bare(workers):
    """ECDSA P-256 signatures made and verified in a second."""
    done = subprocess.run(["openssl", "speed", "-elapsed", "-seconds", "2", "-multi", str(workers), "ecdsap256"], check=True, capture_output=True, text=True)
    return [float(rate) for rate in re.search(r"ecdsa \(nistp256\).*\s([\d.]+)\s+([\d.]+)$", done.stdout, re.M).groups()]


def timed(command, expected):
    begin = time.perf_counter()
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - begin
    if expected not in done.stdout + done.stderr:
        raise SystemExit(f"{command[1]}: exit {done.returncode}: {done.stdout[-500:]}{done.stderr[-500:]}")
    return seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default="build/release")
    parser.add_argument("--records", type=int, default=20000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--work")
    given = parser.parse_args()
    work = Path(given.work or tempfile.mkdtemp(prefix="s1flow-bench-"))
    work.mkdir(parents=True, exist_ok=True)
    program, workers = Path(given.build).resolve() / "cli/s1flow", len(os.sched_getaffinity(0))
    file, options = prepare(program, given.records, work)
    signed = work / "signed" / file.name
    all_hold = f"{given.records} of {given.records} signatures hold"
    plain = options[:-2]  # only check knows severities
    jobs = {
        "sign": (0, [program, "sign", file, *plain, "--overwrite", "-o", signed], "signed one by one"),
        "verify": (1, [program, "verify", signed, *plain], all_hold),
        "check": (1, [program, "check", signed, *options], all_hold),
    }
    rates = {name: [] for name in ("bare sign", "bare verify", *jobs)}
    shares = {name: [] for name in jobs}
    for _ in range(given.rounds):
        floor = bare(workers)
        rates["bare sign"].append(floor[0])
        rates["bare verify"].append(floor[1])
        for name, (operation, command, expected) in jobs.items():
            rates[name].append(given.records / timed(command, expected))
            shares[name].append(rates[name][-1] / floor[operation])
    size = file.stat().st_size
    print(f"{given.records} records of {size / given.records:.0f} bytes, {workers} processors, {given.rounds} rounds")
    for name, values in rates.items():
        share = f"  {statistics.median(shares[name]):5.0%} of bare" if name in shares else ""
        print(f"{name:12}{statistics.median(values):>12,.0f} /s  ({min(values):,.0f} … {max(values):,.0f}){share}")
    if not given.work:
        shutil.rmtree(work)


if __name__ == "__main__":
    main()
