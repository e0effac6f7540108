#include <gtest/gtest.h>

#include "loadgen/net/response_reader.h"
#include "tests/case_name.h"

namespace s1flow::loadgen {
namespace {

using State = ResponseReader::State;

struct ResponseCase {
  const char* name;
  std::string text;
  State state = State::complete;
  int status = 200;
  bool keep_alive = true;
  std::string body;
  std::string rest;  // what must not be taken
  bool until_close = false;
};

struct Seen {
  State state = State::more;
  std::size_t used = 0;
  int status = 0;
  bool keep_alive = false;
  std::string body;
};

// Fed in pieces of at most `piece` bytes.
Seen read(ResponseReader& reader, const ResponseCase& c, std::size_t piece) {
  reader.start(KeepBody::yes);
  const std::string text = c.text + c.rest;
  Seen seen;
  while (seen.state == State::more && seen.used < text.size()) {
    // A copy, so that looking beyond the piece is seen by the sanitizers.
    const std::string part = text.substr(seen.used, piece);
    std::size_t used = 0;
    seen.state = reader.feed(part, used);
    EXPECT_LE(used, part.size());
    if (seen.state == State::more) {
      EXPECT_EQ(used, part.size());
    }
    seen.used += used;
    if (seen.state == State::complete) seen.body = reader.body();
  }
  if (seen.state == State::more && c.until_close) {
    seen.state = reader.end_of_stream();
    seen.body = reader.body();
  }
  seen.status = reader.status();
  seen.keep_alive = reader.keep_alive();
  return seen;
}

Seen read(const ResponseCase& c, std::size_t piece) {
  ResponseReader reader;
  return read(reader, c, piece);
}

class ResponseTest : public testing::TestWithParam<ResponseCase> {};

TEST_P(ResponseTest, IsReadTheSameInPiecesOfAnySize) {
  const ResponseCase& c = GetParam();
  for (const std::size_t piece : {std::size_t{1} << 20, std::size_t{1}, std::size_t{2},
                                  std::size_t{3}, std::size_t{7}, std::size_t{40}}) {
    const Seen seen = read(c, piece);
    ASSERT_EQ(seen.state, c.state) << piece;
    if (c.state != State::complete) continue;
    EXPECT_EQ(seen.status, c.status) << piece;
    EXPECT_EQ(seen.keep_alive, c.keep_alive) << piece;
    EXPECT_EQ(seen.body, c.body) << piece;
    EXPECT_EQ(seen.used, c.text.size()) << piece;
  }
}

const ResponseCase kResponses[] = {
    {"length", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", State::complete, 200, true,
     "hello"},
    {"length_with_bytes_behind", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
     State::complete, 200, true, "hello", "HTTP/1.1 200 OK\r\n\r\n"},
    {"no_reason", "HTTP/1.1 204\r\n\r\n", State::complete, 204},
    {"no_content_says_a_length", "HTTP/1.1 204 None\r\nContent-Length: 5\r\n\r\n", State::complete,
     204},
    {"old_version_closes", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", State::complete, 200,
     false, "ok"},
    {"old_version_kept", "HTTP/1.0 200 OK\r\ncontent-LENGTH:2\r\nconnection: Keep-Alive\r\n\r\nok",
     State::complete, 200, true, "ok"},
    {"says_close", "HTTP/1.1 500 Oops\r\nConnection: x, Close\r\nContent-Length: 0\r\n\r\n",
     State::complete, 500, false},
    {"until_close", "HTTP/1.1 200 OK\r\n\r\nall of this", State::complete, 200, false,
     "all of this", "", true},
    {"chunks",
     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n",
     State::complete, 200, true, "hello!", "x"},
    {"chunks_with_extension_and_trailer",
     "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\nA;x=1\r\n0123456789\r\n0\r\nT: "
     "1\r\n\r\n",
     State::complete, 200, true, "0123456789"},
    {"interim_first",
     "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nLink: x\r\n\r\nHTTP/1.1 201 Made\r\n"
     "Content-Length: 1\r\n\r\nx",
     State::complete, 201, true, "x"},
    {"folded_line_needs_the_other_parser",
     "HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 2\r\n\r\nok", State::complete, 200, true,
     "ok"},
    {"equal_lengths", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok",
     State::complete, 200, true, "ok"},
    {"two_lengths", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok",
     State::bad},
    {"length_and_chunks",
     "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
     State::bad},
    {"negative_length", "HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\nok", State::bad},
    {"length_of_words", "HTTP/1.1 200 OK\r\nContent-Length: 2 2\r\n\r\nok", State::bad},
    {"chunk_without_size",
     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\nhello\r\n0\r\n\r\n", State::bad},
    {"chunk_too_long", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n",
     State::bad},
    {"chunk_without_end",
     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nxx\r\n0\r\n\r\n", State::bad},
    {"line_without_colon", "HTTP/1.1 200 OK\r\nnonsense\r\n\r\n", State::bad},
    {"other_protocol", "SSH-2.0-OpenSSH\r\n", State::bad},
    {"other_version", "HTTP/2.0 200 OK\r\n\r\n", State::bad},
    {"status_of_letters", "HTTP/1.1 2xx OK\r\n\r\n", State::bad},
    {"switching_protocols", "HTTP/1.1 101 Yes\r\n\r\n", State::bad},
    {"cut_in_the_head", "HTTP/1.1 200 OK\r\nContent-Le", State::more},
    {"cut_in_the_body", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell", State::more},
};
INSTANTIATE_TEST_SUITE_P(Responses, ResponseTest, testing::ValuesIn(kResponses),
                         case_name<ResponseCase>);

TEST(ResponseReaderTest, ReadsEachResponseAsAFreshReaderDoesWhateverCameBefore) {
  for (const ResponseCase& first : kResponses)
    for (const ResponseCase& second : kResponses) {
      ResponseReader reader;
      for (const ResponseCase* c : {&first, &first, &second, &first}) {
        const Seen fresh = read(*c, 4096), seen = read(reader, *c, 4096);
        ASSERT_EQ(seen.state, fresh.state) << first.name << " " << second.name;
        if (fresh.state != State::complete) break;  // the connection would be closed
        EXPECT_EQ(seen.used, fresh.used) << first.name << " " << second.name;
        EXPECT_EQ(seen.status, fresh.status) << first.name << " " << second.name;
        EXPECT_EQ(seen.keep_alive, fresh.keep_alive) << first.name << " " << second.name;
        EXPECT_EQ(seen.body, fresh.body) << first.name << " " << second.name;
      }
    }
}

TEST(ResponseReaderTest, RefusesAHeadWithoutEnd) {
  ResponseReader reader;
  reader.start(KeepBody::no);
  const std::string line = "HTTP/1.1 200 OK\r\n";
  std::size_t used = 0;
  ASSERT_EQ(reader.feed(line, used), State::more);
  State state = State::more;
  for (int i = 0; i < 2000 && state == State::more; ++i)
    state = reader.feed("X-Filler: 0123456789012345678901234567890123456789\r\n", used);
  EXPECT_EQ(state, State::bad);
}

TEST(ResponseReaderTest, KeepsNothingOfABodyThatNobodyWants) {
  ResponseReader reader;
  reader.start(KeepBody::no);
  std::size_t used = 0;
  ASSERT_EQ(reader.feed("HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\n", used), State::more);
  const std::string piece(90'000, 'x');
  State state = State::more;
  for (int i = 0; i < 100; ++i) state = reader.feed(piece, used);
  EXPECT_EQ(state, State::complete);
  EXPECT_TRUE(reader.body().empty());
}

}  // namespace
}  // namespace s1flow::loadgen
