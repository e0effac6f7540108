#include "pipeline/single/maf_container.h"

#include <array>
#include <utility>

#include "codecs/crypto/content_cipher.h"
#include "codecs/zip/protected_zip.h"
#include "core/folder.h"

namespace s1flow::pipeline {
namespace {

namespace crypto = codecs::crypto;

constexpr std::string_view kMaf = "MA_";
constexpr std::string_view kPassword = "MAPASSWORD_";

codecs::Fault refused(std::string note) {
  codecs::Fault f;
  f.rule = &codecs::kZipRefused;
  f.note = std::move(note);
  return f;
}

}  // namespace

Result<bool> is_zip(const Path& path) {
  if (path.extension() == ".zip") return true;
  S1FLOW_TRY(InputFile file, InputFile::open(path));
  std::array<char, 4> head{};
  S1FLOW_TRY(const std::size_t got, file.read(head.data(), head.size()));
  return codecs::looks_like_zip({head.data(), got});
}

bool is_password_file(std::string_view name) {
  return name.starts_with(kPassword);
}

Path password_file_of(const Path& zip) {
  std::string name = zip.stem().string();
  if (name.starts_with(kMaf)) name.erase(0, kMaf.size());
  return zip.parent_path() / (std::string(kPassword) + name);
}

Result<OpenedMaf> OpenedMaf::open(const Path& zip, std::optional<std::string_view> password,
                                  const codecs::Limits& limits) {
  OpenedMaf maf;
  crypto::Secret companion;
  if (!password) {
    Path beside = password_file_of(zip);
    S1FLOW_TRY(FileKind kind, kind_at(beside, Links::follow));
    if (kind == FileKind::none) {
      beside += ".txt";
      S1FLOW_TRY(kind, kind_at(beside, Links::follow));
    }
    if (kind == FileKind::none) {
      maf.fault_ = refused("there is no " + password_file_of(zip).filename().string() +
                           " beside it, and no --passphrase");
      return maf;
    }
    S1FLOW_TRY(companion, crypto::read_password(beside.string()));
    password = companion.view();
  }
  S1FLOW_TRY(maf.folder_, ScratchFolder::create(Secrecy::secret));
  maf.path_ = maf.folder_->path() / (zip.stem().string() + ".csv");
  S1FLOW_TRY(OutputFile out, OutputFile::create(maf.path_));
  S1FLOW_TRY(codecs::UnzippedFile inside,
             codecs::unzip_protected(
                 zip, *password, [&](std::string_view bytes) { return out.write(bytes); }, limits));
  maf.fault_ = std::move(inside.fault);
  if (!maf.fault_ && inside.name != maf.path_.filename())
    maf.fault_ = refused("the file inside has another name than the container");
  if (maf.fault_)
    maf.folder_.reset();
  else
    S1FLOW_TRY_VOID(out.commit());
  return maf;
}

Result<crypto::Secret> make_password() {
  constexpr std::string_view kLetters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz012345";
  S1FLOW_TRY(const crypto::ContentKey random, crypto::ContentKey::generate());
  crypto::Secret password;
  for (const unsigned char b : random.bytes()) {
    const auto letter = static_cast<unsigned char>(kLetters[b % 58]);
    password.append({&letter, 1});
  }
  return password;
}

}  // namespace s1flow::pipeline
