#include "pipeline/week/run_ledger.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <set>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <sys/random.h>
#include <unistd.h>

#include "core/folder.h"
#include "core/json_text.h"
#include "core/text.h"
#include "core/trouble.h"
#include "pipeline/week/ledger_json.h"

namespace s1flow::pipeline {
namespace {

namespace json = boost::json;

constexpr std::string_view kMarker = "s1flow-run";
constexpr std::string_view kMarkerText = "An output folder of 's1flow dry-run'.\n";
// What a run puts into its folder beside the ledger; everything else there is not ours to touch.
constexpr std::array<std::string_view, 2> kFolders{"files", "suppliers"};
constexpr std::array<std::string_view, 6> kResults{"findings.jsonl", "outcomes.jsonl",
                                                   "outcomes.csv",   "dormant-readiness.csv",
                                                   "report.json",    "report.html"};

constexpr std::string_view kRun = "run";
constexpr std::string_view kFile = "file";
constexpr std::string_view kVerdict = "verdict";
constexpr std::string_view kResult = "result";
constexpr std::string_view kFinished = "finished";

FinishedFile file_in(const json::object& o) {
  FinishedFile f;
  f.key = text_in(o, "key");
  f.path = text_in(o, "path");
  f.records = number_in(o, "records");
  f.bytes = number_in(o, "bytes");
  if (const auto bytes = decode_hex(text_in(o, "sha256"));
      bytes && bytes->size() == f.sha256.size())
    std::memcpy(f.sha256.data(), bytes->data(), bytes->size());
  f.sender = Eui64::parse(text_in(o, "sender"));
  f.counter = number_in(o, "counter");
  return f;
}

bool is_ours(std::string_view name) {
  return name == kMarker || name == kLedgerName || name == std::string(kLedgerName) + "-journal" ||
         std::find(kFolders.begin(), kFolders.end(), name) != kFolders.end() ||
         std::find(kResults.begin(), kResults.end(), name) != kResults.end();
}

// Everything below a folder that is no folder, relative to `root`. Links are not followed.
Status list_below(const Path& root, const Path& folder, std::vector<std::string>& out) {
  S1FLOW_TRY(const FileKind kind, kind_at(folder));
  if (kind == FileKind::none) return {};
  if (kind != FileKind::folder) {
    out.push_back(folder.lexically_relative(root).string());
    return {};
  }
  S1FLOW_TRY(const std::vector<std::string> names, names_in(folder, Missing::is_empty));
  for (const std::string& name : names) S1FLOW_TRY_VOID(list_below(root, folder / name, out));
  return {};
}

Status remove_file(const Path& path) {
  if (::unlink(path.c_str()) == 0 || errno == ENOENT) return {};
  return tl::unexpected(io_error("remove", path.string()));
}

Status empty_folder(const Path& out) {
  S1FLOW_TRY(const std::vector<std::string> names, names_in(out, Missing::is_empty));
  // Without its ledger the rest is of no run, so nobody goes on with half of it.
  S1FLOW_TRY_VOID(remove_file(out / kLedgerName));
  for (const std::string& name : names) {
    if (name == kMarker) continue;
    S1FLOW_TRY_VOID(remove_tree(out / name));
  }
  return {};
}

Result<FolderLock> lock_folder(const Path& out, Overwrite overwrite) {
  S1FLOW_TRY(const FileKind kind, kind_at(out, Links::follow));
  if (kind != FileKind::none && kind != FileKind::folder)
    return tl::unexpected(
        usage_error(out.string() + ": is not a folder; name another output place"));
  S1FLOW_TRY(const std::vector<std::string> names, names_in(out, Missing::is_empty));
  if (!names.empty() && !std::binary_search(names.begin(), names.end(), kMarker))
    return tl::unexpected(usage_error(
        out.string() + (overwrite == Overwrite::no
                            ? ": is not empty; name another output folder or give --overwrite"
                            : ": was not made by a dry run, so it is not emptied; name another "
                              "output folder")));
  return FolderLock::take(out, kMarker, kMarkerText);
}

Result<std::string> new_run_id() {
  std::array<unsigned char, 16> bytes{};
  if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
    return tl::unexpected(io_error("get random bytes", "a run's id"));
  std::string id;
  append_hex(id, bytes);
  return id;
}

}  // namespace

Result<RunLedger> RunLedger::begin(const Path& out, const RunIdentity& identity,
                                   const SharedState& shared, Overwrite overwrite,
                                   const std::atomic<bool>* stop) {
  S1FLOW_TRY(FolderLock lock, lock_folder(out, overwrite));
  if (overwrite == Overwrite::yes) S1FLOW_TRY_VOID(empty_folder(out));
  S1FLOW_TRY_VOID(remove_temporary_files(out, Depth::one));
  S1FLOW_TRY(const std::vector<std::string> names, names_in(out, Missing::is_empty));
  const bool has_ledger = std::binary_search(names.begin(), names.end(), kLedgerName);
  const bool has_more = std::any_of(names.begin(), names.end(), [](const std::string& n) {
    return n != kMarker && !n.starts_with(kLedgerName);
  });
  if (!has_ledger && has_more)
    return tl::unexpected(usage_error(
        out.string() + ": is not empty; name another output folder or give --overwrite"));
  auto ledger = Ledger::open(out / kLedgerName);
  if (!ledger)
    return tl::unexpected(
        Error(ledger.error().kind(), ledger.error().message() + "; --overwrite starts anew"));
  RunLedger run(out, std::move(lock), *std::move(ledger));
  if (run.has_finished_nothing() && !run.differing(identity).empty()) {
    // Nothing is lost when it begins anew with what was mended since.
    S1FLOW_TRY_VOID(run.sweep());
    run.ledger_.close();
    S1FLOW_TRY_VOID(remove_file(out / kLedgerName));
    S1FLOW_TRY(run.ledger_, Ledger::open(out / kLedgerName));
    S1FLOW_TRY_VOID(run.start(identity, shared));
    return run;
  }
  if (run.ledger_.records().empty()) {
    if (has_more)
      return tl::unexpected(usage_error(
          out.string() + ": is not empty; name another output folder or give --overwrite"));
    S1FLOW_TRY_VOID(run.start(identity, shared));
  } else {
    S1FLOW_TRY_VOID(run.go_on(identity, stop));
  }
  return run;
}

Status RunLedger::start(const RunIdentity& identity, const SharedState& shared) {
  S1FLOW_TRY(run_id_, new_run_id());
  shared_ = shared;
  std::string body;
  JsonObject o(body);
  o.text("run", run_id_);
  for (const auto& [part, digest] : identity.parts) o.text(part, digest);
  o.raw("accepted-before", shared.json());
  o.finish();
  const std::vector<LedgerEntry> first{{std::string(kRun), std::move(body)}};
  return ledger_.append(first);
}

bool RunLedger::has_finished_nothing() const {
  const std::vector<LedgerRecord>& records = ledger_.records();
  return !records.empty() && std::all_of(records.begin(), records.end(), [](const auto& r) {
    return r.kind == kRun || r.kind == kVerdict;
  });
}

// What is not as it was when the run began; empty when all of it is.
std::string RunLedger::differing(const RunIdentity& identity) const {
  const json::object run = object_in(ledger_.records().front().body);
  std::string names;
  for (const auto& [part, digest] : identity.parts)
    if (text_in(run, part) != digest) names += (names.empty() ? "" : ", ") + part;
  return names;
}

Status RunLedger::go_on(const RunIdentity& identity, const std::atomic<bool>* stop) {
  const std::vector<LedgerRecord>& records = ledger_.records();
  if (records.back().kind == kFinished)
    return tl::unexpected(
        usage_error(out_.string() +
                    ": holds a finished dry run; name another output folder or give --overwrite"));
  const json::object run = object_in(records.front().body);
  run_id_ = text_in(run, "run");
  if (records.front().kind != kRun || run_id_.empty())
    return tl::unexpected(
        usage_error(ledger_.path().string() + ": is not a ledger of a dry run; give --overwrite"));
  const std::string other = differing(identity);
  if (!other.empty())
    return tl::unexpected(usage_error(fmt::format(
        "{}: holds a dry run that was interrupted, but not of this batch with these options: {} "
        "differ(s); go on with what it was begun with, name another output folder or give "
        "--overwrite",
        out_.string(), other)));
  if (const json::value* v = run.if_contains("accepted-before"))
    shared_ = SharedState::parse(json::serialize(*v));
  goes_on_ = true;
  S1FLOW_TRY_VOID(read_records());
  S1FLOW_TRY_VOID(sweep());
  return check_files(stop);
}

Status RunLedger::read_records() {
  for (const LedgerRecord& r : ledger_.records()) {
    const json::object o = object_in(r.body);
    if (r.kind == kFile) {
      FinishedFile f = file_in(o);
      files_.insert_or_assign(f.key, std::move(f));
    } else if (r.kind == kVerdict) {
      recorded_verdicts_[text_in(o, "file")] = r.body;
    }
  }
  return {};
}

// What was finished has to be there still, byte for byte: the rest of the run refers to it.
Status RunLedger::check_files(const std::atomic<bool>* stop) const {
  for (const auto& [key, f] : files_) {
    if (f.path.empty()) continue;
    const Path path = out_ / f.path;
    const auto digest = digest_of_file(path, stop);
    if (!digest && digest.error().kind() == ErrorKind::cancelled)
      return tl::unexpected(digest.error());
    if (!digest)
      return tl::unexpected(Error(
          ErrorKind::io, digest.error().message() + "; the ledger says that it is finished: put it "
                                                    "back, or give --overwrite to start anew"));
    if (*digest != f.sha256)
      return tl::unexpected(
          Error(ErrorKind::io, path.string() + ": is not as it was finished; put it back, or give "
                                               "--overwrite to start anew"));
  }
  return {};
}

// Removes what no record names: files in the making, and those whose record did not come any more.
Status RunLedger::sweep() const {
  std::set<std::string, std::less<>> keep;
  for (const auto& [key, f] : files_) keep.insert(f.path);
  std::vector<std::string> found;
  for (const std::string_view folder : kFolders)
    S1FLOW_TRY_VOID(list_below(out_, out_ / folder, found));
  for (const std::string_view result : kResults)
    S1FLOW_TRY_VOID(list_below(out_, out_ / result, found));
  for (const std::string& path : found)
    if (!keep.contains(path)) S1FLOW_TRY_VOID(remove_file(out_ / path));
  return {};
}

std::string RunLedger::relative(const Path& path) const {
  return path.lexically_relative(out_).string();
}

const FinishedFile* RunLedger::find(const Path& planned) const {
  const auto it = files_.find(relative(planned));
  return it == files_.end() ? nullptr : &it->second;
}

Status RunLedger::record(const Path& planned, const WrittenFile& written,
                         std::optional<Eui64> sender, std::uint64_t counter) {
  S1FLOW_TRY_VOID(check_machine());
  FinishedFile f{.key = relative(planned),
                 .path = written.path.empty() ? std::string() : relative(written.path),
                 .records = written.records,
                 .bytes = written.bytes,
                 .sha256 = written.sha256,
                 .sender = sender,
                 .counter = counter};
  std::string body;
  JsonObject o(body);
  o.text("key", f.key).text("path", f.path);
  if (sender) o.text("sender", sender->text()).number("counter", counter);
  o.number("records", f.records).number("bytes", f.bytes).text("sha256", hex_of(f.sha256));
  o.finish();
  pending_.push_back({std::string(kFile), std::move(body)});
  S1FLOW_TRY_VOID(ledger_.append(pending_));
  pending_.clear();
  files_.insert_or_assign(f.key, std::move(f));
  return {};
}

void RunLedger::note(FileVerdictNote verdict) {
  std::string body;
  JsonObject o(body);
  o.text("file", verdict.name).text("type", verdict.type);
  if (verdict.sender) o.text("sender", verdict.sender->text()).number("counter", verdict.counter);
  o.text("sha256", verdict.sha256).text("status", verdict.status);
  if (!verdict.rule.empty()) o.text("rule", verdict.rule);
  o.finish();
  verdicts_.push_back(std::move(verdict));
  const auto before = recorded_verdicts_.find(verdicts_.back().name);
  if (before != recorded_verdicts_.end() && before->second == body) return;
  recorded_verdicts_[verdicts_.back().name] = body;
  pending_.push_back({std::string(kVerdict), std::move(body)});
}

Status RunLedger::finish(const std::vector<std::string>& results, std::string_view summary) {
  S1FLOW_TRY_VOID(check_machine());
  for (const std::string& path : results) {
    S1FLOW_TRY(const codecs::crypto::Sha256Digest digest, digest_of_file(out_ / path, nullptr));
    std::string body;
    JsonObject(body).text("path", path).text("sha256", hex_of(digest)).finish();
    pending_.push_back({std::string(kResult), std::move(body)});
  }
  pending_.push_back({std::string(kFinished), std::string(summary)});
  S1FLOW_TRY_VOID(ledger_.append(pending_));
  pending_.clear();
  return {};
}

Result<std::vector<std::string>> check_run_folder(const Path& out,
                                                  const std::vector<LedgerRecord>& records,
                                                  const std::atomic<bool>* stop) {
  std::vector<std::string> problems;
  std::set<std::string, std::less<>> named;
  for (const LedgerRecord& r : records) {
    if (r.kind != kFile && r.kind != kResult) continue;
    const FinishedFile f = file_in(object_in(r.body));
    if (f.path.empty()) continue;
    named.insert(f.path);
    const auto digest = digest_of_file(out / f.path, stop);
    if (!digest && digest.error().kind() == ErrorKind::cancelled)
      return tl::unexpected(digest.error());
    if (!digest)
      problems.push_back(digest.error().message());
    else if (*digest != f.sha256)
      problems.push_back((out / f.path).string() + ": is not as the ledger recorded it");
  }
  const bool finished = !records.empty() && records.back().kind == kFinished;
  if (!finished) return problems;
  std::vector<std::string> found;
  S1FLOW_TRY(const std::vector<std::string> names, names_in(out, Missing::is_empty));
  for (const std::string& name : names)
    if (is_ours(name) && name != kMarker && !name.starts_with(kLedgerName))
      S1FLOW_TRY_VOID(list_below(out, out / name, found));
  for (const std::string& path : found)
    if (!named.contains(path)) problems.push_back((out / path).string() + ": is not in the ledger");
  return problems;
}

}  // namespace s1flow::pipeline
