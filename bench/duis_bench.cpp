// Service Requests made, signed, read and judged; each benchmark checks its answer first.

#include <array>
#include <filesystem>
#include <string>

#include <benchmark/benchmark.h>

#include "codecs/crypto/test_pki.h"
#include "codecs/duis/message.h"
#include "codecs/duis/request.h"
#include "codecs/duis/request_judge.h"
#include "codecs/duis/response.h"

namespace {

using namespace s1flow;                  // NOLINT: a benchmark
using namespace s1flow::codecs;          // NOLINT
using namespace s1flow::codecs::crypto;  // NOLINT
using namespace s1flow::codecs::duis;    // NOLINT

constexpr Eui64 kUser{0x90B3D51F30010000};
constexpr Eui64 kDccEui{0x90B3D51F30000002};
constexpr Eui64 kMeter{0x001DB2000A0B0C0D};

UtcTime now() {
  return *UtcTime::parse("2019-07-01T12:00:00Z");
}

// Keys are read when they are first needed, so the folder stays until the end.
class TestPki {
 public:
  TestPki() {
    std::filesystem::remove_all(folder_);
    TestPkiSpec spec;
    spec.valid_from = *UtcTime::parse("2019-01-01T00:00:00Z");
    spec.valid_until = *UtcTime::parse("2020-01-01T00:00:00Z");
    add_party(spec, PartyRole::supplier, kUser);
    add_party(spec, PartyRole::dcc, kDccEui);
    if (generate_test_pki(spec, folder_))
      if (auto result = Pki::load(folder_, {.clock = now()})) pki_ = *std::move(result);
  }
  TestPki(const TestPki&) = delete;
  TestPki& operator=(const TestPki&) = delete;
  ~TestPki() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  [[nodiscard]] const Pki& pki() const { return pki_; }

