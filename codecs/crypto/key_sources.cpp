// The engine interface is deprecated in OpenSSL 3, and Debian 12 has no provider for PKCS#11.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "codecs/crypto/key_sources.h"

#include <algorithm>
#include <memory>
#include <mutex>
#include <utility>

#include <openssl/engine.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>

#include "core/text.h"

namespace s1flow::codecs::crypto {
namespace {

struct FreePkcs12 {
  void operator()(PKCS12* p) const noexcept { PKCS12_free(p); }
};

// The value of `name=` among the attributes of a URI, still percent-encoded; empty when not there.
std::string_view attribute_of(std::string_view uri, std::string_view name) {
  std::size_t at = 0;
  while ((at = uri.find(name, at)) != std::string_view::npos) {
    const bool starts = at != 0 && std::string_view(":;?&").find(uri[at - 1]) != uri.npos;
    const std::size_t value = at + name.size();
    if (starts && value < uri.size() && uri[value] == '=') {
      const std::size_t end = uri.find_first_of(";?&", value);
      return uri.substr(value + 1, end == uri.npos ? uri.npos : end - value - 1);
    }
    at = value;
  }
  return {};
}

// The URI without its query's module-path, which the engine takes apart and does not know in a URI.
std::string without_module_path(std::string_view uri) {
  const std::size_t query = std::min(uri.find('?'), uri.size());
  std::string out(uri.substr(0, query));
  char mark = '?';
  for (std::string_view rest = uri.substr(query); !rest.empty();) {
    rest.remove_prefix(1);
    const std::string_view part = rest.substr(0, rest.find('&'));
    rest.remove_prefix(part.size());
    if (part.empty() || part.starts_with("module-path=")) continue;
    out += std::exchange(mark, '&');
    out += part;
  }
  return out;
}

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 &&
        hex_value(text[i + 2]) >= 0) {
      out += static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

// The library wants a text that ends in a NUL.
Secret terminated(std::string_view password) {
  Secret text(as_bytes(password));
  text.resize(password.size() + 1);
  return text;
}
const char* text_of(const Secret& secret) {
  return secret.view().data();
}

// The engine of the run's device: opened once, and kept, since keys refer to it.
class Device {
 public:
  static Device& the_one() {
    static Device device;
    return device;
  }

  Result<PrivateKey> load(const std::string& uri, const std::string& module,
                          std::optional<std::string_view> pin) {
    const std::lock_guard lock(mutex_);
    S1FLOW_TRY_VOID(open(module));
    if (pin && ENGINE_ctrl_cmd_string(engine_, "PIN", text_of(terminated(*pin)), 0) != 1)
      return tl::unexpected(internal_error("the PKCS#11 engine takes no PIN"));
    Owned<evp_pkey_st> key(ENGINE_load_private_key(engine_, uri.c_str(), nullptr, nullptr));
    if (!key)
      return tl::unexpected(
          usage_error("the device gives no private key for this pkcs11: URI; check the token, the "
                      "object and the PIN"));
    auto adopted = PrivateKey::adopt(std::move(key));
    if (!adopted)
      return tl::unexpected(
          usage_error("the device's key is neither EC P-256 nor RSA of 2048 to "
                      "8192 bits; use one of those"));
    return *std::move(adopted);
  }

 private:
  Status open(const std::string& module) {
    if (engine_ != nullptr) {
      if (module != module_)
        return tl::unexpected(
            usage_error("two PKCS#11 modules in one run; use one module-path for all URIs"));
      return {};
    }
    ENGINE_load_dynamic();
    ENGINE* engine = ENGINE_by_id("pkcs11");
    if (engine == nullptr)
      return tl::unexpected(usage_error(
          "OpenSSL has no PKCS#11 engine here: apt-get install libengine-pkcs11-openssl"));
    if ((!module.empty() &&
         ENGINE_ctrl_cmd_string(engine, "MODULE_PATH", module.c_str(), 0) != 1) ||
        ENGINE_init(engine) != 1) {
      ENGINE_free(engine);
      return tl::unexpected(usage_error("the PKCS#11 module cannot be opened; check module-path"));
    }
    engine_ = engine;
    module_ = module;
    return {};
  }

  std::mutex mutex_;
  ENGINE* engine_ = nullptr;
  std::string module_;
};

}  // namespace

Result<KeyAndCertificate> read_pkcs12(std::string_view bytes, std::string_view password) {
  const QuietErrors quiet;
  const unsigned char* at = as_bytes(bytes).data();
  const std::unique_ptr<PKCS12, FreePkcs12> file(
      d2i_PKCS12(nullptr, &at, static_cast<long>(bytes.size())));
  if (!file || at != as_bytes(bytes).data() + bytes.size())
    return tl::unexpected(usage_error("is no PKCS#12 file"));
  const Secret text = terminated(password);
  EVP_PKEY* raw_key = nullptr;
  X509* raw_certificate = nullptr;
  const bool parsed =
      PKCS12_parse(file.get(), text_of(text), &raw_key, &raw_certificate, nullptr) == 1;
  Owned<evp_pkey_st> key(raw_key);
  const Owned<x509_st> x509(raw_certificate);
  if (!parsed)
    return tl::unexpected(
        usage_error("the PKCS#12 file cannot be opened; check its password, and that it is not of "
                    "an old kind"));
  if (!x509) return tl::unexpected(usage_error("the PKCS#12 file holds no certificate of a key"));
  unsigned char* der = nullptr;
  const int size = i2d_X509(x509.get(), &der);
  if (size <= 0) return tl::unexpected(internal_error("the library cannot write a certificate"));
  auto certificate = Certificate::from_der({der, static_cast<std::size_t>(size)});
  OPENSSL_free(der);
  if (!certificate) return tl::unexpected(std::move(certificate).error());
  KeyAndCertificate result{.certificate = *std::move(certificate), .key = {}};
  if (key) {
    auto adopted = PrivateKey::adopt(std::move(key));
    if (!adopted)
      return tl::unexpected(
          usage_error("the key is neither EC P-256 nor RSA of 2048 to 8192 bits"));
    result.key = *std::move(adopted);
  }
  return result;
}

bool is_pkcs11_uri(std::string_view text) {
  return text.starts_with("pkcs11:");
}

Result<PrivateKey> key_from_pkcs11(const std::string& uri, std::optional<std::string_view> pin) {
  const QuietErrors quiet;
  if (!is_pkcs11_uri(uri)) return tl::unexpected(usage_error("is no pkcs11: URI"));
  if (!attribute_of(uri, "pin-value").empty())
    return tl::unexpected(
        usage_error("the pkcs11: URI holds a PIN; give it by --passphrase or pin-source"));
  return Device::the_one().load(without_module_path(uri),
                                percent_decoded(attribute_of(uri, "module-path")), pin);
}

}  // namespace s1flow::codecs::crypto
