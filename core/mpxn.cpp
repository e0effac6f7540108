#include "core/mpxn.h"

#include <array>

#include "core/text.h"

namespace s1flow {
namespace {

constexpr unsigned kMpanDigits = 13;
constexpr unsigned kMinMprnDigits = 6;
constexpr unsigned kMaxMprnDigits = 10;

constexpr std::uint64_t pack(std::uint64_t number, unsigned digits) {
  return static_cast<std::uint64_t>(digits) << 56 | number;
}

// The check digit of the twelve digits of `body`.
unsigned mpan_check_digit(std::uint64_t body) {
  static constexpr std::array<unsigned, 12> kPrimes{3, 5, 7, 13, 17, 19, 23, 29, 31, 37, 41, 43};
  unsigned sum = 0;
  for (std::size_t i = kPrimes.size(); i-- > 0; body /= 10)
    sum += kPrimes[i] * static_cast<unsigned>(body % 10);
  return sum % 11 % 10;
}

// The two check digits of a body of `digits` digits: weights digits, digits-1 … 1 from the left.
unsigned mprn_check_digits(std::uint64_t body, unsigned digits) {
  unsigned sum = 0;
  for (unsigned weight = 1; weight <= digits; ++weight, body /= 10)
    sum += weight * static_cast<unsigned>(body % 10);
  return sum % 11;
}

}  // namespace

bool Mpxn::read(std::string_view text, Mpxn& id) {
  return text.size() == kMpanDigits ? read_mpan(text, id) : read_mprn(text, id);
}

bool Mpxn::read_mpan(std::string_view text, Mpxn& id) {
  std::uint64_t number = 0;
  if (text.size() != kMpanDigits || !read_decimal(text, number)) return false;
  id = Mpxn(pack(number, kMpanDigits));
  return true;
}

bool Mpxn::read_mprn(std::string_view text, Mpxn& id) {
  std::uint64_t number = 0;
  if (text.size() < kMinMprnDigits || text.size() > kMaxMprnDigits || !read_decimal(text, number))
    return false;
  id = Mpxn(pack(number, static_cast<unsigned>(text.size())));
  return true;
}

Mpxn Mpxn::make_mpan(std::uint64_t body) {
  body %= 1'000'000'000'000ULL;
  return Mpxn(pack(body * 10 + mpan_check_digit(body), kMpanDigits));
}

Mpxn Mpxn::make_mprn(std::uint64_t body, unsigned body_digits) {
  std::uint64_t bound = 1;
  for (unsigned i = 0; i < body_digits; ++i) bound *= 10;
  body %= bound;
  return Mpxn(pack(body * 100 + mprn_check_digits(body, body_digits), body_digits + 2));
}

bool Mpxn::check_digits_hold() const {
  if (empty()) return false;
  if (digits() == kMpanDigits) return mpan_check_digit(number() / 10) == number() % 10;
  return mprn_check_digits(number() / 100, digits() - 2) == number() % 100;
}

void Mpxn::append_to(std::string& out) const {
  append_padded(out, number(), digits());
}

std::string Mpxn::text() const {
  std::string out;
  if (!empty()) append_to(out);
  return out;
}

}  // namespace s1flow
