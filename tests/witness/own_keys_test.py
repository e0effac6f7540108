#!/usr/bin/env python3
"""A layout with `key-per = "record"`: every value brings its own key, and independent readers open it.

    tests/witness/own_keys_test.py PROGRAM

    shape        each EncryptedData holds one EncryptedKey, whose Id is its own; the header holds none
    reader.*     python3-cryptography opens every share with its recipient's key, and with no other
    xmlsec1      opens what went by RSA-OAEP
    round.*      decrypt gives back what was encrypted, one recipient after the other; check accepts it, encrypted in one pass or two
    spoilt.*     any change of a key or value, and keys in the header instead, are refused with one message and no output
    dry_run      says that it has no use for such a layout
"""

import argparse
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests/week"))

from week import Cases, generate, scratch  # noqa: E402

XENC = "{http://www.w3.org/2001/04/xmlenc#}"
DS = "{http://www.w3.org/2000/09/xmldsig#}"
REFUSAL = "file.not-for-this-key"


class Subject:
    """A batch whose keys go by one transport, and the plain text of its largest MEF."""

    def __init__(self, program, folder, transport, *more):
        self.program, self.folder, self.transport = program, folder, transport
        self.batch = generate(program, folder / "batch", 40, 1, "--faults", "none", *more)
        self.run("dry-run", self.batch, "-o", folder / "out", "-q")
        layouts = folder / "layouts"
        shutil.copytree(ROOT / "schemas", layouts)
        layout = (layouts / "layouts/mef/1.toml").read_text(encoding="utf-8")
        layout = re.sub(r'^keys = .*$', 'key-per = "record"', layout, flags=re.M)
        layout = re.sub(r'^version = .*$', 'version = "own-keys"', layout, flags=re.M)
        shutil.rmtree(layouts / "layouts")
        (layouts / "layouts/mef").mkdir(parents=True)
        (layouts / "layouts/mef/own-keys.toml").write_text(layout, encoding="utf-8")
        self.own = ["--batch", self.batch, "--layouts", layouts, "--type", "mef/own-keys"]
        # The one with the most shares.
        self.mef = max((folder / "out/files/mef").iterdir(), key=lambda p: p.stat().st_size)
        self.plain = folder / "plain" / self.mef.name
        self.run("decrypt", self.mef, "--batch", self.batch, "-o", self.plain)

    def start(self, *arguments):
        return subprocess.run([str(self.program), *map(str, arguments)], capture_output=True, text=True, check=False, timeout=300)

    def run(self, *arguments):
        done = self.start(*arguments)
        if done.returncode != 0:
            raise AssertionError(f"{' '.join(map(str, arguments))}: {done.returncode}: {done.stderr}")
        return done

    def encrypted(self):
        out = self.folder / "encrypted" / self.mef.name
        self.run("encrypt", self.plain, *self.own, "--key-transport", self.transport, "-o", out)
        return out


def check_shape(cases, path):
    text = path.read_text(encoding="utf-8")
    values = re.findall(r"<xenc:EncryptedData.*?</xenc:EncryptedData>", text, re.S)
    ids = re.findall(r'<xenc:EncryptedKey[^>]* Id="([^"]+)"', text)
    faults = [f"{v.count('<xenc:EncryptedKey')} keys in a value" for v in values if v.count("<xenc:EncryptedKey") != 1]
    if len(values) < 4 or len(set(ids)) != len(values):
        faults.append(f"{len(values)} values, ids {ids}")
    if "RetrievalMethod" in text:
        faults.append("a RetrievalMethod")
    cases.check("shape", faults)


