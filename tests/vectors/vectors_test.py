#!/usr/bin/env python3
"""Published values of cryptography, and hostile changes of them, through s1flow_vectors.

usage: vectors_test.py PROGRAM [--wycheproof FOLDER]

FOLDER: testvectors_v1/ of Project Wycheproof, run in addition; a set is counted as one case.
"""
import json
import pathlib
import subprocess
import sys

N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
P = 0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF

# NIST, "The Galois/Counter Mode of Operation", test cases 13, 14 and 16.
GCM_KEY = "feffe9928665731c6d6a8f9467308308" * 2
GCM = dict(op="gcm-open", key=GCM_KEY, iv="cafebabefacedbaddecaf888",
           aad="feedfacedeadbeeffeedfacedeadbeefabaddad2",
           ct="522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
              "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662",
           tag="76fc6ece0f4e1768cddf8853bb2d551b")
GCM_TEXT = ("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
            "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39")

# RFC 3394, 4.3 and 4.6.
KEK = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
WRAPPED_128 = "64e8c3f9ce0f5ba263e9777905818a2a93c8191e7d6e8ae7"
WRAPPED_256 = ("28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326"
               "cbc7f0e71a99f43bfb988b9b7a02dd21")

# RFC 6979, A.2.5, SHA-256 of "sample".
PUB_X = "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
PUB_Y = "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299"
SIG_R = "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
SIG_S = "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8"
SPKI = "3059301306072a8648ce3d020106082a8648ce3d030107034200"
ECDSA = dict(op="ecdsa-verify", curve="secp256r1", hash="SHA-256", format="p1363",
             pub="04" + PUB_X + PUB_Y, msg=b"sample".hex(), sig=SIG_R + SIG_S)

# RFC 5903, 8.1.
OWN = "c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433"
PEER_X = "d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf63"
PEER_Y = "56fbf3ca366cc23e8157854c13c58d6aac23f046ada30f8353e74f33039872ab"
SHARED = "d6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de"
ECDH = dict(op="ecdh", curve="P-256", point="04" + PEER_X + PEER_Y, priv=OWN)


def number(value, size=32):
    return value.to_bytes(size, "big").hex()


def flipped(text, at=0):
    raw = bytearray(bytes.fromhex(text))
    raw[at] ^= 1
    return raw.hex()


