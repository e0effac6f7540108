#!/usr/bin/env python3
"""Layouts with `[signature] per = "record"`: independent programs accept what sign writes, and what they sign is accepted.

    tests/witness/record_signatures_test.py PROGRAM

    sign.*       every record gets a signature of its own, and nothing else changes; a second time needs --replace
    round.*      verify and check accept it, and say how many signatures hold
    xmlsec1.*    verifies each record's signature; what it signs from templates is accepted
    lxml.*       lxml's exclusive form of each record, cut out, has the digest; what python3-cryptography signs over it is accepted
    spoilt.*     any change is refused by verify and by check, and they name the record
    dry_run      says that it has no use for such a layout
    encrypt.*    leaves signatures out, in one pass or two; signed afterwards, the file is accepted, and decrypt leaves them out again
"""

import argparse
import base64
import copy
import hashlib
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests/week"))

from week import Cases, generate, scratch  # noqa: E402

DS = "http://www.w3.org/2000/09/xmldsig#"
ROOM = f'<xs:any namespace="{DS}" processContents="skip" minOccurs="0"/>'
SIGNATURE = re.compile(r"<ds:Signature .*?</ds:Signature>", re.S)
RECORD = re.compile(r"<Installation .*?</Installation>", re.S)


class Subject:
    """One file of a type, without its signature, and the layout by which its records are signed."""

    def __init__(self, program, folder, batch, given, kind):
        self.program, self.folder, self.batch, self.kind = program, folder / kind, batch, kind
        layouts = self.folder / "layouts"
        shutil.copytree(ROOT / "schemas/xsd", layouts / "xsd")
        xsd = layouts / f"xsd/{kind}.xsd"
        text = xsd.read_text(encoding="utf-8")
        text = re.sub(r'(<xs:complexType name="Installation">.*?)(\n    </xs:sequence>)', rf"\1{ROOM}\2", text, count=1, flags=re.S)
        xsd.write_text(text, encoding="utf-8")
        layout = (ROOT / f"schemas/layouts/{kind}/1.toml").read_text(encoding="utf-8")
        layout = re.sub(r'^version = .*$', 'version = "signed-records"', layout, flags=re.M)
        layout = re.sub(r"^(signer = .*)$", r'\1\nper = "record"\nid = "@id"', layout, flags=re.M)
        (layouts / f"layouts/{kind}").mkdir(parents=True)
        (layouts / f"layouts/{kind}/signed-records.toml").write_text(layout, encoding="utf-8")
        self.own = ["--batch", batch, "--layouts", layouts, "--type", f"{kind}/signed-records"]
        self.plain = self.folder / "plain" / given.name
        self.plain.parent.mkdir()
        self.text = SIGNATURE.sub("", given.read_text(encoding="utf-8"))
        self.plain.write_text(self.text, encoding="utf-8")
        self.records = len(RECORD.findall(self.text))
        self.signed = self.folder / "signed" / given.name
        role = re.search(r'^signer = "(.*)"', layout, re.M)[1]
        sender = re.search("<Sender>([^<]*)", self.text)[1]
        self.certificate = batch / f"pki/{role}/{sender}.file-signing.pem"
        self.key = self.certificate.with_name(self.certificate.name.replace(".pem", ".key.pem"))

    def start(self, *arguments):
        return subprocess.run([str(self.program), *map(str, arguments)], capture_output=True, text=True, check=False, timeout=300)

    def run(self, *arguments):
        done = self.start(*arguments)
        if done.returncode != 0:
            raise AssertionError(f"{' '.join(map(str, arguments))}: {done.returncode}: {done.stderr}{done.stdout}")
        return done

    def put(self, name, text):
        path = self.folder / name / self.signed.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def accepted(self, path):
        """What keeps verify and check from accepting the file."""
        all_hold = f"{self.records} of {self.records} signatures hold"
        verify, check = self.start("verify", path, *self.own), self.start("check", path, *self.own)
        return [f"{name}: exit {done.returncode}: {done.stdout}{done.stderr}" for name, done in (("verify", verify), ("check", check))
                if done.returncode != 0 or all_hold not in done.stdout + done.stderr]


