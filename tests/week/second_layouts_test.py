#!/usr/bin/env python3
"""A week under a second set of layouts ends like the same week under the shipped ones.

    tests/week/second_layouts_test.py PROGRAM

The sets differ in element names, name spaces, order, nesting, forms of dates and identifiers, code lists, CSV columns,
JSON members, file names and even containers. So everything that a file's layout decides is translated before the
two weeks are compared: the file's name into type, SMSO, GroupID, sender and counter; what was seen in it into the
shipped form. Rules, records, domain fields and outcomes have to be equal as they are.
"""

import re
import sys
from datetime import datetime
from pathlib import Path

from week import SECOND, Cases, as_set, difference, dry_run, generate, lines, program_of, scratch

SEEDS = (1, 2, 3)
INSTALLATIONS = 300

TYPES = {"MC": "mcf", "MV": "mvf", "MG": "mgf", "ME": "mef", "SC": "scf", "CO": "cof"}
WORDS = {"common": "mcf", "reply": "mvf", "group": "mgf", "locked": "mef", "result": "scf", "outcome": "cof"}
FIRST_MAF = re.compile(r"MA_(?P<smso>\w+?)_(?P<sender>[0-9A-F-]{23})_(?P<created>[0-9]{8}_[0-9]{6})\.(?:csv|zip)")
FIRST_FILE = re.compile(
    r"(?P<type>[A-Z]{2})_(?P<smso>SMSO\w)_(?:(?P<group>[A-Z]{2})_)?(?P<sender>[0-9A-F-]{23})_(?P<counter>[0-9]+)\.xml"
)
SECOND_MAF = re.compile(r"(?P<created>[0-9]{14})\.(?P<smso>\w+)\.(?P<sender>[0-9A-F]{16})\.(?:authorisation|zip)")
SECOND_FILE = re.compile(
    r"(?P<smso>\w+)-(?P<type>[a-z]+)-(?:(?P<group>[A-Z]{2})-)?(?P<sender>[0-9A-F]{16})-(?P<counter>[0-9]+)\.data"
)


def file_of(name):
    """Which file of the week it is, whatever the pattern of its name."""
    renamed = "renamed " if name.startswith("renamed-") else ""
    name = name.removeprefix("renamed-")
    for pattern, form in ((FIRST_MAF, "%Y%m%d_%H%M%S"), (SECOND_MAF, "%d%m%Y%H%M%S")):
        if found := pattern.fullmatch(name):
            sent = datetime.strptime(found["created"], form).isoformat()
            return f"{renamed}maf {found['smso']} {found['sender'].replace('-', '')} {sent}"
    for pattern, types in ((FIRST_FILE, TYPES), (SECOND_FILE, WORDS)):
        if found := pattern.fullmatch(name):
            sender = found["sender"].replace("-", "")
            return f"{renamed}{types[found['type']]} {found['smso']} {found['group']} {sender} {int(found['counter'])}"
    return renamed + name.rsplit(".", 1)[0]


# A value as the second set spells it, and the form of the shipped one.
DATES = ((re.compile(r"[0-9]{2}/[0-9]{2}/[0-9]{4}"), "%d/%m/%Y"), (re.compile(r"[0-9]{2} [A-Z][a-z]{2} [0-9]{4}"), "%d %b %Y"))
COLUMNS = {"operator-certificate", "supplier-certificate.serial"}


def seen_of(finding):
    seen = finding["seen"]
    for pattern, form in DATES:
        if pattern.fullmatch(seen):
            return datetime.strptime(seen, form).strftime("%Y%m%d")
    return seen


def translated(row):
    row = dict(row)
    if "file" in row:
        row["file"] = file_of(row["file"])
    return row


def first_form(finding):
    row = translated(finding)
    if "seen" in row:
        row["seen"] = seen_of(row)
    return row