def cases():
    """(name, object, expected answer)"""
    zero = dict(op="gcm-open", key="00" * 32, iv="00" * 12)
    yield "gcm-empty", dict(zero, ct="", tag="530f8afbc74536b9a963b4f1c4cb738b"), ""
    yield ("gcm-block", dict(zero, ct="cea7403d4d606b6e074ec5d3baf39d18",
                             tag="d0d1c8a799996bf0265b98b5d48ab919"), "00" * 16)
    yield "gcm-aad", GCM, GCM_TEXT
    yield "gcm-upper-case", dict(GCM, ct=GCM["ct"].upper()), GCM_TEXT
    for i in range(16):
        yield f"gcm-tag-bit-{i}", dict(GCM, tag=flipped(GCM["tag"], i)), "-"
        yield f"gcm-tag-{i}-bytes", dict(GCM, tag=GCM["tag"][:2 * i]), "-"
    yield "gcm-tag-17-bytes", dict(GCM, tag=GCM["tag"] + "00"), "-"
    yield "gcm-tag-doubled", dict(GCM, tag=GCM["tag"] * 2), "-"
    yield "gcm-text-bit", dict(GCM, ct=flipped(GCM["ct"])), "-"
    yield "gcm-text-cut", dict(GCM, ct=GCM["ct"][:-2]), "-"
    yield "gcm-text-grown", dict(GCM, ct=GCM["ct"] + "00"), "-"
    yield "gcm-aad-bit", dict(GCM, aad=flipped(GCM["aad"])), "-"
    yield "gcm-aad-left-out", {k: v for k, v in GCM.items() if k != "aad"}, "-"
    yield "gcm-iv-bit", dict(GCM, iv=flipped(GCM["iv"])), "-"
    yield "gcm-iv-empty", dict(GCM, iv=""), "-"
    yield "gcm-iv-8-bytes", dict(GCM, iv=GCM["iv"][:16]), "?"
    yield "gcm-iv-16-bytes", dict(GCM, iv="00" * 16), "?"
    yield "gcm-key-bit", dict(GCM, key=flipped(GCM_KEY)), "-"
    yield "gcm-key-128", dict(GCM, key="00" * 16), "?"
    yield "gcm-key-31-bytes", dict(GCM, key=GCM_KEY[:-2]), "-"
    yield "gcm-key-empty", dict(GCM, key=""), "-"
    yield "gcm-odd-hex", dict(GCM, tag=GCM["tag"][:-1]), "-"
    yield "gcm-no-hex", dict(GCM, tag="zz" * 16), "-"
    yield "gcm-no-tag", {k: v for k, v in GCM.items() if k != "tag"}, "-"
    yield "gcm-number-for-hex", dict(GCM, tag=12), "-"

    yield "kw-128", dict(op="kw-unwrap", key=KEK, ct=WRAPPED_128), "00112233445566778899aabbccddeeff"
    yield ("kw-256", dict(op="kw-unwrap", key=KEK, ct=WRAPPED_256),
           "00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f")
    for size in (0, 1, 7, 8, 15, 16, 23, 31, 39):
        yield f"kw-{size}-bytes", dict(op="kw-unwrap", key=KEK, ct=WRAPPED_256[:2 * size]), "-"
    for i in range(0, 40, 3):
        yield f"kw-bit-{i}", dict(op="kw-unwrap", key=KEK, ct=flipped(WRAPPED_256, i)), "-"
    yield "kw-other-size", dict(op="kw-unwrap", key=KEK[:32], ct=WRAPPED_256), "?"
    yield "kw-no-size", dict(op="kw-unwrap", key=KEK + "00", ct=WRAPPED_256), "-"

    yield "ecdsa", ECDSA, "ok"
    yield "ecdsa-other-s", dict(ECDSA, sig=SIG_R + number(N - int(SIG_S, 16))), "ok"
    yield "ecdsa-certificate-form", dict(ECDSA, pub=SPKI + "04" + PUB_X + PUB_Y), "ok"
    yield "ecdsa-other-message", dict(ECDSA, msg=b"test".hex()), "-"
    yield "ecdsa-other-key", dict(ECDSA, pub="04" + PEER_X + PEER_Y), "-"
    n, r, s = number(N), SIG_R, SIG_S
    for name, sig in (("r-zero", number(0) + s), ("s-zero", r + number(0)), ("both-zero", "00" * 64),
                      ("r-order", n + s), ("s-order", r + n), ("both-order", n + n),
                      ("r-plus-order", number((int(r, 16) + N) % 2**256) + s),
                      ("s-plus-order", r + number((int(s, 16) + N) % 2**256)),
                      ("both-ones", "ff" * 64), ("r-field", number(P) + s), ("swapped", s + r),
                      ("empty", ""), ("r-only", r), ("63-bytes", (r + s)[:-2]),
                      ("65-bytes", r + s + "00"), ("padded", "00" + r + "00" + s),
                      ("der", "3046022100" + r + "022100" + s), ("doubled", (r + s) * 2),
                      ("one-one", number(1) + number(1))):
        yield f"ecdsa-{name}", dict(ECDSA, sig=sig), "-"
    for name, pub in (("empty", ""), ("infinity", "00"), ("off-curve", "04" + PUB_X + flipped(PUB_Y, 31)),
                      ("compressed", "03" + PUB_X), ("hybrid", "06" + PUB_X + PUB_Y),
                      ("hybrid-odd", "07" + PUB_X + PUB_Y), ("short", "04" + PUB_X),
                      ("long", "04" + PUB_X + PUB_Y + "00"), ("zero", "04" + "00" * 64),
                      ("x-above-field", "04" + number((int(PUB_X, 16) + P) % 2**256) + PUB_Y),
                      ("no-der", "30" * 40)):
        yield f"ecdsa-key-{name}", dict(ECDSA, pub=pub), "-"
        if name != "no-der":
            yield f"ecdh-point-{name}", dict(ECDH, point=pub), "-"
    for member, value in (("curve", "secp384r1"), ("curve", "brainpoolP256r1"), ("hash", "SHA-1"),
                          ("hash", "SHA-512"), ("hash", "SHA3-256"), ("format", "der")):
        yield f"ecdsa-{member}-{value}", dict(ECDSA, **{member: value}), "?"

    yield "ecdh", ECDH, SHARED
    yield "ecdh-own-with-zeros", dict(ECDH, priv="0000" + OWN), SHARED
    yield "ecdh-one", dict(ECDH, priv="01"), PEER_X
    yield "ecdh-order-less-one", dict(ECDH, priv=number(N - 1)), PEER_X
    for name, priv in (("zero", "00" * 32), ("empty", ""), ("order", n), ("ones", "ff" * 32),
                       ("33-bytes", "01" + OWN)):
        yield f"ecdh-own-{name}", dict(ECDH, priv=priv), "-"
    yield "ecdh-other-curve", dict(ECDH, curve="secp521r1"), "?"
    pub = {k: v for k, v in ECDH.items() if k != "point"}
    yield "ecdh-certificate-form", dict(pub, pub=SPKI + "04" + PEER_X + PEER_Y), SHARED
    yield "ecdh-no-peer", pub, "-"

    yield "unknown-op", dict(op="rsa-decrypt", key="00"), "?"
    yield "no-op", dict(key="00"), "?"


