#!/usr/bin/env python3
"""Forged and hostile files through the program: nothing gets in, nothing gets out.

usage: forgeries_test.py PROGRAM

Of one signed and one encrypted file, hundreds of forgeries: all refused, each in well under 100 ms (told, not judged), nothing opened or
contacted that a file names, no plaintext and no temporary file left, one answer for all that does not open.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "week")]
import encrypted_forgeries  # noqa: E402
import signed_forgeries  # noqa: E402
from week import Cases, dry_run, generate, is_sanitized, run, scratch  # noqa: E402

def serial_of(program, certificate):
    """Decimal serial number, taken from the signature that the key makes."""
    plain = certificate.parent / "plain.xml"
    plain.write_text("<a/>")
    signed = run(program, "sign", plain, "--key", str(certificate).replace(".pem", ".key.pem"), "--cert", certificate)
    plain.unlink()
    return re.search(r"<ds:X509SerialNumber>(\d+)<", signed).group(1)


class World:
    def __init__(self, program, folder):
        self.program, self.folder = program, folder
        self.batch = generate(program, folder / "batch", 30, 3)
        self.out = dry_run(program, self.batch, folder / "out")
        self.pki = self.batch / "pki"
        mcfs = sorted((self.out / "files/mcf").glob("MC_SMSOA_*.xml"))
        self.signed, self.other = mcfs[0], mcfs[1]
        self.encrypted = max((self.out / "files/mef").glob("ME_SMSOA_*.xml"), key=lambda p: p.stat().st_size)
        run(program, "generate", "pki", "--seed", 99, "-o", folder / "forger")

    def own_serials(self):
        """Certificates of the real PKI that are not the signer's."""
        role = self.pki / "requesting-party"
        kept = re.search(r"<Sender>([^<]*)<", self.signed.read_text()).group(1)
        numbers = {}
        for path in sorted(role.glob("*.file-signing.pem")):
            if not path.name.startswith(kept) and path.with_name(path.name.replace(".pem", ".key.pem")).exists():
                numbers[f"requesting-party-{path.name[:23]}"] = serial_of(self.program, path)
        for name in ("commissioning-party", "s1sp"):
            path = sorted((self.pki / name).glob("*.file-signing.pem"))[0]
            numbers[name] = serial_of(self.program, path)
        path = sorted((self.pki / "dcc").glob("*.xml-signing.pem"))[0]
        numbers["dcc-xml-signing"] = serial_of(self.program, path)
        return numbers

    def forger(self):
        role = self.folder / "forger/requesting-party"
        certificate = sorted(role.glob("*.file-signing.pem"))[0]
        key = str(certificate).replace(".pem", ".key.pem")
        signed = {}
        f = signed_forgeries.Signed(self.signed.read_text())
        for name, text in (("same-content", f.text), ("other-content", f.text.replace("<GroupID>A", "<GroupID>B", 1))):
            path = self.folder / f"{name}.xml"
            path.write_text(text)
            signed[name] = run(self.program, "sign", path, "--replace", "--key", key, "--cert", certificate)
        return {"certificate": certificate.read_text(), "signed": signed}


def put(folder, forgeries):
    folder.mkdir()
    paths = []
    for i, (name, data) in enumerate(forgeries):
        path = folder / f"{i:03}-{name[:120]}.xml"
        path.write_bytes(data)
        paths.append(path)
    return paths


