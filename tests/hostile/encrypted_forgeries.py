"""Forgeries of one encrypted file: name, and the bytes that must not open.

All of them stay well-formed XML, so that each is refused where keys and values are opened and nowhere before. The forger has
the file, and no key.
"""

import base64
import re

from signed_forgeries import FILE_TRAP, NET_TRAP

XENC = "http://www.w3.org/2001/04/xmlenc#"
XENC11 = "http://www.w3.org/2009/xmlenc11#"
P = int("FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF", 16)
# The generator of P-256: a point that is right, and nobody's.
GX = bytes.fromhex("6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296")
GY = bytes.fromhex("4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5")

CONTENT_CIPHERS = [XENC + "aes128-cbc", XENC + "aes192-cbc", XENC + "aes256-cbc", XENC + "tripledes-cbc", XENC11 + "aes128-gcm",
                   XENC11 + "aes192-gcm", "http://www.w3.org/2000/09/xmldsig#none", "none", ""]
KEY_CIPHERS = [XENC + "kw-aes128", XENC + "kw-aes192", XENC + "kw-tripledes", XENC + "rsa-1_5", XENC + "rsa-oaep-mgf1p",
               XENC11 + "rsa-oaep", XENC + "dh", "http://www.w3.org/2007/05/xmldsig-more#kw-camellia256", "none", ""]


def b64(data):
    return base64.b64encode(data).decode()


class Encrypted:
    """An encrypted file, and the first EncryptedKey and EncryptedData of one recipient in it."""

    def __init__(self, text, share):
        self.text = text
        self.key = re.search(rf'<xenc:EncryptedKey [^>]*Id="key-{share}".*?</xenc:EncryptedKey>', text, re.S).group(0)
        self.data = next(d for d in re.findall(r"<xenc:EncryptedData .*?</xenc:EncryptedData>", text, re.S)
                         if f'URI="#key-{share}"' in d)
        self.other_key = next(k for k in re.findall(r"<xenc:EncryptedKey .*?</xenc:EncryptedKey>", text, re.S) if k != self.key)
        self.other_data = next(d for d in re.findall(r"<xenc:EncryptedData .*?</xenc:EncryptedData>", text, re.S)
                               if f'URI="#key-{share}"' not in d)

    def in_key(self, old, new, count=1):
        assert old in self.key, old
        return self.text.replace(self.key, self.key.replace(old, new, count), 1)

    def in_data(self, old, new, count=1):
        assert old in self.data, old
        return self.text.replace(self.data, self.data.replace(old, new, count), 1)


def cipher_value(element):
    return re.search(r"<xenc:CipherValue>([^<]*)<", element).group(1)


