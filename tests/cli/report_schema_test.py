"""Every sample report satisfies schemas/report.schema.json, and the schema refuses what is not a report.

usage: report_schema_test.py REPORT_SAMPLE SCHEMA
"""

import copy
import json
import pathlib
import subprocess
import sys
import tempfile

SKIPPED = 77


def refused_variants(report):
    """Pairs of a name and a report that the schema must refuse."""

    def variant(name, change):
        other = copy.deepcopy(report)
        change(other)
        return name, other

    return [
        variant("another version", lambda r: r["schema"].update(version=2)),
        variant("a member too many", lambda r: r.update(extra=1)),
        variant("a nested member too many", lambda r: r["dry_run"]["files"][0].update(path="/tmp")),
        variant("a missing section", lambda r: r.pop("dry_run")),
        variant("a missing member", lambda r: r["run"].pop("seed")),
        variant("a negative count", lambda r: r["dry_run"]["funnel"][0].update(count=-1)),
        variant("a count as text", lambda r: r["dry_run"]["funnel"][0].update(count="1")),
        variant("an unknown status", lambda r: r["dry_run"]["files"][0].update(status="lost")),
        variant("a short digest", lambda r: r["dry_run"]["files"][0].update(sha256="ab")),
        variant("a day in another form", lambda r: r["dry_run"]["week"].update(monday="8 Apr 2019")),
        variant("too many examples", lambda r: r["dry_run"]["findings"][0].update(
            examples=r["dry_run"]["findings"][0]["examples"] * 2)),
    ]


def refused_loads(report):
    """The same of a load test."""

    def variant(name, change):
        other = copy.deepcopy(report)
        change(other["load"])
        return name, other

    return [
        variant("a judgement that there is not", lambda l: l.update(judgement="good")),
        variant("a histogram without its counts", lambda l: l["records"][0]["lag"].pop("hdr")),
        variant("an empty histogram with counts", lambda l: l["records"][0]["lag"].update(count=0)),
        variant("a leg that there is not", lambda l: l["records"][0]["legs"][0].update(leg="last")),
        variant("a negative time", lambda l: l["seconds"]["all"]["lag_p99_ns"].append(-1)),
        variant("a class without its role", lambda l: l["classes"][0].pop("role")),
        variant("a health figure in another unit", lambda l: l["health"][0].update(unit="days")),
    ]


def main(sample, schema_file):
    try:
        import jsonschema
    except ImportError:
        print("skipped: the Python module jsonschema is missing (apt-get install python3-jsonschema)")
        return SKIPPED
    schema = json.loads(pathlib.Path(schema_file).read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    failures = 0
    with tempfile.TemporaryDirectory(prefix="s1flow-schema-") as folder:
        subprocess.run([sample, folder], check=True)
        reports = sorted(pathlib.Path(folder).glob("*.json"))
        if not reports:
            print("no sample report was written")
            return 1
        for path in reports:
            if path.name == "load-hour.json":  # the same members as load.json, a hundred times as many values
                continue
            report = json.loads(path.read_text(encoding="utf-8"))
            for error in validator.iter_errors(report):
                failures += 1
                print(f"{path.name}: {error.json_path}: {error.message[:200]}")
        load = json.loads((pathlib.Path(folder) / "load.json").read_text(encoding="utf-8"))
        for name, report in refused_loads(load):
            if validator.is_valid(report):
                failures += 1
                print(f"the schema accepts {name}")
        week = json.loads((pathlib.Path(folder) / "week.json").read_text(encoding="utf-8"))
        for name, report in refused_variants(week):
            if validator.is_valid(report):
                failures += 1
                print(f"the schema accepts {name}")
    print(f"{len(reports)} reports, {failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
