#!/usr/bin/env python3
"""A bad file among good ones is refused with the rule that says why, and the good ones are not touched.

    tests/week/refusals_test.py PROGRAM

    fault.*   a file of the exchange gets a fault on its way, as a script asks for it
    given.*   a file that somebody else made takes the place of the one that the run would make: with one byte changed at
              twenty places, with two signatures, and truly signed with the key of another role

Every byte of a file is tried in tests/pipeline/every_byte_test.cpp.
"""

import re
import sys

from week import Cases, dry_run, generate, lines, program_of, scratch, tree, without_random

INSTALLATIONS = 60
SEED = 5
PLACES = 20

# Faults of a script, the type that gets them, and the rule that has to find them.
FAULTS = (
    ("file.signer-role", "mcf"),
    ("file.signer-role", "scf"),
    ("file.signer-party", "mcf"),
    ("file.counter", "mcf"),
    ("file.counter", "cof"),
    ("file.recipient", "mcf"),
    ("file.recipient", "mvf"),
    ("xml.doctype", "mcf"),
    ("xml.doctype", "mef"),
    ("file.digest-mismatch", "mcf"),
    ("file.digest-mismatch", "mgf"),
    ("file.signature-shape", "mcf"),
    ("file.signature-missing", "mcf"),
    ("file.signature-invalid", "mef"),
    ("file.not-for-this-key", "mef"),
    ("file.not-encrypted", "mef"),
)


class Week:
    """A week without faults, how it ends, and one of its MCFs."""

    def __init__(self, program, folder):
        self.program = program
        self.batch = generate(program, folder / "batch", INSTALLATIONS, SEED, "--faults", "none")
        self.out = dry_run(program, self.batch, folder / "good")
        self.files = {n: without_random(p.read_bytes()) for n, p in tree(self.out).items() if self.is_exchanged(n)}
        # The smallest MCF with at least one installation.
        paths = [p for p in self.out.glob("files/mcf/*") if b"<Installation " in p.read_bytes()]
        self.mcf = min(paths, key=lambda p: p.stat().st_size)
        text = self.mcf.read_text(encoding="utf-8")
        self.smso = re.search("<SMSO>(.*?)</SMSO>", text)[1]
        self.day = re.search("<MigrateOn>(.*?)</MigrateOn>", text)[1]
        self.group = re.search("<GroupID>(.*?)</GroupID>", text)[1]

    @staticmethod
    def is_exchanged(name):
        return name.startswith("files/") or (name.startswith("suppliers/") and name.endswith(".xml"))

    def is_of_the_bad_file(self, name):
        """Files that say what became of the SMSO's installations of that day, and the copies of the whole week."""
        if f"_{self.smso}_" not in name:
            return False
        if name.startswith("suppliers/"):
            return True
        data = self.files.get(name)
        return data is None or f"<MigrateOn>{self.day}</MigrateOn>".encode() in data

    def faults_after(self, out, rule, bad):
        """What is wrong with a run in which the file named by `bad` should have been refused by `rule`."""
        found = lines(out / "findings.jsonl")
        faults = [f"also found {f['rule']} in {f['file']}" for f in found if f["rule"] != rule or not bad(f["file"])]
        if len(found) != 1:
            faults.append(f"{len(found)} findings instead of one {rule}")
        files = {n: without_random(p.read_bytes()) for n, p in tree(out).items() if self.is_exchanged(n)}
        others = [n for n in self.files if not self.is_of_the_bad_file(n)]
        if len(others) < 20:
            faults.append("there are hardly any other files")
        faults += [f"{n} is touched" for n in others if files.get(n) != self.files[n]]
        faults += [f"{n} is new" for n in files if n not in self.files and not self.is_of_the_bad_file(n)]
        # Who is not concerned ends as before.
        concerned = set()
        for data in self.files.values():
            if f"<SMSO>{self.smso}</SMSO>".encode() in data and f"<MigrateOn>{self.day}</MigrateOn>".encode() in data:
                concerned |= set(re.findall(rb'<Installation id="([^"]+)"', data))
        before = {o["installation"]: o for o in lines(self.out / "outcomes.jsonl")}
        after = {o["installation"]: o for o in lines(out / "outcomes.jsonl")}
        for name, outcome in before.items():
            if name.encode() not in concerned and after.get(name) != outcome:
                faults.append(f"{name} ends otherwise: {after.get(name)}")
        if not any(o.get("reason") == rule for o in after.values()):
            faults.append(f"no installation ends by {rule}")
        return faults[:8]


