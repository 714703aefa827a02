#include "indexer/semantic/header_sizes.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "core/atomic_file.h"
#include "indexer/semantic/include_graph.h"

namespace engram {

namespace fs = std::filesystem;

namespace {

// The subfolder with the highest number for a name; empty when there is none.
std::string newest_below(const std::string& folder) {
  int newest = 0;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    newest = std::max(newest, std::atoi(entry.path().filename().c_str()));
  }
  return newest == 0 ? std::string() : folder + "/" + std::to_string(newest);
}

}  // namespace

std::vector<std::string> system_include_folders() {
  std::vector<std::string> folders;
  for (const char* const libraries : {"/usr/include/c++", "/usr/include/x86_64-linux-gnu/c++",
                                      "/usr/include/aarch64-linux-gnu/c++"}) {
    if (std::string newest = newest_below(libraries); !newest.empty()) {
      folders.push_back(std::move(newest));
    }
  }
  for (const char* const folder : {"/usr/local/include", "/usr/include/x86_64-linux-gnu",
                                   "/usr/include/aarch64-linux-gnu", "/usr/include"}) {
    folders.emplace_back(folder);
  }
  return folders;
}

HeaderSizes::HeaderSizes(const CompileCommand& command, std::vector<std::string> folders)
    : folders_(include_folders(command)) {
  std::erase_if(folders_, [](const std::string& folder) { return !folder.starts_with('/'); });
  folders_.insert(folders_.end(), folders.begin(), folders.end());
}

std::uint32_t HeaderSizes::find(const std::string& name, const std::string& beside) {
  const auto number_at = [&](const std::string& path) {
    const auto [it, is_new] = by_path_.try_emplace(path, kNotFound);
    std::error_code error;
    if (is_new && fs::is_regular_file(path, error)) {
      it->second = static_cast<std::uint32_t>(files_.size());
      files_.push_back({.path = path, .includes = {}});
    }
    return it->second;
  };
  if (!beside.empty()) {
    const std::uint32_t number = number_at(beside + "/" + name);
    if (number != kNotFound) return number;
  }
  const auto [it, is_new] = by_name_.try_emplace(name, kNotFound);
  if (!is_new) return it->second;
  std::uint32_t found = kNotFound;
  for (std::size_t i = 0; i < folders_.size() && found == kNotFound; ++i) {
    found = number_at(folders_[i] + "/" + name);
  }
  return by_name_[name] = found;
}

void HeaderSizes::look_into(std::uint32_t number) {
  if (files_[number].known) return;
  files_[number].known = true;
  const auto text = read_file(files_[number].path, kMostTextForIncludes);
  if (!text) return;
  files_[number].size = text->size();
  const std::string folder = fs::path(files_[number].path).parent_path().string();
  for (const auto& [name, angled] : include_names(*text)) {
    const std::uint32_t included = find(name, angled ? std::string() : folder);
    if (included != kNotFound) files_[number].includes.push_back(included);
  }
}

std::uint64_t HeaderSizes::add(const std::string& name, Read& read) {
  const std::uint32_t start = find(name, {});
  if (start == kNotFound) return 0;
  std::uint64_t bytes = 0;
  std::vector<std::uint32_t> waiting{start};
  while (!waiting.empty()) {
    const std::uint32_t number = waiting.back();
    waiting.pop_back();
    if (read.size() <= number) read.resize(number + 1);
    if (read[number]) continue;
    read[number] = true;
    look_into(number);
    bytes += files_[number].size;
    const auto& includes = files_[number].includes;
    waiting.insert(waiting.end(), includes.begin(), includes.end());
  }
  return bytes;
}

}  // namespace engram
