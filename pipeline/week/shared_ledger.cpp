#include "pipeline/week/shared_ledger.h"

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "core/json_text.h"
#include "pipeline/week/ledger_json.h"

namespace s1flow::pipeline {
namespace {

namespace json = boost::json;

constexpr std::string_view kAccepted = "accepted";

template <typename Use>
void each_in(const json::object& o, std::string_view key, Use use) {
  const json::value* v = o.if_contains({key.data(), key.size()});
  if (v == nullptr || !v->is_array()) return;
  for (const json::value& item : v->as_array())
    if (item.is_object()) use(item.as_object());
}

}  // namespace

std::string SharedState::json() const {
  std::string out, list;
  JsonObject o(out);
  list = "{";
  for (const auto& [sender, counter] : counters)
    list += fmt::format("{}\"{}\":{}", list.size() == 1 ? "" : ",", sender.text(), counter);
  o.raw("counters", list + "}");
  list = "{";
  for (const auto& [name, first] : repeated_mafs) {
    if (list.size() > 1) list += ',';
    append_json_string(list, name);
    list += ':';
    append_json_string(list, first);
  }
  o.raw("repeated", list + "}");
  o.finish();
  return out;
}

SharedState SharedState::parse(std::string_view text) {
  SharedState state;
  const json::object o = object_in(text);
  if (const json::value* v = o.if_contains("counters"); v != nullptr && v->is_object())
    for (const auto& [key, value] : v->as_object())
      if (const auto eui = Eui64::parse({key.data(), key.size()}))
        state.counters[*eui] = number_in(v->as_object(), {key.data(), key.size()});
  if (const json::value* v = o.if_contains("repeated"); v != nullptr && v->is_object())
    for (const auto& [key, value] : v->as_object())
      if (value.is_string()) state.repeated_mafs[std::string(key)] = std::string(value.as_string());
  return state;
}

Result<SharedLedger> SharedLedger::open(const Path& path) {
  S1FLOW_TRY(Ledger ledger, Ledger::open(path));
  for (const LedgerRecord& r : ledger.records())
    if (r.kind != kAccepted)
      return tl::unexpected(usage_error(
          path.string() + ": is the ledger of one run; name a file of its own for --ledger"));
  SharedLedger shared(std::move(ledger));
  shared.read_records();
  return shared;
}

void SharedLedger::read_records() {
  for (; read_ < ledger_.records().size(); ++read_) {
    const json::object o = object_in(ledger_.records()[read_].body);
    const std::string run = text_in(o, "run");
    runs_[run] = text_in(o, "batch");
    each_in(o, "mafs", [&](const json::object& m) {
      mafs_.push_back({text_in(m, "name"), text_in(m, "sha256"), run});
    });
    each_in(o, "files", [&](const json::object& f) {
      const auto sender = Eui64::parse(text_in(f, "sender"));
      if (!sender) return;
      auto& highest = counters_[*sender];
      highest = std::max(highest, {number_in(f, "counter"), run});
    });
  }
}

SharedState SharedLedger::state_for(
    const std::map<std::string, std::string, std::less<>>& mafs) const {
  SharedState state;
  for (const auto& [sender, highest] : counters_) state.counters[sender] = highest.first;
  for (const auto& [name, sha256] : mafs)
    for (const Maf& known : mafs_) {
      if (known.name != name && known.sha256 != sha256) continue;
      const auto batch = runs_.find(known.run);
      std::string first =
          fmt::format("accepted before as {} of {} (SHA-256 {})", known.name,
                      batch == runs_.end() ? std::string() : batch->second, known.sha256);
      if (known.sha256 != sha256) first = "other content under a name that was " + first;
      state.repeated_mafs.emplace(name, std::move(first));
      break;
    }
  return state;
}

Status SharedLedger::accept(const std::string& run_id, const std::string& batch,
                            const std::vector<AcceptedMaf>& mafs,
                            const std::vector<AcceptedFile>& files) {
  const auto taken = [&](const std::string& what, const std::string& by) {
    return tl::unexpected(
        Error(ErrorKind::io,
              fmt::format("{}: {} was accepted by another run of '{}' meanwhile; run again with "
                          "--overwrite",
                          ledger_.path().string(), what, runs_[by])));
  };
  return ledger_.append_with(
      [&](const std::vector<LedgerRecord>&) -> Result<std::vector<LedgerEntry>> {
        read_records();
        if (runs_.contains(run_id)) return std::vector<LedgerEntry>();  // before it was killed
        for (const AcceptedMaf& m : mafs)
          for (const Maf& known : mafs_)
            if (known.name == m.name || known.sha256 == m.sha256) return taken(m.name, known.run);
        for (const AcceptedFile& f : files) {
          const auto highest = counters_.find(f.sender);
          if (highest != counters_.end() && highest->second.first >= f.counter)
            return taken(fmt::format("counter {} of {}", highest->second.first, f.sender.text()),
                         highest->second.second);
        }
        std::string body, list = "[";
        JsonObject o(body);
        o.text("run", run_id).text("batch", batch);
        for (const AcceptedMaf& m : mafs) {
          if (list.size() > 1) list += ',';
          JsonObject(list).text("name", m.name).text("sha256", m.sha256).finish();
        }
        o.raw("mafs", list + "]");
        list = "[";
        for (const AcceptedFile& f : files) {
          if (list.size() > 1) list += ',';
          JsonObject(list)
              .text("sender", f.sender.text())
              .number("counter", f.counter)
              .text("name", f.name)
              .text("sha256", f.sha256)
              .finish();
        }
        o.raw("files", list + "]");
        o.finish();
        return std::vector<LedgerEntry>{{std::string(kAccepted), std::move(body)}};
      });
}

}  // namespace s1flow::pipeline
