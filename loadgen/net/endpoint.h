#pragma once
// Where load may go: the URL as it was given, the one address that it stands for, and the
// permission to use it. Loopback is always allowed; anything else only by an entry of an allow-list
// that names host, address and port exactly. No proxy variable is read, and nothing is resolved
// again later.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/file.h"
#include "core/result.h"

namespace s1flow::loadgen {

// http://HOST[:PORT][/PATH] or https://…; no user, no fragment.
struct Url {
  bool tls = false;
  std::string host;  // without the brackets of an IPv6 address
  std::uint16_t port = 0;
  std::string path = "/";  // with the query

  // "host" or "host:port" as the Host header wants it.
  [[nodiscard]] std::string authority() const;
};
[[nodiscard]] Result<Url> parse_url(std::string_view text);

struct Endpoint {
  std::string host;
  std::string address;  // numeric
  std::uint16_t port = 0;
  bool loopback = false;
  // A sockaddr_in or sockaddr_in6.
  alignas(8) std::array<unsigned char, 28> socket_address{};
  std::uint32_t socket_address_size = 0;
};

struct AllowEntry {
  std::string host;
  std::string address;
  std::uint16_t port = 0;
};

class AllowList {
 public:
  // One "host,address,port" a line; blank lines and lines that start with # do not count.
  [[nodiscard]] static Result<AllowList> parse(std::string_view text, const std::string& name);
  [[nodiscard]] static Result<AllowList> load(const Path& path);
  [[nodiscard]] bool permits(const Endpoint& endpoint) const;
  [[nodiscard]] bool empty() const { return entries_.empty(); }

 private:
  std::vector<AllowEntry> entries_;
};

// The first address of the host that is permitted. Names are looked up once, when
// the run is set up.
[[nodiscard]] Result<Endpoint> resolve(const Url& url, const AllowList& allowed);

// Of a numeric address; for listeners and tests.
[[nodiscard]] Result<Endpoint> numeric_endpoint(std::string_view address, std::uint16_t port);

}  // namespace s1flow::loadgen
