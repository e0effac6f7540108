#include "core/finding.h"

#include <algorithm>
#include <tuple>

#include "core/json_text.h"

namespace s1flow {

std::optional<Severity> parse_severity(std::string_view name) {
  const auto it = std::find(kSeverityNames.begin(), kSeverityNames.end(), name);
  if (it == kSeverityNames.end()) return std::nullopt;
  return static_cast<Severity>(it - kSeverityNames.begin());
}

void append_json(std::string& out, const Finding& f) {
  JsonObject o(out);
  o.text("rule", f.rule->id).text("severity", name_of(f.severity)).text("file", f.file);
  if (!f.record.empty()) o.text("record", f.record);
  if (!f.field.empty()) o.text("field", f.field);
  if (!f.seen.empty()) o.text("seen", f.seen);
  if (!f.note.empty()) o.text("note", f.note);
  if (!f.rule->clause.empty()) o.text("clause", f.rule->clause);
  if (!f.rule->public_code.empty()) o.text("code", f.rule->public_code);
  if (f.place.line != 0 || f.place.ordinal != 0) {
    std::string place;
    JsonObject p(place);
    if (f.place.line != 0) p.number("line", f.place.line).number("byte", f.place.byte);
    if (f.place.ordinal != 0) p.number("record", f.place.ordinal);
    p.finish();
    o.raw("place", place);
  }
  o.finish();
}

bool reports_before(const Finding& a, const Finding& b) {
  auto key = [](const Finding& f) {
    return std::tie(f.place.ordinal, f.field, f.rule->id, f.record, f.seen, f.note, f.place.line,
                    f.place.byte);
  };
  return key(a) < key(b);
}

}  // namespace s1flow
