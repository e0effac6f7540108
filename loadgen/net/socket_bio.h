#pragma once
// A connected socket as OpenSSL reads and writes it, by recv(2) and send(2). OpenSSL's own way is
// read(2) and write(2), which take a way through the file system's layer: some per cent of what a
// request over TLS costs. Closed peers and full buffers are told as BIO_s_socket tells them.

struct bio_st;

namespace s1flow::loadgen {

// Does not own the socket. The caller owns what is returned (SSL_set_bio takes it over). Throws
// std::bad_alloc.
[[nodiscard]] bio_st* make_socket_bio(int socket);

}  // namespace s1flow::loadgen
