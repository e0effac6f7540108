#!/usr/bin/env python3
"""An independent reader and writer of the encryption in docs/formats/signature-and-encryption.md.

Written from that page alone, on python3-cryptography:
  xmlenc_peer.py open FILE KEY.pem CERT.pem         prints the plaintext of every EncryptedData whose
                                                    key is addressed to this certificate, one per line
  xmlenc_peer.py seal CERT.pem TRANSPORT ORIGINATOR PLAINTEXT...
                                                    prints a file with one EncryptedKey (transport
                                                    ecdh, rsa1 or rsa256) and the values under it
"""
import base64
import os
import sys
import xml.etree.ElementTree as ET

from cryptography import x509
from cryptography.hazmat.primitives import hashes, keywrap, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.concatkdf import ConcatKDFHash

XENC = "http://www.w3.org/2001/04/xmlenc#"
XENC11 = "http://www.w3.org/2009/xmlenc11#"
DS = "http://www.w3.org/2000/09/xmldsig#"
DS11 = "http://www.w3.org/2009/xmldsig11#"
KW = XENC + "kw-aes256"
RSA1 = XENC + "rsa-oaep-mgf1p"
RSA256 = XENC11 + "rsa-oaep"


def oaep(algorithm):
    digest = hashes.SHA1() if algorithm == RSA1 else hashes.SHA256()
    return padding.OAEP(padding.MGF1(digest), digest, None)


def decoded(element):
    return base64.b64decode("".join(element.text.split()))


def octets(params, name):
    value = bytes.fromhex(params.get(name))
    assert value[0] == 0, "whole octets only"
    return value[1:]


def content_key(encrypted_key, private):
    algorithm = encrypted_key.find(f"{{{XENC}}}EncryptionMethod").get("Algorithm")
    wrapped = decoded(encrypted_key.find(f"{{{XENC}}}CipherData/{{{XENC}}}CipherValue"))
    if algorithm != KW:
        return private.decrypt(wrapped, oaep(algorithm))
    params = encrypted_key.find(f".//{{{XENC11}}}ConcatKDFParams")
    info = b"".join(octets(params, n) for n in ("AlgorithmID", "PartyUInfo", "PartyVInfo"))
    point = decoded(encrypted_key.find(f".//{{{DS11}}}PublicKey"))
    peer = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    shared = private.exchange(ec.ECDH(), peer)
    wrap_key = ConcatKDFHash(hashes.SHA256(), 32, info).derive(shared)
    return keywrap.aes_key_unwrap(wrap_key, wrapped)


def open_file(path, key_path, cert_path):
    root = ET.parse(path).getroot()
    private = serialization.load_pem_private_key(open(key_path, "rb").read(), None)
    certificate = x509.load_pem_x509_certificate(open(cert_path, "rb").read())
    keys = {}
    for element in root.iter(f"{{{XENC}}}EncryptedKey"):
        serial = element.find(f".//{{{DS}}}X509SerialNumber").text
        if int(serial) == certificate.serial_number:
            keys["#" + element.get("Id")] = content_key(element, private)
    for data in root.iter(f"{{{XENC}}}EncryptedData"):
        link = data.find(f"{{{DS}}}KeyInfo/{{{DS}}}RetrievalMethod").get("URI")
        if link in keys:
            value = decoded(data.find(f"{{{XENC}}}CipherData/{{{XENC}}}CipherValue"))
            print(AESGCM(keys[link]).decrypt(value[:12], value[12:], None).decode())


def b64(data):
    return base64.b64encode(data).decode()


def recipient(certificate):
    return (f'<X509Data xmlns="{DS}"><X509IssuerSerial><X509IssuerName>'
            f"{certificate.issuer.rfc4514_string()}</X509IssuerName><X509SerialNumber>"
            f"{certificate.serial_number}</X509SerialNumber></X509IssuerSerial></X509Data>")