def check_sign(cases, s):
    s.run("sign", s.plain, *s.own, "-o", s.signed)
    text = s.signed.read_text(encoding="utf-8")
    faults = [] if SIGNATURE.sub("", text) == s.text else ["something else was changed"]
    for record in RECORD.findall(text):
        name = re.search(r'id="([^"]*)"', record)[1]
        if record.count("<ds:Signature ") != 1 or not record.endswith("</ds:Signature></Installation>") or f'URI="#{name}"' not in record:
            faults.append(f"{name}: {record[-200:]}")
    cases.check(f"sign.{s.kind}", faults)
    again = s.start("sign", s.signed, *s.own, "-o", s.folder / "no.xml")
    replaced = s.folder / "again" / s.signed.name
    s.run("sign", s.signed, *s.own, "--replace", "-o", replaced)
    cases.check(f"sign.{s.kind}.again", s.accepted(replaced) +
                ([] if again.returncode == 2 and "is signed already" in again.stderr else [again.stderr]))
    by_key = s.folder / "by_key" / s.signed.name
    s.run("sign", s.plain, *s.own, "--key", s.key, "--cert", s.certificate, "-o", by_key)
    cases.check(f"sign.{s.kind}.by_key", s.accepted(by_key))


def check_round(cases, s):
    cases.check(f"round.{s.kind}", s.accepted(s.signed))
    told = s.start("verify", s.signed, *s.own, "--format", "json")
    answer = json.loads(told.stdout)
    good = answer["holds"] and answer["records"] == answer["holding"] == s.records and "signer" in answer
    cases.check(f"round.{s.kind}.json", [] if good else [told.stdout])


def verified_by_xmlsec1(s, path):
    faults = []
    for i in range(1, s.records + 1):
        done = subprocess.run(["xmlsec1", "--verify", "--pubkey-cert-pem", str(s.certificate), "--id-attr:id", "Installation", "--node-xpath",
                               f"(//*[local-name()='Installation'])[{i}]/*[local-name()='Signature']", str(path)],
                              capture_output=True, text=True, check=False)
        if done.returncode != 0:
            faults.append(f"record {i}: {done.stderr[:300]}")
    return faults


def check_xmlsec1(cases, s):
    if not shutil.which("xmlsec1"):
        return cases.skip(f"xmlsec1.{s.kind}", "xmlsec1 is not installed")
    cases.check(f"xmlsec1.{s.kind}.verifies", verified_by_xmlsec1(s, s.signed))
    text = s.signed.read_text(encoding="utf-8")
    spoilt = s.put("xmlsec1", re.sub(r'(<Installation id="[^"]*")', r"\1 ", text, count=1).replace("<Result>Acc", "<Result> Acc", 1))
    if s.kind == "mvf":
        cases.check("xmlsec1.mvf.notices", [] if verified_by_xmlsec1(s, spoilt) else ["a changed record is accepted"])
    # It fills in templates, one after the other.
    path = s.put("templates", SIGNATURE.sub(lambda m: re.sub(
        r"(<ds:(?:DigestValue|SignatureValue)>)[^<]*", r"\1",
        re.sub(r"<ds:X509IssuerSerial>.*?</ds:X509IssuerSerial>", "<ds:X509IssuerSerial/>", m[0])), text))
    for i in range(1, s.records + 1):
        out = path.with_name("out.xml")
        subprocess.run(["xmlsec1", "--sign", "--privkey-pem", f"{s.key},{s.certificate}", "--id-attr:id", "Installation", "--node-xpath",
                        f"(//*[local-name()='Installation'])[{i}]/*[local-name()='Signature']", "--output", str(out), str(path)],
                       capture_output=True, check=True)
        out.replace(path)
    cases.check(f"xmlsec1.{s.kind}.signs", s.accepted(path))
    return None


