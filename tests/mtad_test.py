#!/usr/bin/env python3
"""Plays small Migration Weeks and looks, clause by clause of the MTAD, at what came out.

    tests/mtad_test.py PROGRAM          plays and checks
    tests/mtad_test.py --list           names the cases, as docs/traceability.csv cites them

Nothing here uses the program's own code to judge: inventories, CSV tables and XML files are read
with Python's libraries. The last line counts the cases.
"""

import collections
import csv
import json
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from pathlib import Path

NS = "{urn:x-s1flow:migration:1}"
GROUPS = ["AA", "BA", "CA", "CB", "DA", "EA", "EB"]
EXCHANGE = ["mcf", "mvf", "mgf", "mef", "scf", "cof"]
MAF_EXCEPTIONS = {
    "a": "maf.mpxn-not-registered",
    "b": "maf.week-not-monday",
    "c": "maf.week-started",
    "d": "maf.migrate-on-outside-week",
    "e": "maf.migrate-on-past",
    "f": "maf.supplier-not-responsible",
    "g": "maf.supplier-certificates-missing",
    "h": "maf.operator-certificate-wrong",
}
# Which devices of an MCF are which of the inventory.
DEVICE_ELEMENTS = {
    "CommunicationsHubFunction": "CHF",
    "GasProxyFunction": "GPF",
    "ElectricityMeter": "ESME",
    "GasMeter": "GSME",
    "PPMID": "PPMID",
    "IHD": "IHD",
    "CAD": "CAD",
}


class Week:
    """A generated batch and its dry run, read on demand."""

    def __init__(self, program, folder, *options):
        self.program = program
        self.batch, self.out = folder / "batch", folder / "out"
        self.run("generate", "week", "-o", str(self.batch), *options)
        self.run("dry-run", str(self.batch), "-o", str(self.out))
        self.rows = list(csv.DictReader((self.out / "outcomes.csv").open(encoding="utf-8")))
        self.by_id = {r["installation"]: r for r in self.rows}
        self.inventory = {}
        for path in sorted((self.batch / "inventory").glob("*.jsonl")):
            for line in path.open(encoding="utf-8"):
                record = json.loads(line)
                self.inventory[record["installation"]] = record
        self.report = json.loads((self.out / "report.json").read_text(encoding="utf-8"))

    def run(self, *arguments, expect=0):
        done = subprocess.run([self.program, *arguments], capture_output=True, text=True, check=False)
        if done.returncode != expect:
            command = " ".join(arguments)[:200]
            raise AssertionError(f"s1flow {command}: exit {done.returncode}: {(done.stderr or done.stdout)[-600:]}")
        return done.stdout

    def findings(self):
        return [json.loads(line) for line in (self.out / "findings.jsonl").open(encoding="utf-8")]

    def files(self, kind):
        return sorted((self.out / "files" / kind).glob("*.xml"))

    def suppliers(self):
        return sorted(p for p in (self.out / "suppliers").iterdir() if p.is_dir())


def header(root, path):
    return root.findtext(f"{NS}Header/" + "/".join(NS + p for p in path.split("/")))


def installations(root):
    return root.findall(f"{NS}Installations/{NS}Installation")


def parsed(week, kind):
    for path in week.files(kind):
        yield path, ElementTree.parse(path).getroot()


def need(condition, text):
    if not condition:
        raise AssertionError(text)


def meters(record):
    return [d for d in record["devices"] if d["type"] in ("ESME", "GSME")]


# ---- MTAD 5.2: the combinations of installations

COMBINATIONS = {
    "5.2(a)": (("active",), "one", "dcc"),
    "5.2(b)": (("active",), "one", "supplier"),
    "5.2(c)": (("active",), "several", "dcc"),
    "5.2(d)": (("dormant",), "any", "dcc"),
    "5.2(e)(i)": ("ESME active, GSME dormant", "any", "dcc"),
    "5.2(e)(ii)": ("GSME active, ESME dormant", "any", "dcc"),
}