def sealed_values(e):
    value = cipher_value(e.data)
    raw = base64.b64decode(value)
    iv, text, tag = raw[:12], raw[12:-16], raw[-16:]
    put = lambda data: e.in_data(value, b64(data))
    flip = lambda data, i: data[:i] + bytes([data[i] ^ 1]) + data[i + 1:]
    for i in range(16):
        yield f"tag-byte-{i}", put(iv + text + flip(tag, i))
    for i in (0, 5, 11):
        yield f"iv-byte-{i}", put(flip(iv, i) + text + tag)
    for name, i in (("first", 0), ("middle", len(text) // 2), ("last", len(text) - 1)):
        yield f"text-{name}-byte", put(iv + flip(text, i) + tag)
    for n in (1, 4, 8, 12, 15, 16):
        yield f"tag-short-of-{n}", put(raw[:-n])
    yield "tag-zero", put(iv + text + bytes(16))
    yield "tag-doubled", put(raw + tag)
    yield "tag-first", put(iv + tag + text)
    yield "tag-and-text-of-another", put(iv + text + base64.b64decode(cipher_value(e.other_data))[-16:])
    yield "iv-left-out", put(text + tag)
    yield "iv-longer", put(bytes(4) + raw)
    yield "iv-zero", put(bytes(12) + text + tag)
    yield "text-cut", put(iv + text[:-1] + tag)
    yield "text-grown", put(iv + text + b"\0" + tag)
    yield "text-left-out", put(iv + tag)
    yield "empty", put(b"")
    yield "27-bytes", put(raw[:27])
    yield "zeros", put(bytes(64))
    yield "value-of-another-share", e.in_data(value, cipher_value(e.other_data))
    yield "no-base64", e.in_data(value, "!" + value[1:])
    yield "cut-base64", e.in_data(value, value[:-2])
    yield "wrapped-key-for-value", e.in_data(value, cipher_value(e.key))


def data_shapes(e):
    value = f"<xenc:CipherValue>{cipher_value(e.data)}</xenc:CipherValue>"
    for i, uri in enumerate(CONTENT_CIPHERS):
        yield f"cipher-{i}", e.in_data(XENC11 + "aes256-gcm", uri)
    yield "cipher-left-out", e.text.replace(e.data, re.sub(r"<xenc:EncryptionMethod .*?</xenc:EncryptionMethod>", "", e.data), 1)
    yield "key-size", e.in_data("></xenc:EncryptionMethod>", "><xenc:KeySize>128</xenc:KeySize></xenc:EncryptionMethod>")
    for name, uri in (("file", f"file://{FILE_TRAP}"), ("http", NET_TRAP), ("same-document", "#x")):
        yield f"cipher-reference-{name}", e.in_data(value, f'<xenc:CipherReference URI="{uri}"/>')
        yield f"cipher-reference-too-{name}", e.in_data(value, value + f'<xenc:CipherReference URI="{uri}"/>')
    yield "value-left-out", e.in_data(value, "")
    yield "value-doubled", e.in_data(value, value + value)
    data = re.search(r"<xenc:CipherData>.*</xenc:CipherData>", e.data).group(0)
    yield "cipher-data-left-out", e.in_data(data, "")
    yield "cipher-data-doubled", e.in_data(data, data + data)
    link = re.search(r"<ds:RetrievalMethod .*?</ds:RetrievalMethod>", e.data).group(0)
    for name, uri in (("file", f"file://{FILE_TRAP}"), ("http", NET_TRAP), ("unknown", "#nobody"), ("empty", ""), ("hash", "#"), ("pointer", "#xpointer(/)")):
        yield f"link-{name}", e.in_data(link, re.sub(r'URI="[^"]*"', f'URI="{uri}"', link))
    yield "link-of-another-type", e.in_data(link, link.replace("#EncryptedKey", "#Other"))
    yield "link-with-transform", e.in_data(link, link.replace("></", '><ds:Transforms><ds:Transform Algorithm="x"/></ds:Transforms></'))
    yield "link-left-out", e.in_data(link, "")
    yield "link-doubled", e.in_data(link, link + link)
    yield "key-name-unknown", e.in_data(link, "<ds:KeyName>nobody</ds:KeyName>")
    yield "key-info-left-out", e.text.replace(e.data, re.sub(r"<ds:KeyInfo .*</ds:KeyInfo>", "", e.data), 1)
    yield "type-content", e.in_data("#Element", "#Content")
    yield "type-left-out", e.in_data(f' Type="{XENC}Element"', "")
    yield "mime-type", e.in_data("<xenc:EncryptedData ", '<xenc:EncryptedData MimeType="text/xml" ')
    yield "properties", e.in_data("</xenc:EncryptedData>", "<xenc:EncryptionProperties/></xenc:EncryptedData>")


def wrapped_keys(e):
    value = cipher_value(e.key)
    raw = base64.b64decode(value)
    for i in (0, 7, 8, 20, 39):
        yield f"wrapped-byte-{i}", e.in_key(value, b64(raw[:i] + bytes([raw[i] ^ 1]) + raw[i + 1:]))
    for name, data in (("cut", raw[:-8]), ("cut-by-one", raw[:-1]), ("grown", raw + bytes(8)), ("empty", b""), ("zero", bytes(40)), ("plain", bytes(32))):
        yield f"wrapped-{name}", e.in_key(value, b64(data))
    yield "wrapped-of-another", e.in_key(value, cipher_value(e.other_key))
    yield "wrapped-no-base64", e.in_key(value, "!" * 56)
    for i, uri in enumerate(KEY_CIPHERS):
        yield f"key-cipher-{i}", e.in_key(f'<xenc:EncryptionMethod Algorithm="{XENC}kw-aes256"', f'<xenc:EncryptionMethod Algorithm="{uri}"')
    for i, uri in enumerate((XENC + "dh", XENC11 + "dh-es", XENC11 + "ECDH-SS", "")):
        yield f"agreement-{i}", e.in_key(XENC11 + "ECDH-ES", uri)
    for i, uri in enumerate((XENC11 + "pbkdf2", "http://www.w3.org/2021/04/xmldsig-more#hkdf", "")):
        yield f"derivation-{i}", e.in_key(XENC11 + "ConcatKDF", uri)
    for i, uri in enumerate(("http://www.w3.org/2000/09/xmldsig#sha1", XENC + "sha512", "http://www.w3.org/2001/04/xmldsig-more#sha384", "")):
        yield f"derivation-digest-{i}", e.in_key(XENC + "sha256", uri)
    for name in ("AlgorithmID", "PartyUInfo", "PartyVInfo"):
        given = re.search(f'{name}="([0-9A-F]*)"', e.key)
        for kind, text in (("changed", given.group(1)[:-1] + ("0" if given.group(1)[-1] != "0" else "1")), ("empty", ""), ("cut", given.group(1)[:-2]),
                           ("grown", given.group(1) + "00"), ("padded", "01" + given.group(1)[2:]), ("no-hex", "0Z" + given.group(1)[2:])):
            yield f"{name}-{kind}", e.in_key(given.group(0), f'{name}="{text}"')
        yield f"{name}-left-out", e.in_key(" " + given.group(0), "")
    yield "public-info", e.in_key(' PartyVInfo="', ' SuppPubInfo="00" PartyVInfo="')
    u, v = re.search(r'PartyUInfo="(\w*)"', e.key).group(1), re.search(r'PartyVInfo="(\w*)"', e.key).group(1)
    yield "parties-swapped", e.in_key(f'PartyUInfo="{u}" PartyVInfo="{v}"', f'PartyUInfo="{v}" PartyVInfo="{u}"')
    yield "nonce", e.in_key("<xenc11:KeyDerivationMethod", "<xenc:KA-Nonce>AAAA</xenc:KA-Nonce><xenc11:KeyDerivationMethod")


def points(e):
    value = re.search(r"<dsig11:PublicKey>([^<]*)<", e.key).group(1)
    raw = base64.b64decode(value)
    x, y = raw[1:33], raw[33:]
    sign = bytes([2 + (y[-1] & 1)])
    for name, point in (("off-curve", b"\4" + x + y[:-1] + bytes([y[-1] ^ 1])), ("infinity", b"\0"), ("compressed", sign + x),
                        ("hybrid", bytes([6 + (y[-1] & 1)]) + x + y), ("zero", b"\4" + bytes(64)), ("generator", b"\4" + GX + GY),
                        ("negated", b"\4" + x + (P - int.from_bytes(y, "big")).to_bytes(32, "big")), ("x-above-field", b"\4" + P.to_bytes(32, "big") + y),
                        ("cut", raw[:-1]), ("grown", raw + b"\0"), ("empty", b""), ("untagged", x + y), ("of-another", base64.b64decode(re.search(r"<dsig11:PublicKey>([^<]*)<", e.other_key).group(1)))):
        # The negated point has the same x: it is another public key with the same shared secret.
        if name != "negated":
            yield f"point-{name}", e.in_key(value, b64(point))
    for i, oid in enumerate(("urn:oid:1.3.132.0.34", "urn:oid:1.3.132.0.35", "urn:oid:1.3.132.0.10", "urn:oid:1.2.840.10045.3.1.1", "P-256", "")):
        yield f"curve-{i}", e.in_key("urn:oid:1.2.840.10045.3.1.7", oid)
    yield "curve-parameters", e.in_key('<dsig11:NamedCurve URI="urn:oid:1.2.840.10045.3.1.7"></dsig11:NamedCurve>', "<dsig11:ECParameters/>")


def addressing(e):
    yield "key-left-out", e.text.replace(e.key, "", 1)
    yield "key-doubled", e.text.replace(e.key, e.key + e.key, 1)
    yield "key-with-id-of-another", e.text.replace(e.other_key, e.other_key.replace('Id="key-', 'Id="key-x', 1), 1).replace(e.key, e.key + e.key.replace("A", "B", 1), 1)
    yield "seventeen-keys", e.text.replace(e.key, e.key + "".join(e.other_key.replace('Id="key-', f'Id="k{i}-') for i in range(16)), 1)
    yield "thousand-keys", e.text.replace(e.key, e.key + "".join(e.other_key.replace('Id="key-', f'Id="k{i}-') for i in range(1000)), 1)
    yield "id-left-out", e.text.replace(e.key, re.sub(r' Id="[^"]*"', "", e.key), 1)
    serial = re.search(r"<ds:X509SerialNumber>(\d+)<", e.key).group(1)
    yield "recipient-unknown", e.in_key(serial, "12345")
    yield "recipient-of-another", e.in_key(serial, re.search(r"<ds:X509SerialNumber>(\d+)<", e.other_key).group(1))
    yield "recipient-issuer", e.in_key("CN=Z1,OU=07", "CN=Z2,OU=07")
    yield "recipient-name", e.text.replace(e.key, re.sub(r"<ds:X509Data>.*</ds:X509Data>", "<ds:KeyName>s1sp</ds:KeyName>", e.key), 1)
    yield "sender-of-another", re.sub(r"(<Sender>)[^<]*", r"\g<1>90-B3-D5-1F-30-03-00-77", e.text, count=1)
    yield "reference-list", e.in_key("</xenc:EncryptedKey>", '<xenc:ReferenceList><xenc:DataReference URI="#x"/></xenc:ReferenceList></xenc:EncryptedKey>')
    yield "key-properties", e.in_key("</xenc:EncryptedKey>", "<xenc:EncryptionProperties/></xenc:EncryptedKey>")
    yield "key-by-reference", e.in_key(f"<xenc:CipherValue>{cipher_value(e.key)}</xenc:CipherValue>", f'<xenc:CipherReference URI="file://{FILE_TRAP}"/>')


def forgeries(text, share):
    e = Encrypted(text, share)
    for part in (sealed_values(e), data_shapes(e), wrapped_keys(e), points(e), addressing(e)):
        for name, data in part:
            yield name, data.encode()
