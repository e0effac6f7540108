// s1flow_vectors: published vectors of cryptography, run through the functions that the product
// itself uses. One JSON object a line on stdin, one line out for each:
//
//   ID HEX   what was opened, agreed or unwrapped (nothing after the blank when it is empty)
//   ID ok    the signature holds
//   ID -     refused, whatever the reason
//   ID ?     not offered: another algorithm, curve, hash, format or size than the product knows
//
// `op` and its members, in hex where they are bytes:
//
//   gcm-open      key iv aad ct tag               AES-256-GCM, IV of 12 bytes, tag of 16
//   ecdsa-verify  curve hash format pub msg sig   P-256, SHA-256, p1363 (r ‖ s)
//   ecdh          curve point (or pub) priv       P-256; gives the shared x coordinate
//   kw-unwrap     key ct                          AES-256 key wrap (RFC 3394)
//
// A public key is an uncompressed point, or a SubjectPublicKeyInfo as certificates hold it; the
// `point` of ecdh is a point, as messages hold it. A private key is the number alone.

#include <cstdio>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json.hpp>

#include "codecs/crypto/content_cipher.h"
#include "codecs/crypto/key.h"
#include "codecs/crypto/key_transport.h"
#include "core/text.h"

namespace s1flow::codecs::crypto {
namespace {

namespace json = boost::json;

constexpr std::string_view kRefused = "-";
constexpr std::string_view kNotOffered = "?";

std::string lower_hex(std::span<const unsigned char> bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  for (const unsigned char b : bytes) {
    out += kDigits[b >> 4];
    out += kDigits[b & 15];
  }
  return out;
}

// One object: its members as text or bytes.
class Vector {
 public:
  explicit Vector(const json::object& object) : object_(object) {}

  [[nodiscard]] bool has(std::string_view name) const { return object_.contains(name); }
  // Empty when it is not there or no text.
  [[nodiscard]] std::string text(std::string_view name) const {
    const json::value* v = object_.if_contains(name);
    return v != nullptr && v->is_string() ? std::string(v->get_string()) : std::string();
  }
  // Nothing when it is not there or no hex.
  [[nodiscard]] std::optional<std::string> bytes(std::string_view name) const {
    const json::value* v = object_.if_contains(name);
    if (v == nullptr || !v->is_string()) return std::nullopt;
    return decode_hex(std::string_view(v->get_string()));
  }

