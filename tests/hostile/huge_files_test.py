#!/usr/bin/env python3
"""Very large and very deep inputs: read or refused within 256 MiB, and in a time that grows with the size and no faster.

usage: huge_files_test.py PROGRAM [BYTES]

BYTES: of each file; 1073741824 is what the program promises, the default is smaller. Files are made on the fly and taken away. Times
are told; memory is judged.
"""

import os
import resource
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "week"))
from week import Cases, generate, is_sanitized, scratch  # noqa: E402

LIMIT = 256 << 20
PIECE = 1 << 20


def pieces(total, piece):
    whole, rest = divmod(total, len(piece))
    for _ in range(whole):
        yield piece
    yield piece[:rest]


def repeated(head, unit, count, tail):
    """head, `unit` that many times, tail."""
    yield head
    block = unit * max(1, PIECE // len(unit))
    per_block = len(block) // len(unit)
    for _ in range(count // per_block):
        yield block
    yield unit * (count % per_block)
    yield tail


def shapes(size):
    """(name, container, exit code, pieces)"""
    text = b"a" * PIECE
    deep = 1_000_000
    yield "text-node", "xml", 0, [b"<a>", *pieces(size, text), b"</a>"]
    yield "attribute", "xml", 1, [b'<a b="', *pieces(size, text), b'"/>']
    yield "comment", "xml", 1, [b"<!--", *pieces(size, text), b"--><a/>"]
    yield "name", "xml", 1, [b"<", *pieces(size, text), b"/>"]
    yield "cdata", "xml", 0, [b"<a><![CDATA[", *pieces(size, text), b"]]></a>"]
    yield "one-line-of-elements", "xml", 0, list(repeated(b"<a>", b"<b>1</b>", size // 8, b"</a>"))
    yield "nested", "xml", 1, list(repeated(b"", b"<a>", deep, b"")) + list(repeated(b"", b"</a>", deep, b""))
    yield "nested-and-open", "xml", 1, list(repeated(b"", b"<a>", deep, b""))
    yield "references", "xml", 0, list(repeated(b"<a>", b"&amp;", size // 5, b"</a>"))
    yield "name-spaces", "xml", 1, list(repeated(b"<a ", b'xmlns:b="c" ', 200_000, b"/>"))
    yield "string", "json", 0, [b'"', *pieces(size, text), b'"']
    yield "number", "json", 0, [b"1", *pieces(size, b"0" * PIECE)]
    yield "nested", "json", 1, list(repeated(b"", b"[", deep, b"")) + list(repeated(b"", b"]", deep, b""))
    yield "nested-objects", "json", 1, list(repeated(b"", b'{"a":', deep, b"1")) + list(repeated(b"", b"}", deep, b""))
    yield "one-line-of-values", "json", 0, list(repeated(b"[0", b",1", size // 2, b"]"))
    yield "one-line", "jsonl", 0, [b'"', *pieces(size, text), b'"\n']
    yield "field", "csv", 0, [b'"', *pieces(size, text), b'"\r\n']
    yield "row", "csv", 0, list(repeated(b"1", b",1", size // 2, b"\r\n"))
    yield "quote-that-never-ends", "csv", 1, [b'"', *pieces(size, text)]


def write(path, parts):
    with open(path, "wb") as file:
        for part in parts:
            file.write(part)


def measured(command):
    """Exit code, seconds and the most memory of one command."""
    start = time.monotonic()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return child.returncode, time.monotonic() - start, usage.ru_maxrss * 1024


def main():
    program = str(Path(sys.argv[1]).resolve())
    size = int(sys.argv[2]) if len(sys.argv) > 2 else 96 << 20
    resource.setrlimit(resource.RLIMIT_STACK, (256 << 10, resource.getrlimit(resource.RLIMIT_STACK)[1]))
    cases = Cases()
    limit = LIMIT * 8 if is_sanitized(program) else LIMIT
    with scratch() as folder:
        path = folder / "huge"

        def judge(name, command, wanted):
            with cases.case(name):
                code, seconds, memory = measured(command)
                length = path.stat().st_size
                print(f"{name}: {length / 1e6:.0f} MB, {seconds:.2f} s, {memory / 2**20:.0f} MiB, exit {code}")
                assert code == wanted, code
                assert memory <= limit, memory

        for name, container, wanted, parts in shapes(size):
            write(path, parts)
            judge(f"check --as {container} {name}", [program, "check", "--as", container, str(path)], wanted)
        # What signs, verifies, opens and reads by a layout, with the same shapes where they would hurt.
        batch = generate(program, folder / "batch", 3, 1)
        pki = sorted((batch / "pki/requesting-party").glob("*.file-signing.pem"))[0]
        key = str(pki).replace(".pem", ".key.pem")
        text = b"a" * PIECE
        signature = b'<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#">'
        data = b'<x:EncryptedData xmlns:x="http://www.w3.org/2001/04/xmlenc#">'
        write(path, [b"<a>", *pieces(size, text), b"</a>"])
        out = folder / "out"
        judge("sign text-node", [program, "sign", str(path), "--key", key, "--cert", str(pki), "-o", str(out)], 0)
        if out.exists():
            out.replace(path)
            judge("verify text-node", [program, "verify", str(path), "--batch", str(batch), "--as", "requesting-party"], 0)
        write(path, [b"<a>", signature, *pieces(size, text), b"</ds:Signature></a>"])
        judge("verify signature", [program, "verify", str(path), "--batch", str(batch)], 1)
        write(path, [b"<a>", data, *pieces(size, text), b"</x:EncryptedData></a>"])
        judge("decrypt share", [program, "decrypt", str(path), "--type", "mef", "--key", key, "--cert", str(pki), "-o", str(out)], 1)
        mcf = b'<?xml version="1.0"?><MigrationCommonFile xmlns="urn:x-s1flow:migration:1" schemaVersion="1.0">'
        for name, parts in (("text-node", [b"<Header><Sender>", *pieces(size, text), b"</Sender></Header></MigrationCommonFile>"]),
                            ("record", [b'<Header/><Installations><Installation id="', *pieces(size, text), b'"/></Installations></MigrationCommonFile>']),
                            ("nested", list(repeated(b"", b"<a>", 1_000_000, b"")))):
            write(path, [mcf, *parts])
            judge(f"check mcf {name}", [program, "check", "--type", "mcf", str(path)], 1)
        write(path, [b'{"installation":"', *pieces(size, text), b'"}\n'])
        judge("check inventory one line", [program, "check", "--type", "inventory", str(path)], 1)
        write(path, list(repeated(b'{"installation":', b"[", 1_000_000, b"")))
        judge("check inventory nested", [program, "check", "--type", "inventory", str(path)], 1)
        write(path, [b"MPxN,MigrationWeek\r\n\"", *pieces(size, text), b"\"\r\n"])
        judge("check maf field", [program, "check", "--type", "maf", str(path)], 1)
        # Linear: twice the size, told beside the first.
        for factor in (1, 2):
            write(path, [b"<a>", *pieces(factor * size // 2, text), b"</a>"])
            judge(f"check --as xml text-node of {factor}/2", [program, "check", "--as", "xml", str(path)], 0)
    return cases.finish()


if __name__ == "__main__":
    sys.exit(main())
