// Pki::load of codecs/crypto/pki.h: the folder of PEM files.

#include <algorithm>
#include <utility>

#include <sys/stat.h>

#include "codecs/crypto/key_sources.h"
#include "codecs/crypto/pki.h"
#include "core/text.h"

namespace s1flow::codecs::crypto {
namespace {

constexpr std::string_view kKeySuffix = ".key.pem";
constexpr std::string_view kSuffix = ".pem";
constexpr std::string_view kPkcs12Suffix = ".p12";
constexpr std::string_view kUriSuffix = ".key.uri";
constexpr std::string_view kListSuffix = ".crl.pem";
constexpr std::string_view kDerListSuffix = ".crl";
constexpr std::size_t kMostListBytes = 64UL << 20;
constexpr std::size_t kMostBytes = 64UL * 1024;

// "<EUI-64>.<use>.pem"
struct FileLabel {
  Eui64 eui;
  CertificateUse use{};
};

std::optional<FileLabel> parse_label(std::string_view name, std::string_view suffix) {
  name.remove_suffix(suffix.size());
  const std::size_t dot = name.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  auto eui = Eui64::parse(name.substr(0, dot));
  if (!eui) eui = Eui64::parse_plain(name.substr(0, dot));
  const auto use = parse_certificate_use(name.substr(dot + 1));
  if (!eui || !use) return std::nullopt;
  return FileLabel{*eui, *use};
}

Result<Certificate> read_certificate(const Path& path) {
  S1FLOW_TRY(const std::string pem, read_text(path, kMostBytes));
  return Certificate::from_pem(pem);
}

bool is_exposed(const Path& path) {
  struct stat st {};
  return ::stat(path.c_str(), &st) == 0 && (st.st_mode & (S_IRWXG | S_IRWXO)) != 0;
}

class FolderReader {
 public:
  FolderReader(const Path& folder, const PkiOptions& options)
      : folder_(folder), options_(options) {}

  Result<Pki> read() {
    S1FLOW_TRY_VOID(read_authorities());
    for (std::size_t r = 0; r < kPartyRoleNames.size(); ++r) read_role(static_cast<PartyRole>(r));
    report_strange_folders();
    return builder_.build(options_.clock, options_.revocation);
  }

 private:
  void report(PkiProblemKind kind, const Path& path, std::string text) {
    builder_.add_problem(kind, path.lexically_relative(folder_).string(), std::move(text));
  }
  // Messages of read errors start with the path already; the problem names the file beside it.
  void report_unreadable(const Path& path, const Error& error) {
    const std::string prefix = path.string() + ": ";
    std::string text = error.message();
    if (text.starts_with(prefix)) text.erase(0, prefix.size());
    report(PkiProblemKind::unreadable, path, std::move(text));
  }

  Status read_authorities() {
    const Path ca = folder_ / "ca";
    const Path root_path = ca / "root.pem";
    auto root = read_certificate(root_path);
    if (!root) {
      Error error = std::move(root).error();
      if (error.message().starts_with(root_path.string())) return tl::unexpected(std::move(error));
      return tl::unexpected(std::move(error).at(root_path.string()));
    }
    builder_.add_root(*std::move(root));
    S1FLOW_TRY(const std::vector<Path> files, list_files(ca, ""));
    for (const Path& path : files) {
      if (path.native().ends_with(kListSuffix) || path.native().ends_with(kDerListSuffix)) {
        read_list(path);
        continue;
      }
      if (path == root_path || path.native().ends_with(kKeySuffix) ||
          !path.native().ends_with(kSuffix))
        continue;
      auto issuing = read_certificate(path);
      if (issuing)
        builder_.add_issuing(*std::move(issuing));
      else
        report_unreadable(path, issuing.error());
    }
    return {};
  }

  void read_list(const Path& path) {
    const auto bytes = read_text(path, kMostListBytes);
    if (!bytes) return report_unreadable(path, bytes.error());
    auto list = RevocationList::from_bytes(*bytes);
    if (!list) return report_unreadable(path, list.error());
    builder_.add_list(*std::move(list), path.lexically_relative(folder_).string());
  }

