#!/usr/bin/env python3
"""Programs that are not ours look at every file of a week that a dry run made.

    tests/witness/week_witness_test.py PROGRAM [--installations 1000] [--seed 1]

    schema      xmllint accepts each XML by the shipped schemas
    signature   xmlsec1 accepts each signature, with a chain to the batch's root at the batch's clock
    share       a reader written from docs/formats/ alone (mef_reader.py) opens each MEF as S1SP and as DCO, finds exactly
                the credentials of the inventory, and cannot open the other's share
    rsa         xmlsec1 decrypts the shares of a week whose keys go by RSA-OAEP, and the reader does so too
    alert       every DUIS alert fits the published schema, when S1FLOW_DUIS_SCHEMA names it

Files that a fault of the week spoilt on purpose may fail; each of them has to be refused by s1flow with a finding that says so,
and a fault of schema or signature that s1flow found has to be found here as well. A witness that is not installed is skipped.
"""

import argparse
import base64
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "week"))
from week import Cases, dry_run, generate, lines, scratch  # noqa: E402

SCHEMAS = Path(__file__).resolve().parent.parent.parent / "schemas/xsd"
TYPES = ("mcf", "mvf", "mgf", "mef", "scf", "cof")
PREFIXES = {"MC": "mcf", "MV": "mvf", "MG": "mgf", "ME": "mef", "SC": "scf", "CO": "cof"}
SIGNERS = {"mcf": "requesting-party", "mgf": "requesting-party", "mef": "requesting-party",
           "mvf": "commissioning-party", "cof": "commissioning-party", "scf": "s1sp"}
EUI = re.compile(r"(?:[0-9A-F]{2}-){7}[0-9A-F]{2}")
PARALLEL = 2

# Rules under which another program has to refuse a file too, and those under which it may.
SCHEMA_MUST = {"xml.schema", "xml.not-well-formed", "xml.encoding"}
SCHEMA_MAY = SCHEMA_MUST | {"xml.limit", "xml.doctype"}
SIGNATURE_MUST = {"file.digest-mismatch", "file.signature-invalid", "file.signature-missing", "file.signer-unknown",
                  "xml.not-well-formed"}
SIGNATURE_MAY = SIGNATURE_MUST | {"xml.encoding", "xml.doctype", "xml.limit", "file.signature-shape", "file.signature-algorithm",
                                  "file.signer-not-trusted", "file.signer-expired", "file.signer-revoked",
                                  "file.signer-revocation-unknown", "file.signer-usage", "file.signer-role", "file.signer-party"}


def xml_files(out):
    """Every signed file of the run by its type: those of the exchange, and the suppliers' copies."""
    files = defaultdict(list)
    for path in sorted([*out.glob("files/*/*"), *out.glob("suppliers/*/*.xml")]):
        name = path.name.removeprefix("renamed-")
        files[PREFIXES[name[:2]]].append(path)
    return files


def in_parallel(jobs):
    with ThreadPoolExecutor(PARALLEL) as pool:
        return list(pool.map(lambda job: job(), jobs))


def output_of(command):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, check=False, errors="replace")
    return done.returncode, done.stdout + done.stderr


def judged(refused, rules_must, rules_may, all_files, failed):
    """Compares what failed here with what s1flow refused."""
    faults = []
    for path in failed:
        if refused.get(path.name) not in rules_may:
            faults.append(f"{path.name} fails, and s1flow says {refused.get(path.name, 'that it is good')}")
    failed_names = {p.name for p in failed}
    for path in all_files:
        if refused.get(path.name) in rules_must and path.name not in failed_names:
            faults.append(f"{path.name} passes, and s1flow refuses it with {refused[path.name]}")
    return faults


def spoilt_copies(out, refused, folder):
    """A good MCF with another element name, and one with another digit in a text: witnesses have to notice both."""
    folder.mkdir()
    path = next(p for p in xml_files(out)["mcf"] if p.name not in refused)
    text = path.read_text(encoding="utf-8")
    named, changed = folder / path.name, folder / ("changed-" + path.name)
    named.write_text(text.replace("GroupID>", "GroupXX>"), encoding="utf-8")
    digit = re.search(r"<ImportMP[AR]N>([0-9])", text).start(1)
    changed.write_text(f"{text[:digit]}{(int(text[digit]) + 1) % 10}{text[digit + 1:]}", encoding="utf-8")
    return named, changed


