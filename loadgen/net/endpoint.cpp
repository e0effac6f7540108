#include "loadgen/net/endpoint.h"

#include <algorithm>
#include <cstring>
#include <memory>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "core/text.h"

namespace s1flow::loadgen {
namespace {

bool is_loopback(const sockaddr* address) {
  if (address->sa_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, address, sizeof v4);
    return ntohl(v4.sin_addr.s_addr) >> 24 == 127;
  }
  sockaddr_in6 v6{};
  std::memcpy(&v6, address, sizeof v6);
  return IN6_IS_ADDR_LOOPBACK(&v6.sin6_addr) != 0;
}

Endpoint endpoint_of(const addrinfo& info, std::string host, std::uint16_t port) {
  Endpoint e;
  e.host = std::move(host);
  e.port = port;
  e.socket_address_size = static_cast<std::uint32_t>(info.ai_addrlen);
  std::memcpy(e.socket_address.data(), info.ai_addr, info.ai_addrlen);
  e.loopback = is_loopback(info.ai_addr);
  std::array<char, NI_MAXHOST> text{};
  if (::getnameinfo(info.ai_addr, info.ai_addrlen, text.data(), text.size(), nullptr, 0,
                    NI_NUMERICHOST) == 0)
    e.address = text.data();
  return e;
}

struct FreeInfo {
  void operator()(addrinfo* info) const { ::freeaddrinfo(info); }
};
using InfoList = std::unique_ptr<addrinfo, FreeInfo>;

Result<InfoList> look_up(const std::string& host, std::uint16_t port, int flags) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int failed = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (failed != 0)
    return tl::unexpected(
        Error(ErrorKind::io, fmt::format("{}: {}", host, ::gai_strerror(failed))));
  return InfoList(found);
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  const auto value = parse_decimal(text);
  if (!value || *value == 0 || *value > 65535) return std::nullopt;
  return static_cast<std::uint16_t>(*value);
}

bool is_host_character(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '-' ||
         c == ':' || c == '_';
}

tl::unexpected<Error> bad_url(std::string_view text, std::string_view why) {
  return tl::unexpected(usage_error(fmt::format("URL '{}': {}", shown(text), why)));
}

}  // namespace

std::string Url::authority() const {
  const bool v6 = host.find(':') != std::string::npos;
  std::string out = v6 ? "[" + host + "]" : host;
  if (port != (tls ? 443 : 80)) out += fmt::format(":{}", port);
  return out;
}

Result<Url> parse_url(std::string_view text) {
  Url url;
  std::string_view rest = text;
  if (rest.starts_with("https://")) {
    url.tls = true;
    rest.remove_prefix(8);
  } else if (rest.starts_with("http://")) {
    rest.remove_prefix(7);
  } else {
    return bad_url(text, "must start with http:// or https://");
  }
  const std::size_t slash = std::min(rest.find_first_of("/?"), rest.size());
  std::string_view authority = rest.substr(0, slash);
  const std::string_view path = rest.substr(slash);
  for (const char c : path)
    if (c <= ' ' || c == 0x7f || c == '#')
      return bad_url(text, "the path holds a character that has to be escaped");
  if (path.starts_with('/'))
    url.path = path;
  else if (!path.empty())
    url.path = "/" + std::string(path);
  std::string_view port;
  if (authority.starts_with('[')) {
    const std::size_t close = authority.find(']');
    if (close == std::string_view::npos) return bad_url(text, "the ']' is missing");
    url.host = authority.substr(1, close - 1);
    port = authority.substr(close + 1);
  } else {
    const std::size_t colon = std::min(authority.find(':'), authority.size());
    url.host = authority.substr(0, colon);
    port = authority.substr(colon);
  }
  if (url.host.empty() || !std::all_of(url.host.begin(), url.host.end(), is_host_character))
    return bad_url(text, "the host is missing or holds a character that no host has");
  url.port = url.tls ? 443 : 80;
  if (!port.empty()) {
    const auto number = port.front() == ':' ? parse_port(port.substr(1)) : std::nullopt;
    if (!number) return bad_url(text, "the port must be a number from 1 to 65535");
    url.port = *number;
  }
  return url;
}

Result<AllowList> AllowList::parse(std::string_view text, const std::string& name) {
  AllowList list;
  for (std::size_t line = 1; !text.empty(); ++line) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view row = trim(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (row.empty() || row.front() == '#') continue;
    const std::size_t first = row.find(',');
    const std::size_t last = row.rfind(',');
    const auto port =
        last == std::string_view::npos ? std::nullopt : parse_port(trim(row.substr(last + 1)));
    if (!port || first == last)
      return tl::unexpected(usage_error(
          fmt::format("{}: line {}: must be 'host,address,port' ('{}')", name, line, shown(row))));
    AllowEntry entry{std::string(trim(row.substr(0, first))),
                     std::string(trim(row.substr(first + 1, last - first - 1))), *port};
    const auto numeric = numeric_endpoint(entry.address, entry.port);
    if (!numeric)
      return tl::unexpected(usage_error(fmt::format("{}: line {}: '{}' is no numeric address", name,
                                                    line, shown(entry.address))));
    entry.address = numeric->address;
    list.entries_.push_back(std::move(entry));
  }
  return list;
}

Result<AllowList> AllowList::load(const Path& path) {
  S1FLOW_TRY(const std::string text, read_text(path, 1 << 20));
  return parse(text, path.string());
}

bool AllowList::permits(const Endpoint& endpoint) const {
  if (endpoint.loopback) return true;
  return std::any_of(entries_.begin(), entries_.end(), [&](const AllowEntry& entry) {
    return entry.host == endpoint.host && entry.address == endpoint.address &&
           entry.port == endpoint.port;
  });
}

Result<Endpoint> numeric_endpoint(std::string_view address, std::uint16_t port) {
  S1FLOW_TRY(const InfoList found, look_up(std::string(address), port, AI_NUMERICHOST));
  return endpoint_of(*found, std::string(address), port);
}

Result<Endpoint> resolve(const Url& url, const AllowList& allowed) {
  auto numeric = numeric_endpoint(url.host == "localhost" ? "127.0.0.1" : url.host, url.port);
  InfoList found;
  if (!numeric) {
    S1FLOW_TRY(found, look_up(url.host, url.port, AI_ADDRCONFIG));
  } else {
    numeric->host = url.host;
    if (allowed.permits(*numeric)) return *std::move(numeric);
  }
  std::string seen = numeric ? numeric->address : "";
  for (const addrinfo* info = found.get(); info != nullptr; info = info->ai_next) {
    Endpoint endpoint = endpoint_of(*info, url.host, url.port);
    if (allowed.permits(endpoint)) return endpoint;
    if (seen.empty()) seen = endpoint.address;
  }
  return tl::unexpected(usage_error(fmt::format(
      "{} is not loopback and is not on the allow-list: add the line '{},{},{}' to the file named "
      "by --allow-list, or by 'allow_list' of the scenario",
      url.authority(), url.host, seen, url.port)));
}

}  // namespace s1flow::loadgen
