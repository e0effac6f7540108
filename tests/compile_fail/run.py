#!/usr/bin/env python3
"""Checks that a snippet does not compile, and for the right reason.

    tests/compile_fail/run.py [--self-test] SNIPPET -- COMPILER FLAGS...

A snippet says on its first line what the compiler has to say:

    // must fail: <regular expression>

and holds its mistake between `#ifndef S1FLOW_CONTROL` and `#else` or `#endif`. It is compiled twice:
with S1FLOW_CONTROL defined it must compile, so that a missing header or a typing error cannot pass
for the mistake; without it it must not, and an error of the compiler must match the expression.

--self-test runs the harness on snippets of its own that must be found wanting; SNIPPET is left out.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path


def compiles(command, snippet, defines=()):
    done = subprocess.run(
        [*command, "-fsyntax-only", "-fno-diagnostics-color", *defines, str(snippet)],
        capture_output=True,
        text=True,
        env={"LC_ALL": "C", "PATH": "/usr/local/bin:/usr/bin:/bin"},
        check=False,
    )
    return done.returncode == 0, done.stderr


def fault_of(snippet, command):
    """Why the snippet fails its test, or None."""
    text = snippet.read_text(encoding="utf-8")
    expected = re.match(r"// must fail: (.+)\n", text)
    if not expected:
        return "the first line has to be `// must fail: <regular expression>`"
    if "S1FLOW_CONTROL" not in text:
        return "has no S1FLOW_CONTROL, so nothing shows that the rest of it compiles"
    good, messages = compiles(command, snippet, ["-DS1FLOW_CONTROL"])
    if not good:
        return f"does not compile even without its mistake:\n{messages}"
    good, messages = compiles(command, snippet)
    if good:
        return "compiles, and should not"
    errors = [line for line in messages.splitlines() if "error:" in line]
    if not any(re.search(expected.group(1), line) for line in errors):
        return f"fails, but no error matches {expected.group(1)!r}:\n{messages}"
    return None


MISTAKE = "#ifndef S1FLOW_CONTROL\nint x = nullptr;\n#endif\n"
# name, snippet, part of the expected fault (None: it does what it says)
CASES = [
    ("fails_as_said", "// must fail: nullptr\n" + MISTAKE, None),
    ("compiles", "// must fail: nullptr\n// S1FLOW_CONTROL\nint x = 0;\n", "compiles, and should not"),
    ("fails_otherwise", "// must fail: deleted function\n" + MISTAKE, "no error matches"),
    ("broken_beside", "// must fail: nullptr\n#include <no_such_header>\n" + MISTAKE, "even without"),
    ("no_control", "// must fail: nullptr\nint x = nullptr;\n", "has no S1FLOW_CONTROL"),
    ("says_nothing", MISTAKE, "first line"),
]


def self_test(command):
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, text, expected in CASES:
            snippet = Path(folder) / f"{name}.cpp"
            snippet.write_text(text, encoding="utf-8")
            fault = fault_of(snippet, command)
            if fault is not None if expected is None else expected not in (fault or ""):
                failed += 1
                print(f"FAILED {name}: expected {expected!r}, got {fault!r}")
    print(f"cases: {len(CASES) - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


def main(arguments):
    own, command = arguments[: arguments.index("--")], arguments[arguments.index("--") + 1 :]
    if own == ["--self-test"]:
        return self_test(command)
    snippet = Path(own[0])
    fault = fault_of(snippet, command)
    if fault:
        print(f"{snippet.name}: {fault}")
    return 1 if fault else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
