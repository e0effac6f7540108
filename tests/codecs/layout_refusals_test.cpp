// A wrong layout is refused before anything is read, with one line that names the file, the place
// and what to do.

#include <gtest/gtest.h>

#include "tests/case_name.h"
#include "tests/codecs/layout_support.h"

namespace s1flow::codecs {
namespace {

constexpr const char* kXsd = R"(<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"
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

constexpr const char* kMvf = R"(# of the tests
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

constexpr const char* kMaf = R"(# of the tests
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

constexpr const char* kMefXsd = R"(<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"
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

constexpr const char* kMef = R"(# of the tests
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

struct RefusalCase {
  const char* name;
  const char* layout;
  const char* schema;
  std::string_view from;  // the first of these …
  std::string_view to;    // … is replaced by this
  std::vector<std::string_view> said;
};

void PrintTo(const RefusalCase& c, std::ostream* out) {
  *out << c.name;
}

std::string changed(const RefusalCase& c) {
  std::string text = c.layout;
  const std::size_t at = text.find(c.from);
  if (at == std::string::npos) return {};
  return text.replace(at, c.from.size(), c.to);
}

class LayoutRefusalTest : public testing::TestWithParam<RefusalCase> {};

TEST_P(LayoutRefusalTest, SaysFilePlaceAndRemedyInOneLine) {
  const std::string toml = changed(GetParam());
  ASSERT_FALSE(toml.empty()) << "the case changes nothing";
  const auto layout = layout_of(toml, GetParam().schema);
  ASSERT_FALSE(layout.has_value());
  const std::string& message = layout.error().message();
  EXPECT_EQ(layout.error().kind(), ErrorKind::usage);
  EXPECT_TRUE(message.starts_with("texts: layouts/x/1.toml:")) << message;
  EXPECT_EQ(message.find('\n'), std::string::npos) << message;
  for (const std::string_view part : GetParam().said)
    EXPECT_NE(message.find(part), std::string::npos) << message << "\nlacks: " << part;
}

const RefusalCase kRefusals[] = {
    // the file
    {"not_toml", kMvf, kXsd, "[header]", "[header", {":19:"}},
    {"no_type", kMvf, kXsd, "type = \"mvf\"", "", {"type is missing", "s1flow list"}},
    {"unknown_type", kMvf, kXsd, "\"mvf\"", "\"mwf\"", {"line 2", "unknown file type 'mwf'"}},
    {"no_version", kMvf, kXsd, "version = \"1\"", "", {"version is missing"}},
    {"unknown_container", kMvf, kXsd, "\"xml\"", "\"json\"", {"line 4", "xml, csv or jsonl"}},
    {"unknown_key",
     kMvf,
     kXsd,
     "[formats]",
     "[format]",
     {"line 13", "unknown key 'format'", "formats"}},
    {"unknown_inner_key",
     kMvf,
     kXsd,
     "root =",
     "rot =",
     {"line 8", "unknown key 'xml.rot'", "root"}},
    {"section_is_no_table",
     kMvf,
     kXsd,
     "[signature]\nsigner = \"commissioning-party\"\nalgorithm = \"ecdsa-sha256\"",
     "[[signature]]",
     {"'signature' must be a table"}},
    // the schema
    {"no_schema_key",
     kMvf,
     kXsd,
     "schema = \"../../xsd/x.xsd\"",
     "",
     {"line 6", "xml.schema is missing"}},
    {"schema_outside", kMvf, kXsd, "../../xsd/x.xsd", "../../../x.xsd", {"line 7", "leads out of"}},
    {"schema_not_there", kMvf, kXsd, "xsd/x.xsd", "xsd/y.xsd", {"xsd/y.xsd", "no such file"}},
    {"unknown_root",
     kMvf,
     kXsd,
     "root = \"Verdicts\"",
     "root = \"Verdict\"",
     {"xsd/x.xsd", "no global element 'Verdict'"}},
    {"no_record", kMvf, kXsd, "record = \"Verdict\"", "", {"line 6", "xml.record is missing"}},
    {"unknown_record",
     kMvf,
     kXsd,
     "record = \"Verdict\"",
     "record = \"Verdits\"",
     {"xml.record", "no element 'Verdits' inside 'Verdicts'", "x.xsd:"}},
    {"unknown_element",
     kMvf,
     kXsd,
     "Head/@from",
     "Hed/@from",
     {"line 20", "sender", "no element 'Hed' inside 'Verdicts'"}},
    {"unknown_attribute",
     kMvf,
     kXsd,
     "Head/@from",
     "Head/@form",
     {"line 20", "sender", "no attribute 'form'", "'Head'"}},
    {"step_below_an_attribute",
     kMvf,
     kXsd,
     "Head/@from",
     "Head/@from/x",
     {"line 20", "below an attribute"}},
    {"unknown_constant_path",
     kMvf,
     kXsd,
     "[codes]",
     "[constants]\n\"Head/@no\" = \"1\"\n[codes]",
     {"constants", "no attribute 'no'"}},
    // fields
    {"unknown_field",
     kMvf,
     kXsd,
     "result = \"@code\"",
     "resolt = \"@code\"",
     {"record", "line 26", "'resolt'"}},
    {"field_without_path",
     kMvf,
     kXsd,
     "result = \"@code\"",
     "result = { format = \"x\" }",
     {"line 26", "'result' needs a path"}},
    {"path_mapped_twice",
     kMvf,
     kXsd,
     "result = \"@code\"",
     "result = \"@site\"",
     {"line 26", "'@site' is mapped twice"}},
    {"essential_field_missing",
     kMvf,
     kXsd,
     "installation-id = \"@site\"",
     "",
     {"no place is given for 'installation-id'", "[record]"}},
    {"essential_field_of_a_group_missing",
     kMvf,
     kXsd,
     "rule = \".\"",
     "field = \".\"",
     {"'rule' of group 'reason'", "[record.reason]"}},
    {"group_without_path", kMvf, kXsd, "path = \"Why\"", "", {"group 'reason' needs a path"}},
    {"unknown_group", kMvf, kXsd, "[record.reason]", "[record.raison]", {"'raison'"}},
    // dates and other forms
    {"date_without_year",
     kMvf,
     kXsd,
     "date = \"%d/%m/%Y\"",
     "date = \"%d/%m\"",
     {"line 14", "formats.date", "lacks %Y"}},
    {"date_without_month",
     kMvf,
     kXsd,
     "date = \"%d/%m/%Y\"",
     "date = \"%d/%Y\"",
     {"line 14", "lacks %m or %b"}},
    {"date_without_day",
     kMvf,
     kXsd,
     "date = \"%d/%m/%Y\"",
     "date = \"%b %Y\"",
     {"line 14", "lacks %d"}},
    {"unknown_placeholder",
     kMvf,
     kXsd,
     "%d/%m/%Y\"",
     "%d/%m/%y\"",
     {"line 14", "'%d/%m/%y'", "%Y %m"}},
    {"time_without_hour", kMvf, kXsd, "%Y %H:%M", "%Y", {"line 15", "formats.time", "lacks %H"}},
    {"own_time_format",
     kMvf,
     kXsd,
     "created = \"Head/@made\"",
     "created = { path = \"Head/@made\", format = \"%Y\" }",
     {"line 21", "created", "lacks %m"}},
    {"format_of_a_text",
     kMvf,
     kXsd,
     "rule = \".\"",
     "rule = { path = \".\", format = \"x\" }",
     {"reason.rule", "no format of its own"}},
    {"unknown_eui_form",
     kMvf,
     kXsd,
     "\"plain\"",
     "\"colons\"",
     {"line 17", "formats.eui64", "hyphens or plain"}},
    {"unknown_serial_form", kMvf, kXsd, "\"hex\"", "\"octal\"", {"line 16", "decimal or hex"}},
    {"own_eui_form",
     kMvf,
     kXsd,
     "sender = \"Head/@from\"",
     "sender = { path = \"Head/@from\", format = \"x\" }",
     {"line 20", "hyphens or plain"}},
    {"flags_alike",
     kMvf,
     kXsd,
     "[\"n\", \"y\"]",
     "[\"n\", \"n\"]",
     {"line 18", "two different texts"}},
    {"one_flag", kMvf, kXsd, "[\"n\", \"y\"]", "\"y\"", {"line 18", "two different texts"}},
    // code lists
    {"unknown_code",
     kMvf,
     kXsd,
     "accepted = \"1\"",
     "accapted = \"1\"",
     {"line 23", "codes.\"result\"", "no code 'accapted'", "accepted, rejected"}},
    {"text_of_two_codes",
     kMvf,
     kXsd,
     "rejected = \"0\"",
     "rejected = \"1\"",
     {"line 23", "'1' stands for both 'accepted' and 'rejected'"}},
    {"empty_code",
     kMvf,
     kXsd,
     "rejected = \"0\"",
     "rejected = \"\"",
     {"line 23", "cannot be empty"}},
    {"code_is_a_number",
     kMvf,
     kXsd,
     "rejected = \"0\"",
     "rejected = 0",
     {"line 23", "'rejected' must be a text"}},
    {"code_list_is_no_table",
     kMvf,
     kXsd,
     "{ accepted = \"1\", rejected = \"0\" }",
     "\"1\"",
     {"line 23", "must be a table"}},
    {"code_list_of_no_field",
     kMvf,
     kXsd,
     "\"result\" =",
     "\"results\" =",
     {"line 23", "codes.\"results\"", "no mapped field"}},
    {"code_that_the_schema_does_not_list",
     kMvf,
     kXsd,
     "rejected = \"0\"",
     "rejected = \"2\"",
     {"'2'", "xsd/x.xsd", "'code'"}},
    // algorithms and roles
    {"unknown_signer",
     kMvf,
     kXsd,
     "\"commissioning-party\"",
     "\"comissioning-party\"",
     {"line 11", "'comissioning-party' signs no files", "commissioning-party"}},
    {"role_that_signs_no_files",
     kMvf,
     kXsd,
     "\"commissioning-party\"",
     "\"dco\"",
     {"line 11", "'dco' signs no files"}},
    {"no_signer",
     kMvf,
     kXsd,
     "signer = \"commissioning-party\"",
     "",
     {"line 10", "signature.signer is missing"}},
    {"unknown_signature_algorithm",
     kMvf,
     kXsd,
     "\"ecdsa-sha256\"",
     "\"rsa-sha1\"",
     {"line 12", "unknown algorithm 'rsa-sha1'", "ecdsa-sha256"}},
    {"unknown_digest",
     kMvf,
     kXsd,
     "algorithm = \"ecdsa-sha256\"",
     "digest = \"md5\"",
     {"line 12", "unknown algorithm 'md5'", "sha256"}},
    {"unknown_canonicalization",
     kMvf,
     kXsd,
     "algorithm = \"ecdsa-sha256\"",
     "canonicalization = \"c14n11\"",
     {"line 12", "unknown algorithm 'c14n11'", "exc-c14n"}},
    {"unknown_content_algorithm",
     kMef,
     kMefXsd,
     "\"aes256-gcm\"",
     "\"aes256-cbc\"",
     {"line 11", "unknown algorithm 'aes256-cbc'", "aes256-gcm"}},
    {"unknown_key_transport",
     kMef,
     kMefXsd,
     "[\"ecdh-es\"]",
     "[\"rsa-1_5\"]",
     {"line 12", "unknown algorithm 'rsa-1_5'", "ecdh-es, rsa-oaep-mgf1p, rsa-oaep"}},
    {"no_key_transport", kMef, kMefXsd, "[\"ecdh-es\"]", "[]", {"line 12", "must be a list of"}},
    {"unknown_share",
     kMef,
     kMefXsd,
     "recipient = \"dco\"",
     "recipient = \"dcc\"",
     {"line 13", "s1sp or dco, not 'dcc'"}},
    {"share_without_element",
     kMef,
     kMefXsd,
     "element = \"B\"",
     "elemental = \"B\"",
     {"line 13", "a recipient and an element"}},
    {"share_of_an_unknown_element",
     kMef,
     kMefXsd,
     "element = \"B\"",
     "element = \"D\"",
     {"no element 'D' inside 'Site'"}},
    {"no_keys", kMef, kMefXsd, "keys = \"Keys\"", "", {"line 9", "encryption.keys is missing"}},
    {"keys_for_own_keys",
     kMef,
     kMefXsd,
     "keys = \"Keys\"",
     "keys = \"Keys\"\nkey-per = \"record\"",
     {"encryption.keys has no use"}},
    {"unknown_key_per",
     kMef,
     kMefXsd,
     "keys = \"Keys\"",
     "key-per = \"day\"",
     {"encryption.key-per must be"}},
    {"no_room_for_a_signature",
     kMvf,
     kXsd,
     "signer = \"commissioning-party\"",
     "signer = \"commissioning-party\"\nper = \"record\"\nid = \"@site\"",
     {"line 12", "leaves no room for a signature in 'Verdict'", "xs:any"}},
    {"signed_records_without_an_id",
     kMvf,
     kXsd,
     "signer = \"commissioning-party\"",
     "signer = \"commissioning-party\"\nper = \"record\"",
     {"line 12", "signature.id is missing"}},
    {"id_of_no_attribute",
     kMvf,
     kXsd,
     "signer = \"commissioning-party\"",
     "signer = \"commissioning-party\"\nper = \"record\"\nid = \"Why\"",
     {"line 13", "signature.id must be an attribute"}},
    {"id_of_an_unknown_attribute",
     kMvf,
     kXsd,
     "signer = \"commissioning-party\"",
     "signer = \"commissioning-party\"\nper = \"record\"\nid = \"@ID\"",
     {"line 13", "signature.id", "'ID'"}},
    {"id_for_a_signed_file",
     kMvf,
     kXsd,
     "signer = \"commissioning-party\"",
     "signer = \"commissioning-party\"\nid = \"@site\"",
     {"line 12", "signature.id has no use"}},
    {"unknown_signature_per",
     kMvf,
     kXsd,
     "signer = \"commissioning-party\"",
     "signer = \"commissioning-party\"\nper = \"week\"",
     {"line 12", "signature.per must be \"file\" or \"record\""}},
    {"signed_rows",
     kMaf,
     "",
     "[csv]",
     "[signature]\nsigner = \"s1sp\"\nper = \"record\"\nid = \"@x\"\n[csv]",
     {"signature.per = \"record\" is for XML", "csv"}},
    {"unknown_code_in_set",
     kMef,
     kMefXsd,
     "set = { share = \"dco\" }",
     "set = { share = \"dcc\" }",
     {"set", "no code 'dcc'"}},
    {"set_of_a_text_field",
     kMef,
     kMefXsd,
     "set = { share = \"dco\" }",
     "set = { kind = \"dco\" }",
     {"'kind' is not a code field"}},
    {"octets_in_another_form",
     kMef,
     kMefXsd,
     "format = \"hex\"",
     "format = \"octal\"",
     {"credential.value", "hex or base64"}},
    // required file sets
    {"required_without_groups", kMef, kMefXsd, "groups = [\"AA\"]", "", {"needs groups"}},
    {"required_bad_group", kMef, kMefXsd, "[\"AA\"]", "[\"A1\"]", {"two capital letters"}},
    {"required_nothing", kMef, kMefXsd, "kind = \"key\"", "", {"either a kind or a field"}},
    {"required_unknown_field",
     kMef,
     kMefXsd,
     "kind = \"key\"",
     "field = \"iccid\"",
     {"no field 'iccid'"}},
    {"required_unknown_share",
     kMef,
     kMefXsd,
     "share = \"s1sp\"\nkind = \"key\"",
     "share = \"s1p\"\nkind = \"key\"",
     {"not 's1p'", "s1sp or dco"}},
    {"required_unknown_device", kMef, kMefXsd, "\"esme\"", "\"meter\"", {"no device type 'meter'"}},
    {"required_negative_size", kMef, kMefXsd, "octets = 32", "octets = -1", {"required.octets"}},
    {"required_unknown_key",
     kMef,
     kMefXsd,
     "octets = 32",
     "octet = 32",
     {"unknown key 'required.octet'", "octets"}},
    // CSV
    {"long_delimiter", kMaf, "", "\";\"", "\"||\"", {"line 7", "csv.delimiter"}},
    {"quote_as_delimiter", kMaf, "", "\";\"", "\"\\\"\"", {"line 7", "csv.delimiter"}},
    {"unknown_line_end", kMaf, "", "\"\\n\"", "\"\\r\"", {"line 9", "csv.line-end"}},
    {"header_is_a_text",
     kMaf,
     "",
     "header = true",
     "header = \"yes\"",
     {"line 8", "'header' must be true or false"}},
    {"column_twice", kMaf, "", "\"week\"", "\"point\"", {"line 12", "column 'point' stands twice"}},
    {"column_without_name",
     kMaf,
     "",
     "name = \"week\"",
     "nam = \"week\"",
     {"line 12", "a column needs a name"}},
    {"unknown_column",
     kMaf,
     "",
     "migrate-on = \"day\"",
     "migrate-on = \"date\"",
     {"there is no column 'date'"}},
    {"unknown_column_of_a_group",
     kMaf,
     "",
     "path = \"certificates\"",
     "path = \"certificate\"",
     {"there is no column 'certificate'"}},
    {"group_in_a_column_without_field",
     kMaf,
     "",
     "serial = \".\"",
     "serial = \"x\"",
     {"one field with the path \".\""}},
    {"essential_column_missing",
     kMaf,
     "",
     "migrate-on = \"day\"",
     "",
     {"no place is given for 'migrate-on'"}},
    // names of files
    {"name_with_unknown_field",
     kMaf,
     "",
     "{sender}",
     "{ender}",
     {"line 5", "no header field 'ender'"}},
    {"name_without_brace", kMaf, "", "{sender}", "{sender", {"line 5", "'{' without '}'"}},
    {"name_with_a_slash", kMaf, "", "M_", "M/", {"line 5", "'/' cannot stand in a file name"}},
    {"name_that_lacks_the_sender", kMaf, "", "{sender}", "x", {"no place is given for 'sender'"}},
    {"name_with_bad_date",
     kMvf,
     kXsd,
     "{counter:06}",
     "{created:%Q}",
     {"line 5", "'%Q' is not a date format"}},
    {"name_that_cannot_be_read_back",
     kMvf,
     kXsd,
     "{counter:06}",
     "{smso}{counter}",
     {"line 5", "'counter' needs a literal before it"}},
};

INSTANTIATE_TEST_SUITE_P(Layouts, LayoutRefusalTest, testing::ValuesIn(kRefusals),
                         case_name<RefusalCase>);

TEST(LayoutLoaderTest, AcceptsTheLayoutsThatTheCasesChange) {
  for (const auto& [toml, xsd] :
       {std::pair(kMvf, kXsd), std::pair(kMaf, ""), std::pair(kMef, kMefXsd)}) {
    const auto layout = layout_of(toml, xsd);
    EXPECT_TRUE(layout.has_value()) << layout.error().message();
  }
}

}  // namespace
}  // namespace s1flow::codecs
