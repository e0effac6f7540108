#!/usr/bin/env python3
"""27 kinds of broken files among 1,000 good ones: no good file is lost or changed, every bad one is named.

usage: broken_files_test.py PROGRAM

Played twice, as a week whose authorisations lie in 1,000 files of a row each: once as they are, once with the broken ones among
them; and once more by `check`, which is given all of them by name.
"""

import json
import os
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "week"))
from week import Cases, dry_run, generate, lines, program_of, run, scratch, tree  # noqa: E402

GOOD = 1000


def split(batch, want):
    """Each row of the MAFs in a file of its own, by the second in its name."""
    folder = batch / "maf"
    rows = []
    for path in sorted(folder.iterdir()):
        head, *rest = path.read_bytes().split(b"\r\n")
        rows += [(path.name, head, row) for row in rest if row]
        path.unlink()
    assert len(rows) >= want, len(rows)
    for i, (name, head, row) in enumerate(rows):
        stem = name[:-len("090300.csv")]
        (folder / f"{stem}{i // 3600:02}{i // 60 % 60:02}{i % 60:02}.csv").write_bytes(head + b"\r\n" + row + b"\r\n")
    return head


def broken(folder, head, program, like):
    """Writes the broken files; name of the kind to the path. All have names that a MAF may have, unless the name is what is wrong."""
    made = {}
    row = like.read_bytes().split(b"\r\n")[1]
    stem = like.name[:-len("000000.csv")]

    def path(kind, ending=".csv"):
        made[kind] = folder / f"{stem}23{len(made):02}00{ending}"
        return made[kind]

    good = head + b"\r\n" + row + b"\r\n"
    for kind, data in {
            "empty": b"", "one-nul": b"\0", "nul-inside": good.replace(b",", b"\0", 1), "junk": bytes(range(256)) * 8,
            "utf-16": good.decode().encode("utf-16"), "latin-1": good + b"\xe9\r\n", "overlong": good + b"\xc0\xaf\r\n",
            "surrogate": good + b"\xed\xa0\x80\r\n", "cut-in-quotes": head + b'\r\n"12', "quote-inside": good + b'1"2\r\n',
            "text-after-quote": good + b'"1"2\r\n', "lone-carriage-return": good + b"1\r2\r\n", "control-character": good + b"\x01\r\n",
            "other-header": b"X" + good, "no-header": row + b"\r\n", "other-delimiter": good.replace(b",", b";"),
            "columns-missing": b"MPxN\r\n" + row.split(b",")[0] + b"\r\n", "huge-field": good + b'"' + b"7" * 200_000 + b'"\r\n',
            "many-columns": good + b"," * 5000 + b"\r\n", "json": b'{"MPxN": 1}\n', "xml": b"<maf/>\n", "two-marks": b"\xef\xbb\xbf" * 2 + good,
            "ragged": head + b"\r\n1,2\r\n"}.items():
        path(kind).write_bytes(data)
    path("zip-junk", ".zip").write_bytes(b"PK\x03\x04" + good)
    with zipfile.ZipFile(path("zip-not-encrypted", ".zip"), "w") as z:
        z.writestr(made["zip-not-encrypted"].stem + ".csv", good)
    with zipfile.ZipFile(path("zip-bomb", ".zip"), "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr(made["zip-bomb"].stem + ".csv", bytes(64 << 20))
    with zipfile.ZipFile(path("zip-with-path", ".zip"), "w") as z:
        z.writestr("../../escaped.csv", good)
    secret = folder.parent / "secret.csv"
    secret.write_bytes(good)
    locked = path("zip-with-other-password", ".zip")
    password = folder.parent / "password"
    password.write_text("right\n")
    run(program, "encrypt", secret, "--type", "maf", "--passphrase", password, "-o", locked)
    secret.write_bytes(bytes(64 << 20))
    bomb = path("zip-bomb-with-the-right-password", ".zip")
    run(program, "encrypt", secret, "--type", "maf", "--passphrase", password, "-o", bomb)
    (folder / ("MAPASSWORD" + bomb.stem[2:])).write_text("right\n")
    other = path("zip-of-another-name", ".zip")
    run(program, "encrypt", like, "--type", "maf", "--passphrase", password, "-o", folder / "MA_other.zip")
    (folder / "MA_other.zip").rename(other)
    (folder / ("MAPASSWORD" + other.stem[2:])).write_text("right\n")
    secret.unlink()
    (folder / ("MAPASSWORD" + locked.stem[2:])).write_text("wrong\n")
    made["wrong-name"] = folder / "authorisation.csv"
    made["wrong-name"].write_bytes(good)
    made["name-with-line-feed"] = folder / "MA_\nX.csv"
    made["name-with-line-feed"].write_bytes(good)
    path("link").symlink_to(like)
    path("link-to-nothing").symlink_to("/nowhere/s1flow-trap")
    os.mkfifo(path("pipe"))
    path("folder").mkdir()
    return made


def main():
    program = program_of(sys.argv[1:])
    cases = Cases()
    with scratch() as folder:
        batch = generate(program, folder / "batch", 760, 5)
        head = split(batch, GOOD)
        before = lines(dry_run(program, batch, folder / "before") / "outcomes.jsonl")
        good = {name: path.read_bytes() for name, path in tree(batch).items()}
        good_mafs = sorted((batch / "maf").iterdir())
        bad = broken(batch / "maf", head, program, good_mafs[0])
        with cases.case("at least 27 kinds"):
            assert len(bad) >= 27, len(bad)
        out = dry_run(program, batch, folder / "after")
        with cases.case("every installation ends as it did without them"):
            after = lines(out / "outcomes.jsonl")
            broken_names = {path.name for path in bad.values()}
            # Rows of a broken file that nobody can read end there; they are nobody's installation.
            assert [row for row in after if row.get("file") not in broken_names] == before
            assert not [row for row in after if row.get("file") in broken_names and row["outcome"] != "not-authorised"]
        with cases.case("no good file is changed"):
            changed = [name for name, data in good.items() if (batch / name).read_bytes() != data]
            assert not changed, changed
        report = json.loads((out / "report.json").read_text())
        told = " ".join(report["warnings"])
        named = {row["file"] for row in lines(out / "findings.jsonl")}
        for kind, path in bad.items():
            with cases.case(f"{kind} is named"):
                is_file = stat.S_ISREG(path.lstat().st_mode)
                assert (path.name in named) if is_file else (path.name in told), (path.name, sorted(named)[:40], told[:300])
        with cases.case("nothing left the batch's folder"):
            assert not list(folder.rglob("escaped.csv"))

        regular = [p for p in bad.values() if stat.S_ISREG(p.lstat().st_mode)]
        done = subprocess.run([str(program), "check", "--batch", str(batch), "--type", "maf", "--format", "json", *map(str, good_mafs + list(bad.values()))],
                              capture_output=True, text=True, check=False, timeout=300)
        found = {}
        for line in done.stdout.splitlines():
            row = json.loads(line)
            if row["severity"] == "error":
                found.setdefault(row["file"], []).append(row["rule"])
        with cases.case("check: the good ones have no findings of severity error"):
            assert not [p.name for p in good_mafs if p.name in found], [(p.name, found[p.name]) for p in good_mafs if p.name in found][:3]
        for kind, path in bad.items():
            with cases.case(f"check: {kind} is named"):
                assert path.name in found or path.name.replace("\n", "\\n") in done.stderr or path.name in done.stderr, done.stderr[-300:]
        with cases.case("check: says how many"):
            assert f"{len(good_mafs) + len(regular)} files checked" in done.stderr, done.stderr[-200:]
    return cases.finish()


if __name__ == "__main__":
    sys.exit(main())
