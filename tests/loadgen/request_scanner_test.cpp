#include "loadgen/net/request_scanner.h"

#include <string>

#include <gtest/gtest.h>

#include "tests/case_name.h"

namespace s1flow::loadgen {
namespace {

struct HeadCase {
  const char* name;
  std::string text;
  RequestState state;
};
class RequestHeadTest : public testing::TestWithParam<HeadCase> {};

TEST_P(RequestHeadTest, IsTakenOrRefusedAsAWhole) {
  RequestHead head;
  EXPECT_EQ(scan_request_head(GetParam().text, head), GetParam().state);
}

TEST_P(RequestHeadTest, IsNeverCompleteBeforeItsEnd) {
  RequestHead head;
  for (std::size_t n = 0; n < GetParam().text.size(); ++n)
    EXPECT_NE(scan_request_head(GetParam().text.substr(0, n), head), RequestState::complete) << n;
}

constexpr RequestState kGood = RequestState::complete;
constexpr RequestState kBad = RequestState::bad;
const HeadCase kHeads[] = {
    {"plain", "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n", kGood},
    {"old_version", "POST /x HTTP/1.0\r\nContent-Length: 3\r\n\r\n", kGood},
    {"chunks", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", kGood},
    {"not_whole", "POST / HTTP/1.1\r\nHost: a\r\n", RequestState::more},
    {"length_beside_chunks",
     "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", kBad},
    {"two_lengths", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\n",
     kBad},
    {"list_of_lengths", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3, 3\r\n\r\n", kBad},
    {"signed_length", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +3\r\n\r\n", kBad},
    {"other_coding", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
     kBad},
    {"chunks_in_the_old_version", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", kBad},
    {"blank_before_the_colon", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length : 3\r\n\r\n", kBad},
    {"folded_line", "POST / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n", kBad},
    {"bare_line_feed", "POST / HTTP/1.1\nHost: a\r\n\r\n", kBad},
    {"bare_line_feed_at_the_end", "POST / HTTP/1.1\r\nHost: a\r\n\n", kBad},
    {"carriage_return_within", "POST / HTTP/1.1\r\nHost: a\rb\r\n\r\n", kBad},
    {"no_host", "POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n", kBad},
    {"two_hosts", "POST / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", kBad},
    {"version_2", "POST / HTTP/2.0\r\nHost: a\r\n\r\n", kBad},
    {"no_version", "POST /\r\nHost: a\r\n\r\n", kBad},
    {"blank_in_the_target", "POST /a b HTTP/1.1\r\nHost: a\r\n\r\n", kBad},
    {"unknown_expectation", "POST / HTTP/1.1\r\nHost: a\r\nExpect: magic\r\n\r\n", kBad},
    {"too_long", "POST /" + std::string(kMaxRequestHead, 'a'), kBad},
};
INSTANTIATE_TEST_SUITE_P(Heads, RequestHeadTest, testing::ValuesIn(kHeads), case_name<HeadCase>);

}  // namespace
}  // namespace s1flow::loadgen