def signed_ones(cases, world):
    paths = put(world.folder / "signed", signed_forgeries.forgeries(world.signed.read_text(), world.other.read_text(),
                                                                    world.own_serials(), world.forger()))
    with cases.case("at least 100 forgeries of a signed file"):
        assert len(paths) >= 100 and len({p.read_bytes() for p in paths}) == len(paths), len(paths)
    holds = run(world.program, "verify", world.signed, world.other, "--batch", world.batch)
    with cases.case("the file itself holds"):
        assert holds.count("the signature holds") == 2, holds
    done = subprocess.run([world.program, "verify", *map(str, paths), "--batch", str(world.batch), "--format", "json"],
                          capture_output=True, text=True, check=False, timeout=120)
    answers = {json.loads(line)["file"]: json.loads(line) for line in done.stdout.splitlines()}
    slowest = (0.0, "")
    for path in paths:
        with cases.case(f"verify {path.stem}"):
            answer = answers.get(str(path))
            assert answer is not None and not answer["holds"] and answer["rule"], answer
    for path in paths:
        with cases.case(f"check {path.stem}"):
            named = path.parent / "named" / world.signed.name
            named.parent.mkdir(exist_ok=True)
            shutil.copyfile(path, named)
            start = time.monotonic()
            one = subprocess.run([world.program, "check", str(named), "--type", "mcf", "--batch", str(world.batch)],
                                 capture_output=True, text=True, check=False, timeout=60)
            slowest = max(slowest, (time.monotonic() - start, path.stem))
            assert one.returncode == 1, (one.returncode, one.stdout[-300:], one.stderr[-300:])
    print(f"slowest of {len(paths)} signed forgeries, with the program's start: {slowest[0] * 1000:.0f} ms ({slowest[1]})")
    return paths


def secrets_of(text):
    """What must not be seen where it was not asked for: the values of credentials."""
    return {m for m in re.findall(r">([0-9A-Fa-f]{16,}|[A-Za-z0-9+/]{24,}={0,2})<", text)}


def encrypted_ones(cases, world):
    text = world.encrypted.read_text()
    party = re.search(r'Id="key-s1sp" Recipient="([^"]*)"', text).group(1)
    certificate = world.pki / f"s1sp/{party}.key-agreement.pem"
    key = str(certificate).replace(".pem", ".key.pem")
    work = world.folder / "work"
    scratch_folder = world.folder / "tmp"
    work.mkdir()
    scratch_folder.mkdir()
    env = {**os.environ, "TMPDIR": str(scratch_folder)}

    def decrypt(path, *more):
        return subprocess.run([world.program, "decrypt", str(path), "--type", "mef", "--key", key, "--cert", str(certificate), *more],
                              capture_output=True, text=True, check=False, timeout=60, env=env)

    good = decrypt(world.encrypted, "-o", str(work / "good.xml"))
    plaintext = (work / "good.xml").read_text()
    with cases.case("the file itself opens"):
        assert good.returncode == 0 and "opened" in good.stderr, good.stderr
        assert (work / "good.xml").stat().st_mode & 0o777 == 0o600
    secrets = secrets_of(plaintext) - secrets_of(text)
    with cases.case("there are secrets to look for"):
        assert len(secrets) >= 3, secrets
    (work / "good.xml").unlink()

    forged = list(encrypted_forgeries.forgeries(text, "s1sp"))
    with cases.case("at least 90 forgeries of an encrypted file"):
        assert len(forged) >= 90 and len({data for _, data in forged}) == len(forged), len(forged)
    answers, slowest = set(), (0.0, "")
    path = world.folder / "forged.xml"
    for name, data in forged:
        with cases.case(f"decrypt {name}"):
            path.write_bytes(data)
            start = time.monotonic()
            done = decrypt(path, "-o", str(work / "out.xml"))
            slowest = max(slowest, (time.monotonic() - start, name))
            answers.add((done.returncode, done.stdout, done.stderr))
            assert done.returncode == 1 and done.stdout == "" and "file.not-for-this-key" in done.stderr, done
            assert not list(work.iterdir()) and not list(scratch_folder.iterdir())
            assert not any(s in done.stderr for s in secrets)
    with cases.case("one answer to all that does not open"):
        assert len(answers) == 1, answers
    with cases.case("no plaintext on standard output either"):
        path.write_bytes(forged[0][1])
        done = decrypt(path)
        assert done.returncode == 1 and done.stdout == "", done.stdout[:200]
    with cases.case("a key for somebody else gives the same answer"):
        other = sorted(p for p in (world.pki / "s1sp").glob("*.key-agreement.pem") if p != certificate)[0]
        done = subprocess.run([world.program, "decrypt", str(world.encrypted), "--type", "mef", "--key", str(other).replace(".pem", ".key.pem"),
                               "--cert", str(other), "-o", str(work / "out.xml")], capture_output=True, text=True, check=False, timeout=60)
        code, _, message = sorted(answers)[0]
        assert (done.returncode, done.stderr.split(": ", 1)[1]) == (code, message.split(": ", 1)[1]), done.stderr
        assert not list(work.iterdir())
    print(f"slowest of {len(forged)} encrypted forgeries, with the program's start: {slowest[0] * 1000:.0f} ms ({slowest[1]})")

    # The same content through what reports and explains: masked.
    for command in (["inspect", "--records", "3"], ["check", "--batch", str(world.batch)]):
        with cases.case(f"{command[0]} shows no secret"):
            shown = work / "plain.xml"
            shown.write_text(plaintext)
            done = subprocess.run([world.program, command[0], str(shown), "--type", "mef", *command[1:]], capture_output=True, text=True,
                                  check=False, timeout=60)
            shown.unlink()
            assert not any(s in done.stdout + done.stderr for s in secrets), command
    with cases.case("a whole run tells no secret outside of what is encrypted"):
        for file in world.out.rglob("*"):
            if file.is_file():
                seen = file.read_bytes().decode(errors="replace")
                assert not any(s in seen for s in secrets), file
                assert "PRIVATE KEY" not in seen, file
    with cases.case("every output is its owner's alone"):
        for file in world.out.rglob("*"):
            assert file.stat().st_mode & 0o077 == 0, file


