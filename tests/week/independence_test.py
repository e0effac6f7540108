#!/usr/bin/env python3
"""A dry run gives the same whatever the number of workers, the chunk size, the locale and the time zone.

    tests/week/independence_test.py PROGRAM

Findings, outcomes and tables have to be equal byte for byte; the signed files too, once signature values, ciphertext and
the keys that were made for it are taken out; so has the part of report.json that says what was found.
"""

import subprocess
import sys

from week import Cases, differing, dry_run, generate, program_of, results, scratch

INSTALLATIONS = 200
SEED = 3
CHUNKS = ("4KiB", "64KiB", "1MiB")
WORKERS = (1, 2, 8)
# Far from UTC, by no whole hour.
TIME_ZONE = {"TZ": "Asia/Kathmandu"}
GERMAN = ("de_DE.utf8", "de_DE.UTF-8", "de_DE")


def german_locale():
    listed = subprocess.run(["locale", "-a"], capture_output=True, text=True, check=False).stdout.split()
    return next((name for name in GERMAN if name in listed), None)


def main(arguments):
    program = program_of(arguments)
    cases = Cases()
    with scratch() as folder:
        batch = generate(program, folder / "batch", INSTALLATIONS, SEED)
        expected = results(dry_run(program, batch, folder / "reference", "--workers", 2))
        types = {name.split("/")[1] for name in expected if name.startswith("files/")}
        cases.check("the_week_has_all_kinds_of_files",
                    [] if types == {"mcf", "mvf", "mgf", "mef", "scf", "cof"} and expected["findings.jsonl"] else [str(types)])
        runs = [(f"{w}_workers_{c}", ["--workers", w, "--chunk", c], None) for w in WORKERS for c in CHUNKS]
        runs.append(("time_zone", ["--workers", 2], TIME_ZONE))
        german = german_locale()
        if german:
            runs.append(("german_locale", ["--workers", 2], {"LC_ALL": german, "LANG": german}))
        else:
            cases.skip("german_locale", "no German locale is installed")
        # Names that no locale has, and one that every machine has.
        runs.append(("locale_C", ["--workers", 2], {"LC_ALL": "C"}))
        runs.append(("locale_of_no_machine", ["--workers", 2], {"LC_ALL": "de_XX.nowhere"}))
        for name, more, env in runs:
            out = dry_run(program, batch, folder / name, *more, env=env)
            cases.check(name, differing(expected, results(out)))
    return cases.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
