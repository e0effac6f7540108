"""Forgeries of one signed file: name, and the bytes that must be refused.

What the forger has: the file, another file of the same signer, and a PKI of its own in which the names are those of the
real one. Nothing here is well-formed by luck: each forgery changes one idea and leaves the rest as it was.
"""

import base64
import re

DS = "http://www.w3.org/2000/09/xmldsig#"
MORE = "http://www.w3.org/2001/04/xmldsig-more#"
EXC = "http://www.w3.org/2001/10/xml-exc-c14n#"
INC = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
ORDER = int("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551", 16)

# Names that no program of ours may ever open or contact.
FILE_TRAP = "/etc/s1flow-trap"
NET_TRAP = "http://trap.example.invalid/s1flow-trap"

SIGNATURE_METHODS = ["http://www.w3.org/2000/09/xmldsig#rsa-sha1", "http://www.w3.org/2000/09/xmldsig#dsa-sha1",
                     "http://www.w3.org/2000/09/xmldsig#hmac-sha1", MORE + "hmac-sha256", MORE + "hmac-sha384",
                     MORE + "hmac-sha512", MORE + "hmac-md5", MORE + "rsa-sha256", MORE + "rsa-sha512", MORE + "rsa-md5",
                     MORE + "ecdsa-sha1", MORE + "ecdsa-sha224", MORE + "ecdsa-sha384", MORE + "ecdsa-sha512",
                     "http://www.w3.org/2007/05/xmldsig-more#ecdsa-ripemd160", "http://www.w3.org/2021/04/xmldsig-more#eddsa-ed25519",
                     "none", "", MORE + "ecdsa-sha256 ", MORE + "ECDSA-SHA256"]
DIGEST_METHODS = ["http://www.w3.org/2000/09/xmldsig#sha1", MORE + "md5", MORE + "sha224", MORE + "sha384",
                  "http://www.w3.org/2001/04/xmlenc#sha512", "http://www.w3.org/2001/04/xmlenc#ripemd160",
                  "http://www.w3.org/2007/05/xmldsig-more#sha3-256", "none", ""]
C14N_METHODS = [INC, INC + "#WithComments", "http://www.w3.org/2006/12/xml-c14n11", EXC + "WithComments",
                "http://www.w3.org/2010/xml-c14n2", "http://www.w3.org/2000/09/xmldsig#base64", "none", ""]
TRANSFORMS = [INC, EXC, "http://www.w3.org/TR/1999/REC-xpath-19991116", "http://www.w3.org/2002/06/xmldsig-filter2",
              "http://www.w3.org/TR/1999/REC-xslt-19991116", "http://www.w3.org/2000/09/xmldsig#base64",
              "http://www.w3.org/2002/07/decrypt#XML", "none"]


class Signed:
    """A signed file in its parts."""

    def __init__(self, text):
        self.text = text
        self.signature = re.search(r"<ds:Signature .*</ds:Signature>", text, re.S).group(0)
        self.body, self.close = text.split(self.signature)  # up to the signature; the root's end tag
        self.declaration, rest = self.body.split("?>", 1)
        self.declaration += "?>"
        self.root_open = re.search(r"<[^>]*>", rest).group(0)
        self.inner = rest.split(self.root_open, 1)[1]
        self.root = re.match(r"<([\w:]+)", self.root_open).group(1)
        self.original = rest.strip("\r\n") + self.signature + self.close.strip()  # the root element
        self.record = re.search(r"<Installation .*?</Installation>", self.inner, re.S).group(0)

    def with_signature(self, signature):
        return self.body + signature + self.close

    def sub(self, old, new, count=1):
        assert old in self.signature, old
        return self.with_signature(self.signature.replace(old, new, count))

    def value(self, tag):
        return re.search(f"<ds:{tag}>([^<]*)</ds:{tag}>", self.signature).group(1)

    def with_value(self, tag, value):
        return self.with_signature(re.sub(f"(<ds:{tag}>)[^<]*", lambda m: m.group(1) + value, self.signature, count=1))

    def algorithm(self, tag, uri, content=""):
        return self.with_signature(re.sub(rf'(<ds:{tag} Algorithm=")[^"]*("></ds:{tag}>)',
                                          lambda m: m.group(1) + uri + m.group(2).replace("></", f">{content}</"),
                                          self.signature, count=1))


