// OpenSSL's view of a socket: the same answers that BIO_s_socket gives.

#include "loadgen/net/socket_bio.h"

#include <array>
#include <cerrno>
#include <memory>
#include <string>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/check.h"

namespace s1flow::loadgen {
namespace {

struct FreeBio {
  void operator()(BIO* p) const { BIO_free(p); }
};

class SocketBioTest : public testing::Test {
 protected:
  SocketBioTest() {
    S1FLOW_CHECK(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair_.data()) == 0);
    bio_.reset(make_socket_bio(pair_[0]));
    standard_.reset(BIO_new_socket(pair_[0], BIO_NOCLOSE));
  }
  ~SocketBioTest() override {
    ::close(pair_[0]);
    close_peer();
  }
  void close_peer() {
    if (pair_[1] >= 0) ::close(pair_[1]);
    pair_[1] = -1;
  }

  std::array<int, 2> pair_{-1, -1};
  std::unique_ptr<BIO, FreeBio> bio_, standard_;
};

TEST_F(SocketBioTest, CarriesBytesBothWays) {
  ASSERT_EQ(BIO_write(bio_.get(), "request", 7), 7);
  std::array<char, 16> bytes{};
  ASSERT_EQ(::recv(pair_[1], bytes.data(), bytes.size(), 0), 7);
  EXPECT_EQ(std::string(bytes.data(), 7), "request");
  ASSERT_EQ(::send(pair_[1], "answer", 6, 0), 6);
  ASSERT_EQ(BIO_read(bio_.get(), bytes.data(), static_cast<int>(bytes.size())), 6);
  EXPECT_EQ(std::string(bytes.data(), 6), "answer");
  EXPECT_EQ(BIO_should_retry(bio_.get()), 0);
  EXPECT_EQ(BIO_flush(bio_.get()), 1);
}

TEST_F(SocketBioTest, AsksForPatienceWhereNothingIsToBeHad) {
  std::array<char, 16> bytes{};
  for (BIO* const bio : {bio_.get(), standard_.get()}) {
    EXPECT_EQ(BIO_read(bio, bytes.data(), static_cast<int>(bytes.size())), -1);
    EXPECT_NE(BIO_should_read(bio), 0);
    EXPECT_NE(BIO_should_retry(bio), 0);
    EXPECT_EQ(BIO_eof(bio), 0);
  }
}

TEST_F(SocketBioTest, AsksForPatienceWhereNothingMoreCanBePut) {
  const std::string much(1 << 16, 'x');
  int put = 0;
  while ((put = BIO_write(bio_.get(), much.data(), static_cast<int>(much.size()))) > 0) {
  }
  for (BIO* const bio : {bio_.get(), standard_.get()}) {
    EXPECT_EQ(BIO_write(bio, much.data(), static_cast<int>(much.size())), -1);
    EXPECT_NE(BIO_should_write(bio), 0);
    EXPECT_NE(BIO_should_retry(bio), 0);
  }
}

TEST_F(SocketBioTest, TellsTheEnd) {
  close_peer();
  std::array<char, 16> bytes{};
  for (BIO* const bio : {bio_.get(), standard_.get()}) {
    EXPECT_EQ(BIO_read(bio, bytes.data(), static_cast<int>(bytes.size())), 0);
    EXPECT_EQ(BIO_should_retry(bio), 0);
    EXPECT_NE(BIO_eof(bio), 0);
  }
}

// And no signal comes, which would end the test.
TEST_F(SocketBioTest, FailsWhereThePeerIsGone) {
  close_peer();
  EXPECT_EQ(BIO_write(bio_.get(), "late", 4), -1);
  EXPECT_EQ(errno, EPIPE);
  EXPECT_EQ(BIO_should_retry(bio_.get()), 0);
}

}  // namespace
}  // namespace s1flow::loadgen
