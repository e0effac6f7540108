#include "loadgen/template_source.h"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "core/random.h"
#include "core/text.h"

namespace s1flow::loadgen {
namespace {

constexpr std::string_view kNumber = "{{number}}";
constexpr std::size_t kDigits = 20;

struct Prepared {
  std::string bytes;
  std::vector<std::size_t> patches;  // offsets of 20 digits
};

void write_digits(char* to, std::uint64_t value) {
  static constexpr char kPairs[] =
      "00010203040506070809101112131415161718192021222324252627282930313233343536373839"
      "40414243444546474849505152535455565758596061626364656667686970717273747576777879"
      "8081828384858687888990919293949596979899";
  for (std::size_t at = kDigits; at > 0; at -= 2) {
    std::memcpy(to + at - 2, kPairs + 2 * (value % 100), 2);
    value /= 100;
    if (value == 0) {
      std::memset(to, '0', at - 2);
      return;
    }
  }
}

class TemplateWriter final : public RequestWriter {
 public:
  TemplateWriter(std::vector<Prepared> prepared, const std::vector<double>& shares,
                 std::uint64_t seed)
      : prepared_(std::move(prepared)), shares_(shares), seed_(seed) {}

  [[nodiscard]] std::uint16_t class_of(std::uint64_t number) const override {
    if (shares_.size() == 1) return 0;
    const double at = Random(seed_, number).unit();
    const auto found = std::upper_bound(shares_.begin(), shares_.end() - 1, at);
    return static_cast<std::uint16_t>(found - shares_.begin());
  }

  [[nodiscard]] Request write(std::uint64_t number) override {
    const std::uint16_t index = class_of(number);
    Prepared& prepared = prepared_[index];
    for (const std::size_t at : prepared.patches) write_digits(prepared.bytes.data() + at, number);
    return {prepared.bytes, index, {}};
  }

 private:
  std::vector<Prepared> prepared_;
  const std::vector<double>& shares_;
  std::uint64_t seed_;
};

class TemplateSource final : public RequestSource {
 public:
  TemplateSource(std::vector<RequestClass> classes, std::vector<Prepared> prepared,
                 std::vector<double> shares, std::uint64_t seed)
      : classes_(std::move(classes)),
        prepared_(std::move(prepared)),
        shares_(std::move(shares)),
        seed_(seed) {}
  [[nodiscard]] std::span<const RequestClass> classes() const override { return classes_; }
  [[nodiscard]] std::unique_ptr<RequestWriter> writer(const WriterPlace& /*place*/) const override {
    return std::make_unique<TemplateWriter>(prepared_, shares_, seed_);
  }

 private:
  std::vector<RequestClass> classes_;
  std::vector<Prepared> prepared_;
  std::vector<double> shares_;  // running sum of the weights' shares
  std::uint64_t seed_;
};

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return is_digit(c) || is_upper(c) || (c >= 'a' && c <= 'z') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

Status check_header(std::string_view header) {
  const std::size_t colon = header.find(':');
  const bool clean = std::all_of(header.begin(), header.end(), [](char c) {
    return static_cast<unsigned char>(c) >= ' ' || c == '\t';
  });
  if (colon == std::string_view::npos || !is_token(header.substr(0, colon)) || !clean)
    return tl::unexpected(
        usage_error(fmt::format("header '{}': must be 'Name: value'", shown(header))));
  for (const std::string_view own : {"Host", "Content-Length", "Transfer-Encoding", "Connection"})
    if (equals_ignoring_case(header.substr(0, colon), own))
      return tl::unexpected(
          usage_error(fmt::format("header '{}' is written by s1flow itself", own)));
  return {};
}

Result<Prepared> prepare(const std::string& authority, const TemplateClass& c) {
  if (!is_token(c.method))
    return tl::unexpected(
        usage_error(fmt::format("method '{}': is no HTTP method", shown(c.method))));
  Prepared prepared;
  std::string body;
  std::vector<std::size_t> at;
  for (std::size_t from = 0;;) {
    const std::size_t found = c.body.find(kNumber, from);
    body.append(c.body, from, found - from);
    if (found == std::string::npos) break;
    at.push_back(body.size());
    body.append(kDigits, '0');
    from = found + kNumber.size();
  }
  std::string& out = prepared.bytes;
  out = fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\n", c.method, c.path, authority);
  bool has_type = false;
  for (const std::string& header : c.headers) {
    S1FLOW_TRY_VOID(check_header(header));
    has_type = has_type || equals_ignoring_case(header.substr(0, header.find(':')), "Content-Type");
    out += header + "\r\n";
  }
  if (!has_type && !body.empty()) out += "Content-Type: application/xml\r\n";
  out += fmt::format("Content-Length: {}\r\n\r\n", body.size());
  for (const std::size_t place : at) prepared.patches.push_back(out.size() + place);
  out += body;
  return prepared;
}

}  // namespace

Status RequestWriter::write_second(const JoinKey& /*key*/, std::string_view /*reply*/,
                                   std::string& /*to*/) {
  return tl::unexpected(usage_error("requests of this source have one round trip"));
}

Result<std::unique_ptr<RequestSource>> make_template_source(
    const std::string& authority, const std::vector<TemplateClass>& classes, std::uint64_t seed) {
  std::vector<RequestClass> names;
  std::vector<Prepared> prepared;
  std::vector<double> shares;
  double sum = 0;
  for (const TemplateClass& c : classes) {
    if (!is_token(c.name))
      return tl::unexpected(usage_error(
          fmt::format("class '{}': a name may hold letters, digits and -._ only", shown(c.name))));
    if (!(c.weight > 0))
      return tl::unexpected(usage_error(fmt::format("class '{}': weight must be above 0", c.name)));
    S1FLOW_TRY(Prepared made, prepare(authority, c));
    prepared.push_back(std::move(made));
    names.push_back({.name = c.name, .target = c.target});
    shares.push_back(sum += c.weight);
  }
  if (classes.empty() || classes.size() > 1000)
    return tl::unexpected(usage_error("a mix needs 1 to 1,000 classes"));
  for (double& share : shares) share /= sum;
  return std::make_unique<TemplateSource>(std::move(names), std::move(prepared), std::move(shares),
                                          seed);
}

}  // namespace s1flow::loadgen