def evil(f):
    """The content that the forger would like to see accepted."""
    return f.inner.replace("<GroupID>AA", "<GroupID>ZZ").replace("<Counter>", "<Counter>9", 1)


def b64(data):
    return base64.b64encode(data).decode()


def content(f):
    first = f.record
    yield "text-changed", f.text.replace("<GroupID>A", "<GroupID>B", 1)
    yield "counter-raised", f.text.replace("<Counter>", "<Counter>9", 1)
    yield "record-left-out", f.text.replace(first, "", 1)
    yield "record-doubled", f.text.replace(first, first + first, 1)
    yield "attribute-changed", re.sub(r'(<Installation id="[^"]*)"', r'\g<1>0"', f.text, count=1)
    yield "attribute-added", f.text.replace("<Header>", '<Header x="1">', 1)
    yield "blanks-added", f.text.replace("<Header>", "<Header> ", 1)
    yield "line-feed-taken-away", f.text.replace(">\n<Installations", "><Installations", 1)
    yield "pretty-printed", f.text.replace("><", ">\n  <")
    yield "instruction-before", f.declaration + "<?go?>" + f.text[len(f.declaration):]
    yield "instruction-inside", f.text.replace("<Header>", "<Header><?go?>", 1)
    yield "stylesheet", f.declaration + f'<?xml-stylesheet type="text/xsl" href="{NET_TRAP}"?>' + f.text[len(f.declaration):]
    yield "name-space-declared", f.text.replace(f.root_open, f.root_open[:-1] + ' xmlns:x="urn:x">', 1)
    yield "schema-location", f.text.replace(f.root_open, f.root_open[:-1] + ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
                                            f' xsi:schemaLocation="urn:x {NET_TRAP}">', 1)
    yield "base", f.text.replace(f.root_open, f.root_open[:-1] + f' xml:base="{NET_TRAP}">', 1)
    yield "include", f.text.replace("<Header>", f'<Header><xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{FILE_TRAP}"/>', 1)
    yield "extra-element", f.text.replace("<Header>", "<Extra/><Header>", 1)
    yield "text-in-signature-parent", f.text.replace(f.signature, "x" + f.signature, 1)
    yield "text-after-signature", f.text.replace(f.signature, f.signature + "x", 1)


def documents(f):
    d = f.declaration
    rest = f.text[len(d):]
    yield "doctype", f"{d}<!DOCTYPE {f.root}>{rest}"
    yield "doctype-external", f'{d}<!DOCTYPE {f.root} SYSTEM "{NET_TRAP}">{rest}'
    yield "doctype-file", f'{d}<!DOCTYPE {f.root} SYSTEM "file://{FILE_TRAP}">{rest}'
    yield "doctype-entity", d + f'<!DOCTYPE {f.root} [<!ENTITY x SYSTEM "file://{FILE_TRAP}">]>' + rest.replace("<Header>", "<Header>&x;", 1)
    yield "doctype-parameter-entity", d + f'<!DOCTYPE {f.root} [<!ENTITY % x SYSTEM "{NET_TRAP}"> %x;]>{rest}'
    yield "doctype-default-attribute", d + f"<!DOCTYPE {f.root} [<!ATTLIST {f.root} a CDATA 'x'>]>{rest}"
    yield "nul-after-the-end", f.text + "\0"
    yield "second-document", f.text + f.original
    yield "cut-short", f.text[:-1 if not f.text.endswith("\n") else -2]
    yield "utf-16", f.text.replace("UTF-8", "UTF-16", 1).encode("utf-16")
    yield "encoding-lie", f.text.replace('encoding="UTF-8"', 'encoding="ISO-8859-1"', 1)


