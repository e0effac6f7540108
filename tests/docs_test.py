#!/usr/bin/env python3
"""Checks what can be checked about the documents without reading them.

    tests/docs_test.py [ROOT]        checks the tree (default: the folder above this file)
    tests/docs_test.py --self-test   checks the checker on small trees that have faults

- A relative link in a *.md file points to a file or folder that exists, and its #anchor to a heading.
- No text file names a path of somebody's machine, a package registry's host, or a word that has no
  place in the project.
- Every decision in docs/adr/ has its four headings and the number of its file name, without gaps.
- There is a README.md at the root and in each folder of ours that has more than one header.
- docs/formats/ has a page for each type of schemas/layouts/ that says whose invention it is, and names every element, attribute,
  column and member of the layout, its code texts, and every rule of the type; the frame of the XML files is on its README.
"""

import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

# Written in parts, so that this file does not hold what it looks for.
FORBIDDEN = [
    (re.compile(r"(?<![\w.*})\]/-])/(?:wo" r"rk|ro" r"ot|ho" r"me)/[\w.-]"), "a path of one machine"),
    (re.compile(r"\b(?:deb|registry)\.[a-z]+\.(?:org|com)\b"), "the host of a package registry"),
    (re.compile(r"\bass" r"istants?\b|\blanguage mo" r"del|\bchat" r"bot", re.I), "a word with no place here"),
]
ADR_HEADINGS = ["Context", "Options", "Decision", "Consequences"]
FOLDERS_WITH_README = ["core", "codecs", "pipeline", "loadgen", "cli", "bench", "tests"]

FENCE = re.compile(r"^(```|~~~).*?^\1", re.M | re.S)
CODE = re.compile(r"`[^`\n]*`")
LINK = re.compile(r"\[[^\]\n]*\]\(\s*<?([^)>\s]+)>?(?:\s+\"[^\"]*\")?\s*\)|^\[[^\]\n]+\]:\s*(\S+)", re.M)
HEADING = re.compile(r"^#{1,6}[ \t]+(.+?)[ \t]*#*$", re.M)


def files_of(root):
    """The files that belong to the project: what git knows or would add, or else all."""
    listed = subprocess.run(
        ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        capture_output=True,
        check=False,
    )
    if listed.returncode == 0:
        names = listed.stdout.decode().split("\0")
        return sorted({root / n for n in names if n and (root / n).is_file()})
    found = (p for p in root.rglob("*") if p.is_file())
    return sorted(p for p in found if p.relative_to(root).parts[0] not in {"build", "out", ".git"})


def text_of(path):
    """The text of a file, or None when it is binary."""
    data = path.read_bytes()
    if b"\0" in data[:4096]:
        return None
    return data.decode("utf-8", "replace")


def prose(markdown):
    """Markdown without code, which may show links that are none, with its lines kept."""
    markdown = FENCE.sub(lambda m: "\n" * m.group(0).count("\n"), markdown)
    return CODE.sub("", markdown)