 private:
  Path folder_ = std::filesystem::temp_directory_path() / "s1flow-duis-bench-pki";
  Pki pki_;
};

const Pki& pki() {
  static const TestPki made;
  return made.pki();
}

const PkiEntry* entry(PartyRole role, Eui64 eui) {
  return pki().find_with_key(role, eui, CertificateUse::xml_signing, now()).entry;
}

Result<RequestSigner> user_signer() {
  const PkiEntry* const user = entry(PartyRole::supplier, kUser);
  if (user == nullptr) return tl::unexpected(internal_error("no user"));
  return RequestSigner::make(user->certificate, user->key());
}

RequestValues values(std::uint64_t counter) {
  RequestValues v;
  v.id = {kUser, kMeter, counter};
  v.from = now();
  v.until = now();
  return v;
}

// The variants that the benchmarks run for: a usual read, a long one.
constexpr std::array<const char*, 2> kVariants{"4.8.1", "6.14.3"};

TrustView trust() {
  TrustView t;
  t.pki = &pki();
  t.clock = now();
  return t;
}

bool is_good(std::string_view request) {
  RequestJudge judge;
  return judge.judge(request, trust(), nullptr).accepted() && judge.fast() == 1;
}

void bm_patch(benchmark::State& state) {
  PreparedRequest request(
      *RequestTemplate::shipped(*find_srv(kVariants[static_cast<std::size_t>(state.range(0))])));
  std::uint64_t counter = 1666888999000;
  if (request.patch(values(counter)).find(":1666888999000<") == std::string_view::npos)
    return state.SkipWithError("the patched request is wrong");
  for (auto _ : state) {
    const std::string_view text = request.patch(values(++counter));
    benchmark::DoNotOptimize(text.data());
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(bm_patch)->Name("codecs/duis/patch")->DenseRange(0, 1);

void bm_sign(benchmark::State& state) {
  auto signer = user_signer();
  if (!signer) return state.SkipWithError("no signer");
  PreparedRequest request(
      *RequestTemplate::shipped(*find_srv(kVariants[static_cast<std::size_t>(state.range(0))])),
      *signer);
  std::string room(request.most_bytes(), '\0');
  std::uint64_t counter = 1666888999000;
  const auto first = request.write(values(counter), room);
  if (!first || !is_good(std::string_view(room).substr(0, *first)))
    return state.SkipWithError("the signed request is wrong");
  for (auto _ : state) {
    const auto size = request.write(values(++counter), room);
    benchmark::DoNotOptimize(size);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(bm_sign)->Name("codecs/duis/sign")->DenseRange(0, 1);

// The floor of the one above.
void bm_ecdsa(benchmark::State& state) {
  const PkiEntry* const user = entry(PartyRole::supplier, kUser);
  if (user == nullptr) return state.SkipWithError("no user");
  auto signer = Signer::make(user->key());
  Sha256Digest digest{};
  Verifier verifier;
  if (!signer ||
      !verifier.verify_digest(user->key().public_key(), digest, *signer->sign_digest(digest)))
    return state.SkipWithError("the signature is wrong");
  for (auto _ : state) {
    ++digest[0];
    auto signature = signer->sign_digest(digest);
    benchmark::DoNotOptimize(signature);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(bm_ecdsa)->Name("codecs/duis/ecdsa_sign_alone");

void bm_ecdsa_verify(benchmark::State& state) {
  const PkiEntry* const user = entry(PartyRole::supplier, kUser);
  if (user == nullptr) return state.SkipWithError("no user");
  auto signer = Signer::make(user->key());
  const Sha256Digest digest{};
  Verifier verifier;
  const auto signature = signer->sign_digest(digest);
  if (!signature || !verifier.verify_digest(user->key().public_key(), digest, *signature))
    return state.SkipWithError("the signature is wrong");
  for (auto _ : state) {
    const bool good = verifier.verify_digest(user->key().public_key(), digest, *signature);
    benchmark::DoNotOptimize(good);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(bm_ecdsa_verify)->Name("codecs/duis/ecdsa_verify_alone");

std::string signed_request(const char* variant) {
  auto signer = user_signer();
  if (!signer) return {};
  PreparedRequest request(*RequestTemplate::shipped(*find_srv(variant)), *signer);
  const auto made = request.make(values(1));
  return made ? std::string(*made) : std::string();
}

void judge_requests(benchmark::State& state, bool with_tree, bool verify) {
  const std::string request = signed_request(kVariants[static_cast<std::size_t>(state.range(0))]);
  if (!is_good(request)) return state.SkipWithError("the request is wrong");
  RequestJudge judge;
  TrustView view = trust();
  view.verify_signatures = verify;
  for (auto _ : state) {
    const RequestVerdict v = with_tree ? judge.judge_with_tree(request, view, nullptr)
                                       : judge.judge(request, view, nullptr);
    if (!v.accepted()) state.SkipWithError("refused");
  }
  state.SetItemsProcessed(state.iterations());
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(request.size()));
}
void bm_judge(benchmark::State& state) {
  judge_requests(state, false, true);
}
BENCHMARK(bm_judge)->Name("codecs/duis/judge")->DenseRange(0, 1);
void bm_judge_tree(benchmark::State& state) {
  judge_requests(state, true, true);
}
BENCHMARK(bm_judge_tree)->Name("codecs/duis/judge_with_tree")->DenseRange(0, 1);
void bm_judge_unverified(benchmark::State& state) {
  judge_requests(state, false, false);
}
BENCHMARK(bm_judge_unverified)->Name("codecs/duis/judge_without_signature")->DenseRange(0, 1);

// A signed Service Response, and the acknowledgement before it.
std::string response(bool acknowledgement) {
  const PkiEntry* const dcc = entry(PartyRole::dcc, kDccEui);
  if (dcc == nullptr) return {};
  auto maker = SignatureMaker::make(dcc->certificate, dcc->key());
  if (!maker) return {};
  ResponseWriter writer(*std::move(maker), std::nullopt);
  const MessageId id{kUser, kMeter, 1666888999000};
  std::string out;
  const std::array<unsigned char, 115> payload{};
  const Status status =
      acknowledgement
          ? writer.append_acknowledgement(out, id, *find_srv("4.8.1"), response_code::kI99, now(),
                                          OuterSignature::no)
          : writer.append_response(out, {id, id.answered(), response_code::kI0, now()},
                                   *find_srv("4.8.1"), GbcsPayload{payload}, OuterSignature::yes);
  return status ? out : std::string();
}

void bm_scan(benchmark::State& state) {
  const std::string text = response(state.range(0) == 0);
  Message message;
  if (!scan_message(text, message) || message.request->counter != 1666888999000)
    return state.SkipWithError("the message is not scanned");
  for (auto _ : state) {
    const bool scanned = scan_message(text, message);
    benchmark::DoNotOptimize(scanned);
    benchmark::DoNotOptimize(message);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}
BENCHMARK(bm_scan)->Name("codecs/duis/scan")->DenseRange(0, 1);

void bm_read(benchmark::State& state) {
  const std::string text = response(state.range(0) == 0);
  Message message;
  MessageReader reader;
  if (reader.read(text, message) != ReadOutcome::ok)
    return state.SkipWithError("the message is not read");
  for (auto _ : state) {
    const ReadOutcome outcome = reader.read(text, message);
    benchmark::DoNotOptimize(outcome);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}
BENCHMARK(bm_read)->Name("codecs/duis/read_with_tree")->DenseRange(0, 1);

void bm_acknowledge(benchmark::State& state) {
  ResponseWriter writer(std::nullopt, std::nullopt);
  const MessageId id{kUser, kMeter, 1666888999000};
  std::string out;
  for (auto _ : state) {
    out.clear();
    if (!writer.append_acknowledgement(out, id, *find_srv("4.8.1"), response_code::kI99, now(),
                                       OuterSignature::no))
      state.SkipWithError("not written");
    benchmark::DoNotOptimize(out.data());
  }
  Message message;
  if (!scan_message(out, message) || message.kind != MessageKind::acknowledgement)
    state.SkipWithError("the acknowledgement is wrong");
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(bm_acknowledge)->Name("codecs/duis/acknowledge");

}  // namespace
