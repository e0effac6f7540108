// scan_message against MessageReader, and messages as others write them.

#include <vector>

#include <gtest/gtest.h>

#include "codecs/duis/element_walk.h"
#include "codecs/duis/message.h"
#include "codecs/duis/response.h"
#include "core/random.h"
#include "core/text.h"
#include "tests/codecs/allocation_counter.h"
#include "tests/codecs/duis_support.h"
#include "tests/codecs/xmldsig_support.h"

namespace s1flow::codecs::duis {
namespace {

using namespace testing_support;  // NOLINT: only this file
using crypto::testing_support::kDcc;
using crypto::testing_support::kSupplier;
using crypto::testing_support::replaced;
using crypto::testing_support::replaced_all;

const MessageId kRequest{kSupplier, kDevice, 77};

std::string acknowledgement() {
  ResponseWriter writer = make_response_writer();
  std::string out;
  EXPECT_TRUE(writer.append_acknowledgement(out, kRequest, srv("8.11"), response_code::kI99,
                                            time_of("2019-07-01T12:00:01.25Z"),
                                            OuterSignature::no));
  return out;
}
std::string service_response() {
  ResponseWriter writer = make_response_writer();
  std::string out;
  const std::vector<unsigned char> payload(120, 7);
  EXPECT_TRUE(writer.append_response(
      out, {kRequest, kRequest.answered(), response_code::kI0, time_of("2019-07-01T12:00:01.25Z")},
      srv("4.1.1"), GbcsPayload{payload}, OuterSignature::yes));
  return out;
}
std::string n24() {
  ResponseWriter writer = make_response_writer();
  std::string out;
  AlertHeader header;
  header.response_id = MessageId{kDcc, kSupplier, 3};
  EXPECT_TRUE(writer.append_dcc_alert(out, header, *DccAlertCode::parse("N24"),
                                      {kDevice, kHub, kRequest, {}, {}}, OuterSignature::yes));
  return out;
}

struct OddCase {
  const char* name;
  std::string (*make)();
  bool scanned;  // else the scanner declines and the reader has to look
};
class OddLayoutTest : public testing::TestWithParam<OddCase> {};
TEST_P(OddLayoutTest, IsReadAllTheSame) {
  const std::string text = GetParam().make();
  Message plain;
  ASSERT_TRUE(scan_message(acknowledgement(), plain));
  MessageReader reader;
  Message read;
  ASSERT_EQ(reader.read(text, read), ReadOutcome::ok) << reader.why() << text;
  EXPECT_EQ(read.request, plain.request);
  EXPECT_EQ(read.code, plain.code);
  EXPECT_EQ(read.srv, plain.srv);
  Message scanned;
  EXPECT_EQ(scan_message(text, scanned), GetParam().scanned);
  if (GetParam().scanned) {
    EXPECT_EQ(scanned.request, plain.request);
  }
}
const OddCase odd_cases[] = {
    {"declaration",
     [] {
       return "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n" + acknowledgement();
     },
     true},
    {"odd_declaration", [] { return "<?xml version='1.0'   ?>" + acknowledgement(); }, false},
    {"default_namespace",
     [] { return replaced(replaced_all(acknowledgement(), "sr:", ""), "xmlns:sr", "xmlns"); },
     true},
    {"other_prefix", [] { return replaced_all(acknowledgement(), "sr", "ns2"); }, true},
    {"spread_out", [] { return replaced_all(acknowledgement(), "><", ">\r\n  <"); }, true},
    {"other_case_of_hex", [] { return replaced_all(acknowledgement(), "00-1D-B2", "00-1d-b2"); },
     true},
    {"other_quotes", [] { return replaced_all(acknowledgement(), "\"", "'"); }, true},
    {"character_reference", [] { return replaced(acknowledgement(), "I99", "I&#57;9"); }, false},
    {"more_namespaces",
     [] {
       return replaced(acknowledgement(), " schema",
                       " xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\" schema");
     },
     true},
    {"byte_order_mark", [] { return "\xEF\xBB\xBF" + acknowledgement(); }, false},
};
INSTANTIATE_TEST_SUITE_P(Layouts, OddLayoutTest, testing::ValuesIn(odd_cases),
                         [](const auto& test) { return std::string(test.param.name); });

struct BadCase {
  const char* name;
  std::string (*make)();
  ReadOutcome outcome;
};
class BadMessageTest : public testing::TestWithParam<BadCase> {};
TEST_P(BadMessageTest, IsDeclinedByTheScannerAndRefusedByTheReader) {
  const std::string text = GetParam().make();
  Message message;
  EXPECT_FALSE(scan_message(text, message));
  MessageReader reader;
  EXPECT_EQ(reader.read(text, message), GetParam().outcome) << reader.why();
  EXPECT_FALSE(reader.why().empty());
}
std::string nested(std::size_t depth) {
  std::string text;
  for (std::size_t i = 0; i < depth; ++i) text += "<a>";
  for (std::size_t i = 0; i < depth; ++i) text += "</a>";
  return text;
}
const BadCase bad_cases[] = {
    {"empty", [] { return std::string(); }, ReadOutcome::not_xml},
    {"cut", [] { return service_response().substr(0, 500); }, ReadOutcome::not_xml},
    {"doctype", [] { return "<!DOCTYPE a SYSTEM \"file:///etc/passwd\">" + acknowledgement(); },
     ReadOutcome::doctype},
    {"doctype_after_space", [] { return "\n<!DOCTYPE a>" + acknowledgement(); },
     ReadOutcome::doctype},
    {"comment", [] { return acknowledgement() + "<!--a-->"; }, ReadOutcome::not_allowed},
    {"cdata", [] { return replaced(acknowledgement(), "I99", "<![CDATA[I99]]>"); },
     ReadOutcome::not_allowed},
    {"processing_instruction", [] { return acknowledgement() + "<?a b?>"; },
     ReadOutcome::not_allowed},
    {"other_encoding",
     [] { return "<?xml version=\"1.0\" encoding=\"UTF-16\"?>" + acknowledgement(); },
     ReadOutcome::not_xml},
    {"nul", [] { return acknowledgement() + std::string(1, '\0'); }, ReadOutcome::not_xml},
    {"entity", [] { return replaced(acknowledgement(), "I99", "&I99;"); }, ReadOutcome::not_xml},
    {"too_large", [] { return std::string((4UL << 20) + 1, ' '); }, ReadOutcome::too_large},
    {"too_deep", [] { return nested(200); }, ReadOutcome::not_duis},
    {"far_too_deep", [] { return nested(100000); }, ReadOutcome::not_xml},
    {"a_request", [] { return unsigned_request_of("4.1.1"); }, ReadOutcome::not_duis},
    {"no_such_code", [] { return replaced(acknowledgement(), "I99", "I98"); },
     ReadOutcome::not_duis},
    {"no_such_alert", [] { return replaced(n24(), "N24", "N32"); }, ReadOutcome::not_duis},
    {"no_such_time", [] { return replaced(acknowledgement(), "07-01T", "13-01T"); },
     ReadOutcome::not_duis},
    {"reference_of_another",
     [] { return replaced(acknowledgement(), "Reference>8.11<", "Reference>8.1<"); },
     ReadOutcome::not_duis},
    {"response_without_a_request",
     [] {
       std::string text = acknowledgement();
       const std::size_t begin = text.find("<sr:RequestID>");
       text.erase(begin, text.find("<sr:ResponseCode>") - begin);
       return text;
     },
     ReadOutcome::not_duis},
    {"elements_in_another_order",
     [] { return replaced(replaced_all(acknowledgement(), "ResponseCode", "Q"), "sr:Q", "sr:Q"); },
     ReadOutcome::not_duis},
    {"text_between_elements", [] { return replaced(acknowledgement(), "<sr:Body>", "a<sr:Body>"); },
     ReadOutcome::not_duis},
    {"two_signatures",
     [] {
       const std::string text = service_response();
       const std::size_t begin = text.find("<ds:Signature ");
       const std::string signature = text.substr(begin, text.find("</sr:Response>") - begin);
       return replaced(text, "</sr:Response>", signature + "</sr:Response>");
     },
     ReadOutcome::not_duis},
    {"attribute", [] { return replaced(acknowledgement(), "<sr:Header>", "<sr:Header a=\"b\">"); },
     ReadOutcome::not_duis},
    {"attribute_twice",
     [] { return replaced(acknowledgement(), " schema", " schemaVersion=\"5.4\" schema"); },
     ReadOutcome::not_xml},
};
INSTANTIATE_TEST_SUITE_P(Kinds, BadMessageTest, testing::ValuesIn(bad_cases),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(MessageTest, ReadsPayloadsWhoseLinesEndAsJavaWritesThem) {
  std::string text = service_response();
  const std::size_t at = text.find("<sr:GBCSPayload>") + 16 + 76;
  text.insert(at, "&#13;\n");
  MessageReader reader;
  Message message;
  ASSERT_EQ(reader.read(text, message), ReadOutcome::ok);
  EXPECT_EQ(decode_base64(message.gbcs_payload), std::string(120, '\7'));
}

TEST(MessageTest, IsScannedWithoutAllocating) {
  const std::vector<std::string> texts{acknowledgement(), service_response(), n24()};
  const std::size_t before = s1flow::testing_support::allocations();
  bool good = true;
  Message message;
  for (const std::string& text : texts) good = good && scan_message(text, message);
  EXPECT_EQ(s1flow::testing_support::allocations() - before, 0U);
  EXPECT_TRUE(good);
}

TEST(MessageTest, DeclinesEveryTruncation) {
  const std::string text = service_response();
  Message message;
  for (std::size_t n = 0; n < text.size(); ++n)
    ASSERT_FALSE(scan_message(std::string_view(text).substr(0, n), message)) << n;
}

// A SMETS1 response as the schema has it: the S1SP's message, signed, inside the DCC's.
TEST(MessageTest, ReadsSmets1ResponsesAndAlerts) {
  const auto make = [](std::string_view inner, std::string_view rest) {
    return "<sr:Response xmlns:sr=\"http://www.dccinterface.co.uk/ServiceUserGateway\" "
           "xmlns:ra=\"http://www.dccinterface.co.uk/ResponseAndAlert\" schemaVersion=\"5.4\">"
           "<sr:Header><sr:RequestID>" +
           kRequest.text() + "</sr:RequestID><sr:ResponseID>" + kRequest.answered().text() +
           "</sr:ResponseID><sr:ResponseCode>I0</sr:ResponseCode><sr:ResponseDateTime>"
           "2019-07-01T12:00:00.00Z</sr:ResponseDateTime></sr:Header><sr:Body>"
           "<sr:SMETS1ResponseMessage>" +
           std::string(rest) +
           "<sr:SMETS1SignedResponse schemaVersion=\"5.4\"><sr:SMETS1Response><sr:Header>"
           "<ra:BusinessOriginatorID>a</ra:BusinessOriginatorID></sr:Header><sr:Body><sr:" +
           std::string(inner) + "></sr:" + std::string(inner) +
           "></sr:Body></sr:SMETS1Response><ds:Signature "
           "xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"></ds:Signature>"
           "</sr:SMETS1SignedResponse></sr:SMETS1ResponseMessage></sr:Body></sr:Response>";
  };
  Message m;
  ASSERT_TRUE(scan_message(make("ResponseMessage",
                                "<sr:ServiceReference>4.1</sr:ServiceReference>"
                                "<sr:ServiceReferenceVariant>4.1.1</sr:ServiceReferenceVariant>"),
                           m));
  EXPECT_EQ(m.kind, MessageKind::smets1_response);
  EXPECT_EQ(m.srv, &srv("4.1.1"));
  EXPECT_FALSE(m.is_signed);
  ASSERT_TRUE(scan_message(
      make("DeviceAlertMessage", "<sr:ThrottledAlertCount>9</sr:ThrottledAlertCount>"), m));
  EXPECT_EQ(m.kind, MessageKind::smets1_device_alert);
  EXPECT_EQ(m.stands_for(), 9U);
}

TEST(MessageDifferentialTest, ScannerNeverSaysWhatTheReaderDoesNot) {
  const std::vector<std::string> seeds{acknowledgement(), service_response(), n24()};
  constexpr std::string_view kBytes = "<>/&\"' \n\r=:!?-]ax0\xC3\x01;#";
  Random random(11);
  MessageReader reader;
  std::size_t scanned = 0;
  for (int round = 0; round < 8000; ++round) {
    std::string text = seeds[random.below(seeds.size())];
    for (std::uint64_t i = 1 + random.below(2); i > 0; --i) {
      const std::size_t at = random.below(text.size());
      switch (random.below(3)) {
        case 0:
          text[at] = kBytes[random.below(kBytes.size())];
          break;
        case 1:
          text.insert(at, 1, kBytes[random.below(kBytes.size())]);
          break;
        default:
          text.erase(at, 1 + random.below(4));
      }
    }
    Message a;
    if (!scan_message(text, a)) continue;
    ++scanned;
    Message b;
    ASSERT_EQ(reader.read(text, b), ReadOutcome::ok) << reader.why() << text;
    EXPECT_EQ(a.kind, b.kind);
    EXPECT_EQ(a.is_signed, b.is_signed);
    EXPECT_EQ(a.request, b.request);
    EXPECT_EQ(a.response, b.response);
    EXPECT_EQ(a.code, b.code);
    EXPECT_EQ(a.at, b.at);
    EXPECT_EQ(a.srv, b.srv);
    EXPECT_EQ(a.payload, b.payload);
    EXPECT_EQ(a.subject, b.subject);
    EXPECT_EQ(a.stands_for(), b.stands_for());
  }
  EXPECT_GT(scanned, 300U);
}

struct IdCase {
  const char* name;
  const char* text;
  bool good;
};
class MessageIdTest : public testing::TestWithParam<IdCase> {};
TEST_P(MessageIdTest, FollowsTheSchemasPattern) {
  const auto id = MessageId::parse(GetParam().text);
  ASSERT_EQ(id.has_value(), GetParam().good);
  if (id) {
    EXPECT_TRUE(equals_ignoring_case(id->text(), GetParam().text));
  }
}
TEST(DuisTimeTest, AgreesWithTheGeneralReader) {
  for (const char* text :
       {"2019-07-01T12:00:01Z", "2019-07-01T12:00:01.2Z", "2019-07-01T12:00:01.25Z",
        "2019-07-01T12:00:01.256Z", "2019-07-01T12:00:01.2567Z", "2019-07-01T12:00:01.Z",
        "2019-07-01T12:00:01", "2019-13-01T12:00:01Z", "2019-02-29T12:00:01Z",
        "2020-02-29T23:59:59.999Z", "2019-07-01T24:00:00Z", "2019-07-01T12:60:00Z",
        "2019-07-01T12:00:61Z", "2019-07-01 12:00:00Z", "2019-07-01T12:00:01.25 Z", "",
        "2019-07-01T12:00:01xZ", "2019-07-01T12:00:01+01:00"})
    EXPECT_EQ(parse_duis_time(text), UtcTime::parse(text)) << text;
}

#define S1FLOW_IDS "90-B3-D5-1F-30-01-00-00:00-1d-b2-00-0A-0B-0C-0D:"
const IdCase id_cases[] = {
    {"zero", S1FLOW_IDS "0", true},
    {"largest", S1FLOW_IDS "18446744073709551615", true},
    {"larger", S1FLOW_IDS "18446744073709551616", false},
    {"leading_zero", S1FLOW_IDS "01", false},
    {"no_counter", S1FLOW_IDS, false},
    {"sign", S1FLOW_IDS "+1", false},
    {"blank", S1FLOW_IDS "1 ", false},
    {"no_colon", "90-B3-D5-1F-30-01-00-00-00-1D-B2-00-0A-0B-0C-0D:1", false},
    {"short_eui", "90-B3-D5-1F-30-01-00:00-1D-B2-00-0A-0B-0C-0D:1", false},
};
INSTANTIATE_TEST_SUITE_P(Texts, MessageIdTest, testing::ValuesIn(id_cases),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace s1flow::codecs::duis
