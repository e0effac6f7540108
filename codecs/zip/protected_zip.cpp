#include "codecs/zip/protected_zip.h"

#include <algorithm>
#include <cerrno>
#include <memory>
#include <utility>

#include <fmt/format.h>
#include <zip.h>

#include "codecs/crypto/secret.h"
#include "core/mapped_file.h"
#include "core/text.h"
#include "core/trouble.h"

namespace s1flow::codecs {
namespace {

constexpr std::size_t kPiece = 256UL * 1024;
constexpr std::size_t kMostName = 200;
constexpr unsigned kUnixRegular = 0100000;
constexpr unsigned kUnixKind = 0170000;

// Whether memory, and not the ZIP, is what the library lacked.
Status judge_memory(const zip_error_t* code) {
  if (zip_error_code_zip(code) == ZIP_ER_MEMORY) note_out_of_memory();
  return out_of_memory_seen() ? check_machine() : Status();
}

struct Discard {
  void operator()(zip_t* z) const noexcept { zip_discard(z); }
  void operator()(zip_file_t* f) const noexcept { zip_fclose(f); }
};
using Archive = std::unique_ptr<zip_t, Discard>;
using Entry = std::unique_ptr<zip_file_t, Discard>;

Fault refused(std::string note) {
  Fault f;
  f.rule = &kZipRefused;
  f.note = std::move(note);
  return f;
}

bool is_plain_name(std::string_view name) {
  return !name.empty() && name.size() <= kMostName && name.front() != '.' &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '.' || c == '-' || c == '_';
         });
}

// The library wants a text that ends in a NUL.
crypto::Secret terminated(std::string_view password) {
  crypto::Secret text(as_bytes(password));
  text.resize(password.size() + 1);
  return text;
}
const char* text_of(const crypto::Secret& secret) {
  return secret.view().data();
}

bool is_regular(zip_t* archive) {
  zip_uint8_t system = 0;
  zip_uint32_t attributes = 0;
  if (zip_file_get_external_attributes(archive, 0, 0, &system, &attributes) != 0) return false;
  if (system != ZIP_OPSYS_UNIX) return true;
  const unsigned kind = (attributes >> 16) & kUnixKind;
  return kind == 0 || kind == kUnixRegular;
}

// What can be told before anything is opened.
std::optional<Fault> judge(zip_t* archive, const Limits& limits, zip_stat_t& stat) {
  if (zip_get_num_entries(archive, 0) != 1) return refused("it has to hold exactly one file");
  constexpr zip_uint64_t kNeeded = ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE |
                                   ZIP_STAT_COMP_METHOD | ZIP_STAT_ENCRYPTION_METHOD;
  if (zip_stat_index(archive, 0, ZIP_FL_ENC_RAW, &stat) != 0 || (stat.valid & kNeeded) != kNeeded)
    return refused("its directory cannot be read");
  if (!is_plain_name(stat.name) || !is_regular(archive))
    return refused("the name inside is no plain file name");
  if (stat.encryption_method != ZIP_EM_AES_256)
    return refused("the file inside is not encrypted with AES-256");
  if (stat.comp_method != ZIP_CM_STORE && stat.comp_method != ZIP_CM_DEFLATE)
    return refused("the file inside is compressed in another way than deflate");
  if (stat.size > limits.unpacked_bytes)
    return refused(fmt::format("the file inside has more than {} bytes", limits.unpacked_bytes));
  if (stat.size / std::max<std::uint64_t>(limits.expansion, 1) > stat.comp_size)
    return refused(fmt::format("the file inside is more than {} times its size in the container",
                               limits.expansion));
  return std::nullopt;
}

}  // namespace

bool looks_like_zip(std::string_view head) {
  return head.starts_with("PK\x03\x04") || head.starts_with("PK\x05\x06");
}

