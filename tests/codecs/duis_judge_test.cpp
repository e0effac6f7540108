// Each kind of bad request and the code it is answered with; the pass without a tree against the
// one with libxml2.

#include <vector>

#include <gtest/gtest.h>

#include "codecs/duis/request_judge.h"
#include "codecs/duis/schema_checker.h"
#include "core/random.h"
#include "tests/codecs/allocation_counter.h"
#include "tests/codecs/duis_support.h"
#include "tests/codecs/xmldsig_support.h"

namespace s1flow::codecs::duis {
namespace {

using namespace testing_support;          // NOLINT: only this file
using namespace crypto::testing_support;  // NOLINT: only this file
using crypto::PartyRole;
using crypto::SignatureOutcome;

TrustView trust() {
  TrustView t;
  t.pki = &shared_pki();
  t.clock = clock_of_tests();
  return t;
}

// Refuses what a test asks it to.
class Refusing final : public Directory {
 public:
  RequestFault refuses = RequestFault::none;
  [[nodiscard]] UserRoles roles_of(PartyRole role, Eui64 user) const override {
    if (refuses == RequestFault::unknown_user) return {};
    if (refuses == RequestFault::role) return UserRole::other_user;
    return Directory::roles_of(role, user);
  }
  [[nodiscard]] bool may_send(Eui64 /*user*/) const override {
    return refuses != RequestFault::user_status;
  }
  [[nodiscard]] bool has_device(Eui64 /*device*/) const override {
    return refuses != RequestFault::unknown_device;
  }
  [[nodiscard]] bool has_authority(Eui64 /*user*/, Eui64 /*device*/) const override {
    return refuses != RequestFault::authority;
  }
  [[nodiscard]] bool status_allows(Eui64 /*device*/,
                                   const ServiceReferenceVariant& /*srv*/) const override {
    return refuses != RequestFault::device_status;
  }
  [[nodiscard]] bool type_allows(Eui64 /*device*/,
                                 const ServiceReferenceVariant& /*srv*/) const override {
    return refuses != RequestFault::device_type;
  }
  [[nodiscard]] bool allows_local_command(Eui64 /*device*/) const override {
    return refuses != RequestFault::local_command;
  }
};

class GoodRequestTest : public testing::TestWithParam<ServiceReferenceVariant> {};
TEST_P(GoodRequestTest, IsAcceptedWithoutATreeAndWithOne) {
  const std::string request = request_of(GetParam().variant, 42);
  RequestJudge judge;
  // A supplier may send most; the rest is for other Users.
  const bool mine = GetParam().roles.empty() ||
                    Directory().roles_of(PartyRole::supplier, kSupplier).has_any(GetParam().roles);
  const RequestVerdict fast = judge.judge(request, trust(), nullptr);
  EXPECT_EQ(judge.fast(), 1U);
  const RequestVerdict tree = judge.judge_with_tree(request, trust(), nullptr);
  EXPECT_EQ(judge.fast(), 1U);
  for (const RequestVerdict& v : {fast, tree}) {
    EXPECT_EQ(v.fault, mine ? RequestFault::none : RequestFault::role) << v.why;
    EXPECT_EQ(v.signature, SignatureOutcome::ok);
    EXPECT_EQ(v.srv, &srv(GetParam().variant));
    EXPECT_EQ(v.id, (MessageId{kSupplier, testing_support::kDevice, 42}));
    EXPECT_EQ(v.command_variant, GetParam().first_command_variant());
    if (mine) {
      EXPECT_EQ(v.code,
                GetParam().first_command_variant() == 1 ? response_code::kI99 : response_code::kI0);
    }
    ASSERT_NE(v.signer, nullptr);
    EXPECT_EQ(v.signer->eui, kSupplier);
  }
}
INSTANTIATE_TEST_SUITE_P(All, GoodRequestTest,
                         testing::ValuesIn(srv_table().begin(), srv_table().end()),
                         [](const auto& test) {
                           std::string name = "Srv";
                           for (const char c : test.param.variant) name += c == '.' ? '_' : c;
                           return name;
                         });

std::string with_first_bytes_of_value_changed(std::string text) {
  const std::size_t at = text.find("<ds:SignatureValue>") + 19;
  text[at] = text[at] == 'A' ? 'B' : 'A';
  return text;
}
std::string signature_twice(const std::string& text) {
  const std::size_t begin = text.find("<ds:Signature ");
  const std::string signature = text.substr(begin, text.find("</sr:Request>") - begin);
  return replaced(text, "</sr:Request>", signature + "</sr:Request>");
}
// What another party signs in the supplier's name.
std::string resigned(PartyRole role) {
  return signed_by(role, unsigned_request_of("4.1.1"));
}

struct BadCase {
  const char* name;
  std::string (*make)();
  RequestFault fault;
  ResponseCode code;
  SignatureOutcome signature = SignatureOutcome::missing;
};
class BadRequestTest : public testing::TestWithParam<BadCase> {};
TEST_P(BadRequestTest, IsRefusedWithItsCodeOnEitherWay) {
  const std::string request = GetParam().make();
  RequestJudge judge;
  for (const RequestVerdict& v :
       {judge.judge(request, trust(), nullptr), judge.judge_with_tree(request, trust(), nullptr)}) {
    EXPECT_EQ(v.fault, GetParam().fault) << name_of(v.fault) << ": " << v.why << "\n" << request;
    EXPECT_EQ(v.code, GetParam().code) << v.code.text();
    EXPECT_EQ(v.signature, GetParam().signature) << crypto::name_of(v.signature);
    EXPECT_FALSE(v.why.empty());
  }
}
const BadCase bad_cases[] = {
    {"nothing", [] { return std::string(); }, RequestFault::not_xml, response_code::kE100},
    {"cut_off", [] { return request_of("4.1.1").substr(0, 700); }, RequestFault::not_xml,
     response_code::kE100},
    {"two_roots", [] { return request_of("4.1.1") + "<a></a>"; }, RequestFault::not_xml,
     response_code::kE100},
    {"not_utf8", [] { return replaced(request_of("3.1"), "Your", "Yo\xFFr"); },
     RequestFault::not_xml, response_code::kE100},
    {"undeclared_prefix",
     [] { return replaced_all(request_of("7.4"), "sr:ReadSupply", "qq:Read"); },
     RequestFault::not_xml, response_code::kE100},
    {"doctype", [] { return "<!DOCTYPE a [<!ENTITY b \"c\">]>" + request_of("4.1.1"); },
     RequestFault::doctype, response_code::kE100},
    {"comment", [] { return replaced(request_of("4.1.1"), "</sr:Body>", "<!-- a --></sr:Body>"); },
     RequestFault::not_allowed, response_code::kE100},
    {"comment_after", [] { return request_of("4.1.1") + "<!-- a -->"; }, RequestFault::not_allowed,
     response_code::kE100},
    {"processing_instruction",
     [] { return replaced(request_of("4.1.1"), "<sr:Body>", "<?a?><sr:Body>"); },
     RequestFault::not_allowed, response_code::kE100},
    {"cdata", [] { return replaced(request_of("3.1"), "Your", "<![CDATA[Your]]>"); },
     RequestFault::not_allowed, response_code::kE100},
    {"other_root", [] { return std::string("<a></a>"); }, RequestFault::not_a_request,
     response_code::kE100},
    {"a_response", [] { return replaced_all(request_of("4.1.1"), "sr:Request>", "sr:Response>"); },
     RequestFault::not_xml, response_code::kE100},
    {"other_namespace",
     [] { return replaced(request_of("4.1.1"), "ServiceUserGateway", "ServiceUserGatewey"); },
     RequestFault::not_a_request, response_code::kE100},
    {"no_schema_version",
     [] { return replaced(request_of("4.1.1"), " schemaVersion=\"5.4\"", ""); },
     RequestFault::not_a_request, response_code::kE100},
    {"something_after_the_signature",
     [] {
       return replaced(request_of("4.1.1"), "</sr:Request>", "<sr:More></sr:More></sr:Request>");
     },
     RequestFault::not_a_request, response_code::kE100},
    {"bad_request_id", [] { return replaced(request_of("4.1.1"), ":1</sr:R", ":01</sr:R"); },
     RequestFault::header, response_code::kE100},
    {"counter_too_large",
     [] { return replaced(request_of("4.1.1"), ":1</sr:R", ":18446744073709551616</sr:R"); },
     RequestFault::header, response_code::kE100},
    {"no_such_variant",
     [] { return replaced(request_of("4.1.1"), "Variant>4.1.1<", "Variant>4.1.9<"); },
     RequestFault::header, response_code::kE100},
    {"reference_of_another", [] { return replaced(request_of("4.1.1"), ">4.1<", ">4.2<"); },
     RequestFault::header, response_code::kE100},
    {"command_variant_ten",
     [] { return replaced(request_of("4.1.1"), "CommandVariant>1<", "CommandVariant>10<"); },
     RequestFault::header, response_code::kE100},
    {"body_of_another",
     [] { return replaced_all(request_of("7.4"), "ReadSupplyStatus", "ReadBoostButtonDetails"); },
     RequestFault::body, response_code::kE100},
    {"two_bodies",
     [] {
       return replaced(request_of("7.4"), "</sr:Body>", "<sr:ArmSupply></sr:ArmSupply></sr:Body>");
     },
     RequestFault::body, response_code::kE100},
    {"empty_body",
     [] { return replaced(request_of("7.4"), "<sr:ReadSupplyStatus></sr:ReadSupplyStatus>", ""); },
     RequestFault::body, response_code::kE100},
    {"signature_in_the_body",
     [] {
       return signed_by(PartyRole::supplier,
                        replaced(unsigned_request_of("7.4"), "<sr:ReadSupplyStatus>",
                                 "<sr:ReadSupplyStatus><ds:Signature xmlns:ds=\"http://www.w3.org/"
                                 "2000/09/xmldsig#\"></ds:Signature>"));
     },
     RequestFault::body, response_code::kE100},
    {"no_signature", [] { return unsigned_request_of("4.1.1"); }, RequestFault::signature,
     response_code::kE100},
    {"two_signatures", [] { return signature_twice(request_of("4.1.1")); }, RequestFault::signature,
     response_code::kE100, SignatureOutcome::wrong_shape},
    {"changed_after_signing", [] { return replaced(request_of("4.1.1"), ":1</sr:R", ":2</sr:R"); },
     RequestFault::signature, response_code::kE100, SignatureOutcome::digest_mismatch},
    {"white_space_after_signing",
     [] { return replaced(request_of("4.1.1"), "</sr:Header>", "</sr:Header>\n"); },
     RequestFault::signature, response_code::kE100, SignatureOutcome::digest_mismatch},
    {"unused_namespace_after_signing",
     [] { return replaced(request_of("4.1.1"), "<sr:Request ", "<sr:Request xmlns:x=\"urn:x\" "); },
     RequestFault::signature, response_code::kE100, SignatureOutcome::digest_mismatch},
    {"value_changed", [] { return with_first_bytes_of_value_changed(request_of("4.1.1")); },
     RequestFault::signature, response_code::kE100, SignatureOutcome::value_invalid},
    {"reference_elsewhere", [] { return replaced(request_of("4.1.1"), "URI=\"\"", "URI=\"#a\""); },
     RequestFault::signature, response_code::kE100, SignatureOutcome::wrong_shape},
    {"other_algorithm", [] { return replaced(request_of("4.1.1"), "ecdsa-sha256", "ecdsa-sha1"); },
     RequestFault::signature, response_code::kE100, SignatureOutcome::algorithm_not_allowed},
    {"unknown_signer",
     [] { return replaced(request_of("4.1.1"), "X509SerialNumber>", "X509SerialNumber>1"); },
     RequestFault::signature, response_code::kE100, SignatureOutcome::wrong_shape},
    {"signed_by_the_dcc", [] { return resigned(PartyRole::dcc); }, RequestFault::signer,
     response_code::kE1, SignatureOutcome::signer_role},
    {"signed_by_the_s1sp", [] { return resigned(PartyRole::s1sp); }, RequestFault::signer,
     response_code::kE1, SignatureOutcome::signer_role},
    {"signed_by_another_user", [] { return resigned(PartyRole::commissioning_party); },
     RequestFault::signer_is_not_originator, response_code::kE1, SignatureOutcome::signer_party},
    {"variant_not_for_this_command",
     [] {
       return signed_by(PartyRole::supplier, replaced(unsigned_request_of("4.1.1"),
                                                      "CommandVariant>1<", "CommandVariant>4<"));
     },
     RequestFault::command_variant, response_code::kE12, SignatureOutcome::ok},
    {"pre_command_without_one",
     [] {
       return signed_by(PartyRole::supplier, replaced(unsigned_request_of("6.15.1"),
                                                      "CommandVariant>4<", "CommandVariant>5<"));
     },
     RequestFault::command_variant, response_code::kE12, SignatureOutcome::ok},
    {"not_for_suppliers", [] { return request_of("14.1"); }, RequestFault::role, response_code::kE2,
     SignatureOutcome::ok},
};
INSTANTIATE_TEST_SUITE_P(Kinds, BadRequestTest, testing::ValuesIn(bad_cases),
                         [](const auto& test) { return std::string(test.param.name); });

struct DirectoryCase {
  RequestFault fault;
  ResponseCode code;
  RequestOptions options = {};
};
class DirectoryTest : public testing::TestWithParam<DirectoryCase> {};
TEST_P(DirectoryTest, RefusesWithTheCodeOfItsFault) {
  Refusing directory;
  TrustView view = trust();
  view.directory = &directory;
  RequestJudge judge;
  const std::string request = request_of("4.1.1", 1, GetParam().options);
  EXPECT_TRUE(judge.judge(request, view, nullptr).accepted());
  directory.refuses = GetParam().fault;
  const RequestVerdict v = judge.judge(request, view, nullptr);
  EXPECT_EQ(v.fault, GetParam().fault);
  EXPECT_EQ(v.code, GetParam().code);
}
const DirectoryCase directory_cases[] = {
    {RequestFault::unknown_user, response_code::kE1},
    {RequestFault::role, response_code::kE2},
    {RequestFault::user_status, response_code::kE3},
    {RequestFault::authority, response_code::kE4},
    {RequestFault::device_status, response_code::kE5},
    {RequestFault::device_type, response_code::kE11},
    {RequestFault::local_command, response_code::kE17, {.command_variant = 2}},
    {RequestFault::unknown_device, response_code::kE19},
};
INSTANTIATE_TEST_SUITE_P(Faults, DirectoryTest, testing::ValuesIn(directory_cases),
                         [](const auto& test) { return std::string(test.param.code.text()); });

TEST(PeerTest, HasToBeTheOriginatorWhereItIsLookedAt) {
  const std::string request = request_of("4.1.1");
  RequestJudge judge;
  TrustView t = trust();
  t.peer = kSupplier;
  EXPECT_TRUE(judge.judge(request, t, nullptr).accepted());
  for (const Eui64 other : {kS1sp, Eui64()}) {
    t.peer = other;
    for (const bool verifies : {true, false}) {
      t.verify_signatures = verifies;
      const RequestVerdict v = judge.judge(request, t, nullptr);
      EXPECT_EQ(v.fault, RequestFault::peer_is_not_originator);
      EXPECT_EQ(v.code, response_code::kE1);
    }
  }
}

TEST(JudgeTest, RefusesWhatCameInByTheWrongService) {
  TrustView view = trust();
  RequestJudge judge;
  view.service = DccService::transform;
  EXPECT_EQ(judge.judge(request_of("4.1.1"), view, nullptr).code, response_code::kE13);
  EXPECT_TRUE(judge.judge(request_of("6.15.1"), view, nullptr).accepted());
  view.service = DccService::non_device;
  EXPECT_TRUE(judge.judge(request_of("8.2"), view, nullptr).accepted());
}

TEST(JudgeTest, AcceptsASignedPreCommandAfterItsRequest) {
  RequestSigner signer = supplier_signer();
  const auto signed_pre_command = [&](std::uint64_t counter) {
    std::string out;
    EXPECT_TRUE(append_signed_pre_command(out, signer, srv("6.15.1"), values_of(counter),
                                          std::vector<unsigned char>{1, 2, 3}));
    return out;
  };
  RequestJudge judge;
  DuplicateGuard guard(DuplicateGuard::Order::rising);
  EXPECT_EQ(judge.judge(request_of("6.15.1", 9), trust(), &guard).code, response_code::kI0);
  const std::string second = signed_pre_command(9);
  const RequestVerdict v = judge.judge(second, trust(), &guard);
  EXPECT_EQ(v.code, response_code::kI99) << v.why;
  EXPECT_TRUE(v.signed_pre_command);
  EXPECT_EQ(v.gbcs_payload, "AQID");
  EXPECT_EQ(judge.judge(second, trust(), &guard).fault, RequestFault::duplicate);
}

TEST(JudgeTest, TellsWhenAFutureDatedRequestIsToRun) {
  RequestJudge judge;
  const auto v =
      judge.judge(request_of("4.1.1", 1, {.dating = Dating::future_dated}), trust(), nullptr);
  EXPECT_EQ(v.execution, time_of("2019-07-02T01:30:00Z"));
}

TEST(JudgeTest, AcceptsOtherLayoutsThatAreSignedAsTheyAre) {
  // Default namespace, line breaks: signed in that form, so nothing was changed afterwards.
  std::string text = unsigned_request_of("7.4");
  text = replaced_all(text, "sr:", "");
  text = replaced(text, "xmlns:", "xmlns");
  text = replaced(text, "xmlnssr=", "xmlns=");
  text = replaced(text, "</Header>", "</Header>\n  ");
  RequestJudge judge;
  const RequestVerdict v = judge.judge(signed_by(PartyRole::supplier, text), trust(), nullptr);
  EXPECT_TRUE(v.accepted()) << name_of(v.fault) << v.why << text;
}

TEST(JudgeTest, AcceptsTheSameDocumentInOtherBytes) {
  RequestJudge judge;
  // The canonical form, which is what is signed, stays.
  const std::string text =
      "<?xml version='1.0' encoding='utf-8'?>\n" +
      replaced(replaced(request_of("7.4"), "<sr:ReadSupplyStatus></sr:ReadSupplyStatus>",
                        "<sr:ReadSupplyStatus />"),
               "schemaVersion=\"5.4\"", "schemaVersion = '5.4'");
  const RequestVerdict v = judge.judge(text, trust(), nullptr);
  EXPECT_TRUE(v.accepted()) << name_of(v.fault) << v.why;
  EXPECT_EQ(judge.fast(), 0U);
}

TEST(JudgeTest, RefusesWhatThePublishedSchemaRefuses) {
  const auto path = published_schema();
  if (!path) GTEST_SKIP() << "S1FLOW_DUIS_SCHEMA does not name duis.xsd";
  const auto schema = SchemaChecker::load(*path);
  ASSERT_TRUE(schema);
  TrustView view = trust();
  view.schema = &*schema;
  RequestJudge judge;
  EXPECT_TRUE(judge.judge(request_of("8.11"), view, nullptr).accepted());
  const std::string bad =
      signed_by(PartyRole::supplier, replaced(unsigned_request_of("8.11"), ">3600<", ">3601<"));
  EXPECT_EQ(judge.judge(bad, view, nullptr).fault, RequestFault::schema);
}

TEST(JudgeTest, AllocatesNothingInTheSteadyState) {
  const std::string request = request_of("4.8.1");
  RequestJudge judge;
  const TrustView view = trust();
  ASSERT_TRUE(judge.judge(request, view, nullptr).accepted());
  const std::size_t before = s1flow::testing_support::allocations();
  const bool good = judge.judge(request, view, nullptr).accepted();
  EXPECT_EQ(s1flow::testing_support::allocations() - before, 0U);
  EXPECT_TRUE(good);
}

// Both ways agree on whatever becomes of a good request.
TEST(JudgeDifferentialTest, AgreesOnChangedRequests) {
  RequestJudge judge;
  const std::vector<std::string> seeds{request_of("4.8.1"), request_of("8.11"), request_of("7.13"),
                                       request_of("3.1")};
  constexpr std::string_view kBytes = "<>/&\"' \n\r=:!?-]ax0\xC3\x01;#";
  Random random(7);
  std::size_t fast_before = 0;
  for (int round = 0; round < 3000; ++round) {
    std::string text = seeds[random.below(seeds.size())];
    const std::uint64_t changes = 1 + random.below(3);
    for (std::uint64_t i = 0; i < changes; ++i) {
      const std::size_t at = random.below(text.size());
      switch (random.below(4)) {
        case 0:
          text[at] = kBytes[random.below(kBytes.size())];
          break;
        case 1:
          text.insert(at, 1, kBytes[random.below(kBytes.size())]);
          break;
        case 2:
          text.erase(at, 1 + random.below(4));
          break;
        default:
          text.insert(at, text.substr(random.below(text.size()), random.below(40)));
      }
    }
    const RequestVerdict a = judge.judge(text, trust(), nullptr);
    const bool fast = judge.fast() != fast_before;
    fast_before = judge.fast();
    const RequestFault fault = a.fault;
    const SignatureOutcome signature = a.signature;
    const RequestVerdict b = judge.judge_with_tree(text, trust(), nullptr);
    ASSERT_EQ(fault, b.fault) << (fast ? "fast: " : "slow: ") << text;
    ASSERT_EQ(signature, b.signature) << text;
  }
  EXPECT_GT(judge.fast(), 150U);  // many changes leave the layout as it is
}

TEST(DuplicateGuardTest, WantsRisingCountersOrNewOnes) {
  const MessageId a{kSupplier, testing_support::kDevice, 100};
  const auto with = [&](std::uint64_t counter) {
    MessageId id = a;
    id.counter = counter;
    return id;
  };
  DuplicateGuard rising(DuplicateGuard::Order::rising);
  EXPECT_TRUE(rising.admit(with(0), false));
  EXPECT_FALSE(rising.admit(with(0), false));
  EXPECT_TRUE(rising.admit(with(100), false));
  EXPECT_FALSE(rising.admit(with(99), false));
  EXPECT_TRUE(rising.admit(with(99), true));                              // the other leg
  EXPECT_TRUE(rising.admit({kDcc, testing_support::kDevice, 5}, false));  // another originator
  DuplicateGuard window(DuplicateGuard::Order::window);
  EXPECT_TRUE(window.admit(with(100), false));
  EXPECT_TRUE(window.admit(with(99), false));
  EXPECT_FALSE(window.admit(with(99), false));
  EXPECT_FALSE(window.admit(with(100), false));
  EXPECT_TRUE(window.admit(with(100 + 65535), false));
  EXPECT_FALSE(window.admit(with(100), false));
  EXPECT_TRUE(window.admit(with(101), false));
  EXPECT_TRUE(window.admit(with(200 + 65535), false));
  EXPECT_FALSE(window.admit(with(150), false));  // too old to tell
  EXPECT_TRUE(window.admit(with(18446744073709551615ULL), false));
  EXPECT_FALSE(window.admit(with(300 + 65535), false));
}

}  // namespace
}  // namespace s1flow::codecs::duis