def combination(week, name):
    wanted, suppliers, commissioned_by = COMBINATIONS[name]
    rows = [r for r in week.rows if r["combination"] == name]
    need(rows, "the week has no installation of this combination")
    for row in rows:
        own = meters(week.inventory[row["installation"]])
        status = {m["type"]: m["status"] for m in own}
        if name == "5.2(e)(i)":
            need(status == {"ESME": "active", "GSME": "dormant"}, f"{row}: {status}")
        elif name == "5.2(e)(ii)":
            need(status == {"ESME": "dormant", "GSME": "active"}, f"{row}: {status}")
        else:
            need(set(status.values()) == set(wanted), f"{row}: {status}")
        count = len({m["supplier"] for m in own})
        need(suppliers == "any" or (count > 1) == (suppliers == "several"), f"{row}: {count} suppliers")
        need(row["commissioned_by"] == commissioned_by, f"{row}: commissioned by")
        good = "awaiting-supplier" if commissioned_by == "supplier" else "migrated"
        need(row["outcome"] == good, f"{row}: outcome")
    if name == "5.2(d)":
        numbers = {len({m["supplier"] for m in meters(week.inventory[r["installation"]])}) for r in rows}
        need(1 in numbers, "no Dormant installation with one supplier")


# ---- MTAD 5.3 and 5.6(a): content, format, exchange of each file


def maf_content(week):
    seen = 0
    for path in sorted((week.batch / "maf").glob("*.csv")):
        for row in csv.DictReader(path.open(encoding="utf-8")):
            seen += 1
            need(re.fullmatch(r"\d{10}|\d{13}", row["MPxN"]), f"{path.name}: {row}")
            need(row["MigrationWeek"] == "20210607" and "20210607" <= row["MigrateOn"] <= "20210613", f"{row}")
            need(row["NetworkOperatorCertificateID"].isdigit(), f"{path.name}: {row}")
    points = sum(1 for r in week.inventory.values() for _ in meters(r))
    need(seen == points, f"{seen} rows for {points} meters")


def mcf_content(week):
    seen = set()
    for _, root in parsed(week, "mcf"):
        for record in installations(root):
            name = record.get("id")
            seen.add(name)
            own = {d["id"]: d for d in week.inventory[name]["devices"]}
            for element in record:
                kind = DEVICE_ELEMENTS.get(element.tag.removeprefix(NS))
                if kind is None:
                    continue
                device = own.pop(element.findtext(f"{NS}DeviceID"))
                need(device["type"] == kind, f"{name}: {kind}")
                for tag, key in {
                    "Manufacturer": "manufacturer",
                    "Model": "model",
                    "FirmwareVersion": "firmware",
                    "SMETSVersion": "smets",
                    "InstallCode": "install-code",
                    "Supplier": "supplier",
                }.items():
                    need(element.findtext(NS + tag) == device.get(key), f"{name}: {kind} {tag}")
                if kind in ("ESME", "GSME"):
                    mpxn = element.findtext(f"{NS}ImportMPAN") or element.findtext(f"{NS}ImportMPRN")
                    need(mpxn == device["meter-points"][0]["mpxn"], f"{name}: {mpxn}")
                    need(element.findtext(f"{NS}NetworkOperatorCertificate"), f"{name}: operator's certificate")
                    supplier = len(element.findall(f"{NS}SupplierCertificate"))
                    need(supplier == (3 if device["status"] == "active" else 0), f"{name}: {supplier} certificates")
            need(not own, f"{name}: without {sorted(own)}")
    need(seen == set(week.by_id), "MCFs and installations authorised differ")


def result_content(week, kind, good):
    seen = collections.Counter()
    for _, root in parsed(week, kind):
        for record in installations(root):
            seen[record.get("id")] += 1
            result = record.findtext(f"{NS}Result")
            need(result in good, f"{record.get('id')}: {result}")
    need(set(seen) == set(week.by_id) and max(seen.values()) == 1, f"{kind}: not one record each")


def mgf_content(week):
    seen = 0
    for _, root in parsed(week, "mgf"):
        for record in installations(root):
            seen += 1
            sim = week.inventory[record.get("id")]["sim"]
            for tag, key in {"ICCID": "iccid", "IMSI": "imsi", "MSISDN": "msisdn", "APN": "apn", "IPAddress": "ip"}.items():
                need(record.findtext(f"{NS}SIM/{NS}{tag}") == sim[key], f"{record.get('id')}: {tag}")
    need(seen == len(week.rows), f"{seen} records for {len(week.rows)} installations")


def mef_content(week):
    secrets = {
        c["value"]
        for r in week.inventory.values()
        for c in r["credentials"]
        if c.get("share") in ("s1sp", "dco")
    }
    need(len(secrets) > len(week.rows), "the inventory has too few credentials")
    for path in week.files("mef"):
        text = path.read_text(encoding="utf-8")
        need("EncryptedData" in text and "EncryptedKey" in text, f"{path.name}: nothing is encrypted")
        for secret in secrets:
            need(secret not in text, f"{path.name}: holds a credential that can be read")


