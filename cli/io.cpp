#include "cli/io.h"

#include <cstdlib>
#include <system_error>

#include <fmt/format.h>

#include "core/trouble.h"

namespace s1flow::cli {

namespace fs = std::filesystem;

struct Spool::Folder {
  explicit Folder(Path p) : path(std::move(p)) {}
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
  Path path;
};

Spool::Spool() = default;
Spool::Spool(Spool&& other) noexcept = default;
Spool& Spool::operator=(Spool&& other) noexcept = default;
Spool::~Spool() = default;

Result<Spool> Spool::create(std::string_view name, Secrecy secrecy) {
  std::error_code error;
  Path base = fs::temp_directory_path(error);
  if (error) base = "/tmp";
  if (secrecy == Secrecy::secret && fs::is_directory("/dev/shm", error)) base = "/dev/shm";
  std::string folder = (base / "s1flow-XXXXXX").string();
  if (::mkdtemp(folder.data()) == nullptr)
    return tl::unexpected(io_error("make a temporary folder", folder));
  Spool spool;
  spool.folder_ = std::make_unique<Folder>(folder);
  spool.path_ = Path(folder) / name;
  return spool;
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
    S1FLOW_TRY(output.file_, OutputFile::create(given, overwrite));
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
                                                 std::uint64_t total) {
  auto show = console.progress();
  if (!show) return {};
  constexpr std::uint64_t kMegabyte = 1'000'000;
  if (total < 20 * kMegabyte) return {};
  return [show = std::move(show), step = step + ", MB:", total](std::uint64_t done) {
    show({.step = step, .done = done / kMegabyte, .total = total / kMegabyte});
  };
}

}  // namespace s1flow::cli
