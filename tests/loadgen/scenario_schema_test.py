#!/usr/bin/env python3
"""schemas/scenario.schema.json takes the examples of docs/cli/load.md and the shipped scenarios, knows every profile, and refuses
what the program refuses. Ends with 77 when python3-jsonschema is missing."""

import copy
import json
import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

try:
    import jsonschema
except ImportError:
    print("python3-jsonschema is missing")
    sys.exit(77)


def main():
    schema = json.loads((ROOT / "schemas/scenario.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    texts = re.findall(r"```toml\n(.*?)```", (ROOT / "docs/cli/load.md").read_text(), re.S)
    example, signed, _ = (tomllib.loads(text) for text in texts)
    failed = 0

    def expect(name, scenario, good):
        nonlocal failed
        if validator.is_valid(scenario) != good:
            failed += 1
            print(f"FAILED {name}: {[e.message for e in validator.iter_errors(scenario)]}")

    def changed(path, value, of=example):
        scenario = copy.deepcopy(of)
        at = scenario
        for step in path[:-1]:
            at = at[step]
        at[path[-1]] = value
        return scenario

    expect("example", example, True)
    cases = [
        ("unknown_key", ("sede",), 1),
        ("duration_without_unit", ("phase", 0, "duration"), "10"),
        ("unknown_profile", ("phase", 0, "profile"), "wave"),
        ("parameter_of_another_profile", ("phase", 1, "size"), 4),
        ("no_weight", ("mix", 0, "weight"), 0),
        ("name_with_comma", ("mix", 0, "name"), "a,b"),
        ("no_phase", ("phase",), []),
    ]
    for name, path, value in cases:
        expect(name, changed(path, value), False)
    expect("signed example", signed, True)
    signed_cases = [
        ("variant_without_point", ("request", 0, "srv"), "eight"),
        ("unknown_way_to_sign", ("duis", "sign"), "later"),
        ("second_variant_of_a_critical_one", ("request", 0, "command_variant"), 5),
        ("unknown_device", ("request", 0, "devices"), ["METER"]),
        ("unknown_generation", ("duis", "generation"), "smets3"),
        ("target_without_unit", ("request", 0, "target"), 30),
        ("listen_without_port", ("receive", "listen"), "127.0.0.1"),
        ("bodies_beside_requests", ("mix",), [{"name": "a"}]),
    ]
    for name, path, value in signed_cases:
        expect(name, changed(path, value, signed), False)
    files = tomllib.loads((ROOT / "schemas/scenarios/registration-refresh.toml").read_text())
    file_cases = [
        ("share_above_one", ("file", 0, "share"), 1.5),
        ("unknown_kind_of_file", ("files", "kind"), "inventory"),
        ("files_beside_a_target", ("target",), {"url": "http://127.0.0.1:1"}),
        ("no_file", ("file",), []),
    ]
    expect("example of files", tomllib.loads(texts[2]), True)
    for name, path, value in file_cases:
        expect(name, changed(path, value, files), False)
    shipped = sorted((ROOT / "schemas/scenarios").glob("*.toml"))
    for path in shipped:
        expect(path.name, tomllib.loads(path.read_text()), True)
    sources = (ROOT / "loadgen/profiles").glob("*.cpp")
    names = {n for s in sources for n in re.findall(r'^    \.name = "([a-z-]+)"', s.read_text(), re.M)}
    known = {p["properties"]["profile"]["const"] for p in schema["properties"]["phase"]["items"]["oneOf"]}
    if names != known or not names:
        failed += 1
        print(f"FAILED profiles: in the code {sorted(names)}, in the schema {sorted(known)}")
    total = len(cases) + len(signed_cases) + len(file_cases) + len(shipped) + 4
    print(f"cases: {total - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