Result<UnzippedFile> unzip_protected(const Path& zip, std::string_view password,
                                     const ByteSink& sink, const Limits& limits) {
  UnzippedFile out;
  // No link, pipe or device; and libzip reads no file, so what it refuses is what is in it.
  S1FLOW_TRY(const MappedFile file, MappedFile::open(zip));
  const auto refuse = [&](const zip_error_t* code, std::string note) -> Status {
    S1FLOW_TRY_VOID(judge_memory(code));
    out.fault = refused(std::move(note));
    return {};
  };
  zip_error_t code;
  zip_error_init(&code);
  zip_source_t* const raw =
      zip_source_buffer_create(file.bytes().data(), file.bytes().size(), 0, &code);
  const Archive archive(
      raw == nullptr ? nullptr : zip_open_from_source(raw, ZIP_RDONLY | ZIP_CHECKCONS, &code));
  if (!archive) {
    zip_source_free(raw);
    const Status status = refuse(&code, "it is no whole ZIP file");
    zip_error_fini(&code);
    if (!status) return tl::unexpected(status.error());
    return out;
  }
  zip_stat_t stat{};
  out.fault = judge(archive.get(), limits, stat);
  if (out.fault) {
    S1FLOW_TRY_VOID(judge_memory(zip_get_error(archive.get())));
    return out;
  }
  out.name = stat.name;
  constexpr std::string_view kClosed = "it does not open with this password";
  const crypto::Secret secret = terminated(password);
  const Entry entry(zip_fopen_index_encrypted(archive.get(), 0, 0, text_of(secret)));
  if (!entry) {
    S1FLOW_TRY_VOID(refuse(zip_get_error(archive.get()), std::string(kClosed)));
    return out;
  }
  crypto::Secret piece;
  piece.resize(kPiece);
  while (true) {
    const zip_int64_t got = zip_fread(entry.get(), piece.data(), kPiece);
    // At the end the library compares the authentication code.
    if (got < 0) S1FLOW_TRY_VOID(refuse(zip_file_get_error(entry.get()), std::string(kClosed)));
    if (got <= 0) break;
    out.bytes += static_cast<std::uint64_t>(got);
    if (out.bytes > stat.size) {
      out.fault = refused("the file inside is larger than its directory says");
      break;
    }
    S1FLOW_TRY_VOID(sink(piece.view().substr(0, static_cast<std::size_t>(got))));
  }
  if (!out.fault && out.bytes != stat.size)
    out.fault = refused("the file inside is smaller than its directory says");
  return out;
}

Status zip_protected(const Path& plain, const std::string& name, std::string_view password,
                     const Path& zip, Overwrite overwrite) {
  if (!is_plain_name(name))
    return tl::unexpected(usage_error(name + ": is no plain file name for a ZIP"));
  S1FLOW_TRY_VOID(InputFile::open(plain).map([](const InputFile&) {}));
  // Made in memory, so that it appears under its name whole or not at all.
  zip_source_t* memory = zip_source_buffer_create(nullptr, 0, 0, nullptr);
  if (memory == nullptr) {
    note_out_of_memory();
    return check_machine();
  }
  zip_source_keep(memory);
  Archive archive(zip_open_from_source(memory, ZIP_TRUNCATE, nullptr));
  const auto failed = [&]() -> Status {
    Status status = archive ? judge_memory(zip_get_error(archive.get())) : check_machine();
    if (status && archive && zip_error_system_type(zip_get_error(archive.get())) == ZIP_ET_SYS) {
      errno = zip_error_code_system(zip_get_error(archive.get()));
      status = tl::unexpected(io_error("read", plain.string()));
    }
    archive.reset();
    zip_source_free(memory);
    if (!status) return status;
    return tl::unexpected(internal_error("the ZIP cannot be made"));
  };
  if (!archive) return failed();
  zip_source_t* content = zip_source_file(archive.get(), plain.c_str(), 0, -1);
  if (content == nullptr) return failed();
  const crypto::Secret secret = terminated(password);
  const zip_int64_t index = zip_file_add(archive.get(), name.c_str(), content, ZIP_FL_ENC_UTF_8);
  if (index < 0) {
    zip_source_free(content);
    return failed();
  }
  const auto at = static_cast<zip_uint64_t>(index);
  if (zip_file_set_encryption(archive.get(), at, ZIP_EM_AES_256, text_of(secret)) != 0 ||
      zip_close(archive.get()) != 0)
    return failed();
  (void)archive.release();
  const auto write = [&]() -> Status {
    S1FLOW_TRY(OutputFile out, OutputFile::create(zip, overwrite));
    if (zip_source_open(memory) != 0) return tl::unexpected(internal_error("the ZIP is lost"));
    std::string piece(kPiece, '\0');
    zip_int64_t got = 0;
    Status written;
    while (written && (got = zip_source_read(memory, piece.data(), piece.size())) > 0)
      written = out.write(std::string_view(piece).substr(0, static_cast<std::size_t>(got)));
    zip_source_close(memory);
    if (!written) return written;
    if (got < 0) return tl::unexpected(internal_error("the ZIP cannot be read back"));
    return out.commit();
  };
  const Status status = write();
  zip_source_free(memory);
  return status;
}

}  // namespace s1flow::codecs