def check_script(cases, week, folder, number, rule, kind):
    group = f',"group":"{week.group}"' if kind in ("mgf", "mef", "scf") else ""
    event = f'{{"file":"{kind}","smso":"{week.smso}","day":"{week.day}"{group},"fault":"{rule}"}}\n'
    (week.batch / "script.jsonl").write_text(event, encoding="utf-8")
    out = dry_run(week.program, week.batch, folder / f"fault-{number}")
    (week.batch / "script.jsonl").unlink()
    cases.check(f"fault.{rule}.{kind}", week.faults_after(out, rule, lambda name: f"_{week.smso}_" in name))


def check_given(cases, week, folder, name, data, rules):
    given = folder / f"given-{name}" / week.mcf.name
    given.parent.mkdir()
    given.write_bytes(data)
    out = folder / f"given-{name}-out"
    try:
        dry_run(week.program, week.batch, out, "--given", f"mcf={given}")
    except AssertionError as e:
        # A file whose head cannot be read cannot take any file's place: the run does not start, and says so.
        text = str(e)
        said = "exit 2" in text and given.name in text
        return cases.check(f"given.{name}", [] if said and "head" in rules else [text])
    rule = lines(out / "findings.jsonl")[0]["rule"] if (out / "findings.jsonl").stat().st_size else "nothing"
    faults = week.faults_after(out, rule, lambda n: n == given.name)
    if rule not in rules:
        faults.insert(0, f"found {rule}, expected one of {sorted(rules)}")
    return cases.check(f"given.{name}", faults)


ANY = {"xml.not-well-formed", "xml.encoding", "xml.schema", "file.digest-mismatch", "file.signature-shape", "file.signature-algorithm",
       "file.signature-invalid", "file.signature-missing", "file.signer-unknown", "file.signer-party", "head"}


def signed_by_s1sp(week, data):
    """The file as it is, with a signature of the S1SP's file-signing key that holds."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

    from week import base64

    stem = next(week.batch.glob("pki/s1sp/*.file-signing.pem"))
    certificate = x509.load_pem_x509_certificate(stem.read_bytes())
    key = serialization.load_pem_private_key(stem.with_suffix("").with_suffix(".file-signing.key.pem").read_bytes(), None)
    info = re.search(rb"<ds:SignedInfo>.*</ds:SignedInfo>", data, re.S)[0]
    canonical = info.replace(b"<ds:SignedInfo>", b'<ds:SignedInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#">', 1)
    r, s = decode_dss_signature(key.sign(canonical, ec.ECDSA(hashes.SHA256())))
    value = base64.b64encode(r.to_bytes(32, "big") + s.to_bytes(32, "big"))
    data = re.sub(rb"(<ds:SignatureValue>)[^<]*", lambda m: m[1] + value, data)
    serial = str(certificate.serial_number).encode()
    return re.sub(rb"(<ds:X509SerialNumber>)[^<]*", lambda m: m[1] + serial, data)


def main(arguments):
    program = program_of(arguments)
    cases = Cases()
    with scratch() as folder:
        week = Week(program, folder)
        for number, (rule, kind) in enumerate(FAULTS):
            check_script(cases, week, folder, number, rule, kind)
        data = week.mcf.read_bytes()
        check_given(cases, week, folder, "two_signatures",
                    re.sub(rb"(<ds:Signature .*</ds:Signature>)", rb"\1\1", data, flags=re.S), {"file.signature-shape"})
        check_given(cases, week, folder, "another_digest",
                    re.sub(rb"(<ds:DigestValue>).", rb"\g<1>+", data), {"file.digest-mismatch"})
        try:
            check_given(cases, week, folder, "truly_signed_by_another_role", signed_by_s1sp(week, data), {"file.signer-role"})
        except ImportError:
            cases.skip("given.truly_signed_by_another_role", "python3-cryptography is not installed")
        for i in range(PLACES):
            at = len(data) * i // PLACES + 7
            changed = bytearray(data)
            changed[at] ^= 1
            check_given(cases, week, folder, f"byte_{at}", bytes(changed), ANY)
    return cases.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