def moved(f):
    s, without = f.signature, f.body + f.close
    yield "signature-left-out", without
    yield "signature-first", without.replace(f.root_open, f.root_open + s, 1)
    yield "signature-in-header", without.replace("<Header>", "<Header>" + s, 1)
    yield "signature-in-trailer", without.replace("</Trailer>", s + "</Trailer>", 1)
    yield "signature-in-record", without.replace("</Installation>", s + "</Installation>", 1)
    yield "signature-before-trailer", without.replace("<Trailer>", s + "<Trailer>", 1)
    yield "signature-in-an-element", f.with_signature(f"<W>{s}</W>")
    yield "signature-before-root", f.declaration + s + f.root_open + f.inner + f.close
    yield "signature-after-root", without.rstrip() + s
    yield "signature-in-comment", f.with_signature(f"<!--{s}-->")
    yield "signature-in-cdata", f.with_signature(f"<![CDATA[{s}]]>")
    yield "signature-as-text", f.with_signature(s.replace("<", "&lt;"))
    yield "signature-doubled", f.with_signature(s + s)
    yield "signature-and-empty-one", f.with_signature(s + f'<ds:Signature xmlns:ds="{DS}"/>')
    yield "empty-one-and-signature", f.with_signature(f'<ds:Signature xmlns:ds="{DS}"/>' + s)
    yield "signature-emptied", f.with_signature(f'<ds:Signature xmlns:ds="{DS}"></ds:Signature>')
    yield "signature-in-signature", f.with_signature(s.replace("</ds:Signature>", s + "</ds:Signature>"))
    yield "signature-in-record-too", f.text.replace("</Installation>", s + "</Installation>", 1)
    yield "signature-of-another-name-space", f.with_signature(s.replace(DS, DS + "x", 1))
    yield "signature-of-no-name-space", f.with_signature(s.replace(f' xmlns:ds="{DS}"', "").replace("ds:", ""))
    yield "signature-in-upper-case", f.with_signature(s.replace("ds:Signature>", "ds:SIGNATURE>").replace("<ds:Signature ", "<ds:SIGNATURE "))
    yield "signed-info-left-out", f.with_signature(re.sub(r"<ds:SignedInfo>.*</ds:SignedInfo>", "", s))
    yield "signed-info-emptied", f.with_signature(re.sub(r"<ds:SignedInfo>.*</ds:SignedInfo>", "<ds:SignedInfo/>", s))
    info = re.search(r"<ds:SignedInfo>.*</ds:SignedInfo>", s).group(0)
    yield "signed-info-doubled", f.with_signature(s.replace(info, info + info))
    yield "signed-info-in-key-info", f.with_signature(s.replace("<ds:KeyInfo>", "<ds:KeyInfo>" + info))
    yield "signed-info-after-value", f.with_signature(s.replace(info, "").replace("<ds:KeyInfo>", info + "<ds:KeyInfo>"))
    yield "value-left-out", f.with_signature(re.sub(r"<ds:SignatureValue>.*</ds:SignatureValue>", "", s))
    yield "value-doubled", f.with_signature(re.sub(r"(<ds:SignatureValue>.*</ds:SignatureValue>)", r"\1\1", s))
    yield "signature-with-id", f.with_signature(s.replace("<ds:Signature ", '<ds:Signature Id="s" '))