  void read_role(PartyRole role) {
    const Path folder = folder_ / name_of(role);
    std::error_code code;
    if (!std::filesystem::is_directory(folder, code)) return;  // a run need not have every role
    auto files = list_files(folder, "");
    if (!files) {
      report_unreadable(folder, files.error());
      return;
    }
    std::vector<Path> keys;
    for (const Path& path : *files) {
      const std::string name = path.filename().string();
      if (name.ends_with(kKeySuffix)) {
        keys.push_back(path);
      } else if (name.ends_with(kUriSuffix)) {
        keys.push_back(path);
      } else if (const auto label =
                     name.ends_with(kSuffix) ? parse_label(name, kSuffix) : std::nullopt) {
        read_entry(path, role, *label);
      } else if (const auto packed = name.ends_with(kPkcs12Suffix)
                                         ? parse_label(name, kPkcs12Suffix)
                                         : std::nullopt) {
        read_packed_entry(path, role, *packed);
      } else {
        report(PkiProblemKind::unexpected, path,
               "is left out; certificates are named <EUI-64>.<use>.pem");
      }
    }
    for (const Path& key : keys) {
      std::string certificate = key.native();
      const std::string_view suffix = certificate.ends_with(kUriSuffix) ? kUriSuffix : kKeySuffix;
      certificate.replace(certificate.size() - suffix.size(), suffix.size(), kSuffix);
      if (!std::binary_search(files->begin(), files->end(), Path(certificate),
                              [](const Path& a, const Path& b) { return a.native() < b.native(); }))
        report(PkiProblemKind::key_alone, key, "is a private key without a certificate beside it");
    }
  }

  void read_entry(const Path& path, PartyRole role, const FileLabel& label) {
    auto certificate = read_certificate(path);
    if (!certificate) {
      report_unreadable(path, certificate.error());
      return;
    }
    PkiEntry entry;
    entry.role = role;
    entry.use = label.use;
    entry.certificate = *std::move(certificate);
    entry.file = path.lexically_relative(folder_).string();
    if (options_.load_keys) entry.key = read_key(path);
    builder_.add(std::move(entry), label.eui);
  }

  // Certificate and key in one PKCS#12 file.
  void read_packed_entry(const Path& path, PartyRole role, const FileLabel& label) {
    const auto bytes = read_secret(path, kMostBytes);
    if (!bytes) return report_unreadable(path, bytes.error());
    if (is_exposed(path))
      report(PkiProblemKind::key_is_exposed, path,
             "others may read this private key; set its mode to 0600");
    auto packed = read_pkcs12(bytes->view(), options_.key_passphrase.value_or(std::string_view()));
    if (!packed) return report_unreadable(path, packed.error());
    PkiEntry entry;
    entry.role = role;
    entry.use = label.use;
    entry.certificate = std::move(packed->certificate);
    entry.file = path.lexically_relative(folder_).string();
    if (options_.load_keys) entry.key = std::move(packed->key);
    builder_.add(std::move(entry), label.eui);
  }

  // The key in a device that a file beside the certificate names.
  std::optional<PrivateKey> read_device_key(const std::string& stem) {
    const Path path(stem + std::string(kUriSuffix));
    std::error_code code;
    if (!std::filesystem::exists(std::filesystem::symlink_status(path, code))) return std::nullopt;
    const auto uri = read_text(path, kMostBytes);
    if (!uri) {
      report_unreadable(path, uri.error());
      return PrivateKey();
    }
    auto key = key_from_pkcs11(std::string(trim(*uri)), options_.key_passphrase);
    if (!key) {
      report_unreadable(path, key.error());
      return PrivateKey();
    }
    return *std::move(key);
  }

  PrivateKey read_key(const Path& certificate) {
    std::string name = certificate.native();
    name.resize(name.size() - kSuffix.size());
    if (auto key = read_device_key(name)) return *std::move(key);
    name += kKeySuffix;
    const Path path(name);
    std::error_code code;
    if (!std::filesystem::exists(std::filesystem::symlink_status(path, code))) return {};
    const auto pem = read_secret(path, kMostBytes);
    if (!pem) {
      report_unreadable(path, pem.error());
      return {};
    }
    if (is_exposed(path))
      report(PkiProblemKind::key_is_exposed, path,
             "others may read this private key; set its mode to 0600");
    auto key = PrivateKey::from_pem(pem->view(), options_.key_passphrase);
    if (!key) {
      report_unreadable(path, key.error());
      return {};
    }
    return *std::move(key);
  }

  void report_strange_folders() {
    std::error_code code;
    std::filesystem::directory_iterator it(folder_, code);
    for (; !code && it != std::filesystem::directory_iterator(); it.increment(code)) {
      const std::string name = it->path().filename().string();
      if (name == "ca" || name.starts_with('.') || parse_party_role(name)) continue;
      std::error_code ignored;
      if (it->is_directory(ignored))
        report(PkiProblemKind::unexpected, it->path(), "is left out; no role has this name");
    }
  }

  const Path& folder_;
  const PkiOptions& options_;
  PkiBuilder builder_;
};

}  // namespace

Result<Pki> Pki::load(const Path& folder, const PkiOptions& options) {
  return FolderReader(folder, options).read();
}

}  // namespace s1flow::codecs::crypto