def file_format(week, kind):
    files = week.files(kind) if kind != "maf" else sorted((week.batch / "maf").glob("*.csv"))
    need(files, "no file")
    week.run("check", *map(str, files), *(() if kind == "maf" else ("--pki", str(week.batch / "pki"))))


def exchange(week, kind):
    """Names, counters, references, recipients and order of arrival."""
    of_mcf = {}
    for _, root in parsed(week, "mcf"):
        of_mcf[(header(root, "SMSO"), header(root, "MigrateOn"))] = (
            header(root, "Sender"),
            header(root, "Counter"),
            header(root, "Created"),
        )
    counters = collections.defaultdict(list)
    for name in EXCHANGE:
        for _, root in parsed(week, name):
            counters[header(root, "Sender")].append(int(header(root, "Counter")))
    for sender, numbers in counters.items():
        need(len(numbers) == len(set(numbers)), f"{sender}: a counter is used twice")
    for path, root in parsed(week, kind):
        need(header(root, "Sender") in path.name, f"{path.name}: sender")
        need(path.stem.endswith(f"{int(header(root, 'Counter')):08d}"), f"{path.name}: counter")
        need(header(root, "SMSO") in path.name, f"{path.name}: SMSO")
        need(root.findall(f"{NS}Header/{NS}Recipients/{NS}Recipient"), f"{path.name}: recipients")
        need(int(header(root, "InstallationCount")) == len(installations(root)), f"{path.name}: count")
        if kind == "mcf":
            continue
        sender, counter, created = of_mcf[(header(root, "SMSO"), header(root, "MigrateOn"))]
        need((header(root, "MCF/Sender"), header(root, "MCF/Counter")) == (sender, counter), f"{path.name}: MCF")
        need(header(root, "Created") >= created, f"{path.name}: older than its MCF")


# ---- MTAD 5.4, 5.5, 5.6(b)


def reports(week):
    run = week.report["dry_run"]
    need(run["conservation"] and all(c["holds"] for c in run["conservation"]), "counts do not add up")
    outcomes = collections.Counter(r["outcome"] for r in week.rows)
    cube = collections.Counter()
    for row in run["outcomes"]["rows"]:
        cube[row["outcome"]] += row["count"]
    need(outcomes == cube, f"{outcomes} in the table, {cube} in the report")
    need((week.out / "report.html").stat().st_size > 10000, "no page")


def procedure(week, name, device_type):
    groups = collections.Counter()
    for _, root in parsed(week, "scf"):
        for record in installations(root):
            for device in record.findall(f"{NS}Device"):
                steps = [s for s in device.findall(f"{NS}Step") if s.get("procedure") == name]
                need(bool(steps) == (device.get("type") == device_type), f"{record.get('id')}: {device.get('type')}")
                if steps:
                    groups[header(root, "GroupID")] += 1
    need(sorted(groups) == GROUPS, f"only in {sorted(groups)}")


def commissioning(week):
    for _, root in parsed(week, "cof"):
        for record in installations(root):
            row = week.by_id[record.get("id")]
            for device in record.findall(f"{NS}Device"):
                steps = device.findall(f"{NS}Step")
                sent = [s for s in steps if s.get("responseCode") == "I0"]
                waits = row["commissioned_by"] == "supplier" and device.get("type") != "CHF"
                need(bool(sent) != waits, f"{record.get('id')}: {device.get('type')}")


def alert(week, code, variants):
    """Each alert of Table 5.2 comes with a step of the Service Request Variant that raises it."""
    seen = 0
    for _, root in parsed(week, "cof"):
        for device in root.iter(f"{NS}Device"):
            codes = [a.get("code") for a in device.findall(f"{NS}Alert")]
            if code not in codes:
                continue
            seen += 1
            sent = {s.get("srv") for s in device.findall(f"{NS}Step") if s.get("requestID")}
            need(not variants or sent & variants, f"{device.get('id')}: {code} with {sorted(sent)}")
    need(seen, f"no {code} in any COF")
    lines = sum(
        line.count(f"<sr:DCCAlertCode>{code}</sr:DCCAlertCode>")
        for s in week.suppliers()
        if (s / "alerts.xmll").exists()
        for line in (s / "alerts.xmll").open(encoding="utf-8")
    )
    need(lines, f"no supplier gets an {code}")


# ---- MTAD 6: Dormant Meters