def anchors(markdown):
    """The anchors that a forge makes of the headings."""
    made = set()
    for title in HEADING.findall(FENCE.sub("", markdown)):
        title = re.sub(r"[^\w\- ]", "", re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", title).lower())
        made.add(title.replace(" ", "-"))
    return made


def link_faults(root, path, markdown):
    text = prose(markdown)
    for match in LINK.finditer(text):
        target = match.group(1) or match.group(2)
        if re.match(r"[a-z][a-z0-9+.-]*:", target):
            continue
        where = f"{path.relative_to(root)}:{text.count(chr(10), 0, match.start()) + 1}"
        name, _, anchor = target.partition("#")
        if name.startswith("/"):
            yield f"{where}: {target} is no relative link"
            continue
        file = (path.parent / name).resolve() if name else path
        if not file.exists():
            yield f"{where}: {target} does not exist"
        elif root not in file.parents and file != root:
            yield f"{where}: {target} is outside the project"
        elif anchor and file.suffix == ".md" and anchor not in anchors(file.read_text(encoding="utf-8")):
            yield f"{where}: {target}: no such heading"


def word_faults(root, path, text):
    for number, line in enumerate(text.splitlines(), 1):
        for pattern, what in FORBIDDEN:
            found = pattern.search(line)
            if found:
                yield f"{path.relative_to(root)}:{number}: {what}: {found.group(0)}"


def adr_faults(root):
    folder = root / "docs/adr"
    pages = sorted(folder.glob("*.md"))
    for number, page in enumerate(pages, 1):
        name = page.relative_to(root)
        text = page.read_text(encoding="utf-8")
        if not re.fullmatch(rf"{number:04}-[a-z0-9-]+\.md", page.name):
            yield f"{name}: should be number {number:04} and named in lower case"
        if not re.match(rf"# {page.name[:4]}[:.] \S", text):
            yield f"{name}: should start with `# {page.name[:4]}: title`"
        headings = re.findall(r"^## (.+?)\s*$", text, re.M)
        if headings != ADR_HEADINGS:
            yield f"{name}: headings are {headings}, should be {ADR_HEADINGS}"


def readme_faults(root):
    if not (root / "README.md").exists():
        yield "README.md is missing"
    for folder in FOLDERS_WITH_README:
        if len(list((root / folder).glob("*.h"))) > 1 and not (root / folder / "README.md").exists():
            yield f"{folder}/README.md is missing"


def steps_of(node):
    """The names on the paths of a layout's table: elements, attributes, columns, members."""
    if isinstance(node, str):
        return {step.lstrip("@") for step in node.split("/") if step != "."}
    if isinstance(node, list):
        return set().union(*map(steps_of, node))
    if isinstance(node, dict):
        return set().union(*(steps_of(value) for key, value in node.items() if key not in ("set", "list", "format")))
    return set()


def texts_of(codes):
    return set().union(*({t for t in texts.values() if isinstance(t, str)} for texts in codes.values()))


def lacks(page, names):
    return sorted(n for n in names if not re.search(rf"(?<![\w-]){re.escape(n)}(?![\w-])", page))


def format_faults(root):
    pages = root / "docs/formats"
    rules = re.compile(r'\.id = "([a-z]+)\.([a-z-]+)"')
    ids = [m for f in sorted(root.glob("pipeline/rules/*.cpp")) for m in rules.findall(f.read_text(encoding="utf-8"))]
    frame = pages / "README.md"
    common = frame.read_text(encoding="utf-8") if frame.exists() else ""
    for file in sorted(root.glob("schemas/layouts/*/*.toml")):
        layout = tomllib.loads(file.read_text(encoding="utf-8"))
        kind = layout["type"]
        page = pages / f"{kind}.md"
        if not page.exists():
            yield f"docs/formats/{kind}.md is missing"
            continue
        text = page.read_text(encoding="utf-8")
        name = page.relative_to(root)
        if "s1flow's own" not in "\n".join(text.splitlines()[:3]):
            yield f"{name}: should say at its top that it is s1flow's own"
        own = steps_of(layout.get("record", {})) | steps_of([c["name"] for c in layout.get("csv", {}).get("column", [])])
        own |= texts_of(layout.get("codes", {}))
        for missing in lacks(text, own):
            yield f"{name}: does not name {missing}"
        for missing in lacks(common, steps_of(layout.get("header", {})) | steps_of(layout.get("trailer", {}))):
            yield f"docs/formats/README.md: does not name {missing}, which the header or trailer of {kind} has"
        for missing in (f"{k}.{rule}" for k, rule in ids if k == kind and f"`{k}.{rule}`" not in text):
            yield f"{name}: does not name the rule {missing}"


def check(root):
    root = root.resolve()
    faults = []
    files = files_of(root)
    for path in files:
        text = text_of(path)
        if text is None:
            continue
        faults += word_faults(root, path, text)
        if path.suffix == ".md":
            faults += link_faults(root, path, text)
    faults += adr_faults(root)
    faults += readme_faults(root)
    faults += format_faults(root)
    return faults, len(files)


MVF = 'type = "mvf"\n[header]\nsender = "Head/@from"\n[codes]\n"result" = { accepted = "Yes" }\n[record]\nresult = "Verdict/@code"\n'
MVF_PAGE = "# MVF\n\ns1flow's own layout.\n\nVerdict/@code: `Yes`\n"
FRAME = {"docs/formats/README.md": "Head/@from\n", "schemas/layouts/mvf/1.toml": MVF}
ADR = "# 0001: Title\n\n## Context\n\n## Options\n\n## Decision\n\n## Consequences\n"
# name, {file: text}, part of the expected fault (None: the tree is fine)
CASES = [
    ("fine", {"docs/a.md": "[b](../README.md) [c](b.md#a-b-2)\n", "docs/b.md": "## A `b`: 2\n"}, None),
    ("missing_file", {"docs/a.md": "x\n[b](gone.md)\n"}, "docs/a.md:2: gone.md does not exist"),
    ("missing_heading", {"docs/a.md": "[b](b.md#x)\n", "docs/b.md": "# A\n"}, "no such heading"),
    ("missing_heading_here", {"docs/a.md": "# A\n[b](#b)\n"}, "no such heading"),
    ("reference_link", {"docs/a.md": "[b]: gone.md\n"}, "does not exist"),
    ("link_with_title", {"docs/a.md": '[b](gone.md "B")\n'}, "does not exist"),
    ("absolute_link", {"docs/a.md": "[b](/README.md)\n"}, "no relative link"),
    ("link_out_of_the_project", {"docs/a.md": "[b](../../..)\n"}, "outside the project"),
    ("link_elsewhere", {"docs/a.md": "[b](https://example.org/gone.md)\n"}, None),
    ("link_in_code", {"docs/a.md": "`[b](gone.md)`\n```\n[b](gone.md)\n```\n"}, None),
    ("link_after_code", {"docs/a.md": "```\nx\n```\n[b](gone.md)\n"}, "docs/a.md:4"),
    ("machine_path", {"core/a.cpp": "// see /ro" "ot/x/y\n"}, "core/a.cpp:1: a path of one machine"),
    ("machine_path_in_quotes", {"a.toml": 'p = "/ho' 'me/me"\n'}, "a path of one machine"),
    ("path_below_a_variable", {"a.sh": "cd $X/wo" "rk/y ${X}/ho" "me/z a/ro" "ot/x\n"}, None),
    ("registry", {"a.txt": "from deb.exam" "ple.org\n"}, "package registry"),
    ("forbidden_word", {"a.txt": "Ask the Assis" "tant.\n"}, "no place"),
    ("binary_is_left_alone", {"a.bin": "\0 /ro" "ot/x\n"}, None),
    ("decision", {"docs/adr/0001-title.md": ADR}, None),
    ("decision_heading_missing", {"docs/adr/0001-title.md": ADR.replace("## Options\n", "")}, "headings"),
    ("decision_headings_swapped", {"docs/adr/0001-t.md": ADR.replace("Options", "X")}, "headings"),
    ("decision_without_title", {"docs/adr/0001-t.md": ADR.replace("# 0001: Title", "Title")}, "should start with"),
    ("decision_numbers_with_a_gap", {"docs/adr/0002-title.md": ADR.replace("0001", "0002")}, "should be number 0001"),
    ("folder_without_page", {"core/a.h": "", "core/b.h": ""}, "core/README.md is missing"),
    ("format", {**FRAME, "docs/formats/mvf.md": MVF_PAGE}, None),
    ("format_without_page", FRAME, "docs/formats/mvf.md is missing"),
    ("format_of_nobody", {**FRAME, "docs/formats/mvf.md": MVF_PAGE.replace("s1flow's own", "A")}, "s1flow's own"),
    ("format_element_missing", {**FRAME, "docs/formats/mvf.md": MVF_PAGE.replace("Verdict", "Verdicts")}, "does not name Verdict"),
    ("format_attribute_missing", {**FRAME, "docs/formats/mvf.md": MVF_PAGE.replace("@code", "")}, "does not name code"),
    ("format_code_missing", {**FRAME, "docs/formats/mvf.md": MVF_PAGE.replace("Yes", "No")}, "does not name Yes"),
    ("format_header_missing", {**FRAME, "docs/formats/mvf.md": MVF_PAGE, "docs/formats/README.md": "Head\n"}, "does not name from"),
    ("format_rule_missing",
     {**FRAME, "docs/formats/mvf.md": MVF_PAGE, "pipeline/rules/a.cpp": '.id = "mvf.disagrees",\n'}, "the rule mvf.disagrees"),
    ("no_page_at_the_root", {"README.md": None}, "README.md is missing"),
]


def self_test():
    failed = 0
    for name, files, expected in CASES:
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder) / "x"
            for path, text in ({"README.md": "# A\n"} | files).items():
                if text is not None:
                    (root / path).parent.mkdir(parents=True, exist_ok=True)
                    (root / path).write_text(text, encoding="utf-8")
            root.mkdir(exist_ok=True)
            faults, _ = check(root)
        good = not faults if expected is None else len(faults) == 1 and expected in faults[0]
        if not good:
            failed += 1
            print(f"FAILED {name}: expected {expected!r}, got {faults}")
    print(f"cases: {len(CASES) - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


def main(arguments):
    if arguments == ["--self-test"]:
        return self_test()
    root = Path(arguments[0]) if arguments else Path(__file__).resolve().parent.parent
    faults, count = check(root)
    print("\n".join(faults) if faults else f"documents: {count} files, no fault")
    return 1 if faults or not count else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
