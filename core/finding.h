#pragma once
// A Finding is the verdict of one Rule at one place in a file. Bad data is output: rules append
// Findings and the run goes on.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace s1flow {

enum class Severity : std::uint8_t { off, info, warning, error };
inline constexpr std::array<std::string_view, 4> kSeverityNames{"off", "info", "warning", "error"};
[[nodiscard]] inline std::string_view name_of(Severity s) {
  return kSeverityNames[static_cast<std::size_t>(s)];
}
[[nodiscard]] std::optional<Severity> parse_severity(std::string_view name);

// What an error of the rule takes away: one record (the installation or row) or the whole file.
enum class RuleScope : std::uint8_t { record, file };

// The one declaration of a rule: `s1flow list rules` and `s1flow explain` print it. All texts live
// as long as the program. Ids are never reused; they are s1flow's own. `public_code` holds a code
// that published documents use for the same fault.
struct Rule {
  std::string_view id;
  RuleScope scope = RuleScope::record;
  Severity severity = Severity::error;  // a batch may set another
  std::string_view
      clause;  // of the document that asks for the check; empty when the check is our own
  std::string_view title;
  std::string_view meaning;
  std::string_view cause;
  std::string_view remedy;
  std::string_view public_code = {};
};

// Where in a file. Zero or empty means "not known" or "the whole file".
struct Place {
  std::uint64_t line = 0;     // from 1
  std::uint64_t byte = 0;     // offset from the start of the file; meaningful when line is set
  std::uint64_t ordinal = 0;  // of the record in its file, from 1
};

struct Finding {
  const Rule* rule = nullptr;
  Severity severity = Severity::error;
  std::string file;  // name without folders
  std::string
      record;         // installation id, MPxN or row number: whatever names the record in that file
  std::string field;  // domain field name
  std::string seen;   // offending text, cut and escaped; never a secret
  std::string note;   // what was expected, in a few words
  Place place;
};

// One line of findings.jsonl, without the newline. Place goes into an object of its own, since what
// was found does not depend on where the writer of a file put its line breaks.
void append_json(std::string& out, const Finding& finding);
// The same without "detail": what two runs over the same data agree in.
void append_identity_json(std::string& out, const Finding& finding);

// Order of findings.jsonl within one file: record ordinal, field, rule; then whatever else tells
// two lines apart, so that the order never depends on which thread came first.
[[nodiscard]] bool reports_before(const Finding& a, const Finding& b);

}  // namespace s1flow