def faults_of(program, folder, seed):
    first = generate(program, folder / "first", INSTALLATIONS, seed)
    second = generate(program, folder / "second", INSTALLATIONS, seed, "--layouts", SECOND)
    first_out = dry_run(program, first, folder / "first-out")
    second_out = dry_run(program, second, folder / "second-out")
    pairs = [
        ("each set finds what is expected of it",
         as_set(lines(second / "expected-findings.jsonl")), as_set(lines(second_out / "findings.jsonl"))),
        ("each set ends as expected of it",
         as_set(lines(second / "expected-outcomes.jsonl")), as_set(lines(second_out / "outcomes.jsonl"))),
        ("outcomes", as_set(map(translated, lines(first_out / "outcomes.jsonl"))),
         as_set(map(translated, lines(second_out / "outcomes.jsonl")))),
        ("findings", as_set(map(first_form, lines(first_out / "findings.jsonl"))),
         as_set(map(first_form, lines(second_out / "findings.jsonl")))),
    ]
    faults = [f"{name}:\n{difference(a, b)}" for name, a, b in pairs if a != b]
    if not lines(first_out / "findings.jsonl"):
        faults.append("a week without findings shows nothing")
    # Nothing of the shipped formats is left in a file.
    for path in [*second_out.glob("files/*/*"), *second_out.glob("suppliers/*/*.data"), *second.glob("maf/*")]:
        text = path.read_bytes()
        for word in (b"urn:x-s1flow:migration", b"MigrationWeek", b"2021-06-0", b"90-B3-D5"):
            # The certificate, the signature and the encryption profile are no part of a layout.
            body = re.sub(rb"<(?:\w+:)?(Signature|EncryptedKey)\b.*?</(?:\w+:)?\1>", b"", text, flags=re.S)
            # Request IDs have the form of DUIS.
            body = re.sub(rb' id="[0-9A-F:-]+"', b"", body)
            if word in body:
                faults.append(f"{path.name} holds {word.decode()}")
    made = {p.parent.name for p in second_out.glob("files/*/*.data")}
    if made != {"mcf", "mvf", "mgf", "mef", "scf", "cof"}:
        faults.append(f"files of the second set were made for {sorted(made)} only")
    return faults


def rsa_faults_of(program, folder):
    """The second set lists RSA-OAEP with SHA-256 among its ways for content keys, and not the one with SHA-1."""
    batch = generate(program, folder / "batch", 60, 1, "--layouts", SECOND, "--rsa", "--faults", "none")
    out = dry_run(program, batch, folder / "out")
    faults = [f["rule"] for f in lines(out / "findings.jsonl")]
    if as_set(lines(batch / "expected-outcomes.jsonl")) != as_set(lines(out / "outcomes.jsonl")):
        faults.append("outcomes differ from what is expected")
    for path in out.glob("files/mef/*"):
        text = path.read_bytes()
        if b"xmlenc11#rsa-oaep" not in text or b"rsa-oaep-mgf1p" in text:
            faults.append(f"{path.name} has keys by another way")
    return faults


def example_faults_of(program, folder):
    """The worked example of docs/formats/layouts.md, taken from the page: an MVF with hardly a header."""
    page = (Path(__file__).resolve().parent.parent.parent / "docs/formats/layouts.md").read_text(encoding="utf-8")
    example = page[page.index("## A worked example"):]
    for name, kind in (("xsd/mvf.xsd", "xml"), ("layouts/mvf/1.toml", "toml")):
        path = folder / "schemas" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(re.search(rf"```{kind}\n(.*?)```", example, re.S)[1], encoding="utf-8")
    faults = []
    for seed in SEEDS:
        batch = generate(program, folder / f"batch-{seed}", INSTALLATIONS, seed, "--layouts", folder / "schemas")
        out = dry_run(program, batch, folder / f"out-{seed}")
        for kind in ("findings", "outcomes"):
            expected, found = as_set(lines(batch / f"expected-{kind}.jsonl")), as_set(lines(out / f"{kind}.jsonl"))
            if expected != found:
                faults.append(f"seed {seed}, {kind}:\n{difference(expected, found)}")
        made = list(out.glob("files/mvf/verdicts-*.xml"))
        if not made or b'<Head class="final" from="' not in made[0].read_bytes():
            faults.append(f"seed {seed}: no MVF of the example's form")
    return faults


def main(arguments):
    program = program_of(arguments)
    cases = Cases()
    with scratch() as folder:
        cases.check("worked_example", example_faults_of(program, folder))
    with scratch() as folder:
        cases.check("rsa_oaep_with_sha_256", rsa_faults_of(program, folder))
    for seed in SEEDS:
        with scratch() as folder:
            cases.check(f"seed_{seed}", faults_of(program, folder, seed))
    return cases.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
