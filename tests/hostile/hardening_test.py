#!/usr/bin/env python3
"""How the program is linked, what a running one has given up, and what others may read of its outputs.

usage: hardening_test.py PROGRAM
"""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "week"))
from week import Cases, is_sanitized, program_of, run, scratch  # noqa: E402


def read(program, *what):
    return subprocess.run(["readelf", "-W", *what, str(program)], capture_output=True, text=True, check=True).stdout


def linked(cases, program):
    if shutil.which("readelf") is None:
        cases.skip("how it is linked", "readelf (binutils) is not installed")
        return
    header, segments, dynamic, symbols = read(program, "-h"), read(program, "-l"), read(program, "-d"), read(program, "--dyn-syms")
    with cases.case("position independent"):
        assert "DYN (Position-Independent Executable file)" in header or "DYN (Shared object file)" in header, header
    with cases.case("relocations are read-only"):
        assert "GNU_RELRO" in segments
    with cases.case("no run path"):
        assert "RPATH" not in dynamic and "RUNPATH" not in dynamic, dynamic
    with cases.case("the stack is no code"):
        line = next(x for x in segments.splitlines() if "GNU_STACK" in x)
        assert "RWE" not in line and " E " not in line, line
    with cases.case("no segment is both written and run"):
        assert not [x for x in segments.splitlines() if "LOAD" in x and "RWE" in x]
    with cases.case("assertions of the library"):
        assert "__glibcxx_assert_fail" in symbols, "__glibcxx_assert_fail"
    if is_sanitized(program):
        cases.skip("bound at once, stack protector, checked copies", "built with sanitizers")
    else:
        with cases.case("bound at once"):
            assert "BIND_NOW" in dynamic or " NOW" in dynamic, dynamic
        with cases.case("stack protector"):
            assert "__stack_chk_fail" in symbols
        cache = program.parent.parent / "CMakeCache.txt"
        if cache.is_file() and "CMAKE_BUILD_TYPE:STRING=Debug" in cache.read_text(encoding="utf-8"):
            cases.skip("checked copies", "built without optimisation")
        else:
            with cases.case("checked copies"):
                assert "_chk@" in symbols or "_chk " in symbols


def status(pid):
    return dict(line.split(":\t", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":\t" in line)


def running(cases, program):
    """`check -` waits for its input, and can be looked at meanwhile."""
    child = subprocess.Popen([str(program), "check", "--as", "xml", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        for _ in range(200):
            fields = status(child.pid)
            if fields.get("Seccomp") == "2":
                break
            time.sleep(0.02)
        limits = Path(f"/proc/{child.pid}/limits").read_text()
    finally:
        _, errors = child.communicate(b"<a/>")
    with cases.case("a confined process does its work"):
        assert child.returncode == 0, errors
    with cases.case("no core file"):
        line = next(x for x in limits.splitlines() if "core file" in x)
        assert line.split()[4:6] == ["0", "0"], line
    if fields.get("Seccomp") == "2":
        with cases.case("confined, and cannot get more rights"):
            assert fields["NoNewPrivs"].strip() == "1"
    else:
        cases.skip("confined", "no filter: a kernel without seccomp, or a build with sanitizers")


def outputs(cases, program, folder):
    old = os.umask(0)
    try:
        run(program, "generate", "pki", "-o", folder / "pki")
        (folder / "a.xml").write_text("<a/>")
        certificate = sorted((folder / "pki/dcc").glob("*.xml-signing.pem"))[0]
        run(program, "sign", folder / "a.xml", "--key", str(certificate).replace(".pem", ".key.pem"), "--cert", certificate,
            "-o", folder / "new/folder/signed.xml")
    finally:
        os.umask(old)
    with cases.case("files are their owner's alone, whatever the umask"):
        wide = [p for p in [*(folder / "pki").rglob("*"), *(folder / "new").rglob("*"), folder / "new"] if p.stat().st_mode & 0o077]
        assert not wide, wide[:5]


def passwords(cases, program, folder):
    maf = folder / "MA_SMSOA_90-B3-D5-1F-30-01-00-00_20210603_090300.csv"
    maf.write_text("MPxN,MigrationWeek,MigrateOn,SupplierCertificateIDs,NetworkOperatorCertificateID,SupplierCommissions\r\n")
    archive = maf.with_suffix(".zip")

    def with_password(password, *arguments):
        source, sink = os.pipe()
        os.write(sink, password)
        os.close(sink)
        done = subprocess.run([str(program), *map(str, arguments), "--passphrase", f"fd:{source}"], pass_fds=[source], capture_output=True,
                              text=True, check=False)
        os.close(source)
        return done

    made = with_password(b"from a descriptor\n", "encrypt", maf, "--type", "maf", "-o", archive)
    with cases.case("a password comes from a descriptor"):
        assert made.returncode == 0 and archive.exists(), made.stderr
    with cases.case("a ZIP's password opens it"):
        opened = with_password(b"from a descriptor", "decrypt", archive, "-o", folder / "opened.csv")
        assert opened.returncode == 0 and (folder / "opened.csv").read_bytes() == maf.read_bytes(), opened.stderr
    with cases.case("another does not, and leaves nothing"):
        wrong = with_password(b"wrong", "decrypt", archive, "-o", folder / "wrong.csv")
        assert wrong.returncode == 1 and "zip.refused" in wrong.stderr and not (folder / "wrong.csv").exists(), wrong.stderr
    with cases.case("a companion is made and found"):
        other = folder / "made/MA_SMSOA_90-B3-D5-1F-30-01-00-00_20210603_090400.zip"
        other.parent.mkdir()
        run(program, "encrypt", maf, "--type", "maf", "-o", other)
        companion = other.with_name("MAPASSWORD_SMSOA_90-B3-D5-1F-30-01-00-00_20210603_090400")
        assert companion.stat().st_mode & 0o777 == 0o600 and len(companion.read_text()) == 32
        assert run(program, "decrypt", other) == maf.read_bytes().decode().replace("\r\n", "\n")
        assert run(program, "check", other) == ""
    with cases.case("every damaged byte of a ZIP is refused"):
        whole = bytearray(other.read_bytes())
        broken = folder / "broken" / other.name
        broken.parent.mkdir()
        shutil.copyfile(companion, broken.with_name(companion.name))
        for at in range(0, len(whole), 3):
            changed = bytes(whole[:at]) + bytes([whole[at] ^ 0x10]) + bytes(whole[at + 1:])
            broken.write_bytes(changed)
            done = subprocess.run([str(program), "decrypt", str(broken)], capture_output=True, check=False)
            # Times, versions and hints of the directory carry nothing that is believed.
            assert done.returncode == 1 or done.stdout == maf.read_bytes(), (at, done)


def main():
    program = program_of(sys.argv[1:])
    cases = Cases()
    linked(cases, program)
    running(cases, program)
    with scratch() as folder:
        outputs(cases, program, folder)
        passwords(cases, program, folder)
    return cases.finish()


if __name__ == "__main__":
    sys.exit(main())
