// Signatures and encryption: what one worker does in a second. Each checks its answer first.

#include <string>

#include <benchmark/benchmark.h>

#include "codecs/crypto/certificate_maker.h"
#include "codecs/crypto/enclosed_key.h"
#include "codecs/crypto/xmldsig.h"
#include "codecs/crypto/xmlenc.h"
#include "core/text.h"

namespace s1flow::codecs::crypto {
namespace {

constexpr Eui64 kParty{0x90B3D51F30000101};

struct Party {
  Pki pki;
  const PkiEntry* entry = nullptr;
};

UtcTime clock_of_run() {
  return *UtcTime::parse("2019-07-01T12:00:00Z");
}

// A self-signed root and one certificate under it.
Party make_party(PartyRole role, CertificateUse use, NewKey kind, KeyUsage usage) {
  const PrivateKey root_key = *PrivateKey::generate(NewKey::p256);
  CertificateRequest request;
  request.common_name = "Z1";
  request.serial = CertificateSerial(0, 1);
  request.valid_from = *UtcTime::parse("2019-01-01T00:00:00Z");
  request.valid_until = *UtcTime::parse("2029-01-01T00:00:00Z");
  request.usage.certificate_signing = true;
  request.is_authority = true;
  const auto root = make_certificate(request, root_key.public_key(), Certificate(), root_key);
  request.is_authority = false;
  request.common_name.clear();
  request.role_code = find_certificate_kind(role, use)->role_code;
  request.eui = kParty;
  request.serial = CertificateSerial(0x4000000000000000, 2);
  request.usage = usage;
  PkiEntry entry;
  entry.role = role;
  entry.use = use;
  const PrivateKey key = *PrivateKey::generate(kind);
  entry.certificate = *make_certificate(request, key.public_key(), *root, root_key);
  PkiBuilder builder;
  builder.add_root(*root);
  builder.add(std::move(entry), kParty, key);
  Party party;
  party.pki = builder.build(clock_of_run());
  party.entry = party.pki.entries().data();
  return party;
}

const Party& signer() {
  static const Party party = make_party(PartyRole::requesting_party, CertificateUse::file_signing,
                                        NewKey::p256, {.digital_signature = true});
  return party;
}
const Party& recipient() {
  static const Party party = make_party(PartyRole::dco, CertificateUse::key_agreement, NewKey::p256,
                                        {.key_agreement = true});
  return party;
}

std::string message_of(std::size_t size) {
  return "<m:Message xmlns:m=\"urn:m\">" + std::string(size, 'x') + "</m:Message>";
}

void sha256(benchmark::State& state) {
  const std::string bytes(static_cast<std::size_t>(state.range(0)), 'x');
  Sha256 sha;
  for (auto _ : state) {
    sha.update(bytes);
    benchmark::DoNotOptimize(sha.finish());
  }
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(sha256)->Name("codecs/crypto/sha256")->Arg(1 << 10)->Arg(1 << 16);

void sign_message(benchmark::State& state) {
  auto maker = *SignatureMaker::make(signer().entry->certificate, signer().entry->key());
  const std::string message = message_of(700);
  std::string out;
  for (auto _ : state) {
    out = message;
    if (!maker.sign_message(out)) state.SkipWithError("not signed");
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(sign_message)->Name("codecs/crypto/sign_message");

void verify_signature(benchmark::State& state) {
  auto maker = *SignatureMaker::make(signer().entry->certificate, signer().entry->key());
  const Sha256Digest digest = sha256_of(as_bytes(message_of(700)));
  std::string text;
  if (!maker.append_signature(text, digest)) state.SkipWithError("not signed");
  SignatureReader reader;
  SignatureChecker checker;
  ParsedSignature parsed;
  const RequiredSigner required{
      CertificateUse::file_signing, {PartyRole::requesting_party}, kParty};
  for (auto _ : state) {
    const bool good =
        reader.read(text, {}, parsed).outcome == SignatureOutcome::ok &&
        checker.verify(parsed, digest, signer().pki, clock_of_run(), required).outcome ==
            SignatureOutcome::ok;
    if (!good) state.SkipWithError("not verified");
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(verify_signature)->Name("codecs/crypto/verify_signature");

// Bare ECDSA, as EVP does it, and by the table of a signer who has signed much.
void check_ecdsa(benchmark::State& state, Tables tables) {
  const PrivateKey key = *PrivateKey::generate(NewKey::p256);
  const Sha256Digest digest = sha256_of(as_bytes(message_of(700)));
  const EcdsaSignature signature = *Signer::make(key)->sign_digest(digest);
  Verifier verifier(tables);
  constexpr int kUntilThereIsATable = 1000;
  for (int i = 0; i < kUntilThereIsATable; ++i)
    if (!verifier.verify_digest(key.public_key(), digest, signature))
      state.SkipWithError("not verified");
  for (auto _ : state)
    if (!verifier.verify_digest(key.public_key(), digest, signature))
      state.SkipWithError("not verified");
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK_CAPTURE(check_ecdsa, evp, Tables::never)->Name("codecs/crypto/check_ecdsa");
BENCHMARK_CAPTURE(check_ecdsa, table, Tables::where_they_pay)
    ->Name("codecs/crypto/check_ecdsa_table");

void read_signature(benchmark::State& state) {
  auto maker = *SignatureMaker::make(signer().entry->certificate, signer().entry->key());
  std::string text;
  if (!maker.append_signature(text, sha256_of({}))) state.SkipWithError("not signed");
  SignatureReader reader;
  ParsedSignature parsed;
  for (auto _ : state) benchmark::DoNotOptimize(reader.read(text, {}, parsed));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(read_signature)->Name("codecs/crypto/read_signature");

void seal(benchmark::State& state) {
  const ContentKey key = *ContentKey::generate();
  auto sealer = *ContentSealer::make(key);
  const EncryptedDataForm form(KeyLinkKind::retrieval_method, "k1", Declare::outside);
  const std::string value(static_cast<std::size_t>(state.range(0)), 'x');
  std::string out;
  std::uint64_t ordinal = 0;
  for (auto _ : state) {
    out.clear();
    if (!form.append_sealed(out, sealer, {++ordinal, 0}, as_bytes(value)))
      state.SkipWithError("not sealed");
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(seal)->Name("codecs/crypto/seal")->Arg(64)->Arg(256)->Arg(1024);

void open(benchmark::State& state) {
  const ContentKey key = *ContentKey::generate();
  const std::string value(static_cast<std::size_t>(state.range(0)), 'x');
  std::string cipher_value;
  if (!ContentSealer::make(key)->seal({1, 0}, as_bytes(value), cipher_value))
    state.SkipWithError("not sealed");
  std::string element;
  EncryptedDataForm(KeyLinkKind::retrieval_method, "k1").append(element, cipher_value);
  auto opener = *ContentOpener::make(*ReceivedKey::make(Secret(key.bytes())));
  EncryptionReader reader;
  ParsedEncryptedData data;
  Secret plaintext;
  for (auto _ : state)
    if (reader.read_data(element, {}, data).shape != EncryptionShape::ok ||
        !opener.open(data.cipher_value, plaintext))
      state.SkipWithError("not opened");
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(open)->Name("codecs/crypto/read_and_open")->Arg(64)->Arg(256)->Arg(1024);

void wrap_key(benchmark::State& state) {
  const ContentKey key = *ContentKey::generate();
  EncryptedKeySpec spec;
  spec.id = "k1";
  spec.originator = kParty;
  spec.certificate = recipient().entry->certificate;
  std::string out;
  for (auto _ : state) {
    out.clear();
    if (!append_encrypted_key(out, key, spec)) state.SkipWithError("not wrapped");
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(wrap_key)->Name("codecs/crypto/write_encrypted_key_ecdh");

void wrap_key_with_table(benchmark::State& state) {
  const ContentKey key = *ContentKey::generate();
  EncryptedKeySpec spec;
  spec.originator = kParty;
  spec.certificate = recipient().entry->certificate;
  const KeyWrapper wrapper = *KeyWrapper::make(spec);
  std::string out;
  for (auto _ : state) {
    out.clear();
    if (!wrapper.append(out, key, "key-1")) state.SkipWithError("not wrapped");
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(wrap_key_with_table)->Name("codecs/crypto/write_encrypted_key_ecdh_table");

}  // namespace
}  // namespace s1flow::codecs::crypto
