#pragma once
// Small layouts and their schemas, each good as it stands, that tests of refusals spoil in one
// place.

namespace s1flow::codecs::to_spoil {

inline constexpr const char* kXsd = R"(<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"
    xmlns="urn:test" targetNamespace="urn:test" elementFormDefault="qualified">
  <xs:element name="Verdicts"><xs:complexType><xs:sequence>
    <xs:element name="Head"><xs:complexType>
      <xs:attribute name="from" type="xs:string" use="required"/>
      <xs:attribute name="made" type="xs:string" use="required"/>
    </xs:complexType></xs:element>
    <xs:element name="Verdict" minOccurs="0" maxOccurs="unbounded"><xs:complexType>
      <xs:sequence><xs:element name="Why" type="xs:string" minOccurs="0" maxOccurs="9"/></xs:sequence>
      <xs:attribute name="site" type="xs:string" use="required"/>
      <xs:attribute name="code" use="required"><xs:simpleType><xs:restriction base="xs:string">
        <xs:enumeration value="0"/><xs:enumeration value="1"/>
      </xs:restriction></xs:simpleType></xs:attribute>
    </xs:complexType></xs:element>
  </xs:sequence></xs:complexType></xs:element>
</xs:schema>)";

inline constexpr const char* kMvf = R"(# of the tests
type = "mvf"
version = "1"
container = "xml"
file-name = "V-{sender}-{counter:06}.xml"
[xml]
schema = "../../xsd/x.xsd"
root = "Verdicts"
record = "Verdict"
[signature]
signer = "commissioning-party"
algorithm = "ecdsa-sha256"
[formats]
date = "%d/%m/%Y"
time = "%d/%m/%Y %H:%M"
serial = "hex"
eui64 = "plain"
flag = ["n", "y"]
[header]
sender = "Head/@from"
created = "Head/@made"
[codes]
"result" = { accepted = "1", rejected = "0" }
[record]
installation-id = "@site"
result = "@code"
[record.reason]
path = "Why"
rule = "."
)";

inline constexpr const char* kMaf = R"(# of the tests
type = "maf"
version = "1"
container = "csv"
file-name = "M_{sender}.csv"
[csv]
delimiter = ";"
header = true
line-end = "\n"
column = [
  { name = "point", required = true },
  { name = "week" },
  { name = "day" },
  { name = "operator" },
  { name = "certificates" },
]
[record]
mpxn = "point"
migration-week = "week"
migrate-on = "day"
operator-certificate = "operator"
[record.supplier-certificate]
path = "certificates"
list = " "
serial = "."
)";

inline constexpr const char* kMefXsd = R"(<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"
    xmlns="urn:test" targetNamespace="urn:test" elementFormDefault="unqualified">
  <xs:complexType name="Share"><xs:sequence>
    <xs:element name="C" maxOccurs="9"><xs:complexType><xs:simpleContent><xs:extension base="xs:string">
      <xs:attribute name="kind" type="xs:string" use="required"/>
    </xs:extension></xs:simpleContent></xs:complexType></xs:element>
  </xs:sequence></xs:complexType>
  <xs:element name="Locked"><xs:complexType><xs:sequence>
    <xs:element name="Keys"/>
    <xs:element name="Site" minOccurs="0" maxOccurs="unbounded"><xs:complexType>
      <xs:sequence>
        <xs:element name="A" type="Share" minOccurs="0"/><xs:element name="B" type="Share" minOccurs="0"/>
      </xs:sequence>
      <xs:attribute name="ref" type="xs:string" use="required"/>
    </xs:complexType></xs:element>
  </xs:sequence></xs:complexType></xs:element>
</xs:schema>)";

inline constexpr const char* kMef = R"(# of the tests
type = "mef"
version = "1"
container = "xml"
[xml]
schema = "../../xsd/x.xsd"
root = "Locked"
record = "Site"
[encryption]
keys = "Keys"
content = "aes256-gcm"
key-transport = ["ecdh-es"]
share = [ { recipient = "s1sp", element = "A" }, { recipient = "dco", element = "B" } ]
[record]
installation-id = "@ref"
[[record.credential]]
path = "A/C"
set = { share = "s1sp" }
kind = "@kind"
value = { path = ".", format = "hex" }
[[record.credential]]
path = "B/C"
set = { share = "dco" }
kind = "@kind"
value = "."
[[required]]
groups = ["AA"]
share = "s1sp"
kind = "key"
device = "esme"
octets = 32
)";

}  // namespace s1flow::codecs::to_spoil
