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

namespace {

void append_identity(JsonObject& o, const Finding& f) {
  o.text("rule", f.rule->id).text("severity", name_of(f.severity)).text("file", f.file);
  if (f.rule->scope == RuleScope::file) return;
  if (!f.record.empty()) o.text("record", f.record);
  if (!f.field.empty()) o.text("field", f.field);
  if (!f.seen.empty()) o.text("seen", f.seen);
}

}  // namespace

void append_identity_json(std::string& out, const Finding& f) {
  JsonObject o(out);
  append_identity(o, f);
  o.finish();
}

void append_json(std::string& out, const Finding& f) {
  JsonObject o(out);
  append_identity(o, f);
  const bool whole_file = f.rule->scope == RuleScope::file;
  std::string detail;
  JsonObject d(detail);
  if (!f.rule->clause.empty()) d.text("clause", f.rule->clause);
  if (!f.rule->public_code.empty()) d.text("code", f.rule->public_code);
  if (whole_file && !f.record.empty()) d.text("record", f.record);
  if (whole_file && !f.field.empty()) d.text("field", f.field);
  if (whole_file && !f.seen.empty()) d.text("seen", f.seen);
  if (!f.note.empty()) d.text("note", f.note);
  if (f.place.ordinal != 0) d.number("position", f.place.ordinal);
  if (f.place.line != 0) d.number("line", f.place.line).number("byte", f.place.byte);
  d.finish();
  if (detail.size() > 2) o.raw("detail", detail);
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