def check_reader(cases, subject, path, use):
    try:
        from mef_reader import NotReadable, Recipient, content_key, issuer_serial_of, octets_of, parse, plaintext
    except ImportError as e:
        return cases.skip(f"reader.{use}", f"python3-cryptography or python3-lxml is not installed: {e}")
    root = parse(path.read_bytes())
    originator = octets_of(root.findtext(".//{*}Sender"))
    recipients = [Recipient(c, c.with_name(c.name.replace(".pem", ".key.pem")))
                  for role in ("s1sp", "dco") for c in sorted((subject.batch / "pki" / role).glob(f"*.{use}.pem"))]
    expected = {re.sub(r' xmlns="[^"]*"', "", s) for s in
                re.findall(r"<(?:S1SP|DCO)\b.*?</(?:S1SP|DCO)>", subject.plain.read_text(encoding="utf-8"), re.S)}
    seen, faults = set(), []
    for data in root.iter(XENC + "EncryptedData"):
        key = data.find(f"{DS}KeyInfo/{XENC}EncryptedKey")
        mine = [r for r in recipients if r.is_named_by(issuer_serial_of(key))]
        if len(mine) != 1:
            faults.append(f"{key.get('Id')} is for {len(mine)} recipients")
            continue
        seen.add(re.sub(r' xmlns="[^"]*"', "", plaintext(data, content_key(key, mine[0], originator)).decode()))
        other = next(r for r in recipients if r is not mine[0])
        try:
            plaintext(data, content_key(key, other, originator))
            faults.append(f"{key.get('Id')} opens with another key")
        except NotReadable:
            pass
    if not expected or not {re.sub(r">\s+<", "><", s) for s in seen} == {re.sub(r">\s+<", "><", s) for s in expected}:
        faults.append(f"read {len(seen)} shares, expected {len(expected)}")
    cases.check(f"reader.{use}", faults)
    return None


def check_xmlsec1(cases, subject, path):
    if not shutil.which("xmlsec1"):
        return cases.skip("xmlsec1", "xmlsec1 is not installed")
    text = path.read_text(encoding="utf-8")
    faults = []
    for i, recipient in enumerate(re.findall(r'<xenc:EncryptedKey[^>]* Recipient="([^"]+)"', text), 1):
        key = next((subject.batch / "pki").glob(f"*/{recipient}.key-encipherment.key.pem"))
        done = subprocess.run(["xmlsec1", "--decrypt", "--privkey-pem", str(key), "--node-xpath",
                               f"(//*[local-name()='EncryptedData'])[{i}]", str(path)], capture_output=True, text=True, check=False)
        if done.returncode != 0 or not re.search(r"<(S1SP|DCO)\b", done.stdout):
            faults.append(f"value {i} for {recipient}: {done.stderr[:200]}")
    cases.check("xmlsec1", faults)
    return None


def check_round(cases, subject, path):
    transport = subject.transport
    half, whole = path.with_name("half.xml"), path.with_name("whole.xml")
    subject.run("decrypt", path, *subject.own, "--as", "s1sp", "-o", half)
    faults = [] if "<S1SP" in half.read_text(encoding="utf-8") and "<DCO" not in half.read_text(encoding="utf-8") else ["not one share"]
    subject.run("decrypt", half, *subject.own, "--as", "dco", "-o", whole)

    def bare(file):
        return re.sub(r'<(S1SP|DCO) xmlns="[^"]*"', r"<\1", file.read_text(encoding="utf-8"))

    cases.check(f"round.{transport}.decrypt", faults + ([] if bare(whole) == bare(subject.plain) else ["another text"]))
    signed = path.with_name("signed") / path.name
    subject.run("sign", path, *subject.own, "-o", signed)
    done = subject.start("check", signed, *subject.own)
    cases.check(f"round.{transport}.check", [] if done.returncode == 0 and "no findings" in done.stderr else [done.stdout + done.stderr])


def check_one_pass(cases, subject):
    """What --check writes is the same but for keys and values."""
    signed, out = subject.folder / "one" / subject.plain.name, subject.folder / "pass" / subject.plain.name
    subject.run("sign", subject.plain, *subject.own, "-o", signed)
    subject.run("encrypt", signed, "--check", *subject.own, "-o", out)

    def bare(path):
        text = re.sub(r"<(?:xenc:CipherValue|dsig11:PublicKey)>[^<]*<", "<", path.read_text(encoding="utf-8"))
        return re.sub(r' Id="key-[^"]*"', "", text)

    two = subject.folder / "encrypted" / subject.mef.name
    cases.check("round.one_pass", [] if bare(out) == bare(two) else ["encrypt --check writes something else"])
    subject.run("decrypt", out, *subject.own, "-o", out.with_name("plain.xml"))


