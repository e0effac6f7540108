#include "codecs/version.h"

#include <libxml/xmlversion.h>
#include <openssl/crypto.h>
#include <simdjson.h>

namespace s1flow::codecs {

std::vector<std::pair<std::string, std::string>> library_versions() {
  return {{"libxml2", LIBXML_DOTTED_VERSION},
          {"openssl", OpenSSL_version(OPENSSL_VERSION_STRING)},
          {"simdjson", SIMDJSON_STRINGIFY(SIMDJSON_VERSION)}};
}

}  // namespace s1flow::codecs