def wrapped(f):
    """Signature wrapping 1 to 8 as published for SAML, carried over to this format, and later kinds."""
    s, e, o = f.signature, evil(f), f.original
    bare = f.root_open + f.inner + f.close.strip()  # the original without its signature
    ref = s.replace('URI=""', 'URI="#original"')
    named = bare.replace(f.root_open, f.root_open[:-1] + ' Id="original">', 1)
    in_object = lambda x, sig=s: sig.replace("</ds:Signature>", f"<ds:Object>{x}</ds:Object></ds:Signature>")
    doc = lambda content: f.declaration + "\n" + f.root_open + content + f.close
    yield "xsw1", doc(e + in_object(named, ref))
    yield "xsw1-same-document", doc(e + in_object(bare))
    yield "xsw2", doc(e + named + ref)
    yield "xsw2-same-document", doc(e + bare + s)
    yield "xsw3", doc(e + o)
    yield "xsw4", doc(e.replace("</Header>", f"{o}</Header>", 1))
    yield "xsw5", doc(e + s + bare)
    yield "xsw6", doc(e + s.replace("</ds:Signature>", bare + "</ds:Signature>"))
    yield "xsw7", doc(f"<Extensions>{o}</Extensions>{e}")
    yield "xsw7-signature-last", doc(f"<Extensions>{bare}</Extensions>{e}{s}")
    yield "xsw8", doc(e + in_object(o))
    yield "payload-in-object", f.with_signature(in_object(f.record))
    yield "payload-in-key-info", f.with_signature(s.replace("</ds:KeyInfo>", f"{f.record}</ds:KeyInfo>"))
    yield "payload-after-key-info", f.with_signature(s.replace("</ds:Signature>", f"{f.record}</ds:Signature>"))
    yield "payload-before-signed-info", f.with_signature(s.replace("<ds:SignedInfo>", f"{f.record}<ds:SignedInfo>", 1))
    yield "payload-in-x509-data", f.with_signature(s.replace("</ds:X509Data>", f"{f.record}</ds:X509Data>"))
    yield "payload-in-value", f.with_signature(s.replace("</ds:SignatureValue>", "<x/></ds:SignatureValue>"))
    yield "everything-in-object", f.declaration + f.root_open + in_object(f.inner) + f.close
    yield "manifest", f.with_signature(in_object(f'<ds:Manifest><ds:Reference URI="{FILE_TRAP}"/></ds:Manifest>'))
    yield "signature-properties", f.with_signature(in_object("<ds:SignatureProperties/>"))
    yield "two-roots", f.declaration + doc(e)[len(f.declaration):] + o


def references(f):
    s = f.signature
    reference = re.search(r"<ds:Reference .*</ds:Reference>", s).group(0)
    for name, uri in (("id", "#original"), ("pointer", "#xpointer(/)"), ("pointer-to-id", "#xpointer(id('a'))"),
                      ("file", f"file://{FILE_TRAP}"), ("relative-file", "../../etc/passwd"), ("http", NET_TRAP),
                      ("blank", " "), ("hash", "#"), ("ftp", "ftp://trap.example.invalid/x"), ("data", "data:,x")):
        yield "reference-" + name, f.sub('URI=""', f'URI="{uri}"')
    yield "reference-without-uri", f.sub(' URI=""', "")
    yield "reference-with-id", f.sub('URI=""', 'Id="r" URI=""')
    yield "reference-of-manifest-type", f.sub('URI=""', f'Type="{DS}Manifest" URI=""')
    yield "reference-doubled", f.sub(reference, reference + reference)
    yield "reference-left-out", f.sub(reference, "")
    yield "second-reference-to-file", f.sub(reference, reference + reference.replace('URI=""', f'URI="file://{FILE_TRAP}"'))
    yield "many-references", f.sub(reference, reference * 5000)
    transform = re.search(r"<ds:Transform .*</ds:Transform>", s).group(0)
    yield "transforms-left-out", f.with_signature(re.sub(r"<ds:Transforms>.*</ds:Transforms>", "", s))
    yield "transforms-emptied", f.sub(transform, "")
    yield "transform-doubled", f.sub(transform, transform + transform)
    yield "many-transforms", f.sub(transform, transform * 1000)
    for uri in TRANSFORMS:
        other = f'<ds:Transform Algorithm="{uri}"></ds:Transform>'
        yield f"transform-{uri}-instead", f.sub(transform, other)
        yield f"transform-{uri}-after", f.sub(transform, transform + other)
    xpath = '<ds:XPath>not(//*[local-name()="Installation"])</ds:XPath>'
    yield "transform-xpath", f.sub(transform, transform + f'<ds:Transform Algorithm="{TRANSFORMS[2]}">{xpath}</ds:Transform>')
    style = f'<xsl:stylesheet xmlns:xsl="http://www.w3.org/1999/XSL/Transform" version="1.0"><xsl:include href="{NET_TRAP}"/></xsl:stylesheet>'
    yield "transform-xslt", f.sub(transform, transform + f'<ds:Transform Algorithm="{TRANSFORMS[4]}">{style}</ds:Transform>')


