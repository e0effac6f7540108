#include "cli/many_inputs.h"

#include <string_view>
#include <system_error>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>
#include <sys/stat.h>

#include "core/trouble.h"

namespace s1flow::cli {

namespace fs = std::filesystem;

namespace {

// Outputs that wait for one sync. With those that are being committed they hold no more descriptors
// than a process may have most often.
constexpr std::size_t kTogether = 250;

std::string_view file_name(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

}  // namespace

ManyInputs ManyInputs::find(const std::vector<std::string>& given) {
  ManyInputs inputs;
  inputs.several = given.size() > 1;
  for (const std::string& name : given) {
    std::error_code error;
    if (name == "-" || !fs::is_directory(name, error)) {
      inputs.names.push_back(name);
      continue;
    }
    inputs.several = true;
    std::vector<Path> odd;
    auto files = list_files(name, "", &odd);
    if (!files) {
      inputs.problems.push_back(std::move(files).error());
      continue;
    }
    for (const Path& path : odd)
      inputs.problems.emplace_back(ErrorKind::io,
                                   path.string() + ": is not a regular file; name a file");
    if (files->empty() && odd.empty())
      inputs.problems.emplace_back(ErrorKind::io, name + ": there is no file in it; name a file");
    for (const Path& file : *files) inputs.names.push_back(file.string());
  }
  return inputs;
}

std::uint64_t ManyInputs::size_of(std::size_t i) const {
  const std::string& name = names[i];
  struct stat status {};
  if (name == "-" || ::lstat(name.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return 0;
  return static_cast<std::uint64_t>(status.st_size);
}

Result<OutputFolder> OutputFolder::open(const std::string& folder, const ManyInputs& inputs,
                                        Overwrite overwrite) {
  OutputFolder outputs;
  outputs.folder_ = folder;
  outputs.overwrite_ = overwrite;
  if (folder == "-")
    return tl::unexpected(usage_error("several files go into a folder: give -o FOLDER"));
  std::error_code none;
  const bool is_new = !fs::exists(fs::symlink_status(outputs.folder_, none));
  std::unordered_map<std::string_view, const std::string*> taken;
  taken.reserve(inputs.names.size());
  for (const std::string& input : inputs.names) {
    if (input == "-")
      return tl::unexpected(usage_error("standard input has no name among several files"));
    const auto [other, fresh] = taken.emplace(file_name(input), &input);
    if (!fresh)
      return tl::unexpected(usage_error(fmt::format(
          "{} and {} have one name, and would be one file in {}", *other->second, input, folder)));
    if (is_new) continue;
    std::error_code error;
    const Path target = outputs.path_for(input);
    if (!fs::exists(fs::symlink_status(target, error))) continue;
    if (fs::equivalent(input, target, error) && !error)
      return tl::unexpected(
          usage_error(target.string() + ": is the input itself; name another folder"));
    if (overwrite == Overwrite::no)
      return tl::unexpected(usage_error(target.string() +
                                        ": exists already; name another folder or give "
                                        "--overwrite"));
  }
  S1FLOW_TRY_VOID(make_folder(outputs.folder_));
  return outputs;
}

Path OutputFolder::path_for(const std::string& input) const {
  return folder_ / file_name(input);
}

Result<StagedFile> OutputFolder::write(const std::string& input, std::string_view bytes) const {
  return StagedFile::write(path_for(input), bytes, overwrite_);
}

Status OutputFolder::add(StagedFile file) {
  staged_.push_back(std::move(file));
  if (staged_.size() < kTogether) return {};
  S1FLOW_TRY_VOID(settle());
  // What a library made when its memory ran out is nothing to keep.
  S1FLOW_TRY_VOID(check_machine());
  // The disk is waited for beside the work. Where there is no thread for it, settle() does it.
  under_way_ = std::async([folder = folder_, files = std::exchange(staged_, {})]() mutable {
    return StagedFile::commit(folder, files);
  });
  return {};
}

Status OutputFolder::settle() {
  return under_way_.valid() ? under_way_.get() : Status();
}

Status OutputFolder::finish() {
  S1FLOW_TRY_VOID(settle());
  S1FLOW_TRY_VOID(check_machine());
  return StagedFile::commit(folder_, staged_);
}

}  // namespace s1flow::cli
