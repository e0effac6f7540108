#!/usr/bin/env python3
"""What a dry run makes of the conditions that it meets: signals, a full disk, limits, odd things in its folders, other runs.

    tests/faults/conditions_test.py PROGRAM INJECT
"""

import json
import os
import resource
import shutil
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

from faults import Cases, Subject, differing, results, scratch, told, tree


def until(condition, seconds=20):
    """Waits for the condition; the tests that use it do not depend on how long it takes."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.002)
    return False


def has_begun(out):
    return lambda: any((out / "files").glob("*/*.xml"))


def exits(done, code, *parts):
    """What is wrong with an exit code and the message that goes with it."""
    faults = [] if done.returncode == code else [f"exit {done.returncode} instead of {code}: {done.stderr.strip()[-400:]}"]
    return faults + [f"'{p}' is not said: {done.stderr.strip()[-400:]}" for p in parts if p not in done.stderr]


# ---- signals


def check_signals(cases, subject):
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        out = subject.new_out()
        process = subject.start(out)
        began = until(has_begun(out))
        process.send_signal(number)
        sent = time.monotonic()
        _, stderr = process.communicate(timeout=60)
        took = time.monotonic() - sent
        print(f"{number.name}: ended after {took:.2f} s")
        faults = [] if began else ["no file was seen before the end"]
        if process.returncode == 0:  # it was all but done
            faults += subject.faults_of_result(out)
        else:
            if process.returncode != 3 or "stopped on request" not in stderr or "same command again" not in stderr:
                faults.append(f"exit {process.returncode}: {stderr.strip()}")
            faults += [f"{n} is half-written" for n in tree(out) if n.endswith(".s1flow-part")]
            faults += subject.faults_after_going_on(out)
        cases.check(f"signal.{number.name}", faults)
    out = subject.new_out()
    ignored = subprocess.run(["nohup", *subject.command(out)], capture_output=True, text=True, check=False)
    cases.check("signal.nohup", exits(ignored, 0))


def limited(limit, value):
    return lambda: resource.setrlimit(limit, (value, value))


def check_limits(cases, subject):
    out = subject.new_out()
    done = subject.run(out, preexec_fn=limited(resource.RLIMIT_FSIZE, 20_000))
    cases.check("limit.size_of_files", exits(done, 3, "ulimit -f") or subject.faults_after_going_on(out))
    out = subject.new_out()
    done = subject.run(out, preexec_fn=limited(resource.RLIMIT_NOFILE, 32))
    cases.check("limit.32_descriptors", exits(done, 0) or subject.faults_of_result(out))
    out = subject.new_out()
    done = subject.run(out, preexec_fn=limited(resource.RLIMIT_NOFILE, 8))
    cases.check("limit.8_descriptors",
                (told(done) or subject.faults_after_going_on(out)) if done.returncode else subject.faults_of_result(out))
    for megabytes in (40, 80, 160):
        out = subject.new_out()
        done = subject.run(out, preexec_fn=limited(resource.RLIMIT_AS, megabytes << 20))
        # The loader itself may not get what it needs.
        if done.returncode == 127:
            continue
        faults = subject.faults_of_result(out) if done.returncode == 0 else told(done) or subject.faults_after_going_on(out)
        cases.check(f"limit.{megabytes}_MiB_of_addresses", faults)


# ---- streams


def check_streams(cases, subject):
    for fd in (0, 1, 2):
        out = subject.new_out()
        done = subject.run(out, preexec_fn=lambda fd=fd: os.close(fd))
        # What it prints has nowhere to go, and the files are whole.
        faults = [] if done.returncode == (3 if fd == 1 else 0) else [f"exit {done.returncode}"]
        cases.check(f"stream.{fd}_closed", faults + subject.faults_of_result(out))
    out = subject.new_out()
    with open("/dev/full", "wb") as full:
        done = subprocess.run(subject.command(out), stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    cases.check("stream.stdout_full", exits(done, 3, "standard output: cannot write") + subject.faults_of_result(out))


# ---- disks


def mount(folder, size):
    folder.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=0700", "none", str(folder)],
                          capture_output=True, text=True, check=False)
    return done.returncode == 0


def remount(folder, *options):
    subprocess.run(["mount", "-o", ",".join(["remount", *options]), str(folder)], check=True)


def check_disks(cases, subject):
    disk = subject.folder / "disk"
    if os.geteuid() != 0 or not mount(disk, "64k"):
        cases.skip("disk", "mounting a small disk needs root")
        return
    try:
        size = 64
        faults = []
        runs = 0
        while not faults:
            done = subject.run(disk / "out")
            runs += 1
            if done.returncode == 0:
                break
            # SQLite speaks of the disk in its own words.
            faults = told(done) + ([] if "full" in done.stderr or "free some space" in done.stderr else [done.stderr])
            faults += [f"{n} is half-written" for n in tree(disk) if n.endswith(".s1flow-part")]
            size += 64
            remount(disk, f"size={size}k")
        cases.check("disk.full_then_grown", faults + ([] if runs > 3 else ["it was never full"]) + subject.faults_of_result(disk / "out"))
        remount(disk, "ro")
        done = subject.run(disk / "other")
        cases.check("disk.read_only", exits(done, 3, "Read-only"))
        done = subject.run(disk / "out", "--overwrite")
        cases.check("disk.read_only_overwrite", exits(done, 3, "Read-only") + subject.faults_of_result(disk / "out"))
    finally:
        subprocess.run(["umount", str(disk)], check=False)


# ---- folders and names


def check_folders(cases, subject):
    out = subject.new_out()
    out.write_text("a file", encoding="utf-8")
    cases.check("folder.is_a_file", exits(subject.run(out), 2, "is not a folder"))
    out = subject.new_out()
    out.mkdir()
    (out / "notes.txt").write_text("mine", encoding="utf-8")
    cases.check("folder.of_somebody_else", exits(subject.run(out), 2, "is not empty")
                + exits(subject.run(out, "--overwrite"), 2, "was not made by a dry run")
                + ([] if [p.name for p in out.iterdir()] == ["notes.txt"] else ["something was written"]))
    out = subject.new_out()
    out.mkdir()
    os.mkfifo(out / "s1flow-run")
    cases.check("folder.fifo_as_marker", exits(subject.run(out), 3, "s1flow-run"))
    out = subject.new_out()
    out.mkdir()
    os.symlink(subject.folder / "elsewhere", out / "s1flow-run")
    done = subject.run(out)
    cases.check("folder.link_as_marker", exits(done, 3, "s1flow-run")
                + (["the link was followed"] if (subject.folder / "elsewhere").exists() else []))
    odd = subject.folder / ("a name with blanks, 'quotes', \"more\", umlaut \u00e4 and line\nfeed " + "x" * 120)
    done = subject.run(odd)
    cases.check("folder.odd_name", exits(done, 0) or subject.faults_of_result(odd))
    for mask, name in ((0, "open"), (0o777, "closed")):
        out = subject.new_out()
        done = subject.run(out, preexec_fn=lambda mask=mask: os.umask(mask))
        faults = exits(done, 0)
        for path in [out, *out.rglob("*")]:
            wanted = 0o700 if path.is_dir() else 0o600
            if stat.S_IMODE(path.stat().st_mode) != wanted:
                faults.append(f"{path.name}: mode {stat.S_IMODE(path.stat().st_mode):o}")
        cases.check(f"folder.modes_with_{name}_umask", faults[:5])


def check_batch(cases, subject):
    batch = subject.folder / "odd-batch"
    shutil.copytree(subject.batch, batch)
    os.mkfifo(batch / "maf" / "fifo.csv")
    os.symlink("/etc/passwd", batch / "inventory" / "link.jsonl")
    (batch / "maf" / "folder").mkdir()
    out = subject.new_out()
    done = subprocess.run([str(subject.program), "dry-run", str(batch), "-o", str(out)], capture_output=True, text=True,
                          check=False, timeout=60)
    faults = exits(done, 0) or differing(subject.expected, results(out))
    warnings = "\n".join(json.loads((out / "report.json").read_text(encoding="utf-8"))["warnings"]) if not faults else ""
    cases.check("batch.odd_things_are_told",
                faults + [f"{n} is not told" for n in ("fifo.csv", "link.jsonl", "maf/folder") if n not in warnings])


# ---- other runs


def check_two_at_once(cases, subject):
    out = subject.new_out()
    first = subject.start(out)
    faults = [] if until(has_begun(out)) else ["the first run did not begin"]
    first.send_signal(signal.SIGSTOP)
    for more in ((), ("--overwrite",)):
        faults += exits(subject.run(out, *more), 3, "another run is at work")
    first.send_signal(signal.SIGCONT)
    first.communicate(timeout=60)
    faults += [] if first.returncode == 0 else [f"the first run ends with {first.returncode}"]
    cases.check("runs.two_at_once", faults + subject.faults_of_result(out))


def interrupted(subject):
    """A folder whose run was killed in the middle."""
    out = subject.new_out()
    done = subject.run(out, fault="rename:9:kill")
    return out, [] if done.returncode == -signal.SIGKILL else [f"was not killed: {done.returncode}"]


def check_going_on(cases, subject):
    out, faults = interrupted(subject)
    done = subject.run(out)
    cases.check("going_on.says_so", faults + exits(done, 0, "goes on with the dry run that was interrupted"))
    cases.check("going_on.finished", exits(subject.run(out), 2, "holds a finished dry run") + subject.faults_of_result(out))
    cases.check("going_on.overwrite", exits(subject.run(out, "--overwrite"), 0) or subject.faults_of_result(out))

    out, faults = interrupted(subject)
    done = subject.run(out, "--severity", "maf.week-started=off")
    faults += exits(done, 2, "options differ")
    toml = subject.batch / "batch.toml"
    text = toml.read_text(encoding="utf-8")
    toml.write_text(text + "# other\n", encoding="utf-8")
    faults += exits(subject.run(out), 2, "batch.toml differ")
    toml.write_text(text, encoding="utf-8")
    cases.check("going_on.other_batch_or_options", faults + subject.faults_after_going_on(out))

    out, faults = interrupted(subject)
    file = next(p for p in sorted((out / "files").rglob("*.xml")))
    good = file.read_bytes()
    file.write_bytes(good[:-1])
    faults += exits(subject.run(out), 3, file.name, "is not as it was finished")
    file.write_bytes(good)
    cases.check("going_on.changed_file", faults + subject.faults_after_going_on(out))

    out, faults = interrupted(subject)
    file = next(p for p in sorted((out / "files").rglob("*.xml")))
    file.rename(subject.folder / "moved")
    os.symlink(subject.folder / "moved", file)
    cases.check("going_on.planted_link", faults + exits(subject.run(out), 3, file.name))

    out, faults = interrupted(subject)
    (out / "notes.txt").write_text("mine", encoding="utf-8")
    (out / "files" / "planted.xml").write_text("<planted/>", encoding="utf-8")
    faults += exits(subject.run(out), 0)
    if (out / "notes.txt").exists():
        (out / "notes.txt").unlink()
    else:
        faults.append("a file of somebody else's was removed")
    cases.check("going_on.foreign_files", faults + subject.faults_of_result(out))

    out, faults = interrupted(subject)
    ledger = out / "ledger.db"
    data = bytearray(ledger.read_bytes())
    data[len(data) // 2 + 11] ^= 1
    data[-9] ^= 1
    ledger.write_bytes(data)
    done = subject.run(out)
    cases.check("going_on.damaged_ledger", faults + (exits(done, 3, "ledger.db") if done.returncode else []))


def check_shared(cases, subject):
    shared = subject.folder / "accepted.db"
    out = subject.new_out()
    done = subject.run(out, "--ledger", shared, fault="rename:30:kill")
    faults = [] if done.returncode == -signal.SIGKILL else ["was not killed"]
    faults += exits(subject.run(out, "--ledger", shared), 0) or subject.faults_of_result(out)
    cases.check("shared.a_killed_run_has_accepted_nothing", faults)
    out = subject.new_out()
    done = subject.run(out, "--ledger", shared)
    found = [json.loads(line) for line in (out / "findings.jsonl").read_text(encoding="utf-8").splitlines()]
    mafs = {p.name for p in (subject.batch / "maf").iterdir()}
    refused = {f["file"] for f in found if f["rule"] == "file.counter" and "accepted before" in f["detail"]["note"]}
    cases.check("shared.replayed_mafs_are_refused", exits(done, 0) + ([] if refused == mafs else [f"refused {sorted(refused)} of {sorted(mafs)}"]))
    mcf = next(p for p in sorted((subject.folder / "out-1" / "files" / "mcf").iterdir()))
    out = subject.new_out()
    done = subject.run(out, "--given", f"mcf={mcf}", "--ledger", subject.folder / "fresh.db")
    cases.check("shared.a_file_is_taken_once", exits(done, 0))
    verified = subprocess.run([str(subject.program), "verify-ledger", str(shared)], capture_output=True, text=True, check=False)
    cases.check("shared.holds", exits(verified, 0))


def check_verify(cases, subject):
    out = subject.folder / "out-1"

    def verify():
        return subprocess.run([str(subject.program), "verify-ledger", str(out)], capture_output=True, text=True, check=False)

    faults = exits(verify(), 0)
    for name in ("findings.jsonl", *(n for n in sorted(subject.names) if n.startswith("files/"))):
        path = out / name
        good = path.read_bytes()
        path.write_bytes(good + b" ")
        done = verify()
        if done.returncode != 1 or path.name not in done.stdout:
            faults.append(f"{name}: {done.stdout}")
        path.write_bytes(good)
    (out / "files" / "more.xml").write_text("more", encoding="utf-8")
    if "more.xml" not in verify().stdout:
        faults.append("an added file is not told")
    (out / "files" / "more.xml").unlink()
    cases.check("verify.files", faults + exits(verify(), 0))


def main(arguments):
    if len(arguments) != 2:
        sys.exit(__doc__)
    cases = Cases()
    with scratch() as folder:
        subject = Subject(Path(arguments[0]).resolve(), Path(arguments[1]).resolve(), folder)
        for check in (check_verify, check_signals, check_limits, check_streams, check_disks, check_folders, check_batch, check_two_at_once,
                      check_going_on, check_shared):
            check(cases, subject)
    return cases.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