def ask(program, objects):
    lines = "".join(o if isinstance(o, str) else json.dumps(o) + "\n" for o in objects)
    done = subprocess.run([program], input=lines, capture_output=True, text=True, timeout=300)
    if done.returncode != 0 or done.stderr:
        raise SystemExit(f"exit {done.returncode}: {done.stderr}")
    return done.stdout.splitlines()


def wycheproof(folder):
    """(set, object, the answers that are right)"""
    def read(name):
        return json.loads((folder / f"{name}.json").read_text())["testGroups"]

    def right(test, text):
        if test["result"] == "valid":
            return {text}
        return {"-"} if test["result"] == "invalid" else {text, "-"}

    for g in read("aes_gcm_test"):
        for t in g["tests"]:
            offered = g["keySize"] == 256 and g["ivSize"] in (0, 96)
            yield "gcm", dict(t, op="gcm-open"), right(t, t["msg"]) if offered else {"?", "-"}
    for g in read("aes_wrap_test"):
        for t in g["tests"]:
            yield "kw", dict(t, op="kw-unwrap"), right(t, t["msg"]) if g["keySize"] == 256 else {"?"}
    for name, form in (("ecdsa_secp256r1_sha256_p1363_test", "p1363"),
                       ("ecdsa_secp256r1_sha256_test", "der")):
        for g in read(name):
            for t in g["tests"]:
                yield (form, dict(t, op="ecdsa-verify", curve=g["publicKey"]["curve"], hash=g["sha"],
                                  format=form, pub=g["publicKey"]["uncompressed"]),
                       right(t, "ok") if form == "p1363" else {"?"})
    for name, member in (("ecdh_secp256r1_ecpoint_test", "point"), ("ecdh_secp256r1_test", "pub")):
        for g in read(name):
            for t in g["tests"]:
                yield (name, {"op": "ecdh", "curve": g["curve"], member: t["public"],
                              "priv": t["private"]}, right(t, t["shared"]))


def main():
    program = sys.argv[1]
    rows = list(cases())
    odd = ["no json\n", "[1]\n", "\n", '{"id": 7, "op": "gcm-open"}\n', '{"op":"ecdh"}\n']
    big = dict(op="gcm-open", key=GCM_KEY, iv=GCM["iv"], ct="ab" * (8 << 20), tag="00" * 16)
    answers = ask(program, [dict(o, id=name) for name, o, _ in rows] + odd + [dict(big, id="big")])
    expected = [f"{name} {want}" for name, _, want in rows] + ["? -", "? -", "7 -", "? -", "big -"]
    failed = 0
    for want, got in zip(expected, answers, strict=True):
        if want != got:
            failed += 1
            print(f"wanted {want!r}, got {got[:200]!r}")
    passed = len(expected) - failed
    if "--wycheproof" in sys.argv:
        sets = {}
        asked = list(wycheproof(pathlib.Path(sys.argv[sys.argv.index("--wycheproof") + 1])))
        answers = ask(program, [dict(o, id=str(i)) for i, (_, o, _) in enumerate(asked)])
        for (name, o, right), line in zip(asked, answers, strict=True):
            got = line.partition(" ")[2]
            counts = sets.setdefault(name, {})
            kind = "wrong" if got not in right else "not offered" if got == "?" else "right"
            counts[kind] = counts.get(kind, 0) + 1
            if kind == "wrong":
                print(f"{name} {o.get('tcId')} {o.get('flags')}: wanted {right}, got {got[:80]}")
        for name, counts in sets.items():
            print(name, counts)
            passed, failed = (passed + 1, failed) if "wrong" not in counts else (passed, failed + 1)
    print(f"cases: {passed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