def readiness(week, firmware, configuration):
    """What is not ready is parked with its reason, and the SMSO's readiness report says so."""
    found = 0
    ready = {r["installation"]: r for r in csv.DictReader((week.out / "dormant-readiness.csv").open())}
    for name, record in week.inventory.items():
        state = record.get("dormant", {})
        if (state.get("firmware") == "needed", state.get("configuration") == "needed") != (firmware, configuration):
            continue
        found += 1
        row = week.by_id[name]
        need((row["outcome"], row["reason"]) == ("parked", "inventory.not-ready"), f"{row}")
        need(ready[name]["ready"] == "no", f"{ready[name]}")
    need(found, "the week has none")


def readiness_report(week):
    dormant = {n for n in week.by_id if any(m["status"] == "dormant" for m in meters(week.inventory[n]))}
    rows = list(csv.DictReader((week.out / "dormant-readiness.csv").open(encoding="utf-8")))
    need({r["installation"] for r in rows} == dormant, "the report and the Dormant Meters differ")
    need({r["ready"] for r in rows} == {"yes", "no"}, "all alike")


# ---- MTAD 17.18 to 17.22: what a supplier sends and gets


def authorisation(week):
    active = {r["installation"] for r in week.rows if r["combination"] in ("5.2(a)", "5.2(b)", "5.2(c)")}
    need(active, "no Active Meters")
    need(all(week.by_id[n]["stage"] == "cof" for n in active), "an authorised installation did not go through")


def received(week, by_supplier, kinds):
    """The files of a supplier hold its installations of that way of commissioning, and only those."""
    for supplier in week.suppliers():
        mine = {
            r["installation"]
            for r in week.rows
            if (r["commissioned_by"] == "supplier") == by_supplier
            and supplier.name in (r["electricity_supplier"], r["gas_supplier"])
        }
        for prefix in kinds:
            got = collections.Counter(
                i.get("id")
                for path in supplier.glob(f"{prefix}_*.xml")
                for i in installations(ElementTree.parse(path).getroot())
            )
            need(set(got) == mine and (not got or max(got.values()) == 1), f"{supplier.name}: {prefix}")


def alerts_received(week, by_supplier):
    devices = {
        d["id"]: r["installation"] for r in week.inventory.values() for d in r["devices"]
    }
    for supplier in week.suppliers():
        mine = {
            r["installation"] for r in week.rows
            if supplier.name in (r["electricity_supplier"], r["gas_supplier"])
        }
        text = (supplier / "alerts.xmll").read_text(encoding="utf-8")
        for line in text.splitlines():
            need(f":{supplier.name}:" in line, f"{supplier.name}: an alert for somebody else")
        of = {devices[d] for d in re.findall(r"<sr:DeviceID>([0-9A-F-]+)</sr:DeviceID>", text) if d in devices}
        need(of <= mine, f"{supplier.name}: alerts of {sorted(of - mine)[:3]}")
        if not by_supplier:
            need(of, f"{supplier.name}: no alert")


def supplier_reports(week):
    for supplier in week.suppliers():
        rows = list(csv.DictReader((supplier / "outcomes.csv").open(encoding="utf-8")))
        mine = {
            r["installation"] for r in week.rows
            if supplier.name in (r["electricity_supplier"], r["gas_supplier"])
        }
        need({r["installation"] for r in rows} == mine, f"{supplier.name}: rows of others, or too few")


def maf_exception(week, rule):
    found = [f for f in week.findings() if f["rule"] == rule]
    need(found, "no such finding")
    need(all(f["severity"] == "error" for f in found), "not an error")
    week.run("diff", str(week.batch), str(week.out))
    exceptions = [
        row
        for s in week.suppliers()
        for path in s.glob("exceptions-*.csv")
        for row in csv.DictReader(path.open(encoding="utf-8"))
    ]
    need(any(row["rule"] == rule for row in exceptions), "the supplier does not get it")


def sample_sets(program, folder):
    """One set for each rule, and each leads to the rule that it is named after."""
    subprocess.run([program, "generate", "exceptions", "-o", str(folder)], check=True, capture_output=True)
    listed = subprocess.run([program, "list", "rules", "--format", "json"], check=True, capture_output=True).stdout
    rules = {json.loads(line)["rule"] for line in listed.splitlines()}
    sets = {p.name for p in folder.iterdir() if p.is_dir()}
    need(sets == rules, f"without a set: {sorted(rules - sets)}; without a rule: {sorted(sets - rules)}")
    for name in sets:
        found = [json.loads(x)["rule"] for x in (folder / name / "result" / "findings.jsonl").open(encoding="utf-8")]
        need(name in found, f"{name}: its set leads to {sorted(set(found))}")