 private:
  const json::object& object_;
};

// Names are written in many ways: "SHA-256", "sha256".
std::string plain_name(std::string_view name) {
  std::string out;
  for (const char c : to_upper(name))
    if (c != '-' && c != '_' && c != ' ') out += c;
  return out;
}

bool is_p256(const Vector& v) {
  const std::string name = plain_name(v.text("curve"));
  return name.empty() || name == "SECP256R1" || name == "P256" || name == "PRIME256V1" ||
         name == "NISTP256";
}

// Sizes of AES keys that exist and that we do not offer.
bool is_other_aes_key(std::string_view key) {
  return key.size() == 16 || key.size() == 24;
}

std::string pem_of(std::string_view label, std::string_view der) {
  std::string pem = "-----BEGIN " + std::string(label) + "-----\n";
  std::string base64;
  append_base64(base64, as_bytes(der));
  for (std::size_t i = 0; i < base64.size(); i += 64) pem += base64.substr(i, 64) + "\n";
  return pem + "-----END " + std::string(label) + "-----\n";
}

std::optional<PublicKey> public_key(std::string_view bytes) {
  if (!bytes.starts_with('\x30')) return PublicKey::from_p256_point(as_bytes(bytes));
  auto key = PublicKey::from_pem(pem_of("PUBLIC KEY", bytes));
  if (!key || key->type() != KeyType::p256) return std::nullopt;
  return *std::move(key);
}

// An ECPrivateKey (RFC 5915) that holds the number and names the curve, read as any key file.
std::optional<PrivateKey> private_key(std::string_view number) {
  while (number.size() > 32 && number.front() == '\0') number.remove_prefix(1);
  if (number.empty() || number.size() > 32) return std::nullopt;
  std::string der = "\x30\x31\x02\x01\x01\x04\x20";
  der.append(32 - number.size(), '\0').append(number);
  der += "\xA0\x0A\x06\x08\x2A\x86\x48\xCE\x3D\x03\x01\x07";
  auto key = PrivateKey::from_pem(pem_of("EC PRIVATE KEY", der));
  if (!key || key->type() != KeyType::p256) return std::nullopt;
  return *std::move(key);
}

std::string gcm_open(const Vector& v) {
  const auto key = v.bytes("key");
  const auto iv = v.bytes("iv");
  const auto ct = v.bytes("ct");
  const auto tag = v.bytes("tag");
  const auto aad = v.has("aad") ? v.bytes("aad") : std::string();
  if (!key || !iv || !ct || !tag || !aad) return std::string(kRefused);
  if (is_other_aes_key(*key)) return std::string(kNotOffered);
  auto received = ReceivedKey::make(Secret(as_bytes(*key)));
  if (!received) return std::string(kRefused);
  // GCM knows IVs of every length but none; files have one.
  if (!iv->empty() && iv->size() != 12) return std::string(kNotOffered);
  auto opener = ContentOpener::make(*received);
  Secret plaintext;
  if (!opener || !opener->open({.iv = as_bytes(*iv),
                                .text = as_bytes(*ct),
                                .tag = as_bytes(*tag),
                                .also_covered = as_bytes(*aad)},
                               plaintext))
    return std::string(kRefused);
  return lower_hex(plaintext.bytes());
}

std::string ecdsa_verify(const Vector& v) {
  const std::string hash = plain_name(v.text("hash"));
  const std::string format = plain_name(v.text("format"));
  if (!is_p256(v) || (!hash.empty() && hash != "SHA256") ||
      (!format.empty() && format != "P1363" && format != "IEEEP1363" && format != "RAW"))
    return std::string(kNotOffered);
  const auto pub = v.bytes("pub");
  const auto msg = v.bytes("msg");
  const auto sig = v.bytes("sig");
  const auto key = pub ? public_key(*pub) : std::nullopt;
  if (!key || !msg || !sig) return std::string(kRefused);
  Verifier verifier;
  return std::string(verifier.verify(*key, as_bytes(*msg), as_bytes(*sig)) ? "ok" : kRefused);
}

std::string ecdh(const Vector& v) {
  if (!is_p256(v)) return std::string(kNotOffered);
  const auto point = v.bytes("point");
  const auto pub = point ? std::nullopt : v.bytes("pub");
  const auto priv = v.bytes("priv");
  if ((!point && !pub) || !priv) return std::string(kRefused);
  const auto peer = point ? PublicKey::from_p256_point(as_bytes(*point)) : public_key(*pub);
  const auto own = private_key(*priv);
  const auto shared = peer && own ? agree(*own, *peer) : std::nullopt;
  return shared ? lower_hex(shared->bytes()) : std::string(kRefused);
}

std::string kw_unwrap(const Vector& v) {
  const auto key = v.bytes("key");
  const auto ct = v.bytes("ct");
  if (!key || !ct) return std::string(kRefused);
  if (is_other_aes_key(*key)) return std::string(kNotOffered);
  const auto unwrapped = unwrap_key(as_bytes(*key), as_bytes(*ct));
  return unwrapped ? lower_hex(unwrapped->bytes()) : std::string(kRefused);
}

std::string answer(const Vector& v) {
  const std::string op = v.text("op");
  if (op == "gcm-open") return gcm_open(v);
  if (op == "ecdsa-verify") return ecdsa_verify(v);
  if (op == "ecdh") return ecdh(v);
  if (op == "kw-unwrap") return kw_unwrap(v);
  return std::string(kNotOffered);
}

void answer_line(const std::string& line) {
  boost::system::error_code error;
  const json::value parsed = json::parse(line, error);
  std::string id = "?";
  std::string result(kRefused);
  if (!error && parsed.is_object()) {
    if (const json::value* given = parsed.get_object().if_contains("id"); given != nullptr)
      id = given->is_string() ? std::string(given->get_string()) : json::serialize(*given);
    result = answer(Vector(parsed.get_object()));
  }
  std::fputs((id + " " + result + "\n").c_str(), stdout);
  std::fflush(stdout);
}

}  // namespace
}  // namespace s1flow::codecs::crypto

int main() {
  std::ios::sync_with_stdio(false);
  std::string line;
  while (std::getline(std::cin, line))
    if (line.find_first_not_of(" \t\r") != std::string::npos)
      s1flow::codecs::crypto::answer_line(line);
  return std::ferror(stdout) == 0 ? 0 : 3;
}