def check_lxml(cases, s):
    try:
        from cryptography.hazmat.primitives import hashes, serialization
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
        from cryptography.x509 import load_pem_x509_certificate
        from lxml import etree
    except ImportError as e:
        return cases.skip(f"lxml.{s.kind}", f"python3-cryptography or python3-lxml is not installed: {e}")

    def exclusive(element):
        return etree.tostring(element, method="c14n", exclusive=True, with_comments=False)

    def without_signature(record):
        """The record alone, with the text that followed its signature."""
        alone = copy.deepcopy(record)
        alone.tail = None
        signature = alone.find(f"{{{DS}}}Signature")
        before, tail = signature.getprevious(), signature.tail or ""
        if before is not None:
            before.tail = (before.tail or "") + tail
        else:
            alone.text = (alone.text or "") + tail
        alone.remove(signature)
        return exclusive(alone)

    public = load_pem_x509_certificate(s.certificate.read_bytes()).public_key()
    private = serialization.load_pem_private_key(s.key.read_bytes(), None)
    root = etree.fromstring(s.signed.read_bytes())
    faults = []
    for record in root.iter("{*}Installation"):
        signature = record.find(f"{{{DS}}}Signature")
        digest = base64.b64encode(hashlib.sha256(without_signature(record)).digest()).decode()
        if signature.findtext(f".//{{{DS}}}DigestValue") != digest:
            faults.append(f"{record.get('id')}: another digest")
        value = base64.b64decode(signature.findtext(f"{{{DS}}}SignatureValue"))
        info = copy.deepcopy(signature.find(f"{{{DS}}}SignedInfo"))
        public.verify(encode_dss_signature(int.from_bytes(value[:32], "big"), int.from_bytes(value[32:], "big")),
                      exclusive(info), ec.ECDSA(hashes.SHA256()))
    cases.check(f"lxml.{s.kind}.verifies", faults)

    # Spelled as no canonical writer would, in another prefix, with a comment, and signed over what lxml makes of it.
    text = s.signed.read_text(encoding="utf-8")
    text = re.sub(r'<Installation id="([^"]*)">', r"<Installation  id='\1'><!-- by another -->", text)
    text = text.replace("<ds:", "<g:").replace("</ds:", "</g:").replace("xmlns:ds=", "xmlns:g=").replace("</Installation>", "\n</Installation >")
    root = etree.fromstring(text.encode())
    for record in root.iter("{*}Installation"):
        signature = record.find(f"{{{DS}}}Signature")
        digest = base64.b64encode(hashlib.sha256(without_signature(record)).digest()).decode()
        signature.find(f".//{{{DS}}}DigestValue").text = digest
        r, v = decode_dss_signature(private.sign(exclusive(signature.find(f"{{{DS}}}SignedInfo")), ec.ECDSA(hashes.SHA256())))
        signature.find(f"{{{DS}}}SignatureValue").text = base64.b64encode(r.to_bytes(32, "big") + v.to_bytes(32, "big")).decode()
        name = record.get("id")
        old = re.search(rf"<Installation  id='{re.escape(name)}'>.*?</Installation >", text, re.S)[0]
        new = re.sub(r"(<g:DigestValue>)[^<]*", rf"\g<1>{digest}", old)
        new = re.sub(r"(<g:SignatureValue>)[^<]*", rf"\g<1>{signature.find(f'{{{DS}}}SignatureValue').text}", new)
        text = text.replace(old, new)
    cases.check(f"lxml.{s.kind}.signs", s.accepted(s.put("lxml", text)))
    return None