def check_schemas(cases, out, refused):
    if not shutil.which("xmllint"):
        return cases.skip("schema", "xmllint is not installed (libxml2-utils)")
    files = xml_files(out)

    def job(kind, paths):
        _, text = output_of(["xmllint", "--nonet", "--noout", "--schema", SCHEMAS / f"{kind}.xsd", *paths])
        good = {line.removesuffix(" validates") for line in text.splitlines() if line.endswith(" validates")}
        return [p for p in paths if str(p) not in good]

    for kind, failed in zip(TYPES, in_parallel([lambda k=k: job(k, files[k]) for k in TYPES])):
        faults = judged(refused, SCHEMA_MUST, SCHEMA_MAY, files[kind], failed)
        if not files[kind]:
            faults.append("there is no such file")
        cases.check(f"schema.{kind} ({len(files[kind])} files)", faults)
    named, _ = spoilt_copies(out, refused, out.parent / "spoilt-schema")
    cases.check("schema.notices_another_name", [] if job("mcf", [named]) == [named] else ["xmllint accepts it"])
    return None


def check_signatures(cases, batch, out, refused):
    if not shutil.which("xmlsec1"):
        return cases.skip("signature", "xmlsec1 is not installed")
    clock = re.search(r"^clock = (\S+?)T(\S+?)Z$", (batch / "batch.toml").read_text(encoding="utf-8"), re.M)
    by_signer = defaultdict(list)
    for kind, paths in xml_files(out).items():
        for path in paths:
            sender = EUI.search(path.name.split("_", 2)[2])[0]
            by_signer[kind, SIGNERS[kind], sender].append(path)

    def job(signer, paths):
        _, role, eui = signer
        command = ["xmlsec1", "--verify", "--enabled-reference-uris", "empty", "--enabled-key-data", "x509",
                   "--verification-time", f"{clock[1]} {clock[2]}", "--trusted-pem", batch / "pki/ca/root.pem",
                   "--untrusted-pem", batch / "pki/ca/issuing.pem",
                   "--untrusted-pem", batch / f"pki/{role}/{eui}.file-signing.pem",
                   "--node-xpath", "/*/*[local-name()='Signature']"]
        # xmlsec1 stops at the first file that fails, so what comes after it is asked again.
        failed, rest = [], list(paths)
        while rest:
            code, text = output_of([*command, *rest])
            good = sum(line.strip() == "OK" for line in text.splitlines())
            if code == 0:
                if good != len(rest):
                    failed.append(Path(f"{rest[0].name}: {good} of {len(rest)} verified"))
                break
            failed.append(rest[good])
            rest = rest[good + 1:]
        return failed

    signers = sorted(by_signer)
    results = in_parallel([lambda s=s: job(s, by_signer[s]) for s in signers])
    by_kind = defaultdict(lambda: ([], []))
    for signer, failed in zip(signers, results):
        by_kind[signer[0]][0].extend(by_signer[signer])
        by_kind[signer[0]][1].extend(failed)
    for kind in TYPES:
        paths, failed = by_kind[kind]
        faults = judged(refused, SIGNATURE_MUST, SIGNATURE_MAY, paths, failed)
        if not paths:
            faults.append("there is no such file")
        cases.check(f"signature.{kind} ({len(paths)} files)", faults)
    _, changed = spoilt_copies(out, refused, out.parent / "spoilt-signature")
    signer = next(s for s in signers if s[0] == "mcf" and s[2] in changed.name)
    good = next(p for p in by_signer[signer] if p.name not in refused)
    cases.check("signature.notices_another_digit",
                [] if job(signer, [good, changed, good]) == [changed] else ["xmlsec1 accepts it"])
    return None


