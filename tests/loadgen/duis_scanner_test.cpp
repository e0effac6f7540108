#include "loadgen/duis/duis_scanner.h"

#include <gtest/gtest.h>

#include "tests/case_name.h"
#include "tests/codecs/duis_support.h"

namespace s1flow::loadgen {
namespace {

namespace duis = codecs::duis;
namespace support = duis::testing_support;

const duis::MessageId kRequest{Eui64(1), Eui64(2), 77};

std::string response(duis::ResponseCode code, bool with_id, const duis::ResponsePayload& payload) {
  std::string out;
  duis::ResponseWriter writer = support::make_response_writer();
  duis::ResponseHeader header{.request = kRequest,
                              .response = {},
                              .code = code,
                              .at = support::time_of("2021-06-07T12:00:00Z")};
  if (with_id) header.response = kRequest.answered();
  EXPECT_TRUE(writer.append_response(out, header, support::srv("4.8.1"), payload,
                                     duis::OuterSignature::no));
  return out;
}

struct ReplyCase {
  const char* name;
  duis::ResponseCode code;
  bool payload;
  Reply reply;
};
class DuisReplyTest : public testing::TestWithParam<ReplyCase> {};
TEST_P(DuisReplyTest, IsReadFromCodeAndPayload) {
  const unsigned char bytes[] = {1, 2, 3};
  const duis::ResponsePayload payload =
      GetParam().payload ? duis::ResponsePayload(duis::PreCommandPayload{"4.3", bytes})
                         : duis::ResponsePayload(duis::NoPayload{});
  const std::string text = response(GetParam().code, false, payload);
  EXPECT_EQ(make_duis_scanner()->reply(text), GetParam().reply) << text;
}
const ReplyCase kReplies[] = {
    {"acknowledged", duis::response_code::kI99, false, Reply::acknowledged},
    {"refused", duis::response_code::kE2, false, Reply::no},
    {"answered", duis::response_code::kI0, true, Reply::answered},
    {"answered_without_payload", duis::response_code::kI0, false, Reply::answered},
};
INSTANTIATE_TEST_SUITE_P(Codes, DuisReplyTest, testing::ValuesIn(kReplies), case_name<ReplyCase>);

TEST(DuisScannerTest, JoinsAServiceResponseByItsRequest) {
  const unsigned char bytes[] = {1, 2, 3};
  const Message m =
      make_duis_scanner()->scan(response(duis::response_code::kI0, true, duis::GbcsPayload{bytes}));
  EXPECT_EQ(m.kind, MessageKind::answer);
  EXPECT_TRUE(m.good);
  EXPECT_EQ(m.key, (JoinKey{1, 2, 77}));
}

TEST(DuisScannerTest, TellsAServiceResponseThatSaysNo) {
  const Message m =
      make_duis_scanner()->scan(response(duis::response_code::kE21, true, duis::NoPayload{}));
  EXPECT_EQ(m.kind, MessageKind::answer);
  EXPECT_FALSE(m.good);
}

TEST(DuisScannerTest, CountsAnswersOfASchedulesAsUnsolicited) {
  const unsigned char bytes[] = {1, 2, 3};
  const Message m = make_duis_scanner()->scan(
      response(duis::response_code::kI0, true, duis::ScheduledPayload{bytes, 5}));
  EXPECT_EQ(m.kind, MessageKind::unsolicited);
}

TEST(DuisScannerTest, RefusesWhatIsNoMessage) {
  for (const std::string_view text : {"", "<a/>", "no XML"}) {
    EXPECT_EQ(make_duis_scanner()->scan(text).kind, MessageKind::unreadable) << text;
    EXPECT_EQ(make_duis_scanner()->reply(text), Reply::no) << text;
  }
}

}  // namespace
}  // namespace s1flow::loadgen