def traced(cases, world, paths):
    """What the program opens and contacts while it reads all forgeries."""
    if shutil.which("strace") is None:
        cases.skip("system calls", "strace is not installed")
        return
    log = world.folder / "trace"
    done = subprocess.run(["strace", "-f", "-qq", "-s", "400", "-o", str(log), "-e",
                           "trace=open,openat,openat2,connect,socket,execve,sendto,prctl,seccomp", str(world.program), "verify",
                           *map(str, paths), "--batch", str(world.batch)], capture_output=True, text=True, check=False, timeout=300)
    if not log.exists() or not log.read_text():
        cases.skip("system calls", f"strace may not trace here: {done.stderr.strip()[-200:]}")
        return
    calls = log.read_text(errors="replace").splitlines()
    with cases.case("nothing is contacted"):
        found = [c for c in calls if re.search(r"\b(socket|connect|sendto)\(", c)]
        assert not found, found[:3]
    with cases.case("no program is started"):
        assert sum("execve(" in c for c in calls) == 1, [c for c in calls if "execve(" in c]
    with cases.case("nothing is opened that a file names"):
        found = [c for c in calls if "trap" in c or "passwd" in c]
        assert not found, found[:3]
    if is_sanitized(world.program):
        cases.skip("what the process gives up", "built with sanitizers")
        return
    with cases.case("the process gives up core files and debuggers"):
        assert any("PR_SET_DUMPABLE, SUID_DUMP_DISABLE" in c for c in calls), "prctl"
    with cases.case("the process confines itself before it opens the first file"):
        filtered = next((i for i, c in enumerate(calls) if "SECCOMP_SET_MODE_FILTER" in c), None)
        first = next(i for i, c in enumerate(calls) if str(paths[0].parent) in c and "openat" in c)
        assert filtered is not None and filtered < first, (filtered, first)


def main():
    program = Path(sys.argv[1]).resolve()
    cases = Cases()
    with scratch() as folder:
        world = World(program, folder)
        paths = signed_ones(cases, world)
        encrypted_ones(cases, world)
        traced(cases, world, paths)
    return cases.finish()


if __name__ == "__main__":
    sys.exit(main())