def inventory_of(batch):
    """{(installation, share, kind, device): octets}; the first line of an installation counts."""
    credentials, seen = {}, set()
    for path in sorted((batch / "inventory").iterdir()):
        for text in path.read_bytes().decode("utf-8", "replace").splitlines():
            try:
                row = json.loads(text)
            except ValueError:
                continue
            if not isinstance(row, dict) or "credentials" not in row or row.get("installation") in seen:
                continue
            seen.add(row["installation"])
            for c in row["credentials"]:
                credentials[row["installation"], c["share"], c["kind"], c["device"]] = bytes.fromhex(c["value"])
    return credentials


def smsos_of(batch):
    with (batch / "batch.toml").open("rb") as f:
        return {s["tag"]: s for s in tomllib.load(f)["smso"]}


def good_mefs(out, refused):
    return [p for p in sorted(out.glob("files/mef/*")) if p.name not in refused]


def check_shares(cases, batch, out, refused, use, name):
    try:
        from mef_reader import Mef, NotReadable, Recipient, content_key, plaintext
    except ImportError as e:
        return cases.skip(name, f"{e.name} is not installed (python3-cryptography, python3-lxml)")
    inventory = inventory_of(batch)
    smsos = smsos_of(batch)
    # A share that a fault damaged is named by its finding.
    damaged = {(f["file"], f["record"]) for f in lines(out / "findings.jsonl") if f["rule"] == "mef.cannot-open"}
    faults = {"s1sp": [], "dco": []}
    count = {"s1sp": 0, "dco": 0}
    recipients = {}
    for path in good_mefs(out, refused):
        mef = Mef(path.read_bytes())
        smso = smsos[path.name.split("_")[1]]
        if any(f == path.name for f, _ in damaged):
            continue
        present = {i.get("id") for i in mef.installations()}
        for role in ("s1sp", "dco"):
            stem = batch / f"pki/{role}/{smso[role]}.{use}"
            if stem not in recipients:
                recipients[stem] = Recipient(Path(f"{stem}.pem"), Path(f"{stem}.key.pem"))
            recipient = recipients[stem]
            expected = {k: v for k, v in inventory.items() if k[0] in present and k[1] == role}
            found = mef.read_as(recipient)
            count[role] += len(found)
            if found != expected:
                faults[role].append(f"{path.name}: {len(found)} credentials read as {role}, {len(expected)} in the inventory; "
                                    f"{len(set(found.items()) ^ set(expected.items()))} differ")
            others = mef.keys_of_others(recipient)
            if len(others) != 1 or not mef.data_of_others(recipient):
                faults[role].append(f"{path.name}: there is no share of the other's")
            for key in others:
                try:
                    content_key(key, recipient, mef.originator)
                    faults[role].append(f"{path.name}: {role} opens the key of the other")
                except NotReadable:
                    pass
            mine = [content_key(k, recipient, mef.originator) for k in mef.keys if k not in others]
            for data in mef.data_of_others(recipient)[:3]:
                try:
                    plaintext(data, mine[0])
                    faults[role].append(f"{path.name}: {role} opens the share of the other")
                except NotReadable:
                    pass
    for role in ("s1sp", "dco"):
        if not count[role]:
            faults[role].append("no credential was read")
        cases.check(f"{name}.{role} ({count[role]} credentials)", faults[role])
    return None


