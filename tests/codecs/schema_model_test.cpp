// What an XML Schema says about structure, feature by feature, and what is refused at load.

#include "codecs/xml/schema_model.h"

#include <gtest/gtest.h>

#include "codecs/xml/schema.h"
#include "tests/case_name.h"

namespace s1flow::codecs {
namespace {

using Files = std::vector<std::pair<std::string, std::string>>;

SchemaReader reader_of(Files files) {
  return [files = std::move(files)](const std::string& path) -> Result<std::string> {
    for (const auto& [name, text] : files)
      if (name == path) return text;
    return tl::unexpected(usage_error(path + ": does not exist"));
  };
}
std::string schema(std::string_view body, std::string_view attributes = "") {
  return "<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" xmlns=\"urn:t\" "
         "xmlns:t=\"urn:t\" xmlns:o=\"urn:o\" " +
         std::string(attributes.empty() ? "targetNamespace=\"urn:t\" "
                                          "elementFormDefault=\"qualified\""
                                        : attributes) +
         ">" + std::string(body) + "</xs:schema>";
}
std::shared_ptr<const SchemaModel> model_of(std::string_view body,
                                            std::string_view attributes = "") {
  auto model = SchemaModel::load("a.xsd", reader_of({{"a.xsd", schema(body, attributes)}}));
  EXPECT_TRUE(model) << model.error().message();
  return *model;
}

// "name{min,max}" of the children of the global element `e`, and its attributes.
std::string children(const SchemaModel& model) {
  const SchemaElement* e = model.find_global("e");
  if (e == nullptr) return "no element e";
  std::string out;
  const auto name = [](const XmlName& n) {
    return n.ns.empty() ? n.local : "{" + n.ns + "}" + n.local;
  };
  for (const SchemaModel::Child& c : model.children_of(model.type_of(*e)))
    out += (out.empty() ? "" : " ") + name(c.element->name) + "{" + std::to_string(c.min) + "," +
           (c.max == kUnbounded ? "*" : std::to_string(c.max)) + "}";
  for (const SchemaAttribute& a : model.type_of(*e).attributes)
    out += " @" + name(a.name) + (a.required ? "!" : "") +
           (a.constant.empty() ? "" : "=" + a.constant);
  return out;
}

struct StructureCase {
  const char* name;
  std::string_view body;
  std::string_view children;
};
class SchemaStructureTest : public testing::TestWithParam<StructureCase> {};

TEST_P(SchemaStructureTest, IsUnderstood) {
  EXPECT_EQ(children(*model_of(GetParam().body)), GetParam().children);
  // The referee has to agree that it is a schema at all.
  const auto referee = XmlSchema::load("a.xsd", reader_of({{"a.xsd", schema(GetParam().body)}}));
  EXPECT_TRUE(referee) << referee.error().message();
}
INSTANTIATE_TEST_SUITE_P(
    Features, SchemaStructureTest,
    testing::Values(
        StructureCase{"Sequence",
                      "<xs:element name='e'><xs:complexType><xs:sequence>"
                      "<xs:element name='a' type='xs:int'/>"
                      "<xs:element name='b' type='xs:string' minOccurs='0' maxOccurs='3'/>"
                      "</xs:sequence></xs:complexType></xs:element>",
                      "{urn:t}a{1,1} {urn:t}b{0,3}"},
        StructureCase{"Choice",
                      "<xs:element name='e'><xs:complexType><xs:choice maxOccurs='unbounded'>"
                      "<xs:element name='a'/><xs:element name='b'/>"
                      "</xs:choice></xs:complexType></xs:element>",
                      "{urn:t}a{0,*} {urn:t}b{0,*}"},
        StructureCase{"All",
                      "<xs:element name='e'><xs:complexType><xs:all>"
                      "<xs:element name='a'/><xs:element name='b' minOccurs='0'/>"
                      "</xs:all></xs:complexType></xs:element>",
                      "{urn:t}a{1,1} {urn:t}b{0,1}"},
        StructureCase{"SequenceInOptionalSequence",
                      "<xs:element name='e'><xs:complexType><xs:sequence>"
                      "<xs:sequence minOccurs='0'><xs:element name='a'/></xs:sequence>"
                      "<xs:element name='b'/></xs:sequence></xs:complexType></xs:element>",
                      "{urn:t}a{0,1} {urn:t}b{1,1}"},
        StructureCase{"ReferenceAndNamedType",
                      "<xs:element name='a' type='xs:string'/>"
                      "<xs:complexType name='T'><xs:sequence><xs:element ref='a'/>"
                      "</xs:sequence></xs:complexType><xs:element name='e' type='T'/>",
                      "{urn:t}a{1,1}"},
        StructureCase{"Group",
                      "<xs:group name='g'><xs:annotation/><xs:sequence><xs:element name='a'/>"
                      "</xs:sequence></xs:group><xs:element name='e'><xs:complexType>"
                      "<xs:sequence><xs:group ref='t:g' minOccurs='0'/><xs:element name='b'/>"
                      "</xs:sequence></xs:complexType></xs:element>",
                      "{urn:t}a{0,1} {urn:t}b{1,1}"},
        StructureCase{"AnyTakesNoPart",
                      "<xs:element name='e'><xs:complexType><xs:sequence><xs:element name='a'/>"
                      "<xs:any namespace='##other' processContents='skip'/></xs:sequence>"
                      "</xs:complexType></xs:element>",
                      "{urn:t}a{1,1}"},
        StructureCase{"Extension",
                      "<xs:complexType name='B'><xs:sequence><xs:element name='a'/></xs:sequence>"
                      "<xs:attribute name='x'/></xs:complexType>"
                      "<xs:element name='e'><xs:complexType><xs:complexContent>"
                      "<xs:extension base='B'><xs:sequence><xs:element name='b'/></xs:sequence>"
                      "<xs:attribute name='y' use='required'/></xs:extension>"
                      "</xs:complexContent></xs:complexType></xs:element>",
                      "{urn:t}a{1,1} {urn:t}b{1,1} @x @y!"},
        StructureCase{"ExtensionByAttributesOnly",
                      "<xs:complexType name='B'><xs:sequence><xs:element name='a'/></xs:sequence>"
                      "</xs:complexType><xs:element name='e'><xs:complexType><xs:complexContent>"
                      "<xs:extension base='B'><xs:attribute name='y'/></xs:extension>"
                      "</xs:complexContent></xs:complexType></xs:element>",
                      "{urn:t}a{1,1} @y"},
        StructureCase{"Restriction",
                      "<xs:complexType name='B'><xs:sequence><xs:element name='a' minOccurs='0'/>"
                      "<xs:element name='b'/></xs:sequence><xs:attribute name='x'/>"
                      "<xs:attribute name='z'/></xs:complexType>"
                      "<xs:element name='e'><xs:complexType><xs:complexContent>"
                      "<xs:restriction base='B'><xs:sequence><xs:element name='b'/></xs:sequence>"
                      "<xs:attribute name='x' use='prohibited'/></xs:restriction>"
                      "</xs:complexContent></xs:complexType></xs:element>",
                      "{urn:t}b{1,1} @z"},
        StructureCase{"SimpleContent",
                      "<xs:element name='e'><xs:complexType><xs:simpleContent>"
                      "<xs:extension base='xs:string'><xs:attribute name='x' fixed='1'/>"
                      "</xs:extension></xs:simpleContent></xs:complexType></xs:element>",
                      " @x=1"},
        StructureCase{"AttributeGroup",
                      "<xs:attributeGroup name='g'><xs:attribute name='x' default='d'/>"
                      "</xs:attributeGroup><xs:element name='e'><xs:complexType>"
                      "<xs:attributeGroup ref='g'/></xs:complexType></xs:element>",
                      " @x=d"},
        StructureCase{"GlobalAttribute",
                      "<xs:attribute name='x' type='xs:int'/><xs:element name='e'>"
                      "<xs:complexType><xs:attribute ref='t:x' use='required'/></xs:complexType>"
                      "</xs:element>",
                      " @{urn:t}x!"},
        StructureCase{"UnqualifiedByItsOwnForm",
                      "<xs:element name='e'><xs:complexType><xs:sequence>"
                      "<xs:element name='a' form='unqualified'/></xs:sequence>"
                      "<xs:attribute name='x' form='qualified'/></xs:complexType></xs:element>",
                      "a{1,1} @{urn:t}x"},
        StructureCase{"RecursiveType",
                      "<xs:complexType name='T'><xs:sequence>"
                      "<xs:element name='a' type='T' minOccurs='0'/></xs:sequence>"
                      "</xs:complexType><xs:element name='e' type='T'/>",
                      "{urn:t}a{0,1}"},
        StructureCase{"Empty", "<xs:element name='e'><xs:complexType/></xs:element>", ""},
        StructureCase{"AnyType", "<xs:element name='e'/>", ""},
        StructureCase{"AnyTypeByName", "<xs:element name='e' type='xs:anyType'/>", ""}),
    case_name<StructureCase>);

TEST(SchemaModelTest, LeavesLocalElementsUnqualifiedByDefault) {
  EXPECT_EQ(children(*model_of("<xs:element name='e'><xs:complexType><xs:sequence>"
                               "<xs:element name='a'/></xs:sequence></xs:complexType>"
                               "</xs:element>",
                               "targetNamespace='urn:t'")),
            "a{1,1}");
}

TEST(SchemaModelTest, ReadsIncludesImportsAndLendsItsNamespace) {
  const Files files{
      {"x/a.xsd", schema("<xs:include schemaLocation='../y/b.xsd'/>"
                         "<xs:import namespace='urn:o' schemaLocation='c.xsd'/>"
                         "<xs:import namespace='urn:elsewhere'/>"
                         "<xs:element name='e'><xs:complexType><xs:sequence>"
                         "<xs:element name='a' type='Lent'/><xs:element ref='o:b'/>"
                         "</xs:sequence></xs:complexType></xs:element>")},
      // Without a namespace of its own, and naming its own type without a prefix.
      {"y/b.xsd",
       "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'>"
       "<xs:simpleType name='Inner'><xs:restriction base='xs:token'>"
       "<xs:maxLength value='9'/></xs:restriction></xs:simpleType>"
       "<xs:simpleType name='Lent'><xs:restriction base='Inner'>"
       "<xs:enumeration value='u'/><xs:enumeration value='v'/></xs:restriction>"
       "</xs:simpleType></xs:schema>"},
      {"x/c.xsd", schema("<xs:element name='b' type='xs:int'/>", "targetNamespace='urn:o'")}};
  const auto model = SchemaModel::load("x/a.xsd", reader_of(files));
  ASSERT_TRUE(model) << model.error().message();
  EXPECT_EQ(children(**model), "{urn:t}a{1,1} {urn:o}b{1,1}");
  EXPECT_EQ((*model)->target_namespace, "urn:t");
  const auto a = (*model)->child_of((*model)->type_of(*(*model)->find_global("e")), "a");
  ASSERT_TRUE(a);
  const SchemaSimpleType& type = (*model)->simple_types[(*model)->type_of(*a->element).simple_type];
  EXPECT_EQ(type.builtin, "token");
  ASSERT_EQ(type.facets.size(), 3U);
  EXPECT_EQ(type.facets[0].name, "maxLength");
  EXPECT_EQ(type.facets[1].value, "u");
  EXPECT_LT(type.facets[0].step, type.facets[1].step);
  EXPECT_EQ(type.facets[1].step, type.facets[2].step);
  const auto referee = XmlSchema::load("x/a.xsd", reader_of(files));
  EXPECT_TRUE(referee) << referee.error().message();
}

TEST(SchemaModelTest, SeesConstantsNillableAndConstraints) {
  const auto model = model_of(
      "<xs:element name='e'><xs:complexType><xs:sequence>"
      "<xs:element name='a' type='xs:string' fixed='F'/>"
      "<xs:element name='b' type='xs:string' default='D' nillable='true'/>"
      "</xs:sequence></xs:complexType><xs:unique name='u'><xs:selector xpath='t:a'/>"
      "<xs:field xpath='.'/></xs:unique></xs:element>");
  EXPECT_TRUE(model->has_identity_constraints);
  const SchemaType& type = model->type_of(*model->find_global("e"));
  EXPECT_EQ(model->child_of(type, "a")->element->constant, "F");
  EXPECT_EQ(model->child_of(type, "b")->element->constant, "D");
  EXPECT_TRUE(model->child_of(type, "b")->element->nillable);
  EXPECT_FALSE(model->child_of(type, "c"));
  EXPECT_EQ(model->child_of(type, "a")->element->where, "a.xsd:1");
}

TEST(SchemaModelTest, MarksListsAndUnions) {
  const auto model = model_of(
      "<xs:simpleType name='L'><xs:list itemType='xs:int'/></xs:simpleType>"
      "<xs:simpleType name='R'><xs:restriction><xs:simpleType><xs:restriction base='xs:int'/>"
      "</xs:simpleType><xs:maxInclusive value='9'/></xs:restriction></xs:simpleType>"
      "<xs:element name='e' type='L'/><xs:element name='f' type='R'/>");
  const auto simple = [&](std::string_view name) {
    return model->simple_types[model->type_of(*model->find_global(name)).simple_type];
  };
  EXPECT_TRUE(simple("e").list_or_union);
  EXPECT_EQ(simple("f").builtin, "int");
  EXPECT_EQ(simple("f").facets.size(), 1U);
}

// ---- what is refused

struct RefusedCase {
  const char* name;
  std::string text;
  std::string_view part;  // of the message
};
class SchemaRefusedTest : public testing::TestWithParam<RefusedCase> {};

TEST_P(SchemaRefusedTest, IsAUsageErrorWithItsPlace) {
  const auto model = SchemaModel::load("a.xsd", reader_of({{"a.xsd", GetParam().text}}));
  ASSERT_FALSE(model);
  EXPECT_EQ(model.error().kind(), ErrorKind::usage);
  const std::string message(model.error().message());
  EXPECT_TRUE(message.starts_with("a.xsd")) << message;
  EXPECT_NE(message.find(GetParam().part), std::string::npos) << message;
}
INSTANTIATE_TEST_SUITE_P(
    Schemas, SchemaRefusedTest,
    testing::Values(
        RefusedCase{"NotXml", "<xs:schema", "not a well-formed XML Schema"},
        RefusedCase{"OtherRoot", "<a/>", "not a well-formed XML Schema"},
        RefusedCase{"Empty", "", "not a well-formed XML Schema"},
        RefusedCase{"Doctype", "<!DOCTYPE a>" + schema(""), "DOCTYPE"},
        RefusedCase{"UnknownType", schema("<xs:element name='e' type='T'/>"), "no type T"},
        RefusedCase{"UnknownElement",
                    schema("<xs:element name='e'><xs:complexType><xs:sequence>"
                           "<xs:element ref='x'/></xs:sequence></xs:complexType></xs:element>"),
                    "no global element x"},
        RefusedCase{"UnknownGroup",
                    schema("<xs:element name='e'><xs:complexType><xs:sequence>"
                           "<xs:group ref='x'/></xs:sequence></xs:complexType></xs:element>"),
                    "no group x"},
        RefusedCase{"UnknownAttributeGroup",
                    schema("<xs:element name='e'><xs:complexType><xs:attributeGroup ref='x'/>"
                           "</xs:complexType></xs:element>"),
                    "unknown attributeGroup"},
        RefusedCase{"GroupInItself",
                    schema("<xs:group name='g'><xs:sequence><xs:group ref='g'/></xs:sequence>"
                           "</xs:group><xs:element name='e'><xs:complexType><xs:group ref='g'/>"
                           "</xs:complexType></xs:element>"),
                    "nested too deeply"},
        RefusedCase{"AttributeGroupInItself",
                    schema("<xs:attributeGroup name='g'><xs:attributeGroup ref='g'/>"
                           "</xs:attributeGroup><xs:element name='e'><xs:complexType>"
                           "<xs:attributeGroup ref='g'/></xs:complexType></xs:element>"),
                    "nested too deeply"},
        RefusedCase{"RestrictionWithoutBase",
                    schema("<xs:simpleType name='T'><xs:restriction/></xs:simpleType>"
                           "<xs:element name='e' type='T'/>"),
                    "restriction without a base"},
        RefusedCase{"ContentWithoutDerivation",
                    schema("<xs:element name='e'><xs:complexType><xs:simpleContent/>"
                           "</xs:complexType></xs:element>"),
                    "without extension or restriction"},
        RefusedCase{"SubstitutionGroup", schema("<xs:element name='e' substitutionGroup='f'/>"),
                    "substitutionGroup"},
        RefusedCase{"Redefine", schema("<xs:redefine schemaLocation='b.xsd'/>"), "redefine"},
        RefusedCase{"IncludeOfNothing", schema("<xs:include schemaLocation='b.xsd'/>"),
                    "b.xsd: does not exist"},
        RefusedCase{"IncludeFromTheNet",
                    schema("<xs:include schemaLocation='http://example.com/b.xsd'/>"),
                    "leads out of"},
        RefusedCase{"IncludeFromAbove", schema("<xs:include schemaLocation='../b.xsd'/>"),
                    "leads out of"},
        RefusedCase{"IncludeFromTheRoot", schema("<xs:include schemaLocation='/etc/b.xsd'/>"),
                    "leads out of"}),
    case_name<RefusedCase>);

TEST(XmlSchemaTest, SaysWhatLibxml2DoesNotAccept) {
  const auto refused =
      XmlSchema::load("a.xsd", reader_of({{"a.xsd", schema("<xs:element name='e' type='T'/>")}}));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind(), ErrorKind::usage);
  EXPECT_NE(std::string(refused.error().message()).find("a.xsd"), std::string::npos);
  EXPECT_FALSE(XmlSchema::load("none.xsd", reader_of({})));
  EXPECT_FALSE(XmlSchema::load("a.xsd", reader_of({{"a.xsd", "<!DOCTYPE a>" + schema("")}})));
}

struct PathCase {
  const char* name;
  std::string_view base, relative;
  std::optional<std::string> result;
};
class ResolveRelativeTest : public testing::TestWithParam<PathCase> {};

TEST_P(ResolveRelativeTest, StaysBelowTheRoot) {
  EXPECT_EQ(resolve_relative(GetParam().base, GetParam().relative), GetParam().result);
}
INSTANTIATE_TEST_SUITE_P(
    Paths, ResolveRelativeTest,
    testing::Values(PathCase{"Beside", "d/a.xsd", "b.xsd", "d/b.xsd"},
                    PathCase{"AtTheRoot", "a.xsd", "b.xsd", "b.xsd"},
                    PathCase{"Up", "d/e/a.xsd", "../../b.xsd", "b.xsd"},
                    PathCase{"Dots", "d/a.xsd", "./x//./b.xsd", "d/x/b.xsd"},
                    PathCase{"AboveTheRoot", "d/a.xsd", "../../b.xsd", std::nullopt},
                    PathCase{"Absolute", "d/a.xsd", "/b.xsd", std::nullopt},
                    PathCase{"Scheme", "d/a.xsd", "file:b.xsd", std::nullopt},
                    PathCase{"Backslash", "d/a.xsd", "..\\b.xsd", std::nullopt},
                    PathCase{"Empty", "d/a.xsd", "", std::nullopt},
                    PathCase{"OnlyUp", "d/a.xsd", "..", std::nullopt}),
    case_name<PathCase>);

}  // namespace
}  // namespace s1flow::codecs
