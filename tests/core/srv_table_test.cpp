#include "core/srv_table.h"

#include <set>
#include <string>

#include <gtest/gtest.h>

namespace s1flow {
namespace {

TEST(SrvTable, FindsEveryRowByItsVariant) {
  std::set<std::string_view> bodies;
  for (const ServiceReferenceVariant& srv : srv_table()) {
    EXPECT_EQ(find_srv(srv.variant), &srv) << srv.variant;
    EXPECT_TRUE(bodies.insert(srv.body).second) << srv.body;
    EXPECT_EQ(&srv_table()[index_of(srv)], &srv);
  }
  EXPECT_EQ(bodies.size(), kServiceReferenceVariants);
}

class NoSrvTest : public testing::TestWithParam<const char*> {};
TEST_P(NoSrvTest, IsNotFound) {
  EXPECT_EQ(find_srv(GetParam()), nullptr);
}
INSTANTIATE_TEST_SUITE_P(Texts, NoSrvTest,
                         testing::Values("", "8", "8.", ".1", "8.1", "8.1.1.1", "8.1.01", "08.1.1",
                                         "8.1.1 ", " 8.1.1", "8.1.a", "99.99.99", "6.33", "15.1",
                                         "4.0", "8.1.", "8..1", "-8.1.1", "6.2.6", "184467.1.1",
                                         "18446744073709551617.1"));

struct SrvCase {
  const char* variant;
  const char* name;
  bool critical;
  unsigned first_variant;
  DccService service;
  std::int64_t smets1_seconds;
  std::int64_t smets2_seconds;
};
class SrvRowTest : public testing::TestWithParam<SrvCase> {};
TEST_P(SrvRowTest, SaysWhatTheSourcesSay) {
  const ServiceReferenceVariant* srv = find_srv(GetParam().variant);
  ASSERT_NE(srv, nullptr);
  EXPECT_EQ(srv->name, GetParam().name);
  EXPECT_EQ(srv->critical, GetParam().critical);
  EXPECT_EQ(srv->first_command_variant(), GetParam().first_variant);
  EXPECT_EQ(service_of(srv->first_command_variant()), GetParam().service);
  EXPECT_EQ(srv->target(MeterGeneration::smets1).count(), GetParam().smets1_seconds);
  EXPECT_EQ(srv->target(MeterGeneration::smets2).count(), GetParam().smets2_seconds);
}
const SrvCase srv_cases[] = {
    {"8.1.1", "Commission Device", true, 4, DccService::transform, 0, 0},
    {"4.8.1", "Read Active Import Profile Data", false, 1, DccService::send_command, 16, 5600},
    {"4.6.1", "Retrieve Import Daily Read Log", false, 1, DccService::send_command, 16, 30},
    {"8.2", "Read Inventory", false, 8, DccService::non_device, 0, 0},
    {"6.15.1", "Update Security Credentials (KRP)", true, 4, DccService::transform, 0, 0},
    {"8.14.3", "Communications Hub Status Update - Fault Return", false, 8, DccService::non_device,
     0, 0},
    {"7.12", "Set Randomised Offset Limit", true, 4, DccService::transform, 0, 0},
    {"7.14", "Read Auxiliary Controller Configuration Data", false, 1, DccService::send_command, 0,
     0},
};
INSTANTIATE_TEST_SUITE_P(Rows, SrvRowTest, testing::ValuesIn(srv_cases), [](const auto& test) {
  std::string name = test.param.variant;
  for (char& c : name)
    if (c == '.') c = '_';
  return "Srv" + name;
});

TEST(SrvTable, CountsAsTheSourcesDo) {
  std::size_t critical = 0;
  std::size_t non_device = 0;
  std::size_t scheduled = 0;
  for (const ServiceReferenceVariant& srv : srv_table()) {
    critical += srv.critical ? 1 : 0;
    non_device += srv.non_device() ? 1 : 0;
    scheduled += srv.modes.has(Mode::dcc_scheduled) ? 1 : 0;
  }
  EXPECT_EQ(critical, 37U);
  EXPECT_EQ(non_device, 16U);
  EXPECT_EQ(scheduled, 14U);  // as many as the schema's list for schedules
}

TEST(SrvTable, KnowsRolesByTheirShortNames) {
  for (const char* name : {"IS", "GS", "ES", "RSA", "ED", "GT", "OU"}) {
    const auto role = parse_user_role(name);
    ASSERT_TRUE(role) << name;
    EXPECT_EQ(short_name_of(*role), name);
    EXPECT_FALSE(s1flow::name_of(*role).empty());
  }
  EXPECT_FALSE(parse_user_role("is"));
  EXPECT_TRUE(find_srv("14.1")->roles.has(UserRole::gas_transporter));
  EXPECT_FALSE(find_srv("14.1")->roles.has(UserRole::import_supplier));
}

TEST(SrvTable, SendsNoUserToTheDccsOwnCommandVariant) {
  EXPECT_FALSE(service_of(0));
  EXPECT_FALSE(service_of(9));
}

}  // namespace
}  // namespace s1flow