def check_spoilt(cases, subject, path):
    text = path.read_text(encoding="utf-8")
    values = list(re.finditer(r"<xenc:CipherValue>([^<]+)<", text))

    def flipped(match):
        at = match.start(1) + 30
        return text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1:]

    point = re.search(r"<dsig11:PublicKey>([^<]+)<", text)
    first = re.search(r"<xenc:EncryptedKey.*?</xenc:EncryptedKey>", text, re.S)[0]
    spoilt = {
        "key": flipped(values[0]),
        "value": flipped(values[1]),
        "point": flipped(point),
        "party": text.replace('PartyUInfo="00', 'PartyUInfo="01', 1),
        "two_keys": text.replace(first, first + first, 1),
        "no_key": text.replace(first, "", 1),
        "algorithm": text.replace("xmlenc11#aes256-gcm", "xmlenc11#aes128-gcm", 1),
        "retrieval": text.replace(first, '<ds:RetrievalMethod Type="http://www.w3.org/2001/04/xmlenc#EncryptedKey" URI="#k"></ds:RetrievalMethod>', 1),
        "keys_in_header": subject.mef.read_text(encoding="utf-8"),
    }
    said = set()
    for name, bytes_of in spoilt.items():
        folder = subject.folder / "spoilt" / name
        folder.mkdir(parents=True)
        file, out = folder / path.name, folder / "out.xml"
        file.write_text(bytes_of, encoding="utf-8")
        done = subject.start("decrypt", file, *subject.own, "-o", out)
        faults = [] if done.returncode == 1 and REFUSAL in done.stderr else [f"exit {done.returncode}: {done.stderr}"]
        said.add(done.stderr.replace(str(file), "FILE"))
        if out.exists() or bytes_of == text:
            faults.append("something was written" if out.exists() else "nothing was spoilt")
        cases.check(f"spoilt.{name}", faults)
    cases.check("spoilt.one_message", [] if len(said) == 1 else [str(said)])
    # Values with keys of their own, where the layout has them in the header.
    done = subject.start("decrypt", path, "--batch", subject.batch, "-o", subject.folder / "no.xml")
    cases.check("spoilt.other_layout", [] if done.returncode == 1 and not (subject.folder / "no.xml").exists() else [done.stderr])


def check_dry_run(cases, subject):
    shutil.copytree(subject.folder / "layouts", subject.batch / "schemas")
    done = subject.start("dry-run", subject.batch, "-o", subject.folder / "never")
    cases.check("dry_run", [] if done.returncode == 2 and "own-keys" in done.stderr and "key-per" in done.stderr else
                [f"exit {done.returncode}: {done.stderr}"])


def main(arguments):
    parser = argparse.ArgumentParser()
    parser.add_argument("program", type=Path)
    given = parser.parse_args(arguments)
    cases = Cases()
    with scratch() as folder:
        program = given.program.resolve()
        agreement = Subject(program, folder / "agreement", "ecdh-es")
        rsa = Subject(program, folder / "rsa", "rsa-oaep", "--rsa")
        by_agreement, by_rsa = agreement.encrypted(), rsa.encrypted()
        check_shape(cases, by_agreement)
        check_reader(cases, agreement, by_agreement, "key-agreement")
        check_reader(cases, rsa, by_rsa, "key-encipherment")
        check_xmlsec1(cases, rsa, by_rsa)
        check_round(cases, agreement, by_agreement)
        check_round(cases, rsa, by_rsa)
        check_one_pass(cases, agreement)
        check_spoilt(cases, agreement, by_agreement)
        check_dry_run(cases, agreement)
    return cases.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
