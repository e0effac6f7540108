#!/usr/bin/env python3
"""Checks every #include of our folders against the table of who may include whom.

    tests/include_rule.py [ROOT]        checks the tree (default: the folder above this file)
    tests/include_rule.py --self-test   checks the checker on small trees that break the rule

Prints one line per breach (file:line: reason) and a last line with the count of checked files.
"""

import re
import sys
import tempfile
from pathlib import Path

# Folder -> folders of ours that it may include. Its own folder is always allowed.
MAY_INCLUDE = {
    "core": set(),
    "codecs": {"core"},
    "pipeline": {"core", "codecs"},
    "loadgen": {"core", "codecs"},
    "cli": {"core", "codecs", "pipeline", "loadgen"},
    "bench": {"core", "codecs", "pipeline", "loadgen", "cli", "tests"},
    "tests": {"core", "codecs", "pipeline", "loadgen", "cli", "bench"},
}

# Third-party header (as a pattern on the text between the brackets) -> library.
LIBRARIES = [
    (r"fmt/", "fmt"),
    (r"tl/expected\.hpp$", "tl::expected"),
    (r"simdjson\.h$", "simdjson"),
    (r"libxml/", "libxml2"),
    (r"openssl/", "OpenSSL"),
    (r"gmp\.h$", "GMP"),
    (r"toml\+\+/", "toml++"),
    (r"zip\.h$", "libzip"),
    (r"zlib\.h$", "zlib"),
    (r"sqlite3\.h$", "SQLite"),
    (r"(tbb|oneapi)/", "oneTBB"),
    (r"boost/json(\.hpp$|/)", "Boost.JSON"),
    (r"boost/(asio|beast)(\.hpp$|/)", "Boost.Asio/Beast"),
    (r"boost/system/", "Boost.Asio/Beast"),
    (r"CLI/", "CLI11"),
    (r"benchmark/", "Google Benchmark"),
    (r"(gtest|gmock)/", "GoogleTest"),
    (r"xmlsec/", "xmlsec"),
]

# The words of core: Result is tl::expected, and text is formatted with fmt everywhere.
EVERYWHERE = {"fmt", "tl::expected"}

# Library -> where it may be included: patterns on the file's path from the root.
MAY_USE = {
    "simdjson": [r"codecs/.*\.cpp$"],
    "libxml2": [r"codecs/.*\.cpp$"],
    "OpenSSL": [r"codecs/.*\.cpp$", r"loadgen/.*\.cpp$", r"loadgen/net/"],
    "GMP": [r"codecs/crypto/modular_inverse\.cpp$"],
    "toml++": [r"codecs/.*\.cpp$", r"loadgen/.*\.cpp$", r"loadgen/net/"],
    "libzip": [r"codecs/.*\.cpp$"],
    # HdrHistogram's compressed form is defined by zlib; it is written and read in one place.
    "zlib": [r"core/histogram_log\.cpp$"],
    "SQLite": [r"pipeline/ledger(_disk)?\.cpp$"],
    "oneTBB": [r"pipeline/runner\.cpp$", r"loadgen/.*\.cpp$", r"loadgen/net/"],
    "Boost.JSON": [r"pipeline/.*\.cpp$", r"loadgen/.*\.cpp$", r"loadgen/net/", r"cli/.*\.cpp$"],
    "Boost.Asio/Beast": [r"loadgen/.*\.cpp$", r"loadgen/net/"],
    "CLI11": [r"cli/.*\.cpp$"],
    "Google Benchmark": [],
    "GoogleTest": [],
    "xmlsec": [],
}
FREE_FOLDERS = ("bench/", "tests/")  # every library

