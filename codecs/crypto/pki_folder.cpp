// Pki::load of codecs/crypto/pki.h: the folder of PEM files.

#include <algorithm>
#include <utility>

#include <sys/stat.h>

#include "codecs/crypto/key_sources.h"
#include "codecs/crypto/pki.h"
#include "core/folder.h"
#include "core/text.h"
#include "core/trouble.h"

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
  FolderReader(const Path& folder, const PkiOptions& options) : folder_(folder), options_(options) {
    if (options.key_passphrase)
      passphrase_ = std::make_shared<const Secret>(as_bytes(*options.key_passphrase));
  }

  Result<Pki> read() {
    S1FLOW_TRY_VOID(read_authorities());
    for (std::size_t r = 0; r < kPartyRoleNames.size(); ++r)
      S1FLOW_TRY_VOID(read_role(static_cast<PartyRole>(r)));
    S1FLOW_TRY_VOID(report_strange_folders());
    // What a library could not read for want of memory looks like rubbish.
    if (out_of_memory_seen()) S1FLOW_TRY_VOID(check_machine());
    return builder_.build(options_.clock, options_.revocation);
  }

 private:
  void report(PkiProblemKind kind, const Path& path, std::string text) {
    builder_.add_problem(kind, path.lexically_relative(folder_).string(), std::move(text));
  }
  // Messages of read errors start with the path already; the problem names the file beside it.
  static std::string without_path(const Path& path, const Error& error) {
    const std::string prefix = path.string() + ": ";
    std::string text = error.message();
    if (text.starts_with(prefix)) text.erase(0, prefix.size());
    return text;
  }
  void report_unreadable(const Path& path, const Error& error) {
    report(PkiProblemKind::unreadable, path, without_path(path, error));
  }
  // A file of which nothing can be made is a problem of the folder; one that is there and cannot be
  // read ends the load, since nobody knows what the folder holds then.
  Status judge_unreadable(const Path& path, const Error& error) {
    if (error.kind() == ErrorKind::io) {
      S1FLOW_TRY(const FileKind kind, kind_at(path));
      if (kind == FileKind::file || kind == FileKind::none) return tl::unexpected(error);
    }
    report_unreadable(path, error);
    return {};
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
        S1FLOW_TRY_VOID(read_list(path));
        continue;
      }
      if (path == root_path || path.native().ends_with(kKeySuffix) ||
          !path.native().ends_with(kSuffix))
        continue;
      auto issuing = read_certificate(path);
      if (issuing)
        builder_.add_issuing(*std::move(issuing));
      else
        S1FLOW_TRY_VOID(judge_unreadable(path, issuing.error()));
    }
    return {};
  }

  Status read_list(const Path& path) {
    const auto bytes = read_text(path, kMostListBytes);
    if (!bytes) return judge_unreadable(path, bytes.error());
    auto list = RevocationList::from_bytes(*bytes);
    if (list)
      builder_.add_list(*std::move(list), path.lexically_relative(folder_).string());
    else
      report_unreadable(path, list.error());
    return {};
  }

  Status read_role(PartyRole role) {
    const Path folder = folder_ / name_of(role);
    S1FLOW_TRY(const FileKind kind, kind_at(folder, Links::follow));
    if (kind != FileKind::folder) return {};  // a run need not have every role
    S1FLOW_TRY(const std::vector<Path> files, list_files(folder, ""));
    std::vector<Path> keys;
    for (const Path& path : files) {
      const std::string name = path.filename().string();
      if (name.ends_with(kKeySuffix)) {
        keys.push_back(path);
      } else if (name.ends_with(kUriSuffix)) {
        keys.push_back(path);
      } else if (const auto label =
                     name.ends_with(kSuffix) ? parse_label(name, kSuffix) : std::nullopt) {
        S1FLOW_TRY_VOID(read_entry(path, role, *label));
      } else if (const auto packed = name.ends_with(kPkcs12Suffix)
                                         ? parse_label(name, kPkcs12Suffix)
                                         : std::nullopt) {
        S1FLOW_TRY_VOID(read_packed_entry(path, role, *packed));
      } else {
        report(PkiProblemKind::unexpected, path,
               "is left out; certificates are named <EUI-64>.<use>.pem");
      }
    }
    for (const Path& key : keys) {
      std::string certificate = key.native();
      const std::string_view suffix = certificate.ends_with(kUriSuffix) ? kUriSuffix : kKeySuffix;
      certificate.replace(certificate.size() - suffix.size(), suffix.size(), kSuffix);
      if (!std::binary_search(files.begin(), files.end(), Path(certificate),
                              [](const Path& a, const Path& b) { return a.native() < b.native(); }))
        report(PkiProblemKind::key_alone, key, "is a private key without a certificate beside it");
    }
    return {};
  }

  Status read_entry(const Path& path, PartyRole role, const FileLabel& label) {
    auto certificate = read_certificate(path);
    if (!certificate) return judge_unreadable(path, certificate.error());
    PkiEntry entry;
    entry.role = role;
    entry.use = label.use;
    entry.certificate = *std::move(certificate);
    entry.file = path.lexically_relative(folder_).string();
    S1FLOW_TRY(KeySource key, options_.load_keys ? find_key(path) : KeySource());
    builder_.add(std::move(entry), label.eui, std::move(key));
    return {};
  }

  // Certificate and key in one PKCS#12 file.
  Status read_packed_entry(const Path& path, PartyRole role, const FileLabel& label) {
    const auto bytes = read_secret(path, kMostBytes);
    if (!bytes) return judge_unreadable(path, bytes.error());
    if (is_exposed(path))
      report(PkiProblemKind::key_is_exposed, path,
             "others may read this private key; set its mode to 0600");
    auto packed = read_pkcs12(bytes->view(), options_.key_passphrase.value_or(std::string_view()));
    if (!packed) {
      report_unreadable(path, packed.error());
      return {};
    }
    PkiEntry entry;
    entry.role = role;
    entry.use = label.use;
    entry.certificate = std::move(packed->certificate);
    entry.file = path.lexically_relative(folder_).string();
    builder_.add(std::move(entry), label.eui,
                 options_.load_keys ? std::move(packed->key) : PrivateKey());
    return {};
  }

  // What a file beside the certificate holds, a key or the URI of one in a device, which is read
  // when it is asked for. That the file may be read is seen at once.
  Result<KeySource> find_key(const Path& certificate) {
    std::string stem = certificate.native();
    stem.resize(stem.size() - kSuffix.size());
    for (const std::string_view suffix : {kUriSuffix, kKeySuffix}) {
      const Path path(stem + std::string(suffix));
      S1FLOW_TRY(const FileKind kind, kind_at(path));
      if (kind == FileKind::none) continue;
      if (const auto opened = InputFile::open(path); !opened) {
        S1FLOW_TRY_VOID(judge_unreadable(path, opened.error()));
        return KeySource();
      }
      if (suffix == kUriSuffix) return source_of(path, &read_device_key);
      if (is_exposed(path))
        report(PkiProblemKind::key_is_exposed, path,
               "others may read this private key; set its mode to 0600");
      return source_of(path, &read_key_file);
    }
    return KeySource();
  }

  using Passphrase = std::optional<std::string_view>;

  KeySource source_of(const Path& path,
                      Result<PrivateKey> (*read_it)(const Path&, Passphrase)) const {
    return [path, read_it, passphrase = passphrase_,
            file = path.lexically_relative(folder_).string()]() -> KeyRead {
      auto key = read_it(path, passphrase ? Passphrase(passphrase->view()) : std::nullopt);
      if (key) return {.key = *std::move(key), .problem = {}};
      return {
          .key = {},
          .problem = PkiProblem{PkiProblemKind::unreadable, file, without_path(path, key.error())}};
    };
  }

  // A file that could be opened when the folder was read: a run must not go on as if it held no
  // key.
  template <typename T>
  static Result<T> noted(Result<T> read) {
    if (!read && read.error().kind() == ErrorKind::io) note_machine_fault(read.error().message());
    return read;
  }
  static Result<PrivateKey> read_device_key(const Path& path, Passphrase pin) {
    S1FLOW_TRY(const std::string uri, noted(read_text(path, kMostBytes)));
    return key_from_pkcs11(std::string(trim(uri)), pin);
  }
  static Result<PrivateKey> read_key_file(const Path& path, Passphrase passphrase) {
    S1FLOW_TRY(const Secret pem, noted(read_secret(path, kMostBytes)));
    return PrivateKey::from_pem(pem.view(), passphrase);
  }

  Status report_strange_folders() {
    S1FLOW_TRY(const std::vector<std::string> names, names_in(folder_));
    for (const std::string& name : names) {
      if (name == "ca" || name.starts_with('.') || parse_party_role(name)) continue;
      S1FLOW_TRY(const FileKind kind, kind_at(folder_ / name, Links::follow));
      if (kind == FileKind::folder)
        report(PkiProblemKind::unexpected, folder_ / name, "is left out; no role has this name");
    }
    return {};
  }

  const Path& folder_;
  const PkiOptions& options_;
  std::shared_ptr<const Secret> passphrase_;  // shared with the keys that are still to be read
  PkiBuilder builder_;
};

}  // namespace

Result<Pki> Pki::load(const Path& folder, const PkiOptions& options) {
  return FolderReader(folder, options).read();
}

}  // namespace s1flow::codecs::crypto
