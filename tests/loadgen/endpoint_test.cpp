#include "loadgen/net/endpoint.h"

#include <gtest/gtest.h>

#include "tests/case_name.h"

namespace s1flow::loadgen {
namespace {

struct UrlCase {
  const char* name;
  const char* text;
  const char* authority;  // null: refused
  const char* path;
  bool tls;
  std::uint16_t port;
};
class UrlTest : public testing::TestWithParam<UrlCase> {};

TEST_P(UrlTest, IsTakenApartOrRefused) {
  const auto url = parse_url(GetParam().text);
  ASSERT_EQ(url.has_value(), GetParam().authority != nullptr);
  if (!url) return;
  EXPECT_EQ(url->authority(), GetParam().authority);
  EXPECT_EQ(url->path, GetParam().path);
  EXPECT_EQ(url->tls, GetParam().tls);
  EXPECT_EQ(url->port, GetParam().port);
}

constexpr UrlCase kUrls[] = {
    {"plain", "http://127.0.0.1:8079/api/v1/serviceS?x=1", "127.0.0.1:8079", "/api/v1/serviceS?x=1",
     false, 8079},
    {"default_port", "http://localhost", "localhost", "/", false, 80},
    {"tls", "https://localhost/x", "localhost", "/x", true, 443},
    {"v6", "http://[::1]:81/", "[::1]:81", "/", false, 81},
    {"query_without_path", "http://h?a", "h", "/?a", false, 80},
    {"no_scheme", "localhost:80", nullptr, "", false, 0},
    {"other_scheme", "ftp://h/", nullptr, "", false, 0},
    {"user", "http://a@h/", nullptr, "", false, 0},
    {"line_end_in_the_path", "http://h/a\r\nX: y", nullptr, "", false, 0},
    {"blank_in_the_path", "http://h/a b", nullptr, "", false, 0},
    {"port_zero", "http://h:0/", nullptr, "", false, 0},
    {"port_too_large", "http://h:65536/", nullptr, "", false, 0},
    {"no_host", "http:///x", nullptr, "", false, 0},
    {"bracket_open", "http://[::1/", nullptr, "", false, 0},
};
INSTANTIATE_TEST_SUITE_P(Urls, UrlTest, testing::ValuesIn(kUrls), case_name<UrlCase>);

struct PermitCase {
  const char* name;
  const char* url;
  bool permitted;
};
class PermitTest : public testing::TestWithParam<PermitCase> {};

TEST_P(PermitTest, OnlyLoopbackAndExactEntriesMayBeReached) {
  const auto list = AllowList::parse("# test systems\n192.0.2.7,192.0.2.7,8443\n", "list");
  ASSERT_TRUE(list);
  const auto endpoint = resolve(*parse_url(GetParam().url), *list);
  EXPECT_EQ(endpoint.has_value(), GetParam().permitted);
  if (!endpoint) {
    EXPECT_EQ(endpoint.error().kind(), ErrorKind::usage);
  }
}

constexpr PermitCase kPermits[] = {
    {"loopback", "http://127.0.0.1:1/", true},
    {"any_loopback", "http://127.9.8.7:1/", true},
    {"loopback_v6", "http://[::1]:1/", true},
    {"name_of_loopback", "http://localhost:1/", true},
    {"listed", "http://192.0.2.7:8443/", true},
    {"other_port", "http://192.0.2.7:8444/", false},
    {"other_address", "http://192.0.2.8:8443/", false},
    {"all_addresses", "http://0.0.0.0:80/", false},
};
INSTANTIATE_TEST_SUITE_P(Targets, PermitTest, testing::ValuesIn(kPermits), case_name<PermitCase>);

class BadListTest : public testing::TestWithParam<const char*> {};
TEST_P(BadListTest, IsRefusedWithItsLine) {
  const auto list = AllowList::parse(GetParam(), "list");
  ASSERT_FALSE(list);
  EXPECT_NE(list.error().message().find("line 1"), std::string::npos) << list.error().message();
}
INSTANTIATE_TEST_SUITE_P(Lists, BadListTest,
                         testing::Values("host", "host,192.0.2.1", "host,192.0.2.1,0",
                                         "host,name,80", "host,192.0.2.1,*"));

}  // namespace
}  // namespace s1flow::loadgen