STANDARD = set(
    """algorithm any array atomic barrier bit bitset cassert cctype cerrno cfenv cfloat charconv chrono
    cinttypes climits clocale cmath compare complex concepts condition_variable coroutine csetjmp csignal
    cstdarg cstddef cstdint cstdio cstdlib cstring ctime cuchar cwchar deque exception execution filesystem
    forward_list fstream functional future initializer_list iomanip ios iosfwd iostream istream iterator
    latch limits list locale map memory memory_resource mutex new numbers numeric optional ostream queue
    random ranges ratio regex scoped_allocator semaphore set shared_mutex span sstream stack stdexcept
    stop_token streambuf string string_view syncstream system_error thread tuple type_traits typeindex
    typeinfo unordered_map unordered_set utility valarray variant vector version""".split()
)
# POSIX, Linux and compiler headers, which belong to the platform.
PLATFORM = re.compile(
    r"(unistd|fcntl|dirent|dlfcn|errno|execinfo|glob|limits|malloc|netdb|poll|pthread|pwd|sched|signal|stdint|"
    r"stdlib|string|strings|termios|time|utime|emmintrin|immintrin|x86intrin|nmmintrin|cpuid)\.h$"
    r"|(sys|linux|arpa|net|netinet|asm)/[a-z0-9_]+\.h$|cxxabi\.h$"
)

INCLUDE = re.compile(r"^[ \t]*#[ \t]*include\b[ \t]*(.*?)[ \t]*$", re.M)
NOT_CODE = re.compile(
    r'R"([^()\\\s]{0,16})\(.*?\)\1"'  # raw strings
    r"|//[^\n]*|/\*.*?\*/"  # comments
    r'|"(?:\\.|[^"\\\n])*"'  # strings and characters, kept as they are
    r"|'(?:\\.|[^'\\\n])'",
    re.S,
)


def without_comments(text):
    """Comments and raw strings as blanks of as many lines; other strings stay."""

    def blank(match):
        found = match.group(0)
        return found if found[0] in "\"'" else "\n" * found.count("\n")

    return NOT_CODE.sub(blank, text)


def library_of(header):
    return next((name for pattern, name in LIBRARIES if re.match(pattern, header)), None)


def fault_of_own(root, path, header):
    """Why `path` may not include "header", or None."""
    folder = path.split("/")[0]
    target = header.split("/")[0]
    if ".." in header.split("/") or header.startswith(("./", "/")):
        return f'"{header}" is a relative or absolute path: write it from the repository root'
    if library_of(header):
        return f'"{header}" is third party: write <{header}>'
    if target not in MAY_INCLUDE or "/" not in header:
        return f'"{header}" is not written from the repository root'
    if not (root / header).is_file():
        return f'"{header}" does not exist'
    if not header.endswith(".h"):
        return f'"{header}" is not a header'
    if target != folder and target not in MAY_INCLUDE[folder]:
        return f'{folder} may not include {target} ("{header}")'
    return None


def fault_of_system(path, header):
    if header.split("/")[0] in MAY_INCLUDE and "/" in header and not library_of(header):
        return f'<{header}> is ours: write "{header}"'
    if header in STANDARD or PLATFORM.match(header):
        return None
    library = library_of(header)
    if library is None:
        return f"<{header}> belongs to no known library: name it in tests/include_rule.py"
    if library in EVERYWHERE or path.startswith(FREE_FOLDERS):
        return None
    if any(re.match(pattern, path) for pattern in MAY_USE[library]):
        return None
    places = ", ".join(MAY_USE[library]) or "tests and bench"
    return f"{library} (<{header}>) is only for {places}"


def check_file(root, path):
    text = without_comments((root / path).read_text(encoding="utf-8"))
    faults = []
    for match in INCLUDE.finditer(text):
        what = match.group(1)
        line = text.count("\n", 0, match.start()) + 1
        if re.fullmatch(r'"[^"]+"', what):
            fault = fault_of_own(root, path, what[1:-1])
        elif re.fullmatch(r"<[^>]+>", what):
            fault = fault_of_system(path, what[1:-1])
        else:
            fault = f"#include {what} cannot be checked: write the name"
        if fault:
            faults.append(f"{path}:{line}: {fault}")
    return faults


