#!/usr/bin/env python3
"""Line coverage per folder from gcovr's summary; fails when a folder is below what is wanted.

    tests/coverage.py SUMMARY.json [--least 85] [--files N]   N: name the files with most lines unreached
    tests/coverage.py --self-test

SUMMARY.json comes from `gcovr --json-summary`, as scripts/test --preset coverage calls it.
"""

import argparse
import json
import sys

FOLDERS = ["core", "codecs", "pipeline"]


def by_folder(files):
    """Folder to (lines reached, lines); every folder is there, even without a line."""
    sums = {folder: [0, 0] for folder in FOLDERS}
    for file in files:
        folder = file["filename"].split("/")[0]
        if folder in sums:
            sums[folder][0] += file["line_covered"]
            sums[folder][1] += file["line_total"]
    return {folder: tuple(pair) for folder, pair in sums.items()}


def judge(files, least, worst=0):
    """The lines to print, and whether every folder is good enough."""
    lines, good = [], True
    for folder, (reached, total) in by_folder(files).items():
        percent = 100 * reached / total if total else 0.0
        good = good and percent >= least
        lines.append(f"coverage of {folder}: {percent:.1f} % of {total} lines")
    unreached = sorted(files, key=lambda f: f["line_covered"] - f["line_total"])
    for file in unreached[:worst]:
        missing = file["line_total"] - file["line_covered"]
        lines.append(f"  {missing:4} of {file['line_total']:4} lines not reached: {file['filename']}")
    return lines, good


def self_test():
    def file(name, covered, total):
        return {"filename": name, "line_covered": covered, "line_total": total}

    full = [file("core/a.cpp", 90, 100), file("codecs/b.cpp", 85, 100), file("pipeline/c.cpp", 9, 10)]
    cases = [
        (full, 85, True),
        (full, 86, False),
        (full[:2], 85, False),  # a folder without a line has not been measured
        ([*full, file("core/d.cpp", 0, 10)], 85, False),
        ([*full, file("cli/d.cpp", 0, 1000)], 85, True),
    ]
    failed = sum(judge(files, least)[1] != good for files, least, good in cases)
    print(f"cases: {len(cases) - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("summary", nargs="?")
    parser.add_argument("--least", type=float, default=85)
    parser.add_argument("--files", type=int, default=0)
    parser.add_argument("--self-test", action="store_true")
    options = parser.parse_args()
    if options.self_test:
        return self_test()
    if options.summary is None:
        parser.error("give gcovr's summary")
    with open(options.summary, encoding="utf-8") as file:
        lines, good = judge(json.load(file)["files"], options.least, options.files)
    print("\n".join(lines))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