def agreement(key, certificate, originator):
    ephemeral = ec.generate_private_key(ec.SECP256R1())
    identifier = certificate.subject.get_attributes_for_oid(x509.ObjectIdentifier("2.5.4.45"))[0]
    eui = identifier.value if isinstance(identifier.value, bytes) else identifier.value.encode()
    eui = eui[-8:]  # a BIT STRING's value may keep its count of unused bits
    info = (KW.encode(), bytes.fromhex(originator), eui)
    shared = ephemeral.exchange(ec.ECDH(), certificate.public_key())
    wrap_key = ConcatKDFHash(hashes.SHA256(), 32, b"".join(info)).derive(shared)
    point = ephemeral.public_key().public_bytes(serialization.Encoding.X962,
                                                serialization.PublicFormat.UncompressedPoint)
    a, u, v = ("00" + part.hex() for part in info)
    method = (f'<e:EncryptionMethod Algorithm="{KW}"/><d:KeyInfo><e:AgreementMethod '
              f'Algorithm="{XENC11}ECDH-ES"><KeyDerivationMethod xmlns="{XENC11}" '
              f'Algorithm="{XENC11}ConcatKDF"><ConcatKDFParams AlgorithmID="{a}" PartyUInfo="{u}" '
              f'PartyVInfo="{v}"><d:DigestMethod Algorithm="{XENC}sha256"/></ConcatKDFParams>'
              f"</KeyDerivationMethod><e:OriginatorKeyInfo><d:KeyValue>"
              f'<ECKeyValue xmlns="{DS11}"><NamedCurve URI="urn:oid:1.2.840.10045.3.1.7"/>'
              f"<PublicKey>{b64(point)}</PublicKey></ECKeyValue></d:KeyValue>"
              f"</e:OriginatorKeyInfo><e:RecipientKeyInfo>{recipient(certificate)}"
              f"</e:RecipientKeyInfo></e:AgreementMethod></d:KeyInfo>")
    return method, keywrap.aes_key_wrap(wrap_key, key)


def rsa(key, certificate, algorithm):
    inner = f'<d:DigestMethod Algorithm="{DS}sha1"/>'
    if algorithm == RSA256:
        inner = (f'<d:DigestMethod Algorithm="{XENC}sha256"/>'
                 f'<MGF xmlns="{XENC11}" Algorithm="{XENC11}mgf1sha256"/>')
    method = (f'<e:EncryptionMethod Algorithm="{algorithm}">{inner}</e:EncryptionMethod>'
              f"<d:KeyInfo>{recipient(certificate)}</d:KeyInfo>")
    return method, certificate.public_key().encrypt(key, oaep(algorithm))


def seal(cert_path, transport, originator, plaintexts):
    certificate = x509.load_pem_x509_certificate(open(cert_path, "rb").read())
    key = os.urandom(32)
    if transport == "ecdh":
        method, wrapped = agreement(key, certificate, originator)
    else:
        method, wrapped = rsa(key, certificate, RSA1 if transport == "rsa1" else RSA256)
    print(f'<file xmlns:e="{XENC}" xmlns:d="{DS}"><e:EncryptedKey Id="k.1">{method}<e:CipherData>'
          f"<e:CipherValue>{b64(wrapped)}</e:CipherValue></e:CipherData></e:EncryptedKey>", end="")
    for text in plaintexts:
        iv = os.urandom(12)
        value = b64(iv + AESGCM(key).encrypt(iv, text.encode(), None))
        print(f'<e:EncryptedData Type="{XENC}Element"><e:EncryptionMethod '
              f'Algorithm="{XENC11}aes256-gcm"/><d:KeyInfo><d:RetrievalMethod URI="#k.1" '
              f'Type="{XENC}EncryptedKey"/></d:KeyInfo><e:CipherData><e:CipherValue>\n{value}\n'
              f"</e:CipherValue></e:CipherData></e:EncryptedData>", end="")
    print("</file>")


if sys.argv[1] == "open":
    open_file(sys.argv[2], sys.argv[3], sys.argv[4])
else:
    seal(sys.argv[2], sys.argv[3], sys.argv[4], sys.argv[5:])
