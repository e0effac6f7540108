#include "loadgen/stub/stamps.h"

#include <utility>

#include <fmt/format.h>

#include "codecs/duis/request_judge.h"
#include "codecs/duis/response_code.h"
#include "core/eui64.h"

namespace s1flow::loadgen::stub {
namespace {

void append_row(std::string& out, const Stamp& s) {
  fmt::format_to(std::back_inserter(out), "{},{},{},{},", s.arrived, s.answered, s.thread,
                 s.status);
  if (s.originator != 0) Eui64(s.originator).append_to(out);
  fmt::format_to(std::back_inserter(out), ",{},{},{}\n", s.counter,
                 codecs::duis::ResponseCode::at(s.code).text(),
                 codecs::duis::name_of(static_cast<codecs::duis::RequestFault>(s.fault)));
}

}  // namespace

StampFile::StampFile(OutputFile file, bool csv) : state_(new State{.file = std::move(file)}) {
  state_->csv = csv;
}

Result<StampFile> StampFile::create(const Path& path) {
  S1FLOW_TRY(OutputFile file, OutputFile::create(path));
  StampFile made(std::move(file), path.extension() == ".csv");
  State& state = *made.state_;
  if (state.csv) {
    S1FLOW_TRY_VOID(
        state.file.write("arrived_ns,answered_ns,thread,status,originator,counter,code,verdict\n"));
  } else {
    S1FLOW_TRY_VOID(state.file.write({"s1flow-stamps-1\n", 16}));
  }
  return made;
}

void StampFile::write(std::span<const Stamp> stamps) {
  State& state = *state_;
  const std::lock_guard lock(state.mutex);
  if (!state.status) return;
  if (!state.csv) {
    state.status = state.file.write(
        {reinterpret_cast<const char*>(stamps.data()), stamps.size() * sizeof(Stamp)});
    return;
  }
  state.text.clear();
  for (const Stamp& stamp : stamps) append_row(state.text, stamp);
  state.status = state.file.write(state.text);
}

Status StampFile::finish() {
  const std::lock_guard lock(state_->mutex);
  S1FLOW_TRY_VOID(state_->status);
  return state_->file.commit();
}

}  // namespace s1flow::loadgen::stub
