#include "codecs/xml/element_names.h"

#include <cstdint>
#include <tuple>
#include <utility>

namespace s1flow::codecs {
namespace {

std::string_view view(ElementNames::Interned s) {
  return s == nullptr ? std::string_view() : reinterpret_cast<const char*>(s);
}

std::optional<CapturedElement::Kind> captured_kind(std::string_view local, std::string_view uri) {
  if (uri == kDsNamespace && local == "Signature") return CapturedElement::Kind::signature;
  if (uri != kXencNamespace) return std::nullopt;
  if (local == "EncryptedKey") return CapturedElement::Kind::encrypted_key;
  if (local == "EncryptedData") return CapturedElement::Kind::encrypted_data;
  return std::nullopt;
}

}  // namespace

const ElementNames::Name& ElementNames::of(Interned local, Interned prefix, Interned uri) {
  const auto bits = reinterpret_cast<std::uintptr_t>(local) * 3 +
                    reinterpret_cast<std::uintptr_t>(prefix) * 5 +
                    reinterpret_cast<std::uintptr_t>(uri);
  Name& name = names_[(bits * 0x9E3779B97F4A7C15U) >> 56];
  static_assert(std::tuple_size_v<decltype(names_)> == 256);
  if (name.local == local && name.prefix == prefix && name.uri == uri) return name;
  name = {.local = nullptr,  // until all of it is there
          .prefix = prefix,
          .uri = uri,
          .local_text = view(local),
          .uri_text = view(uri),
          .too_long = view(local).size() + view(prefix).size() > most_bytes_,
          .captured = captured_kind(view(local), view(uri)),
          .start = std::move(name.start),
          .end = std::move(name.end)};
  name.start = "<";
  name.end = "</";
  if (!name.too_long) {
    if (prefix != nullptr) name.start.append(view(prefix)).push_back(':');
    name.start += name.local_text;
    name.end.append(name.start, 1).push_back('>');
  }
  name.local = local;
  return name;
}

}  // namespace s1flow::codecs
