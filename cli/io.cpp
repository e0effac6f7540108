#include "cli/io.h"

#include <system_error>

#include <fmt/format.h>

#include "core/trouble.h"

namespace s1flow::cli {

namespace fs = std::filesystem;

Result<Spool> Spool::create(std::string_view name, Secrecy secrecy) {
  S1FLOW_TRY(ScratchFolder folder, ScratchFolder::create(secrecy));
  return Spool(std::move(folder), name);
}

Result<Input> Input::open(const std::string& given, Secrecy secrecy) {
  Input input;
  if (given != "-") {
    input.path_ = given;
    input.name_ = given;
    return input;
  }
  input.name_ = "standard input";
  S1FLOW_TRY(input.spool_, Spool::create("stdin", secrecy));
  input.path_ = input.spool_->path();
  S1FLOW_TRY(InputFile in, InputFile::open("-"));
  S1FLOW_TRY(OutputFile out, OutputFile::create(input.path_));
  std::string buffer(std::size_t{256} * 1024, '\0');
  while (true) {
    S1FLOW_TRY(const std::size_t size, in.read(buffer.data(), buffer.size()));
    if (size == 0) break;
    S1FLOW_TRY_VOID(out.write(std::string_view(buffer).substr(0, size)));
  }
  S1FLOW_TRY_VOID(out.commit());
  return input;
}

Input Input::known_as(std::string name, Path path) {
  Input input;
  input.name_ = std::move(name);
  input.path_ = std::move(path);
  return input;
}

std::uint64_t Input::size() const {
  std::error_code error;
  const auto size = fs::file_size(path_, error);
  return error ? 0 : size;
}

Result<Output> Output::create(const std::string& given, Overwrite overwrite, Secrecy secrecy) {
  Output output;
  output.name_ = given == "-" ? "standard output" : given;
  if (given == "-" && secrecy == Secrecy::secret) return output;
  if (given == "-") {
    S1FLOW_TRY(output.spool_, Spool::create("stdout"));
    S1FLOW_TRY(output.file_, OutputFile::create(output.spool_->path()));
  } else {
    S1FLOW_TRY(output.file_, OutputFile::create(given, overwrite, ReadAgain::later));
  }
  return output;
}

ByteSink Output::sink(const Console& console) {
  if (!file_)
    return [&console](std::string_view bytes) -> Status {
      console.out(bytes);
      return {};
    };
  return [this](std::string_view bytes) { return file_->write(bytes); };
}

Status Output::commit(const Console& console) {
  // What a library made when its memory ran out is nothing to keep.
  S1FLOW_TRY_VOID(check_machine());
  if (!file_) return {};
  S1FLOW_TRY_VOID(file_->commit());
  if (!spool_) return {};
  S1FLOW_TRY(InputFile in, InputFile::open(spool_->path()));
  std::string buffer(std::size_t{256} * 1024, '\0');
  while (!console.out_closed()) {
    S1FLOW_TRY(const std::size_t size, in.read(buffer.data(), buffer.size()));
    if (size == 0) break;
    console.out(std::string_view(buffer).substr(0, size));
  }
  return {};
}

Status check_not_same(const std::string& input, const std::string& output) {
  if (input == "-" || output == "-") return {};
  std::error_code error;
  if (!fs::equivalent(input, output, error) || error) return {};
  return tl::unexpected(usage_error(output + ": is the input itself; name another output"));
}

std::function<void(std::uint64_t)> byte_progress(const Console& console, const std::string& step,
                                                 const Input& input) {
  auto show = console.progress();
  if (!show) return {};
  const std::uint64_t total = input.size();
  constexpr std::uint64_t kMegabyte = 1'000'000;
  if (total < 20 * kMegabyte) return {};
  return [show = std::move(show), step = step + ", MB:", total](std::uint64_t done) {
    show({.step = step, .done = done / kMegabyte, .total = total / kMegabyte});
  };
}

}  // namespace s1flow::cli