def check_rsa(cases, batch, out, refused):
    check_shares(cases, batch, out, refused, "key-encipherment", "rsa.reader")
    if not shutil.which("xmlsec1"):
        return cases.skip("rsa.xmlsec1", "xmlsec1 is not installed")
    smsos = smsos_of(batch)
    jobs = []
    for path in good_mefs(out, refused):
        for role, tag in (("s1sp", "S1SP"), ("dco", "DCO")):
            jobs.append((path, role, tag, smsos[path.name.split("_")[1]][role]))

    def decrypt(path, role, eui, xpath):
        return output_of(["xmlsec1", "--decrypt", "--privkey-pem", batch / f"pki/{role}/{eui}.key-encipherment.key.pem",
                          "--id-attr:Id", "http://www.w3.org/2001/04/xmlenc#:EncryptedKey", "--node-xpath", xpath, path])

    def job(path, role, tag, eui):
        # The first value under the role's key, by its RetrievalMethod.
        own, other = (f"(//*[local-name()='EncryptedData'][.//@URI='#key-{r}'])[1]" for r in ((role, "dco") if role == "s1sp" else (role, "s1sp")))
        code, text = decrypt(path, role, eui, own)
        values = re.findall(rf"<{tag}[^>]*>(.*?)</{tag}>", text, re.S)
        if code != 0 or len(values) != 1:
            return f"{path.name}: xmlsec1 does not decrypt as {role}: {text[:300]}"
        installation = re.search(rf'<Installation id="([^"]+)">(?:(?!</Installation>).)*<{tag}\b', text, re.S)[1]
        for attributes, value in re.findall(r"<Credential ([^>]*)>([^<]*)</Credential>", values[0]):
            of = dict(re.findall(r'(\w+)="([^"]*)"', attributes))
            if inventory.get((installation, role, of["kind"], of.get("device"))) != base64.b64decode(value):
                return f"{path.name}: {role} {of['kind']} of {installation} is not the inventory's"
        code, _ = decrypt(path, role, eui, other)
        return f"{path.name}: xmlsec1 opens the other's share as {role}" if code == 0 else None

    inventory = inventory_of(batch)
    faults = [f for f in in_parallel([lambda j=j: job(*j) for j in jobs]) if f]
    if not jobs:
        faults.append("there is no MEF")
    cases.check(f"rsa.xmlsec1 ({len(jobs)} shares)", faults)
    return None


def check_alerts(cases, out):
    schema_path = os.environ.get("S1FLOW_DUIS_SCHEMA")
    if not schema_path:
        return cases.skip("alert", "S1FLOW_DUIS_SCHEMA does not name a duis.xsd")
    if not Path(schema_path).is_file():
        return cases.skip("alert", "S1FLOW_DUIS_SCHEMA names no file")
    try:
        from lxml import etree
    except ImportError:
        return cases.skip("alert", "python3-lxml is not installed")
    schema = etree.XMLSchema(etree.parse(schema_path))
    faults, counts = [], defaultdict(int)
    for path in sorted(out.glob("suppliers/*/alerts.xmll")):
        for number, line in enumerate(path.read_bytes().splitlines(), 1):
            root = etree.fromstring(line)
            # libxml2 cannot hold the serial numbers of DCC certificates (docs/formats/duis-alerts.md).
            for signature in root.findall("{http://www.w3.org/2000/09/xmldsig#}Signature"):
                root.remove(signature)
            counts[root.findtext(".//{*}DCCAlertCode")] += 1
            if not schema.validate(root):
                faults.append(f"{path.parent.name}:{number}: {schema.error_log.last_error}")
    if not {"N16", "N24", "N42"} <= set(counts):
        faults.append(f"alerts seen: {dict(counts)}")
    cases.check(f"alert ({', '.join(f'{n} {c}' for c, n in sorted(counts.items()))})", faults)
    return None


def refused_by(out):
    """Files that the run refused as a whole, with the rule that did it."""
    report = json.loads((out / "report.json").read_text(encoding="utf-8"))
    return {f["name"]: f["rejected_by"] for f in report["dry_run"]["files"] if f["rejected_by"]}


def main(arguments):
    parser = argparse.ArgumentParser()
    parser.add_argument("program", type=Path)
    parser.add_argument("--installations", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    program = options.program.resolve()
    cases = Cases()
    with scratch() as folder:
        batch = generate(program, folder / "batch", options.installations, options.seed)
        out = dry_run(program, batch, folder / "out")
        refused = refused_by(out)
        named = {f["file"] for f in lines(out / "findings.jsonl")}
        cases.check("refusals_are_named", [f"{n} is refused without a finding" for n in refused if n not in named])
        check_schemas(cases, out, refused)
        check_signatures(cases, batch, out, refused)
        check_shares(cases, batch, out, refused, "key-agreement", "share")
        check_alerts(cases, out)
        rsa = generate(program, folder / "rsa", max(1, options.installations // 4), options.seed, "--rsa")
        rsa_out = dry_run(program, rsa, folder / "rsa-out")
        check_rsa(cases, rsa, rsa_out, refused_by(rsa_out))
    return cases.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
