"""A reader of MEFs that knows nothing but docs/formats/: mef.md, README.md, signature-and-encryption.md, test-pki.md.

It is an independent witness: nothing in it comes from s1flow's own code. Give it a file, a certificate and its private
key, and it returns the credentials that this recipient can read. Needs Debian's python3-cryptography and python3-lxml.
"""

import base64
import hashlib

from cryptography.hazmat.primitives import hashes, keywrap, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography import x509
from lxml import etree

M = "{urn:x-s1flow:migration:1}"
XENC = "{http://www.w3.org/2001/04/xmlenc#}"
XENC11 = "{http://www.w3.org/2009/xmlenc11#}"
DS = "{http://www.w3.org/2000/09/xmldsig#}"
DSIG11 = "{http://www.w3.org/2009/xmldsig11#}"
KW_AES256 = "http://www.w3.org/2001/04/xmlenc#kw-aes256"
OAEP_SHA1 = "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p"
OAEP = "http://www.w3.org/2009/xmlenc11#rsa-oaep"
AES256_GCM = "http://www.w3.org/2009/xmlenc11#aes256-gcm"
UNIQUE_IDENTIFIER = x509.ObjectIdentifier("2.5.4.45")


class NotReadable(Exception):
    """The key or the value does not open."""


def b64(text):
    return base64.b64decode("".join(text.split()), validate=True)


def parse(data):
    """XML bytes to an element; no DTD, no network."""
    return etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False))


class Recipient:
    """A certificate with its private key, and the EUI-64 that the certificate names."""

    def __init__(self, certificate_path, key_path):
        self.certificate = x509.load_pem_x509_certificate(certificate_path.read_bytes())
        self.key = serialization.load_pem_private_key(key_path.read_bytes(), password=None)
        value = self.certificate.subject.get_attributes_for_oid(UNIQUE_IDENTIFIER)[0].value
        # A BIT STRING of 64 bits.
        self.eui = (value if isinstance(value, bytes) else value.encode("latin-1"))[-8:]

    def is_named_by(self, issuer_serial):
        serial = int(issuer_serial.findtext(DS + "X509SerialNumber"))
        name = x509.Name.from_rfc4514_string(issuer_serial.findtext(DS + "X509IssuerName"))
        same_issuer = {a.rfc4514_string() for a in name} == {a.rfc4514_string() for a in self.certificate.issuer}
        return same_issuer and serial == self.certificate.serial_number


def octets_of(eui):
    return bytes.fromhex(eui.replace("-", ""))


def agreed_key(encrypted_key, recipient, originator):
    """The wrap key of section 2.3."""
    agreement = encrypted_key.find(f"{DS}KeyInfo/{XENC}AgreementMethod")
    parameters = agreement.find(f"{XENC11}KeyDerivationMethod/{XENC11}ConcatKDFParams")
    expected = [KW_AES256.encode(), originator, recipient.eui]
    given = [bytes.fromhex(parameters.get(name)) for name in ("AlgorithmID", "PartyUInfo", "PartyVInfo")]
    if given != [b"\0" + e for e in expected]:
        raise NotReadable("other key derivation parameters")
    point = b64(agreement.findtext(f"{XENC}OriginatorKeyInfo/{DS}KeyValue/{DSIG11}ECKeyValue/{DSIG11}PublicKey"))
    ephemeral = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    z = recipient.key.exchange(ec.ECDH(), ephemeral)
    return hashlib.sha256(b"\0\0\0\1" + z + b"".join(expected)).digest()


def content_key(encrypted_key, recipient, originator):
    """The content key that this EncryptedKey holds, opened with this recipient's key whoever it is addressed to."""
    method = encrypted_key.find(XENC + "EncryptionMethod")
    wrapped = b64(encrypted_key.findtext(f"{XENC}CipherData/{XENC}CipherValue"))
    try:
        if method.get("Algorithm") == KW_AES256:
            return keywrap.aes_key_unwrap(agreed_key(encrypted_key, recipient, originator), wrapped)
        digest = {OAEP_SHA1: hashes.SHA1(), OAEP: hashes.SHA256()}[method.get("Algorithm")]
        return recipient.key.decrypt(wrapped, padding.OAEP(padding.MGF1(digest), digest, None))
    except (keywrap.InvalidUnwrap, ValueError) as e:
        raise NotReadable(str(e)) from e


def issuer_serial_of(encrypted_key):
    info = encrypted_key.find(DS + "KeyInfo")
    agreement = info.find(XENC + "AgreementMethod")
    place = info if agreement is None else agreement.find(XENC + "RecipientKeyInfo")
    return place.find(f"{DS}X509Data/{DS}X509IssuerSerial")


def plaintext(encrypted_data, key):
    method = encrypted_data.find(XENC + "EncryptionMethod")
    if method.get("Algorithm") != AES256_GCM:
        raise NotReadable(f"another algorithm: {method.get('Algorithm')}")
    value = b64(encrypted_data.findtext(f"{XENC}CipherData/{XENC}CipherValue"))
    try:
        return AESGCM(key).decrypt(value[:12], value[12:], None)
    except Exception as e:
        raise NotReadable("the tag does not hold") from e


class Mef:
    def __init__(self, data):
        self.root = parse(data)
        header = self.root.find(M + "Header")
        self.originator = octets_of(header.findtext(M + "Sender"))
        self.group = header.findtext(M + "GroupID")
        self.keys = header.findall(f"{M}Keys/{XENC}EncryptedKey")

    def installations(self):
        return self.root.findall(f"{M}Installations/{M}Installation")

    def read_as(self, recipient):
        """Every credential that the recipient can read: {(installation, share, kind, device): octets}."""
        mine = {
            "#" + key.get("Id"): content_key(key, recipient, self.originator)
            for key in self.keys
            if recipient.is_named_by(issuer_serial_of(key))
        }
        found = {}
        for installation in self.installations():
            for data in installation.findall(XENC + "EncryptedData"):
                key = mine.get(data.find(f"{DS}KeyInfo/{DS}RetrievalMethod").get("URI"))
                if key is None:
                    continue
                share = parse(plaintext(data, key))
                name = {M + "S1SP": "s1sp", M + "DCO": "dco"}[share.tag]
                for credential in share.findall(M + "Credential"):
                    place = (installation.get("id"), name, credential.get("kind"), credential.get("device"))
                    found[place] = b64(credential.text)
        return found

    def keys_of_others(self, recipient):
        return [key for key in self.keys if not recipient.is_named_by(issuer_serial_of(key))]

    def data_of_others(self, recipient):
        mine = {"#" + key.get("Id") for key in self.keys if recipient.is_named_by(issuer_serial_of(key))}
        return [
            data
            for data in self.root.iter(XENC + "EncryptedData")
            if data.find(f"{DS}KeyInfo/{DS}RetrievalMethod").get("URI") not in mine
        ]