# The cases: name as the traceability table cites it, week that it looks at, what it does.
CASES = []
for key in COMBINATIONS:
    CASES.append((f"combination {key}", "good", lambda w, k=key: combination(w, k)))
CASES.append(("content maf", "good", maf_content))
CASES.append(("content mcf", "good", mcf_content))
CASES.append(("content mvf", "good", lambda w: result_content(w, "mvf", {"Accepted"})))
CASES.append(("content mgf", "good", mgf_content))
CASES.append(("content mef", "good", mef_content))
CASES.append(("content scf", "good", lambda w: result_content(w, "scf", {"Passed"})))
CASES.append(("content cof", "good", lambda w: result_content(w, "cof", {"Commissioned", "AwaitingSupplier"})))
for key in ["maf", *EXCHANGE]:
    CASES.append((f"format {key}", "good", lambda w, k=key: file_format(w, k)))
for key in EXCHANGE:
    CASES.append((f"exchange {key}", "good", lambda w, k=key: exchange(w, k)))
CASES.append(("reports", "good", reports))
for key, kind in {"install-esme": "ESME", "install-gsme": "GSME", "secure-esme": "ESME"}.items():
    CASES.append((f"procedure {key}", "good", lambda w, k=key, t=kind: procedure(w, k, t)))
CASES.append(("commissioning", "good", commissioning))
for key, variants in {"N16": {"8.11"}, "N24": {"8.11"}, "N42": {"6.15.1", "6.21"}}.items():
    CASES.append((f"alert {key}", "good", lambda w, k=key, v=variants: alert(w, k, v)))
CASES.append(("alert N55", "failing", lambda w: alert(w, "N55", set())))
CASES.append(("dormant firmware", "dormant", lambda w: readiness(w, True, False)))
CASES.append(("dormant configuration", "dormant", lambda w: readiness(w, False, True)))
CASES.append(("dormant both", "dormant", lambda w: readiness(w, True, True)))
CASES.append(("dormant readiness report", "dormant", readiness_report))
CASES.append(("authorisation", "good", authorisation))
CASES.append(("non-commissioning supplier gets cof", "good", lambda w: received(w, False, ["CO"])))
CASES.append(("non-commissioning supplier gets alerts", "good", lambda w: alerts_received(w, False)))
CASES.append(("commissioning supplier gets mcf", "good", lambda w: received(w, True, ["MC"])))
CASES.append(("commissioning supplier gets scf", "good", lambda w: received(w, True, ["SC"])))
CASES.append(("commissioning supplier gets alerts", "good", lambda w: alerts_received(w, True)))
CASES.append(("supplier gets reports", "good", supplier_reports))
for key, rule in MAF_EXCEPTIONS.items():
    CASES.append((f"exception 17.20({key})", rule, lambda w, r=rule: maf_exception(w, r)))
SETS = "sample sets"

OPTIONS = {
    "good": ("-n", "420", "--seed", "3", "--faults", "none"),
    "failing": ("-n", "60", "--seed", "4", "--faults", "cof.step-failed"),
    # A rule that is named twelve times is provoked twelve times.
    "dormant": ("-n", "300", "--seed", "5", "--faults", ",".join(["inventory.not-ready"] * 12)),
}


def main(arguments):
    if arguments == ["--list"]:
        print("\n".join([name for name, _, _ in CASES] + [SETS]))
        return 0
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    program = str(Path(arguments[0]).resolve())
    failed = 0
    with tempfile.TemporaryDirectory() as name:
        weeks = {}

        def attempt(case, action):
            nonlocal failed
            try:
                action()
            except (AssertionError, KeyError, OSError, subprocess.CalledProcessError) as fault:
                failed += 1
                print(f"FAILED {case}: {type(fault).__name__}: {fault}")

        for case, week, action in CASES:
            if week not in weeks:
                options = OPTIONS.get(week, ("-n", "60", "--seed", "6", "--faults", week))
                folder = Path(name) / week
                folder.mkdir()
                weeks[week] = Week(program, folder, *options)
            attempt(case, lambda: action(weeks[week]))
        attempt(SETS, lambda: sample_sets(program, Path(name) / "sets"))
    print(f"cases: {len(CASES) + 1 - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
