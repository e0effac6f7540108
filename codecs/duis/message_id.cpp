#include "codecs/duis/message_id.h"

#include "core/text.h"

namespace s1flow::codecs::duis {

std::optional<MessageId> MessageId::parse(std::string_view text) {
  constexpr std::size_t kEui = 23;
  constexpr std::size_t kDigits = kEui + 1 + kEui + 1;
  if (text.size() <= kDigits || text.size() > kMostText || text[kEui] != ':' ||
      text[kDigits - 1] != ':')
    return std::nullopt;
  const auto originator = Eui64::parse(text.substr(0, kEui));
  const auto target = Eui64::parse(text.substr(kEui + 1, kEui));
  const std::string_view digits = text.substr(kDigits);
  const auto counter = parse_decimal(digits);
  if (!originator || !target || !counter || (digits.size() > 1 && digits[0] == '0'))
    return std::nullopt;
  return MessageId{*originator, *target, *counter};
}

void MessageId::append_to(std::string& out) const {
  originator.append_to(out);
  out += ':';
  target.append_to(out);
  out += ':';
  append_decimal(out, counter);
}

std::string MessageId::text() const {
  std::string out;
  append_to(out);
  return out;
}

}  // namespace s1flow::codecs::duis
