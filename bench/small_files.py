#!/usr/bin/env python3
"""The whole job on a folder of one-installation files, s1flow against the peers that do the same.

    bench/small_files.py PEERS_FOLDER [--build build/release] [--files 10000] [--rounds 5] [--work FOLDER]

Each file is read, judged by its XML Schema, its signature and the rules, its Credentials are encrypted under a content key of its
own, and it is written, synced and renamed into another folder. Cold processes, one after another in every round; keep the machine
idle. The work folder (default: a new one under TMPDIR) should lie on a disk, since syncing is part of the job. The shell peer, which
starts three programs for each file, gets the first 200 files only. Prints files per second, medians, and ratios.
"""

import argparse
import base64
import hashlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

HERE = Path(__file__).resolve().parent
PYTHON = "/usr/bin/python3"
DS = "http://www.w3.org/2000/09/xmldsig#"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
END = "</MigrationCommonFile>"
SHELL_FILES = 200
AT = "2024-05-03T12:00:00Z"


def signed_info(digest, transforms):
    chain = "".join(f'<ds:Transform Algorithm="{t}"></ds:Transform>' for t in transforms)
    return (f'<ds:CanonicalizationMethod Algorithm="{EXCLUSIVE}"></ds:CanonicalizationMethod>'
            '<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"></ds:SignatureMethod>'
            f'<ds:Reference URI=""><ds:Transforms>{chain}</ds:Transforms>'
            '<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"></ds:DigestMethod>'
            f"<ds:DigestValue>{digest}</ds:DigestValue></ds:Reference>")


def sign(document, key, transforms, key_info):
    """`document` is canonical but for its first line, and stops before the end tag of its root."""
    canonical = document[document.index("\n") + 1:] + END
    digest = base64.b64encode(hashlib.sha256(canonical.encode()).digest()).decode()
    info = signed_info(digest, transforms)
    alone = f'<ds:SignedInfo xmlns:ds="{DS}">{info}</ds:SignedInfo>'
    r, s = decode_dss_signature(key.sign(alone.encode(), ec.ECDSA(hashes.SHA256())))
    value = base64.b64encode(r.to_bytes(32, "big") + s.to_bytes(32, "big")).decode()
    return (f'{document}<ds:Signature xmlns:ds="{DS}"><ds:SignedInfo>{info}</ds:SignedInfo>'
            f"<ds:SignatureValue>{value}</ds:SignatureValue>{key_info}</ds:Signature>{END}\n")


def pem(key, private=True):
    if private:
        return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def good_mprn(match):
    body = match.group(1)[:-2]
    total = sum(int(digit) * (len(body) - i) for i, digit in enumerate(body))
    return f"<MPRN>{body}{total % 11:02d}"


