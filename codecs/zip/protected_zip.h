#pragma once
// A ZIP that holds one file under AES-256 and a password, as authorisations may come. Nothing else
// is understood: several entries, other ciphers or none, names that are paths, links, and contents
// that grow beyond the limits are refused. Streaming; nothing is written outside of what the caller
// gives.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "codecs/limits.h"
#include "codecs/rules.h"
#include "core/byte_sink.h"
#include "core/file.h"
#include "core/result.h"

namespace s1flow::codecs {

// By its first bytes.
[[nodiscard]] bool looks_like_zip(std::string_view head);

struct UnzippedFile {
  std::string name;            // as the ZIP says: letters, digits, '.', '-', '_'; not empty
  std::uint64_t bytes = 0;     // given to the sink
  std::optional<Fault> fault;  // none: it is whole and its authentication code holds
};
// An Error only for what the machine or the sink refuses. With a fault, what the sink has got is
// worth nothing. A wrong password and a damaged file are the same fault.
[[nodiscard]] Result<UnzippedFile> unzip_protected(const Path& zip, std::string_view password,
                                                   const ByteSink& sink, const Limits& limits = {});

// Writes a ZIP that unzip_protected reads. `name` has to be one that it takes.
[[nodiscard]] Status zip_protected(const Path& plain, const std::string& name,
                                   std::string_view password, const Path& zip,
                                   Overwrite overwrite = Overwrite::no);

}  // namespace s1flow::codecs