def algorithms(f):
    for i, uri in enumerate(SIGNATURE_METHODS):
        yield f"signature-method-{i}-{uri}", f.algorithm("SignatureMethod", uri)
    for i, uri in enumerate(DIGEST_METHODS):
        yield f"digest-method-{i}-{uri}", f.algorithm("DigestMethod", uri)
    for i, uri in enumerate(C14N_METHODS):
        yield f"c14n-method-{i}-{uri}", f.algorithm("CanonicalizationMethod", uri)
    yield "hmac-output-length", f.algorithm("SignatureMethod", MORE + "hmac-sha256", "<ds:HMACOutputLength>8</ds:HMACOutputLength>")
    yield "output-length-of-ecdsa", f.algorithm("SignatureMethod", MORE + "ecdsa-sha256", "<ds:HMACOutputLength>0</ds:HMACOutputLength>")
    yield "inclusive-name-spaces", f.algorithm("CanonicalizationMethod", EXC, f'<ec:InclusiveNamespaces xmlns:ec="{EXC}" PrefixList="ds"/>')
    yield "method-left-out", f.with_signature(re.sub(r"<ds:SignatureMethod [^/]*></ds:SignatureMethod>", "", f.signature.replace(MORE, "urn:")))
    yield "methods-swapped", f.with_signature(re.sub(r"(<ds:Can.*?</ds:Can\w+>)(<ds:SignatureMethod.*?</ds:SignatureMethod>)", r"\2\1", f.signature))


def values(f, other):
    raw = base64.b64decode(f.value("SignatureValue"))
    r, s = raw[:32], raw[32:]
    number = lambda n: (n % (1 << 256)).to_bytes(32, "big")
    der_number = lambda n: b"\x02" + bytes([len(n) + (n[0] > 127)]) + (b"\0" if n[0] > 127 else b"") + n
    der = der_number(r) + der_number(s)
    for name, data in (("zero", bytes(64)), ("r-zero", bytes(32) + s), ("s-zero", r + bytes(32)), ("ones", b"\xff" * 64),
                       ("r-order", number(ORDER) + s), ("s-order", r + number(ORDER)), ("swapped", s + r),
                       ("r-above-order", number(int.from_bytes(r, "big") + ORDER) + s), ("r-negated", number(ORDER - int.from_bytes(r, "big")) + s),
                       ("one-one", number(1) + number(1)), ("empty", b""), ("r-only", r), ("63-bytes", raw[:-1]), ("65-bytes", raw + b"\0"),
                       ("padded", b"\0" + r + b"\0" + s), ("doubled", raw + raw), ("der", b"\x30" + bytes([len(der)]) + der),
                       ("bit", bytes([raw[0] ^ 1]) + raw[1:]), ("last-bit", raw[:-1] + bytes([raw[-1] ^ 1])), ("large", raw * 512)):
        yield "value-" + name, f.with_value("SignatureValue", b64(data))
    yield "value-of-another-file", f.with_value("SignatureValue", other.value("SignatureValue"))
    yield "value-no-base64", f.with_value("SignatureValue", "!" * 88)
    yield "value-cut-base64", f.with_value("SignatureValue", f.value("SignatureValue")[:-3])
    yield "value-hex", f.with_value("SignatureValue", raw.hex())
    yield "value-with-entity", f.with_value("SignatureValue", "&x;" + f.value("SignatureValue"))
    yield "value-with-comment", f.with_value("SignatureValue", f.value("SignatureValue")[:8] + "<!---->" + f.value("SignatureValue")[8:])
    digest = f.value("DigestValue")
    for name, text in (("empty", ""), ("zero", b64(bytes(32))), ("sha1-size", b64(bytes(20))), ("31-bytes", b64(base64.b64decode(digest)[:-1])),
                       ("33-bytes", b64(base64.b64decode(digest) + b"\0")), ("another-file", other.value("DigestValue")), ("hex", base64.b64decode(digest).hex()),
                       ("comment-first", f"<!--x-->{digest}"), ("comment-inside", f"{digest[:10]}<!--x-->{digest[10:]}"),
                       ("instruction", f"{digest}<?x?>"), ("cdata", f"<![CDATA[{digest}]]>"), ("two", digest + digest), ("element", f"{digest}<x/>")):
        yield "digest-" + name, f.with_value("DigestValue", text)
    yield "signature-of-another-file", f.with_signature(other.signature)