class Bench:
    def __init__(self, given, work):
        self.given, self.work, self.peers = given, work, Path(given.peers).resolve()
        self.program = Path(given.build).resolve() / "cli/s1flow"
        (work / "schemas/xsd").mkdir(parents=True)
        shutil.copytree(HERE / "peers/layouts", work / "schemas/layouts")
        shutil.copy(self.peers / "mcf.xsd", work / "schemas/xsd")
        subprocess.run([self.program, "generate", "pki", "-o", work / "pki", "--week", "2024-05-06"], check=True, capture_output=True)
        own = next((work / "pki/requesting-party").glob("*.file-signing.key.pem"))
        self.sender = own.name.split(".")[0]
        self.recipient = next((work / "pki/s1sp").glob("*.key-encipherment.pem"))
        self.common = ["--layouts", work / "schemas", "--pki", work / "pki", "--at", AT, "--type", "mcf/peers",
                       "--severity", "file.name=off"]
        self.make(serialization.load_pem_private_key(own.read_bytes(), None))
        # The peers are given two bare keys; a hundred certificates of others would be another job.
        wanted = (self.recipient.name.removesuffix("pem"), f"{self.sender}.file-signing.")
        for file in (work / "pki").rglob("*"):
            if file.is_file() and file.parent.name != "ca" and not file.name.startswith(wanted):
                file.unlink()

    def make(self, own):
        subprocess.run(["g++", "-O2", "-o", self.work / "gen", self.peers / "gen.cpp"], check=True)
        text = subprocess.run([self.work / "gen", str(self.given.files), "xml"], check=True, capture_output=True, text=True).stdout
        records = re.findall(r"\n  <Installation ID.*?</Installation>", text, re.S)
        head = re.sub("<InstallationCount>[0-9]+", "<InstallationCount>1", text[:text.index("\n  <Installation ID")])
        theirs = ec.generate_private_key(ec.SECP256R1())
        (self.work / "ec.pub").write_bytes(pem(theirs, private=False))
        (self.work / "rsa.pub").write_bytes(pem(rsa.generate_private_key(65537, 2048), private=False))
        sample = self.work / "sample.xml"
        sample.write_text(re.sub("<Creator>[^<]*", f"<Creator>{self.sender}", head) + records[0] + f"\n{END}\n", encoding="utf-8")
        told = subprocess.run([self.program, "sign", "-q", sample, *self.common[:-2], "-o", "-"], check=True, capture_output=True,
                              text=True).stdout
        key_info = re.search("<ds:KeyInfo>.*</ds:KeyInfo>", told).group(0)
        for name in ("own", "theirs", "few"):
            (self.work / name).mkdir()
        enveloped = DS + "enveloped-signature"
        for i, record in enumerate(records, 1):
            identifier = f"MCF-20240501-{i:010}"
            document = re.sub("<FileID>[^<]*", f"<FileID>{identifier}", head) + record + "\n"
            document = re.sub("<MPRN>([0-9]+)", good_mprn, document)
            mine = re.sub("<Creator>[^<]*", f"<Creator>{self.sender}", document)
            (self.work / "own" / f"{identifier}.xml").write_text(sign(mine, own, [enveloped], key_info), encoding="utf-8")
            other = sign(document, theirs, [enveloped, EXCLUSIVE], "")
            (self.work / "theirs" / f"{identifier}.xml").write_text(other, encoding="utf-8")
            if i <= SHELL_FILES:
                (self.work / "few" / f"{identifier}.xml").write_text(other, encoding="utf-8")

    def commands(self, out):
        w = self.work
        yield "s1flow", self.given.files, w / "own", [
            self.program, "encrypt", "-q", w / "own", "--check", "--to", f"s1sp={self.recipient}", "--key-transport", "rsa-oaep",
            *self.common, "-o", out / "s1flow"]
        if subprocess.run([PYTHON, "-c", "import lxml, xmlsec, cryptography"], check=False, capture_output=True).returncode == 0:
            yield "lxml", self.given.files, w / "theirs", [
                PYTHON, self.peers / "s1peer.py", w / "theirs", self.peers / "mcf.xsd", w / "ec.pub", w / "rsa.pub", out / "lxml", "file"]
        if shutil.which("xmllint") and shutil.which("xmlsec1"):
            yield "shell", min(SHELL_FILES, self.given.files), w / "few", [
                "/bin/sh", self.peers / "s1peer.sh", "dir", w / "few", self.peers / "mcf.xsd", w / "ec.pub", w / "rsa.pub", out / "shell",
                "2"]

    def run(self):
        rates = {}
        for round_number in range(1, self.given.rounds + 1):
            line = f"round {round_number}"
            # A new folder each time: ext4 creates files slowly for half a minute after many were removed.
            out = self.work / f"out-{round_number}"
            out.mkdir()
            for name, files, inputs, command in self.commands(out):
                out = Path(command[-1] if name == "s1flow" else command[-2])
                out.mkdir()
                # Each finds its files in the page cache, however long ago they were read last.
                for file in inputs.iterdir():
                    file.read_bytes()
                subprocess.run(["sync"], check=True)
                began = time.monotonic()
                done = subprocess.run(list(map(str, command)), check=False, capture_output=True, text=True)
                seconds = time.monotonic() - began
                made = len(list(out.glob("*.xml")))
                if done.returncode != 0 or made != files:
                    sys.exit(f"small_files: {name} ended with {done.returncode}, {made} of {files} files made: "
                             f"{(done.stderr or done.stdout)[-500:]}")
                rates.setdefault(name, []).append(files / seconds)
                line += f"   {name} {files / seconds:,.0f} files/s"
            print(line, flush=True)
        ours = statistics.median(rates["s1flow"])
        for name, values in rates.items():
            print(f"{name:<8} median {statistics.median(values):>9,.0f} files/s   s1flow is {ours / statistics.median(values):.1f} times "
                  "as fast")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("peers")
    parser.add_argument("--build", default="build/release")
    parser.add_argument("--files", type=int, default=10000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--work", type=Path)
    given = parser.parse_args()
    work = Path(tempfile.mkdtemp(prefix="s1flow-small-", dir=given.work))
    try:
        Bench(given, work).run()
    finally:
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
