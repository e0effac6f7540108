#pragma once
// The rules that codecs themselves can break: is it a container of its kind, are its values values.
// Checks of the exchange and of the business stand in pipeline/rules/.

#include <cstdint>
#include <span>
#include <string>

#include "core/finding.h"

namespace s1flow::codecs {

extern const Rule kXmlNotWellFormed;
extern const Rule kXmlDoctype;
extern const Rule kXmlEncoding;
extern const Rule kXmlLimit;
extern const Rule kXmlSchema;
extern const Rule kCsvMalformed;
extern const Rule kCsvHeader;
extern const Rule kCsvRaggedRow;
extern const Rule kCsvLimit;
extern const Rule kJsonMalformed;
extern const Rule kJsonDuplicateKey;
extern const Rule kJsonLimit;
extern const Rule kZipRefused;
extern const Rule kTextEncoding;
extern const Rule kValueInvalid;
extern const Rule kValueMissing;

[[nodiscard]] std::span<const Rule* const> codec_rules();

// What a codec found wrong, at a place in the file; the caller makes a Finding of it.
struct Fault {
  const Rule* rule = nullptr;
  std::uint64_t byte = 0;
  std::uint64_t line = 0;     // in the file, from 1
  std::uint64_t ordinal = 0;  // of the record, 0 when outside of any
  std::string record;         // its id where that is known
  std::string field;
  std::string seen;
  std::string note;
};

[[nodiscard]] Finding to_finding(Fault fault, std::string file, Severity severity);

}  // namespace s1flow::codecs