def keys(f, own, forger):
    """own: serial numbers of other certificates in the pki folder; forger: what its own key has signed, and its certificate."""
    serial = f.value("X509SerialNumber")
    der = "".join(line for line in forger["certificate"].splitlines() if "-----" not in line)
    certificate = f"<ds:X509Certificate>{der}</ds:X509Certificate>"
    for name, number in own.items():
        yield f"signer-{name}", f.with_value("X509SerialNumber", number)
    for name, number in (("unknown", "12345"), ("zero", "0"), ("negative", "-" + serial), ("hex", f"{int(serial):X}"), ("huge", "9" * 60),
                         ("empty", ""), ("two-numbers", f"{serial} {serial}")):
        yield f"serial-{name}", f.with_value("X509SerialNumber", number)
    yield "issuer-other", f.with_value("X509IssuerName", "CN=Z9,OU=07")
    yield "issuer-empty", f.with_value("X509IssuerName", "")
    yield "certificate-added", f.sub("</ds:X509Data>", certificate + "</ds:X509Data>")
    yield "certificate-first", f.sub("<ds:X509Data>", "<ds:X509Data>" + certificate)
    yield "certificate-instead", f.with_signature(re.sub(r"<ds:X509IssuerSerial>.*</ds:X509IssuerSerial>", certificate, f.signature))
    yield "key-value-added", f.sub("<ds:KeyInfo>", "<ds:KeyInfo><ds:KeyValue><ds:RSAKeyValue/></ds:KeyValue>")
    yield "key-name", f.with_signature(re.sub(r"<ds:X509Data>.*</ds:X509Data>", "<ds:KeyName>signer</ds:KeyName>", f.signature))
    for name, uri in (("file", f"file://{FILE_TRAP}"), ("http", NET_TRAP), ("here", "#k")):
        yield f"retrieval-{name}", f.sub("<ds:KeyInfo>", f'<ds:KeyInfo><ds:RetrievalMethod URI="{uri}"/>')
    yield "key-info-left-out", f.with_signature(re.sub(r"<ds:KeyInfo>.*</ds:KeyInfo>", "", f.signature))
    yield "key-info-emptied", f.with_signature(re.sub(r"<ds:KeyInfo>.*</ds:KeyInfo>", "<ds:KeyInfo/>", f.signature))
    yield "key-info-doubled", f.with_signature(re.sub(r"(<ds:KeyInfo>.*</ds:KeyInfo>)", r"\1\1", f.signature))
    yield "issuer-serial-doubled", f.with_signature(re.sub(r"(<ds:X509IssuerSerial>.*</ds:X509IssuerSerial>)", r"\1\1", f.signature))
    yield "subject-name", f.sub("</ds:X509Data>", "<ds:X509SubjectName>CN=x</ds:X509SubjectName></ds:X509Data>")
    yield "mgmt-data", f.sub("</ds:KeyInfo>", "<ds:MgmtData>x</ds:MgmtData></ds:KeyInfo>")
    # Whole and right signatures by the forger's key, over the content that it wants.
    for name, text in forger["signed"].items():
        g = Signed(text)
        yield f"forger-{name}", text
        yield f"forger-{name}-names-signer", g.with_value("X509SerialNumber", serial)
        yield f"forger-{name}-brings-certificate", g.with_value("X509SerialNumber", serial).replace("</ds:X509Data>", certificate + "</ds:X509Data>")


def forgeries(text, other_text, own_serials, forger):
    f, other = Signed(text), Signed(other_text)
    for part in (content(f), documents(f), moved(f), wrapped(f), references(f), algorithms(f), values(f, other),
                 keys(f, own_serials, forger)):
        for name, data in part:
            yield re.sub(r"[^\w.-]+", "_", name), data if isinstance(data, bytes) else data.encode()