def check_spoilt(cases, s):
    text = s.signed.read_text(encoding="utf-8")
    first, second = SIGNATURE.findall(text)[:2]
    record = RECORD.search(text)[0]
    name = re.search(r'id="([^"]*)"', record)[1]
    spoilt = {
        "record": ("file.digest-mismatch", text.replace("<Result>Accepted", "<Result>Rejected", 1)),
        "missing": ("file.signature-missing", text.replace(first, "", 1)),
        "swapped": ("file.signature-shape", text.replace(first, "@").replace(second, first).replace("@", second)),
        "other_uri": ("file.signature-shape", text.replace(f'URI="#{name}"', 'URI="#x"', 1)),
        "whole_file": ("file.signature-shape", text.replace(f'URI="#{name}"', 'URI=""', 1)),
        "not_last": ("file.signature-shape", text.replace(first, "", 1).replace("<Result>", first + "<Result>", 1)),
        "repeated": ("file.signature-shape", text.replace(record, record + record, 1)),
        "wrapped": ("file.signature-shape", text.replace(record, record.replace("Accepted", "Rejected").replace(
            first, f'<ds:Object xmlns:ds="{DS}">{record}</ds:Object>'), 1)),
    }
    for case, (rule, changed) in spoilt.items():
        path = s.put(f"spoilt/{case}", changed)
        faults = [] if changed != text else ["nothing was spoilt"]
        for command in ("verify", "check"):
            done = s.start(command, path, *s.own)
            if done.returncode != 1 or rule not in done.stdout or (case != "wrapped" and name not in done.stdout):
                faults.append(f"{command}: exit {done.returncode}: {done.stdout}{done.stderr}")
        cases.check(f"spoilt.{case}", faults)
    # A file that is signed as a whole, and the other way round.
    whole = s.put("whole", s.text)
    s.run("sign", whole, "--batch", s.batch, "--type", s.kind, "-o", whole.with_name("out.xml"))
    whole.with_name("out.xml").replace(whole)
    there, here = s.start("verify", whole, *s.own), s.start("verify", s.signed, "--batch", s.batch)
    cases.check("spoilt.other_layout", [d.stdout + d.stderr for d in (there, here) if d.returncode != 1])


def check_dry_run(cases, s):
    batch = s.folder / "batch"
    shutil.copytree(s.batch, batch)
    shutil.copytree(s.folder / "layouts", batch / "schemas")
    done = s.start("dry-run", batch, "-o", s.folder / "never")
    made = s.start("generate", "week", "-n", 3, "--layouts", s.folder / "layouts", "-o", s.folder / "never-made")
    for case, done in (("dry_run", done), ("generate", made)):
        good = done.returncode == 2 and "signed-records" in done.stderr and 'per = "record"' in done.stderr
        cases.check(case, [] if good else [f"exit {done.returncode}: {done.stderr}"])
    cases.check("generate.nothing_made", ["a folder is there"] if (s.folder / "never-made").exists() else [])


def check_encryption(cases, s):
    """From the file with its shares open, signed before and after."""
    opened = s.folder / "opened" / s.signed.name
    s.run("decrypt", s.signed, *s.own, "-o", opened)
    text = opened.read_text(encoding="utf-8")
    cases.check("encrypt.decrypt", ["signatures are still there"] if "<ds:Signature " in text else [] if "<S1SP" in text else ["nothing is open"])
    signed = s.folder / "opened_signed" / s.signed.name
    s.run("sign", opened, *s.own, "-o", signed)
    for case, more in (("one_pass", ["--check"]), ("two_passes", [])):
        out, again = s.folder / case / s.signed.name, s.folder / case / "signed" / s.signed.name
        s.run("encrypt", signed, *more, *s.own, "-o", out)
        text = out.read_text(encoding="utf-8")
        faults = [] if "<ds:Signature " not in text and "<S1SP" not in text else ["signatures or open shares are there"]
        s.run("sign", out, *s.own, "-o", again)
        cases.check(f"encrypt.{case}", faults + s.accepted(again))


def main(arguments):
    parser = argparse.ArgumentParser()
    parser.add_argument("program", type=Path)
    given = parser.parse_args(arguments)
    cases = Cases()
    with scratch() as folder:
        program = given.program.resolve()
        batch = generate(program, folder / "batch", 40, 1, "--faults", "none")
        subprocess.run([program, "dry-run", batch, "-o", folder / "out", "-q"], check=True, capture_output=True)

        def largest(kind):
            return max((folder / "out/files" / kind).iterdir(), key=lambda p: p.stat().st_size)

        verdicts = Subject(program, folder, batch, largest("mvf"), "mvf")
        # Values that are encrypted declare namespaces of their own inside of the records.
        encrypted = Subject(program, folder, batch, largest("mef"), "mef")
        for s in (verdicts, encrypted):
            check_sign(cases, s)
            check_round(cases, s)
            check_xmlsec1(cases, s)
            check_lxml(cases, s)
        check_spoilt(cases, verdicts)
        check_encryption(cases, encrypted)
        check_dry_run(cases, verdicts)
    return cases.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
