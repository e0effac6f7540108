"""What the scripts that play whole weeks share: running the program, and reading what it leaves."""

import base64
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

SKIPPED = 77
SECOND = Path(__file__).resolve().parent.parent / "data/second-layouts"


def run(program, *arguments, env=None):
    """Runs the program; its exit code must be 0."""
    command = [str(program), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **(env or {})})
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(command[1:])}: exit {done.returncode}\n{done.stderr}{done.stdout[-2000:]}")
    return done.stdout


def generate(program, batch, installations, seed, *more):
    run(program, "generate", "week", "-n", installations, "--seed", seed, "-o", batch, *more)
    return batch


def dry_run(program, batch, out, *more, env=None):
    run(program, "dry-run", batch, "-o", out, "--format", "json", *more, env=env)
    return out


def lines(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def as_set(rows):
    """Comparable rows, sorted; `detail` says more than who a finding is."""
    return sorted(json.dumps({k: v for k, v in row.items() if k != "detail"}, sort_keys=True) for row in rows)


def difference(left, right, most=6):
    """What stands on one side only, for messages."""
    only = [f"- {x}" for x in sorted(set(left) - set(right))] + [f"+ {x}" for x in sorted(set(right) - set(left))]
    return "\n".join(only[:most] + ([f"… and {len(only) - most} more"] if len(only) > most else []))


SIGNATURE_VALUE = re.compile(rb"(<[\w:]*(?:SignatureValue|CipherValue|PublicKey|DigestValue)>)[^<]*")


def without_random(data):
    """A file without what differs in every run: signature values, ciphertext, ephemeral keys, and (of files that
    hold such) the digest."""
    return SIGNATURE_VALUE.sub(rb"\1", data)


def tree(root):
    """All files below a folder: relative name to path."""
    return {p.relative_to(root).as_posix(): p for p in sorted(root.rglob("*")) if p.is_file()}


def report_of(path):
    """The part of report.json that is a result, without times and digests."""
    run = json.loads(path.read_text(encoding="utf-8"))["dry_run"]
    run.pop("stages", None)
    for file in run["files"]:
        file.pop("sha256", None)
        file.pop("bytes", None)
    return json.dumps(run, sort_keys=True).encode()


def results(out):
    """All that a run leaves and that is the same in every run of the batch, by name."""
    found = {}
    for name, path in tree(out).items():
        if name in ("report.html", "ledger.db"):
            continue
        found[name] = report_of(path) if name == "report.json" else without_random(path.read_bytes())
    return found


def differing(expected, found):
    """Names of results that are not as expected, for messages."""
    names = sorted(n for n in set(expected) | set(found) if expected.get(n) != found.get(n))
    return [f"{n} differs" for n in names[:8]]


@contextmanager
def scratch():
    folder = Path(tempfile.mkdtemp(prefix="s1flow-week-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class Cases:
    """Runs cases one after the other and counts them."""

    def __init__(self):
        self.passed = self.failed = self.skipped = 0

    def check(self, name, faults):
        if faults:
            self.failed += 1
            print(f"FAILED {name}:\n{faults if isinstance(faults, str) else chr(10).join(faults)}")
        else:
            self.passed += 1

    @contextmanager
    def case(self, name):
        """A case of its own: it fails when what stands inside asserts something that is not so."""
        try:
            yield
        except AssertionError as e:
            self.failed += 1
            print(f"FAILED {name}: {str(e)[:600]}")
        else:
            self.passed += 1

    def skip(self, name, reason):
        self.skipped += 1
        print(f"skipped {name}: {reason}")

    def finish(self):
        print(f"cases: {self.passed} passed, {self.failed} failed, {self.skipped} skipped")
        return 1 if self.failed else 0


def octets(text):
    return base64.b64decode("".join(text.split()), validate=True)


def is_sanitized(program):
    """Sanitizers need more memory, and other processes that look into this one."""
    code = Path(program).read_bytes()
    return b"__asan_init" in code or b"__tsan_init" in code


def program_of(arguments):
    if len(arguments) != 1:
        sys.exit(f"usage: {Path(sys.argv[0]).name} PROGRAM")
    return Path(arguments[0]).resolve()
