#include "tests/loadgen/duis_batch.h"

#include <fmt/format.h>

#include "tests/codecs/crypto_support.h"

namespace s1flow::loadgen::testing_support {
namespace {

using codecs::crypto::testing_support::TempFolder;
namespace crypto_support = codecs::crypto::testing_support;

std::string device(std::string_view type, std::uint64_t eui, std::string_view more = "") {
  return fmt::format(R"({{"type":"{}","id":"{}"{}}})", type, Eui64(eui).text(), more);
}

std::string inventory() {
  const std::string supplier =
      fmt::format(R"(,"smets":"SMETS V1.2","supplier":"{}")", crypto_support::kSupplier.text());
  return fmt::format(
      "{{\"installation\":\"SMSOA-000000001\",\"smso\":\"SMSOA\",\"group\":\"AA\","
      "\"devices\":[{},{},{}]}}\n",
      device("CHF", kHub), device("ESME", kEsme, supplier), device("GSME", kGsme, supplier));
}

struct SharedBatch {
  SharedBatch() {
    folder.put("batch.toml",
               fmt::format("name = \"of tests\"\nclock = {}\n[dcc]\nid = \"{}\"\n",
                           crypto_support::clock_of_tests().text(), crypto_support::kDcc.text()));
    std::filesystem::create_directory(folder.path() / "inventory");
    folder.put("inventory/SMSOA.jsonl", inventory());
    std::filesystem::copy(crypto_support::shared_pki_folder(), folder.path() / "pki",
                          std::filesystem::copy_options::recursive);
  }
  TempFolder folder;
};

}  // namespace

const Path& batch_of_tests() {
  static const SharedBatch batch;
  return batch.folder.path();
}

}  // namespace s1flow::loadgen::testing_support
