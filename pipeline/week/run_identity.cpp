#include "pipeline/week/run_identity.h"

#include "core/folder.h"
#include "core/text.h"
#include "pipeline/batch.h"
#include "pipeline/week/dry_run.h"

namespace s1flow::pipeline {

namespace crypto = codecs::crypto;

Result<crypto::Sha256Digest> digest_of_file(const Path& path, const std::atomic<bool>* stop) {
  S1FLOW_TRY(InputFile file, InputFile::open(path));
  crypto::Sha256 digest;
  std::string block(std::size_t{256} * 1024, '\0');
  while (true) {
    if (stop != nullptr && stop->load(std::memory_order_relaxed))
      return tl::unexpected(Error(ErrorKind::cancelled, "stopped on request"));
    S1FLOW_TRY(const std::size_t size, file.read(block.data(), block.size()));
    if (size == 0) break;
    digest.update(std::string_view(block).substr(0, size));
  }
  return digest.finish();
}

std::string hex_of(const crypto::Sha256Digest& digest) {
  std::string out;
  append_hex(out, digest);
  return out;
}

namespace {

class Collector {
 public:
  explicit Collector(const std::atomic<bool>* stop) : stop_(stop) {}

  // One file under the name that it has in the batch; its digest in hex.
  Result<std::string> file(const std::string& name, const Path& path) {
    S1FLOW_TRY(const crypto::Sha256Digest digest, digest_of_file(path, stop_));
    std::string hex = hex_of(digest);
    text(name + "=" + hex);
    return hex;
  }

  // Every regular file of the folder and of those below it.
  Status folder(const Path& path) {
    S1FLOW_TRY(const std::vector<Path> files, files_below(path));
    for (const Path& f : files) S1FLOW_TRY_VOID(file(f.lexically_relative(path).string(), f));
    return {};
  }

  void text(std::string_view line) {
    digest_.update(line);
    digest_.update("\n");
  }
  std::string take() { return hex_of(digest_.finish()); }

 private:
  const std::atomic<bool>* stop_;
  crypto::Sha256 digest_;
};

}  // namespace

Result<RunIdentity> RunIdentity::of(const Batch& batch, const DryRunOptions& options) {
  RunIdentity identity;
  Collector c(options.runner.stop);
  const auto take = [&](std::string_view part) { identity.parts.emplace_back(part, c.take()); };
  c.text(S1FLOW_VERSION);
  take("program");
  S1FLOW_TRY_VOID(c.file("batch.toml", batch.folder / "batch.toml"));
  take("batch.toml");
  for (const Path& p : batch.mafs) {
    const std::string name = p.filename().string();
    S1FLOW_TRY(identity.mafs[name], c.file(name, p));
  }
  take("maf");
  for (const Path& p : batch.inventories) S1FLOW_TRY_VOID(c.file(p.filename().string(), p));
  take("inventory");
  S1FLOW_TRY_VOID(c.file(batch.epcl.filename().string(), batch.epcl));
  take("epcl");
  S1FLOW_TRY_VOID(c.file(batch.registration.filename().string(), batch.registration));
  take("registration");
  S1FLOW_TRY_VOID(c.folder(batch.pki));
  take("pki");
  if (!batch.script.empty())
    S1FLOW_TRY_VOID(c.file(batch.script.filename().string(), batch.script));
  take("script");
  const Path& layouts = options.layouts.empty() ? batch.schemas : options.layouts;
  if (!layouts.empty()) S1FLOW_TRY_VOID(c.folder(layouts));
  take("layouts");
  for (const GivenFile& g : options.given)
    S1FLOW_TRY_VOID(c.file(g.type + "=" + g.path.filename().string(), g.path));
  for (const auto& [rule, severity] : options.severities)
    c.text(rule + "=" + std::string(name_of(severity)));
  take("options");
  return identity;
}

}  // namespace s1flow::pipeline