def check_tree(root):
    """All faults of the tree and the number of files looked at."""
    faults, count = [], 0
    for folder in MAY_INCLUDE:
        for file in sorted((root / folder).rglob("*")):
            if file.suffix not in {".h", ".hpp", ".cpp", ".cc", ".inc"} or not file.is_file():
                continue
            count += 1
            faults += check_file(root, file.relative_to(root).as_posix())
    return faults, count


# name, {file: text}, part of the expected fault (None: the tree is fine)
CASES = [
    ("core_alone", {"core/a.h": "#include <string>\n#include <tl/expected.hpp>\n#include <fmt/core.h>\n"}, None),
    ("core_includes_codecs", {"core/a.h": '#include "codecs/b.h"\n', "codecs/b.h": ""}, "core may not include codecs"),
    ("codecs_includes_core", {"codecs/b.h": '#include "core/a.h"\n', "core/a.h": ""}, None),
    (
        "codecs_includes_pipeline",
        {"codecs/b.cpp": '#include "pipeline/p.h"\n', "pipeline/p.h": ""},
        "codecs may not include pipeline",
    ),
    (
        "pipeline_includes_loadgen",
        {"pipeline/p.cpp": '#include "loadgen/l.h"\n', "loadgen/l.h": ""},
        "pipeline may not include loadgen",
    ),
    (
        "loadgen_includes_pipeline",
        {"loadgen/l.cpp": '#include "pipeline/p.h"\n', "pipeline/p.h": ""},
        "loadgen may not include pipeline",
    ),
    (
        "pipeline_includes_cli",
        {"pipeline/p.cpp": '#include "cli/render/html.h"\n', "cli/render/html.h": ""},
        "pipeline may not include cli",
    ),
    (
        "cli_includes_all",
        {
            "cli/c.cpp": '#include "loadgen/l.h"\n#include "pipeline/p.h"\n#include <CLI/CLI.hpp>\n',
            "loadgen/l.h": "",
            "pipeline/p.h": "",
        },
        None,
    ),
    ("cli_includes_tests", {"cli/c.cpp": '#include "tests/t.h"\n', "tests/t.h": ""}, "cli may not include tests"),
    ("libxml2_in_codecs_source", {"codecs/xml/a.cpp": "#include <libxml/parser.h>\n"}, None),
    ("libxml2_in_codecs_header", {"codecs/xml/a.h": "#include <libxml/parser.h>\n"}, "libxml2"),
    ("zlib_in_the_histogram_log", {"core/histogram_log.cpp": "#include <zlib.h>\n"}, None),
    ("zlib_elsewhere_in_core", {"core/text.cpp": "#include <zlib.h>\n"}, "zlib"),
    ("openssl_in_core", {"core/a.cpp": "#include <openssl/evp.h>\n"}, "OpenSSL"),
    ("gmp_in_another_file", {"codecs/crypto/key.cpp": "#include <gmp.h>\n"}, "GMP"),
    ("simdjson_in_pipeline", {"pipeline/a.cpp": "#include <simdjson.h>\n"}, "simdjson"),
    ("toml_in_cli", {"cli/a.cpp": "#include <toml++/toml.h>\n"}, "toml++"),
    ("tbb_in_runner", {"pipeline/runner.cpp": "#include <tbb/parallel_pipeline.h>\n"}, None),
    ("tbb_elsewhere", {"pipeline/stage.cpp": "#include <oneapi/tbb/task.h>\n"}, "oneTBB"),
    ("tbb_in_runner_header", {"pipeline/runner.h": "#include <tbb/task.h>\n"}, "oneTBB"),
    ("sqlite_in_ledger", {"pipeline/ledger.cpp": "#include <sqlite3.h>\n"}, None),
    ("sqlite_elsewhere", {"pipeline/report.cpp": "#include <sqlite3.h>\n"}, "SQLite"),
    ("boost_json_in_pipeline", {"pipeline/report.cpp": "#include <boost/json.hpp>\n"}, None),
    ("boost_json_in_header", {"pipeline/report.h": "#include <boost/json.hpp>\n"}, "Boost.JSON"),
    ("boost_json_in_codecs", {"codecs/a.cpp": "#include <boost/json/src.hpp>\n"}, "Boost.JSON"),
    ("beast_in_net_header", {"loadgen/net/http.h": "#include <boost/beast/core.hpp>\n"}, None),
    ("beast_in_other_header", {"loadgen/client.h": "#include <boost/beast/core.hpp>\n"}, "Boost.Asio/Beast"),
    ("cli11_in_cli_header", {"cli/a.h": "#include <CLI/CLI.hpp>\n"}, "CLI11"),
    ("gtest_in_product", {"core/a.cpp": "#include <gtest/gtest.h>\n"}, "GoogleTest"),
    ("anything_in_tests", {"tests/a.cpp": "#include <gtest/gtest.h>\n#include <openssl/evp.h>\n"}, None),
    ("anything_in_bench", {"bench/a.cpp": "#include <benchmark/benchmark.h>\n#include <tbb/task.h>\n"}, None),
    ("unknown_library", {"core/a.cpp": "#include <pugixml.hpp>\n"}, "no known library"),
    ("parent_folder", {"core/a.cpp": '#include "../core/b.h"\n', "core/b.h": ""}, "repository root"),
    ("same_folder_without_path", {"core/a.cpp": '#include "b.h"\n', "core/b.h": ""}, "repository root"),
    ("own_header_in_brackets", {"core/a.cpp": "#include <core/b.h>\n", "core/b.h": ""}, "is ours"),
    ("third_party_in_quotes", {"core/a.cpp": '#include "fmt/core.h"\n'}, "third party"),
    ("missing_header", {"core/a.cpp": '#include "core/gone.h"\n'}, "does not exist"),
    ("source_included", {"core/a.cpp": '#include "core/b.cpp"\n', "core/b.cpp": ""}, "not a header"),
    ("macro", {"core/a.cpp": "#include HEADER\n"}, "cannot be checked"),
    ("in_a_comment", {"core/a.cpp": '/*\n#include "../x.h"\n*/\n// #include "y.h"\n'}, None),
    ("in_a_raw_string", {"core/a.cpp": 'auto t = R"(\n#include "../x.h"\n)";\n'}, None),
    ("after_a_quote_character", {"core/a.cpp": "char c = '\"'; /*\n#include \"../x.h\"\n*/\n"}, None),
    ("after_a_quote_in_a_string", {"core/a.cpp": 'auto t = "\\"//";\n#  include "../x.h"\n'}, "core/a.cpp:2"),
]


def self_test():
    failed = 0
    for name, files, expected in CASES:
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            for path, text in files.items():
                (root / path).parent.mkdir(parents=True, exist_ok=True)
                (root / path).write_text(text, encoding="utf-8")
            faults, count = check_tree(root)
        good = count == len(files) and (
            not faults if expected is None else len(faults) == 1 and expected in faults[0]
        )
        if not good:
            failed += 1
            print(f"FAILED {name}: expected {expected!r}, got {faults!r} in {count} files")
    print(f"cases: {len(CASES) - failed} passed, {failed} failed, 0 skipped")
    return failed


def main(arguments):
    if arguments == ["--self-test"]:
        return 1 if self_test() else 0
    root = Path(arguments[0]) if arguments else Path(__file__).resolve().parent.parent
    faults, count = check_tree(root)
    print("\n".join(faults) if faults else f"include rule: {count} files, no breach")
    if count == 0:
        print("include rule: no files found", file=sys.stderr)
    return 1 if faults or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
